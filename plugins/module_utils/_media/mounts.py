# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What is mounted, what should be, and what must change: text in, decisions out.

A mount is made persistent by a systemd mount unit of its own, not by a line of /etc/fstab: the file is ours alone,
so nobody's lines can be damaged and its presence says what is ours; its dependencies (the file system that holds
the image, the servers that must wait for the tree) are plain words; and a missing image cannot stop the boot.
"""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

# First lines of our units: what carries one is ours.
_OURS = "# Made by netinstall.pxe."
MARKER = f"{_OURS}iso_mount; changes will be overwritten."
TREE_MARKER = f"{_OURS}install_tree; changes will be overwritten."
# Options of which /proc/self/mountinfo tells whether they are in force.
_VISIBLE = frozenset({"ro", "nosuid", "nodev", "noexec"})
_IMAGE = "# Image: "
_LAYERS = "# Layers: "


@dataclass(frozen=True)
class Mount:
    """A line of mountinfo. ``device`` is major:minor; ``details`` are the file system's own options."""

    point: str
    source: str
    fstype: str
    device: str
    options: frozenset[str]
    details: str = field(default="", compare=False)


@dataclass(frozen=True)
class Loop:
    """A loop device and the file behind it: path, inode number and the file system's major:minor."""

    device: str
    file: str
    inode: int
    file_system: str


@dataclass(frozen=True)
class Identity:
    """Tells an image from another one under the same name. ``modified`` is in nanoseconds since 1970."""

    inode: int
    file_system: str
    size: int
    modified: int

    @property
    def text(self) -> str:
        # Without the file system's number, which may be another one after a reboot.
        return f"inode {self.inode}, {self.size} bytes, modified {self.modified}"


@dataclass(frozen=True)
class Wanted:
    """A mount as described. ``before`` are units that must wait for it."""

    image: str
    point: str
    identity: Identity
    options: tuple[str, ...]
    before: tuple[str, ...] = ()


@dataclass(frozen=True)
class Overlay:
    """Several folders mounted as one, read-only. Of what has the same name, the first layer's is seen.

    ``content`` tells layers from other ones under the same names.
    """

    point: str
    layers: tuple[str, ...]
    content: str
    options: tuple[str, ...]
    before: tuple[str, ...] = ()


@dataclass
class Found:
    """What is there now. ``folder`` is ``missing``, ``empty``, ``full`` or ``other`` (no folder)."""

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
class Decision:
    """Steps to take, in order: folder, unmount, unit, mount, enable; or unmount, forget, remove_folder."""

    steps: list[str] = field(default_factory=list)
    reason: str = ""


# Reading the system's own listings


def parse_mountinfo(text: str) -> list[Mount]:
    """Parse /proc/self/mountinfo (proc_pid_mountinfo(5)); lines that do not fit are passed over."""
    mounts = []
    for line in text.splitlines():
        front, dash, back = line.partition(" - ")
        fields, kind = front.split(" "), back.split(" ")
        if not dash or len(fields) < 6 or len(kind) < 2:
            continue
        options = frozenset(fields[5].split(","))
        details = _unescape(kind[2]) if len(kind) > 2 else ""
        mounts.append(Mount(_unescape(fields[4]), _unescape(kind[1]), kind[0], fields[2], options, details))
    return mounts


def mounted_at(mounts: t.Iterable[Mount], point: str) -> Mount | None:
    """The mount that is seen at a path: the last one, as each covers those before it."""
    return next((mount for mount in reversed(list(mounts)) if mount.point == point), None)


def mounted_below(mounts: t.Iterable[Mount], point: str) -> list[str]:
    return [mount.point for mount in mounts if mount.point.startswith(f"{point}/")]


def parse_losetup(text: str) -> list[Loop]:
    """Parse ``losetup --list --json -O NAME,BACK-FILE,BACK-INO,BACK-MAJ:MIN``.

    Old versions of util-linux write numbers as strings, and nothing at all when there is no loop device.

    :raises PxeError: the text is not such a listing.
    """
    try:
        rows = json.loads(text)["loopdevices"] if text.strip() else []
        return [
            Loop(row["name"], row["back-file"] or "", int(row["back-ino"]), str(row["back-maj:min"]).strip())
            for row in rows
        ]
    except (ValueError, KeyError, TypeError) as exc:
        raise PxeError(f"cannot understand what losetup says: {exc!r}") from exc


