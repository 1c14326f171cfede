# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The part of the plan about profiles: what each installs, and what must be served for it."""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.distributions import is_overlay
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.machines import check_answers
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.menu import parse_menu_password
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.servers import Servers
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.unknown import read_menu_install
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import Section
from ansible_collections.netinstall.pxe.plugins.module_utils._text.menus import LOCAL, MENU_LOCK
from ansible_collections.netinstall.pxe.plugins.module_utils._text.texts import (
    one_of,
    parse_bool,
    parse_kernel_argument,
    parse_menu_text,
    parse_name,
)

Record = dict[str, t.Any]

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
SOURCES = ("http", "ftp", "nfs", "nfs-iso")
ANSWERS_BY = ("http", "ftp")


def read_profiles(
    top: Section, root: str, distributions: dict[str, Record], servers: Servers
) -> dict[str, Record]:
    """Read ``site_profiles``, and say of each distribution where its images are, if installers mount them themselves.

    :arg root: ``site_root``
    :arg distributions: those of the plan
    """
    profiles = {
        name: {"name": name, **_profile(name, section, distributions)}
        for name, section in top.named("profiles", PROFILE_KEYS, _profile_name).items()
    }
    _share_images(root, servers.services, distributions, profiles)
    _check_answers_by_ftp(top, profiles, servers)
    return profiles


def _profile_name(value: object) -> str:
    name = parse_name(value)
    if name == LOCAL:
        raise PxeError(f"{LOCAL!r} means the local disk in the menu; rename the profile")
    return name


def _profile(name: str, section: Section, distributions: dict[str, Record]) -> Record:
    distribution = section.reference("distribution", distributions, "site_distributions")
    family = distributions[distribution]["family"] if distribution else None
    check_answers(section, family)
    if name == MENU_LOCK and section.has("menu_password_hash"):
        section.mistake(
            "menu_password_hash",
            f"{name!r} is the name of the menu's own password; rename the profile",
        )
    answers_by = _answers_by(section, family)
    return {
        "label": section.get("label", parse_menu_text, name),
        "distribution": distribution,
        "family": family,
        "source": _source(section, distributions.get(distribution or "")),
        "answers_by": answers_by,
        "kernel_arguments": section.items(
            "kernel_arguments", parse_kernel_argument, "[quiet, console=ttyS0]"
        ),
        "in_menu": section.get("in_menu", parse_bool, True),
        "menu_password": section.get("menu_password_hash", parse_menu_password, False),
        **read_menu_install(section, family, answers_by),
    }


def _source(section: Section, distribution: Record | None) -> str:
    """Where the installer has its tree from."""
    diskless = bool(distribution and "root" in distribution)
    source = section.word("source", SOURCES, "nfs" if diskless else "http")
    mistake = _source_mistake(source, distribution) if distribution else None
    if mistake:
        section.mistake("source", mistake)
    return source


def _source_mistake(source: str, distribution: Record) -> str | None:
    """Why the tree of a distribution, of which perhaps no family is known, cannot be shown by this source."""
    name, family = distribution["name"], FAMILIES.get(distribution["family"] or "")
    if "root" in distribution and source != "nfs":
        return (
            f"{source!r} cannot serve {name}, a root file system that its machines mount; "
            "write nfs, or leave source out"
        )
    if "mirror" in distribution and source != "http":
        return f"{source!r} does not apply to {name}, which machines fetch from its mirror; leave source out"
    if family and source not in family.sources:
        return (
            f"{source!r} is not supported by the installer of {family.name}; write {one_of(family.sources)}"
        )
    if family and source == "nfs-iso":
        mistake = family.nfs_images_mistake(distribution)
        return (
            f"'nfs-iso' is not possible: {mistake}; write nfs, with layout: hardlink or copy"
            if mistake
            else None
        )
    if source == "nfs" and is_overlay(distribution):
        return (
            f"'nfs' cannot serve the tree of {name}, an overlay of {len(distribution['isos'])} images: "
            "the kernel cannot tell their files apart for NFS; write layout: hardlink or copy for "
            f"site_distributions.{name}, or another source (http or ftp)"
        )
    return None


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
            f"{answers_by!r} is not supported for answers by the installer of {family}; write http",
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


def sources_of(profiles: dict[str, Record], distributions: dict[str, Record]) -> dict[str, t.Any]:
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
