# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: installations_info
short_description: Tell how far installations are
version_added: 1.0.0
description:
  - Reads on the server what the machines reported, and what they may still install.
author: The netinstall.pxe authors (@netinstall)
extends_documentation_fragment:
  - netinstall.pxe._attributes
  - netinstall.pxe._attributes.info_module
options:
  root:
    description: The folder of the site on the server. It holds C(answers/) and C(events/).
    type: path
    default: /srv/pxe
  machines:
    description: The machines to tell about. The default is all that the server knows something about.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the machine.
        type: str
        required: true
      address:
        description: Its IPv4 address.
        type: str
        required: true
      ssh_address:
        description: The address at which it answers as an SSH server when it is installed, if that is another one.
        type: str
  ssh:
    description:
      - Also see whether machines that are installed answer as SSH servers, by reading the first bytes that they send.
    type: bool
    default: false
  ssh_port:
    description: The port to ask.
    type: int
    default: 22
  ssh_timeout:
    description: Seconds to wait for an answer.
    type: float
    default: 2
  log_lines:
    description: How many of the last lines of an uploaded installer log to return.
    type: int
    default: 0
  history:
    description:
      - Also return all installations that the server remembers, of O(machines) if they are given; by name, whatever
        their addresses were.
    type: bool
    default: false
  unknown:
    description:
      - Also return the machines that are not described, or were not when they were installed by an offer
        (M(netinstall.pxe.offers)). With O(history=true) and without O(machines) they are part of the history too, by
        their MAC addresses.
    type: bool
    default: false
  known:
    description:
      - Also return the machines to which the server offers nothing, by their MAC addresses, for another web server's
        O(netinstall.pxe.offers#module:known).
    type: bool
    default: false
seealso:
  - module: netinstall.pxe.arming
  - module: netinstall.pxe.offers
  - module: netinstall.pxe.installation_follow
"""

EXAMPLES = r"""
- name: See how far node01 is
  netinstall.pxe.installations_info:
    machines:
      - name: node01
        address: 10.77.0.11
    ssh: true
  register: result

- name: Show its stage
  ansible.builtin.debug:
    msg: "{{ result.installations[0].stage }}"
"""

RETURN = r"""
now:
  description: Unix time of the server, which the other times are about.
  returned: success
  type: int
installations:
  description: One entry for each machine, about its latest installation.
  returned: success
  type: list
  elements: dict
  contains:
    machine:
      description: Name of the machine.
      type: str
    address:
      description: Its address.
      type: str
    profile:
      description: What it installs.
      type: str
    token:
      description: The first characters of its latest token.
      type: str
    stage:
      description:
        - V(none), not armed. V(armed), nothing heard yet. V(expired), armed too long ago. V(released), its installer
          was allowed to start, and has reported nothing yet.
        - V(started), V(progress-…), V(installed), V(failed), as the machine reported last.
      type: str
      sample: progress-partman-base
    since:
      description: Unix time at which the stage began.
      type: int
    armed:
      description: Unix time at which the machine was armed.
      type: int
    expires:
      description: Unix time at which the arming expires when it is not used.
      type: int
    events:
      description: Unix time of each report.
      type: dict
      sample: {started: 1795169000}
    reason:
      description: What the machine said about its failure. Empty for other stages.
      type: str
    disk:
      description:
        - What the machine said of the disk that it was installed on last (name, size, model, serial number); a line for
          each, if there were several.
        - Empty where it never said it.
      type: str
      sample: sda (480 GB PERC H730 00a1b2)
    log:
      description: Path of the installer's log on the server, when the machine uploaded one.
      type: str
    log_tail:
      description: Its last lines.
      type: list
      elements: str
    ssh:
      description: Whether the machine is installed and answers as an SSH server.
      type: bool
unknown:
  description: One entry for each MAC address of which the server knows something, without being told its name.
  returned: when O(unknown=true)
  type: list
  elements: dict
  contains:
    mac:
      description: The MAC address.
      type: str
      sample: "52:54:00:bb:00:01"
    described:
      description:
        - Whether it is the one of a machine that is described, or was. To such a machine nothing is offered.
      type: bool
    profile:
      description:
        - What was installed, or was to be. Empty where the server was interrupted in the moment of the release, and for
          machines that had no installation by an offer.
      type: str
    elsewhere:
      description:
        - Whether the server only knows from another web server that there was an installation, not how far it is.
      type: bool
    stage:
      description: As in RV(installations[].stage). V(none) for machines that had no installation by an offer.
      type: str
    released:
      description: Unix time at which its installation was released.
      type: int
    since:
      description: Unix time at which the stage began.
      type: int
    events:
      description: Unix time of each report.
      type: dict
    reason:
      description: What the machine said about its failure.
      type: str
    disk:
      description: What it said of the disk that it was installed on.
      type: str
    log:
      description: Path of the installer's log on the server, when the machine uploaded one.
      type: str
known:
  description:
    - The machines that had an installation by an offer, here or elsewhere, and those that are described, or were, as
      far as marks, boot scripts and the records of armings tell.
  returned: when O(known=true)
  type: list
  elements: dict
  contains:
    mac:
      description: The MAC address.
      type: str
      sample: "52:54:00:bb:00:01"
    machine:
      description: Name of the machine, if it is described, or was.
      type: str
    profile:
      description: What was installed by an offer.
      type: str
history:
  description: Every installation that the server remembers, the oldest first.
  returned: when O(history=true)
  type: list
  elements: dict
  contains:
    machine:
      description: Name of the machine.
      type: str
    address:
      description: The address that it had.
      type: str
    profile:
      description: What it was to install.
      type: str
    disk:
      description: The disk that was to be overwritten.
      type: str
    by:
      description: Who armed it, if that was said.
      type: str
    armed:
      description: Unix time at which it was armed.
      type: int
    stage:
      description: How far it came, as in RV(installations[].stage).
      type: str
    since:
      description: Unix time at which that stage began.
      type: int
    reason:
      description: What the machine said about its failure.
      type: str
"""

import socket
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.installation import check_address
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.site_folders import SiteFolders
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.stages import INSTALLED
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.status import (
    all_machines,
    describe,
    further,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError


def answers_ssh(address: str, port: int, timeout: float) -> bool:
    """Whether an SSH server is there: it speaks first (RFC 4253, 4.2)."""
    try:
        with socket.create_connection((address, port), timeout) as connection:
            connection.settimeout(timeout)
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


def ask_ssh(
    installations: list[dict[str, t.Any]], addresses: dict[str, str], port: int, timeout: float
) -> None:
    """Set ``ssh`` of those that are installed. A machine that is off must not hold up the others.

    :arg addresses: where to ask, by machine
    """
    installed = [item for item in installations if item["stage"] == INSTALLED]
    if not installed:
        return
    with ThreadPoolExecutor(min(32, len(installed))) as pool:
        replies = pool.map(lambda item: answers_ssh(addresses[item["machine"]], port, timeout), installed)
        for item, reply in zip(installed, replies):
            item["ssh"] = reply


def found(options: dict[str, t.Any]) -> dict[str, t.Any]:
    """What the server knows.

    :raises PxeError: an address is none.
    """
    site, now = SiteFolders(options["root"]), time.time()
    machines = options["machines"] if options["machines"] is not None else all_machines(site)
    for machine in machines:
        check_address(machine["name"], machine["address"])
    installations = [describe(site, machine, now, options["log_lines"]) for machine in machines]
    names = {machine["name"] for machine in machines} if options["machines"] is not None else None
    more = further(site, names, now, options)
    if options["ssh"]:
        addresses = {
            machine["name"]: machine.get("ssh_address") or machine["address"] for machine in machines
        }
        ask_ssh(installations, addresses, options["ssh_port"], options["ssh_timeout"])
    return {"now": int(now), "installations": installations, **more}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "root": {"type": "path", "default": "/srv/pxe"},
            "machines": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "name": {"type": "str", "required": True},
                    "address": {"type": "str", "required": True},
                    "ssh_address": {"type": "str"},
                },
            },
            "ssh": {"type": "bool", "default": False},
            "ssh_port": {"type": "int", "default": 22},
            "ssh_timeout": {"type": "float", "default": 2.0},
            "log_lines": {"type": "int", "default": 0},
            "history": {"type": "bool", "default": False},
            "unknown": {"type": "bool", "default": False},
            "known": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
        # Maybe thousands of machines, asked for every few seconds, are not for the system's log.
        no_log=True,
    )
    try:
        # What was asked is not sent back: thousands of machines.
        module.exit_json(changed=False, **found(module.params), invocation={})
    except PxeError as exc:
        module.fail_json(msg=str(exc))
    except OSError as exc:
        module.fail_json(msg=f"{exc.filename}: {exc.strerror}")


if __name__ == "__main__":
    main()
