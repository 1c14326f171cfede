# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Where files lie: those of the renderers below boot/, and kernels below the URLs of install trees.

A path is relative to boot/; one within pxelinux's folder, as pxelinux itself names it, has ``_in_folder`` in its name.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._text.menus import CONFIGS, FOLDER, OWN

Record = dict[str, t.Any]

# iPXE's

#: Where every machine begins, what machines get that the site does not know, and what boots the local disk.
BOOT, MENU, LOCAL = "boot.ipxe", "menu.ipxe", "local.ipxe"
#: The picture of site_menu.splash, and memtest86+ for UEFI, which roles publish.
SPLASH, MEMORY_TEST = "menu.png", "memtest.efi"
#: The script of the machine that asks, in iPXE's words: the same as ``machine_script``.
OWN_MACHINE = "machines/${netX/mac:hexhyp}.ipxe"
_IPXE = re.compile(r"(profiles|rescue|entries|machines|offers)/.*\.ipxe|(boot|menu|local)\.ipxe", re.DOTALL)


def profile_script(name: str) -> str:
    return f"profiles/{name}.ipxe"


def rescue_script(distribution: str) -> str:
    return f"rescue/{distribution}.ipxe"


def entry_script(name: str) -> str:
    """Of an entry of the site's own."""
    return f"entries/{name}.ipxe"


def offer_script(profile: str) -> str:
    return f"offers/{profile}.ipxe"


def machine_script(mac: str) -> str:
    return f"machines/{dashed(mac)}.ipxe"


def is_script(path: str) -> bool:
    """Whether a file could be one of iPXE's renderer, by its name."""
    return bool(_IPXE.fullmatch(path))


# pxelinux's

#: The menu, and the same menu whose default installs: over HTTP, for machines of which iPXE knows that it would be
#: released to them.
DEFAULT_IN_FOLDER, OFFERED_IN_FOLDER = f"{CONFIGS}/default", f"{CONFIGS}/offered"
_ARMED_IN_FOLDER = f"{CONFIGS}/armed"
#: Folders that are pxelinux's renderer's alone: in their files no header can be.
_HELP, _KERNELS = "help", "kernels"
_HEADED = re.compile(rf"profiles/[^/]+\.cfg|{CONFIGS}/(default|offered|01(-[0-9a-f]{{2}}){{6}})")
_HEADLESS = re.compile(rf"{_HELP}/(F([1-9]|1[0-2])|display)\.txt|{_KERNELS}/[^/]+/[^/]+|{OWN}/.+|[^/]+\.lss")


def in_folder(path: str) -> str:
    """Where a file of pxelinux's folder lies below boot/."""
    return f"{FOLDER}/{path}"


def help_in_folder(key: str) -> str:
    return f"{_HELP}/{key}.txt"


def machine_in_folder(mac: str) -> str:
    """The file that pxelinux looks for: ARP type 1 for Ethernet, then the MAC address with dashes."""
    return f"{CONFIGS}/01-{dashed(mac)}"


def armed_in_folder(mac: str) -> str:
    """The file that makes the plain chain install a machine."""
    return f"{_ARMED_IN_FOLDER}/01-{dashed(mac)}"


def armed_folder() -> str:
    return in_folder(_ARMED_IN_FOLDER)


def is_armed(path: str) -> bool:
    return path.startswith(f"{armed_folder()}/01-")


def profile_in_folder(profile: str) -> str:
    """What a profile boots, from which arming makes a machine's file. Only in the plain chain."""
    return f"profiles/{profile}.cfg"


def kernel_in_folder(distribution: str, path: str) -> str:
    """Where the copy of a kernel or initrd lies for TFTP."""
    return f"{_KERNELS}/{distribution}/{path.rsplit('/', 1)[-1]}"


def is_config(path: str) -> bool:
    """Whether a file could be one of pxelinux's renderer that has its header, by its name. Armed files are not."""
    return path.startswith(f"{FOLDER}/") and bool(_HEADED.fullmatch(path[len(FOLDER) + 1 :]))


def is_headless(path: str) -> bool:
    """The same of those that have no header: screens, pictures, copies of kernels, and what the site brings."""
    return path.startswith(f"{FOLDER}/") and bool(_HEADLESS.fullmatch(path[len(FOLDER) + 1 :]))


# GRUB's

#: Where every GRUB begins, in the folder whose name is in the signed image; and what machines get that the site does
#: not know.
GRUB_START, GRUB_MENU = "grub/grub.cfg", "grub/menu.cfg"
#: What firmware loads first, and what that loads: the second name is shim's own, and it looks in its own folder.
SHIM, SIGNED_GRUB = "shimx64.efi", "grubx64.efi"
_GRUB = re.compile(r"grub/(grub|menu|profiles/[^/]+|machines/[0-9a-f]{2}(-[0-9a-f]{2}){5})\.cfg")
_GRUB_KERNEL = re.compile(r"grub/kernels/[^/]+/[^/]+")


def grub_machine(mac: str) -> str:
    return f"grub/machines/{dashed(mac)}.cfg"


def grub_armed(mac: str) -> str:
    """The file that makes GRUB install a machine."""
    return f"grub/armed/{dashed(mac)}.cfg"


def grub_profile(name: str) -> str:
    """What a profile boots, from which arming makes a machine's file."""
    return f"grub/profiles/{name}.cfg"


def grub_kernel(distribution: str, path: str) -> str:
    return f"grub/{kernel_in_folder(distribution, path)}"


def is_grub_config(path: str) -> bool:
    """Whether a file could be one of GRUB's renderer that has its header, by its name. Armed files are not."""
    return bool(_GRUB.fullmatch(path))


def is_grub_kernel(path: str) -> bool:
    return bool(_GRUB_KERNEL.fullmatch(path))


def dashed(mac: str) -> str:
    return mac.lower().replace(":", "-")


# Kernels


def kernel_urls(distribution: Record, facts: t.Mapping[str, t.Any]) -> list[str]:
    """The URLs of kernel and initrds.

    :param facts: ``{kernel, initrd: [..], base_url}``: paths or URLs. Paths are relative to ``base_url``, by default
        the distribution's ``tree_url``.
    """
    if not has_kernel(facts):
        raise PxeError(
            f"site_distributions.{distribution['name']}: its kernel and initrd are not known: run the role media first"
        )
    base = (facts.get("base_url") or distribution["tree_url"]).rstrip("/")
    paths = [facts["kernel"], *facts["initrd"]]
    return [path if "://" in path else f"{base}/{path.lstrip('/')}" for path in paths]


def has_kernel(facts: t.Mapping[str, t.Any]) -> bool:
    return bool(facts.get("kernel") and facts.get("initrd"))
