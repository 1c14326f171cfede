# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Compiles the description of a site into one plan, in which every reference is resolved and every value checked.

Nothing here touches a file or the network; what finds the user's files is passed in. The time it takes grows with the
number of machines, not with its square.
"""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils import _firmware
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import (
    FAMILIES,
    PLANNED,
    answer_schema,
    family_of,
    installs,
    root_family,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.machines import (
    Surroundings,
    check_answers,
    disk_warnings,
    read_machines,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.menu import (
    LOCAL,
    parse_menu_password,
    read_menu,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.networks import (
    Networks,
    is_proxied,
    lease_notes,
    lend_around,
    read_networks,
    share_networks,
    taken_addresses,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.servers import Servers, read_servers
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.unknown import (
    offers_by_server,
    read_menu_install,
    read_unknown,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.unknown import (
    warnings as unknown_warnings,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.web import read_aliases, read_files
from ansible_collections.netinstall.pxe.plugins.module_utils._text.addresses import parse_duration, shown
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import (
    Mistakes,
    Section,
    nearest,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text.lifetimes import (
    LONGEST_LIFETIME,
    SHORTEST_LIFETIME,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text.menus import MENU_LOCK
from ansible_collections.netinstall.pxe.plugins.module_utils._text.texts import (
    file_name_of,
    one_of,
    parse_bool,
    parse_checksum,
    parse_download_url,
    parse_kernel_argument,
    parse_menu_text,
    parse_mirror_url,
    parse_name,
    parse_path,
    parse_relative_path,
    parse_root,
    parse_root_folder,
)

Plan = dict[str, t.Any]
Record = dict[str, t.Any]

#: Words of the data model that nothing stands behind yet, as (key, word). To make one available, delete its line.
NOT_AVAILABLE_YET = frozenset(("family", name) for name in PLANNED if name not in FAMILIES)

SITE_KEYS = (
    "root",
    "server",
    "services",
    "subnets",
    "distributions",
    "profiles",
    "menu",
    "answers",
    "dhcp_backend",
    "tftp_backend",
    "http_backend",
    "dhcp_foreign",
    "bios_loader",
    "on_failed_install",
    "arming_lifetime",
    "aliases",
    "files",
    "unknown_machines",
)
WITHDRAWN = {
    "machines": "is no longer read, because nothing could be installed with it; describe each machine as a host of the "
    "inventory group pxe_machines with machine_mac, machine_address and so on. From a spreadsheet: "
    "'Machines from a CSV file' in docs/site.md"
}
DISTRIBUTION_KEYS = (
    "family",
    "isos",
    "netboot",
    "layout",
    "kernel",
    "initrd",
    "architecture",
    "version",
    "root",
    "mirror",
)
IMAGE_KEYS = ("path", "url", "checksum")
PROFILE_KEYS = (
    "distribution",
    "label",
    "source",
    "answers",
    "answers_by",
    "kernel_arguments",
    "in_menu",
    "menu_password_hash",
    "menu_install",
)
DHCP_BACKENDS = ("dnsmasq", "isc", "kea", "none")
HTTP_BACKENDS = ("nginx", "none")
TFTP_BACKENDS = ("dnsmasq", "xinetd", "systemd")
DHCP_FOREIGN = ("refuse", "allow")
BIOS_LOADERS = _firmware.chains("bios")
SOURCES = ("http", "ftp", "nfs", "nfs-iso")
ANSWERS_BY = ("http", "ftp")
LAYOUTS = ("overlay", "hardlink", "copy")
ON_FAILED_INSTALL = ("hold", "retry")


def compile_plan(
    site: t.Any,
    machines: t.Any,
    group: str = "pxe_machines",
    site_names: t.Iterable[str] = (),
    servers: t.Any = None,
    find: t.Callable[[str], str] | None = None,
) -> Plan:
    """Check a description and resolve it.

    :arg site: the ``site_`` variables without their prefix (``SITE_KEYS``)
    :arg machines: a list of mappings with ``name`` and ``MACHINE_KEYS``
    :arg group: the inventory group that the machines come from, which gives their addresses in messages
        (``pxe_machines.node01.machine_mac``)
    :arg site_names: names of all variables that begin with ``site_``, to find those that were mistyped
    :arg servers: by service the hosts that have it: ``{http: [{name, group, address, interface, url}], ...}``, of which
        only name and group must be there; nothing if they are not known
    :arg find: finds a file of the user's that the menu names, or raises PxeError; without it none is looked for
    :returns: the plan: ``root``, ``server``, ``servers``, ``services``, ``urls``, ``backends``, ``clients``,
        ``dhcp_foreign``, ``on_failed_install``, ``arming_lifetime`` (seconds), ``subnets``, ``distributions``,
        ``profiles``, ``sources``, ``machines``, ``menu``, ``aliases``, ``files``, ``unknown_machines``, ``offers``,
        ``notes`` and ``warnings`` (sentences). Contents of answers are never in it.
    :raises PlanError: naming every mistake, in the order of the description
    """
    mistakes = Mistakes()
    top = Section(mistakes, "site_", site, SITE_KEYS, address="site")
    _refuse_near_misses(top, site_names)
    root = top.get("root", parse_root, "/srv/pxe")
    found = read_servers(top, servers)
    services = found.services
    networks = read_networks(top, found.boot_urls)
    distributions = _distributions(top, root, services)
    profiles = _profiles(top, distributions)
    _share_images(root, services, distributions, profiles)
    _check_answers_by_ftp(top, profiles, found)
    top.check_shape("answers", answer_schema(FAMILIES))
    backends = _backends(top, found)
    _check_subnets(networks, backends["dhcp"])
    if backends["dhcp"] == "dnsmasq":
        share_networks(networks, services["dhcp"]["address"])
    menu = read_menu(top, profiles, backends["bios_loader"], distributions, find)
    if backends["http"] == "none":
        _check_own_web_server(top, profiles, menu)
    files = read_files(top)
    unknown = read_unknown(top, profiles, networks, menu, backends)
    around = Surroundings(profiles, networks, taken_addresses(networks, found.said))
    plan: Plan = {
        "root": root,
        "server": found.server,
        "servers": found.hosts,
        "services": services,
        "urls": found.urls,
        "backends": backends,
        "clients": _firmware.clients(backends["bios_loader"]),
        "dhcp_foreign": _foreign(top, networks, services["dhcp"]["address"]),
        "on_failed_install": top.word("on_failed_install", ON_FAILED_INSTALL, "hold"),
        "arming_lifetime": top.get("arming_lifetime", _lifetime, _lifetime("6h")),
        "subnets": [subnet.record for subnet in networks.subnets],
        "distributions": distributions,
        "profiles": profiles,
        "sources": _sources(profiles, distributions),
        "machines": read_machines(top, machines, group, around),
        "menu": menu,
        "aliases": read_aliases(top, distributions, files),
        "files": files,
        "unknown_machines": unknown,
    }
    notes = lend_around(networks, around.taken, plan["machines"])
    mistakes.raise_if_any()
    plan["notes"] = [*notes, *lease_notes(networks, backends["dhcp"])]
    plan["offers"] = offers_by_server(unknown, profiles, networks)
    plan["warnings"] = [
        *unknown_warnings(plan),
        *_arming_warnings(plan),
        *disk_warnings(plan["machines"]),
    ]
    return plan


def _refuse_near_misses(top: Section, names: t.Iterable[str]) -> None:
    """Other people's variables may begin with ``site_``, too; refuse only what looks like one of ours."""
    for name in names:
        key = name[len("site_") :]
        if key in WITHDRAWN:
            top.mistake(key, WITHDRAWN[key])
            continue
        near = nearest(key, SITE_KEYS, 0.8)
        if near and key not in SITE_KEYS:
            top.mistake(key, f"is not known; did you mean 'site_{near}'?")


