# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Boot entries: what machines can start, made once from the plan and the families, in no loader's language."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.netinstall.pxe.plugins.module_utils._boot.offers import Offer, offers_of
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.paths import has_kernel, kernel_urls
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES, installs
from ansible_collections.netinstall.pxe.plugins.module_utils._text.menus import LOCAL, MEMORY_TEST, MENU_LOCK

Record = dict[str, t.Any]

#: What the entry of the local disk is called if the site does not say it.
LOCAL_DISK = "Boot the local disk"
# In check mode, for images that nobody has looked into yet.
_UNKNOWN = {"kernel": "not-known-yet", "initrd": ["not-known-yet.initrd"], "stage2": "not-known-yet.squashfs"}


class Words(t.NamedTuple):
    """Kernel arguments, and their address for messages."""

    address: str
    said: t.Sequence[str]


class Kernel(t.NamedTuple):
    """A distribution's kernel. Its files are URLs."""

    distribution: str
    url: str
    initrds: t.Sequence[str]
    arguments: t.Sequence[Words]
    #: False in check mode, if nobody has looked into the image yet.
    is_known: bool = True


class Program(t.NamedTuple):
    """What an entry of the site's own starts. Its files are URLs, or paths below boot/."""

    #: kernel; chain (another loader), com32, config, script: if the loader has such a thing.
    action: str
    file: str
    initrds: t.Sequence[str] = ()
    arguments: t.Sequence[str] = ()


@dataclass(frozen=True)
class Entry:
    """What a menu can offer."""

    name: str
    label: str
    #: In the description, for messages.
    address: str = ""
    #: Whose password it asks for: ``MENU_LOCK``, or the name of a profile; empty if it asks for none.
    lock: str = ""
    #: Of profiles and rescue systems.
    kernel: Kernel | None = None
    #: Of all others, by the name of the loader that can start it. A loader has a memory test of its own.
    programs: t.Mapping[str, Program] = field(default_factory=dict)
    #: Of profiles: whether menus show it, and whether it installs or is a live system.
    in_menu: bool = True
    installs: bool = True

    @property
    def boots(self) -> Kernel:
        """The kernel of an entry that must have one."""
        if self.kernel is None:
            raise PxeError(f"{self.name}: this entry has no kernel")
        return self.kernel

    @property
    def has_own_lock(self) -> bool:
        return self.lock == self.name


class Machine(t.NamedTuple):
    """A machine of the plan, and what its live system is told; None if it boots its disk unless it is armed."""

    record: Record
    live: Words | None


@dataclass(frozen=True)
class SiteEntries:
    """The entries of a site, and all else that a renderer gets.

    :param plan: ``{urls, servers, backends, menu, profiles, distributions, machines}`` of the plan, as one web server
        has it. A machine's own script leads to the machine's own web server, wherever it got it from.
    :param profiles: by name, in the order of the description.
    :param local: the label of the local disk, and its text, empty if the site has none of its own.
    :param offers: what is installed without questions on machines that nobody described; the menu's default first.
    :param server: what is known of the server, by the names of the renderers' options.
    :param menu_hash: the hash of site_menu.password_hash; a mapping of profiles to theirs. Never in a message.
    """

    plan: Record
    profiles: t.Mapping[str, Entry]
    rescues: t.Sequence[Entry]
    own: t.Sequence[Entry]
    memory_test: Entry | None
    local: Entry
    machines: t.Sequence[Machine]
    offers: t.Sequence[Offer] = ()
    server: t.Mapping[str, t.Any] = field(default_factory=dict)
    menu_hash: str = field(default="", repr=False)
    profile_hashes: t.Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def menu(self) -> Record:
        return t.cast("Record", self.plan["menu"])

    @property
    def in_menu(self) -> list[Entry]:
        return [profile for profile in self.profiles.values() if profile.in_menu]

    def of_known_images(self) -> SiteEntries:
        """Without what boots from images that are not known: in check mode on a new server its files are left out."""
        profiles = {name: one for name, one in self.profiles.items() if one.boots.is_known}
        return replace(
            self,
            profiles=profiles,
            rescues=[rescue for rescue in self.rescues if rescue.boots.is_known],
            offers=[offer for offer in self.offers if offer.name in profiles],
        )

    def own_of(self, loader: str) -> list[Entry]:
        """Entries of the site's own that a loader can start."""
        return [entry for entry in self.own if loader in entry.programs]


# What families say


class Arguments(t.NamedTuple):
    """Kernel arguments, as the families know them."""

    #: For (profile, distribution): what all machines of the profile share.
    profile: t.Callable[[Record, Record], t.Sequence[str]]
    #: Of a distribution's rescue system; None if it has none.
    rescue: t.Callable[[Record], t.Sequence[str] | None]
    #: Of a machine that runs a live system; None of one that installs.
    live: t.Callable[[Record], t.Sequence[str] | None]


