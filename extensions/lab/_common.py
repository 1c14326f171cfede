# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all parts of the lab share: its error, running programs, the cache of expensive files, apt sources."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import typing as t
from pathlib import Path

HERE = Path(__file__).resolve().parent


class LabError(Exception):
    """Something the user must know: what went wrong, and what to do about it."""


def say(text: str) -> None:
    """Tell the user, at once even through a pipe."""
    print(text, flush=True)


def run(argv: t.Sequence[str | Path], **options: t.Any) -> str:
    """Run a program and return its standard output; a failure shows the end of what it said."""
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, **options)
    except FileNotFoundError:
        raise LabError(
            f"{words[0]} is not installed; the lab needs the packages of {HERE / 'packages.txt'}"
        ) from None
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise LabError(f"{' '.join(words[:3])} … failed with status {done.returncode}:\n{tail}")
    return done.stdout


def words_of(path: Path) -> list[str]:
    """Return the lines of a list file without comments and blanks."""
    lines = (line.split("#", 1)[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


def cache_dir() -> Path:
    """Return the folder of reusable images: $LAB_CACHE, else below the user's cache folder."""
    named = os.environ.get("LAB_CACHE")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    path = Path(named) if named else home / "netinstall-lab"
    path.mkdir(parents=True, exist_ok=True)
    return path


def code_of(module: str) -> list[Path]:
    """Return a module of the lab and those that it imports: a change of any may change what it makes.

    This one is left out. All that it contributes to an image, sources and options of apt, is named in the image's key.
    """
    found: list[Path] = []
    wanted = [Path(module)]
    while wanted:
        path = wanted.pop()
        if path not in found:
            found.append(path)
            names = re.findall(r"^(?:from|import) (_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
            wanted += [
                path.with_name(f"{name}.py") for name in names if name not in ("__future__", "_common")
            ]
    return sorted(found)


def key_of(*inputs: str | Path) -> str:
    """Return a short hash of texts and of the contents of files, for the name of what is made from them."""
    digest = hashlib.sha256()
    for item in inputs:
        data = item.read_bytes() if isinstance(item, Path) else item.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:12]


def cached(name: str, build: t.Callable[[Path], None]) -> Path:
    """Return the folder `name` of the cache, made by build(folder) if it is not there.

    The folder is filled under another name and renamed when complete, so an interrupted build leaves nothing that
    looks finished. A lock keeps two labs from building the same thing twice.
    """
    final = cache_dir() / name
    if final.is_dir():
        return final
    with locked(cache_dir() / f".{name}.lock"):
        if not final.is_dir():
            # Under the lock, such a folder can only be what a killed build left.
            for left in cache_dir().glob(f".{name}.*/"):
                shutil.rmtree(left, ignore_errors=True)
            work = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=cache_dir()))
            # Without root, mmdebstrap reads and writes as a user of its own namespace.
            work.chmod(0o755)
            try:
                build(work)
                work.rename(final)
            finally:
                shutil.rmtree(work, ignore_errors=True)
    return final


@contextlib.contextmanager
def locked(path: Path) -> t.Iterator[None]:
    """Hold an exclusive lock on a file; the system drops it if this process dies."""
    with path.open("w", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def debian_uris(listing: str) -> dict[str, str]:
    """Return {uri: "main" | "security"} from lines of `apt-get indextargets`: "uri codename"."""
    found: dict[str, str] = {}
    for line in listing.splitlines():
        uri, _space, codename = line.partition(" ")
        suite = re.fullmatch(
            r"(bullseye|bookworm|trixie|forky|sid)(-updates|-security|-backports)?", codename
        )
        if suite:
            kind = "security" if suite.group(2) == "-security" else "main"
            found.setdefault(uri.rstrip("/"), kind)
    return found


def apt_options(dump: str) -> list[str]:
    """Return from `apt-config dump` the lines about reaching mirrors (proxies, TLS, dates), for another apt."""
    wanted = re.compile(
        r'Acquire::(http|https)::[\w:.-]+ "[^"]+";|Acquire::(Check-Valid-Until|Check-Date) "[^"]+";'
    )
    return [line for line in dump.splitlines() if wanted.fullmatch(line.strip())]
