# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible_collections.netinstall.pxe.plugins.plugin_utils import _answer_files, _per_machine


@pytest.mark.parametrize("layer", ["site_answers", "machine_answers", "site_profiles"])
def test_answers_that_are_not_there_are_not_empty_ones(layer: str) -> None:
    """A variable with a slip in its name must not install a machine without what it is to say."""
    names = {"defaults": "site_answers", "profiles": "site_profiles", "machine_answers": "machine_answers"}
    variables: dict[str, t.Any] = {"rack_answers": {"post": "true"}, "site_profiles": {"a": {"answers": {}}}}
    variables[layer] = _per_machine.trust_as_template("{{ rack_answer }}")
    evaluation = _per_machine.Evaluation(variables, DataLoader())
    _answer_files.answers_of(evaluation, "a", names)
    assert "answers: cannot be evaluated: 'rack_answer' is undefined" in "\n".join(evaluation.mistakes)
    variables[layer] = _per_machine.trust_as_template("{{ rack_answers }}")
    evaluation = _per_machine.Evaluation(variables, DataLoader())
    found = _answer_files.answers_of(evaluation, "a", names)
    assert (found, evaluation.mistakes) == ({} if layer == "site_profiles" else {"post": "true"}, [])
    # As the playbook hands them to the role, where a site has none.
    variables = {"mine": _per_machine.trust_as_template(f"{{{{ {layer} }}}}")}
    evaluation = _per_machine.Evaluation(variables, DataLoader())
    assert _answer_files.answers_of(evaluation, "a", dict.fromkeys(names, "mine")) == {}
    assert evaluation.mistakes == []
