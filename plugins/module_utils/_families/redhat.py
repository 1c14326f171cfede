# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Enterprise Linux and Fedora: the installer anaconda, answered by a kickstart.

CentOS, RHEL, Rocky, Alma, Oracle and Scientific Linux of one number have the same installer, so it is enough to know
that number. What the installers take is read from anaconda's branches rhel5-branch to rhel-10 (loader2/loader.c,
loader/loader.c, dracut/*.sh).
"""

from __future__ import annotations

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import _redhat_answers, _redhat_image
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import (
    AnswerFile,
    Family,
    Record,
    boot_card,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._families._redhat_mirror import find_on_mirror
from ansible_collections.netinstall.pxe.plugins.module_utils._families._redhat_release import (
    Release,
    release_facts,
    release_of,
)

_NAME_PREFIXES = (
    "alma",
    "almalinux",
    "anolis",
    "centos",
    "circle",
    "el",
    "eurolinux",
    "fedora",
    "miraclelinux",
    "navy",
    "ol",
    "oracle",
    "oraclelinux",
    "redhat",
    "rhel",
    "rocky",
    "rockylinux",
    "scientific",
    "scientificlinux",
    "sl",
    "springdale",
    "vzlinux",
)

# EL 5 and 6: anaconda's dispatch.py.
_STEPS = (
    "accounts",
    "autopartitionexecute",
    "basepkgsel",
    "bootdisk",
    "bootloader",
    "cleardiskssel",
    "complete",
    "copylogs",
    "dopostaction",
    "enablefilesystems",
    "filter",
    "filtertype",
    "findinstall",
    "findrootparts",
    "firstboot",
    "install",
    "installpackages",
    "installtype",
    "instbootloader",
    "keyboard",
    "language",
    "methodcomplete",
    "network",
    "partition",
    "parttype",
    "postinstallconfig",
    "postscripts",
    "postselection",
    "preinstallconfig",
    "reposetup",
    "setuptime",
    "storageinit",
    "storagedone",
    "tasksel",
    "timezone",
    "welcome",
    "writeconfig",
    "writeksconfig",
)

# The first Fedora of the installer in dracut, of the loader that takes repo=, and of an initrd with stage 2 inside.
_FEDORA_DRACUT, _FEDORA_REPO, _FEDORA_ONE_STAGE = 17, 9, 15
# Fedora 8 has Linux 2.6.23.
_FEDORA_LONG_LINES = 8


# Releases


def check_distribution(distribution: Record) -> None:
    """Refuse a distribution of which it is not known which release it is.

    :raises PxeError: what to write as its version.
    """
    release_of(distribution)


def nfs_images_mistake(distribution: Record) -> str:
    """EL 5 and 6 look for all discs of their set (loader2/nfsinstall.c, image.py), later ones for the first image that
    fits (find_first_iso_image)."""
    try:
        release = release_of(distribution)
    except PxeError:
        return ""
    if len(distribution["isos"]) > 1 and _takes_prefixes(release):
        return (
            f"the installer of {_release_name(release)} mounts one image only, and {distribution['name']} has "
            f"{len(distribution['isos'])}"
        )
    return ""


def mirror_mistake(distribution: Record) -> str:
    """The loader of EL 5 knows http:// and ftp:// only (loader2/urls.c). That of EL 6 has curl, which takes https."""
    try:
        release = release_of(distribution)
    except PxeError:
        return ""
    if (distribution["mirror"] or "").startswith("https:") and not _takes_repo(release):
        return f"the installer of {_release_name(release)} does not support https; write a mirror with http"
    return ""


# Kernel arguments


def _takes_prefixes(release: Release) -> bool:
    """Whether the installer's arguments begin with ``inst.``; from EL 9 on nothing else is understood."""
    return release.number >= (7 if release.kind == "el" else _FEDORA_DRACUT)


def _takes_repo(release: Release) -> bool:
    """Whether it is told its packages by ``repo=``, as EL 6 is, rather than ``method=``."""
    return release.number >= (6 if release.kind == "el" else _FEDORA_REPO)


def profile_arguments(profile: Record, distribution: Record) -> list[str]:
    """Where the installer finds its second stage and the packages, for machines with and without a kickstart.

    :param profile: from the plan: ``{source}``.
    :param distribution: from the plan: ``{name, version, tree_urls}``.
    """
    release = release_of(distribution)
    source = profile.get("source") or "http"
    tree = distribution["tree_urls"][source]
    # The installer itself need not come out of the image that it mounts.
    stage2 = distribution["tree_urls"]["http" if source == "nfs-iso" else source]
    if _takes_prefixes(release):
        return [f"inst.repo={tree}", f"inst.stage2={stage2}"]
    # The network card that the machine was booted from, if BOOTIF= says so. An argument of the profile or the machine
    # comes later, and the last one counts.
    card = "ksdevice=bootif"
    if not _takes_repo(release):
        return [f"method={tree}", card]
    one_stage = release.kind == "fedora" and release.number >= _FEDORA_ONE_STAGE
    return [f"repo={tree}", *([] if one_stage else [f"stage2={stage2}/images/install.img"]), card]


def longest_command_line(distribution: Record) -> tuple[int, str]:
    """What kernel and installer of a release read.

    The kernel of EL 5, 2.6.18, speaks boot protocol 2.05 at most: without the field cmdline_size, which came with 2.06
    (Linux 2.6.22), loaders hand on 255 bytes (Documentation/arch/x86/boot.rst). The loader of EL 6 reads /proc/cmdline
    into 1,024 bytes (anaconda, rhel6-branch, loader/loader.c). Dracut, from EL 7 on, reads all.
    """
    release = release_of(distribution)
    if release.number < (6 if release.kind == "el" else _FEDORA_LONG_LINES):
        return 255, f"the kernel of {_release_name(release)}, by its boot protocol,"
    if release.number < (7 if release.kind == "el" else _FEDORA_DRACUT):
        return 1023, f"the installer of {_release_name(release)}"
    return 2047, "the kernel"


def _release_name(release: Release) -> str:
    return f"{'EL' if release.kind == 'el' else 'Fedora'} {release.number}"


def rescue_arguments(distribution: Record) -> list[str]:
    """The installer's rescue mode: it looks for an installed system, mounts it and opens a shell."""
    word = "inst.rescue" if _takes_prefixes(release_of(distribution)) else "rescue"
    return [*profile_arguments({}, distribution), word]


def kernel_arguments(machine: Record, answer_url: str) -> list[str]:
    """What the installer must know of a machine before it can fetch the kickstart.

    :param machine: from the plan: ``{hostname, mac, address, netmask, gateway, dns, kernel_arguments}``,
        ``distribution`` (its record) and its ``answers``, of which ``console`` and ``network.bootproto`` count
        (``dhcp``, or ``static``: the same address without asking for it).
    """
    console = machine["answers"].get("console")
    prefixed = _takes_prefixes(release_of(machine["distribution"]))
    kickstart = (
        [f"inst.ks={answer_url}", "inst.ks.sendmac"] if prefixed else [f"ks={answer_url}", "kssendmac"]
    )
    return [
        *kickstart,
        boot_card(machine["mac"]),
        *_network(machine, prefixed),
        *([f"console={console}"] if console else []),
        *machine.get("kernel_arguments", []),
    ]


def _network(machine: Record, prefixed: bool) -> list[str]:
    if (machine["answers"].get("network") or {}).get("bootproto", "dhcp") != "static":
        return ["ip=dhcp"]
    address, netmask, gateway = machine["address"], machine["netmask"], machine.get("gateway") or ""
    servers = machine.get("dns") or []
    if prefixed:
        # dracut.cmdline(7): ip=<client>:<peer>:<gateway>:<netmask>:<hostname>:<interface>:none; BOOTIF= says which one.
        line = f"ip={address}::{gateway}:{netmask}:{machine['hostname']}::none"
        return [line, *(f"nameserver={server}" for server in servers)]
    return [
        f"ip={address}",
        f"netmask={netmask}",
        *([f"gateway={gateway}"] if gateway else []),
        *([f"dns={','.join(servers)}"] if servers else []),
    ]


FAMILY = Family(
    name=_redhat_image.NAME,
    name_prefixes=_NAME_PREFIXES,
    looked_for=_redhat_image.LOOKED_FOR,
    recognise=_redhat_image.recognise,
    describe=_redhat_image.describe,
    contradiction=_redhat_image.contradiction,
    # Further discs hold packages that the installer of the first one offers.
    several_images=True,
    built_tree=True,
    sources=("http", "ftp", "nfs", "nfs-iso"),
    expected_kernel="images/pxeboot/vmlinuz",
    expected_initrd=("images/pxeboot/initrd.img",),
    check_distribution=check_distribution,
    nfs_images_mistake=nfs_images_mistake,
    mirror_mistake=mirror_mistake,
    find_on_mirror=find_on_mirror,
    longest_command_line=longest_command_line,
    profile_arguments=profile_arguments,
    rescue_arguments=rescue_arguments,
    kernel_arguments=kernel_arguments,
    answer_files=(
        AnswerFile(
            name="ks.cfg",
            format="kickstart",
            template="kickstart.cfg.j2",
            file_template="anaconda-ks.cfg.j2",
        ),
    ),
    # Until EL 8 anaconda reads ks= before inst.ks=, whatever their order; kickstart= is a file, perhaps on the source.
    answer_arguments=("inst.ks", "ks", "inst.kickstart", "kickstart"),
    answer_keys=_redhat_answers.KEYS,
    complete_answers=_redhat_answers.complete_answers,
    scripts=_redhat_answers.scripts,
    installed_mistakes=_redhat_answers.installed_mistakes,
    offer_mistakes=_redhat_answers.offer_mistakes,
    release_facts=release_facts,
    steps=_STEPS,
    logs=("anaconda",),
    # A kickstart is made for one disk (ignoredisk --only-use), so a machine must name it.
    needs_disk=True,
)
