#!/usr/bin/python
# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: boot_files
short_description: Publish the boot scripts and menus of a site, all or nothing
version_added: 1.0.0
author:
  - The netinstall.pxe authors (@netinstall)
description:
  - Renders the scripts that machines boot from, checks every one of them, and only then publishes them.
  - New contents are written beside their targets and reach the disk before the first one is renamed into place; stale
    files are removed last. Whenever a run is killed or the power fails, each machine finds its old script or its new
    one, and the next run completes the work and removes what is left over.
  - A run that finds nothing to do touches no file.
  - What is written are C(boot.ipxe), where every machine begins; C(menu.ipxe), for machines that the site does not
    know; C(local.ipxe), which boots the local disk; C(profiles/NAME.ipxe) with kernel and initrd; and
    C(machines/MAC.ipxe), which installs its machine while it is armed and boots the local disk otherwise.
  - Where the plan has pxelinux's menu for BIOS machines, or BIOS machines that load pxelinux.0 without iPXE, there are
    also C(syslinux/pxelinux.cfg/default), the menu, C(syslinux/pxelinux.cfg/01-MAC), which boots the local disk of a
    described machine, and C(syslinux/help/), its help screens. Without iPXE everything comes by TFTP, so that kernels
    and initrds are copied to C(syslinux/kernels/). What else these files refer to must be there.
  - Entries of the site's own for iPXE become C(entries/NAME.ipxe). Files that are brought for the menu go to
    C(syslinux/own/), which is for them alone, and pictures of help screens (C(.lss)) to C(syslinux/).
  - Arming changes none of these files, and no secret is in them but the hashes of the menu's passwords, which whoever
    reaches the server can read.
  - Files that this module wrote for profiles and machines that are not described any more are removed. No other file
    is touched.
extends_documentation_fragment:
  - netinstall.pxe._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  root:
    description:
      - The folder that is served. It is made when it is missing.
    type: path
    default: /srv/pxe/boot
  state:
    description:
      - With V(absent), all files that this module writes are removed, and folders that are empty then.
    type: str
    choices: [present, absent]
    default: present
  plan:
    description:
      - The plan that M(netinstall.pxe.boot_plan_info) returns, or of it C(urls), C(menu), C(profiles), C(distributions)
        and C(machines).
      - Required with O(state=present).
    type: dict
  media:
    description:
      - What the installation images of each distribution hold, by its name.
      - C(kernel) is a path, C(initrd) a list of paths. They are relative to C(base_url), which is the C(tree_url) of
        the distribution in O(plan) when it is not given. They may also be complete URLs.
      - In check mode, when the images are perhaps not on the server yet, a profile whose kernel is not known is left
        out with a warning.
    type: dict
    default: {}
  trees:
    description:
      - The folder of the install trees, from which kernels are copied for machines that load them by TFTP.
    type: path
    default: /srv/pxe/trees
  own:
    description:
      - The folder with the files that C(menu.files) in O(plan) takes from the control node, by their names. They are
        checked before one of them is published.
    type: path
    default: /srv/pxe/brought
  pxelinux:
    description:
      - What M(netinstall.pxe.boot_loaders) has published of syslinux in the folder C(syslinux/) below O(root).
      - Required where the plan's C(menu.bios) or C(backends.bios_loader) is V(pxelinux). In check mode, when it is
        perhaps not installed yet, its files are left out with a warning.
    type: dict
    suboptions:
      version:
        description:
          - The version of C(pxelinux.0), such as V(6.04).
        type: str
        required: true
      memory_test:
        description:
          - Whether C(syslinux/memtest) is a memory test.
        type: bool
        default: false
      splash:
        description:
          - The name of the menu's picture in C(syslinux/), PNG or JPEG, 640x480 pixels.
        type: str
  memory_test:
    description:
      - Whether C(memtest.efi) below O(root) is a memory test for UEFI, which iPXE's menu then offers.
      - That of pxelinux's menu is O(pxelinux.memory_test).
    type: bool
    default: false
  offers:
    description:
      - The offers of this web server to undescribed machines, as
        M(netinstall.pxe.publish_offers) has returned it as C(offered).
      - The menus offer it, C(offers/PROFILE.ipxe) starts it, and the one that O(plan) says is the menu's default for
        machines to which the web server would release it.
    type: dict
    default: {}
  menu_password_hash:
    description:
      - The hash of the password of pxelinux's menu. C(menu.password) in O(plan) says that there is one.
    type: str
  profile_password_hashes:
    description:
      - The hashes of the passwords of single entries of pxelinux's menu, by profile.
    type: dict
    default: {}