def _choice(section: Section, key: str, words: t.Sequence[str], default: str) -> str:
    """One of a few words that is available in this version."""
    word = section.word(key, words, default)
    if (key, word) in NOT_AVAILABLE_YET:
        available = one_of(_available(key, words))
        section.mistake(key, f"{word!r} is not available in this version; write {available}")
    return word


def _distributions(top: Section, root: str, services: dict[str, Record]) -> dict[str, Record]:
    images: dict[str, Record] = {}
    return {
        name: {
            "name": name,
            **distribution,
            "tree": f"{root}/trees/{name}",
            **_urls_of_tree(name, distribution, root, services),
        }
        for name, section in top.named("distributions", DISTRIBUTION_KEYS, parse_name).items()
        for distribution in [_distribution(name, section, root, images)]
    }


def _urls_of_tree(
    name: str, distribution: Record, root: str, services: dict[str, Record]
) -> dict[str, t.Any]:
    tree = f"{services['http']['url']}/trees/{name}"
    if "mirror" in distribution:
        mirror = distribution["mirror"] or ""
        return {"tree_url": mirror, "tree_urls": {"http": mirror}, "netboot_url": f"{tree}-netboot"}
    return {
        "tree_url": tree,
        "tree_urls": _tree_urls(name, distribution.get("root") or f"{root}/trees/{name}", services),
    }


