# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decides which repositories there are and what dnf is asked for. Computes only."""

from __future__ import annotations

import configparser
import typing as t

from pykickstart import constants

from .console import FailedError
from .kickstart import command
from .storage import Plan

# file: a tree that the first stage mounted by NFS.
SCHEMES = ("http://", "https://", "ftp://", "file://")
# What anaconda adds to every installation.
ALWAYS = {"kernel"}
LOADERS = {
    (6, False): {"grub"},
    (6, True): {"grub", "efibootmgr"},
    (7, False): {"grub2"},
    (7, True): {"grub2-efi-x64", "shim-x64", "efibootmgr"},
    (9, False): {"grub2-pc"},
    (9, True): {"grub2-efi-x64", "shim-x64", "efibootmgr"},
}
FILE_SYSTEMS = {"xfs": "xfsprogs", "ext4": "e2fsprogs", "lvmpv": "lvm2"}


class Repository(t.NamedTuple):
    """A repository: its id, where it is, and which packages of it count (globs; none: all)."""

    name: str
    url: str
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


def tree(handler: t.Any, given: str) -> str:
    """Return the install tree: what the kernel command line says, else the kickstart's url."""
    found = given or command(handler, "url", "url") or ""
    if not found:
        raise FailedError(
            "the kickstart has no url --url=, and the kernel command line names no install tree"
        )
    if not found.startswith(SCHEMES):
        raise FailedError(f"{found}: the stand-in installs from http, https, ftp and nfs only")
    return found.rstrip("/")


def repositories(url: str, treeinfo: str, extra: t.Iterable[t.Any]) -> list[Repository]:
    """Return a tree's own repositories, by its .treeinfo where that names variants, and those of `repo` commands."""
    found = [
        Repository(name, url if path == "." else f"{url}/{path}") for name, path in variants(treeinfo)
    ] or [Repository("anaconda", url)]
    for one in extra:
        if not one.baseurl:
            raise FailedError(f"repo {one.name}: the stand-in takes --baseurl only")
        found.append(
            Repository(
                one.name, one.baseurl.rstrip("/"), tuple(one.includepkgs or ()), tuple(one.excludepkgs or ())
            )
        )
    return found


def variants(treeinfo: str) -> list[tuple[str, str]]:
    """Return (id, path) of the repositories that a .treeinfo in productmd's form names."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(treeinfo)
    listed = parser.get("tree", "variants", fallback="")
    found = []
    for name in [word.strip() for word in listed.split(",") if word.strip()]:
        path = parser.get(f"variant-{name}", "repository", fallback="")
        if path:
            found.append((name, path.rstrip("/")))
    return found


def wanted(packages: t.Any, plan: Plan, release: int, uefi: bool) -> list[str]:
    """Return what to install, in dnf's words: names, @groups, and what anaconda itself adds."""
    groups = [f"@{one.name}" for one in packages.groupList]
    if packages.environment:
        # Kickstarts and anaconda write @^NAME for an environment, the command dnf does not.
        groups.insert(0, f"@{packages.environment}")
    if release <= 6 and packages.addBase and "@base" not in [name.lower() for name in groups]:
        groups.append("@base")
    if not packages.nocore and "@core" not in [name.lower() for name in groups]:
        groups.append("@core")
    own = ALWAYS | LOADERS[min(release, 9) if release != 8 else 7, uefi]
    own |= {FILE_SYSTEMS[one.wish.fstype] for one in plan.pieces() if one.wish.fstype in FILE_SYSTEMS}
    return [*groups, *sorted(own | set(packages.packageList))]


def dnf_words(
    root: str, release: int, repos: list[Repository], packages: t.Any, names: list[str]
) -> list[str]:
    """Return the dnf command that installs into a root."""
    words = [
        "dnf",
        "-y",
        f"--installroot={root}",
        f"--releasever={release}",
        "--nogpgcheck",
        "--disableplugin=*",
    ]
    # The machine's own repositories are none of this installation's.
    settings = {
        "reposdir": "/dev/null",
        "varsdir": "/dev/null",
        "module_platform_id": f"platform:el{release}",
        "install_weak_deps": str(not packages.excludeWeakdeps),
        "strict": str(packages.handleMissing != constants.KS_MISSING_IGNORE),
    }
    if any(one.include == constants.GROUP_ALL for one in packages.groupList):
        settings["group_package_types"] = "mandatory,default,optional"
    if packages.excludeDocs:
        settings["tsflags"] = "nodocs"
    for repo in repos:
        words.append(f"--repofrompath={repo.name},{repo.url}")
        settings |= {f"{repo.name}.includepkgs": ",".join(repo.only)} if repo.only else {}
        settings |= {f"{repo.name}.excludepkgs": ",".join(repo.without)} if repo.without else {}
    words += [f"--setopt={name}={value}" for name, value in settings.items()]
    words += [f"--exclude={name}" for name in packages.excludedList]
    return [*words, "install", *names]
