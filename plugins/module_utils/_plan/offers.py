# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Offers: profiles that install without questions on machines that nobody described, once per MAC address.

Below the site's root::

    answers/offers/<profile>/<file>           rendered and checked once, for a machine that does not exist (STAND_IN_…)
    answers/offers/<profile>/for-<policy>     for which machines and disks that is; a web server that is configured for
                                              others releases nothing
    events/offers/<mac>/                      made by the web server by mkdir(2), at the release of an installation
    events/offers/<mac>/<profile>/            made right after it; what the machine PUTs lies in it
    events/offers/<mac>/described             it is of a machine that is described, or was: it is never offered anything
    events/offers/<mac>/_elsewhere            another web server of the site has installed it; see _offers_known

URLs, for machines of the offers' subnets and MAC prefixes::

    /offers/<profile>/<mac>/ready             200 if it would be released now; nothing happens
    /offers/<profile>/<mac>/release           200 once
    /offers/<profile>/<mac>/<file>            from the release until it is installed
    /offers/<profile>/<mac>/release/<file>    the answer file, whose fetch is the release: once
    /offers/<profile>/<mac>/events/<event>    PUT
    /offers/<profile>/<mac>/known             200 if this MAC is of no machine that is described, or was installed so
    /offers/<profile>/ks.cfg                  the kickstart, whose fetch is the release, of the MAC that anaconda sends
    /offers/<profile>/start.cfg               the little preseed of pxelinux, which knows no MAC; no secrets

A MAC in a path has lower-case digits and hyphens. In the functions it may also be what a loader or a shell puts in.
"""

from __future__ import annotations

import re
import typing as t

FOLDER = "offers"
#: A file beside the folders of profiles, so that no profile of an offer may have this name.
DESCRIBED = "described"
#: Instead of such a folder; no profile can have this name.
ELSEWHERE = "_elsewhere"
#: The preseed without secrets that pxelinux starts d-i with.
START_FILE = "start.cfg"
#: Words of the URLs that are not files of an offer.
RESERVED = ("ready", "release", "known", "events")
#: The first line of the file by which a machine that loads pxelinux by TFTP boots its disk after its installation.
LOCAL_HEADER = "# Written by the server: this machine had its installation.\n"
#: The machine that an offer's answer files are rendered for. nginx puts the real machine's values in their places.
STAND_IN_NAME = "unknown"
STAND_IN_MAC = "02:00:00:00:00:00"
#: TEST-NET-1 (RFC 5737): no machine has it.
STAND_IN_ADDRESS = "192.0.2.1"
#: The MAC address as iPXE puts it into a URL.
IPXE_MAC = "${netX/mac:hexhyp}"


class Spelling(t.NamedTuple):
    """A form of the MAC in answer files: what stands for it, and its six groups joined by what."""

    stand_in: str
    separator: str


SPELLINGS = tuple(Spelling(STAND_IN_MAC.replace(":", separator), separator) for separator in (":", "-", ""))

# As the web server has them: a unicast address.
_MAC = re.compile(r"[0-9a-f][02468ace](?:-[0-9a-f]{2}){5}\Z")


def answers_folder(profile: str) -> str:
    """Where an offer's files lie, below answers/."""
    return f"{FOLDER}/{profile}"


def policy_file(policy: str) -> str:
    """The file beside an answer file that says for which machines and disks it was made.

    A run of site.yml first gives the web server its configuration, then publishes answer files. If it ends in between,
    new machines would get the old answers, which may overwrite what the new ones must not.
    """
    return f"for-{policy}"


def is_policy_file(path: str) -> bool:
    """:arg path: below answers/."""
    return bool(re.fullmatch(rf"{FOLDER}/[^/]+/for-[0-9a-f]{{16}}", path))


def mac_name(mac: str) -> str:
    """A MAC address as paths and URLs have it; of anything else, such as a loader's variable, nothing is changed."""
    return (
        mac.lower().replace(":", "-")
        if re.fullmatch(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}", mac)
        else mac
    )


def is_mac_name(name: str) -> bool:
    """Whether it is a folder below events/offers/."""
    return bool(_MAC.match(name)) and name != mac_name(STAND_IN_MAC)


def mac_of(name: str) -> str:
    """The MAC address of such a folder, with colons."""
    return name.replace("-", ":")


def offer_url(base: str, profile: str) -> str:
    """:arg base: the web server's URL, without a slash at the end."""
    return f"{base}/{FOLDER}/{profile}"


def machine_url(base: str, profile: str, mac: str) -> str:
    return f"{offer_url(base, profile)}/{mac_name(mac)}"


def ready_url(base: str, profile: str, mac: str) -> str:
    """200: it would be released now. 403: not to this machine; 404: no such offer; 409: it had its installation;
    410: it is installed."""
    return f"{machine_url(base, profile, mac)}/ready"


def release_url(base: str, profile: str, mac: str) -> str:
    """200 once per MAC, whatever the profile; anything else: no kernel may be started."""
    return f"{machine_url(base, profile, mac)}/release"


def answer_url(base: str, profile: str, mac: str, file: str) -> str:
    """The answer file, or one beside it, for machines whose loader has asked for the release."""
    return f"{files_url(base, profile, mac)}/{file}"


def files_url(base: str, profile: str, mac: str) -> str:
    """The folder of an offer's files, as a machine that was released sees it."""
    return machine_url(base, profile, mac)


def released_answer_url(base: str, profile: str, mac: str, file: str) -> str:
    """The answer file whose fetch is the release."""
    return f"{release_url(base, profile, mac)}/{file}"


def events_url(base: str, profile: str, mac: str) -> str:
    """Where reports go: ``<url>/<event>``."""
    return f"{machine_url(base, profile, mac)}/events"


def known_url(base: str, profile: str, mac: str) -> str:
    """Asked by the guard about the other network cards of the machine. Anything but 200 means: do not install."""
    return f"{machine_url(base, profile, mac)}/known"


def kickstart_url_without_mac(base: str, profile: str) -> str:
    """For pxelinux: the kernel argument (inst.ks.sendmac, kssendmac) makes anaconda send its MAC addresses along."""
    return f"{offer_url(base, profile)}/ks.cfg"


def start_url(base: str, profile: str) -> str:
    """For pxelinux and d-i."""
    return f"{offer_url(base, profile)}/{START_FILE}"
