# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: netboot_tree
short_description: Lay out kernel and initrd of a network installer, or of a diskless machine
version_added: 1.0.0
author:
  - The netinstall.pxe authors (@netinstall)
description:
  - Takes kernel and initrd out of Debian's C(netboot.tar.gz) and publishes them in a folder, both or none.
  - Debian's CD and DVD images carry an installer that looks for a CD. A machine that boots from the network needs this
    one besides.
  - Of a root file system that diskless machines mount by NFS it does the same with the kernel and initrd in it.
  - From a mirror it fetches kernel and initrd, and compares them with the checksums that the mirror says, in
    C(.treeinfo) of an Enterprise Linux or Fedora (of old ones there may be none), or in C(SHA256SUMS) of Debian's
    installer. The latter's own checksum is in C(InRelease), whose signature is verified if the host has C(gpgv)
    and O(keyring). Only what has changed on the mirror is fetched again. If the mirror is down, what was published
    of it stays.
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
      - With O(state=present), this, O(root) or O(mirror) is required.
    type: path
  root:
    description:
      - A folder on the host with a root file system.
      - Its kernel is the one to which C(boot/vmlinuz) or C(vmlinuz) leads, with C(initrd.img) beside it; without these
        links the newest C(boot/vmlinuz-RELEASE) for which there is C(boot/initrd.img-RELEASE) or
        C(boot/initramfs-RELEASE.img). Links are followed as the machine would, inside the folder.
    type: path
  mirror:
    description:
      - The URL of a mirror, without a slash at its end, which is the folder with C(.treeinfo) or, of Debian, the one
        with C(dists/).
    type: str
  family:
    description:
      - What is on the mirror, or in the archive; such as V(debian) or V(redhat).
      - For an archive, the default is the first family that has any.
    type: str
  distribution:
    description:
      - The distribution's name. If its number is not that of what is on the mirror, this is an error.
    type: str
  version:
    description:
      - The version, likewise.
    type: str
  suite:
    description:
      - Of Debian the release's name, such as V(trixie). By default that of O(version), or else of the number in
        O(distribution).
    type: str
  architecture:
    description:
      - The architecture. By default that of the mirror, or of Debian V(amd64).
    type: str
  keyring:
    description:
      - The keys that may have signed C(InRelease). A file that is not there verifies nothing.
    type: path
    default: /usr/share/keyrings/debian-archive-keyring.gpg
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

- name: Lay out kernel and initrd of a mirror
  netinstall.pxe.netboot_tree:
    mirror: http://mirror.example/rocky/9/BaseOS/x86_64/os
    family: redhat
    distribution: rocky-9
    dest: /srv/pxe/trees/rocky-9-netboot

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
mirror:
  description: What is known of the mirror.
  returned: when O(mirror) is given
  type: dict
  contains:
    changed:
      description:
        - Whether kernel or initrd on the mirror are others than those that were published before. They are published
          now, or in check mode would be.
      type: bool
    checksums:
      description: Whether the mirror says checksums of both.
      type: bool
    signed:
      description: Whether the checksums are signed. Null where mirrors have none.
      type: bool
    unreachable:
      description: Why the mirror cannot be asked; what was published before stays then. Null if it can.
      type: str
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import Changes, make_runner, publish
from ansible_collections.netinstall.pxe.plugins.module_utils._media import signatures
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import netboot


def run(module: AnsibleModule) -> tuple[Changes, dict[str, t.Any]]:
    """Publish kernel and initrd, or remove them; return what changed, and what is known of them.

    :raises PxeError: they are not there, or not what is described.
    """
    params, check = module.params, module.check_mode
    if params["state"] == "absent":
        return netboot.absent(params["dest"], check), {}
    if params["mirror"]:
        verify = signatures.verifier(params["keyring"], module.tmpdir, make_runner(module))
        wanted = netboot.of_mirror(params, check, verify)
    else:
        wanted = netboot.of_source(params, check)
    changes = publish(params["dest"], wanted.files, check=check) if wanted.files else Changes()
    return changes, wanted.result


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path"},
            "root": {"type": "path"},
            "dest": {"type": "path", "required": True},
            "checksum": {"type": "str"},
            "stamps": {"type": "path"},
            "mirror": {"type": "str"},
            "family": {"type": "str"},
            "distribution": {"type": "str"},
            "version": {"type": "str"},
            "suite": {"type": "str"},
            "architecture": {"type": "str"},
            "keyring": {"type": "path", "default": "/usr/share/keyrings/debian-archive-keyring.gpg"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        required_if=[("state", "present", ["path", "root", "mirror"], True)],
        required_by={"mirror": ["family"]},
        mutually_exclusive=[("root", "path", "mirror"), ("root", "checksum"), ("mirror", "checksum")],
        supports_check_mode=True,
    )
    try:
        changes, result = run(module)
    except PxeError as exc:
        module.fail_json(msg=str(exc))
    module.exit_json(changed=bool(changes), diff=changes.diff(module.params["dest"]), **result)


if __name__ == "__main__":
    main()