def parse_fstab(text: str) -> dict[str, str]:
    """Mount point → device of /etc/fstab (fstab(5))."""
    lines = (line.split() for line in text.splitlines() if not line.lstrip().startswith("#"))
    return {_unescape(words[1]).rstrip("/") or "/": _unescape(words[0]) for words in lines if len(words) >= 2}


def _unescape(text: str) -> str:
    r"""Undo the kernel's octal escapes: ``\040`` is a blank."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8) & 0xFF), text)


# Units


def unit_name(point: str) -> str:
    """The name systemd demands of a path's mount unit (systemd.unit(5), string escaping for inclusion)."""
    path = "/".join(part for part in point.split("/") if part)
    if not path:
        return "-.mount"
    escaped = "".join(_escape(byte, first=number == 0) for number, byte in enumerate(path.encode()))
    return f"{escaped}.mount"


def _escape(byte: int, first: bool) -> str:
    char = chr(byte)
    if char == "/":
        return "-"
    plain = re.fullmatch(r"[A-Za-z0-9:_.]", char) and not (first and char == ".")
    return char if plain else f"\\x{byte:02x}"


def is_ours(unit: str) -> bool:
    return unit.startswith(_OURS)


def unit_text(wanted: Wanted) -> str:
    """The unit that mounts the image.

    :raises PxeError: a path cannot stand in a unit.
    """
    check_path(wanted.image)
    lines = [f"What={_doubled(wanted.image)}", "Type=iso9660", f"Options={','.join(wanted.options)}"]
    head = [MARKER, f"{_IMAGE}{wanted.identity.text}"]
    return _unit(head, wanted.point, [wanted.image], wanted.before, lines)


def overlay_text(wanted: Overlay) -> str:
    """The unit that mounts the layers; it pulls in the units that mount these.

    There is no upper directory: so nobody can write to the tree, and its file systems are never written to.

    :raises PxeError: a path cannot stand in a unit, or in the option ``lowerdir``.
    """
    for layer in wanted.layers:
        check_path(layer)
        if re.search(r'[:,\\"]', layer):
            raise PxeError(
                f"'{layer}': colons, commas, quotes and backslashes cannot stand in the path of an overlay's layer; "
                "choose another folder, or the layout copy"
            )
    options = ",".join((*wanted.options, f"lowerdir={':'.join(wanted.layers)}"))
    lines = ["What=overlay", "Type=overlay", f"Options={_doubled(options)}"]
    return _unit(
        [TREE_MARKER, f"{_LAYERS}{wanted.content}"], wanted.point, wanted.layers, wanted.before, lines
    )


def _unit(
    head: list[str], point: str, needs: t.Iterable[str], before: t.Iterable[str], lines: list[str]
) -> str:
    """A mount unit.

    It stands aside from local-fs.target (``DefaultDependencies=no``, which is what ``nofail`` means in
    /etc/fstab, but on every version of systemd): an image that is missing must not stop the server's boot, and one
    that lies on a network file system must not make the boot wait for itself.
    """
    check_path(point)
    where = _doubled(point)
    return "\n".join(
        [
            *head,
            "[Unit]",
            f"Description=Install tree {where}",
            "DefaultDependencies=no",
            f"RequiresMountsFor={' '.join(map(_quoted, needs))}",
            "After=local-fs.target",
            f"Before={' '.join(('umount.target', *before))}",
            "Conflicts=umount.target",
            "",
            "[Mount]",
            lines[0],
            f"Where={where}",
            *lines[1:],
            "",
            "[Install]",
            "WantedBy=multi-user.target",
            "",
        ]
    )


def _doubled(text: str) -> str:
    """With percent signs that systemd takes for themselves."""
    return text.replace("%", "%%")