def _profile_arguments(profile: Record, distribution: Record) -> list[str]:
    family = FAMILIES.get(profile["family"])
    if family is None:
        raise PxeError(
            f"site_profiles.{profile['name']}: no installer '{profile['family']}' is known;"
            f" there are {', '.join(sorted(FAMILIES))}"
        )
    return family.profile_arguments(profile, distribution)


def _rescue_arguments(distribution: Record) -> list[str] | None:
    family = FAMILIES.get(distribution.get("family") or "")
    return family.rescue_arguments(distribution) if family else None


def _live_arguments(machine: Record) -> list[str] | None:
    return None if installs(machine) else FAMILIES[machine["family"]].kernel_arguments(machine, "")


FAMILY_ARGUMENTS = Arguments(_profile_arguments, _rescue_arguments, _live_arguments)

# The entries of a site


def unknown_profiles(plan: Record, media: Record) -> list[str]:
    """Profiles whose kernel nobody has found yet."""
    return [
        name
        for name, profile in plan["profiles"].items()
        if not has_kernel(media.get(profile["distribution"]) or {})
    ]


def site_of(
    plan: Record,
    media: Record,
    arguments: Arguments = FAMILY_ARGUMENTS,
    left_out: t.Collection[str] = (),
    offers: t.Mapping[str, Record] | None = None,
    **more: t.Any,
) -> SiteEntries:
    """The entries of a site.

    :param media: what is known of the images, by distribution: see ``paths.kernel_urls``, and ``stage2``.
    :param left_out: profiles whose images need not be known.
    :param offers: what ``publish_offers`` returned.
    :param more: see ``SiteEntries``.
    :raises PxeError: names the item.
    """
    maker = _Maker(plan, media, arguments, left_out)
    menu = plan["menu"]
    local = menu.get("local") or {}
    return SiteEntries(
        plan,
        {name: maker.profile(profile) for name, profile in plan["profiles"].items()},
        maker.rescues() if menu.get("rescue", True) else [],
        [maker.own(entry) for entry in menu.get("entries", [])],
        Entry(MEMORY_TEST, "Test the memory") if menu.get("memory_test", True) else None,
        Entry(local.get("label") or LOCAL, local.get("text") or ""),
        [_machine(machine, arguments) for machine in plan["machines"]],
        offers_of(plan, offers or {}),
        **more,
    )


class _Maker:
    """Makes entries from the plan's records."""

    def __init__(
        self, plan: Record, media: Record, arguments: Arguments, left_out: t.Collection[str]
    ) -> None:
        self.plan, self.arguments = plan, arguments
        self.unknown = {plan["profiles"][name]["distribution"] for name in left_out}
        self.media = {**media, **dict.fromkeys(self.unknown, _UNKNOWN)}
        self.menu_lock = MENU_LOCK if plan["menu"].get("password") else ""

    def distribution(self, name: str) -> Record:
        """With what only the images tell: where in its tree a live system lies."""
        return {**self.plan["distributions"][name], "stage2": (self.media.get(name) or {}).get("stage2")}

    def kernel(self, distribution: Record, *arguments: Words) -> Kernel:
        name = distribution["name"]
        kernel, *initrds = kernel_urls(distribution, self.media.get(name) or {})
        return Kernel(name, kernel, initrds, arguments, name not in self.unknown)

    def profile(self, profile: Record) -> Entry:
        distribution = self.distribution(profile["distribution"])
        name, address = profile["name"], f"site_profiles.{profile['name']}"
        kernel = self.kernel(
            distribution,
            Words(address, self.arguments.profile(profile, distribution)),
            Words(f"{address}.kernel_arguments", profile["kernel_arguments"]),
        )
        lock = name if profile.get("menu_password") else self.menu_lock
        in_menu = profile.get("in_menu", True)
        return Entry(name, profile["label"], address, lock, kernel, {}, in_menu, installs(profile))

    def rescues(self) -> list[Entry]:
        """The rescue systems of the distributions that are in the menu, where they have one."""
        shown = (profile for profile in self.plan["profiles"].values() if profile.get("in_menu", True))
        found = []
        for name in dict.fromkeys(profile["distribution"] for profile in shown):
            distribution = self.distribution(name)
            arguments = self.arguments.rescue(distribution)
            if arguments is not None:
                address = f"site_distributions.{name}"
                kernel = self.kernel(distribution, Words(address, arguments))
                found.append(Entry(name, f"Rescue system of {name}", address, self.menu_lock, kernel))
        return found

    def own(self, entry: Record) -> Entry:
        programs = {
            loader: Program(
                about["action"], about["file"], about.get("initrd") or [], about.get("append") or []
            )
            for loader, about in entry.items()
            if isinstance(about, dict)
        }
        address = f"site_menu.entries.{entry['name']}"
        return Entry(entry["name"], entry["label"], address, self.menu_lock, programs=programs)


def _machine(machine: Record, arguments: Arguments) -> Machine:
    live = arguments.live(machine)
    return Machine(machine, None if live is None else Words(f"kernel_arguments of {machine['name']}", live))
