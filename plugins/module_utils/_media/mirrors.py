# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Kernel and initrd on a mirror of a distribution, for machines that boot from the network, and their checksums. Where
they are, the families know."""

from __future__ import annotations

import hashlib
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import (
    Fetch,
    Installer,
    Mirror,
    Verify,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._media.images import refuse_another

_IMAGE = 1 << 30


def find(described: dict[str, t.Any], fetch: Fetch, verify: Verify) -> Installer:
    """Ask the mirror.

    :param described: ``{mirror, family, distribution, version, suite, architecture}``.
    :raises PxeError: nothing is there, or it is something else than what is described.
    """
    family = FAMILIES.get(described["family"])
    if family is None or family.find_on_mirror is None:
        known = [name for name, one in FAMILIES.items() if one.find_on_mirror]
        raise PxeError(
            f"family: {described['family']!r} has no known mirrors; write one of {', '.join(sorted(known))}"
        )
    said = {"distribution": described["distribution"], "version": described["version"]}
    return family.find_on_mirror(
        described, Mirror(fetch, verify, lambda found: refuse_another(found, FAMILIES, said))
    )


def read(installer: Installer, url: str, fetch: Fetch) -> bytes:
    """Kernel or initrd.

    :raises PxeError: it is not there, or not what the mirror says it is.
    """
    data = fetch(url, _IMAGE)
    if data is None:
        raise PxeError(
            f"{url} is not there, although the mirror names it; try again later, or another mirror"
        )
    wanted = installer.checksums.get(url)
    if not wanted:
        _refuse_a_page(url, data)
    elif digest(data, wanted) != wanted:
        raise PxeError(
            f"{url} has {digest(data, wanted)}, but the mirror says {wanted}; nothing was changed. Perhaps it is being "
            "updated: try again later, or another mirror"
        )
    return data


def _refuse_a_page(url: str, data: bytes) -> None:
    """What a server or proxy says with status 200 instead of a file."""
    start = data[:1024].strip()
    if not start or start.startswith(b"<"):
        raise PxeError(
            f"{url} is {'a web page' if start else 'empty'}, not a kernel or initrd, although the mirror "
            "names it; nothing was changed. Write another mirror"
        )


def digest(data: bytes, like: str) -> str:
    """The checksum of data, by the algorithm of another one."""
    algorithm = like.partition(":")[0]
    # Where FIPS is on, there is no MD5 for security, which this is not.
    return f"{algorithm}:{hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()}"
