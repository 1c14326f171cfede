# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

# The code is in plugins/action/publish_offers.py: it runs on the control node.

DOCUMENTATION = r"""
module: publish_offers
short_description: Render, check and publish the answer files for undescribed machines
version_added: 1.0.0
description:
  - Renders the answer file of each profile that O(plan) offers to undescribed machines, checks it as
    M(netinstall.pxe.arm_machines) does, and passes it to M(netinstall.pxe.offers) on the web server. If one of them has
    a mistake, none is published.
  - They are rendered with placeholder addresses, which the web server replaces with those of the machine that asks.
  - Answers and templates are evaluated with the variables of the web server, without its name, because undescribed
    machines have no variables.
  - If O(plan) has no offers, published ones are withdrawn.
  - The role P(netinstall.pxe.answers#role) calls it.
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
    support: full
options:
  server:
    description: The web server that the task is about, as C(offers) in O(plan) names it.
    type: str
    default: ""
  known:
    description: As O(netinstall.pxe.offers#module:known), where O(plan) offers something.
    type: list
    elements: dict
    default: []
notes:
  - An answer file that does not look at the machine and its disk first is refused here.
  - Kickstarts are checked as by M(netinstall.pxe.kickstart_validate), so that the control node needs pykickstart.
seealso:
  - module: netinstall.pxe.arm_machines
  - module: netinstall.pxe.offers
"""

EXAMPLES = r"""
- name: Offer the profiles of the plan to machines that nobody described
  netinstall.pxe.publish_offers:
    plan: "{{ site_plan }}"
    server: pxe1
"""

RETURN = r"""
offered:
  description:
    - What boot files must know of each offer, by profile, the C(arguments) of the installer's kernel for the machine
      that does not exist, the C(disk), whether it is to C(overwrite) what is on it, and of the answer file its name
      C(answer_file) and its C(answer_format).
  returned: success
  type: dict
  sample:
    el9:
      arguments: ["inst.ks=http://10.77.0.1/offers/el9/02-00-00-00-00-00/ks.cfg", inst.ks.sendmac]
      disk: /dev/disk/by-rule
      overwrite: false
      answer_file: ks.cfg
      answer_format: kickstart
"""
