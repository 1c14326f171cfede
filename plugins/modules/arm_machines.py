# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

# The code is in plugins/action/arm_machines.py: it runs on the control node.

DOCUMENTATION = r"""
module: arm_machines
short_description: Render, check and publish the answer files of machines, which arms them
version_added: 1.0.0
description:
  - Merges the answers of each machine, renders its answer file, checks it, and hands it to
    M(netinstall.pxe.arming) on the web server. A mistake in the answers of one machine arms none.
  - Answers, kernel arguments and templates are evaluated for each machine with that machine's own variables,
    whatever host the task is about. Options therefore take the names of variables, not their values.
  - Answer files are kept in memory until they are published. They are in no result, and in no log of the
    control node or of the server.
  - A site with several web servers needs one round of a loop for each of them, delegated to it. The answer
    files of all machines are made and checked in the first round. If one round fails, the later ones are
    skipped. Loop over all servers with O(only_check=true) first, so that none arms its machines if another one
    refuses to.
  - The role P(netinstall.pxe.answers#role) does that.
author: The netinstall.pxe authors (@netinstall)
extends_documentation_fragment:
  - netinstall.pxe._attributes
  - netinstall.pxe._answer_files
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Answer files hold secrets, so that their contents are not shown.
  idempotent:
    support: none
    details:
      - Each run makes new tokens, which are new installations.
options:
  machines:
    description:
      - The names of all machines that are to be armed, whatever their web server.
      - They are hosts of the inventory.
    type: list
    elements: str
    required: true
  server:
    description:
      - The web server that the task is delegated to, as C(http_server) of the machines in O(plan) says it.
      - Only its machines are armed.
    type: str
    default: ""
  only_check:
    description: Whether to ask the web server only whether it would arm its machines.
    type: bool
    default: false
  plain:
    description:
      - Whether machines with a BIOS load C(pxelinux.0) by TFTP, without iPXE. Then they are armed by
        M(netinstall.pxe.pxelinux_arming), too.
    type: bool
    default: false
  profiles:
    description:
      - The name of the variable with the profiles.
      - C(answers) of a machine's profile go over O(defaults).
      - C(kernel_arguments) of a profile are published for all its machines alike, so that expressions in them
        must not depend on the machine. That is checked.
    type: str
    default: site_profiles
  machine_answers:
    description: The name of the variable with answers of the machine. They go over all others.
    type: str
    default: machine_answers
  by:
    description: As O(netinstall.pxe.arming#module:by).
    type: str
    default: ''
  lifetime:
    description: As O(netinstall.pxe.arming#module:lifetime).
    type: int
    default: 21600
notes:
  - Templates get the variable C(installation), which has C(machine), C(hostname), C(domain), C(mac),
    C(address), C(netmask), C(gateway), C(dns), C(firmware), C(profile), C(distribution), C(family), C(version),
    C(disk), C(token), C(source) (V(http), V(ftp), V(nfs) or V(nfs-iso)), C(tree_url), C(tree_urls) (by source),
    C(answer_url), C(files_url), C(events_url), C(answers) with all keys and defaults, and C(install_arguments).
    The family V(redhat) adds C(release) (C(kind) V(el) or V(fedora), and C(number)), C(kickstart_version), and
    C(syntax), which says what kickstarts of that release are like.
  - Kickstarts are checked as by M(netinstall.pxe.kickstart_validate), so that the control node needs
    pykickstart.
seealso:
  - module: netinstall.pxe.arming
  - module: netinstall.pxe.kickstart_validate
"""

EXAMPLES = r"""
- name: Arm machines of one web server
  netinstall.pxe.arm_machines:
    plan: "{{ site_plan }}"
    machines: [node01, node02]
  delegate_to: pxe1
"""

RETURN = r"""
machines:
  description: The machines that were armed, or would be in check mode.
  returned: success, except with O(only_check=true); and empty where arming failed, unless some may be armed
  type: list
  elements: dict
  contains:
    machine:
      description: Its name.
      type: str
    address:
      description: Its address.
      type: str
    expires:
      description: ISO 8601 time at which the arming expires when it is not used.
      type: str
      sample: "2026-11-20T18:00:00+00:00"
  sample:
    - machine: node01
      address: 10.77.0.11
"""
