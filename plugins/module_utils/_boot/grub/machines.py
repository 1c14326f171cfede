# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Files of described machines: those that are published, and what arming adds."""

from __future__ import annotations

import re

from ansible_collections.netinstall.pxe.plugins.module_utils._boot import paths
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import Entry, Machine, SiteEntries
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.grub.check import check_script
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.grub.kernels import loading, when_loaded
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.grub.script import (
    BOOT_CARD_WORD,
    HEADER,
    Record,
    arguments,
    comment,
    either,
    say,
    script_of,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError


def machine_text(machine: Machine, site: SiteEntries) -> str:
    """``machines/<mac>.cfg``: nothing, after which ``grub.cfg`` boots the local disk, unless arming has put a file
    there. A machine whose profile is a live system boots that whenever it starts.
    """
    record, live = machine
    name, mac = record["name"], record["mac"]
    does = (
        "It boots its local disk, unless it is armed (playbook netinstall.pxe.install)."
        if live is None
        else "A live system: it boots that whenever it starts, and nothing is installed."
    )
    return script_of(
        [f"Machine {name}: {mac}, {record['address']}, profile {record['profile']}.", does],
        [
            f"set machine={paths.dashed(mac)}",
            say(f"This is {name} ({mac}, profile {record['profile']})", name),
            *(
                [f'source "$prefix/armed/{paths.dashed(mac)}.cfg"']
                if live is None
                else _run_live(machine, site)
            ),
        ],
    )


def _run_live(machine: Machine, site: SiteEntries) -> list[str]:
    record, live = machine
    own = arguments(live.said, live.address) if live else []
    kernel = site.profiles[record["profile"]].boots
    return when_loaded(loading(kernel, own), [_ready(record["mac"])])


def _ready(mac: str) -> str:
    """What ``grub.cfg`` boots."""
    return f"set ready={paths.dashed(mac)}"


def profile_text(profile: Entry) -> str:
    """``profiles/<profile>.cfg``: kernel, initrd and the arguments that are the same for all machines."""
    return script_of(
        [f"Profile {profile.name}: {profile.label}", "Arming makes the file of a machine from it."],
        loading(profile.boots),
    )


# Armed machines


def armed_text(profile: str, installation: Record) -> str:
    """``armed/<mac>.cfg``: one installation, until the file is removed.

    :param profile: what ``profile_text`` made of its profile.
    :param installation: ``{machine, mac, address, token, window, profile, disk, install_arguments}``. The URL of the
        answer file in its arguments is the release (``_arming.gated``).
    :raises PxeError: the profile's file is none, or GRUB would misread what comes of it.

    Its first lines are those of pxelinux's armed files: the server knows by the second one what to remove.
    """
    name, mac, address = installation["machine"], installation["mac"].lower(), installation["address"]
    profile_name, disk = installation["profile"], installation.get("disk")
    text = "\n".join(
        [
            f"{HEADER} (arming). It is removed when its installation was released.",
            comment(f"{address}/{installation['token']}/{installation['window']}"),
            comment(f"{name} ({mac}, {address}), profile {profile_name}"),
            *either(
                f'[ "$card" = {paths.dashed(mac)} -a "$net_default_ip" = {address} ]',
                [
                    say(f"Installing {name} with profile {profile_name}", name),
                    *([say(f"ALL DATA ON {disk} WILL BE LOST", name)] if disk else []),
                    *when_loaded(_commands(profile, installation), [_ready(mac)]),
                ],
                [
                    say(f"What is armed is {name} ({mac}, {address}), not this machine:", name),
                    'echo "$net_default_mac, $net_default_ip"',
                ],
            ),
            "",
        ]
    )
    check_script(text, paths.grub_armed(mac))
    return text


def _commands(profile: str, installation: Record) -> list[str]:
    """Those of the profile, with what this machine is told."""
    name = installation["machine"]
    commands = [line for line in profile.split("\n") if line.startswith(("linux ", "initrd "))]
    if [line.split()[0] for line in commands] != ["linux", "initrd"]:
        raise PxeError(
            f"{name}: the boot file of its profile {installation['profile']} is damaged: run netinstall.pxe.site"
        )
    linux, initrd = commands
    own = arguments(installation["install_arguments"], f"install_arguments of {name}")
    if any(word.startswith("'BOOTIF=") for word in own):
        linux = linux.replace(f" {BOOT_CARD_WORD}", "")
    return [" ".join([linux, *own]), initrd]


def needed_by(text: str) -> list[str]:
    """The files that a script loads, as paths below boot/."""
    return [f"grub/{path}" for path in dict.fromkeys(re.findall(r"\"\$prefix\"/'([^']+)'", text))]
