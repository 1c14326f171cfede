#!/usr/bin/python
# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: answers_info
short_description: Tell what is wrong with the answers of a site
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Has scripts read by the programs that would run them, without running them, and returns their mistakes together
    with those that were found before.
  - Scripts of a program that this host does not have are not checked. C(bash -n), C(ksh -n), for the shell of
    debian-installer C(busybox sh -n) or C(dash -n), and Python's own parser are used.
extends_documentation_fragment:
  - netinstall.pxe._attributes
  - netinstall.pxe._attributes.info_module
options:
  plan:
    description:
      - The plan of M(netinstall.pxe.boot_plan_info). The answers are then read from the variables C(site_profiles),
        C(site_answers) and C(machine_answers) of each machine, and evaluated with its variables, as they will be when
        it is armed. What cannot be evaluated here and now is no mistake, but named in RV(unevaluated).
      - Scripts are handed to the program that reads them, and shown nowhere.
    type: dict
  names:
    description: The machines of O(plan) to check; by default all, and the profiles of which there is no machine.
    type: list
    elements: str
  root:
    description:
      - The folder of the site on the web server that the task is about. With it, and with O(plan), nothing is checked
        but names of packages and groups, against the lists of what the install trees there have. What
        M(netinstall.pxe.arm_machines) would refuse is a mistake.
      - Trees of Enterprise Linux and Fedora have such lists; mirrors have none. Kickstarts that are given as C(file)
        are checked on arming.
      - The control node needs pykickstart.
    type: path
  found:
    description: What P(netinstall.pxe.answers_found#filter) returns, instead of O(plan).
    type: dict
    suboptions:
      mistakes:
        description:
          - Mistakes that were found before, as RV(mistakes) is. Each has an C(address), which is where it
            is, and a C(message), which is what is wrong and what to write instead.
        type: list
        elements: dict
        default: []
      unevaluated:
        description: What could not be evaluated, as C(mistakes) are.
        type: list
        elements: dict
        default: []
      scripts:
        description: The scripts.
        type: list
        elements: dict
        default: []
        suboptions:
          address:
            description: Where it stands.
            type: str
            required: true
          shell:
            description: What reads it.
            type: str
            choices: [sh, bash, ksh, python3]
            required: true
          text:
            description: The script.
            type: str
            required: true
      disks:
        description: The further disks of machines, as RV(disks) has them.
        type: dict
        default: {}
seealso:
  - plugin: netinstall.pxe.answers_found
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Check the answers
  netinstall.pxe.answers_info:
    plan: "{{ site_plan }}"
  delegate_to: localhost

- name: Look for packages that the install trees do not have
  netinstall.pxe.answers_info:
    plan: "{{ site_plan }}"
    root: /srv/pxe
"""

RETURN = r"""
mistakes:
  description: All that is wrong.
  returned: always
  type: list
  elements: dict
  contains:
    address:
      description: Where the mistake is.
      type: str
      sample: site_profiles.el9-minimal.answers.timezone
    message:
      description: What is wrong, and what to write instead.
      type: str
      sample: "'Europe/Viena' is not in the tz database; did you mean 'Europe/Vienna'?"
lines:
  description: The same as numbered lines for people.
  returned: always
  type: list
  elements: str
unevaluated:
  description: Answers that cannot be evaluated here and now, with the reason; a sentence for each.
  returned: with O(found), or with O(plan) and without O(root)
  type: list
  elements: str
  sample: ["site_answers.timezone: cannot be evaluated: 'zone' is undefined (for node01)"]
disks:
  description: Disks that an installation erases beside C(machine_disk), by name of the machine, as far as known.
  returned: always
  type: dict
  sample: {node01: [/dev/sdb]}
unchecked:
  description: Addresses of scripts that nothing on this host can check.
  returned: always
  type: list
  elements: str
"""

import re
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import PlanError

_PYTHON = "import ast, sys; ast.parse(sys.stdin.buffer.read())"
# Programs that read a script, the best first. None runs any of it.
_CHECKERS: dict[str, list[list[str]]] = {
    "sh": [["busybox", "sh", "-n"], ["dash", "-n"]],
    "bash": [["bash", "-n"]],
    "ksh": [["ksh", "-n"]],
    "python3": [["python3", "-c", _PYTHON]],
}
# How these programs name the line: "bash: line 3: syntax error", "dash: 3: Syntax error", '  File "<unknown>", line 3'
_LINE = re.compile(r"^(?:[^:\s]+: (?:line )?|  File \"<unknown>\", line )(\d+)(?::|$)", re.MULTILINE)


def checker(module: AnsibleModule, shell: str) -> list[str] | None:
    """The command that checks scripts of a shell on this host."""
    for name, *arguments in _CHECKERS[shell]:
        path = module.get_bin_path(name)
        if path:
            return [path, *arguments]
    return None


def problem(module: AnsibleModule, command: t.Sequence[str], shell: str, text: str) -> str | None:
    """Why a program cannot read a script; without what it says, which may quote the script and so a secret."""
    status, _out, said = module.run_command(list(command), data=text, environ_update={"LC_ALL": "C"})
    if status == 0:
        return None
    line = _LINE.search(said)
    where = f"line {line[1]}" if line else "the script"
    return f"{where} is not valid for {shell}; correct it, or name its program in the first line (#!)"


def unreadable(
    module: AnsibleModule, scripts: t.Sequence[dict[str, str]]
) -> tuple[list[dict[str, str]], list[str]]:
    """The mistakes of scripts, and the addresses of those that nothing on this host can check."""
    mistakes, unchecked = [], []
    commands = {shell: checker(module, shell) for shell in {script["shell"] for script in scripts}}
    for script in scripts:
        command = commands[script["shell"]]
        if command is None:
            unchecked.append(script["address"])
            continue
        message = problem(module, command, script["shell"], script["text"])
        if message:
            mistakes.append({"address": script["address"], "message": message})
    return mistakes, sorted(unchecked)


def found_options() -> dict[str, t.Any]:
    """What the action hands over of what it found."""
    text = {"type": "str", "required": True}
    script = {
        "address": text,
        "shell": {**text, "choices": list(_CHECKERS)},
        "text": {**text, "no_log": True},
    }
    return {
        # Not with options: no option of a module may be called `message`.
        "mistakes": {"type": "list", "elements": "dict", "default": []},
        "unevaluated": {"type": "list", "elements": "dict", "default": []},
        "scripts": {"type": "list", "elements": "dict", "default": [], "options": script},
        "disks": {"type": "dict", "default": {}},
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            # These three are the action's, which makes of them what was found.
            "plan": {"type": "dict"},
            "root": {"type": "path"},
            "names": {"type": "list", "elements": "str"},
            "found": {"type": "dict", "options": found_options()},
        },
        supports_check_mode=True,
    )
    found = module.params["found"] or {"mistakes": [], "unevaluated": [], "scripts": [], "disks": {}}
    unread, unchecked = unreadable(module, found["scripts"])
    mistakes = [*found["mistakes"], *unread]
    module.exit_json(
        changed=False,
        mistakes=mistakes,
        lines=PlanError(mistakes).lines if mistakes else [],
        unevaluated=[f"{one['address']}: {one['message']}" for one in found["unevaluated"]],
        unchecked=unchecked,
        disks=found["disks"],
    )


if __name__ == "__main__":
    main()
