# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: arming
short_description: Allow machines one installation each, or take that back
version_added: 1.0.0
description:
  - Arming a machine publishes its answer file and its iPXE scripts below an unguessable token, so that its next boot
    from the network installs it, once. A machine that is not armed boots its local disk.
  - All answer files are checked first. When one of them is bad, no machine is armed. Kickstarts are not checked here.
    The role P(netinstall.pxe.answers#role) does it before, by M(netinstall.pxe.kickstart_validate).
  - The files appear in an order that makes a crash harmless. A machine installs only when all of its files are there.
  - Arming a machine that is armed already spends its former token.
  - Nothing below C(boot/) changes. The boot scripts must be there already, as C(netinstall.pxe.site) publishes them.
author: The netinstall.pxe authors (@netinstall)
extends_documentation_fragment: [netinstall.pxe._attributes]
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Answer files hold secrets, so that their contents are not shown. Nor are tokens.
  idempotent:
    support: full
    details:
      - For the same token. A new token is a new installation.
options:
  root:
    description: The folder of the site on the server. It holds C(boot/), C(answers/) and C(events/).
    type: path
    default: /srv/pxe
  state:
    description:
      - V(present) arms the machines.
      - V(absent) disarms them. What they reported while they installed is kept.
    type: str
    choices: [present, absent]
    default: present
  urls:
    description:
      - Where machines find the folders, without a slash at the end.
      - Required when O(state=present).
    type: dict
    suboptions:
      boot:
        description: URL of C(boot/).
        type: str
        required: true
      answers:
        description: URL of C(answers/).
        type: str
        required: true
      events:
        description: URL of C(events/).
        type: str
        required: true
  lifetime:
    description:
      - Seconds after which an arming that was not used expires.
      - The role P(netinstall.pxe.answers#role) removes it then.
    type: int
    default: 21600
  by:
    description: Who arms the machines, for the record. It proves nothing.
    type: str
  owner:
    description:
      - User of the web server. It writes what the machines report.
      - The default is the owner of C(events/).
    type: str
  group:
    description:
      - Group of the web server. It reads the answer files.
      - The default is the group of C(answers/).
    type: str
  installations:
    description: The machines to arm or disarm. O(state=absent) needs only their names and addresses.
    type: list
    elements: dict
    required: true
    suboptions:
      machine:
        description: Name of the machine, for messages and for its screen.
        type: str
        required: true
        aliases: [name]
      address:
        description: IPv4 address of the machine. Nobody else may fetch its files.
        type: str
        required: true
      mac:
        description: MAC address, with colons.
        type: str
      token:
        description: 32 hexadecimal digits that nobody can guess. The answer file usually refers to them.
        type: str
      profile:
        description: Name of the profile to install.
        type: str
      family:
        description: Installer of the profile's distribution. It decides how the answer file is called and checked.
        type: str
        default: debian
      disk:
        description: The disk that will be overwritten.
        type: str
      install_arguments:
        description: Kernel arguments of this installation. The URL of the answer file is one of them.
        type: list
        elements: str
        default: []
      answer:
        description: Text of the answer file.
        type: str
seealso:
  - module: netinstall.pxe.installations_info
  - module: netinstall.pxe.installation_follow
"""

EXAMPLES = r"""
- name: Arm node01
  netinstall.pxe.arming:
    urls:
      boot: http://10.77.0.1/boot
      answers: http://10.77.0.1/answers
      events: http://10.77.0.1/events
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
        answer: "{{ lookup('ansible.builtin.template', 'preseed.cfg.j2') }}"

- name: Disarm node01
  netinstall.pxe.arming:
    state: absent
    installations:
      - machine: node01
        address: 10.77.0.11
"""

RETURN = r"""
machines:
  description: The machines that were armed or disarmed, or would be in check mode.
  returned: success
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
      returned: when O(state=present)
      sample: "2026-11-20T18:00:00+00:00"
  sample:
    - machine: node01
      address: 10.77.0.11
"""

import grp
import os
import pwd
import re
import time
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netinstall.pxe.plugins.module_utils import (
    _arming,
    _ipxe,
    _preseed,
    _preseed_disk,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES
from ansible_collections.netinstall.pxe.plugins.module_utils._files import Changes, publish, read_start

_NEEDED = ("mac", "token", "profile", "answer")
_TOKEN = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
# As Ansible itself puts it.
_HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


class Arming:
    """One run of the module."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        self.installations: list[dict[str, t.Any]] = module.params["installations"]
        self.addresses = {item["address"] for item in self.installations}
        self.answers = os.path.join(module.params["root"], "answers")
        self.events = os.path.join(module.params["root"], "events")
        self.changes: list[tuple[str, Changes]] = []

    def run(self) -> dict[str, t.Any]:
        _arming.check_installations(self.installations)
        absent = self.module.params["state"] == "absent"
        machines = self.disarm() if absent else self.arm()
        diff = [_without_tokens(entry) for root, changes in self.changes for entry in changes.diff(root)]
        return {
            "changed": any(changes for _root, changes in self.changes),
            "machines": machines,
            "diff": diff,
        }

    # state: present

    def arm(self) -> list[dict[str, t.Any]]:
        self.check_site()
        self.check_answers()
        self.warn_of_silence()
        now = _arming.timestamp(time.time())
        for item in self.installations:
            item["armed"] = self.known_record(item).get("armed", now)
            item["by"] = self.known_record(item).get("by", self.module.params["by"] or None)
        records = _arming.record_files(self.installations, self.module.params["lifetime"])
        files = self.answer_files()
        # First the folder for reports, last what arms.
        recorded = self.publish(self.events, records)
        try:
            self.publish(self.answers, files, owned=lambda path: path.split("/")[0] in self.addresses)
        except PxeError:
            created = set(recorded.created)
            publish(self.events, {}, owned=created.__contains__, check=self.module.check_mode, prune=True)
            raise
        return [self.armed_machine(item, records) for item in self.installations]

    def check_site(self) -> None:
        """Arming alone does not install: what site.yml publishes must be there, and must be about these machines."""
        for folder in (self.answers, self.events):
            if not os.path.isdir(folder):
                raise PxeError(f"{folder} is missing on the server; run netinstall.pxe.site first")
        for item in self.installations:
            missing = [key for key in _NEEDED if not item.get(key)]
            if missing:
                raise PxeError(f"{item['machine']}: {', '.join(missing)} must be given to arm it")
            self.check_boot_scripts(item)

    def check_boot_scripts(self, item: dict[str, t.Any]) -> None:
        boot = os.path.join(self.module.params["root"], "boot")
        for name, wanted in _arming.boot_script_names(item).items():
            script = read_start(boot, name, 65536)
            if script is None:
                raise PxeError(
                    f"{item['machine']}: {boot}/{name} is missing on the server; run netinstall.pxe.site first"
                )
            if wanted not in script.decode(errors="replace"):
                raise PxeError(
                    f"{item['machine']}: {boot}/{name} is not about address {item['address']}; "
                    "run netinstall.pxe.site first"
                )

    def check_answers(self) -> None:
        """All of them, so that one message names every mistake."""
        preseeds: dict[str, dict[str, t.Any]] = {}
        for item in self.installations:
            if item["family"] not in FAMILIES:
                raise PxeError(
                    f"{item['machine']}: unknown family '{item['family']}'; write one of {', '.join(FAMILIES)}"
                )
            if FAMILIES[item["family"]].ANSWER_FORMAT == "preseed":
                preseeds[item["machine"]] = item
        found = {
            machine: _preseed_disk.check(item["answer"], item.get("disk") or "")
            for machine, item in preseeds.items()
        }
        for item in preseeds.values():
            # As the installer reads it.
            item["answer"] = _preseed.mended(item["answer"])
        sound = {machine: item["answer"] for machine, item in preseeds.items() if not found[machine]}
        found.update(self.debconf_mistakes(sound))
        messages = [
            f"{machine}: {_preseed.summary(mistakes)}" for machine, mistakes in found.items() if mistakes
        ]
        if messages:
            raise PxeError(
                "No machine was armed, because of mistakes in the answer files. " + "; ".join(messages)
            )

    def warn_of_silence(self) -> None:
        """One warning, however many machines it is about."""
        silent = [item for item in self.installations if not _arming.reports_installed(item)]
        if silent:
            names = ", ".join(item["machine"] for item in silent)
            template = FAMILIES[silent[0]["family"]].ANSWER_TEMPLATE
            self.module.warn(
                f"{names}: the answer file never reports that the machine is installed, so it is not seen as finished. "
                f"Call it NAME.j2 and begin it with {{% extends '{template}' %}}, or let its last command PUT anything "
                "to {{ installation.events_url }}/installed."
            )

    def debconf_mistakes(self, texts: dict[str, str]) -> dict[str, list[_preseed.Mistake]]:
        """Debian's own checker, where the server has it: once for all, because its start takes longer than its work."""
        program = self.module.get_bin_path("debconf-set-selections")
        if not program or not texts:
            return {}
        together, first_lines = _preseed.joined(texts)
        _status, _out, err = self.module.run_command(
            [program, "--checkonly"], data=together, binary_data=False, environ_update={"LC_ALL": "C"}
        )
        return _preseed.parted(_preseed.debconf_mistakes(err), first_lines)

    def known_record(self, item: dict[str, t.Any]) -> dict[str, t.Any]:
        """The record of the same token, so that arming twice with it changes nothing."""
        return _arming.parse_record(read_start(self.events, f"{_arming.folder_of(item)}/{_arming.RECORD}"))

    def answer_files(self) -> dict[str, str]:
        urls = self.module.params["urls"]
        files = _arming.answer_files(
            self.installations,
            {item["machine"]: FAMILIES[item["family"]].ANSWER_FILE for item in self.installations},
            lambda item: _ipxe.armed_script(item, urls),
            lambda item: _ipxe.install_script(item, urls),
        )
        for name, text in files.items():
            if name.endswith(".ipxe"):
                _ipxe.check_script(text, name)
        return files

    def armed_machine(self, item: dict[str, t.Any], records: dict[str, str]) -> dict[str, t.Any]:
        record = _arming.parse_record(records[f"{_arming.folder_of(item)}/{_arming.RECORD}"].encode())
        return {**{key: item[key] for key in ("machine", "address")}, "expires": record["expires"]}

    # state: absent

    def disarm(self) -> list[dict[str, t.Any]]:
        scripts = {f"{address}/{_arming.ARMED_SCRIPT}" for address in self.addresses}
        # First what arms, so that a machine that boots meanwhile boots its disk.
        self.publish(self.answers, {}, owned=scripts.__contains__)
        self.publish(self.answers, {}, owned=lambda path: path.split("/")[0] in self.addresses)
        silent = {path for item in self.installations for path in self.silent_records(item["address"])}
        self.publish(self.events, {}, owned=silent.__contains__)
        return [{key: item[key] for key in ("machine", "address")} for item in self.installations]

    def silent_records(self, address: str) -> list[str]:
        """Records of installations that never began."""
        folder = os.path.join(self.events, address)
        tokens = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
        names = {
            token: os.listdir(os.path.join(folder, token)) for token in tokens if _arming.is_token(token)
        }
        return [f"{address}/{token}/{_arming.RECORD}" for token in names if names[token] == [_arming.RECORD]]

    # both

    def publish(
        self, root: str, files: dict[str, str], owned: t.Callable[[str], bool] | None = None
    ) -> Changes:
        if not files and not os.path.isdir(root):
            return Changes()
        uid, gid = self.owners()
        changes = publish(
            root,
            dict(files),
            owned,
            check=self.module.check_mode,
            mode=0o640,
            dir_mode=0o750,
            uid=uid if root == self.events or uid is None else 0,
            gid=gid,
            prune=True,
        )
        self.changes.append((root, _without_answers(changes)))
        return changes

    def owners(self) -> tuple[int | None, int | None]:
        """User and group of the web server; none when we may not set them (tests run as anybody)."""
        if os.geteuid() != 0:
            return None, None
        owner, group = self.module.params["owner"], self.module.params["group"]
        try:
            uid = pwd.getpwnam(owner).pw_uid if owner else os.stat(self.events).st_uid
            gid = grp.getgrnam(group).gr_gid if group else os.stat(self.answers).st_gid
        except KeyError as exc:
            raise PxeError(
                f"the server has no user or group {exc.args[0].split()[-1]}; run netinstall.pxe.site first"
            ) from exc
        return uid, gid


def _without_tokens(entry: dict[str, str]) -> dict[str, str]:
    """Who has a token, and the machine's address, can read its answer file."""
    return {key: _TOKEN.sub("(token)", text) for key, text in entry.items()}


def _without_answers(changes: Changes) -> Changes:
    """Answer files hold secrets; a diff shows only that they change."""
    for texts in (changes.before, changes.after):
        for path in texts:
            if not path.endswith((".ipxe", f"/{_arming.RECORD}")):
                texts[path] = "(an answer file; not shown)\n"
    return changes


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "root": {"type": "path", "default": "/srv/pxe"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "urls": {
                "type": "dict",
                "options": {
                    name: {"type": "str", "required": True} for name in ("boot", "answers", "events")
                },
            },
            "lifetime": {"type": "int", "default": 21600},
            "by": {"type": "str"},
            "owner": {"type": "str"},
            "group": {"type": "str"},
            "installations": {
                "type": "list",
                "elements": "dict",
                "required": True,
                # Else they would be in the system's log, with answer files and their passwords.
                "no_log": True,
                "options": {
                    "machine": {"type": "str", "required": True, "aliases": ["name"]},
                    "address": {"type": "str", "required": True},
                    "mac": {"type": "str"},
                    # Spent by the one installation, and of no use from another address.
                    "token": {"type": "str", "no_log": False},
                    "profile": {"type": "str"},
                    "family": {"type": "str", "default": "debian"},
                    "disk": {"type": "str"},
                    "install_arguments": {"type": "list", "elements": "str", "default": []},
                    "answer": {"type": "str", "no_log": True},
                },
            },
        },
        required_if=[("state", "present", ["urls"])],
        supports_check_mode=True,
    )
    # Names and addresses are among them, and messages must name them: what is said below shows no secrets.
    module.no_log_values.clear()
    shown = {
        "invocation": {"module_args": {**module.params, "installations": _HIDDEN}},
    }
    try:
        module.exit_json(**Arming(module).run(), **shown)
    except PxeError as exc:
        module.fail_json(msg=str(exc), **shown)
    except OSError as exc:
        module.fail_json(msg=f"{exc.filename}: {exc.strerror}", **shown)


if __name__ == "__main__":
    main()
