# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Looks at the tree that images make, and at all that could be wrong with it, without changing or mounting anything."""

from __future__ import annotations

import hashlib
import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._media.iso import links_out
from ansible_collections.netinstall.pxe.plugins.module_utils._text import treeinfo
from ansible_collections.netinstall.pxe.plugins.module_utils._text.treeinfo import known_product
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import repodata, repomerge
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.packed import Unpack
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.repoxml import REPOMD
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.tree import (
    DISCINFO,
    SMALL,
    TREEINFOS,
    Disc,
    Item,
    Repository,
    Survey,
    name_of,
    reader,
    resolve,
    some,
    text_of,
    unite,
)


class _Surveyor:
    """Looks at everything that could be wrong, and collects what is."""

    def __init__(self, discs: t.Sequence[Disc], names: t.Sequence[str], unzstd: Unpack | None) -> None:
        self.discs, self.names = discs, names
        items, clashes = unite([dict(disc.walk()) for disc in discs], self._same)
        self.survey = Survey(discs, unzstd, items, clashes)
        self.survey.links_out = links_out({path: item.entry.target for path, item in items.items()})
        self.clashed = {clash.path for clash in clashes}
        self.treeinfo = self._read_treeinfo()
        self.discinfos = [self._read_discinfo(disc) for disc in discs]

    def _same(self, one: Item, other: Item) -> bool:
        # Both have one size, so both come in pieces of the same sizes.
        left, right = (self.discs[item.disc].content(item.entry) for item in (one, other))
        return all(first == second for first, second in zip(left, right))

    def problem(self, disc: int, text: str) -> None:
        self.survey.problems.append(f"{self.names[disc]}: {text}")

    def warn(self, disc: int, text: str) -> None:
        self.survey.warnings.append(f"{self.names[disc]}: {text}")

    # What discs say of themselves

    def _read_treeinfo(self) -> treeinfo.TreeInfo:
        for path in TREEINFOS:
            try:
                data = self.survey.read(path)
                if data is not None:
                    return treeinfo.parse(text_of(data))
            except PxeError as exc:
                self.problem(self.survey.disc_of(path), str(exc))
        return treeinfo.TreeInfo()

    def _read_discinfo(self, disc: Disc) -> treeinfo.DiscInfo | None:
        data = disc.read(DISCINFO, SMALL)
        try:
            return treeinfo.parse_discinfo(text_of(data)) if data is not None else None
        except PxeError:
            # Nothing depends on it.
            return None

    def check_set(self) -> None:
        """The discs must be of one release, each once, in their order; further ones must have packages."""
        first = self.discinfos[0]
        products = [self._product(disc) for disc in range(len(self.discs))]
        for disc, product in enumerate(products[1:], start=1):
            if product and products[0] and product != products[0]:
                self.problem(
                    disc,
                    f"is of {product}, but {self.names[0]} is of {products[0]}; give the discs of one product, and the "
                    "other one a distribution of its own",
                )
        holding = {item.disc for path, item in self.survey.items.items() if path.endswith(".rpm")}
        for disc, info in enumerate(self.discinfos[1:], start=1):
            if first and info:
                self._check_disc(disc, info, first)
            elif not info and disc not in holding:
                self.problem(
                    disc,
                    f"is not a further disc of {self.names[0]}: it has neither .discinfo nor further packages",
                )

    def _product(self, number: int) -> str | None:
        """The product that a disc says it is of; many of one number differ in nothing else."""
        disc, info = self.discs[number], self.discinfos[number]
        texts = [info.release] if info else []
        for path in (*TREEINFOS, "media.repo"):
            text = text_of(disc.read(path, SMALL) or b"")
            texts += [
                line.partition("=")[2]
                for line in text.splitlines()
                if re.match(r"(family|name)[ \t]*=", line)
            ]
        return next((product for product in map(known_product, texts) if product), None)

    def _check_disc(self, disc: int, info: treeinfo.DiscInfo, first: treeinfo.DiscInfo) -> None:
        own, others = (", ".join(map(str, one.discs)) for one in (info, first))
        if (info.release, info.arch) != (first.release, first.arch):
            self.problem(
                disc,
                f"is of '{info.release}' for {info.arch}, but {self.names[0]} is of '{first.release}' for "
                f"{first.arch}; give the discs of one release",
            )
        elif own and own == others:
            self.problem(disc, f"is disc {own} of its set, and so is {self.names[0]}; give each disc once")
        elif own and others and info.discs < first.discs:
            self.problem(
                disc,
                f"is disc {own} of its set, but {self.names[0]} is disc {others}; list them in their order",
            )

    def check_links(self) -> None:
        """A web server would follow a link out of the tree to files of its own."""
        for disc in range(len(self.discs)):
            paths = [path for path in self.survey.links_out if self.survey.items[path].disc == disc]
            if paths:
                shown = [f"{path} -> {self.survey.links_out[path]}" for path in paths]
                self.warn(
                    disc, f"has {len(paths)} links that point outside it ({some(shown)}); they are left out"
                )

    # Kernel, initrd, stage 2

    def check_installer(self, kernel: str | None, initrd: t.Sequence[str]) -> None:
        survey, info = self.survey, self.treeinfo
        survey.kernel = kernel or info.kernel
        survey.initrd = list(initrd) or ([info.initrd] if info.initrd else [])
        survey.stage2 = info.stage2
        if not survey.kernel or not survey.initrd:
            self.problem(
                0,
                "carries no known installer: it has no .treeinfo that names kernel and initrd; "
                "list disc 1 first, or describe kernel and initrd (paths inside the image)",
            )
        named = [("kernel", survey.kernel), *(("initrd", path) for path in survey.initrd)]
        for what, path in [*named, ("stage 2", survey.stage2)]:
            if path and not survey.find(path):
                self.problem(0, f"has no file '{path}', which is its {what}")
        self._check_checksums({survey.kernel, *survey.initrd, survey.stage2})

    def _check_checksums(self, needed: set[str | None]) -> None:
        """Compare files with .treeinfo. A wrong one that no machine needs is only worth a warning."""
        for path, (algorithm, wanted) in self.treeinfo.checksums.items():
            # Many a disc was mastered from a tree whose metadata were other ones.
            if path.endswith(REPOMD) or not self.survey.find(path):
                continue
            found = _digest(algorithm, self.survey.chunks(path))
            if found not in (None, wanted):
                tell = self.problem if path in needed else self.warn
                text = f"{path} has {algorithm} {found}, not {wanted} as .treeinfo says: it is damaged"
                tell(self.survey.disc_of(path), text)

    # Repositories

    def check_repositories(self) -> None:
        ids = {path: identifier for identifier, path in self.treeinfo.repositories}
        for path in _repository_folders(self.survey.items):
            repository = self._repository(path, ids.get(path) or name_of(path) or "base")
            if repository:
                repository.enabled = self._is_enabled(path, ids)
                self.survey.repositories.append(repository)
        self._check_named(ids)
        covered = {path for repository in self.survey.repositories for path in self._choose(repository)}
        self._place_unlisted(covered)
        for repository in self.survey.repositories:
            self._decide(repository)

    def _is_enabled(self, path: str, named: t.Mapping[str, str]) -> bool:
        """Whether the installer uses this repository without being told to.

        It takes the tree's own, and those that .treeinfo names; EL 6 and 7 add those of add-ons, but disabled
        (anaconda, rhel7-branch, yumpayload.py: "Addons are added to the kickstart, but are disabled by default").
        Where .treeinfo names none, as that of EL 5, it is not known.
        """
        # productmd's .treeinfo came with EL 8: with all that it names, add-ons included.
        old = re.match(r"[67](\.|$)", self.treeinfo.version or "")
        if path == "" or not self.treeinfo.repositories:
            return True
        return path in named and not (old and path in self.treeinfo.addons)

    def _check_named(self, paths: t.Iterable[str]) -> None:
        there = _repository_folders(self.survey.items)
        # Without .treeinfo it may be an installer that knows no such repositories.
        if not there and self.treeinfo.family:
            self.warn(
                0,
                "holds no packages: it is a boot or netinst image, from which alone nothing can be installed; list an "
                "image with packages, such as the DVD, or write kickstarts whose url leads to a repository elsewhere",
            )
        for path in paths:
            if there and path not in there:
                self.problem(0, f".treeinfo names the repository '{path or '.'}', which has no {REPOMD}")

    def _repository(self, path: str, identifier: str) -> Repository | None:
        """Read the metadata that the discs have of a repository; ``None`` when those that are seen are damaged."""
        found = Repository(path, identifier, 0, {})
        repomd = found.full(REPOMD)
        found.visible = self.survey.disc_of(repomd)
        for number, disc in enumerate(self.discs):
            # An earlier disc may have a link or a file where this one has the folder.
            if number < found.visible or disc.read(repomd, 1) is None:
                continue
            try:
                found.listings[number] = repodata.read(reader(disc, found), self.survey.unzstd)
            except PxeError as exc:
                self.problem(number, f"{path}/{exc}" if path else str(exc))
        return found if found.visible in found.listings else None

    def _choose(self, repository: Repository) -> set[str]:
        """Choose for each package the metadata to be believed; return the files that are described."""
        covered = set()
        absent: dict[int, list[str]] = {}
        for path, sizes in _sizes(repository).items():
            real = resolve(self.survey.items, repository.full(path))
            item = self.survey.find(repository.full(path))
            if real is None or item is None:
                absent.setdefault(min(sizes), []).append(path)
                continue
            covered.add(real)
            fitting = [disc for disc in sorted(sizes) if sizes[disc] == item.entry.size]
            if real in self.clashed:
                fitting = [disc for disc in fitting if disc == item.disc]
            self._take(repository, path, item, sizes, fitting)
        for disc, paths in absent.items():
            self._tell_absent(repository, disc, paths)
        return covered

    def _take(
        self, repository: Repository, path: str, item: Item, sizes: dict[int, int], fitting: list[int]
    ) -> None:
        """Take over one package.

        :param sizes: what the discs' metadata say of its size.
        :param fitting: the discs whose metadata fit the file.
        """
        if fitting:
            # A file's own disc knows it best.
            repository.chosen[path] = item.disc if item.disc in fitting else fitting[0]
            repository.merge |= repository.visible not in fitting
        elif item.disc not in sizes and len(self.discs) > 1:
            repository.unlisted.append(path)
        else:
            says = sizes.get(item.disc, min(sizes.values()))
            self.problem(
                item.disc,
                f"{repository.full(path)} has {item.entry.size} bytes, not {says} as "
                f"{repository.full('repodata')} says: the image is damaged",
            )

    def _tell_absent(self, repository: Repository, disc: int, paths: list[str]) -> None:
        """Packages that are on no disc: of one that is not given, if the first one says that it is not all."""
        where, number = repository.full("repodata"), len(paths)
        text = f"{where} lists {number} packages that are on none of the images ({some(paths)})"
        info = self.discinfos[0]
        if info and info.discs:
            repository.merge = True
            self.warn(disc, f"{text}; they are left out. List the discs that hold them as well")
        else:
            self.problem(disc, f"{text}: the image is damaged, or a disc is missing")

    def _place_unlisted(self, covered: set[str]) -> None:
        """Give packages of discs without metadata to the nearest repository."""
        by_path = {repository.path: repository for repository in self.survey.repositories}
        lost: dict[int, list[str]] = {}
        for path, item in self.survey.items.items():
            if not path.endswith(".rpm") or path in covered or item.entry.is_folder or item.entry.target:
                continue
            owner = next((by_path[folder] for folder in _above(path) if folder in by_path), None)
            if owner is None:
                lost.setdefault(item.disc, []).append(path)
            elif item.disc not in owner.listings:
                owner.unlisted.append(path[len(owner.path) :].lstrip("/"))
        for disc, paths in lost.items() if by_path else ():
            self.warn(disc, f"{len(paths)} packages lie outside of every repository ({some(paths)})")

    def _decide(self, repository: Repository) -> None:
        """Decide whether metadata must be rebuilt."""
        repository.merge |= bool(repository.unlisted)
        if len(self.discs) > 1 and not repository.merge:
            # Those that list several discs name the disc of each package, which not every client passes over.
            primary = self.survey.raw(repository, repository.visible, "primary")
            repository.merge = primary is not None and repomerge.names_discs(primary)
        if repository.merge and any(".." in path.split("/") for path in repository.chosen):
            self.problem(
                repository.visible,
                f"{repository.full('repodata')} lists packages outside of its repository, so that it cannot be "
                "joined with what other discs have",
            )


