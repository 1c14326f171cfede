# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Where every machine begins and ends: the script in the loader, ``boot.ipxe``, ``local.ipxe``."""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._boot import paths
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.script import (
    FETCH,
    LOCAL_BOOT,
    SAY_LOCAL_BOOT,
    retry,
    script_of,
    text,
    url_of,
)


def boot_script(boot_url: str) -> str:
    """``boot.ipxe``: where every iPXE starts."""
    return script_of(
        "boot_files",
        [
            "The entry of the boot chain: every machine comes here first.",
            "A machine of the site goes on with machines/ITS-MAC.ipxe, any other one with menu.ipxe.",
        ],
        [
            f"echo netinstall.pxe: ${{netX/mac}} has address ${{netX/ip}} and asks {url_of(boot_url)}",
            "set attempt:int32 0",
            ":try",
            f"{FETCH} {url_of(boot_url, paths.OWN_MACHINE)} ||",
            "# No such file: not a machine of the site.",
            f"{FETCH} {url_of(boot_url, paths.MENU)} ||",
            *retry("try", "The server does not hand out its boot files"),
            f"echo The server at {url_of(boot_url)} hands out no boot files. Nothing was changed on this machine.",
            "echo On the server: is nginx running, is the firewall open for HTTP?  In Ansible: run the site playbook.",
            *SAY_LOCAL_BOOT,
        ],
    )


def local_script() -> str:
    """``local.ipxe``: boot the local disk."""
    return script_of(
        "boot_files",
        [
            "Boots the local disk: BIOS from its first disk, or else its next boot device.",
            "UEFI firmware takes the failure status for 'try the next boot entry'.",
        ],
        SAY_LOCAL_BOOT,
    )


def embed_script(
    urls: t.Sequence[str], version: str, tries: int = 10, pause: int = 5, shell: bool = True
) -> str:
    """The script inside the loader. It never needs to change: all decisions are in the script that it fetches.

    :param urls: where the served script is, in the order in which to try: HTTP, then TFTP.
    :param version: shown on the screen, and looked for in the built loader.
    :param shell: when all tries have failed, a shell; else the local disk.
    """
    last = [
        "echo Try again with: autoboot or reboot. Boot the local disk with: exit",
        "shell ||",
        *LOCAL_BOOT,
    ]
    return script_of(
        "loader_ipxe",
        ["Embedded in the loader: network, then the served script."],
        [
            f"echo {text(version, 'the loader')}",
            "set attempt:int32 0",
            ":try",
            # Also when the network is up: a lost lease or a cable in another port looks like a silent server.
            "dhcp || goto failed",
            *(f"{FETCH} {url_of(url)} ||" for url in urls),
            "",
            ":failed",
            *retry("try", "No network, or the server does not answer", tries, pause),
            "echo This machine cannot fetch its boot script. Nothing was changed on it. Its network card:",
            "ifstat ||",
            f"echo It asked for {' and '.join(url_of(url) for url in urls)}",
            "echo No address: is the DHCP server up, is this port in the right network, is the link up?",
            "echo An address, but no script: is nginx running on the server, is its firewall open for HTTP?",
            *(last if shell else SAY_LOCAL_BOOT),
        ],
    )
