# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The firmware table: each kind of client that asks for a loader is one row of ``CLIENTS``.

The DHCP servers, the role that builds loaders, the words for a machine's firmware and the documentation are made from
it; none of them has a list of its own.

Codes are those of DHCP option 93: RFC 4578, 2.1, as IANA has them today ("Processor Architecture Types"). RFC 4578 had
9 for x86-64 where IANA has 7, and firmware says either. Paths in packages are those of Debian 12 and 13, and of
Enterprise Linux and Fedora (``ipxe-bootimgs``).
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

Record = dict[str, t.Any]

#: Chains: what the loader belongs to. All but iPXE's loader is started by firmware that is iPXE itself, too.
IPXE, PXELINUX = "ipxe", "pxelinux"
#: The platform of a machine of which it is not said.
ANY = "any"
#: How the local disk is booted: a loader starts its first sector, or ends with an error, after which the firmware takes
#: its next boot entry.
FIRST_SECTOR, NEXT_ENTRY = "first-sector", "next-entry"


@dataclass(frozen=True)
class Loader:
    """A program that firmware fetches. ``name`` is its path below ``boot/``."""

    name: str
    #: What iPXE's make builds, and the prefix of the compiler where it is not the server's own.
    target: str = ""
    cross_compile: str = ""
    #: Its path in the distribution's package, by family of distributions.
    packaged: t.Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Platform:
    """What is the same for all processors. ``ipxe`` is iPXE's name for it."""

    ipxe: str
    local_disk: str


@dataclass(frozen=True)
class ClientKind:
    """A row. ``tftp`` and ``http`` are its codes by the way it fetches; ``processors`` have iPXE's names.

    Of the loaders of a chain the first is the one that clients are told.
    """

    name: str
    label: str
    platform: str
    processors: tuple[str, ...]
    tftp: tuple[int, ...]
    http: tuple[int, ...] = ()
    loaders: t.Mapping[str, tuple[Loader, ...]] = field(default_factory=dict)
    #: Whether the firmware may insist on signed loaders (Secure Boot).
    secure_boot: bool = False


PLATFORMS: dict[str, Platform] = {
    "bios": Platform("pcbios", FIRST_SECTOR),
    "uefi": Platform("efi", NEXT_ENTRY),
}

CLIENTS: tuple[ClientKind, ...] = (
    ClientKind(
        name="bios",
        label="BIOS",
        platform="bios",
        processors=("x86_64", "i386"),
        tftp=(0,),
        loaders={
            IPXE: (
                Loader(
                    "undionly.kpxe",
                    target="bin/undionly.kpxe",
                    packaged={
                        "Debian": "/usr/lib/ipxe/undionly.kpxe",
                        "RedHat": "/usr/share/ipxe/undionly.kpxe",
                    },
                ),
            ),
            PXELINUX: (Loader("syslinux/pxelinux.0"),),
        },
    ),
    # There is no loader for it here; a site may have its own.
    ClientKind(
        name="efi32",
        label="UEFI ia32",
        platform="uefi",
        processors=("i386",),
        tftp=(6,),
        http=(15,),
        secure_boot=True,
    ),
    ClientKind(
        name="efi64",
        label="UEFI x86-64",
        platform="uefi",
        processors=("x86_64",),
        tftp=(7, 9),
        http=(16,),
        loaders={
            IPXE: (
                Loader(
                    "snponly.efi",
                    target="bin-x86_64-efi/snponly.efi",
                    packaged={
                        "Debian": "/usr/lib/ipxe/snponly.efi",
                        "RedHat": "/usr/share/ipxe/ipxe-snponly-x86_64.efi",
                    },
                ),
                # With drivers of its own. The newest packages of Fedora no longer have it.
                Loader(
                    "ipxe.efi",
                    target="bin-x86_64-efi/ipxe.efi",
                    packaged={
                        "Debian": "/usr/lib/ipxe/ipxe.efi",
                        "RedHat": "/usr/share/ipxe/ipxe-x86_64.efi",
                    },
                ),
            )
        },
        secure_boot=True,
    ),
    ClientKind(
        name="efiarm64",
        label="UEFI arm64",
        platform="uefi",
        processors=("arm64",),
        tftp=(11,),
        http=(19,),
        loaders={
            IPXE: (
                Loader(
                    "arm64/snponly.efi",
                    target="bin-arm64-efi/snponly.efi",
                    cross_compile="aarch64-linux-gnu-",
                ),
            )
        },
        secure_boot=True,
    ),
)


