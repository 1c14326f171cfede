#!/usr/bin/python
# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pxelinux_arming
short_description: Let BIOS machines that do without iPXE install, or cancel that
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - For sites with C(site_bios_loader=pxelinux). Firmware loads C(pxelinux.0) by TFTP, which cannot ask the server
    whether its machine may install, as iPXE does. So there is a file for each armed machine,
    C(boot/syslinux/pxelinux.cfg/armed/01-MAC), beside the one that boots its local disk.
  - M(netinstall.pxe.arming) comes first. It publishes the answer files to which the kernel arguments lead. By HTTP such
    a file is handed out once, which is the release of the installation; by FTP there is no such gate.
  - Whoever reaches the server by TFTP can read these files, and in them the token of the installation. The web server
    hands the answer file to the address of the machine alone.
  - They are made of what M(netinstall.pxe.boot_files) has published for the profile. All are checked before the first
    one is written.
  - A timer of the role P(netinstall.pxe.answers#role) removes such a file when its installation was released or has
    expired.
extends_documentation_fragment: [netinstall.pxe._attributes]
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  root:
    description: The folder of the site on the server. It holds C(boot/).
    type: path
    default: /srv/pxe
  state:
    description:
      - V(present) writes the files of these machines, V(absent) removes them.
      - V(only) removes those that are not of one of these machines, with the name, MAC address and address that they
        have here, and those that have expired.
    type: str
    choices: [present, absent, only]
    default: present
  installations:
    description: The machines. O(state=absent) needs only their names and MAC addresses.
    type: list
    elements: dict
    required: true
    suboptions:
      machine:
        description: Name of the machine, for messages and for its screen.
        type: str
        required: true
        aliases: [name]
      mac:
        description: MAC address, with colons.
        type: str
        required: true
      address:
        description: IPv4 address of the machine.
        type: str
      window:
        description:
          - From when until when it may be installed, as M(netinstall.pxe.arming) returns it.
          - The default is what that module has recorded below O(root).
        type: str
      token:
        description: The token of the installation, as O(netinstall.pxe.arming#module:installations[].token).
        type: str
      profile:
        description: Name of the profile to install.
        type: str
      disk:
        description: The disk that will be overwritten.
        type: str
      install_arguments:
        description: Kernel arguments of this installation. The URL of the answer file is one of them.
        type: list
        elements: str
        default: []
seealso:
  - module: netinstall.pxe.arming
  - module: netinstall.pxe.boot_files
"""

EXAMPLES = r"""
- name: Let node01 install at its next boot
  netinstall.pxe.pxelinux_arming:
    installations:
      - machine: node01
        mac: "52:54:00:aa:00:01"
        address: 10.77.0.11
        token: "{{ token }}"
        profile: debian13-minimal
        disk: /dev/vda
        install_arguments:
          - auto=true
          - priority=critical
          - "url=http://10.77.0.1/answers/10.77.0.11/{{ token }}/preseed.cfg"

- name: Let it boot its disk
  netinstall.pxe.pxelinux_arming:
    state: absent
    installations:
      - {machine: node01, mac: "52:54:00:aa:00:01"}
"""

RETURN = r"""
created:
  description: Files that were not there, as paths below C(boot/).
  returned: success
  type: list
  elements: str
  sample: [syslinux/pxelinux.cfg/armed/01-52-54-00-aa-00-01]
replaced:
  description: Files with other contents than before, or whose mode was put right.
  returned: success
  type: list
  elements: str
  sample: []
removed:
  description: Files that were removed.
  returned: success
  type: list
  elements: str
  sample: []
"""

import contextlib
import os
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import installation as _arming
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.armed_pxelinux import (
    armed_name,
    only,
    remove,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.records import RECORD, parse_record
from ansible_collections.netinstall.pxe.plugins.module_utils._boot import paths
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux import machines
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import Changes, alone, publish, read_start

_NEEDED = ("address", "token", "profile", "install_arguments")
# Stands for what is only known once the machine is armed.
_NO_WINDOW = _arming.window_of(0, 0)
_Installation = dict[str, t.Any]


def with_window(root: str, installation: _Installation, check: bool) -> _Installation:
    """The installation with its window, and kernel arguments in which the answer file is the release."""
    folder = _arming.folder_of(installation)
    record = parse_record(read_start(os.path.join(root, "events"), f"{folder}/{RECORD}"))
    recorded = _arming.window_of(record["from"], record["until"]) if "from" in record else None
    window = installation.get("window") or recorded or (_NO_WINDOW if check else None)
    if window is None:
        raise PxeError(f"{installation['machine']}: it is not armed on this server; arm it first")
    complete = {**installation, "window": window}
    return {**complete, "install_arguments": _arming.gated(installation["install_arguments"], complete)}


def armed_file(boot: str, installation: _Installation) -> str:
    """The text for one machine, once it is sure that its own file will include it."""
    name = installation["machine"]
    own = read_text(boot, paths.machine_in_folder(installation["mac"]), name)
    if paths.armed_in_folder(installation["mac"]) not in own:
        raise PxeError(
            f"{name}: its file for pxelinux is of the chain with iPXE; run netinstall.pxe.site first"
        )
    profile = read_text(boot, paths.profile_in_folder(installation["profile"]), name)
    text = machines.armed_text(profile, installation)
    for file in machines.check_armed(text, armed_name(installation)):
        if read_start(boot, paths.in_folder(file), 1) is None:
            raise PxeError(
                f"{name}: {boot}/{paths.in_folder(file)} is missing; run netinstall.pxe.site first"
            )
    return text


def read_text(boot: str, path: str, machine: str) -> str:
    data = read_start(boot, paths.in_folder(path), 65536)
    if data is None:
        raise PxeError(
            f"{machine}: {boot}/{paths.in_folder(path)} is missing on the server; run netinstall.pxe.site first"
        )
    return data.decode(errors="replace")


def present(root: str, installations: list[_Installation], check: bool) -> Changes:
    _arming.check_installations(installations)
    boot = os.path.join(root, "boot")
    check_complete(installations)
    complete = [with_window(root, item, check) for item in installations]
    files = {armed_name(item): armed_file(boot, item) for item in complete}
    return publish(boot, t.cast("dict[str, bytes | str]", files), check=check)


def check_complete(installations: list[_Installation]) -> None:
    for item in installations:
        missing = [key for key in _NEEDED if not item.get(key)]
        if missing:
            raise PxeError(f"{item['machine']}: {', '.join(missing)} must be given to arm it")


def absent(root: str, installations: list[_Installation], check: bool) -> Changes:
    names = {armed_name(item) for item in installations}
    return remove(root, names.__contains__, check)


def run(root: str, state: str, installations: list[_Installation], check: bool) -> Changes:
    """The work, alone among all that arm and take back: the module ``arming`` and the programs of the server."""
    work = {"present": present, "absent": absent, "only": only}[state]
    with contextlib.nullcontext() if check or not os.path.isdir(root) else alone(root):
        return work(root, installations, check)


def result_of(changes: Changes, boot: str) -> dict[str, t.Any]:
    diff = [{key: _arming.masked(text) for key, text in entry.items()} for entry in changes.diff(boot)]
    return {
        "changed": bool(changes),
        "created": changes.created,
        "replaced": changes.changed,
        "removed": [*changes.removed, *changes.leftovers],
        "diff": diff,
    }


def main() -> None:
    installation = {
        "machine": {"type": "str", "required": True, "aliases": ["name"]},
        "mac": {"type": "str", "required": True},
        "address": {"type": "str"},
        "window": {"type": "str"},
        "token": {"type": "str", "no_log": True},
        "profile": {"type": "str"},
        "disk": {"type": "str"},
        "install_arguments": {"type": "list", "elements": "str", "default": []},
    }
    module = AnsibleModule(
        argument_spec={
            "root": {"type": "path", "default": "/srv/pxe"},
            "state": {"type": "str", "choices": ["present", "absent", "only"], "default": "present"},
            "installations": {"type": "list", "elements": "dict", "required": True, "options": installation},
        },
        supports_check_mode=True,
        # Else the token would be in the server's journal, as part of the arguments.
        no_log=True,
    )
    root = module.params["root"]
    try:
        changes = run(root, module.params["state"], module.params["installations"], module.check_mode)
    except PxeError as exc:
        module.fail_json(msg=_arming.masked(str(exc)))
    module.exit_json(**result_of(changes, os.path.join(root, "boot")))


if __name__ == "__main__":
    main()
