#!/usr/bin/python
# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: boot_files
short_description: Publish the boot scripts and menus of a site, all or nothing
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
  - Where the plan has pxelinux's menu for BIOS machines, or BIOS machines that load pxelinux.0 without iPXE, there are
    also C(syslinux/pxelinux.cfg/default), the menu, C(syslinux/pxelinux.cfg/01-MAC), which boots the local disk of a
    described machine, and C(syslinux/help/), its help screens. Without iPXE everything comes by TFTP, so that kernels
    and initrds are copied to C(syslinux/kernels/). What else these files refer to must be there.
  - Entries of the site's own for iPXE become C(entries/NAME.ipxe). Files that are brought for the menu go to
    C(syslinux/own/), which is for them alone, and pictures of help screens (C(.lss)) to C(syslinux/).
  - Arming changes none of these files, and no secret is in them but the hashes of the menu's passwords, which whoever
    reaches the server can read.
  - Files that this module wrote for profiles and machines that are no longer described are removed. No other file
    is touched.
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
  trees:
    description:
      - The folder of the install trees, from which kernels are copied for machines that load them by TFTP.
    type: path
    default: /srv/pxe/trees
  own:
    description:
      - The folder with the files that C(menu.files) in O(plan) takes from the control node, by their names. They are
        checked before one of them is published.
    type: path
    default: /srv/pxe/brought
  pxelinux:
    description:
      - What M(netinstall.pxe.boot_loaders) has published of syslinux in the folder C(syslinux/) below O(root).
      - Required where the plan's C(menu.bios) or C(backends.bios_loader) is V(pxelinux). In check mode, when it is
        perhaps not installed yet, its files are left out with a warning.
    type: dict
    suboptions:
      version:
        description:
          - The version of C(pxelinux.0), such as V(6.04).
        type: str
        required: true
      memory_test:
        description:
          - Whether C(syslinux/memtest) is a memory test.
        type: bool
        default: false
      splash:
        description:
          - The name of the menu's picture in C(syslinux/), PNG or JPEG, 640x480 pixels.
        type: str
  memory_test:
    description:
      - Whether C(memtest.efi) below O(root) is a memory test for UEFI, which iPXE's menu then offers.
      - That of pxelinux's menu is O(pxelinux.memory_test).
    type: bool
    default: false
  offers:
    description:
      - The offers of this web server to undescribed machines, as
        M(netinstall.pxe.publish_offers) has returned it as C(offered).
      - The menus offer it, C(offers/PROFILE.ipxe) starts it, and the one that O(plan) says is the menu's default for
        machines to which the web server would release it.
    type: dict
    default: {}
  menu_password_hash:
    description:
      - The hash of the password of pxelinux's menu. C(menu.password) in O(plan) says that there is one.
    type: str
  profile_password_hashes:
    description:
      - The hashes of the passwords of single entries of pxelinux's menu, by profile.
    type: dict
    default: {}
seealso:
  - module: netinstall.pxe.boot_plan_info
  - module: netinstall.pxe.boot_loaders
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
    pxelinux:
      version: "6.04"

- name: Remove them
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
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import site_of, unknown_profiles
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.folder import Folder
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.publication import Publication, remove_all
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.renderers import RENDERERS
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import Changes

_PARTS = ("urls", "menu", "profiles", "distributions", "machines")
#: What renderers must know of the server.
_OPTIONS = {name: option for renderer in RENDERERS for name, option in renderer.options.items()}


def check_plan(plan: dict[str, t.Any]) -> None:
    missing = [part for part in _PARTS if part not in plan]
    if missing:
        raise PxeError(
            f"plan: {', '.join(missing)} missing: pass on what netinstall.pxe.boot_plan_info returned as plan"
        )


def publish_all(module: AnsibleModule) -> Changes:
    params, check = module.params, module.check_mode
    plan, media = params["plan"], params["media"]
    check_plan(plan)
    site = site_of(
        plan,
        media,
        # Check mode cannot know the images of a new server.
        left_out=unknown_profiles(plan, media) if check else [],
        offers=params["offers"],
        server={name: params[name] for name in _OPTIONS},
        menu_hash=params["menu_password_hash"] or "",
        profile_hashes=params["profile_password_hashes"],
    )
    folder = Folder(params["root"], params["trees"], params["own"], check, module.warn)
    return Publication(site, folder).run()


def run(module: AnsibleModule) -> Changes:
    if module.params["state"] == "absent":
        return remove_all(module.params["root"], module.check_mode)
    return publish_all(module)


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
            "trees": {"type": "path", "default": "/srv/pxe/trees"},
            "own": {"type": "path", "default": "/srv/pxe/brought"},
            "offers": {"type": "dict", "default": {}},
            "menu_password_hash": {"type": "str", "no_log": True},
            "profile_password_hashes": {"type": "dict", "default": {}, "no_log": True},
            **_OPTIONS,
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