def _tree_urls(name: str, exported: str, services: dict[str, Record]) -> dict[str, str]:
    """Where installers find the tree, by source; nfs as anaconda writes it."""
    return {
        "http": f"{services['http']['url']}/trees/{name}",
        "ftp": f"{services['ftp']['url']}/trees/{name}",
        "nfs": f"nfs:{services['nfs']['address']}:{exported}",
    }


def _distribution(name: str, section: Section, root: str, images: dict[str, Record]) -> Record:
    if section.has("root"):
        return _root_file_system(name, section, images)
    if section.has("mirror"):
        return _mirror(name, section)
    isos = section.sections("isos", IMAGE_KEYS, "[{path: /srv/iso/debian-13.iso}]")
    netboot = section.section("netboot", IMAGE_KEYS) if section.has("netboot") else None
    if not section.data.get("isos") and not netboot and not section.broken:
        section.mistake("isos", "is missing; list the images, such as [{path: /srv/iso/debian-13.iso}]")
    distribution = {
        "family": _family(name, section),
        "isos": [_image(iso, root, images) for iso in isos],
        "netboot": _image(netboot, root, images) if netboot else None,
        "layout": section.word("layout", LAYOUTS, "overlay"),
        "kernel": section.get("kernel", parse_relative_path),
        "initrd": _initrd(section),
        "architecture": section.get("architecture", parse_name),
        "version": section.get("version", parse_name),
    }
    if distribution["family"] and not section.broken:
        _check_family(name, section, distribution)
    return distribution


def _root_file_system(name: str, section: Section, images: dict[str, Record]) -> Record:
    """A live system that is no image: a folder of the NFS server, from whose /boot the machines have their kernel."""
    folder = section.get("root", parse_root_folder)
    family = _family(name, section) if section.has("family") else root_family()
    if family and not FAMILIES[family].root_file_system:
        section.mistake(
            "root",
            f"is nothing that a {family} distribution has; write family: {root_family()}, or leave root out",
        )
    for key in DISTRIBUTION_KEYS:
        if section.has(key) and key not in ("family", "root"):
            section.mistake(key, "is for images, but root is a folder; leave it out")
    image = {"path": folder, "url": None, "checksum": None}
    told = {**image, "address": section.address, "distribution": section.address}
    other = images.setdefault(folder, told)["address"] if folder else section.address
    if other != section.address:
        section.mistake(
            "root",
            f"{folder} is also that of {other}; describe it once, and write several site_profiles for it",
        )
    return {
        **dict.fromkeys(("kernel", "initrd", "architecture", "version")),
        "family": family,
        "isos": [],
        # Its kernel is published as that of a network installer is.
        "netboot": image,
        "layout": "overlay",
        "root": folder,
    }


