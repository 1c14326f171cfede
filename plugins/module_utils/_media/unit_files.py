# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The systemd units that mount images, and several folders as one.

A mount is made persistent by a systemd mount unit of its own, not by a line of /etc/fstab: the file is ours alone,
so nobody's lines can be damaged and its presence says what is ours; its dependencies (the file system that holds
the image, the servers that must wait for the tree) are plain words; and a missing image cannot stop the boot.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

# First lines of our units: what carries one is ours.
_OURS = "# Made by netinstall.pxe."
MARKER = f"{_OURS}iso_mount; changes will be overwritten."
TREE_MARKER = f"{_OURS}install_tree; changes will be overwritten."
_IMAGE = "# Image: "
_LAYERS = "# Layers: "
_CONTEXT = re.compile(r"[A-Za-z0-9_.-]+(:[A-Za-z0-9_.-]+){2}(:[sc0-9.:,-]+)?")


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
class ImageMount:
    """An image, and how it is to be mounted. ``before`` are units that must wait for it."""

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
    literal = re.fullmatch(r"[A-Za-z0-9:_.]", char) and not (first and char == ".")
    return char if literal else f"\\x{byte:02x}"


def is_ours(unit: str) -> bool:
    return unit.startswith(_OURS)


def unit_text(wanted: ImageMount | Overlay) -> str:
    """The unit that mounts what is described.

    :raises PxeError: a path cannot stand in a unit, or in the option ``lowerdir``.
    """
    return _overlay_text(wanted) if isinstance(wanted, Overlay) else _image_text(wanted)


def _image_text(wanted: ImageMount) -> str:
    check_path(wanted.image)
    lines = [f"What={_doubled(wanted.image)}", "Type=iso9660", f"Options={','.join(wanted.options)}"]
    head = [MARKER, f"{_IMAGE}{wanted.identity.text}"]
    return _unit(head, wanted.point, [wanted.image], wanted.before, lines)


def _overlay_text(wanted: Overlay) -> str:
    """The unit that mounts the layers; it pulls in the units that mount these.

    There is no upper directory: so nobody can write to the tree, and its file systems are never written to.
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
