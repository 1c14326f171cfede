# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the new system boot from its disk: Debian's GRUB, on BIOS and on UEFI.

On UEFI it puts GRUB where firmware looks without being told (EFI/BOOT/BOOTX64.EFI). Unlike anaconda it leaves the
firmware's own list of what to boot as it is: the lab's machines ask the network first.
"""

from __future__ import annotations

import typing as t
from pathlib import Path

from .console import FailedError, run
from .kickstart import command

SERIAL = "serial --unit=0 --speed=115200\nterminal_input serial console\nterminal_output serial console\n"


def install_words(uefi: bool, system: Path, disk: str) -> list[str]:
    """Return the grub-install command."""
    words = ["grub-install", f"--boot-directory={system}/boot", "--no-floppy"]
    if uefi:
        return [
            *words,
            "--target=x86_64-efi",
            f"--efi-directory={system}/boot/efi",
            "--removable",
            "--no-nvram",
        ]
    return [*words, "--target=i386-pc", f"/dev/{disk}"]


def kernel_arguments(handler: t.Any, root: str, installer: str) -> str:
    """Return the new system's kernel command line; consoles are those of the installer, as with anaconda."""
    consoles = [word for word in installer.split() if word.startswith("console=")]
    added = (command(handler, "bootloader", "appendLine", "") or "").split()
    return " ".join([f"root={root}", "ro", *(word for word in consoles if word not in added), *added])


def grub_cfg(title: str, kernel: str, arguments: str, folder: str, uuid: str) -> str:
    """Return grub.cfg. `folder`: that of the kernels in the file system with this UUID, `/` or `/boot/`."""
    serial = SERIAL if "console=ttyS0" in arguments else ""
    return f"""\
{serial}set timeout=1
set default=0
menuentry "{title} ({kernel})" {{
  search --no-floppy --fs-uuid --set=root {uuid}
  linux {folder}vmlinuz-{kernel} {arguments}
  initrd {folder}initramfs-{kernel}.img
}}
"""


def installed_kernel(system: Path) -> str:
    """Return the release of the kernel that the packages have brought."""
    found = sorted(path.name.partition("-")[2] for path in (system / "boot").glob("vmlinuz-*"))
    if not found:
        raise FailedError("the packages have brought no kernel")
    return found[-1]


def install(uefi: bool, system: Path, disk: str, text: str) -> None:
    """Put GRUB onto the disk, with this grub.cfg."""
    run(install_words(uefi, system, disk))
    (system / "boot/grub/grub.cfg").write_text(text, encoding="utf-8")
