# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Each target installs what it needs first: system packages by apt-get or dnf, Python packages into .venv.

# What `make check` and `make test` are made of; each name is a target below. The integration targets, which need one
# processor, come while the virtual machines need the other.
CHECKS := check-yaml check-ansible check-python check-docs check-galaxy
TESTS := sanity integration units-control
BESIDE := environment units-server
# Scenarios of extensions/molecule: those of `make test`, and what `make test-full` adds to them.
MOLECULE_TEST := boot_bios boot_uefi
MOLECULE_FULL := site_debian pxelinux el_tree el_install integration_debian install_debian install_uefi services dhcp_neighbours live awx \
  boot_files_crash trust unknown guides

LINK := .ansible/collections/ansible_collections/netinstall/pxe
LAB := .venv/bin/python extensions/lab/lab.py --dir .lab
PIP := -m pip --disable-pip-version-check install -qq

export PATH := $(CURDIR)/.venv/bin:$(PATH)
unexport PYTHONPATH PYTHONHOME
.DELETE_ON_ERROR:

.PHONY: help
help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "  make %-10s %s\n", $$1, $$2 }'

.PHONY: setup
setup: .venv/.done $(LINK) ## Install the tools into .venv; make the checkout importable as netinstall.pxe

.PHONY: lab
lab: setup lab-packages ## Start a server and an empty machine, both virtual, and install the machine from the server
	$(LAB) run

.PHONY: lab-down
lab-down: setup ## End the lab's virtual machines
	$(LAB) down

.PHONY: check
check: setup ## Run the linters; check documentation, changelog and package
	@tests/tools/run-steps $(CHECKS)

.PHONY: test
test: setup ## Run checks, sanity, units, integration, and virtual machines that boot up to their installer
	@tests/tools/run-steps $(CHECKS) $(TESTS) + $(MOLECULE_TEST:%=molecule-%) $(BESIDE)

.PHONY: test-full
test-full: setup ## Run every test, whole installations too: hours more where there is no KVM
	@tests/tools/run-steps $(CHECKS) $(TESTS) docs-site guard sources + $(SCENARIOS) $(BESIDE)

.PHONY: bench
bench: setup lab-packages test-packages ## Measure: run tests/benchmarks/*.py
	@for script in tests/benchmarks/[a-z]*.py; do echo "$$script"; python "$$script" || exit; done

.PHONY: capture
capture: setup ## Capture in OUT=… what this checkout makes of many sites (CHECKOUT=… another one)
	@python tests/tools/capture.py capture $(OUT) $(if $(CHECKOUT),--checkout $(CHECKOUT))

.PHONY: compare
compare: setup ## Compare two captures, BEFORE=… and AFTER=…
	@python tests/tools/capture.py compare $(BEFORE) $(AFTER)

.PHONY: docs
docs: setup ## Write the documentation that is made from code: the roles' READMEs, tables of pages and examples
	@python tests/tools/answer_keys.py
	@python tests/tools/role_readme.py
	@python tests/tools/air_gap.py
	@python tests/tools/client_table.py
	@python tests/tools/backend_tables.py
	@python tests/tools/guide_readme.py

.PHONY: docs-site
docs-site: setup ## Build the website of all roles, modules and plugins in tests/output/docs; any warning is a failure
	@tests/tools/docs-site tests/output/docs

# The parts of `make check` and `make test`. Each can be made alone.

.PHONY: check-yaml
check-yaml: setup
	yamllint --strict .

.PHONY: check-ansible
check-ansible: setup
	ansible-lint --offline --profile production

.PHONY: check-python
check-python: setup
	ruff check .
	ruff format --check --quiet . || { ruff format --check . 2>&1 | grep -v "^ "; false; }
	mypy -p ansible_collections.netinstall.pxe.plugins
	mypy tests extensions

.PHONY: check-docs
check-docs: setup
	antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs self .
	antsibull-changelog lint
	python tests/tools/role_readme.py --check
	python tests/tools/air_gap.py --check
	python tests/tools/client_table.py --check
	python tests/tools/backend_tables.py --check
	python tests/tools/guide_readme.py --check
	python tests/tools/answer_keys.py --check

.PHONY: check-galaxy
check-galaxy: setup .venv-importer/.done
	tests/tools/import-check

.PHONY: sanity
sanity: setup
	tests/tools/ansible-test sanity --local --color no

# ansible-test runs each test in a process of its own, in the surroundings of what runs on servers. The tests of all else
# share servers and what Ansible has rendered, which would be set up anew for each of them: pytest runs those.
SERVER_SIDE := tests/unit/plugins/module_utils tests/unit/plugins/modules
.PHONY: units
units: units-server units-control

.PHONY: units-server
units-server: setup test-packages
	tests/tools/ansible-test units --local --color no --python $$(python -c 'import sys; print("%d.%d" % sys.version_info[:2])') $(SERVER_SIDE:=/)

.PHONY: units-control
units-control: setup test-packages
	python -m pytest --quiet --numprocesses auto $(SERVER_SIDE:%=--ignore %) tests/unit

# The units run 100 random sequences of each kind; a change of what arms or releases machines wants more.
.PHONY: guard
guard: setup test-packages
	NETINSTALL_PXE_SEQUENCES=2000 python -m pytest --quiet --numprocesses 2 tests/unit/guard

.PHONY: integration
integration: setup test-packages
	tests/tools/integration

# From the sources of this machine's Debian, which its own apt fetches.
.PHONY: sources
sources: setup test-packages
	python -m pytest --quiet tests/sources

# Outside the namespaces of the integration targets: it fetches Python packages.
.PHONY: environment
environment: setup
	tests/tools/environment

SCENARIOS := $(patsubst %,molecule-%,$(MOLECULE_TEST) $(MOLECULE_FULL))
.PHONY: $(SCENARIOS)
$(SCENARIOS): molecule-%: setup lab-packages
	molecule -c extensions/molecule/config.yml test -s $*

# What they need.

.PHONY: test-packages
test-packages:
	@tests/tools/install-packages tests/packages.txt

.PHONY: lab-packages
lab-packages:
	@tests/tools/install-packages extensions/lab/packages.txt

.venv/.done: requirements.txt constraints.txt tests/unit/requirements.txt
	@tests/tools/install-packages tests/tools/packages.txt
	@echo "Installing Ansible and the tools into .venv (about a minute)"
	@.venv/bin/python -c "import pip" 2>/dev/null || "$$(tests/tools/find-python)" -m venv --clear .venv
	@.venv/bin/python $(PIP) -r requirements.txt -c constraints.txt
	@touch $@

.venv-importer/.done: requirements-importer.txt
	@echo "Installing galaxy-importer into .venv-importer"
	@"$$(tests/tools/find-python)" -m venv --clear .venv-importer
	@.venv-importer/bin/python $(PIP) -r requirements-importer.txt
	@touch $@

$(LINK):
	@mkdir -p $(@D) && ln -sfn ../../../.. $@

# The newest versions that requirements.txt allows, for constraints.txt
.PHONY: constraints
constraints: setup
	.venv/bin/python $(PIP) --upgrade --upgrade-strategy eager -r requirements.txt
	{ grep '^#' constraints.txt; .venv/bin/python -m pip freeze --exclude pip --exclude setuptools; } > .constraints && mv .constraints constraints.txt
