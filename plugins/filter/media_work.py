# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import os
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.netinstall.pxe.plugins.filter.installer import installer

DOCUMENTATION = r"""
name: media_work
short_description: What is to be done with the images of distributions, by what is known so far
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Tells the role P(netinstall.pxe.media#role) which images are downloaded, looked at, mounted and made trees of, what
    is no longer needed, and what is published in the end. It is asked before and after each step, and knows more each
    time.
positional: _input, root, said
options:
  _input:
    description: The distributions by name, as the role gets them.
    type: dict
    required: true
  root:
    description: The folder of images and trees on the server.
    type: path
    required: true
  said:
    description:
      - What the role's tasks have registered so far. What is missing or empty is not known yet.
      - C(downloads), C(images), C(netboots) and C(trees) are the results of M(netinstall.pxe.image_download),
        M(netinstall.pxe.iso_info), M(netinstall.pxe.netboot_tree) and M(netinstall.pxe.install_tree).
      - C(real) is the real path of the folder of trees, and C(units) are the results of reading mount units.
      - C(stamps), C(labels) and C(links) are the files that say what trees, network installers and links of images
        there are.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Show what is downloaded
  ansible.builtin.debug:
    msg: "{{ (site_plan.distributions | netinstall.pxe.media_work('/srv/pxe')).downloads }}"
"""

RETURN = r"""
_value:
  description:
    - C(downloads), the images and archives that have a URL, each once; C(unverified), paths of those without a
      checksum; and C(awaited), paths of those that are not there yet in check mode.
    - C(imaged), the distributions with images, of which C(built) are those whose tree M(netinstall.pxe.install_tree)
      makes, C(whole) those whose image is the tree, and C(overlaid) those whose images are mounted.
    - C(beside), the distributions whose kernel is published beside their tree.
    - Each of these is the distribution as described, with its C(installer); its C(image), as
      M(netinstall.pxe.iso_info) returns it; its C(network) installer, as M(netinstall.pxe.netboot_tree) returns it;
      C(images), for M(netinstall.pxe.install_tree); C(source), options of M(netinstall.pxe.netboot_tree); C(later),
      whether a tree of before is where its kernel is to be; and C(ready), whether the C(first) image, C(all) of them
      and the C(netboot) archive are there.
    - C(mirrors), with those that are C(down) (C(name) and C(reason)), and the names of those that are C(renewed) and of
      those that are C(unsigned).
    - C(linked), images that installers mount themselves, with C(name), C(number), C(src) and C(dest); and
      C(linked_folders), in which their links are.
    - C(found), the names of C(trees) and the paths of C(mounts) and C(netboots) that are there; and C(stale), those of
      them that are no longer described, with C(links) and C(last_links), the latter being the only names of their
      files.
    - C(published), what is known of each distribution in the end.
  type: dict
"""

Record = dict[str, t.Any]

# What is published of a distribution.
_KEYS = (
    *("family", "product", "version", "codename", "suite", "architecture", "variant", "volume_id", "kernel"),
    *("initrd", "stage2", "discs", "repositories", "index"),
)
# Of these, those that a network installer says of itself.
_RELEASE = ("version", "codename", "architecture")


def media_work(distributions: t.Mapping[str, Record], root: str, said: Record | None = None) -> Record:
    """What is to be done, by what the role's tasks have registered so far."""
    known = _Known(root, said or {})
    records = [known.record(one) for one in distributions.values()]
    imaged = [one for one in records if one["isos"]]
    beside = [one for one in records if one["netboot"]] + [one for one in records if "mirror" in one]
    written = [one for one in imaged if one.get("layout") in ("hardlink", "copy")]
    built = [one for one in imaged if one["installer"]["built_tree"]]
    built += _but(written, built)
    files = [image for one in imaged for image in one["isos"]]
    files += [one["netboot"] for one in records if one["netboot"]]
    linked = _linked(imaged)
    found = known.found
    return {
        "downloads": _unique(file for file in files if file.get("url")),
        "unverified": _unverified(files),
        "awaited": known.awaited,
        "imaged": imaged,
        "built": built,
        "whole": _but(imaged, built),
        "overlaid": _but(imaged, written),
        "beside": beside,
        "mirrors": _mirrors(known.results("netboots", "mirror")),
        "linked": linked,
        "linked_folders": list(dict.fromkeys(folder for link in linked for folder in _folders(root, link))),
        "found": found,
        "stale": {
            "trees": _without(found["trees"], _names(built)),
            "mounts": _without(found["mounts"], [f"{known.real}/{one['name']}" for one in imaged]),
            "netboots": _without(found["netboots"], [f"{one['tree']}-netboot" for one in beside]),
            **_stale_links(known.said.get("links") or (), linked),
        },
        "published": {one["name"]: _published(one, _names(beside), _names(built), known) for one in records},
    }


