# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Files of described machines: those that are published, and what arming adds in the plain chain."""

from __future__ import annotations

import re

from ansible_collections.netinstall.pxe.plugins.module_utils._boot import paths
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import Entry, Machine
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.check import check_config
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.config import (
    HEADER,
    Chain,
    Record,
    all_arguments,
    arguments_of,
    config_text,
    screen_text,
    serial,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.kernels import start
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._text.menus import LOCAL

#: The label of the installation, or of the live system.
INSTALL = "install"


def machine_text(machine: Machine, chain: Chain) -> str:
    """``pxelinux.cfg/01-<mac>``: boot the local disk, unless arming has put a file beside it that says otherwise.

    A machine whose profile is a live system boots that whenever it starts.
    """
    record, live = machine
    does = (
        "It boots its local disk, unless it is armed (playbook netinstall.pxe.install)."
        if live is None
        else "A live system: it boots that whenever it starts, and nothing is installed."
    )
    return config_text(
        [
            f"Machine {record['name']}: {record['mac']}, {record['address']}, profile {record['profile']}.",
            does,
        ],
        [
            *serial(chain.menu),
            *_straight(LOCAL if live is None else INSTALL),
            f"SAY This is {screen_text(record['name'])} ({record['mac']}, profile {record['profile']})",
            f"LABEL {LOCAL}",
            f"  {chain.local_boot}",
            *([] if live is None else _live_entry(machine, chain)),
            # The later DEFAULT counts; a file that is not there is ignored.
            *([f"INCLUDE {paths.armed_in_folder(record['mac'])}"] if chain.plain and live is None else []),
        ],
    )


def _straight(label: str) -> list[str]:
    """No menu and no prompt, and nothing but the local disk when a file is missing."""
    return ["PROMPT 0", "NOESCAPE 1", "ALLOWOPTIONS 0", f"DEFAULT {label}", f"ONERROR {LOCAL}"]


def _live_entry(machine: Machine, chain: Chain) -> list[str]:
    profile = chain.site.profiles[machine.record["profile"]]
    own = all_arguments([machine.live] if machine.live else [])
    return [f"LABEL {INSTALL}", *start(chain, profile.boots, own)]


def profile_text(profile: Entry, chain: Chain) -> str:
    """``profiles/<profile>.cfg``: kernel, initrd and the arguments that are the same for all machines."""
    return config_text(
        [f"Profile {profile.name}: {profile.label}", "Arming makes the file of a machine from it."],
        [f"LABEL {INSTALL}", *start(chain, profile.boots)],
    )


# Armed machines of the plain chain


def armed_text(profile: str, installation: Record) -> str:
    """``pxelinux.cfg/armed/01-<mac>``: one installation, until the file is removed.

    :param profile: what ``profile_text`` made of its profile.
    :param installation: ``{machine, mac, address, token, window, profile, disk, install_arguments}``. The URL of the
        answer file in its arguments is the release (``_arming.gated``).
    :raises PxeError: the profile's file is none, or pxelinux would misread what comes of it.

    pxelinux cannot ask the server whether it may install, as iPXE does: while the file is there it starts the
    installer, which gets its answers only if the server releases them. So the server removes the file of what was
    released or has expired, which it knows by the second line.
    """
    name, disk = screen_text(installation["machine"]), installation.get("disk")
    arguments = " ".join(arguments_of(installation["install_arguments"], f"install_arguments of {name}"))
    says_card = any(word.startswith("BOOTIF=") for word in installation["install_arguments"])
    body = [line for line in profile.split("\n") if line.startswith(("LABEL ", "  "))]
    if not body or body[0] != f"LABEL {INSTALL}":
        raise PxeError(
            f"{name}: the boot file of its profile {installation['profile']} is damaged: run netinstall.pxe.site"
        )
    kept = [
        line for line in body if not line.startswith("  APPEND ") and not (says_card and "IPAPPEND" in line)
    ]
    static = " ".join(line[len("  APPEND ") :] for line in body if line.startswith("  APPEND "))
    return "\n".join(
        [
            f"{HEADER} (arming). It is removed when its installation was released.",
            f"# {installation['address']}/{installation['token']}/{installation['window']}",
            f"# {armed_of(installation)}, profile {installation['profile']}",
            f"SAY Installing {name} with profile {installation['profile']}",
            *([f"SAY ALL DATA ON {screen_text(disk)} WILL BE LOST"] if disk else []),
            f"DEFAULT {INSTALL}",
            *kept,
            f"  APPEND {' '.join(part for part in (static, arguments) if part)}",
            "",
        ]
    )


def armed_of(machine: Record) -> str:
    """How an armed file names its machine: ``{machine, mac, address}``."""
    return f"{screen_text(machine['machine'])} ({machine['mac'].lower()}, {machine['address']})"


def is_armed_of(text: str, machine: str) -> bool:
    """Whether an armed file is of this machine, in the words of ``armed_of``."""
    lines = text.split("\n")
    return len(lines) > 2 and lines[2].startswith(f"# {machine}, profile ")


def armed_until(text: str) -> int | None:
    """The end of an armed file's time, in Unix seconds; ``None`` if it says none."""
    match = re.match(r"[^\n]*\n# \S+/[0-9]{10}-([0-9]{10})\n", text)
    return int(match[1]) if match else None


def check_armed(text: str, name: str) -> list[str]:
    """Refuse an armed file that pxelinux would misread where a machine's own file includes it.

    :returns: the files that it needs, relative to the folder.
    """
    return check_config(f"ONERROR {LOCAL}\nLABEL {LOCAL}\n  LOCALBOOT 0\n{text}", name)
