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

import os
import re
import socket
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import installation, offers_known
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import read_start
from ansible_collections.netinstall.pxe.plugins.module_utils._plan import offers

_REASON_BYTES = 4000
_TAIL_BYTES = 65536
_DISK_BYTES = 1000
# What other machines wrote is shown on terminals.
_UNPRINTABLE = re.compile(r"[^\t\x20-\x7e\xa0-\U0010ffff]")


class Site:
    """The folders answers/ and events/."""

    def __init__(self, root: str) -> None:
        self.answers = os.path.join(root, "answers")
        self.events = os.path.join(root, "events")

    def addresses(self) -> list[str]:
        return sorted(
            {name for folder in (self.answers, self.events) for name in _names(folder) if name[0].isdigit()}
        )

    def seen(self, address: str) -> dict[str, installation.Seen]:
        """What there is about one machine, by token."""
        tokens = [name for name in _names(os.path.join(self.events, address)) if installation.is_token(name)]
        return {token: self._seen_token(f"{address}/{token}") for token in tokens}

    def _seen_token(self, folder: str) -> installation.Seen:
        record = installation.parse_record(read_start(self.events, f"{folder}/{installation.RECORD}"))
        published = os.path.isdir(os.path.join(self.answers, folder))
        return installation.Seen(record, published, _times(os.path.join(self.events, folder)))

    def reason(self, folder: str) -> str:
        said = read_start(self.events, f"{folder}/{installation.FAILED}", _REASON_BYTES) or b""
        return _printable(said.decode(errors="replace").strip())

    def disk(self, machine: dict[str, str], found: dict[str, installation.Seen]) -> str:
        """What this machine, and no other one that had its address, said last of its disk."""
        tokens = {
            token: seen
            for token, seen in found.items()
            if installation.DISK in seen.events and seen.record.get("machine") == machine["name"]
        }
        token = installation.newest(tokens)
        return self.disk_in(f"{machine['address']}/{token}") if token else ""

    def disk_in(self, folder: str) -> str:
        """What the machine said of its disk in one installation."""
        name = f"{folder}/{installation.DISK}"
        said = (read_start(self.events, name, _DISK_BYTES) or b"").decode(errors="replace").strip()
        # Earlier versions only said that there is one.
        return "" if said == installation.DISK else _printable(said)

    def stage_name(self, folder: str, stage: installation.Stage) -> str:
        """A stage as it is shown; of steps without a file of their own the name is in their common one."""
        if stage.name != installation.OTHER_STEP:
            return stage.name
        said = read_start(self.events, f"{folder}/{installation.OTHER_STEP}", 120) or b""
        name = said.decode(errors="replace").strip()
        step = name if name.startswith("progress-") else f"progress-{name}"
        return step if installation.is_event(step) else installation.OTHER_STEP

    def log_tail(self, folder: str, name: str, lines: int) -> list[str]:
        """The end of a log; a machine's web server user can write no links there, and none is followed."""
        if lines <= 0:
            return []
        fd = os.open(os.path.join(self.events, folder, name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(fd, "rb") as file:
            file.seek(max(0, os.fstat(fd).st_size - _TAIL_BYTES))
            text = file.read(_TAIL_BYTES).decode(errors="replace")
        return [_printable(line) for line in text.splitlines()[-lines:]]


def _names(folder: str) -> list[str]:
    return sorted(os.listdir(folder)) if os.path.isdir(folder) else []


def _times(folder: str) -> dict[str, float]:
    with os.scandir(folder) as entries:
        files = [entry for entry in entries if entry.is_file(follow_symlinks=False)]
    times = {entry.name: entry.stat().st_mtime for entry in files if installation.is_event(entry.name)}
    for entry in files:
        if entry.name == installation.RELEASED:
            # The ticket was renamed then, which changes no more than the status of the file.
            times[entry.name] = entry.stat().st_ctime
    return times


def _printable(text: str) -> str:
    return "\n".join(_UNPRINTABLE.sub("?", line) for line in text.split("\n"))


def describe(site: Site, machine: dict[str, str], now: float, log_lines: int) -> dict[str, t.Any]:
    """One machine's latest installation, in the form of RETURN."""
    found = {
        token: seen
        for token, seen in site.seen(machine["address"]).items()
        # What another machine did at this address is not what this one did.
        if seen.record.get("machine") in (None, machine["name"])
    }
    token = installation.newest(found)
    result = {
        "machine": machine["name"],
        "address": machine["address"],
        "ssh": False,
        "reason": "",
        "log_tail": [],
        "disk": site.disk(machine, found),
    }
    if token is None:
        return {**result, "stage": installation.NONE, "since": None, "token": None, "events": {}, "log": None}
    seen, folder = found[token], f"{machine['address']}/{token}"
    stage = installation.stage_of(seen, now)
    log = installation.newest_log(seen.events)
    return {
        **result,
        "token": f"{token[:8]}...",
        "profile": seen.record.get("profile"),
        "stage": site.stage_name(folder, stage),
        "since": _whole(stage.since),
        "armed": _whole(installation.unix_time(seen.record, "armed")),
        "expires": _whole(installation.unix_time(seen.record, "expires")),
        "events": {name: int(moment) for name, moment in sorted(seen.events.items())},
        "reason": site.reason(folder) if stage.name == installation.FAILED else "",
        "log": os.path.join(site.events, folder, log) if log else None,
        "log_tail": site.log_tail(folder, log, log_lines) if log else [],
    }


def _whole(moment: float | None) -> int | None:
    return None if moment is None else int(moment)


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
    installed = [item for item in installations if item["stage"] == installation.INSTALLED]
    if not installed:
        return
    with ThreadPoolExecutor(min(32, len(installed))) as pool:
        replies = pool.map(lambda item: answers_ssh(addresses[item["machine"]], port, timeout), installed)
        for item, reply in zip(installed, replies):
            item["ssh"] = reply


def all_machines(site: Site) -> list[dict[str, str]]:
    """Those of which the server knows something; an old record still knows the name."""
    machines = []
    for address in site.addresses():
        found = site.seen(address)
        token = installation.newest(found)
        name = found[token].record.get("machine", address) if token else address
        machines.append({"name": name, "address": address})
    return machines


def unknown(site: Site, now: float) -> list[dict[str, t.Any]]:
    """Machines that are known by their MAC addresses alone, in the form of RETURN."""
    names = _names(os.path.join(site.events, offers.FOLDER))
    return [_offered(site, name, now) for name in names if offers.is_mac_name(name)]


def _offered(site: Site, name: str, now: float) -> dict[str, t.Any]:
    folder = f"{offers.FOLDER}/{name}"
    path = os.path.join(site.events, folder)
    inside = _names(path)
    profile = next((each for each in inside if os.path.isdir(os.path.join(path, each))), "")
    described = offers.DESCRIBED in inside
    elsewhere = offers.ELSEWHERE in inside and not profile
    result = {
        "mac": offers.mac_of(name),
        "described": described,
        "profile": profile,
        "elsewhere": elsewhere,
    }
    nothing: dict[str, t.Any] = {"events": {}, "reason": "", "disk": "", "log": None}
    if described and not profile and not elsewhere:
        return {**result, **nothing, "stage": installation.NONE, "released": None, "since": None}
    if elsewhere:
        result["profile"] = offers_known.profile_of(site.events, name)
        return {**result, **nothing, "stage": installation.RELEASED, "released": None, "since": None}
    events = _times(os.path.join(path, profile))
    # Both folders were made in that moment; later a mark may have been put into the outer one.
    released = min([os.stat(path).st_mtime, *events.values()])
    reports = f"{folder}/{profile}"
    stage = installation.stage_of(
        installation.Seen({}, True, {**events, installation.RELEASED: released}), now
    )
    log = installation.newest_log(events)
    return {
        **result,
        "stage": site.stage_name(reports, stage),
        "released": int(released),
        "since": _whole(stage.since),
        "events": {event: int(moment) for event, moment in sorted(events.items())},
        "reason": site.reason(reports) if stage.name == installation.FAILED else "",
        "disk": site.disk_in(reports),
        "log": os.path.join(site.events, reports, log) if log else None,
    }


def history_of_unknown(entries: t.Iterable[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    """The same as installations of the history, but for what other servers have in theirs."""
    return [
        {
            "machine": entry["mac"],
            "address": "",
            "profile": entry["profile"] or None,
            "disk": entry["disk"] or None,
            "by": "offer",
            "armed": entry["released"],
            **{key: entry[key] for key in ("stage", "since", "reason")},
        }
        for entry in entries
        if entry["stage"] != installation.NONE and not entry["elsewhere"]
    ]


def history(site: Site, names: t.Container[str] | None, now: float) -> list[dict[str, t.Any]]:
    """All installations of these machines, or of all, in the form of RETURN."""
    found = []
    for address in site.addresses():
        for token, seen in site.seen(address).items():
            machine = str(seen.record.get("machine") or address)
            if names is None or machine in names:
                found.append(_past(site, f"{address}/{token}", machine, seen, now))
    return sorted(found, key=lambda item: (item["armed"] or 0, item["machine"]))


def _past(site: Site, folder: str, machine: str, seen: installation.Seen, now: float) -> dict[str, t.Any]:
    stage = installation.stage_of(seen, now)
    return {
        "machine": machine,
        "address": folder.split("/")[0],
        **{key: seen.record.get(key) for key in ("profile", "disk", "by")},
        "armed": _whole(installation.unix_time(seen.record, "armed")),
        "stage": site.stage_name(folder, stage),
        "since": _whole(stage.since),
        "reason": site.reason(folder) if stage.name == installation.FAILED else "",
    }


def further(
    site: Site, names: t.Container[str] | None, now: float, options: dict[str, t.Any]
) -> dict[str, t.Any]:
    """What else is asked for."""
    found: dict[str, t.Any] = {}
    if options["unknown"]:
        found["unknown"] = unknown(site, now)
    if options["known"]:
        found["known"] = [
            {"mac": offers.mac_of(name), **one._asdict()}
            for name, one in sorted(offers_known.known_machines(options["root"]).items())
        ]
    if options["history"]:
        others = history_of_unknown(found.get("unknown", [])) if names is None else []
        past = [*history(site, names, now), *others]
        found["history"] = sorted(past, key=lambda item: (item["armed"] or 0, item["machine"]))
    return found


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
    options = module.params
    site = Site(options["root"])
    try:
        machines = options["machines"] if options["machines"] is not None else all_machines(site)
        for machine in machines:
            installation.check_address(machine["name"], machine["address"])
        now = time.time()
        installations = [describe(site, machine, now, options["log_lines"]) for machine in machines]
        names = {machine["name"] for machine in machines} if options["machines"] is not None else None
        more = further(site, names, now, options)
    except PxeError as exc:
        module.fail_json(msg=str(exc))
    except OSError as exc:
        module.fail_json(msg=f"{exc.filename}: {exc.strerror}")
    if options["ssh"]:
        addresses = {
            machine["name"]: machine.get("ssh_address") or machine["address"] for machine in machines
        }
        ask_ssh(installations, addresses, options["ssh_port"], options["ssh_timeout"])
    module.exit_json(changed=False, now=int(now), installations=installations, **more)


if __name__ == "__main__":
    main()
