# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""``grub.cfg``: where every GRUB begins, which machine it is, and how its local disk is booted."""

from __future__ import annotations

import re

from ansible_collections.netinstall.pxe.plugins.module_utils._boot import paths
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.grub.script import (
    LOCAL_BOOT,
    Record,
    either,
    indented,
    script_of,
)

#: Loaders of installed systems, in the order in which they are tried. A system's own folder comes first: the loader of
#: /EFI/BOOT may be the fallback of shim, which restarts the machine, and removable media have nothing else.
DISK_LOADERS = (
    "/EFI/debian/shimx64.efi",
    "/EFI/ubuntu/shimx64.efi",
    "/EFI/rocky/shimx64.efi",
    "/EFI/almalinux/shimx64.efi",
    "/EFI/centos/shimx64.efi",
    "/EFI/redhat/shimx64.efi",
    "/EFI/fedora/shimx64.efi",
    "/EFI/debian/grubx64.efi",
    "/EFI/Microsoft/Boot/bootmgfw.efi",
    "/EFI/BOOT/BOOTX64.EFI",
)
_PAIR = "([0-9a-fA-F][0-9a-fA-F])"


def start_text(menu: Record) -> str:
    """:param menu: the plan's."""
    return script_of(
        [
            "The entry of the boot chain with Secure Boot: every machine comes here first.",
            "A machine of the site goes on with machines/ITS-MAC.cfg, any other one with menu.cfg.",
        ],
        [
            *serial(menu),
            "# What the machine's own files say: whose they are, and that they have loaded a kernel.",
            "set machine=''",
            "set ready=''",
            "set card=''",
            *_card(),
            "",
            *_boot_disk(),
            "",
            'echo "netinstall.pxe: $net_default_mac has address $net_default_ip and asks $net_default_server"',
            'source "$prefix/machines/$card.cfg"',
            "# Nothing else starts a kernel without being asked.",
            *either('[ -n "$card" -a "$ready" = "$card" ]', ["boot"]),
            *either('[ -n "$card" -a "$machine" = "$card" ]', [LOCAL_BOOT]),
            "# No such file: not a machine of the site.",
            "set menu=''",
            f'source "$prefix/{paths.GRUB_MENU.partition("/")[2]}"',
            *either('[ "$menu" != complete ]', [LOCAL_BOOT]),
        ],
    )


def _card() -> list[str]:
    """The MAC address with dashes, as files are called."""
    names = [f"m{number}" for number in range(1, 7)]
    sets = " ".join(f"--set={number}:{name}" for number, name in enumerate(names, 1))
    pattern = ":".join([_PAIR] * 6)
    return either(
        f"regexp {sets} '^{pattern}$' \"$net_default_mac\"",
        [f'set card="{"-".join(f"${name}" for name in names)}"'],
    )


def _boot_disk() -> list[str]:
    """``root`` is where a loader that is started looks for more of itself."""
    lines = [
        "echo 'Booting the local disk (errors about loaders that it does not have are normal)'",
        f"for loader in {' '.join(DISK_LOADERS)}; do",
        *indented(
            either(
                'search --no-floppy --file --set=root "$loader"',
                either('chainloader "$loader"', ["boot"]),
            )
        ),
        "done",
        "echo 'No loader on the local disk was started. The firmware goes on.'",
        "exit 1",
    ]
    return [f"function {LOCAL_BOOT} {{", *indented(lines), "}"]


def serial(menu: Record) -> list[str]:
    """``console`` is Linux's: ttyS0,115200."""
    if not menu.get("console"):
        return []
    port, _comma, speed = menu["console"].partition(",")
    digits = re.match(r"[0-9]*", speed)
    return [
        f"serial --unit={port[len('ttyS') :]} --speed={digits[0] if digits and digits[0] else 9600}",
        "terminal_input console serial",
        "terminal_output console serial",
    ]
