# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""How pxelinux starts the kernel of a distribution: by URL, or in the plain chain as a copy in its folder."""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._boot import paths
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import Kernel
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.config import (
    Chain,
    all_arguments,
    file_name,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError


def start(chain: Chain, kernel: Kernel, more: t.Sequence[str] = ()) -> list[str]:
    """:param more: arguments besides the kernel's own."""
    arguments = [*all_arguments(kernel.arguments), *more]
    url, initrds = kernel_files(chain, kernel)
    return [
        f"  KERNEL {url}",
        f"  INITRD {','.join(initrds)}",
        *([f"  APPEND {' '.join(arguments)}"] if arguments else []),
        # BOOTIF=, by which installers find the network card that they were booted from.
        "  IPAPPEND 2",
    ]


def kernel_files(chain: Chain, kernel: Kernel) -> tuple[str, list[str]]:
    """Kernel and initrds as pxelinux names them: URLs, or for the plain chain copies in the folder."""
    where = f"site_distributions.{kernel.distribution}"
    urls = [kernel.url, *kernel.initrds]
    if chain.plain:
        copies = kernel_copies(chain, kernel)
        if len(copies) < len(urls):
            raise PxeError(
                f"{where}: kernel and initrds need different file names, because they are copied into one folder"
            )
        urls = list(copies)
    found = [file_name(name, where) for name in urls]
    for name in found:
        if "," in name:
            raise PxeError(
                f"{where}: '{name}' has a comma in it, which ends the name of an initrd for pxelinux"
            )
    return found[0], found[1:]


def kernel_copies(chain: Chain, kernel: Kernel) -> dict[str, str]:
    """For the plain chain, what must be copied from the install trees: path below trees/ by path in the folder.

    TFTP shows the folder alone: its server may be closed into it, so that no link leads out.
    """
    trees = f"{chain.site.plan['urls']['trees']}/"
    found = {}
    for url in (kernel.url, *kernel.initrds):
        if not url.startswith(trees):
            raise PxeError(
                f"site_distributions.{kernel.distribution}: {url} is not on this server, and pxelinux cannot load it"
                " by TFTP; write a path in the tree, or site_bios_loader: ipxe"
            )
        found[paths.kernel_in_folder(kernel.distribution, url)] = url[len(trees) :]
    return found


def all_kernel_copies(chain: Chain) -> dict[str, str]:
    """Those of all distributions that a profile installs; none in the chain over HTTP."""
    if not chain.plain:
        return {}
    kernels = {profile.boots.distribution: profile.boots for profile in chain.site.profiles.values()}
    return {
        path: source for kernel in kernels.values() for path, source in kernel_copies(chain, kernel).items()
    }