def survey(
    discs: t.Sequence[Disc],
    names: t.Sequence[str],
    kernel: str | None = None,
    initrd: t.Sequence[str] = (),
    unzstd: Unpack | None = None,
) -> Survey:
    """Look at the tree that images make, without changing or mounting anything.

    :param names: how messages call the images.
    :param kernel: path in the tree; ``None``: as .treeinfo says; likewise ``initrd``.
    """
    surveyor = _Surveyor(discs, names, unzstd)
    surveyor.check_set()
    surveyor.check_links()
    surveyor.check_installer(kernel, initrd)
    surveyor.check_repositories()
    found = surveyor.survey
    found.single_image = len(discs) == 1 and not found.merged and not found.links_out
    return found


def _repository_folders(items: t.Mapping[str, Item]) -> list[str]:
    """The folders that hold a repository, sorted; the tree itself is ``""``."""
    suffix = f"/{REPOMD}"
    return sorted(f"/{path}"[: -len(suffix)].lstrip("/") for path in items if f"/{path}".endswith(suffix))


def _sizes(repository: Repository) -> dict[str, dict[int, int]]:
    """Path → disc → size, of every package that the metadata of any disc list. What lies elsewhere is ignored."""
    found: dict[str, dict[int, int]] = {}
    for disc, data in repository.listings.items():
        for package in data.packages:
            if "://" not in package.href:
                found.setdefault(package.href, {})[disc] = package.size
    return found


def _above(path: str) -> t.Iterator[str]:
    """The folders that a file is in, from the inside out."""
    while path:
        path = path.rpartition("/")[0]
        yield path


def _digest(algorithm: str, chunks: t.Iterator[bytes]) -> str | None:
    """A digest in hexadecimal digits; ``None`` when nobody here knows the algorithm."""
    try:
        digest = hashlib.new(algorithm, usedforsecurity=False)
    except (ValueError, TypeError):
        return None
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()
