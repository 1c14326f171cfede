# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Runs createrepo_c and modifyrepo_c for a repository whose packages lie on several discs.

createrepo_c 1.0 and later write what yum of EL 7 and before cannot read (Zstandard, packed groups), also some that
say ``--compatibility`` (its issues 383 and 403), and without ``-g`` every version drops the groups. Hence all options
are given each time, and what comes out is looked at.
"""

from __future__ import annotations

import os
import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import Runner, read_file
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import packed, repodata, repoxml, tree

# Those that not every version has are given where they are known.
_OPTIONS = ("--compatibility", "--no-database", "--general-compress-type=gz", "--compress-type=gz")
# Not every createrepo_c is built with these (WITH_LEGACY_HASHES); yum of EL 5 knows no others.
_OLD = ("md5", "sha", "sha1")
_TIMESTAMP = re.compile(rb"(<timestamp>)[0-9.]*(</timestamp>)")
# Says where a package's file is, by its path in the tree.
Place = t.Callable[[str], str]


def check_programs(run: Runner) -> None:
    """
    :raises PxeError: createrepo_c or modifyrepo_c is not installed.
    """
    for name in ("createrepo_c", "modifyrepo_c"):
        if run([name, "--version"])[0]:
            raise PxeError(
                f"{name} is not installed; it is needed to merge the packages of several images: install the package "
                "createrepo-c (Debian, Ubuntu) or createrepo_c (Enterprise Linux, Fedora)"
            )


def make(
    run: Runner, survey: tree.Survey, repository: tree.Repository, work: str, place: Place
) -> repodata.Repodata:
    """Generate a repository's metadata, in ``work``/repodata.

    Packages whose metadata are known are not opened: for createrepo_c empty files stand for them.

    :param work: an empty folder.
    :raises PxeError: a program fails, or what it made does not list what the tree has.
    """
    cache, known = survey.joined(repository)
    _write_all(os.path.join(work, "cache"), cache)
    _lay_out(os.path.join(work, "packages"), repository, known, place)
    comps, extras = survey.comps(repository), survey.extras(repository)
    said = _run_createrepo(run, work, repository.algorithm, survey.timestamp, comps)
    for kind, data in extras.items():
        _add(run, work, kind, data, "--compress-type=gz")
    found = repodata.read_folder(work)
    if comps is not None and not any(file.type == "group" for file in found.files):
        # createrepo_c 1.0.0 to 1.0.3 have only packed groups, which yum of EL 7 does not read.
        _add(run, work, "group", comps, "--no-compress")
    _settle(work, survey.timestamp, repository.algorithm)
    found = repodata.read_folder(work)
    try:
        wanted = {"primary", "filelists", "other", *extras, *(["group"] if comps is not None else [])}
        tree.check_merged(repository, found, survey.sizes(repository), wanted)
        if repository.algorithm in _OLD and len(known) < repository.count:
            _check_old(repository, found)
    except PxeError as exc:
        raise PxeError(f"{exc} {said}".rstrip()) from exc
    return found


def _check_old(repository: tree.Repository, found: repodata.Repodata) -> None:
    """
    :raises PxeError: this createrepo_c cannot hash packages as EL 5 needs it.
    """
    wrong = [package.href for package in found.packages if package.checksum[0] not in _OLD]
    if wrong:
        raise PxeError(
            f"createrepo_c of this server is built without SHA-1, which clients of this release need, and "
            f"{tree.some(wrong)} must be hashed, as no disc describes it"
        )


def _write_all(root: str, files: dict[str, bytes]) -> None:
    for path, data in files.items():
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        _write(full, data)


def _write(path: str, data: bytes) -> None:
    """Write a file that only this run needs; what becomes part of the tree is flushed when the tree is published."""
    with open(path, "wb") as file:
        file.write(data)


def _lay_out(root: str, repository: tree.Repository, known: set[str], place: Place) -> None:
    """A folder with a file for each package: an empty one, or a link to the package if it must be read."""
    folders = set()
    os.makedirs(root)
    for path in [*repository.chosen, *repository.unlisted]:
        full = os.path.join(root, path)
        folder = os.path.dirname(full)
        if folder not in folders:
            os.makedirs(folder, exist_ok=True)
            folders.add(folder)
        if path in known:
            os.close(os.open(full, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
        else:
            os.symlink(place(repository.full(path)), full)


def _run_createrepo(run: Runner, work: str, algorithm: str, timestamp: int, comps: bytes | None) -> str:
    """Run createrepo_c; return what it said."""
    command = ["createrepo_c", "--quiet", "--update", "--skip-stat", f"--update-md-path={work}/cache"]
    known = "".join(run(["createrepo_c", "--help"])[1:])
    command += [option for option in _OPTIONS if option.partition("=")[0] in known]
    command.append(f"--revision={timestamp}")
    if comps is not None:
        # A relative path would be looked up among the packages.
        _write(os.path.join(work, "comps.xml"), comps)
        command.append(f"--groupfile={work}/comps.xml")
    command += [f"--outputdir={work}", os.path.join(work, "packages")]
    status, out, err = run([*command, f"--checksum={algorithm}"])
    if status and algorithm in _OLD:
        # Built without; see _settle.
        status, out, err = run([*command, "--checksum=sha256"])
    # Some versions fail when a package is none; then the look at what they made says which.
    if status and not os.path.exists(os.path.join(work, repoxml.REPOMD)):
        raise PxeError(f"createrepo_c fails (status {status}): {(err or out).strip()}")
    return err.strip()


def _add(run: Runner, work: str, kind: str, data: bytes, option: str) -> None:
    """Add metadata of another kind. The file's name becomes that of the metadata."""
    name = os.path.join(work, {"group": "comps.xml", "modules": "modules.yaml"}.get(kind, kind))
    _write(name, data)
    command = ["modifyrepo_c", f"--mdtype={kind}", option, name, os.path.join(work, "repodata")]
    status, out, err = run(command)
    if status:
        raise PxeError(f"modifyrepo_c cannot add '{kind}': {(err or out).strip()}")


def _settle(work: str, timestamp: int, algorithm: str) -> None:
    """Make the same images give the same files: times are those of the release. And give checksums in its algorithm."""
    path = os.path.join(work, repoxml.REPOMD)
    text = _TIMESTAMP.sub(rb"\g<1>%d\g<2>" % timestamp, read_file(path))
    for file in repoxml.parse_repomd(text):
        if algorithm in _OLD and file.checksum[0] not in _OLD:
            stored = read_file(os.path.join(work, file.href))
            for data in (stored, packed.unpack(stored)):
                text = _rehash(text, data, file.checksum[0], algorithm)
    _write(path, text)


def _rehash(text: bytes, data: bytes, before: str, after: str) -> bytes:
    """Replace the checksums that data have in a text by those of another algorithm."""
    digests = [packed.digest(name, data).encode() for name in (before, after)]
    pattern = rb'type="%s">%s<' % (re.escape(before.encode()), digests[0])
    return re.sub(pattern, b'type="%s">%s<' % (after.encode(), digests[1]), text)
