# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import secrets
import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.module_utils import _arming
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

DOCUMENTATION = r"""
name: installations
short_description: What it takes to arm machines
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Merges and checks the answers of each machine, makes a token for it, and says what its installer must be told.
  - The result is what templates of answer files get, and with their texts what M(netinstall.pxe.arming) takes.
  - Every evaluation makes new tokens.
options:
  _input:
    description: The plan of M(netinstall.pxe.boot_plan_info).
    type: dict
    required: true
  names:
    description: The machines.
    type: list
    elements: str
    required: true
  profiles:
    description: C(site_profiles), for their answers. The plan holds none, because they may be secret.
    type: dict
    required: true
  defaults:
    description: C(site_answers), over which the answers of a profile go.
    type: dict
    default: {}
  machine_answers:
    description: The C(machine_answers) by name of the machine. They go over all others.
    type: dict
    default: {}
  only_mistakes:
    description:
      - Return the mistakes as a list of sentences, empty if there are none, instead of failing with them.
      - They show no secrets. A task with C(no_log) cannot tell why it failed, so look for mistakes before it.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Prepare the installation of two machines
  ansible.builtin.set_fact:
    installations: "{{ site_plan | netinstall.pxe.installations(['node01', 'node02'], site_profiles, site_answers) }}"
  no_log: true
"""

RETURN = r"""
_value:
  description:
    - Sentences with O(only_mistakes=true).
    - Else one dictionary a machine. It has C(machine), C(hostname), C(domain), C(mac), C(address), C(netmask),
      C(gateway), C(dns), C(firmware), C(profile), C(distribution), C(family), C(version), C(disk), C(token),
      C(source) (V(http), V(ftp) or V(nfs)), C(tree_url), C(tree_urls) (by source), C(template) and
      C(answer_format) of the answer file, C(answer_url), C(events_url), C(answers) and C(install_arguments).
    - The family V(redhat) adds C(release) (C(kind) V(el) or V(fedora), and C(number)), C(kickstart_version), and
      C(syntax), which says what kickstarts of that release are like.
  type: list
  elements: raw
"""


def installations(
    plan: t.Mapping[str, t.Any],
    names: t.Iterable[str],
    profiles: t.Mapping[str, t.Any],
    defaults: t.Mapping[str, t.Any] | None = None,
    machine_answers: t.Mapping[str, t.Any] | None = None,
    only_mistakes: bool = False,
) -> list[t.Any]:
    """Prepare one installation for each of these machines."""
    wanted = {machine["profile"] for machine in plan["machines"] if machine["name"] in names}
    try:
        prepared = _arming.compose(
            _plain(plan),
            list(names),
            # Other profiles' answers may refer to what this run does not have.
            {name: _plain(profiles[name]) for name in profiles if name in wanted},
            _plain(defaults or {}),
            _plain(machine_answers or {}),
            lambda: secrets.token_hex(16),
        )
    except PxeError as exc:
        if only_mistakes:
            return str(exc).split("\n")
        raise AnsibleFilterError(str(exc)) from exc
    return [] if only_mistakes else prepared


def _plain(value: t.Any) -> t.Any:
    """Expand the templates in a variable: Ansible does so item by item, when it is asked for the item."""
    if isinstance(value, t.Mapping):
        return {key: _plain(value[key]) for key in value}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"installations": installations}