def _mirror(name: str, section: Section) -> Record:
    """A distribution without images: kernel and initrd are fetched from a mirror, and all else by the machines."""
    for key in DISTRIBUTION_KEYS:
        if section.has(key) and key not in ("mirror", "family", "architecture", "version"):
            section.mistake(key, "is for images, but mirror is given; leave it out")
    distribution: Record = {
        "family": _family(name, section),
        "isos": [],
        "netboot": None,
        "layout": "overlay",
        "kernel": None,
        "initrd": None,
        "architecture": section.get("architecture", parse_name),
        "version": section.get("version", parse_name),
        "mirror": section.get("mirror", parse_mirror_url),
    }
    if distribution["family"] and not section.broken:
        _check_family(name, section, distribution)
        mistake = FAMILIES[distribution["family"]].mirror_mistake({"name": name, **distribution})
        if mistake and distribution["mirror"]:
            section.mistake("mirror", mistake)
    return distribution


def _check_family(name: str, section: Section, distribution: Record) -> None:
    """Refuse what the installer cannot do with a distribution."""
    family = FAMILIES[distribution["family"]]
    if len(distribution["isos"]) > 1 and not family.several_images:
        section.mistake(
            "isos",
            f"lists {len(distribution['isos'])} images, but the tree of a {family.name} distribution is made from one; "
            "list the first one only",
        )
    if section.has("netboot") and not family.read_netboot:
        section.mistake(
            "netboot",
            f"is nothing that a {family.name} distribution has; leave it out, and list its images in isos",
        )
    try:
        family.check_distribution({"name": name, **distribution})
    except PxeError as error:
        section.mistake("version", str(error))


def _family(name: str, section: Section) -> str | None:
    if section.has("family"):
        planned = [word for key, word in sorted(NOT_AVAILABLE_YET) if key == "family"]
        family = _choice(section, "family", (*FAMILIES, *planned), "")
        return family if family in FAMILIES else None
    guess = family_of(name)
    if guess is None and not section.broken:
        section.mistake(
            "family",
            f"is missing, and no installer of this version goes by the name {name!r}; write {one_of(FAMILIES)}",
        )
    return guess


def _initrd(section: Section) -> list[str] | None:
    if isinstance(section.data.get("initrd"), list):
        return section.items("initrd", parse_relative_path, "[install.amd/initrd.gz]")
    initrd = section.get("initrd", parse_relative_path)
    return [initrd] if initrd else None


def _image(section: Section, root: str, images: dict[str, Record]) -> Record:
    """An image on the server, or one that is downloaded to it.

    :arg images: the images so far, by path
    """
    url = section.get("url", parse_download_url)
    path = section.get("path", parse_path)
    image = {"path": path, "url": url, "checksum": section.get("checksum", parse_checksum)}
    if section.has("url") and not section.has("checksum"):
        section.mistake(
            "checksum", "is missing; what is downloaded needs one: sha256: and 64 hexadecimal digits"
        )
    if not section.has("path"):
        if url:
            image["path"] = f"{root}/iso/{file_name_of(url)}"
        elif not section.has("url") and not section.broken:
            section.mistake(
                "path", "is missing; write where the image lies on the server, or its url and checksum"
            )
    if image["path"]:
        _check_same_image(section, image, images)
    return image


def _check_same_image(section: Section, image: Record, images: dict[str, Record]) -> None:
    """Two distributions may be made from one image; but one file name cannot stand for two."""
    distribution = section.address.split(".isos[")[0].split(".netboot")[0]
    other = images.setdefault(
        image["path"], {**image, "address": section.address, "distribution": distribution}
    )
    if other["address"] == section.address:
        return
    key = "path" if section.has("path") else "url"
    if other["distribution"] == distribution:
        section.mistake(key, f"{image['path']} is already {other['address']}; list each image once")
    elif (other["url"], other["checksum"]) != (image["url"], image["checksum"]):
        section.mistake(
            key,
            f"{image['path']} is also {other['address']}, with another url or checksum; "
            "give one of them a path of its own, or write the same for both",
        )


