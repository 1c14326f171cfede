# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Finds the URLs in answer files and scripts that lead to the site's own servers, and what each means there.

What the installer itself fetches ends the installation if it is not there; what a script fetches may be meant so.
"""

from __future__ import annotations

import posixpath
import re
import typing as t
import urllib.parse

from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import nearest

# As far as a shell, a kickstart or a preseed file reads it, at most.
_URL = re.compile(
    r"(?P<scheme>https?|ftp)://(?P<host>[A-Za-z0-9.-]+)(?::(?P<port>[0-9]+))?(?P<path>/[^\s'\"`<>|;()\\]*)?"
)
# What stands for something that is only known later: the path is looked at up to there.
_LATER = re.compile(r"[$*?{}\[\]#&]")
_PORTS = {"http": 80, "ftp": 21}
_SECTION = re.compile(r"%(pre|post|pre-install|onerror|traceback|addon|anaconda|packages)\b")
_PUBLIC = ("boot", "files", "trees")


class Url(t.NamedTuple):
    """A URL of the site: in which line, whether the installer itself fetches it, and its path below the server.

    ``whole`` says whether all of the path is known; else it is the folder up to where it is not.
    """

    line: int
    url: str
    scheme: str
    path: str
    whole: bool
    needed: bool


class Target(t.NamedTuple):
    """What a URL leads to: a path below the site's root, or else what is wrong with it."""

    path: str
    mistake: str


def servers_of(plan: t.Mapping[str, t.Any]) -> frozenset[tuple[str, str, int]]:
    """Scheme, host and port of the site's web and FTP servers, by address and by name."""
    services = plan.get("services") or {}
    records = [services, *(plan.get("servers") or {}).values()]
    found = {("http", *_host_of(url)) for url in (plan.get("urls") or {}).values()}
    for record in records:
        for scheme in _PORTS:
            service = record.get(scheme) or {}
            if service.get("url"):
                host, port = _host_of(service["url"])
                found |= {(scheme, host, port), (scheme, service.get("address") or host, port)}
    return frozenset(found)


def _host_of(url: str) -> tuple[str, int]:
    parts = urllib.parse.urlsplit(url)
    return (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme, 0)


def find(text: str, servers: t.Collection[tuple[str, str, int]], kind: str) -> list[Url]:
    """The URLs of the site, in the order of the text; comments are ignored.

    :arg kind: ``kickstart``, ``preseed``, or anything else for a script
    """
    found = []
    for number, (line, needed) in enumerate(_lines(text, kind), 1):
        for match in _URL.finditer(line):
            host = (
                match["scheme"],
                match["host"].lower(),
                int(match["port"] or _PORTS.get(match["scheme"], 443)),
            )
            if host in servers:
                path, whole = _path(match["path"] or "/")
                found.append(Url(number, match[0].rstrip(".,:"), match["scheme"], path, whole, needed))
    return found


def _path(text: str) -> tuple[str, bool]:
    """The path without what is only known later, and whether it is all."""
    later = _LATER.search(text)
    known = text[: later.start()].rpartition("/")[0] + "/" if later else text.rstrip(".,:")
    path = posixpath.normpath(urllib.parse.unquote(known)).lstrip("/")
    return "" if path == "." else path, later is None


def _lines(text: str, kind: str) -> t.Iterator[tuple[str, bool]]:
    """Each line, empty if it is a comment, with whether the installer itself reads it."""
    script, going_on = kind not in ("kickstart", "preseed"), False
    for line in text.split("\n"):
        if kind == "kickstart":
            if line.startswith("%end"):
                script = False
            elif _SECTION.match(line):
                script = True
        elif kind == "preseed" and not going_on:
            words = line.split()
            script = len(words) > 1 and words[1].endswith("_command")
        going_on = line.endswith("\\")
        yield ("" if line.lstrip().startswith("#") else line), not script


def target(url: Url, plan: t.Mapping[str, t.Any]) -> Target:
    """Where a URL leads to. A path of nothing, and no mistake: it is another thing of the site's own."""
    first = url.path.partition("/")[0]
    if url.scheme == "ftp":
        said = "" if first == "trees" else "FTP serves install trees only"
        return Target("" if said else url.path, said)
    if first in ("answers", "events"):
        return Target("", "only the machine that it belongs to may fetch it, and only while it is armed")
    if first in _PUBLIC:
        return Target(url.path, "")
    if first in ("locked", "offers"):
        return Target("", "")
    aliases: t.Mapping[str, str] = plan.get("aliases") or {}
    for alias in sorted(aliases, key=len, reverse=True):
        if f"/{url.path}/".startswith(f"{alias}/"):
            return Target(f"{aliases[alias]}/{url.path[len(alias) :]}".rstrip("/"), "")
    near = nearest(f"/{url.path}", [*aliases, *(f"/{name}" for name in _PUBLIC)])
    hint = (
        f"; did you mean {near}?"
        if near
        else "; serve it under this path by site_aliases, or correct the URL"
    )
    return Target("", f"the web server serves nothing there{hint}")


def is_laid_out_later(path: str, plan: t.Mapping[str, t.Any]) -> bool:
    """Whether a path that is not there is a tree of the site's, which is another matter."""
    parts = path.rstrip("/").split("/")
    return parts[0] == "trees" and (
        len(parts) == 1 or (len(parts) == 2 and parts[1] in plan["distributions"])
    )
