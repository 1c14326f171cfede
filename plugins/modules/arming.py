# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: arming
short_description: Allow machines one installation each, or cancel that
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
  - Arming a machine that is armed already cancels its former arming, also at another address.
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
      - V(only) cancels every arming on this server that is not of one of these machines, with the name, the MAC
        address and the address that they have here, and with the disk where it is given. Armings of version 1.0 or
        earlier are cancelled too, and so are boot files that M(netinstall.pxe.pxelinux_arming) made.
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
          - Those that the installer is answered by too must be among them.
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

- name: Cancel armings of machines that have changed or vanished
  netinstall.pxe.arming:
    state: only
    installations:
      - machine: node01
        mac: "52:54:00:aa:00:01"
        address: 10.77.0.11
"""

RETURN = r"""
machines:
  description: The machines that were armed or disarmed, or would be in check mode. With O(state=only) those cancelled.
  returned: success; and empty where arming failed, unless some may be armed
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
      description: Why its arming was cancelled.
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
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import (
    answers_text,
    armed_pxelinux,
    armed_scripts,
    installation,
    published,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.records import timestamp
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.site_folders import SiteFolders
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.web_files import (
    alone,
    web_account,
    write_through,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import Changes, publish

# As Ansible itself puts it.
_HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
# Of an arming that fails: in a result without it, some machines may be armed.
_UNARMED: dict[str, t.Any] = {"machines": []}


class Arming:
    """One run of the module."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        self.installations: list[dict[str, t.Any]] = module.params["installations"]
        self.site = SiteFolders(module.params["root"])
        self.changes: list[tuple[str, Changes]] = []
        self.failed = _UNARMED if module.params["state"] == "present" else {}

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

    # state: present

    def arm(self) -> list[dict[str, t.Any]]:
        self.site.check_site(self.installations)
        answers_text.check_answers(self.module, self.installations)
        for warning in answers_text.warnings(self.installations):
            self.module.warn(warning)
        places = self.site.places(self.installations)
        self.set_windows()
        answers = published.answer_files(self.installations)
        scripts = published.script_files(self.installations, self.module.params["urls"])
        # First the folder for reports.
        recorded = self.publish(self.site.events, published.record_files(self.installations))
        try:
            if not self.module.check_mode:
                self.publish(self.site.answers, answers)
                self.write_through()
            self.publish_rights(answers, scripts, places)
        except PxeError:
            self.publish(self.site.events, {}, owned=set(recorded.created).__contains__)
            raise
        return [_armed_machine(item) for item in self.installations]

    def set_windows(self) -> None:
        now = int(time.time())
        for item in self.installations:
            known = self.site.known_record(item)
            installation.set_window(item, known, now, self.module.params["lifetime"])
            item["by"] = known.get("by", self.module.params["by"] or None)

    def write_through(self) -> None:
        for item in self.installations:
            write_through(os.path.join(self.site.events, installation.folder_of(item)))

    def publish_rights(self, answers: dict[str, str], scripts: dict[str, str], places: set[str]) -> None:
        """Former rights end first, and what arms comes last. Where the disk fails in between, nothing stays armed."""
        self.failed = {}
        try:
            self.publish_tickets(places)
            self.publish(self.site.answers, {**answers, **scripts}, owned=lambda path: _top(path) in places)
        except PxeError:
            self.take_back(places)
            self.failed = _UNARMED
            raise

    def publish_tickets(self, places: set[str]) -> None:
        """What was released once gets no other ticket."""
        tickets = published.ticket_files([i for i in self.installations if not self.site.is_released(i)])
        self.publish(
            self.site.events,
            {},
            owned=lambda path: installation.is_ticket(path) and _top(path) in places and path not in tickets,
        )
        self.publish(self.site.events, tickets)

    # state: absent

    def disarm(self) -> list[dict[str, t.Any]]:
        self.take_back(self.site.places(self.installations))
        silent = {path for item in self.installations for path in self.site.silent_records(item["address"])}
        self.publish(self.site.events, {}, owned=silent.__contains__)
        return [{key: item[key] for key in ("machine", "address")} for item in self.installations]

    def take_back(self, places: t.Collection[str]) -> None:
        """First what arms, so that a machine that boots meanwhile boots its disk; then the right to be released."""
        self.publish(
            self.site.answers,
            {},
            owned=lambda path: _top(path) in places and armed_scripts.parse_script_path(path) is not None,
        )
        self.publish(
            self.site.events, {}, owned=lambda path: installation.is_ticket(path) and _top(path) in places
        )
        self.publish(self.site.answers, {}, owned=lambda path: _top(path) in places)

    # state: only

    def keep_only(self) -> list[dict[str, t.Any]]:
        nameless = [item["machine"] for item in self.installations if not item.get("mac")]
        if nameless:
            raise PxeError(f"{nameless[0]}: mac must be given to see whether it is still the same machine")
        params = self.module.params
        plain = armed_pxelinux.only(params["root"], self.installations, self.module.check_mode)
        self.changes.append((os.path.join(params["root"], "boot"), plain))
        found = {armed: self.site.disk_of(armed) for armed in self.site.armed()}
        taken = armed_scripts.strangers(found, self.installations)
        kept = {armed.address for armed in found} - {each.armed.address for each in taken}
        # Also what an interrupted run left: without its script nothing is armed.
        self.take_back(set(self.site.addresses()) - kept)
        return [_taken_back(each) for each in taken]

    # all of them

    def publish(
        self, root: str, files: dict[str, str], owned: t.Callable[[str], bool] | None = None
    ) -> Changes:
        params, events = self.module.params, self.site.events
        if not files and not os.path.isdir(root):
            return Changes()
        uid, gid = web_account(params["owner"], params["group"], self.site.answers, events)
        changes = publish(
            root,
            dict(files),
            owned,
            check=self.module.check_mode,
            mode=0o640,
            dir_mode=0o750,
            uid=uid if root == events or uid is None else 0,
            gid=gid,
            prune=True,
        )
        self.changes.append(
            (root, published.without_answers(changes) if root == self.site.answers else changes)
        )
        return changes


def _armed_machine(item: dict[str, t.Any]) -> dict[str, t.Any]:
    end = int(item["window"].partition("-")[2])
    return {**{key: item[key] for key in ("machine", "address", "window")}, "expires": timestamp(end)}


def _taken_back(each: armed_scripts.TakenBack) -> dict[str, t.Any]:
    name, mac, address = each.armed.name, each.armed.mac.replace("-", ":"), each.armed.address
    return {"machine": name or address, "mac": mac, "address": address, "reason": each.reason}


def _top(path: str) -> str:
    """The address that a path below answers/ or events/ is about."""
    return path.split("/")[0]


_INSTALLATION: dict[str, t.Any] = {
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
}


def main() -> None:
    url = {"type": "str", "required": True}
    module = AnsibleModule(
        argument_spec={
            "root": {"type": "path", "default": "/srv/pxe"},
            "state": {"type": "str", "choices": ["present", "absent", "only"], "default": "present"},
            "urls": {"type": "dict", "options": {"boot": url, "answers": url, "events": url}},
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
                "options": _INSTALLATION,
            },
        },
        required_if=[("state", "present", ["urls"])],
        supports_check_mode=True,
    )
    # Names and addresses are among them, and messages must name them: what is said below shows no secrets.
    module.no_log_values.clear()
    invocation = {"invocation": {"module_args": {**module.params, "installations": _HIDDEN}}}
    work = Arming(module)
    try:
        module.exit_json(**work.run(), **invocation)
    except (PxeError, OSError) as exc:
        said = f"{exc.filename}: {exc.strerror}" if isinstance(exc, OSError) else str(exc)
        module.fail_json(msg=installation.masked(said), **work.failed, **invocation)


if __name__ == "__main__":
    main()
