# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: netboot_tree
short_description: Lay out Debian's network installer, or the kernel of a diskless machine
version_added: 1.0.0
author:
  - The netinstall.pxe authors (@netinstall)
description:
  - Takes kernel and initrd out of Debian's C(netboot.tar.gz) and publishes them in a folder, both or none.
  - Debian's CD and DVD images carry an installer that looks for a CD. A machine that boots from the network needs this
    one besides.
  - Of a root file system that diskless machines mount by NFS it does the same with the kernel and initrd in it.
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
  path:
    description:
      - The archive on the host.
      - With O(state=present), this or O(root) is required.
    type: path
  root:
    description:
      - A folder on the host with a root file system.
      - Its kernel is the one to which C(boot/vmlinuz) or C(vmlinuz) leads, with C(initrd.img) beside it; without these
        links the newest C(boot/vmlinuz-RELEASE) for which there is C(boot/initrd.img-RELEASE) or
        C(boot/initramfs-RELEASE.img). Links are followed as the machine would, inside the folder.
    type: path
  dest:
    description:
      - The folder for C(linux) and C(initrd.gz). It is made when it is missing.
    type: path
    required: true
  checksum:
    description:
      - What the archive must be, as V(sha256:) and 64 hexadecimal digits, or V(sha512:) and 128.
    type: str
  stamps:
    description:
      - A folder in which computed checksums are kept; see O(netinstall.pxe.iso_info#module:stamps).
    type: path
  state:
    description:
      - With V(absent), the module's files are removed, and the folder if nothing else is in it.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: netinstall.pxe.iso_info
"""

EXAMPLES = r"""
- name: Lay out the network installer of Debian 13
  netinstall.pxe.netboot_tree:
    path: /srv/iso/debian-13-netboot.tar.gz
    checksum: sha256:0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0
    dest: /srv/pxe/trees/debian-13-netboot

- name: Lay out kernel and initrd of diskless machines
  netinstall.pxe.netboot_tree:
    root: /srv/roots/desk
    dest: /srv/pxe/trees/desk-netboot
"""

RETURN = r"""
netboot:
  description: What the archive or the root file system holds. What is not known is null.
  returned: when O(state=present)
  type: dict
  contains:
    kernel:
      description: The kernel's name in the folder.
      type: str
      sample: linux
    initrd:
      description: The initial RAM disks' names in the folder.
      type: list
      elements: str
      sample: [initrd.gz]
    architecture:
      description: Debian's name of the architecture.
      type: str
      sample: amd64
    version:
      description: The distribution's version.
      type: str
      sample: "13"
    codename:
      description: The release's name.
      type: str
      sample: trixie
    build:
      description: The installer's version.
      type: str
      sample: 20250803+deb13u1
    kernel_release:
      description: The kernel's release, on x86.
      type: str
      sample: 6.12.43+deb13-amd64
"""

import contextlib
import json
import os
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import Changes, Data, publish
from ansible_collections.netinstall.pxe.plugins.module_utils._media import open_file, verify
from ansible_collections.netinstall.pxe.plugins.module_utils._netboot import (
    Netboot,
    read_archive,
    read_root,
)

# Says that the folder is ours, and what is in it.
LABEL = ".netboot.json"
FILES = ("initrd.gz", "linux", LABEL)


def facts(netboot: Netboot) -> dict[str, t.Any]:
    known = ("architecture", "version", "codename", "build", "kernel_release")
    return {"kernel": "linux", "initrd": ["initrd.gz"], **{key: getattr(netboot, key) for key in known}}


def read(params: dict[str, t.Any], check: bool) -> Netboot:
    """Read the archive or the root file system.

    :raises PxeError: the archive is not there, not the described one, or not Debian's netboot.tar.gz; or what should be
        a root file system has no kernel.
    """
    if params["root"]:
        return read_root(params["root"])
    path = params["path"]
    if params["checksum"]:
        verify(path, params["checksum"], params["stamps"], write=not check)
    with open_file(path) as file:
        try:
            return read_archive(file)
        except PxeError as exc:
            raise PxeError(f"{path} {exc}") from exc


def present(params: dict[str, t.Any], check: bool) -> tuple[Changes, dict[str, t.Any]]:
    """Publish kernel and initrd; return what changed and what they are."""
    netboot = read(params, check)
    found = facts(netboot)
    label = json.dumps(found, indent=2, sort_keys=True) + "\n"
    # The kernel last: whoever gets the new kernel gets the new initrd.
    wanted: dict[str, Data] = {"initrd.gz": netboot.initrd, "linux": netboot.kernel, LABEL: label}
    return publish(params["dest"], wanted, check=check), found


def absent(dest: str, check: bool) -> Changes:
    """Remove our files, if the folder is ours, and the folder."""
    if not os.path.exists(os.path.join(dest, LABEL)):
        return Changes()
    changes = publish(dest, {}, owned=lambda relpath: relpath in FILES, check=check)
    if not check:
        with contextlib.suppress(OSError):
            os.rmdir(dest)
    return changes


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path"},
            "root": {"type": "path"},
            "dest": {"type": "path", "required": True},
            "checksum": {"type": "str"},
            "stamps": {"type": "path"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        required_if=[("state", "present", ["path", "root"], True)],
        mutually_exclusive=[("root", "path"), ("root", "checksum")],
        supports_check_mode=True,
    )
    params, check = module.params, module.check_mode
    try:
        if params["state"] == "absent":
            changes, result = absent(params["dest"], check), {}
        else:
            changes, found = present(params, check)
            result = {"netboot": found}
    except PxeError as exc:
        module.fail_json(msg=str(exc))
    module.exit_json(changed=bool(changes), diff=changes.diff(params["dest"]), **result)


if __name__ == "__main__":
    main()
