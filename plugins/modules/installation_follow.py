# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

# The code is in plugins/action/installation_follow.py: it runs on the control node.

DOCUMENTATION = r"""
module: installation_follow
short_description: Wait until machines are installed, and say how far they are
version_added: 1.0.0
description:
  - Asks the server regularly with M(netinstall.pxe.installations_info), and shows a line for each change.
  - Ends when every machine is installed and answers as an SSH server, or failed, or may no longer install, or when
    time is up. It does not fail then, so that a play can clean up. See RV(unfinished).
  - When the server cannot be reached for a while it says so and goes on. It can be interrupted at any time, because the
    machines do not depend on it.
author: The netinstall.pxe authors (@netinstall)
extends_documentation_fragment:
  - netinstall.pxe._attributes
  - netinstall.pxe._attributes.info_module
attributes:
  check_mode:
    details:
      - In check mode it does not wait, since nothing is being installed.
notes:
  - This is an action plugin. It runs on the control node.
options:
  root:
    description: The folder of the site on the server.
    type: path
    default: /srv/pxe
  machines:
    description: The machines to wait for.
    type: list
    elements: dict
    required: true
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
  time_limit:
    description: Seconds after which to wait no longer.
    type: int
    default: 5400
  interval:
    description: Seconds between two questions to the server.
    type: int
    default: 10
  heartbeat:
    description: Seconds without news after which to say that there are none.
    type: int
    default: 600
  ssh:
    description: Whether a machine is done only when it answers as an SSH server.
    type: bool
    default: true
  log_lines:
    description: How many of the last lines of the installer's log to return for machines that did not finish.
    type: int
    default: 20
seealso:
  - module: netinstall.pxe.arming
  - module: netinstall.pxe.installations_info
"""

EXAMPLES = r"""
- name: Wait for node01 and node02
  netinstall.pxe.installation_follow:
    machines:
      - name: node01
        address: 10.77.0.11
      - name: node02
        address: 10.77.0.12
    time_limit: 3600
  delegate_to: pxe1
  register: result

- name: Fail unless both are installed
  ansible.builtin.assert:
    that: not result.unfinished
"""

RETURN = r"""
installations:
  description: How it ended, one entry for each machine.
  returned: success, except in check mode
  type: list
  elements: dict
  contains:
    machine:
      description: Name of the machine.
      type: str
    address:
      description: Its address.
      type: str
    finished:
      description: Whether it is installed and, with O(ssh=true), answers as an SSH server.
      type: bool
    stage:
      description: Its last known stage, see M(netinstall.pxe.installations_info).
      type: str
    ssh:
      description: Whether it answers as an SSH server.
      type: bool
    seconds:
      description: How long it took, or how long it was waited for.
      type: int
    reason:
      description: What the machine said about its failure.
      type: str
    log:
      description: Path of the installer's log on the server.
      type: str
    log_tail:
      description: The last lines of that log.
      type: list
      elements: str
      returned: when the machine did not finish
unfinished:
  description: Names of the machines that did not finish.
  returned: success, except in check mode
  type: list
  elements: str
"""
