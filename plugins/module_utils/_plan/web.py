# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The part of the plan about what the web server shows besides: further URL paths, and files of the site's own."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._text.addresses import kind_of, shown
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import Section
from ansible_collections.netinstall.pxe.plugins.module_utils._text.texts import (
    one_of,
    parse_path,
    parse_text,
)

Record = dict[str, t.Any]

FILES_KEYS = ("folder", "path")
#: What everybody may read, below the site's root and by HTTP alike.
PUBLIC = ("boot", "files", "trees")
#: The first part of paths that mean something already.
_TAKEN = (
    *PUBLIC,
    *("answers", "events", "locked", "offers"),
    # Only nginx itself asks for these.
    *("netinstall-pxe-first", "netinstall-pxe-none", "netinstall-pxe-offer", "netinstall-pxe-release"),
)
_URL_PATH = re.compile(r"(/[A-Za-z0-9_@+~-][A-Za-z0-9._@+~-]*)+")
_TARGET = re.compile(r"[A-Za-z0-9_@+~-][A-Za-z0-9._@+~-]*(/[A-Za-z0-9_@+~-][A-Za-z0-9._@+~-]*)*")


def read_aliases(top: Section, distributions: t.Mapping[str, Record], files: Record | None) -> dict[str, str]:
    """Further paths of URLs: ``{/yum/CentOS6.8: trees/centos-6.8}``, each without a slash at its end."""
    value = top.data.get("aliases")
    if value is not None and not isinstance(value, dict):
        top.mistake("aliases", f"must be a mapping such as {{/pxefiles: boot}}, not {kind_of(value)}")
        value = None
    found: dict[str, str] = {}
    for key, target in (value or {}).items():
        try:
            path = parse_url_path(key)
            if path in found:
                raise PxeError("is there twice, with and without a slash at its end; write it once")
            found[path] = _target(target, distributions, files)
        except PxeError as error:
            top.mistake("aliases", str(error), str(key))
    return found


def parse_url_path(value: object) -> str:
    """The path of a URL that means nothing else yet."""
    text = parse_text(value).rstrip("/")
    if not _URL_PATH.fullmatch(text):
        raise PxeError(
            f"{shown(value)} is not the path of a URL; write one such as /yum/CentOS6.8, of letters, digits and "
            ". _ @ + ~ - between slashes, and no part that begins with a dot"
        )
    first = text.split("/")[1]
    if first in _TAKEN:
        raise PxeError(f"would hide a part of /{first}/, which the site needs; choose another path")
    return text


def _target(value: object, distributions: t.Mapping[str, Record], files: Record | None) -> str:
    """A folder or file below the site's root that everybody may read."""
    text = parse_text(value).rstrip("/")
    public = one_of([f"{name}/" for name in PUBLIC])
    if not _TARGET.fullmatch(text):
        raise PxeError(
            f"{shown(value)} is not a path below site_root; write one such as trees/centos-6, without '..'"
        )
    first, _slash, rest = text.partition("/")
    if first not in PUBLIC:
        raise PxeError(f"{shown(value)} is not public; write a folder or file below {public}")
    if first == "files" and files is None:
        raise PxeError("leads to the site's own files, but site_files is missing; describe them there")
    if first == "trees" and rest:
        _check_tree(rest.partition("/")[0], distributions)
    return text


def _check_tree(name: str, distributions: t.Mapping[str, Record]) -> None:
    described = distributions.get(name.removesuffix("-netboot"), distributions.get(name))
    if described is None:
        raise PxeError(f"there is no distribution {name!r}; write one of site_distributions, or describe it")
    if name in distributions and ("mirror" in described or "root" in described):
        raise PxeError(f"{name!r} has no tree on this server; only distributions made of images have one")
    if name not in distributions and not described["netboot"] and "mirror" not in described:
        raise PxeError(
            f"{name!r} will not be there: the kernel of {described['name']} is in its tree; "
            f"write trees/{described['name']}"
        )


def read_files(top: Section) -> Record | None:
    """The folder of files of the site's own: ``{folder}`` on the control node, or ``{path}`` on each web server."""
    if not top.data.get("files"):
        return None
    section = top.section("files", FILES_KEYS)
    found: Record = {"folder": section.get("folder", parse_text), "path": section.get("path", parse_path)}
    if section.broken:
        return None
    if bool(found["folder"]) == bool(found["path"]):
        section.mistake(
            "folder",
            "must be given, or else path, and not both; write {folder: public} for a folder beside the playbook or "
            "inventory, or {path: /srv/public} for one on the web server",
        )
    elif _is_within(found["path"], top.data.get("root") or "/srv/pxe"):
        section.mistake("path", f"{found['path']} is a part of the site; write a folder outside of site_root")
    return found


def _is_within(path: str | None, root: object) -> bool:
    """Whether one of them holds the other: answers must not be copied to where everybody reads them."""
    if not path or not isinstance(root, str):
        return False
    one, other = (f"{text.rstrip('/')}/" for text in (path, root))
    return one.startswith(other) or other.startswith(one)
