# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What is mounted, what should be, and what must change: text in, decisions out."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._media.listings import Loop, Mount
from ansible_collections.netinstall.pxe.plugins.module_utils._media.unit_files import (
    ImageMount,
    Overlay,
    is_ours,
    parse_unit,
    unit_name,
    unit_text,
)

# Options of which /proc/self/mountinfo tells whether they are in force.
_VISIBLE = frozenset({"ro", "nosuid", "nodev", "noexec"})


@dataclass
class MountState:
    """A mount point as it is now. ``folder`` is ``missing``, ``empty``, ``full`` or ``other`` (no folder)."""

    mount: Mount | None = None
    loop: Loop | None = None
    unit: str | None = None
    enabled: bool = False
    folder: str = "missing"
    in_fstab: bool = False

    @property
    def ours(self) -> bool:
        return self.unit is not None and is_ours(self.unit)


@dataclass
class MountChange:
    """What is to be done, in order: folder, unmount, unit, mount, enable; or unmount, forget, remove_folder."""

    steps: list[str] = field(default_factory=list)
    reason: str = ""


def decide_present(wanted: ImageMount | Overlay, found: MountState) -> MountChange:
    """What must be done so that the image, or the folders, are mounted, now and after a reboot.

    :raises PxeError: somebody else's mount, unit or files are in the way.
    """
    text = unit_text(wanted)
    if isinstance(wanted, Overlay):
        return _decide(wanted.point, found, text, lambda: _why_overlay(wanted, found, text))
    return _decide(wanted.point, found, text, lambda: _why_remount(wanted, found, text))


def _decide(point: str, found: MountState, text: str, why: t.Callable[[], str]) -> MountChange:
    """
    :param text: the unit as it should be.
    :param why: says why what is mounted must be mounted again.
    """
    _refuse_strangers(point, found)
    decision = MountChange()
    if found.mount is None:
        _refuse_folder(point, found.folder)
        decision.reason = "not mounted"
        if found.folder == "missing":
            decision.steps.append("folder")
    else:
        decision.reason = why()
        if decision.reason:
            _refuse_foreign_mount(point, found)
            decision.steps.append("unmount")
    if found.unit != text:
        decision.steps.append("unit")
    if decision.reason:
        decision.steps.append("mount")
    if not found.enabled:
        decision.steps.append("enable")
    return decision


def decide_absent(point: str, found: MountState) -> MountChange:
    """What must be done so that nothing of ours is mounted there.

    :raises PxeError: what is mounted there is not ours.
    """
    if found.mount is None and not found.ours:
        return MountChange(["remove_folder"] if found.folder == "empty" else [])
    _refuse_strangers(point, found)
    _refuse_foreign_mount(point, found)
    steps = ["unmount"] if found.mount else []
    steps.append("forget")
    # What the mount covered is seen only afterwards; a folder that holds something is left.
    if found.mount or found.folder == "empty":
        steps.append("remove_folder")
    return MountChange(steps, "mounted" if found.mount else "")


def _refuse_strangers(point: str, found: MountState) -> None:
    if found.unit is not None and not found.ours:
        raise PxeError(
            f"{point}: the unit {unit_name(point)} is there, but is not this collection's; remove it first"
        )
    if found.in_fstab:
        raise PxeError(f"{point}: /etc/fstab mounts something there; remove that line first")


def _refuse_foreign_mount(point: str, found: MountState) -> None:
    if found.mount is not None and not found.ours:
        source = found.loop.file if found.loop else found.mount.source
        raise PxeError(
            f"{point}: {source} is mounted there, but not by this collection; run 'umount {point}' first"
        )


def _refuse_folder(point: str, folder: str) -> None:
    if folder == "full":
        raise PxeError(f"{point} is not empty, and a mount would hide what is in it; move it elsewhere")
    if folder == "other":
        raise PxeError(f"{point} is not a folder; remove it, or choose another mount point")


def _why_remount(wanted: ImageMount, found: MountState, text: str) -> str:
    """Why what is mounted is not what is wanted; empty when it is."""
    mount, loop = found.mount, found.loop
    if mount is None or mount.fstype != "iso9660" or loop is None:
        return "something else is mounted"
    if (loop.inode, loop.file_system) != (wanted.identity.inode, wanted.identity.file_system):
        return "another image is mounted"
    before, after = parse_unit(found.unit or ""), parse_unit(text)
    # The file was written over in place: what is mounted is a mixture of old and new.
    if found.unit and before.get("Image") != after["Image"]:
        return "the image was changed"
    if _VISIBLE & set(wanted.options) - mount.options or (found.unit and before != after):
        return "the options differ"
    return ""


def _why_overlay(wanted: Overlay, found: MountState, text: str) -> str:
    mount = found.mount
    if mount is None or mount.fstype != "overlay":
        return "something else is mounted"
    # Old kernels do not show it.
    if "lowerdir=" in mount.details and f"lowerdir={':'.join(wanted.layers)}" not in mount.details.split(","):
        return "other layers are mounted"
    before, after = parse_unit(found.unit or ""), parse_unit(text)
    if before.get("Layers") != after["Layers"]:
        return "the layers were changed"
    if _VISIBLE & set(wanted.options) - mount.options or before != after:
        return "the options differ"
    return ""


# Messages


def holders(links: t.Iterable[tuple[int, str, str]], point: str) -> str:
    """Name the processes that keep a mount busy.

    :param links: (process id, command name, a path it has open, works in or runs from).
    :returns: ``nginx (pid 812: /srv/pxe/trees/x/vmlinuz)``, joined by commas; empty when none is known.
    """
    found: dict[int, str] = {}
    for pid, name, path in links:
        if path == point or path.startswith(f"{point}/"):
            found.setdefault(pid, f"{name} (pid {pid}: {path})")
    return ", ".join(found.values())


def exported(exports: t.Iterable[str], point: str) -> str:
    """Name the NFS exports that keep a mount busy although no process has a file open; empty when there are none."""
    found = [path for path in exports if path == point or path.startswith(f"{point}/")]
    return ", ".join(f"the NFS export of {path} (exportfs -u)" for path in found)


def why_unmountable(filesystems: str, has_module: bool, kernel: str, wanted: str = "iso9660") -> str:
    """Say why the kernel cannot mount ISO images, or overlays; empty when it can.

    :param filesystems: /proc/filesystems.
    :param has_module: whether modprobe would find the module.
    :param wanted: the file system.
    """
    if has_module or wanted in filesystems.split():
        return ""
    what = "ISO images" if wanted == "iso9660" else "several images as one tree"
    return (
        f"the kernel {kernel} of this server cannot mount {what}: it has no {wanted} file system. If the kernel was "
        "upgraded, restart the server. Otherwise install one that has it (Debian: linux-image-amd64 or "
        "linux-image-cloud-amd64, Ubuntu: linux-generic, EL and Fedora: kernel-modules). A container uses its host's. "
        "Or copy what is in the images instead of mounting them: site_distributions.<name>.layout: copy"
    )
