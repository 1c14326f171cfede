# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The part of the plan about distributions: what each is made from, and where installers find its tree."""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import (
    FAMILIES,
    PLANNED,
    family_of,
    root_family,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import Section
from ansible_collections.netinstall.pxe.plugins.module_utils._text.texts import (
    file_name_of,
    one_of,
    parse_checksum,
    parse_download_url,
    parse_mirror_url,
    parse_name,
    parse_path,
    parse_relative_path,
    parse_root_folder,
)

Record = dict[str, t.Any]

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
LAYOUTS = ("overlay", "hardlink", "copy")


def read_distributions(top: Section, root: str, services: dict[str, Record]) -> dict[str, Record]:
    """Read ``site_distributions``.

    :arg root: ``site_root``
    :arg services: those of the plan, where machines find each tree
    """
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


def _without_images() -> Record:
    """The keys of a distribution that is made from no image."""
    unknown = dict.fromkeys(("kernel", "initrd", "architecture", "version"))
    return {"isos": [], "netboot": None, "layout": LAYOUTS[0], **unknown}


def _root_file_system(name: str, section: Section, images: dict[str, Record]) -> Record:
    """A live system that is no image: a folder of the NFS server, from whose /boot the machines have their kernel."""
    folder = section.get("root", parse_root_folder)
    family = _family(name, section) if section.has("family") else root_family()
    if family and not FAMILIES[family].root_file_system:
        section.mistake(
            "root",
            f"does not apply to a {family} distribution; write family: {root_family()}, or leave root out",
        )
    for key in DISTRIBUTION_KEYS:
        if section.has(key) and key not in ("family", "root"):
            section.mistake(key, "is for images, but root is a folder; leave it out")
    image = {"path": folder, "url": None, "checksum": None}
    record = {**image, "address": section.address, "distribution": section.address}
    other = images.setdefault(folder, record)["address"] if folder else section.address
    if other != section.address:
        section.mistake(
            "root",
            f"{folder} is also that of {other}; describe it once, and write several site_profiles for it",
        )
    # Its kernel is published as that of a network installer is.
    return {"family": family, **_without_images(), "netboot": image, "root": folder}


def _mirror(name: str, section: Section) -> Record:
    """A distribution without images: kernel and initrd are fetched from a mirror, and all else by the machines."""
    for key in DISTRIBUTION_KEYS:
        if section.has(key) and key not in ("mirror", "family", "architecture", "version"):
            section.mistake(key, "is for images, but mirror is given; leave it out")
    distribution: Record = {
        "family": _family(name, section),
        **_without_images(),
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
            f"does not apply to a {family.name} distribution; leave it out, and list its images in isos",
        )
    try:
        family.check_distribution({"name": name, **distribution})
    except PxeError as error:
        section.mistake("version", str(error))


def _family(name: str, section: Section) -> str | None:
    if section.has("family"):
        family = section.word("family", (*FAMILIES, *PLANNED), "")
        if family in PLANNED:
            section.mistake(
                "family", f"{family!r} is not available in this version; write {one_of(FAMILIES)}"
            )
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


def is_overlay(distribution: Record) -> bool:
    """Whether the tree is an overlay: a single image is mounted as it is.

    overlayfs has file handles only if at most one of its layers lacks a UUID, and iso9660 has none (Linux,
    fs/overlayfs/super.c: "null uuid detected in lower fs ..., falling back to ... nfs_export=off").
    """
    return distribution["layout"] == "overlay" and len(distribution["isos"]) > 1
