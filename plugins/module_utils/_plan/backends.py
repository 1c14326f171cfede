# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The backends of DHCP, TFTP and HTTP: what each can is one row of a table.

The checks and messages of the plan, the decisions of playbooks (by the plan's ``abilities``) and the tables in docs/
are made from it. A backend's own role, and the lines that include that role, are all that goes by its name besides.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils import _firmware
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import Section
from ansible_collections.netinstall.pxe.plugins.module_utils._text.texts import one_of

Record = dict[str, t.Any]


class Gap(t.NamedTuple):
    """A program that Enterprise Linux no longer has."""

    program: str
    #: The first release of Enterprise Linux without it, and whether Fedora lacks it too.
    since: int
    fedora: bool
    remedy: str


@dataclasses.dataclass(frozen=True)
class Backend:
    """A row. The first of a service is its default."""

    #: As ``site_<service>_backend`` has it.
    name: str
    #: What people call it.
    program: str
    #: Whether a server of ours runs; otherwise its owner is told what to write.
    serves: bool = True
    #: Its packages in playbooks/vars/supplies.yml.
    supplies: str = ""
    #: The program that the role source_build may build in place of these.
    built: str = ""
    gap: Gap | None = None


@dataclasses.dataclass(frozen=True)
class DhcpBackend(Backend):
    """A DHCP server."""

    #: Names the loader beside the DHCP server that assigns the addresses.
    proxy: bool = False
    #: Lends the addresses of several subnets on one link.
    shared_network: bool = True
    #: Must be told from which addresses in the other subnets of such a link it may assign addresses.
    shared_from: bool = False
    #: Tells each subnet its own web server.
    http_server: bool = True
    #: Lends for longer to those that ask for more.
    max_lease: bool = True
    #: Answers BOOTP clients that are not described.
    bootp: bool = True


@dataclasses.dataclass(frozen=True)
class TftpBackend(Backend):
    """A TFTP server."""

    #: Its process is that of the DHCP backend of the same name.
    part_of_dhcp: bool = False


@dataclasses.dataclass(frozen=True)
class WebBackend(Backend):
    """A web server."""

    #: Releases each installation exactly once, and compares the passwords of iPXE's menu.
    guards: bool = True


DHCP: tuple[DhcpBackend, ...] = (
    DhcpBackend(
        "dnsmasq",
        "dnsmasq",
        supplies="dhcp_dnsmasq",
        built="dnsmasq",
        proxy=True,
        shared_from=True,
        max_lease=False,
    ),
    DhcpBackend(
        "isc",
        "ISC dhcpd",
        supplies="dhcp_isc",
        gap=Gap("ISC dhcpd", 10, False, "write site_dhcp_backend: kea or site_dhcp_backend: dnsmasq"),
    ),
    DhcpBackend("kea", "Kea", supplies="dhcp_kea"),
    DhcpBackend(
        "none",
        "the site's own",
        serves=False,
        shared_network=False,
        http_server=False,
        max_lease=False,
        bootp=False,
    ),
)
TFTP: tuple[TftpBackend, ...] = (
    TftpBackend("dnsmasq", "dnsmasq, with DHCP", part_of_dhcp=True),
    TftpBackend(
        "xinetd",
        "tftp-hpa, started by xinetd (`/etc/xinetd.d/tftp`), as in many guides",
        supplies="tftp_xinetd",
        gap=Gap("xinetd", 9, True, "write site_tftp_backend: systemd"),
    ),
    TftpBackend("systemd", "tftp-hpa, started by `tftp-pxe.socket`", supplies="tftp_systemd"),
)
HTTP: tuple[WebBackend, ...] = (
    WebBackend("nginx", "nginx", supplies="http_nginx", built="nginx"),
    WebBackend("none", "the site's own", serves=False, guards=False),
)
TABLE: dict[str, tuple[Backend, ...]] = {"dhcp": DHCP, "tftp": TFTP, "http": HTTP}


@dataclasses.dataclass(frozen=True)
class Backends:
    """What a site has chosen."""

    dhcp: DhcpBackend
    tftp: TftpBackend
    http: WebBackend
    bios_loader: str

    @property
    def names(self) -> dict[str, str]:
        """As the plan names them."""
        services = {service: t.cast("Backend", getattr(self, service)).name for service in TABLE}
        return {**services, "bios_loader": self.bios_loader}

    @property
    def abilities(self) -> dict[str, Record]:
        """The rows, as the plan hands them to playbooks."""
        return {service: _abilities(getattr(self, service)) for service in TABLE}


def _abilities(backend: Backend) -> Record:
    said_elsewhere = ("name", "program", "gap")
    fields = [field.name for field in dataclasses.fields(backend) if field.name not in said_elsewhere]
    return {name: getattr(backend, name) for name in fields}


B = t.TypeVar("B", bound=Backend)


def _named(rows: t.Sequence[B], name: str) -> B:
    return next(row for row in rows if row.name == name)


def backend_of(plan: t.Mapping[str, t.Any], service: str) -> Backend:
    """The row of a service; the default's, if the plan does not say."""
    rows = TABLE[service]
    return _named(rows, plan.get("backends", {}).get(service, rows[0].name))


def guards(plan: t.Mapping[str, t.Any]) -> bool:
    """Whether the web server releases each installation exactly once."""
    return t.cast("WebBackend", backend_of(plan, "http")).guards


def able(service: str, ability: str) -> str:
    """What to write for a backend with this ability: ``site_dhcp_backend: dnsmasq, isc or kea``."""
    return f"site_{service}_backend: {one_of(row.name for row in TABLE[service] if getattr(row, ability))}"


def read_backends(top: Section) -> Backends:
    """Read ``site_dhcp_backend``, ``site_tftp_backend``, ``site_http_backend`` and ``site_bios_loader``."""
    return Backends(
        _chosen(top, "dhcp", DHCP),
        _chosen(top, "tftp", TFTP),
        _chosen(top, "http", HTTP),
        top.word("bios_loader", _firmware.chains("bios"), _firmware.IPXE),
    )


def _chosen(top: Section, service: str, rows: t.Sequence[B]) -> B:
    names = [row.name for row in rows]
    return _named(rows, top.word(f"{service}_backend", names, names[0]))


def check_passwords(top: Section, backend: WebBackend, profiles: dict[str, Record], menu: Record) -> None:
    """Refuse passwords that the web server does not compare."""
    locked = [f"site_profiles.{name}" for name, profile in profiles.items() if profile["menu_password"]]
    locked += ["site_menu"] if menu["password"] else []
    if locked and not backend.guards:
        top.mistake(
            "http_backend",
            f"{backend.name!r} cannot check the passwords of iPXE's menu, of {', '.join(locked)}; leave them "
            f"out, or write {able('http', 'guards')}",
        )


def why_not_armed(plan: t.Mapping[str, t.Any]) -> str:
    """:arg plan: of a site whose web server does not guard installations."""
    name = backend_of(plan, "http").name
    return f"site_http_backend is {name!r}: only the nginx of this collection releases an installation exactly once"