def _profiles(top: Section, distributions: dict[str, Record]) -> dict[str, Record]:
    return {
        name: {"name": name, **_profile(name, section, distributions)}
        for name, section in top.named("profiles", PROFILE_KEYS, _profile_name).items()
    }


def _profile_name(value: object) -> str:
    name = parse_name(value)
    if name == LOCAL:
        raise PxeError(f"{LOCAL!r} means the local disk in the menu; choose another name for the profile")
    return name


def _profile(name: str, section: Section, distributions: dict[str, Record]) -> Record:
    distribution = section.reference("distribution", distributions, "site_distributions")
    family = distributions[distribution]["family"] if distribution else None
    check_answers(section, family)
    if name == MENU_LOCK and section.has("menu_password_hash"):
        section.mistake(
            "menu_password_hash",
            f"{name!r} is the name of the menu's own password; call the profile otherwise",
        )
    answers_by = _answers_by(section, family)
    return {
        "label": section.get("label", parse_menu_text, name),
        "distribution": distribution,
        "family": family,
        "source": _source(section, family, distributions.get(distribution or "")),
        "answers_by": answers_by,
        "kernel_arguments": section.items(
            "kernel_arguments", parse_kernel_argument, "[quiet, console=ttyS0]"
        ),
        "in_menu": section.get("in_menu", parse_bool, True),
        "menu_password": section.get("menu_password_hash", parse_menu_password, False),
        **read_menu_install(section, family, answers_by),
    }


def _source(section: Section, family: str | None, distribution: Record | None) -> str:
    diskless = bool(distribution and "root" in distribution)
    source = section.word("source", SOURCES, "nfs" if diskless else "http")
    if distribution and diskless and source != "nfs":
        section.mistake(
            "source",
            f"{source!r} cannot show {distribution['name']}, a root file system that its machines mount; "
            "write nfs, or leave source out",
        )
    elif distribution and "mirror" in distribution and source != "http":
        section.mistake(
            "source",
            f"{source!r} cannot show {distribution['name']}, which machines fetch from its mirror; leave source out",
        )
    elif family and source not in FAMILIES[family].sources:
        section.mistake(
            "source",
            f"{source!r} is nothing that the installer of {family} installs from; "
            f"write {one_of(FAMILIES[family].sources)}",
        )
    elif source == "nfs-iso" and distribution:
        mistake = FAMILIES[distribution["family"]].nfs_images_mistake(distribution)
        if mistake:
            section.mistake(
                "source", f"'nfs-iso' cannot be: {mistake}; write nfs, with layout: hardlink or copy"
            )
    elif source == "nfs" and distribution and _is_overlay(distribution):
        section.mistake(
            "source",
            f"'nfs' cannot show the tree of {distribution['name']}, an overlay of {len(distribution['isos'])} images: "
            f"the kernel cannot tell their files apart for NFS; write layout: hardlink or copy for "
            f"site_distributions.{distribution['name']}, or another source (http or ftp)",
        )
    return source


def _share_images(
    root: str,
    services: dict[str, Record],
    distributions: dict[str, Record],
    profiles: dict[str, Record],
) -> None:
    """Say where the images are that installers mount themselves."""
    for profile in profiles.values():
        distribution = distributions.get(profile["distribution"] or "")
        if profile["source"] == "nfs-iso" and distribution and "http" in distribution["tree_urls"]:
            folder = f"{root}/nfs-iso/{distribution['name']}"
            distribution["nfs_images"] = folder
            distribution["tree_urls"]["nfs-iso"] = f"nfs:{services['nfs']['address']}:{folder}"


