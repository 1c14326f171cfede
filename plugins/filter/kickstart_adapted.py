# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import sections
from ansible_collections.netinstall.pxe.plugins.module_utils._text import answers

DOCUMENTATION = r"""
name: kickstart_adapted
short_description: What is taken over from a kickstart that somebody brings along
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Takes a kickstart such as the C(anaconda-ks.cfg) of a machine that was installed by hand, and leaves out what
    follows from the site. That is where packages come from, but for repositories of the medium, which are looked for in
    the install tree, the network, the disk that is used, how the installer
    shows itself, and what it does at the end.
  - Partitions of a file that names one disk are made on the disk of the installation.
  - Refuses a file that would install an image instead of packages, or keep what is on the disk.
options:
  _input:
    description: Text of the kickstart.
    type: str
    required: true
  installation:
    description: What templates of M(netinstall.pxe.arm_machines) get.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: See what is taken over
  ansible.builtin.debug:
    msg: "{{ lookup('ansible.builtin.file', 'anaconda-ks.cfg') | netinstall.pxe.kickstart_adapted(installation) }}"
"""

RETURN = r"""
_value:
  description:
    - The texts C(commands) and C(sections), and whether there are commands that say what is put on disks
      (C(has_storage)), a command C(bootloader) (C(has_bootloader)), and a section C(%packages) (C(has_packages)).
    - C(command_lines) and C(section_lines) are the numbers in the file of the lines of these texts, C(includes) the
      files that are included among the commands.
  type: dict
"""


def kickstart_adapted(text: str, installation: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """What is taken over from a kickstart for one installation."""
    named = installation["disk"] or ""
    disk = "" if named == answers.BY_RULE else named.replace("/dev/", "", 1)
    text = sections.of_installation(text, installation)
    try:
        own = sections.adapt(text, disk, installation["syntax"]["sections_end"])
    except PxeError as exc:
        file = installation["answers"]["file"]
        said = ". ".join(f"{file} {sentence}" for sentence in str(exc).split("\n"))
        # Ansible shows the cause, too: the same once more.
        text = f"answers.file: {said}"
        raise AnsibleFilterError(text) from PxeError(text)
    files = installation.get("files") or {}
    return sections.with_included(own, files, installation["files_url"]) if files else own


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"kickstart_adapted": kickstart_adapted}
