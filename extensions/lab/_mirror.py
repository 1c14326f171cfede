# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's package lists, signed and whole, even while the mirror is being updated.

Then an index may differ from what the signed InRelease of its suite says, and apt refuses it, rightly. A mirror has the
same release once more under its alias (`stable` for `trixie`), which is often whole. If it is not, the lists that the
lab kept when it last found them whole are as good as they were: packages stay in the pool for a while.
"""

from __future__ import annotations

import re
import shutil
import time
import typing as t
from pathlib import Path

from _common import KEYRING, LabError, cache_dir, debian_uris, key_of, locked, run, say
from _packages import Apt, parse_stanzas

# Names that Debian gives a release besides its codename, as time goes by.
ALIASES = ("stable", "oldstable", "oldoldstable", "testing")
TARGETS = "$(REPO_URI) $(RELEASE) $(CODENAME)"


class Source(t.NamedTuple):
    """A suite of a mirror. `name` is what the mirror calls it: the suite's codename, or an alias of it."""

    uri: str
    suite: str
    components: str
    name: str
    keyring: str = KEYRING

    def stanza(self) -> str:
        """Return the source in apt's deb822 format."""
        return (
            f"Types: deb\nURIs: {self.uri}\nSuites: {self.name}\nComponents: {self.components}\n"
            f"Signed-By: {self.keyring}\n"
        )

    def aliases(self) -> list[Source]:
        """Return the same suite under each other name that it may have: stable-updates for trixie-updates."""
        _release, dash, pocket = self.suite.partition("-")
        return [self._replace(name=alias + dash + pocket) for alias in ALIASES]


def debian_sources(release: str, components: str = "main", updates: bool = True) -> list[Source]:
    """Return the suites of a Debian release, on the mirrors that this machine's own apt uses for Debian.

    Without `updates`, the last point release alone: what an installation image holds.
    """
    uris = debian_uris(run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME)"]))
    if "main" not in uris.values():
        raise LabError("this machine's apt has no source for Debian; add one and run apt-get update")
    suites = {
        "main": [release, f"{release}-updates"] if updates else [release],
        "security": [f"{release}-security"] if updates else [],
    }
    return [Source(uri, suite, components, suite) for uri, kind in uris.items() for suite in suites[kind]]


def text_of(sources: t.Iterable[Source]) -> str:
    """Return sources in apt's deb822 format."""
    return "\n".join(source.stanza() for source in sources)


def whole_lists(home: Path, sources: list[Source], options: list[str]) -> Apt:
    """Return a private apt in a folder, with lists of all sources that are signed and whole.

    Each source is taken by its codename, else by an alias of the same codename. If neither is whole, all come from
    the lists kept from before.
    """
    apt, kept = Apt(home, options), cache_dir() / f"lists-{key_of(text_of(sources), *options)}"
    taken: list[Source] = []
    for source in sources:
        try:
            taken.append(take(apt, taken, source))
        except LabError as error:
            return from_kept(apt, kept, error)
    keep(apt, kept)
    return apt


def take(apt: Apt, taken: list[Source], source: Source) -> Source:
    """Add a source to those of an apt, and return it by the name under which the mirror has it whole."""
    try:
        apt.update(text_of([*taken, source]))
        return source
    except LabError as error:
        first = error
    for alias in source.aliases():
        if codename(apt, alias) != source.suite:
            continue
        try:
            apt.update(text_of([*taken, alias]))
        except LabError:
            continue
        # What apt accepted is signed; what was asked before was not.
        if f"{alias.uri.rstrip('/')}/ {alias.name} {source.suite}" in apt.targets(TARGETS):
            say(
                f"  {source.suite} is not whole on the mirror; taking {alias.name}, the same release, which is"
            )
            return alias
    raise LabError(
        f"{source.uri} does not have {source.suite} whole and signed, neither by this name nor by an alias "
        f"({first}), and no lists are kept from before: wait until the mirror's update is complete, or "
        "let this machine's apt use another mirror of Debian (/etc/apt/sources.list.d), and try again"
    )


def codename(apt: Apt, source: Source) -> str:
    """Return the codename that a mirror's InRelease says, without a look at its signature; empty if it has none."""
    target = apt.home / "InRelease"
    target.unlink(missing_ok=True)
    if not apt.fetch([f"{source.uri.rstrip('/')}/dists/{source.name}/InRelease", str(target)]):
        return ""
    found = re.search(
        r"^Codename: *(\S+)", target.read_text(encoding="utf-8", errors="replace"), re.MULTILINE
    )
    return found.group(1) if found else ""


def keep(apt: Apt, kept: Path) -> None:
    """Keep lists that are whole for days on which the mirror's are not."""
    with locked(kept.with_name(f".{kept.name}.lock")):
        fresh, stale = kept.with_name(f".{kept.name}.new"), kept.with_name(f".{kept.name}.old")
        for folder in (fresh, stale):
            shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(apt.lists, fresh / "lists", ignore=shutil.ignore_patterns("partial", "lock"))
        shutil.copy(apt.sources, fresh)
        if kept.exists():
            kept.rename(stale)
        fresh.rename(kept)
        shutil.rmtree(stale, ignore_errors=True)


def from_kept(apt: Apt, kept: Path, error: LabError) -> Apt:
    """Return an apt with the lists kept from before; without any, raise the error."""
    with locked(kept.with_name(f".{kept.name}.lock")):
        if not kept.exists():
            raise error
        date = time.strftime("%Y-%m-%d %H:%M", time.localtime(kept.stat().st_mtime))
        shutil.rmtree(apt.lists)
        shutil.copytree(kept / "lists", apt.lists)
        shutil.copy(kept / apt.sources.name, apt.sources)
    (apt.lists / "partial").mkdir()
    names = " ".join(stanza["Suites"] for stanza in parse_stanzas(apt.sources.read_text(encoding="utf-8")))
    say(f"  the mirror has no whole and signed lists; taking those kept on {date} ({names})")
    return apt
