# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Checks what a kickstart installs, and from where, against the metadata of an install tree."""

from __future__ import annotations

import fnmatch
import re
import typing as t
import urllib.parse

from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.findings import (
    ERROR,
    WARNING,
    Entry,
    Problem,
    Reading,
    Where,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.secrets import hide_users
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import nearest

try:
    from pykickstart.version import RHEL6
except ImportError:
    RHEL6 = 0

_ARCHITECTURES = frozenset(
    [
        *(
            "noarch",
            "x86_64",
            "x86_64_v2",
            "i386",
            "i486",
            "i586",
            "i686",
            "athlon",
            "ia64",
            "aarch64",
            "armv7hl",
        ),
        *("ppc", "ppc64", "ppc64le", "s390", "s390x", "riscv64", "src"),
    ]
)
_GLOB = re.compile(r"[*?\[]")
#: What anaconda can fetch by: url since EL 5, repo since EL 6.
_URL_SCHEMES = ("http", "https", "ftp", "file")
_REPO_SCHEMES = (*_URL_SCHEMES, "nfs", "hd", "media")
# Where anaconda mounts the medium that it was started from.
_OWN_MEDIUM = ("file:///run/install/", "file:///mnt/")
# Sources that are not our tree, or that hold no packages at all.
_OTHER_SOURCES = ("cdrom", "harddrive", "liveimg", "hmc", "ostreesetup", "ostreecontainer", "bootc")
_ADDRESSES = ("url", "baseurl", "mirrorlist", "metalink")


class Index(t.NamedTuple):
    """What a tree offers. Groups, environments and modules by their names in lower case.

    :arg disabled: the same of repositories that the installer does not use unless a kickstart names them, by path
    """

    packages: list[str]
    known: frozenset[str]
    groups: dict[str, str]
    environments: dict[str, str]
    modules: list[str]
    disabled: dict[str, Index]


def make_index(data: t.Mapping[str, t.Any]) -> Index:
    """Prepare what ``_repodata.index`` returns, for many kickstarts.

    ``provides``, if it is there, are further names by which packages can be asked for.
    """
    packages = list(data.get("packages") or [])
    return Index(
        packages,
        frozenset([*packages, *(data.get("provides") or [])]),
        _by_lower(data.get("groups") or []),
        _by_lower(data.get("environments") or []),
        list(data.get("modules") or []),
        {path: make_index(one) for path, one in (data.get("disabled") or {}).items()},
    )


def _with_named(index: Index, reading: Reading, urls: t.Sequence[str]) -> Index:
    """The index with the repositories of the tree that the kickstart names."""
    paths = {
        url[len(root.rstrip("/")) :].strip("/")
        for entry in reading.entries
        if entry.command in ("repo", "url")
        for _option, url in _urls_of(entry)
        for root in urls
        if _is_below(url, [root]) and not url.startswith(_OWN_MEDIUM)
    }
    for path in sorted(paths.intersection(index.disabled)):
        other = index.disabled[path]
        index = Index(
            [*index.packages, *other.packages],
            index.known | other.known,
            {**index.groups, **other.groups},
            {**index.environments, **other.environments},
            [*index.modules, *other.modules],
            {name: one for name, one in index.disabled.items() if name != path},
        )
    return index


def _elsewhere(line: str, index: Index, urls: t.Sequence[str]) -> str:
    """Where in the tree a line of ``%packages`` leads to, if the installer were told of it."""
    for path, one in index.disabled.items():
        if not _check_line(line, one)[0]:
            name = path.rpartition("/")[2]
            url = f"{urls[0].rstrip('/')}/{path}" if urls else f"http://SERVER/TREE/{path}"
            return (
                f"{line}: is in the tree's repository {path}, which the installer does not use unless it is told to; "
                f"write repo --name={name} --baseurl={url}, or the same into answers.repositories"
            )
    return ""


def _by_lower(names: t.Iterable[str]) -> dict[str, str]:
    return {name.lower(): name for name in names}


# Packages


def package_problems(reading: Reading, index: Index, urls: t.Sequence[str]) -> list[Problem]:
    """Packages, groups, environments and modules of ``%packages`` that are not in the tree.

    They are warnings where the installer would go on without them, or may find them in another repository.

    :arg urls: the tree's URLs
    """
    others = _other_sources(reading, urls)
    index = _with_named(index, reading, urls)
    found = []
    for where, line in reading.packages:
        if _is_everything(line, reading.version):
            continue
        kind, text = _check_line(line, index)
        text = (_elsewhere(line, index, urls) if kind else "") or text
        if kind and others:
            text += f" (only the tree was searched, not {others[0]})"
        if kind:
            severity = WARNING if others or reading.ignore_missing else ERROR
            found.append(Problem(where, severity, kind, text))
    return found


def _is_everything(line: str, version: int) -> bool:
    """Whether a line stands for all packages, as @Everything did until EL 5 (Installation Guide, 31.5)."""
    return re.match(r"@\s*everything\b", line, re.IGNORECASE) is not None and 0 < version < RHEL6


def _check_line(line: str, index: Index) -> tuple[str, str]:
    """Kind and text of what is wrong with a line of ``%packages``, or two empty ones."""
    if line.startswith("-"):
        # What is not there is not installed.
        return "", ""
    if line.startswith("@^"):
        name = line[2:].strip()
        return "unknown-group" if (text := _no_environment(name, index)) else "", text
    if line.startswith("@"):
        words = [word for word in line[1:].split() if not word.startswith("--")]
        return "unknown-group" if (text := _no_group(" ".join(words), index)) else "", text
    return "unknown-package" if (text := _no_package(line, index)) else "", text


def _no_environment(name: str, index: Index) -> str:
    if _is_among(name, index.environments):
        return ""
    near = nearest(name, index.environments.values())
    return f"@^{name}: the tree has no such environment; {_hint('@^', near)}"


def _no_group(name: str, index: Index) -> str:
    everything = {**index.groups, **index.environments}
    if _is_among(name, everything):
        return ""
    module = re.split("[:/]", name)[0]
    streams = sorted(each for each in index.modules if each.partition(":")[0] == module)
    if streams:
        # Without its profile: those are not in the index.
        wanted = name.partition("/")[0]
        if ":" not in wanted or wanted in streams:
            return ""
        return f"@{name}: the tree has only {', '.join(streams)} of this module"
    near = nearest(name, everything.values())
    return f"@{name}: the tree has no such group; {_hint('@', near)}"


def _is_among(name: str, names: t.Mapping[str, str]) -> bool:
    """Whether a name or a pattern stands for one of these: yum and dnf do not tell upper from lower case here."""
    lower = name.lower()
    return lower in names or (bool(_GLOB.search(lower)) and bool(fnmatch.filter(names, lower)))


def _no_package(name: str, index: Index) -> str:
    if name.startswith("/") or "(" in name or re.search("[<>=]", name):
        # A file, or something that packages provide: names are all that is known here.
        return ""
    if any(_is_package(each, index) for each in _readings(name)):
        return ""
    if len(name.split()) > 1:
        return f"{name}: the tree has no such package; write one in each line"
    near = nearest(name, index.packages, 0.7)
    return f"{name}: the tree has no such package; {_hint('', near)}"


def _is_package(name: str, index: Index) -> bool:
    return name in index.known or (bool(_GLOB.search(name)) and bool(fnmatch.filter(index.known, name)))


def _readings(spec: str) -> t.Iterator[str]:
    """The names that a package specification may mean: ``name``, ``name.arch``, ``name-version[-release][.arch]``."""
    yield spec
    base, dot, architecture = spec.rpartition(".")
    if dot and architecture in _ARCHITECTURES:
        spec = base
        yield spec
    # An epoch comes before the version, or before it all.
    spec = re.sub(r"^\d+:", "", spec)
    yield from (spec[: found.start()] for found in re.finditer(r"-(?=\d)", spec))


def _hint(prefix: str, near: str | None) -> str:
    return f"did you mean {prefix}{near}?" if near else "leave it out, or add a repository that has it"


def _other_sources(reading: Reading, urls: t.Sequence[str]) -> list[str]:
    """What may have packages that are not in the tree: shown in messages."""
    roots = [*urls]
    if not urls:
        roots += [
            str(entry.data.url) for entry in reading.entries if entry.command == "url" and entry.data.url
        ]
    found = [] if reading.complete else ["what the kickstart includes later"]
    for entry in reading.entries:
        if entry.command in _OTHER_SOURCES:
            found.append(entry.command)
        elif entry.command in ("url", "repo"):
            found += [hide_users(url) for _option, url in _urls_of(entry) if not _is_below(url, roots)]
        elif entry.command == "nfs" and urls and _nfs_url(entry) not in urls:
            found.append(_nfs_url(entry))
    return found


def _nfs_url(entry: Entry) -> str:
    return f"nfs:{entry.data.server}:{entry.data.dir}".rstrip("/")


def _urls_of(entry: Entry) -> list[tuple[str, str]]:
    """Option and URL, of a ``url`` or ``repo``."""
    values = ((name, getattr(entry.data, name, None)) for name in _ADDRESSES)
    return [(f"--{name}", value) for name, value in values if isinstance(value, str) and value]


def _is_below(url: str, roots: t.Iterable[str]) -> bool:
    if url.startswith(_OWN_MEDIUM):
        return True
    return any(f"{url.rstrip('/')}/".startswith(f"{root.rstrip('/')}/") for root in roots)


# Sources


def source_problems(
    reading: Reading, urls: t.Sequence[str], has_repository: t.Callable[[str], bool | None]
) -> list[Problem]:
    """``url`` and ``repo`` with addresses that cannot work, or that lead to another tree than the machine's.

    :arg urls: the tree's URLs; empty if they are not known
    :arg has_repository: whether the tree has a repository at this path; ``None`` if that is not known
    """
    found = []
    for entry in reading.entries:
        if entry.command not in ("url", "repo"):
            continue
        for option, url in _urls_of(entry):
            what = f"{entry.command} {option}={hide_users(url)}"
            text = _shape(entry.command, url) or _place(entry, url, urls, has_repository)
            if text:
                found.append(_source_error(entry.where, f"{what} {text}"))
    return found


def empty_tree_problems(reading: Reading, urls: t.Sequence[str]) -> list[Problem]:
    """Sources that lead to a tree without packages, which no installer takes.

    :arg urls: the tree's URLs
    """
    text = (
        "leads to a tree without packages, as of a boot or netinst image, which the installer refuses; list an image "
        "with packages in isos, such as the DVD, or write a kickstart of your own whose url leads to a repository"
    )
    return [
        _source_error(entry.where, f"{what} {text}")
        for entry in reading.entries
        for what, url in _sources_of(entry)
        if _is_below(url, urls) and not url.startswith(_OWN_MEDIUM)
    ]


def _sources_of(entry: Entry) -> list[tuple[str, str]]:
    """What a line says of where the packages are, and the URL. ``harddrive`` and ``cdrom`` mean the machine's own."""
    if entry.command == "nfs":
        url = _nfs_url(entry)
        return [(f"nfs {url.partition(':')[2]}", url)]
    urls = _urls_of(entry) if entry.command == "url" else []
    return [(f"url {option}={hide_users(url)}", url) for option, url in urls]


def _source_error(where: Where, text: str) -> Problem:
    return Problem(where, ERROR, "source", text)


def _shape(command: str, url: str) -> str:
    """What is wrong with a URL as such."""
    schemes = _URL_SCHEMES if command == "url" else _REPO_SCHEMES
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", url)
    if not scheme or scheme[1].lower() not in schemes:
        example = "nfs --server=… --dir=…" if scheme and scheme[1] == "nfs" else "http://server/folder"
        return f"is not a URL that this command takes; write {example}"
    if scheme[1].lower() in ("http", "https", "ftp"):
        try:
            host = urllib.parse.urlsplit(url).hostname
        except ValueError:
            host = None
        if not host:
            return "names no server; write one such as http://server/folder"
    return "has a blank in it; write %20" if re.search(r"\s", url) else ""


def _place(
    entry: Entry, url: str, urls: t.Sequence[str], has_repository: t.Callable[[str], bool | None]
) -> str:
    """What is wrong with a URL of this site."""
    for root in urls:
        base = root.rstrip("/")
        if _is_below(url, [base]) and not url.startswith(_OWN_MEDIUM):
            path = url[len(base) :].strip("/")
            if has_repository(path) is False:
                return "does not lead to a repository: the tree has neither .treeinfo nor repodata/repomd.xml there"
            return ""
        folder = base.rpartition("/")[0]
        # What else is beside a mirror's tree is not known.
        site = folder.endswith("/trees")
        if site and entry.command == "url" and _is_below(url, [folder]):
            return f"is another tree than that of this machine's distribution; write {base}"
    return ""