def _quoted(path: str) -> str:
    escaped = _doubled(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def check_path(path: str) -> None:
    """Refuse what cannot stand in a unit.

    :raises PxeError: the path is not absolute, or holds control characters, outer blanks or a final backslash.
    """
    if not path.startswith("/") or "/../" in f"{path}/":
        raise PxeError(f"'{path}': write an absolute path without '..'")
    if path != path.strip() or path.endswith("\\") or re.search(r"[\x00-\x1f\x7f]", path):
        raise PxeError(
            f"'{path}': control characters, outer blanks or a final backslash cannot stand in a mount unit"
        )


def parse_unit(unit: str) -> dict[str, str]:
    """What decides whether a unit mounts the same thing: What, Where, Type, Options and what tells its source."""
    found = {}
    for line in unit.splitlines():
        for key, start in (("Image", _IMAGE), ("Layers", _LAYERS)):
            if line.startswith(start):
                found[key] = line[len(start) :]
        key, equals, value = line.partition("=")
        if equals and key in ("What", "Where", "Type", "Options"):
            found[key] = value.replace("%%", "%") if key in ("What", "Where") else value
    return found


_CONTEXT = re.compile(r"[A-Za-z0-9_.-]+(:[A-Za-z0-9_.-]+){2}(:[sc0-9.:,-]+)?")


def with_context(options: t.Sequence[str], context: str | None, selinux: bool) -> tuple[str, ...]:
    """Mount options, with the SELinux context that all files get, on a kernel with SELinux.

    :raises PxeError: it is no context, or the options give one already.
    """
    if not context:
        return tuple(options)
    if not _CONTEXT.fullmatch(context):
        raise PxeError(
            f"context '{context}': write user, role, type and level, such as system_u:object_r:public_content_t:s0"
        )
    if any(re.match(r"(fs|def|root)?context=", option) for option in options):
        raise PxeError("context: options has an SELinux context already; write it in one place only")
    # Other kernels refuse the option. A comma between categories would end it.
    quoted = f'"{context}"' if "," in context else context
    return (*options, f"context={quoted}") if selinux else tuple(options)


# Deciding


def decide_present(wanted: Wanted, found: Found) -> Decision:
    """What must be done so that the image is mounted, now and after a reboot.

    :raises PxeError: somebody else's mount, unit or files are in the way.
    """
    text = unit_text(wanted)
    return _decide(wanted.point, found, text, lambda: _why_remount(wanted, found, text))


def decide_overlay(wanted: Overlay, found: Found) -> Decision:
    """The same for an overlay.

    :raises PxeError: somebody else's mount, unit or files are in the way.
    """
    text = overlay_text(wanted)
    return _decide(wanted.point, found, text, lambda: _why_overlay(wanted, found, text))


def _decide(point: str, found: Found, text: str, why: t.Callable[[], str]) -> Decision:
    """
    :param text: the unit as it should be.
    :param why: says why what is mounted must be mounted again.
    """
    _refuse_strangers(point, found)
    decision = Decision()
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


def decide_absent(point: str, found: Found) -> Decision:
    """What must be done so that nothing of ours is mounted there.

    :raises PxeError: what is mounted there is not ours.
    """
    if found.mount is None and not found.ours:
        return Decision(["remove_folder"] if found.folder == "empty" else [])
    _refuse_strangers(point, found)
    _refuse_foreign_mount(point, found)
    steps = ["unmount"] if found.mount else []
    steps.append("forget")
    # What the mount covered is seen only afterwards; a folder that holds something is left.
    if found.mount or found.folder == "empty":
        steps.append("remove_folder")
    return Decision(steps, "mounted" if found.mount else "")


def _refuse_strangers(point: str, found: Found) -> None:
    if found.unit is not None and not found.ours:
        raise PxeError(
            f"{point}: the unit {unit_name(point)} is there, but is not this collection's; remove it first"
        )
    if found.in_fstab:
        raise PxeError(f"{point}: /etc/fstab mounts something there; remove that line first")


def _refuse_foreign_mount(point: str, found: Found) -> None:
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


def _why_remount(wanted: Wanted, found: Found, text: str) -> str:
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


def _why_overlay(wanted: Overlay, found: Found, text: str) -> str:
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


def parse_exports(text: str) -> list[str]:
    """Paths in /var/lib/nfs/etab, of which each line is a path, a tab and the clients (exportfs(8))."""
    return list(dict.fromkeys(_unescape(line.split("\t")[0]) for line in text.splitlines() if "\t" in line))


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