def _answers_by(section: Section, family: str | None) -> str:
    """How the installer fetches its answer file."""
    answers_by = section.word("answers_by", ANSWERS_BY, "http")
    if family and answers_by not in FAMILIES[family].sources:
        section.mistake(
            "answers_by",
            f"{answers_by!r} is nothing that the installer of {family} fetches answers by; write http",
        )
    return answers_by


def _check_answers_by_ftp(top: Section, profiles: dict[str, Record], servers: Servers) -> None:
    """Answer files lie on the web server, where they are written when a machine is armed."""
    names = [name for name, profile in profiles.items() if profile["answers_by"] == "ftp"]
    if names and not servers.together("ftp", "http"):
        top.mistake(
            "profiles",
            f"{names[0]}.answers_by: 'ftp' needs an FTP server where the answers are, but the FTP server is "
            f"{servers.where('ftp')}, and the HTTP server {servers.where('http')}; put both on one host, or write "
            "answers_by: http",
        )


def _is_overlay(distribution: Record) -> bool:
    """Whether the tree is an overlay: a single image is mounted as it is.

    overlayfs has file handles only if at most one of its layers lacks a UUID, and iso9660 has none (Linux,
    fs/overlayfs/super.c: "null uuid detected in lower fs ..., falling back to ... nfs_export=off").
    """
    return distribution["layout"] == "overlay" and len(distribution["isos"]) > 1


def _sources(profiles: dict[str, Record], distributions: dict[str, Record]) -> dict[str, t.Any]:
    """What other servers than the web server must show: trees by the source of profiles, and answers.

    :returns: ``{ftp: [{name, path, mounted}], nfs: [...], answers_by_ftp: bool}``; ``mounted`` says that the tree is a
        mount point, ``root``, if it is there, that it is the root file system of machines.
    """
    trees: dict[str, t.Any] = {
        source: [
            _exported(distributions[name])
            for name in sorted(
                {
                    profile["distribution"]
                    for profile in profiles.values()
                    if profile["source"] == source and profile["distribution"] in distributions
                }
            )
        ]
        for source in ("ftp", "nfs")
    }
    trees["nfs"] += [
        {"name": one["name"], "path": one["nfs_images"], "mounted": False}
        for one in distributions.values()
        if "nfs_images" in one
    ]
    return {**trees, "answers_by_ftp": any(one["answers_by"] == "ftp" for one in profiles.values())}


def _exported(distribution: Record) -> Record:
    if "root" in distribution:
        return {"name": distribution["name"], "path": distribution["root"], "mounted": False, "root": True}
    return {
        "name": distribution["name"],
        "path": distribution["tree"],
        "mounted": distribution["layout"] == "overlay",
    }


def _backends(top: Section, servers: Servers) -> dict[str, str]:
    backends = {
        "dhcp": _choice(top, "dhcp_backend", DHCP_BACKENDS, "dnsmasq"),
        "tftp": _choice(top, "tftp_backend", TFTP_BACKENDS, "dnsmasq"),
        "http": _choice(top, "http_backend", HTTP_BACKENDS, "nginx"),
        "bios_loader": _choice(top, "bios_loader", BIOS_LOADERS, "ipxe"),
    }
    if backends["tftp"] == "dnsmasq":
        _check_tftp_of_dnsmasq(top, backends["dhcp"], servers)
    if backends["bios_loader"] == "pxelinux":
        _check_plain_pxelinux(top, servers)
    return backends


def _check_subnets(networks: Networks, backend: str) -> None:
    """Refuse what a DHCP server cannot do for a subnet."""
    for subnet in networks.subnets:
        if "proxy" in subnet.record and backend != "dnsmasq":
            subnet.section.mistake(
                "proxy",
                f"is nothing that {backend!r} can be; write site_dhcp_backend: dnsmasq, or leave proxy out",
            )
        if "shared_network" in subnet.record and backend == "none":
            subnet.section.mistake(
                "shared_network",
                f"is nothing that {backend!r} knows; write site_dhcp_backend: dnsmasq, isc or kea, or leave it out",
            )
        if "boot_url" in subnet.record and backend == "none":
            subnet.section.mistake(
                "http_server",
                f"{subnet.record['http_server']} cannot be told by 'none', whose lines for other DHCP servers name one "
                "HTTP server; leave it out, or write site_dhcp_backend: dnsmasq, isc or kea",
            )


