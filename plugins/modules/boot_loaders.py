#!/usr/bin/python
# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: boot_loaders
short_description: Publish the loaders that firmware fetches first, all or nothing
version_added: 1.0.0
author:
  - The netinstall.pxe authors (@netinstall)
description:
  - Copies loaders from where they were built or installed into the folder that is served.
  - Each one is checked first to be something that its firmware starts. If one is not, none is published.
  - Modules of syslinux (C(.c32)) are published together with the C(pxelinux.0) that loads them. Those of versions
    before 5.00 and of later ones do not fit each other, and later ones need libraries. If one is missing or of the
    other kind, none is published.
  - They are written beside their targets, reach the disk and are then renamed, so that no machine ever fetches half a
    loader, also when the run is killed or the power fails.
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
      - With V(absent), the loaders are removed.
    type: str
    choices: [present, absent]
    default: present
  loaders:
    description:
      - The loaders.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - The name under which firmware fetches it, below O(root). It ends in C(.efi) for UEFI, in C(pxe) or C(.0) for
            BIOS, in C(.c32) for a module of syslinux. C(memtest) is a memory test that is started like a kernel.
        type: str
        required: true
      src:
        description:
          - The file on the server. Required with O(state=present).
        type: path
      contains:
        description:
          - A text that must be inside the loader, such as a line of its embedded script.
        type: str
      contained_in:
        description:
          - The file in which O(loaders[].contains) is looked for. Loaders for BIOS are compressed, but iPXE's build
            keeps the linked file as C(undionly.kpxe.tmp).
          - By default O(loaders[].src).
        type: path
seealso:
  - module: netinstall.pxe.boot_files
"""

EXAMPLES = r"""
- name: Publish the loaders of Debian's package
  netinstall.pxe.boot_loaders:
    loaders:
      - name: undionly.kpxe
        src: /usr/lib/ipxe/undionly.kpxe
      - name: snponly.efi
        src: /usr/lib/ipxe/snponly.efi

- name: Publish pxelinux with its menu
  netinstall.pxe.boot_loaders:
    loaders:
      - {name: syslinux/pxelinux.0, src: /usr/lib/PXELINUX/pxelinux.0}
      - {name: syslinux/ldlinux.c32, src: /usr/lib/syslinux/modules/bios/ldlinux.c32}
      - {name: syslinux/libutil.c32, src: /usr/lib/syslinux/modules/bios/libutil.c32}
      - {name: syslinux/menu.c32, src: /usr/lib/syslinux/modules/bios/menu.c32}
"""

RETURN = r"""
loaders:
  description: What was found out about each loader.
  returned: success and O(state=present)
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: snponly.efi
    format:
      description: V(efi), V(pxe), V(elf) or V(com32) for modules of syslinux from 5.00 on or before, or V(kernel).
      type: str
      sample: efi
    architecture:
      description: The processor that it is for, as iPXE names it.
      type: str
      sample: x86_64
    size:
      description: Bytes.
      type: int
      sample: 173792
syslinux:
  description: The version of C(pxelinux.0), by the folder that it lies in.
  returned: success and O(state=present)
  type: dict
  sample: {syslinux: "6.04"}
created:
  description: Loaders that were not there.
  returned: success
  type: list
  elements: str
  sample: [undionly.kpxe]
replaced:
  description: Loaders with another content than before, or whose mode was put right.
  returned: success
  type: list
  elements: str
  sample: [snponly.efi]
removed:
  description: Loaders that were removed, and hidden files that an interrupted run left over.
  returned: success
  type: list
  elements: str
  sample: []
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.loaders import (
    Loader,
    check_contains,
    check_loader,
    check_syslinux,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import Changes, publish, read_file

_Wanted = dict[str, t.Any]


def checked(wanted: _Wanted) -> tuple[bytes, Loader]:
    name, source = wanted["name"], wanted["src"]
    if not source:
        raise PxeError(f"{name}: src is missing: name the file to publish")
    data = read_file(source)
    loader = check_loader(name, data)
    if wanted["contains"]:
        other = wanted["contained_in"]
        check_contains(name, read_file(other) if other else data, wanted["contains"])
    return data, loader


def remove(root: str, names: list[str], check: bool) -> dict[str, t.Any]:
    return _result(publish(root, {}, owned=lambda path: path in names, check=check, prune=True), root)


def present(root: str, loaders: list[_Wanted], check: bool) -> dict[str, t.Any]:
    found = {wanted["name"]: checked(wanted) for wanted in loaders}
    contents = {name: data for name, (data, _loader) in found.items()}
    syslinux = check_syslinux(contents)
    changes = publish(root, t.cast("dict[str, bytes | str]", contents), check=check)
    about = [{"name": name, "size": len(data), **loader._asdict()} for name, (data, loader) in found.items()]
    return {"loaders": about, "syslinux": syslinux, **_result(changes, root)}


def _result(changes: Changes, root: str) -> dict[str, t.Any]:
    return {
        "changed": bool(changes),
        "created": changes.created,
        "replaced": changes.changed,
        "removed": [*changes.removed, *changes.leftovers],
        "diff": changes.diff(root),
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "root": {"type": "path", "default": "/srv/pxe/boot"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "loaders": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "name": {"type": "str", "required": True},
                    "src": {"type": "path"},
                    "contains": {"type": "str"},
                    "contained_in": {"type": "path"},
                },
            },
        },
        supports_check_mode=True,
    )
    root, loaders, check = module.params["root"], module.params["loaders"], module.check_mode
    try:
        if module.params["state"] == "absent":
            result = remove(root, [wanted["name"] for wanted in loaders], check)
        else:
            result = present(root, loaders, check)
    except PxeError as exc:
        module.fail_json(msg=str(exc))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
