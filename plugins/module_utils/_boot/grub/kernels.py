# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""How GRUB starts the kernel of a distribution: from a copy that TFTP hands out, since signed GRUB may know no HTTP."""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._boot import paths
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import Kernel, SiteEntries
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.grub.script import (
    arguments,
    either,
    quoted,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError


def loading(kernel: Kernel, more: t.Sequence[str] = ()) -> list[str]:
    """The two commands that load a kernel and its initrds.

    :param more: arguments besides the kernel's own, quoted.
    """
    where = f"site_distributions.{kernel.distribution}"
    said = [word for part in kernel.arguments for word in arguments(part.said, part.address)]
    initrds = " ".join(_loaded(kernel, url, where) for url in kernel.initrds)
    return [
        " ".join(["linux", _loaded(kernel, kernel.url, where), *said, *more]),
        f"initrd {initrds}",
    ]


def when_loaded(commands: t.Sequence[str], then: t.Sequence[str]) -> list[str]:
    """Both commands, and what follows if nothing is missing."""
    linux, initrd = commands
    return either(linux, either(initrd, then))


def _loaded(kernel: Kernel, url: str, where: str) -> str:
    path = paths.grub_kernel(kernel.distribution, url).partition("/")[2]
    return f'"$prefix"/{quoted(path, where)}'


def kernel_copies(site: SiteEntries) -> dict[str, str]:
    """What must be copied from the install trees: path below trees/ by path."""
    kernels = {entry.boots.distribution: entry.boots for entry in (*site.profiles.values(), *site.rescues)}
    return {path: source for kernel in kernels.values() for path, source in _copies(kernel, site).items()}


def _copies(kernel: Kernel, site: SiteEntries) -> dict[str, str]:
    trees, where = f"{site.plan['urls']['trees']}/", f"site_distributions.{kernel.distribution}"
    found: dict[str, str] = {}
    for url in (kernel.url, *kernel.initrds):
        if not url.startswith(trees):
            raise PxeError(
                f"{where}: {url} is not on this server, and GRUB cannot load it by TFTP; write a path in the tree"
            )
        path = paths.grub_kernel(kernel.distribution, url)
        if path in found:
            raise PxeError(
                f"{where}: kernel and initrds need different file names, because they are copied into one folder"
            )
        found[path] = url[len(trees) :]
    return found
