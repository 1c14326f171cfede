#!/usr/bin/python
# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: boot_files
short_description: Publish the iPXE scripts of a site, all or nothing
version_added: 1.0.0
author:
  - The netinstall.pxe authors (@netinstall)
description:
  - Renders the scripts that machines boot from, checks every one of them, and only then publishes them.
  - New contents are written beside their targets and reach the disk before the first one is renamed into place; stale
    files are removed last. Whenever a run is killed or the power fails, each machine finds its old script or its new
    one, and the next run completes the work and removes what is left over.
  - A run that finds nothing to do touches no file.
  - What is written are C(boot.ipxe), where every machine begins; C(menu.ipxe), for machines that the site does not
    know; C(local.ipxe), which boots the local disk; C(profiles/NAME.ipxe) with kernel and initrd; and
    C(machines/MAC.ipxe), which installs its machine while it is armed and boots the local disk otherwise.
  - Arming changes none of these files, and no secret is in them.
  - Files in C(profiles/) and C(machines/) that this module wrote for profiles and machines that are not described any
    more are removed. No other file is touched.
extends_documentation_fragment:
  - netinstall.pxe._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  root:
    description:
      - The folder that is served. It is made when it is missing.
    type: path
    default: /srv/pxe/boot
  state:
    description:
      - With V(absent), all files that this module writes are removed, and folders that are empty then.
    type: str
    choices: [present, absent]
    default: present
  plan:
    description:
      - The plan that M(netinstall.pxe.boot_plan_info) returns, or of it C(urls), C(menu), C(profiles), C(distributions)
        and C(machines).
      - Required with O(state=present).
    type: dict
  media:
    description:
      - What the installation images of each distribution hold, by its name.
      - C(kernel) is a path, C(initrd) a list of paths. They are relative to C(base_url), which is the C(tree_url) of
        the distribution in O(plan) when it is not given. They may also be complete URLs.
      - In check mode, when the images are perhaps not on the server yet, a profile whose kernel is not known is left
        out with a warning.
    type: dict
    default: {}
seealso:
  - module: netinstall.pxe.boot_plan_info
"""

EXAMPLES = r"""
- name: Compile the plan
  netinstall.pxe.boot_plan_info:
    site:
      server: {address: 10.77.0.1, interface: ens4, url: "http://10.77.0.1"}
      subnets:
        - {cidr: 10.77.0.0/24, gateway: 10.77.0.1, dns: [10.77.0.1]}
      distributions:
        debian-13: {isos: [{path: /srv/iso/debian-13.iso}]}
      profiles:
        debian13-minimal: {distribution: debian-13, label: Install Debian 13}
    machines:
      - name: node01
        mac: "52:54:00:aa:00:01"
        address: 10.77.0.11
        profile: debian13-minimal
        disk: /dev/vda
  register: compiled
  delegate_to: localhost

- name: Publish the boot files
  netinstall.pxe.boot_files:
    plan: "{{ compiled.plan }}"
    media:
      debian-13:
        kernel: install.amd/vmlinuz
        initrd: [install.amd/initrd.gz]

- name: Take them away again
  netinstall.pxe.boot_files:
    state: absent
"""

RETURN = r"""
created:
  description: Files that were not there, as paths below O(root).
  returned: success
  type: list
  elements: str
  sample: [machines/52-54-00-aa-00-01.ipxe]
changed:
  description: Whether anything was, or in check mode would be, created, replaced or removed.
  returned: always
  type: bool
replaced:
  description: Files with other contents than before, or whose mode was put right; folders end in C(/).
  returned: success
  type: list
  elements: str
  sample: [menu.ipxe]
removed:
  description: Stale files, and hidden files that an interrupted run left over.
  returned: success
  type: list
  elements: str
  sample: [machines/52-54-00-aa-00-09.ipxe]
unchanged:
  description: Number of files that were right already.
  returned: success
  type: int
  sample: 1002
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netinstall.pxe.plugins.module_utils import _ipxe
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES
from ansible_collections.netinstall.pxe.plugins.module_utils._files import Changes, publish, read_start

_PARTS = ("urls", "menu", "profiles", "distributions", "machines")


def profile_arguments(profile: dict[str, t.Any], distribution: dict[str, t.Any]) -> list[str]:
    """Ask the profile's installer for the kernel arguments that all its machines share."""
    family = FAMILIES.get(profile["family"])
    if family is None:
        raise PxeError(
            f"site_profiles.{profile['name']}: no installer '{profile['family']}' is known;"
            f" there are {', '.join(sorted(FAMILIES))}"
        )
    arguments: list[str] = t.cast("t.Any", family).profile_arguments(profile, distribution)
    return arguments


def check_plan(plan: dict[str, t.Any]) -> None:
    missing = [part for part in _PARTS if part not in plan]
    if missing:
        raise PxeError(
            f"plan: {', '.join(missing)} missing: pass on what netinstall.pxe.boot_plan_info returned as plan"
        )


def unknown_profiles(plan: dict[str, t.Any], media: dict[str, t.Any]) -> list[str]:
    """Profiles whose kernel nobody has found yet."""

    def known(distribution: str) -> bool:
        facts = media.get(distribution) or {}
        return bool(facts.get("kernel") and facts.get("initrd"))

    return [name for name, profile in plan["profiles"].items() if not known(profile["distribution"])]


def remove_all(root: str, check: bool) -> Changes:
    return publish(
        root,
        {},
        owned=lambda path: _ipxe.is_ours(path, read_start(root, path) or b""),
        check=check,
        prune=True,
    )


def publish_all(
    root: str, plan: dict[str, t.Any], media: dict[str, t.Any], check: bool, left_out: list[str]
) -> Changes:
    """Render, check and publish. Profiles in ``left_out`` are neither rendered nor removed."""
    profiles = {name: profile for name, profile in plan["profiles"].items() if name not in left_out}
    files = _ipxe.boot_files({**plan, "profiles": profiles}, media, profile_arguments)
    keep = {_ipxe.profile_path(name) for name in left_out}

    def is_stale(path: str) -> bool:
        # Looking at the names first saves reading the loaders.
        return (
            path not in keep
            and _ipxe.may_be_stale(path)
            and _ipxe.is_ours(path, read_start(root, path) or b"")
        )

    return publish(root, t.cast("dict[str, bytes | str]", files), owned=is_stale, check=check)


def run(module: AnsibleModule) -> Changes:
    root, plan, media = module.params["root"], module.params["plan"], module.params["media"]
    if module.params["state"] == "absent":
        return remove_all(root, module.check_mode)
    check_plan(plan)
    left_out = unknown_profiles(plan, media) if module.check_mode else []
    for name in left_out:
        module.warn(
            f"profiles/{name}.ipxe is left out of this check: the images of its distribution are not known yet"
        )
    return publish_all(root, plan, media, module.check_mode, left_out)


def result_of(changes: Changes, root: str, diff: bool) -> dict[str, t.Any]:
    result = {
        "changed": bool(changes),
        "created": changes.created,
        "replaced": changes.changed,
        "removed": [*changes.removed, *changes.leftovers],
        "unchanged": changes.unchanged,
    }
    if diff:
        result["diff"] = changes.diff(root)
    return result


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "root": {"type": "path", "default": "/srv/pxe/boot"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "plan": {"type": "dict"},
            "media": {"type": "dict", "default": {}},
        },
        required_if=[("state", "present", ["plan"])],
        supports_check_mode=True,
    )
    try:
        changes = run(module)
        module.exit_json(**result_of(changes, module.params["root"], module._diff))
    except PxeError as exc:
        module.fail_json(msg=str(exc))


if __name__ == "__main__":
    main()
