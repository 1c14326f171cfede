# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's packages as apt sees them, from a private apt that leaves the machine's own alone."""

from __future__ import annotations

import re
import subprocess
import typing as t
import urllib.parse
from pathlib import Path

from _common import LabError, run

Stanza = dict[str, str]


class Apt:
    """An apt with its own lists and an empty dpkg status, so that a closure is complete. It has no sources at first."""

    def __init__(self, home: Path, options: t.Iterable[str]) -> None:
        for folder in ("lists/partial", "archives/partial", "etc", "none"):
            (home / folder).mkdir(parents=True, exist_ok=True)
        (home / "status").touch()
        self.home, self.lists, self.sources = home, home / "lists", home / "etc/lab.sources"
        self.sources.touch()
        self.config = home / "apt.conf"
        lines = [f'Dir::{name} "{home}/{path}";' for name, path in PLACES.items()]
        self.config.write_text("\n".join([*lines, *FIXED, *options]) + "\n", encoding="utf-8")

    def update(self, sources: str) -> None:
        """Replace the sources (deb822) and fetch their lists; raise LabError if one is missing, broken or unsigned."""
        self.sources.write_text(sources, encoding="utf-8")
        # By default apt only warns of a list that it could not fetch.
        done = subprocess.run(
            ["env", f"APT_CONFIG={self.config}", "apt-get", "update", "-qq", "--error-on=any"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise LabError(first_error(done.stderr) or f"apt-get update failed with status {done.returncode}")

    def targets(self, form: str) -> list[str]:
        """Return a line for each index of packages, in a format of `apt-get indextargets`."""
        return self.call("apt-get", "indextargets", "--format", form, "Created-By: Packages").splitlines()

    def call(self, program: str, *words: str) -> str:
        """Run one of apt's programs with this configuration."""
        return run(["env", f"APT_CONFIG={self.config}", program, *words])

    def index(self, component: str) -> list[Stanza]:
        """Return the packages of a component (`main`, `main/debian-installer`), each with its `Uri`."""
        stanzas = []
        for line in self.targets(INDEX_FORMAT):
            name, base, listed = line.split(" ", 2)
            if name == component:
                text = self.call("/usr/lib/apt/apt-helper", "cat-file", listed)
                stanzas += [{**stanza, "Uri": base + stanza["Filename"]} for stanza in parse_stanzas(text)]
        return stanzas

    def closure(self, names: t.Iterable[str]) -> set[str]:
        """Return the pool file names of packages and of all that they depend on."""
        lines = self.call("apt-get", "install", "--print-uris", "-qq", *names).splitlines()
        return {pool_name(line) for line in lines if line.startswith("'")}

    def download(self, wanted: t.Iterable[Stanza], into: Path) -> None:
        """Fetch packages into a pool, each checked against the signed index; what the mirror lacks is left out."""
        words = []
        for stanza in wanted:
            target = into / stanza["Filename"]
            target.parent.mkdir(parents=True, exist_ok=True)
            words += [stanza["Uri"], str(target), f"SHA256:{stanza['SHA256']}"]
        self.fetch(words)

    def fetch(self, words: list[str]) -> bool:
        """Fetch files, given as URI, target and hash each; return whether all came."""
        helper = ["env", f"APT_CONFIG={self.config}", "/usr/lib/apt/apt-helper", "download-file", *words]
        return (
            subprocess.run(
                helper, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
            ).returncode
            == 0
        )


PLACES = {
    "State": "",
    "State::status": "status",
    "State::lists": "lists",
    "Cache": "",
    "Cache::archives": "archives",
    "Etc": "etc",
    "Etc::sourcelist": "etc/lab.sources",
    "Etc::sourceparts": "none",
    "Etc::preferencesparts": "none",
    "Etc::parts": "none",
    "Log": "",
}
FIXED = (
    'APT::Install-Recommends "false";',
    'APT::Architecture "amd64";',
    'APT::Sandbox::User "root";',
    'Acquire::Languages "none";',
    'Acquire::GzipIndexes "true";',
)
INDEX_FORMAT = "$(COMPONENT) $(REPO_URI) $(FILENAME)"


def first_error(text: str) -> str:
    """Return what apt says first of a failure, as one line without the address of the server."""
    found = re.search(r"^[EW]: (.*?)(?: *\[IP: [^]]*\])?$", text, re.MULTILINE)
    return " ".join(found.group(1).split()) if found else ""


def parse_stanzas(text: str) -> list[Stanza]:
    """Return the stanzas of a control file (deb822; continuation lines keep their newline)."""
    stanzas = []
    for block in re.split(r"\n\s*\n", text.strip()):
        fields = re.findall(r"^([^\s:]+):[ \t]*(.*(?:\n[ \t].*)*)$", block, re.MULTILINE)
        if fields:
            stanzas.append(dict(fields))
    return stanzas


def format_stanza(stanza: Stanza) -> str:
    """Return a stanza as text, as it was read."""
    return "".join(f"{name}: {value}\n" for name, value in stanza.items())


def pool_name(line: str) -> str:
    """Return `pool/…/x.deb` of a line of `apt-get --print-uris`: 'URI' NAME SIZE HASH."""
    uri = urllib.parse.unquote(line.split("'")[1])
    if "/pool/" not in uri:
        raise LabError(f"{uri} is not in a Debian pool")
    return "pool/" + uri.split("/pool/", 1)[1]