def _lifetime(value: object) -> int:
    """Seconds for which a machine stays armed: long enough to boot, and not so long that it is forgotten."""
    seconds = parse_duration(value)
    if not SHORTEST_LIFETIME <= seconds <= LONGEST_LIFETIME:
        raise PxeError(
            f"{shown(value)} is not between 1m and 30d; write how long a machine may take until it boots, such as 6h"
        )
    return seconds


def _foreign(top: Section, networks: Networks, address: str) -> str:
    """What another DHCP server in the DHCP server's own network means: ``refuse``, ``allow``, or ``expect``."""
    word = top.word("dhcp_foreign", DHCP_FOREIGN, "refuse")
    return "expect" if is_proxied(networks, address) else word


def _check_own_web_server(top: Section, profiles: dict[str, Record], menu: Record) -> None:
    """Refuse what only the nginx of this collection does."""
    locked = [f"site_profiles.{name}" for name, profile in profiles.items() if profile["menu_password"]]
    locked += ["site_menu"] if menu["password"] else []
    if locked:
        top.mistake(
            "http_backend",
            f"'none' has nobody to compare the passwords of iPXE's menu, of {', '.join(locked)}; leave them out, or "
            "write site_http_backend: nginx",
        )


def _arming_warnings(plan: Plan) -> list[str]:
    """A machine that is described as if it could be installed."""
    names = [machine["name"] for machine in plan["machines"] if installs(machine)]
    if plan["backends"]["http"] != "none" or not names:
        return []
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return [
        f"{', '.join(names[:3])}{more}: cannot be armed, because site_http_backend is 'none': only the nginx of this "
        "collection releases an installation exactly once"
    ]


def _check_plain_pxelinux(top: Section, servers: Servers) -> None:
    """Kernels are copied to where TFTP finds them, and a machine's files go with its first report to the web server."""
    if not servers.together("tftp", "http"):
        top.mistake(
            "bios_loader",
            f"'pxelinux' loads everything by TFTP, and a machine's files go when it reports by HTTP, so that both must "
            f"be on one host; but the TFTP server is {servers.where('tftp')}, and the HTTP server "
            f"{servers.where('http')}. Put one host into pxe_tftp and pxe_http, or write site_bios_loader: ipxe",
        )


def _check_tftp_of_dnsmasq(top: Section, dhcp: str, servers: Servers) -> None:
    """dnsmasq is one process for DHCP and TFTP, so that it cannot serve TFTP beside another DHCP server."""
    if dhcp != "dnsmasq":
        others = [word for word in _available("tftp_backend", TFTP_BACKENDS) if word != "dnsmasq"]
        instead = f", or site_tftp_backend: {one_of(others)}" if others else ""
        top.mistake(
            "tftp_backend",
            f"'dnsmasq' serves TFTP only as a part of the DHCP server dnsmasq, but site_dhcp_backend is {dhcp!r}; "
            f"write site_dhcp_backend: dnsmasq{instead}",
        )
    elif servers.services["tftp"]["address"] != servers.services["dhcp"]["address"]:
        top.mistake(
            "tftp_backend",
            f"'dnsmasq' serves TFTP as a part of the DHCP server, but the TFTP server is {servers.where('tftp')}, and "
            f"the DHCP server {servers.where('dhcp')}; put both on one host (groups pxe_tftp and pxe_dhcp), or write "
            "site_tftp_backend: systemd",
        )


def _available(key: str, words: t.Iterable[str]) -> list[str]:
    return [word for word in words if (key, word) not in NOT_AVAILABLE_YET]