seealso:
  - module: netinstall.pxe.boot_plan_info
  - module: netinstall.pxe.boot_loaders
"""

EXAMPLES = r"""
- name: Compile the plan
  netinstall.pxe.boot_plan_info:
    site:
      server: {address: 10.77.0.1, interface: ens4, url: "http://10.77.0.1"}
      subnets:
        - {cidr: 10.77.0.0/24, gateway: 10.77.0.1, dns: [10.77.0.1]}
      distributions:
        debian-13: {isos: [{path: /srv/iso/debian-13.iso}]}
      profiles:
        debian13-minimal: {distribution: debian-13, label: Install Debian 13}
    machines:
      - name: node01
        mac: "52:54:00:aa:00:01"
        address: 10.77.0.11
        profile: debian13-minimal
        disk: /dev/vda
  register: compiled
  delegate_to: localhost

- name: Publish the boot files
  netinstall.pxe.boot_files:
    plan: "{{ compiled.plan }}"
    media:
      debian-13:
        kernel: install.amd/vmlinuz
        initrd: [install.amd/initrd.gz]
    pxelinux:
      version: "6.04"

- name: Take them away again
  netinstall.pxe.boot_files:
    state: absent
"""

RETURN = r"""
created:
  description: Files that were not there, as paths below O(root).
  returned: success
  type: list
  elements: str
  sample: [machines/52-54-00-aa-00-01.ipxe]
changed:
  description: Whether anything was, or in check mode would be, created, replaced or removed.
  returned: always
  type: bool
replaced:
  description: Files with other contents than before, or whose mode was put right; folders end in C(/).
  returned: success
  type: list
  elements: str
  sample: [menu.ipxe]
removed:
  description: Stale files, and hidden files that an interrupted run left over.
  returned: success
  type: list
  elements: str
  sample: [machines/52-54-00-aa-00-09.ipxe]
unchanged:
  description: Number of files that were right already.
  returned: success
  type: int
  sample: 1002
"""

import functools
import re
import typing as t
from dataclasses import dataclass, field

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netinstall.pxe.plugins.module_utils._boot import ipxe, offers_boot
from ansible_collections.netinstall.pxe.plugins.module_utils._boot import pxelinux as _pxelinux
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.loaders import (
    is_com32_module,
    is_elf_module,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES, installs
from ansible_collections.netinstall.pxe.plugins.module_utils._files import (
    Changes,
    copy_files,
    open_inside,
    publish,
    read_start,
)

# Of a file that is only looked at.
_MOST = 65536
_PARTS = ("urls", "menu", "profiles", "distributions", "machines")
_Record = dict[str, t.Any]
# In check mode, for images that nobody has looked into yet.
_UNKNOWN = {"kernel": "not-known-yet", "initrd": ["not-known-yet.initrd"], "stage2": "not-known-yet.squashfs"}


def profile_arguments(profile: _Record, distribution: _Record) -> list[str]:
    """Ask the profile's installer for the kernel arguments that all its machines share."""
    family = FAMILIES.get(profile["family"])
    if family is None:
        raise PxeError(
            f"site_profiles.{profile['name']}: no installer '{profile['family']}' is known;"
            f" there are {', '.join(sorted(FAMILIES))}"
        )
    return family.profile_arguments(profile, distribution)


def rescue_arguments(distribution: _Record) -> list[str] | None:
    """Kernel arguments of a distribution's rescue system; None if it has none."""
    family = FAMILIES.get(distribution.get("family") or "")
    return family.rescue_arguments(distribution) if family else None


