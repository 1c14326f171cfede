# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The images that a tree is made of: which they are, how messages call them, and a look at what is in them."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._media import mount_units
from ansible_collections.netinstall.pxe.plugins.module_utils._media.images import (
    open_file,
    open_image,
    verify,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._media.iso import Image
from ansible_collections.netinstall.pxe.plugins.module_utils._media.unit_files import Identity
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.packed import Unpack
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.survey import survey
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.tree import NamedDisc, Survey


class Images:
    """The images of a tree.

    :param name: how messages call the tree.
    :param described: ``{path, checksum}`` of each, in the order of the discs.
    """

    def __init__(self, name: str | None, described: t.Sequence[t.Mapping[str, t.Any]]) -> None:
        self.name, self.described = name, described

    @property
    def names(self) -> list[str]:
        """How messages call the images."""
        paths = [image["path"] for image in self.described]
        return [f"{self.name}.isos[{at}] ({path})" for at, path in enumerate(paths)] if self.name else paths

    @contextlib.contextmanager
    def _telling(self, number: int) -> t.Iterator[None]:
        """Say of an error which image it is about."""
        try:
            yield
        except PxeError as exc:
            address = f"{self.name}.isos[{number}]: " if self.name else ""
            raise PxeError(f"{address}{exc}") from exc

    def identify(self, stamps: str | None, keep: bool) -> tuple[tuple[str, Identity], ...]:
        """The path and identity of each image, whose checksum is compared.

        :param stamps: where computed checksums are kept, if ``keep``.
        :raises PxeError: there is none, or one is not there, not the described one, or there twice.
        """
        if not self.described:
            raise PxeError("images: is empty; list the images of the tree")
        found = []
        for number, image in enumerate(self.described):
            with self._telling(number):
                found.append((image["path"], mount_units.identity_of(image["path"])))
                if image["checksum"]:
                    verify(image["path"], image["checksum"], stamps, keep)
        for number, (_path, identity) in enumerate(found):
            if identity in [other for _other, other in found[:number]]:
                raise PxeError(f"{self.names[number]}: is listed twice; list each disc once")
        return tuple(found)

    def survey(
        self,
        stack: contextlib.ExitStack,
        kernel: str | None,
        initrd: t.Sequence[str],
        unzstd: Unpack | None,
    ) -> Survey:
        """Look at the images, which stay open as long as the stack."""
        discs = []
        for number, image in enumerate(self.described):
            with self._telling(number):
                with open_image(image["path"]):
                    # It is whole. Opened anew, as what goes wrong later may have nothing to do with it.
                    file = stack.enter_context(open_file(image["path"]))
                discs.append(NamedDisc(Image(file), self.names[number]))
        return survey(discs, self.names, kernel, initrd, unzstd)
