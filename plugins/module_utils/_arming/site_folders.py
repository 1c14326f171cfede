# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Looks at what lies in answers/, events/ and boot/ of a site: what is armed, and what machines have said.

Nothing is written here, and no link is followed that the web server's account may have put into events/.
"""

from __future__ import annotations

import os
import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._arming.armed_scripts import (
    Armed,
    armed_disk,
    parse_script_path,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.installation import (
    Installation,
    boot_script_names,
    folder_of,
    is_token,
    mac_name,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.records import RECORD, parse_record
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.stages import (
    DISK,
    FAILED,
    OTHER_STEP,
    RELEASED,
    Seen,
    Stage,
    is_event,
    newest,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import read_start

# What arming a machine takes.
_NEEDED = ("mac", "token", "profile", "family", "answer")
_REASON_BYTES = 4000
_TAIL_BYTES = 65536
_DISK_BYTES = 1000
_SCRIPT_BYTES = 65536
# What other machines wrote is shown on terminals.
_UNPRINTABLE = re.compile(r"[^\t\x20-\x7e\xa0-\U0010ffff]")


class SiteFolders:
    """The folders answers/, events/ and boot/."""

    def __init__(self, root: str) -> None:
        self.answers = os.path.join(root, "answers")
        self.events = os.path.join(root, "events")
        self.boot = os.path.join(root, "boot")

    def addresses(self) -> list[str]:
        """Those of which there are answers or reports."""
        return sorted({*_addresses(self.answers), *_addresses(self.events)})

    # What is armed

    def armed(self) -> list[Armed]:
        """All armed scripts on this server."""
        found = []
        for address in _addresses(self.answers):
            paths = (f"{address}/{name}" for name in names_in(os.path.join(self.answers, address)))
            found += [armed for armed in map(parse_script_path, paths) if armed]
        return found

    def places(self, installations: t.Sequence[Installation]) -> set[str]:
        """The addresses of these machines, and others at which they are armed."""
        names = {item["machine"] for item in installations}
        macs = {mac_name(item["mac"]) for item in installations if item.get("mac")}
        elsewhere = {armed.address for armed in self.armed() if armed.name in names or armed.mac in macs}
        return {item["address"] for item in installations} | elsewhere

    def disk_of(self, armed: Armed) -> str:
        """The disk that an armed script is about; empty if it says none."""
        if not armed.name:
            return ""
        script = read_start(self.answers, f"{armed.address}/{armed.name}_{armed.mac}.ipxe") or b""
        return armed_disk(script.decode(errors="replace"))

    def known_record(self, item: Installation) -> dict[str, t.Any]:
        """The record of the same token, so that arming twice with it changes nothing."""
        return parse_record(read_start(self.events, f"{folder_of(item)}/{RECORD}"))

    def is_released(self, item: Installation) -> bool:
        return os.path.lexists(os.path.join(self.events, folder_of(item), RELEASED))

    def silent_records(self, address: str) -> list[str]:
        """Records of installations that never began."""
        folder = os.path.join(self.events, address)
        tokens = [token for token in names_in(folder) if is_token(token)]
        return [
            f"{address}/{token}/{RECORD}"
            for token in tokens
            if os.listdir(os.path.join(folder, token)) == [RECORD]
        ]

    def check_site(self, installations: t.Iterable[Installation]) -> None:
        """Arming alone does not install: what site.yml publishes must be there, and must be about these machines.

        :raises PxeError: it is not, or not enough is given to arm one of them.
        """
        for folder in (self.answers, self.events):
            if not os.path.isdir(folder):
                raise PxeError(f"{folder} is missing on the server; run netinstall.pxe.site first")
        for item in installations:
            missing = [key for key in _NEEDED if not item.get(key)]
            if missing:
                raise PxeError(f"{item['machine']}: {', '.join(missing)} must be given to arm it")
            self._check_boot_scripts(item)

    def _check_boot_scripts(self, item: Installation) -> None:
        for name, wanted in boot_script_names(item).items():
            script = read_start(self.boot, name, _SCRIPT_BYTES)
            if script is None:
                raise PxeError(
                    f"{item['machine']}: {self.boot}/{name} is missing on the server; run netinstall.pxe.site first"
                )
            if wanted not in script.decode(errors="replace"):
                raise PxeError(
                    f"{item['machine']}: {self.boot}/{name} is not about address {item['address']}; "
                    "run netinstall.pxe.site first"
                )

    # What machines have said

    def seen(self, address: str) -> dict[str, Seen]:
        """What there is about one machine, by token."""
        tokens = [name for name in names_in(os.path.join(self.events, address)) if is_token(name)]
        return {token: self._seen_token(f"{address}/{token}") for token in tokens}

    def _seen_token(self, folder: str) -> Seen:
        record = parse_record(read_start(self.events, f"{folder}/{RECORD}"))
        published = os.path.isdir(os.path.join(self.answers, folder))
        return Seen(record, published, self.times(folder))

    def times(self, folder: str) -> dict[str, float]:
        """The Unix time of each report, and of the release."""
        with os.scandir(os.path.join(self.events, folder)) as entries:
            files = [entry for entry in entries if entry.is_file(follow_symlinks=False)]
        times = {entry.name: entry.stat().st_mtime for entry in files if is_event(entry.name)}
        for entry in files:
            if entry.name == RELEASED:
                # The ticket was renamed then, which changes no more than the status of the file.
                times[entry.name] = entry.stat().st_ctime
        return times

    def first_folder(self, folder: str) -> str:
        """The name of the first folder in one below events/; empty if there is none."""
        path = os.path.join(self.events, folder)
        return next((name for name in names_in(path) if os.path.isdir(os.path.join(path, name))), "")

    def folder_time(self, folder: str) -> float:
        """When something was put into a folder below events/, or taken out of it: Unix time."""
        return os.stat(os.path.join(self.events, folder)).st_mtime

    def reason(self, folder: str) -> str:
        return _printable(self._said(folder, FAILED, _REASON_BYTES))

    def disk(self, machine: dict[str, str], found: dict[str, Seen]) -> str:
        """What this machine, and no other one that had its address, said last of its disk."""
        tokens = {
            token: seen
            for token, seen in found.items()
            if DISK in seen.events and seen.record.get("machine") == machine["name"]
        }
        token = newest(tokens)
        return self.disk_in(f"{machine['address']}/{token}") if token else ""

    def disk_in(self, folder: str) -> str:
        """What the machine said of its disk in one installation."""
        said = self._said(folder, DISK, _DISK_BYTES)
        # Earlier versions only said that there is one.
        return "" if said == DISK else _printable(said)

    def stage_name(self, folder: str, stage: Stage) -> str:
        """A stage as it is shown; of steps without a file of their own the name is in their common one."""
        if stage.name != OTHER_STEP:
            return stage.name
        name = self._said(folder, OTHER_STEP, 120)
        step = name if name.startswith("progress-") else f"progress-{name}"
        return step if is_event(step) else OTHER_STEP

    def _said(self, folder: str, report: str, size: int) -> str:
        return (read_start(self.events, f"{folder}/{report}", size) or b"").decode(errors="replace").strip()

    @staticmethod
    def log_tail(path: str, lines: int) -> list[str]:
        """The end of a log; a machine's web server user can write no links there, and none is followed."""
        if lines <= 0:
            return []
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(fd, "rb") as file:
            file.seek(max(0, os.fstat(fd).st_size - _TAIL_BYTES))
            text = file.read(_TAIL_BYTES).decode(errors="replace")
        return [_printable(line) for line in text.splitlines()[-lines:]]


def names_in(folder: str) -> list[str]:
    return sorted(os.listdir(folder)) if os.path.isdir(folder) else []


def _addresses(folder: str) -> list[str]:
    """The folders of machines. What is offered to others lies beside them."""
    return [name for name in names_in(folder) if name[0].isdigit()]


def _printable(text: str) -> str:
    return "\n".join(_UNPRINTABLE.sub("?", line) for line in text.split("\n"))