def live_arguments(machine: _Record) -> list[str] | None:
    """Kernel arguments of a machine that runs a live system; None of one that installs."""
    return None if installs(machine) else FAMILIES[machine["family"]].kernel_arguments(machine, "")


def with_stage2(plan: _Record, media: _Record) -> _Record:
    """The plan with what only the images tell: where in its tree a live system lies."""
    told = {
        name: {**one, "stage2": (media.get(name) or {}).get("stage2")}
        for name, one in plan["distributions"].items()
    }
    return {**plan, "distributions": told}


def check_plan(plan: _Record) -> None:
    missing = [part for part in _PARTS if part not in plan]
    if missing:
        raise PxeError(
            f"plan: {', '.join(missing)} missing: pass on what netinstall.pxe.boot_plan_info returned as plan"
        )


def unknown_profiles(plan: _Record, media: _Record) -> list[str]:
    """Profiles whose kernel nobody has found yet."""

    def known(distribution: str) -> bool:
        facts = media.get(distribution) or {}
        return bool(facts.get("kernel") and facts.get("initrd"))

    return [name for name, profile in plan["profiles"].items() if not known(profile["distribution"])]


def is_ours(root: str, path: str) -> bool:
    # Looking at the names first saves reading the loaders.
    start = b""
    if ipxe.may_be_ours(path) or _pxelinux.may_be_stale(path):
        start = read_start(root, path) or b""
    return ipxe.is_ours(path, start) or _pxelinux.is_ours(path, start)


def without_hashes(changes: Changes) -> Changes:
    """The same for a diff: also the former hashes of passwords are not for the log."""
    for texts in (changes.before, changes.after):
        for path, text in texts.items():
            if _pxelinux.may_be_stale(path):
                texts[path] = _pxelinux.without_hashes(text)
    return changes


def remove_all(root: str, check: bool) -> Changes:
    changes = publish(root, {}, owned=lambda path: is_ours(root, path), check=check, prune=True)
    return without_hashes(changes)


def _is_script(data: bytes) -> str:
    return "" if data.startswith(b"#!ipxe") else "is no script of iPXE's: its first line is '#!ipxe'"


def _is_kernel(data: bytes) -> str:
    return "" if data[510:512] == b"\x55\xaa" else "is no Linux kernel, nor made like one"


def _is_module(data: bytes, elf: bool) -> str:
    if not (is_elf_module(data) or is_com32_module(data)):
        return "is no module of syslinux for BIOS"
    if is_elf_module(data) != elf:
        return f"is a module of syslinux {'before 5.00' if elf else '5.00 or later'}, which this pxelinux cannot load"
    return ""


def _is_there(folder: str, path: str) -> bool:
    try:
        with open_inside(folder, path):
            return True
    except (OSError, PxeError):
        return False


def _say_nothing(_message: str) -> None:
    """For those who do not listen to warnings."""


def of_tree(trees: str, path: str) -> tuple[str, str]:
    """The folder of a tree, and the path of a file in it: no link leads from one tree to another."""
    name, _slash, rest = path.partition("/")
    return f"{trees}/{name}", rest


