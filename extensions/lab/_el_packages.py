# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which packages the Enterprise Linux lookalikes have, and the texts that describe them: spec, comps, modules.

Texts and tables only; `_el_rpms` makes the packages.
"""

from __future__ import annotations

import textwrap
import typing as t
from xml.sax.saxutils import escape

from _common import HERE, LabError

TABLE = HERE / "el/packages.txt"
COLUMNS = 4
VENDOR = "NetinstallEL"
# Groups of comps: id → name, description. Their order is that of the file.
GROUPS = {
    "core": ("Core", "Smallest possible installation"),
    "base": ("Base", "The basic installation"),
    "development": ("Development tools", "A basic development environment"),
    "web-server": ("Web Server", "Allows the system to act as a web server"),
}
# Where each release says what a minimal installation is: EL 6 has no environments.
ENVIRONMENTS = {7: ("minimal", "Minimal Install"), 9: ("minimal-environment", "Minimal Install")}
# The module of EL 9's AppStream: name, stream, packages.
MODULE = ("nodejs", "18", ("nodejs",))


class Release(t.NamedTuple):
    """A release that the lab imitates. `timestamp` is that of its build, as .discinfo has it (Unix seconds)."""

    number: int
    version: str
    timestamp: str
    stage2: str


RELEASES = {
    "el6": Release(6, "6.8", "1790413283.391366", "images/install.img"),
    "el7": Release(7, "7.9", "1790603728.831612", "LiveOS/squashfs.img"),
    "el9": Release(9, "9.4", "1790714283", "images/install.img"),
}


class Package(t.NamedTuple):
    """A line of packages.txt. `groups`: id → whether the package is optional in it."""

    name: str
    releases: frozenset[int]
    disc: int
    groups: dict[str, bool]
    requires: tuple[str, ...]


def read(text: str) -> list[Package]:
    """Return the packages of a table; raise LabError with the line for one that makes no sense."""
    found: list[Package] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("#", 1)[0].split()
        if words:
            try:
                found.append(package(words))
            except ValueError as error:
                raise LabError(f"packages.txt:{number}: {error}") from None
    return found


def package(words: list[str]) -> Package:
    """Return a package from the words of its line."""
    if len(words) < COLUMNS:
        raise ValueError("write name, releases, disc, groups, and what it requires")
    name, on, disc, listed = words[:COLUMNS]
    numbers = {release.number for release in RELEASES.values()}
    releases = frozenset(numbers if on == "*" else (int(word) for word in on.split(",")))
    groups = {} if listed == "-" else {word.rstrip("?"): word.endswith("?") for word in listed.split(",")}
    if disc not in ("1", "2") or not releases <= numbers or groups.keys() - GROUPS.keys():
        raise ValueError(f"disc {disc}, releases {on} or groups {listed} are not known")
    return Package(name, releases, int(disc), groups, tuple(words[COLUMNS:]))


def of_release(packages: t.Iterable[Package], number: int) -> list[Package]:
    """Return the packages of a release; raise LabError when one of them requires what is not there."""
    kept = [package for package in packages if number in package.releases]
    names = {package.name for package in kept}
    for one in kept:
        missing = set(one.requires) - names
        if missing:
            raise LabError(
                f"packages.txt: {one.name} requires {', '.join(sorted(missing))}, not in EL {number}"
            )
    return kept


def table(number: int) -> list[Package]:
    """Return the packages of a release of the lab."""
    return of_release(read(TABLE.read_text(encoding="utf-8")), number)


def file_name(package: Package, number: int, native: bool) -> str:
    """Return the name of the file that rpmbuild makes of a package."""
    return f"{package.name}-1.0-1.el{number}.{'x86_64' if native else 'noarch'}.rpm"


def spec(packages: t.Iterable[Package], number: int, files: dict[str, list[str]]) -> str:
    """Return one spec for many packages.

    `files` holds the lines of %files of those with contents of their own; they are for x86_64, all others are noarch
    and hold a README.
    """
    head = f"""\
        Name: {VENDOR.lower()}
        Version: 1.0
        Release: 1.el{number}
        Summary: Packages of the lab's lookalike
        License: GPL-3.0-or-later
        %description
        Never built; its sub-packages are.
        %install
        cp -a %{{contents}}/. %{{buildroot}}/
        """
    parts = [textwrap.dedent(head)]
    parts += [sub_package(one, files.get(one.name)) for one in packages]
    return "\n".join(parts)


def sub_package(package: Package, files: list[str] | None) -> str:
    """Return the part of a spec that makes one package."""
    lines = [f"%package -n {package.name}", f"Summary: {summary(package.name)}", "AutoReqProv: no"]
    lines += ["BuildArch: noarch"] if files is None else []
    lines += [f"Requires: {name}" for name in package.requires]
    lines += [f"%description -n {package.name}", summary(package.name) + "."]
    lines += [f"%files -n {package.name}", *(files or []), readme(package.name)]
    return "\n".join(lines) + "\n"


def summary(name: str) -> str:
    """Return what a package says of itself."""
    return f"A stand-in for {name} in the lab's lookalike of Enterprise Linux"


def readme(name: str) -> str:
    """Return the path of the text file in a package."""
    return f"/usr/share/doc/{name}-1.0/README"


def comps(packages: t.Sequence[Package], number: int) -> str:
    """Return comps.xml for a repository with these packages (format: libcomps, comps.dtd)."""
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<!DOCTYPE comps PUBLIC "-//Red Hat, Inc.//DTD Comps info//EN" "comps.dtd">',
        "<comps>",
    ]
    listed = {name: [one for one in packages if name in one.groups] for name in GROUPS}
    parts += [group(name, members) for name, members in listed.items() if members]
    parts += [
        f"  <category><id>base-system</id><name>Base System</name><grouplist>{ids(['base'])}</grouplist></category>"
    ]
    if number in ENVIRONMENTS and listed["core"]:
        parts.append(environment(*ENVIRONMENTS[number]))
    return "\n".join([*parts, "</comps>", ""])


def group(name: str, members: t.Iterable[Package]) -> str:
    """Return a group of comps."""
    title, description = GROUPS[name]
    wanted = "\n".join(
        f'      <packagereq type="{"optional" if one.groups[name] else "mandatory"}">{escape(one.name)}</packagereq>'
        for one in members
    )
    return f"""\
  <group>
    <id>{name}</id>
    <name>{title}</name>
    <description>{description}</description>
    <default>{str(name == "core").lower()}</default>
    <uservisible>{str(name != "core").lower()}</uservisible>
    <packagelist>
{wanted}
    </packagelist>
  </group>"""


def environment(name: str, title: str) -> str:
    """Return an environment of comps: the core, and more if wanted."""
    return f"""\
  <environment>
    <id>{name}</id>
    <name>{title}</name>
    <description>Basic functionality.</description>
    <display_order>10</display_order>
    <grouplist>{ids(["core"])}</grouplist>
    <optionlist>{ids(["base", "development"])}</optionlist>
  </environment>"""


def ids(names: t.Iterable[str]) -> str:
    """Return groups as comps refers to them."""
    return "".join(f"<groupid>{name}</groupid>" for name in names)


def modules(number: int) -> str:
    """Return modules.yaml (format: modulemd 2, modulemd-defaults 1): one module with a default stream."""
    name, stream, members = MODULE
    artifacts = "\n".join(f"    - {one}-0:1.0-1.el{number}.noarch" for one in members)
    api = "\n".join(f"    - {one}" for one in members)
    return f"""\
---
document: modulemd
version: 2
data:
  name: {name}
  stream: "{stream}"
  version: 90420261001000000
  context: "00000000"
  arch: x86_64
  summary: {summary(name)}
  description: {summary(name)}.
  license:
    module:
    - GPL-3.0-or-later
  dependencies:
  - requires:
      platform: [el{number}]
  profiles:
    common:
      rpms:
{textwrap.indent(api, "  ")}
  api:
    rpms:
{api}
  artifacts:
    rpms:
{artifacts}
...
---
document: modulemd-defaults
version: 1
data:
  module: {name}
  stream: "{stream}"
  profiles:
    "{stream}": [common]
...
"""
