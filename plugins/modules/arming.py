# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: arming
short_description: Allow machines one installation each, or take that back
version_added: 1.0.0
description:
  - Arming a machine publishes its answer file below an unguessable token, and its iPXE script by its name, MAC address
    and address, so that its next boot from the network installs it, once. A machine that is not armed boots its local
    disk, and so does one that is described otherwise since.
  - The right to install is a ticket, a file that the web server turns into the record of the release when the machine
    asks for it. It holds from now on for O(lifetime).
  - All answer files are checked first. When one of them is bad, no machine is armed. Kickstarts are not checked here.
    The role P(netinstall.pxe.answers#role) does it before, by M(netinstall.pxe.kickstart_validate).
  - The files appear in an order that makes a crash harmless. A machine installs only when all of its files are there.
  - Arming a machine that is armed already takes back its former arming, also at another address.
  - The boot scripts must be there already, as C(netinstall.pxe.site) publishes them. They do not change.
author: The netinstall.pxe authors (@netinstall)
extends_documentation_fragment: [netinstall.pxe._attributes]
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Answer files hold secrets, so that their contents are not shown. Of tokens the first characters are.
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
      - V(absent) disarms them, at whatever address. What they reported while they installed is kept.
      - V(only) takes back every arming on this server that is not of one of these machines, with the name, the MAC
        address and the address that they have here, and with the disk where it is given. Armings of version 1.0 or
        earlier are taken back too, and so are boot files that M(netinstall.pxe.pxelinux_arming) made.
    type: str
    choices: [present, absent, only]
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
      - Seconds after which an arming that was not used expires, at most 2592000 (30 days). The web server releases
        nothing afterwards.
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
    description:
      - The machines to arm or disarm. O(state=absent) needs only their names and addresses, O(state=only) their MAC
        addresses too.
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
        description: 32 random hexadecimal digits. The answer file usually refers to them.
        type: str
      profile:
        description: Name of the profile to install.
        type: str
      family:
        description:
          - Installer of the profile's distribution. It decides how the answer file is called and checked.
          - It is required to arm.
        type: str
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
      files:
        description:
          - Texts of further files, by name. They are published beside the answer file, for this machine alone, and are
            served from its release until it is installed.
        type: dict
        default: {}
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
        family: debian
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

- name: Take back what is armed of machines that have changed or vanished
  netinstall.pxe.arming:
    state: only
    installations:
      - machine: node01
        mac: "52:54:00:aa:00:01"
        address: 10.77.0.11
"""

RETURN = r"""
machines:
  description: The machines that were armed or disarmed, or would be in check mode. With O(state=only) those taken back.
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
    window:
      description: From when until when it may be installed, in Unix seconds. It is part of the URLs of the release.
      type: str
      returned: when O(state=present)
      sample: 1795186800-1795208400
    mac:
      description: Its MAC address, as it was armed.
      type: str
      returned: when O(state=only)
    reason:
      description: Why it was taken back.
      type: str
      returned: when O(state=only)
      sample: its address is 10.77.0.12 now
    expires:
      description: ISO 8601 time at which the arming expires when it is not used.
      type: str
      returned: when O(state=present)
      sample: "2026-11-20T18:00:00+00:00"
  sample:
    - machine: node01
      address: 10.77.0.11
"""

import os
import time
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import armed_pxelinux, installation
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.web_files import (
    alone,
    web_account,
    write_through,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._boot import ipxe
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import Answer
from ansible_collections.netinstall.pxe.plugins.module_utils._files import Changes, publish, read_start
from ansible_collections.netinstall.pxe.plugins.module_utils._text import answers as _answers

_NEEDED = ("mac", "token", "profile", "family", "answer")
# As Ansible itself puts it.
_HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


class Arming:
    """One run of the module."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        self.installations: list[dict[str, t.Any]] = module.params["installations"]
        self.answers = os.path.join(module.params["root"], "answers")
        self.events = os.path.join(module.params["root"], "events")
        self.changes: list[tuple[str, Changes]] = []

    def run(self) -> dict[str, t.Any]:
        installation.check_installations(self.installations)
        installation.check_lifetime(self.module.params["lifetime"])
        work = {"present": self.arm, "absent": self.disarm, "only": self.keep_only}
        with alone(self.module.params["root"], self.module.check_mode):
            machines = work[self.module.params["state"]]()
        diff = [entry for root, changes in self.changes for entry in changes.diff(root)]
        for entry in diff:
            entry.update({key: installation.masked(text) for key, text in entry.items()})
        return {
            "changed": any(changes for _root, changes in self.changes),
            "machines": machines,
            "diff": diff,
        }

    def armed(self) -> list[installation.Armed]:
        """All armed scripts on this server."""
        found = []
        for address in _addresses(self.answers):
            paths = (f"{address}/{name}" for name in _names(os.path.join(self.answers, address)))
            found += [armed for armed in map(installation.parse_script_path, paths) if armed]
        return found

    def places(self) -> set[str]:
        """The addresses of these machines, and others at which they are armed."""
        names = {item["machine"] for item in self.installations}
        macs = {installation.mac_name(item["mac"]) for item in self.installations if item.get("mac")}
        elsewhere = {armed.address for armed in self.armed() if armed.name in names or armed.mac in macs}
        return {item["address"] for item in self.installations} | elsewhere

    # state: present

    def arm(self) -> list[dict[str, t.Any]]:
        self.check_site()
        self.check_answers()
        self.warn_of_silence()
        self.warn_of_unguarded()
        now, places = int(time.time()), self.places()
        for item in self.installations:
            known = self.known_record(item)
            installation.set_window(item, known, now, self.module.params["lifetime"])
            item["by"] = known.get("by", self.module.params["by"] or None)
        answers, scripts = self.answer_files(), self.scripts()
        # First the folder for reports.
        recorded = self.publish(self.events, installation.record_files(self.installations))
        try:
            if not self.module.check_mode:
                self.publish(self.answers, answers)
                self.write_through()
            # Former rights end before the new ones begin, and what arms comes last.
            self.publish_tickets(places)
            self.publish(self.answers, {**answers, **scripts}, owned=lambda path: _top(path) in places)
        except PxeError:
            created = set(recorded.created)
            publish(self.events, {}, owned=created.__contains__, check=self.module.check_mode, prune=True)
            raise
        return [self.armed_machine(item) for item in self.installations]

    def publish_tickets(self, places: set[str]) -> None:
        """What was released once gets no other ticket."""
        tickets = installation.ticket_files(
            [item for item in self.installations if not self.is_released(item)]
        )
        self.publish(
            self.events,
            {},
            owned=lambda path: installation.is_ticket(path) and _top(path) in places and path not in tickets,
        )
        self.publish(self.events, tickets)

    def is_released(self, item: dict[str, t.Any]) -> bool:
        return os.path.lexists(os.path.join(self.events, installation.folder_of(item), installation.RELEASED))

    def write_through(self) -> None:
        for item in self.installations:
            write_through(os.path.join(self.events, installation.folder_of(item)))

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
        for name, wanted in installation.boot_script_names(item).items():
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
        for item in self.installations:
            if item["family"] not in FAMILIES:
                raise PxeError(
                    f"{item['machine']}: unknown family '{item['family']}'; write one of {', '.join(FAMILIES)}"
                )
            if not FAMILIES[item["family"]].installs:
                raise PxeError(f"{item['machine']}: the family '{item['family']}' installs nothing")
            self.check_files(item)
        messages = [
            mistake
            for family in dict.fromkeys(item["family"] for item in self.installations)
            for mistake in self.answer_mistakes(family)
        ]
        if messages:
            raise PxeError(
                "No machine was armed, because of mistakes in the answer files. " + "; ".join(messages)
            )

    def answer_mistakes(self, family: str) -> t.Iterator[str]:
        """Those of all machines of a family, whose texts become what the installer reads."""
        items = {item["machine"]: item for item in self.installations if item["family"] == family}
        answers = {name: Answer(item["answer"], item.get("disk") or "") for name, item in items.items()}
        for name, checked in FAMILIES[family].answer_file.check(self.module, answers).items():
            items[name]["answer"] = checked.text
            if checked.mistake:
                yield f"{name}: {checked.mistake}"

    @staticmethod
    def check_files(item: dict[str, t.Any]) -> None:
        """What lies beside the answer file must not be taken for anything else."""
        names = list(item.get("files") or {})
        answer_files = (file.name for file in FAMILIES[item["family"]].answer_files)
        for number, said in _answers.files_mistakes(names, answer_files):
            raise PxeError(f"{item['machine']}: files: {names[number]!r} {said}")

    def warn_of_silence(self) -> None:
        """One warning, however many machines it is about."""
        silent = [item for item in self.installations if not installation.reports_installed(item)]
        if silent:
            names = ", ".join(item["machine"] for item in silent)
            template = FAMILIES[silent[0]["family"]].answer_file.template
            self.module.warn(
                f"{names}: the answer file never reports that the machine is installed, so it is not seen as finished. "
                f"Call it NAME.j2 and begin it with {{% extends '{template}' %}}, or let its last command PUT anything "
                "to {{ installation.events_url }}/installed."
            )

    def warn_of_unguarded(self) -> None:
        """One warning, however many machines it is about."""
        unguarded = [item for item in self.installations if installation.unguarded(item)]
        if unguarded:
            names = ", ".join(item["machine"] for item in unguarded)
            template = FAMILIES[unguarded[0]["family"]].answer_file.template
            self.module.warn(
                f"{names}: the answer file does not look whether it is the machine that was armed and "
                "whether the disk is the named one: it wipes what it finds. Let it begin with "
                f"{{% extends '{template}' %}}, and keep the block before_partitioning."
            )

    def known_record(self, item: dict[str, t.Any]) -> dict[str, t.Any]:
        """The record of the same token, so that arming twice with it changes nothing."""
        return installation.parse_record(
            read_start(self.events, f"{installation.folder_of(item)}/{installation.RECORD}")
        )

    def answer_files(self) -> dict[str, str]:
        names = {item["machine"]: FAMILIES[item["family"]].answer_file.name for item in self.installations}
        return installation.answer_files(self.installations, names)

    def scripts(self) -> dict[str, str]:
        urls, scripts = self.module.params["urls"], {}
        for item in self.installations:
            path = installation.script_path(item)
            scripts[path] = ipxe.armed_script(item, urls)
            ipxe.check_script(scripts[path], path)
        return scripts

    def armed_machine(self, item: dict[str, t.Any]) -> dict[str, t.Any]:
        end = int(item["window"].partition("-")[2])
        told = {key: item[key] for key in ("machine", "address", "window")}
        return {**told, "expires": installation.timestamp(end)}

    # state: absent

    def disarm(self) -> list[dict[str, t.Any]]:
        self.take_back(self.places())
        silent = {path for item in self.installations for path in self.silent_records(item["address"])}
        self.publish(self.events, {}, owned=silent.__contains__)
        return [{key: item[key] for key in ("machine", "address")} for item in self.installations]

    def take_back(self, places: t.Collection[str]) -> None:
        """First what arms, so that a machine that boots meanwhile boots its disk; then the right to be released."""
        self.publish(
            self.answers,
            {},
            owned=lambda path: _top(path) in places and installation.parse_script_path(path) is not None,
        )
        self.publish(
            self.events, {}, owned=lambda path: installation.is_ticket(path) and _top(path) in places
        )
        self.publish(self.answers, {}, owned=lambda path: _top(path) in places)

    # state: only

    def keep_only(self) -> list[dict[str, t.Any]]:
        for item in self.installations:
            if not item.get("mac"):
                raise PxeError(
                    f"{item['machine']}: mac must be given to see whether it is still the same machine"
                )
        params = self.module.params
        plain = armed_pxelinux.only(params["root"], self.installations, self.module.check_mode)
        self.changes.append((os.path.join(params["root"], "boot"), plain))
        found = {armed: self.disk_of(armed) for armed in self.armed()}
        taken = installation.strangers(found, self.installations)
        kept = {armed.address for armed in found} - {each.armed.address for each in taken}
        # Also what an interrupted run left: without its script nothing is armed.
        places = {*_addresses(self.answers), *_addresses(self.events)} - kept
        self.take_back(places)
        return [self.taken_back(each) for each in taken]

    def disk_of(self, armed: installation.Armed) -> str:
        if not armed.name:
            return ""
        script = read_start(self.answers, f"{armed.address}/{armed.name}_{armed.mac}.ipxe") or b""
        return installation.armed_disk(script.decode(errors="replace"))

    def taken_back(self, each: installation.TakenBack) -> dict[str, t.Any]:
        name, mac, address = each.armed.name, each.armed.mac.replace("-", ":"), each.armed.address
        return {"machine": name or address, "mac": mac, "address": address, "reason": each.reason}

    def silent_records(self, address: str) -> list[str]:
        """Records of installations that never began."""
        folder = os.path.join(self.events, address)
        tokens = filter(installation.is_token, _names(folder))
        names = {token: _names(os.path.join(folder, token)) for token in tokens}
        record = installation.RECORD
        return [f"{address}/{token}/{record}" for token in names if names[token] == [record]]

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
        self.changes.append((root, _without_answers(changes) if root == self.answers else changes))
        return changes

    def owners(self) -> tuple[int | None, int | None]:
        params = self.module.params
        return web_account(params["owner"], params["group"], self.answers, self.events)


def _names(folder: str) -> list[str]:
    return sorted(os.listdir(folder)) if os.path.isdir(folder) else []


def _addresses(folder: str) -> list[str]:
    """The folders of machines. What is offered to others lies beside them."""
    return [name for name in _names(folder) if name[0].isdigit()]


def _top(path: str) -> str:
    """The address that a path below answers/ or events/ is about."""
    return path.split("/")[0]


def _without_answers(changes: Changes) -> Changes:
    """Answer files and what lies beside them hold secrets; a diff shows only that they change."""
    for texts in (changes.before, changes.after):
        for path in texts:
            if installation.parse_script_path(path) is None:
                texts[path] = "(an answer file; not shown)\n"
    return changes


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "root": {"type": "path", "default": "/srv/pxe"},
            "state": {"type": "str", "choices": ["present", "absent", "only"], "default": "present"},
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
                    "token": {"type": "str", "no_log": True},
                    "profile": {"type": "str"},
                    "family": {"type": "str"},
                    "disk": {"type": "str"},
                    "install_arguments": {"type": "list", "elements": "str", "default": []},
                    "answer": {"type": "str", "no_log": True},
                    "files": {"type": "dict", "default": {}, "no_log": True},
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
        module.fail_json(msg=installation.masked(str(exc)), **shown)
    except OSError as exc:
        module.fail_json(msg=installation.masked(f"{exc.filename}: {exc.strerror}"), **shown)


if __name__ == "__main__":
    main()