def processors() -> list[str]:
    """Each processor that a machine may have, the usual one first."""
    return list(dict.fromkeys(word for kind in CLIENTS for word in kind.processors))


def platforms(processor: str) -> list[str]:
    """The platforms that machines with this processor may have."""
    return list(dict.fromkeys(kind.platform for kind in CLIENTS if processor in kind.processors))


def chains(platform: str) -> list[str]:
    """The chains that there are loaders of for this platform."""
    return list(
        dict.fromkeys(chain for kind in CLIENTS if kind.platform == platform for chain in kind.loaders)
    )


def may_load(rows: t.Iterable[Record], chain: str, platform: str) -> bool:
    """Whether a machine of this platform, which is perhaps not said (``any``), may load that chain's loader.

    :arg rows: those of ``clients()``
    """
    return any(row["chain"] == chain and platform in (ANY, row["platform"]) for row in rows)


def fetches_by_http(code: int) -> bool:
    """Whether firmware of this architecture (option 93) fetches its loader by HTTP."""
    return any(code in kind.http for kind in CLIENTS)


def clients(bios_loader: str = IPXE) -> list[Record]:
    """The table as the plan hands it to the roles: ``loader`` is what each kind loads in its ``chain``, if anything.

    ``built`` are the loaders that the server's own compiler makes; ``packaged`` has paths by family of distributions
    and name.
    """
    return [_row(kind, bios_loader if kind.platform == "bios" else IPXE) for kind in CLIENTS]


def _row(kind: ClientKind, chain: str) -> Record:
    chosen, ipxe = kind.loaders.get(chain, ()), kind.loaders.get(IPXE, ())
    families = sorted({family for loader in ipxe for family in loader.packaged})
    return {
        "name": kind.name,
        "label": kind.label,
        "platform": kind.platform,
        "processors": list(kind.processors),
        "tftp": list(kind.tftp),
        "http": list(kind.http),
        "chain": chain,
        "loader": chosen[0].name if chosen else "",
        "built": [
            {"name": loader.name, "target": loader.target}
            for loader in ipxe[:1]
            if loader.target and not loader.cross_compile
        ],
        "packaged": {
            family: {loader.name: loader.packaged[family] for loader in ipxe if family in loader.packaged}
            for family in families
        },
    }


def client_loaders(rows: t.Iterable[Record], loaders: Record, plain_bios: str, role: str) -> list[Record]:
    """What a DHCP server tells each kind of client: rows of ``clients()``, less those without a loader.

    :arg loaders: by name of a kind another loader than the table's; those that are not named have none
    :arg plain_bios: a loader for BIOS that does without iPXE
    :arg role: what the names of these variables begin with
    :returns: the rows, with ``codes``, those of both ways to fetch; ``plain``, whether this loader is also for what
        says that it is iPXE; ``from``, the variable that says the loader; and ``ways``, for servers that know no other
        condition than a code, each with a ``name`` of its own, ``by`` (tftp or http), its ``codes`` and ``loader``
    """
    rows = list(rows)
    names = [row["name"] for row in rows]
    unknown = [name for name in loaders if name not in names]
    if unknown:
        raise PxeError(
            f"{role}_loaders: {', '.join(map(repr, unknown))}: no such kind of client; there are {', '.join(names)}"
        )
    found = (_client_loader(row, loaders, plain_bios, role) for row in rows)
    return [row for row in found if row["loader"]]


def _client_loader(row: Record, loaders: Record, plain_bios: str, role: str) -> Record:
    is_bios = row["platform"] == "bios"
    plain = row["chain"] != IPXE or bool(is_bios and plain_bios)
    if plain:
        loader = (plain_bios if is_bios else "") or row["loader"]
        origin = f"{role}_plain_bios_loader" if is_bios else f"{role}_clients"
    else:
        loader, origin = loaders.get(row["name"]) or "", f"{role}_loaders.{row['name']}"
    return {
        **row,
        "codes": row["tftp"] + row["http"],
        "plain": plain,
        "loader": loader,
        "from": origin,
        "ways": [
            {"name": name, "by": by, "codes": row[by], "loader": loader, "plain": plain}
            for by, name in (("tftp", row["name"]), ("http", f"http{row['name'].replace('efi', '', 1)}"))
            if row[by]
        ],
    }