@dataclass
class Publication:
    """One run with O(state=present)."""

    root: str
    plan: _Record
    media: _Record
    trees: str = "/srv/pxe/trees"
    check: bool = False
    pxelinux: _Record | None = None
    memory_test: bool = False
    menu_hash: str = field(default="", repr=False)
    profile_hashes: dict[str, str] = field(default_factory=dict, repr=False)
    offers: _Record = field(default_factory=dict)
    warn: t.Callable[[str], None] = _say_nothing
    #: Profiles that are neither rendered nor removed, and whether pxelinux's files are not.
    left_out: list[str] = field(default_factory=list)
    without_pxelinux: bool = False
    #: Kernels and initrds to be copied, by path below the root; and what the site brings for the menu.
    kernels: dict[str, tuple[str, str]] = field(default_factory=dict)
    brought: dict[str, tuple[str, str]] = field(default_factory=dict)
    own: str = "/srv/pxe/brought"

    def run(self) -> Changes:
        check_plan(self.plan)
        self.leave_out()
        unknown = {self.plan["profiles"][name]["distribution"]: _UNKNOWN for name in self.left_out}
        self.media = {**self.media, **unknown}
        self.plan = with_stage2(self.plan, self.media)
        self.brought = {one["path"]: self.source_of(one) for one in self.plan["menu"].get("files", [])}
        files = {**self.pxelinux_files(), **self.ipxe_files()}
        self.check_needed(files)
        self.check_scripts()
        # First what the menus refer to. A machine that boots meanwhile gets the former kernel or this one.
        copied = copy_files(self.root, {**self.kernels, **self.brought}, check=self.check)
        changes = publish(
            self.root, t.cast("dict[str, bytes | str]", files), owned=self.is_stale, check=self.check
        )
        changes.created[:0] = copied.created
        changes.changed[:0] = copied.changed
        changes.unchanged += copied.unchanged
        return without_hashes(changes)

    def leave_out(self) -> None:
        """What check mode cannot know on a new server."""
        if not self.check:
            return
        self.left_out = unknown_profiles(self.plan, self.media)
        for name in self.left_out:
            self.warn(
                f"profiles/{name}.ipxe is left out of this check: the images of its distribution are not known yet"
            )
        if _pxelinux.is_wanted(self.plan) and not self.pxelinux:
            self.without_pxelinux = True
            self.warn("The menu of pxelinux is left out of this check: pxelinux is not installed yet")

    def left_out_paths(self) -> set[str]:
        distributions = [self.plan["profiles"][name]["distribution"] for name in self.left_out]
        return {
            *map(ipxe.profile_path, self.left_out),
            *map(ipxe.offer_path, self.left_out),
            *map(ipxe.rescue_path, distributions),
        }

    def ipxe_files(self) -> dict[str, str]:
        profiles = {name: one for name, one in self.plan["profiles"].items() if name not in self.left_out}
        arguments = ipxe.Arguments(profile_arguments, rescue_arguments, live_arguments)
        plan = {**self.plan, "profiles": profiles}
        offers = offers_boot.offers_of(plan, self.offers)
        return ipxe.boot_files(plan, self.media, arguments, self.memory_test, offers)

    def pxelinux_files(self) -> dict[str, str]:
        """The configurations, once it is sure that all is there that they refer to."""
        if not _pxelinux.is_wanted(self.plan) or self.without_pxelinux:
            return {}
        if not self.pxelinux:
            raise PxeError("pxelinux is wanted, but not on the server: run the role loader_syslinux first")
        version = _pxelinux.parse_version(self.pxelinux["version"])
        site = self.pxelinux_site(self.pxelinux, version)
        files = _pxelinux.config_files(site)
        self.kernels = {
            f"{_pxelinux.FOLDER}/{path}": of_tree(self.trees, source)
            for path, source in _pxelinux.all_kernel_copies(site).items()
        }
        self.check_own(version)
        self.check_screens()
        self.check_references(files, version)
        self.check_picture(self.pxelinux.get("splash"))
        return files

    # What the site brings

    def source_of(self, one: _Record) -> tuple[str, str]:
        return of_tree(self.trees, one["tree"]) if "tree" in one else (self.own, one["name"])

    def read(self, path: str) -> bytes | None:
        """What a file below the root will hold, or nothing if check mode cannot know. At most 64 KiB of it."""
        try:
            if path in self.brought:
                with open_inside(*self.brought[path]) as file:
                    return file.read(_MOST)
            return read_start(self.root, path, _MOST)
        except (OSError, PxeError) as exc:
            if self.check:
                return None
            raise PxeError(f"{path}: {'/'.join(self.brought[path])} on the server cannot be read") from exc

    def check_needed(self, files: dict[str, str]) -> None:
        for one in self.plan["menu"].get("needed", []):
            path = one["path"]
            if path in files or path in self.brought or read_start(self.root, path, 1) is not None:
                continue
            message = (
                f"{one['address']}: there is no {path} below {self.root}; put it there, bring it ({{file: NAME}}), or"
                " for a module of syslinux name it in loader_syslinux_modules"
            )
            if not self.check:
                raise PxeError(message)
            self.warn(message)

    def check_scripts(self) -> None:
        """iPXE would take what does not begin like a script for a kernel."""
        for entry in ipxe.own_entries(self.plan["menu"]):
            if entry["ipxe"]["action"] == "script":
                self.check_start(
                    entry["ipxe"]["file"], f"site_menu.entries.{entry['name']}.script", _is_script
                )

    def check_own(self, version: _pxelinux.Version) -> None:
        """What is brought must be something that pxelinux can start."""
        menu = self.plan["menu"]
        if menu.get("memory_test_file") in self.brought:
            self.check_start(menu["memory_test_file"], "site_menu.memory_test", _is_kernel)
        for entry in menu.get("entries", []):
            about = entry["pxelinux"] or {}
            if about.get("action") == "com32":
                fits = functools.partial(_is_module, elf=version >= (5, 0))
                self.check_start(about["file"], f"site_menu.entries.{entry['name']}.com32", fits)

    def check_start(self, path: str, address: str, fits: t.Callable[[bytes], str]) -> None:
        data = self.read(path) if "://" not in path else None
        mistake = fits(data) if data else ""
        if mistake:
            raise PxeError(f"{address}: {path} {mistake}")

    def check_screens(self) -> None:
        """Screens are text, and the pictures that they show lie beside pxelinux."""
        menu = self.plan["menu"]
        screens = {f"help.{key}": screen for key, screen in (menu.get("help") or {}).items()}
        screens["display"] = menu.get("display")
        for key, screen in screens.items():
            address = f"site_menu.{key}"
            path = screen["path"] if isinstance(screen, dict) else None
            data = self.read(path) if path else str(screen or "").encode()
            if data and b"\0" in data:
                raise PxeError(f"{address}: {path} is no text with SYSLINUX's control codes")
            for picture in _pxelinux.pictures_of(data or b""):
                self.add_picture(picture, path, address)

    def add_picture(self, picture: str, screen: str | None, address: str) -> None:
        """A picture that lies on the disc beside the screen is published with it."""
        path = f"{_pxelinux.FOLDER}/{picture}"
        folder, source = self.brought.get(screen or "", ("", ""))
        if path in self.brought or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*\.lss", picture):
            return
        beside = (folder, "/".join([*source.split("/")[:-1], picture]))
        if folder and folder != self.own and _is_there(*beside):
            self.brought[path] = beside
        elif read_start(self.root, path, 1) is None:
            self.warn(f"{address} shows {picture}, which is not there: name it in site_menu.files")

    def check_fragments(self, files: dict[str, str], version: _pxelinux.Version) -> dict[str, list[str]]:
        """Check the parts of the menu that the site brings. The files that they need, and who needs each."""
        menu = self.plan["menu"]
        taken = _pxelinux.labels_of(files[f"{_pxelinux.FOLDER}/{_pxelinux.DEFAULT}"])
        wanted: dict[str, list[str]] = {}
        for path in menu.get("include", []):
            data = self.read(path)
            if data is None:
                continue
            text = data.decode("utf-8", "replace")
            labels, needed = _pxelinux.check_fragment(text, path, version, taken, bool(self.menu_hash))
            taken += labels
            for name in needed:
                wanted.setdefault(name, []).append(path)
        return wanted

    def pxelinux_site(self, given: _Record, version: _pxelinux.Version) -> _pxelinux.Site:
        return _pxelinux.Site(
            self.plan,
            self.media,
            profile_arguments,
            rescue_arguments,
            live_arguments,
            version,
            bool(given.get("memory_test")),
            given.get("splash"),
            *self.hashes(),
            offers_boot.offers_of(self.plan, self.offers),
        )

    def hashes(self) -> tuple[str, dict[str, str]]:
        """What the plan says must have been passed on: a menu without its passwords would be open to all."""
        if self.plan["menu"].get("password") and not self.menu_hash:
            raise PxeError("menu_password_hash: the plan has a password here, but its hash was not passed on")
        protected = [name for name, one in self.plan["profiles"].items() if one.get("menu_password")]
        missing = [name for name in protected if not self.profile_hashes.get(name)]
        if missing:
            raise PxeError(
                f"profile_password_hashes: the plan has a password for {', '.join(missing)}, but its hash was not"
                " passed on"
            )
        return self.menu_hash, {name: self.profile_hashes[name] for name in protected}

    def check_references(self, files: dict[str, str], version: _pxelinux.Version) -> None:
        """A menu without its modules, or an entry without its kernel, is not published."""
        references = {
            **self.check_fragments(files, version),
            **_pxelinux.references(files, version),
        }
        known = {*files, *self.kernels, *self.brought}
        for name, users in references.items():
            server, colons, rest = name.partition("::")
            path = rest if colons else f"{_pxelinux.FOLDER}/{name}"
            if (server and colons) or path in known or read_start(self.root, path, 1) is not None:
                continue
            message = f"{users[0]} refers to {path}, which is not in {self.root}"
            if not self.check:
                raise PxeError(f"{message}: run the role loader_syslinux first")
            self.warn(f"{message} yet")

    def check_picture(self, splash: str | None) -> None:
        data = read_start(self.root, f"{_pxelinux.FOLDER}/{splash}", 65536) if splash else None
        mistake = _pxelinux.picture_mistake(data) if data else None
        if mistake:
            self.warn(f"site_menu.splash: the menu of pxelinux will not show the picture: {mistake}")

    def is_stale(self, path: str) -> bool:
        if path in self.kernels or path in self.brought:
            return False
        if path in self.left_out_paths():
            return False
        if self.without_pxelinux and _pxelinux.may_be_stale(path):
            return False
        return (ipxe.may_be_stale(path) or _pxelinux.may_be_stale(path)) and is_ours(self.root, path)