@dataclass
class _Known:
    """What is known so far."""

    root: str
    said: Record

    def __post_init__(self) -> None:
        self.images = self._by_name("images", "image")
        self.netboots = self._by_name("netboots", "netboot")
        self.trees = self._by_name("trees", "repositories")
        self.real = self.said.get("real") or ""
        self.found = self._found()
        names = [*self.found["trees"], *map(os.path.basename, self.found["mounts"])]
        self.replaced = {name[: -len("-netboot")] for name in names if name.endswith("-netboot")}

    def results(self, kind: str, key: str) -> list[Record]:
        """Those results of a task that have something to say."""
        return [result for result in self.said.get(kind) or () if key in result]

    def _by_name(self, kind: str, key: str) -> dict[str, t.Any]:
        return {result["item"]["name"]: result[key] for result in self.results(kind, key)}

    @property
    def awaited(self) -> list[str]:
        """In check mode, files that are not there yet."""
        return [result["path"] for result in self.results("downloads", "finished") if not result["finished"]]

    def _found(self) -> dict[str, list[str]]:
        texts = [base64.b64decode(unit["content"]).decode() for unit in self.results("units", "content")]
        points = [
            point.replace("%%", "%") for text in texts for point in re.findall(r"(?m)^Where=(.*)$", text)
        ]
        stamps, labels = (
            [os.path.dirname(file["path"]) for file in self.said.get(key) or ()]
            for key in ("stamps", "labels")
        )
        return {
            "trees": [os.path.basename(folder) for folder in stamps],
            # Units name the real folder.
            "mounts": [point for point in points if point.startswith(f"{self.real}/")],
            "netboots": labels,
        }

    def record(self, described: Record) -> Record:
        """A distribution as described, and what is known of it."""
        name = described["name"]
        image = self.images.get(name)
        return {
            **described,
            # The family that its image says, or before that is known, the described one.
            "installer": installer(image["family"] if image else described["family"]),
            "image": image,
            "network": self.netboots.get(name),
            "images": [
                {key: iso[key] for key in ("path", "checksum") if key in iso} for iso in described["isos"]
            ],
            "source": _source(described),
            "later": name in self.replaced,
            "ready": self._ready(described),
        }

    def _ready(self, described: Record) -> dict[str, bool]:
        """Whether its first image, all of them and its archive are there: in check mode they may not be yet."""
        awaited = self.awaited
        there = [image["path"] not in awaited for image in described["isos"]]
        netboot = described["netboot"] or {}
        return {
            "first": all(there[:1]),
            "all": all(there),
            "netboot": "mirror" in described or netboot.get("path") not in awaited,
        }


def _source(described: Record) -> Record:
    """Of netboot_tree's options, those that say what kernel and initrd are taken from."""
    if "root" in described:
        return {"root": described["root"]}
    if "mirror" in described:
        found = {"mirror": described["mirror"], "family": described["family"]}
    elif described["netboot"]:
        archive = described["netboot"]
        found = {"path": archive["path"], "checksum": archive.get("checksum"), "family": described["family"]}
    else:
        return {}
    return {key: value for key, value in found.items() if value}


def _linked(imaged: list[Record]) -> list[Record]:
    return [
        {
            "name": one["name"],
            "number": number,
            "src": iso["path"],
            "dest": f"{one['nfs_images']}/disc{number + 1}.iso",
        }
        for one in imaged
        if "nfs_images" in one
        for number, iso in enumerate(one["isos"])
    ]


def _folders(root: str, link: Record) -> list[str]:
    """The folders of a link, below that of the role."""
    return [f"{root}/nfs-iso", os.path.dirname(link["dest"])]


def _unverified(files: list[Record]) -> list[str]:
    unsaid = [file["path"] for file in files if "checksum" not in file]
    return unsaid + [file["path"] for file in files if "checksum" in file and not file["checksum"]]


def _mirrors(asked: list[Record]) -> Record:
    """What is worth a word of the mirrors that were asked."""
    said = [(result["item"]["name"], result["mirror"]) for result in asked]
    return {
        "down": [
            {"name": name, "reason": mirror["unreachable"]} for name, mirror in said if mirror["unreachable"]
        ],
        "renewed": [name for name, mirror in said if mirror["changed"]],
        "unsigned": sorted(
            {name for name, mirror in said if not mirror["checksums"] or mirror["signed"] is False}
        ),
    }


def _stale_links(files: t.Iterable[Record], linked: list[Record]) -> dict[str, list[str]]:
    wanted = [link["dest"] for link in linked]
    stale = [file for file in files if not file["isdir"] and file["path"] not in wanted]
    last = [file["path"] for file in stale if file["isreg"] and file["nlink"] == 1]
    return {"links": [file["path"] for file in stale if file["path"] not in last], "last_links": last}


def _published(record: Record, beside: list[str], built: list[str], known: _Known) -> Record:
    """What its image says; over that, what its tree or network installer says."""
    said: Record = {"discs": [], "repositories": [], "family": record["family"]}
    said.update(record["installer"]["expected"])
    said.update(record["image"] or {})
    if record["name"] in beside:
        url = record.get("netboot_url", f"{record['tree_url']}-netboot")
        said.update(kernel=f"{url}/linux", initrd=[f"{url}/initrd.gz"])
        network = {} if record["isos"] else record["network"] or {}
        said.update({key: network[key] for key in _RELEASE if key in network})
    if record["name"] in built:
        said["index"] = f"{known.root}/media/{record['name']}.json"
        said["repositories"] = known.trees.get(record["name"], said["repositories"])
    return {key: said.get(key) for key in _KEYS}


def _unique(items: t.Iterable[Record]) -> list[Record]:
    found: list[Record] = []
    for item in items:
        if item not in found:
            found.append(item)
    return found


def _names(records: list[Record]) -> list[str]:
    return [record["name"] for record in records]


def _but(records: list[Record], others: list[Record]) -> list[Record]:
    names = _names(others)
    return [record for record in records if record["name"] not in names]


def _without(items: list[str], others: list[str]) -> list[str]:
    return [item for item in items if item not in others]


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"media_work": media_work}