def run(module: AnsibleModule) -> Changes:
    params = module.params
    if params["state"] == "absent":
        return remove_all(params["root"], module.check_mode)
    return Publication(
        params["root"],
        params["plan"],
        params["media"],
        params["trees"],
        module.check_mode,
        params["pxelinux"],
        params["memory_test"],
        params["menu_password_hash"] or "",
        params["profile_password_hashes"],
        params["offers"],
        module.warn,
        own=params["own"],
    ).run()


def result_of(changes: Changes, root: str, diff: bool) -> dict[str, t.Any]:
    result = {
        "changed": bool(changes),
        "created": changes.created,
        "replaced": changes.changed,
        "removed": [*changes.removed, *changes.leftovers],
        "unchanged": changes.unchanged,
    }
    if diff:
        result["diff"] = changes.diff(root)
    return result


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "root": {"type": "path", "default": "/srv/pxe/boot"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "plan": {"type": "dict"},
            "media": {"type": "dict", "default": {}},
            "trees": {"type": "path", "default": "/srv/pxe/trees"},
            "own": {"type": "path", "default": "/srv/pxe/brought"},
            "pxelinux": {
                "type": "dict",
                "options": {
                    "version": {"type": "str", "required": True},
                    "memory_test": {"type": "bool", "default": False},
                    "splash": {"type": "str"},
                },
            },
            "memory_test": {"type": "bool", "default": False},
            "offers": {"type": "dict", "default": {}},
            "menu_password_hash": {"type": "str", "no_log": True},
            "profile_password_hashes": {"type": "dict", "default": {}, "no_log": True},
        },
        required_if=[("state", "present", ["plan"])],
        supports_check_mode=True,
    )
    try:
        changes = run(module)
        module.exit_json(**result_of(changes, module.params["root"], module._diff))
    except PxeError as exc:
        module.fail_json(msg=str(exc))


if __name__ == "__main__":
    main()
