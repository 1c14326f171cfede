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

import re

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import _redhat_answers
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import (
    AnswerFile,
    Family,
    Image,
    Record,
    boot_card,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._families._redhat_mirror import find_on_mirror
from ansible_collections.netinstall.pxe.plugins.module_utils._families._redhat_release import (
    ARCHITECTURES,
    Release,
    release_facts,
    release_kind,
    release_of,
    without_architecture,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text import treeinfo as _treeinfo

NAME = "redhat"
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
_LOOKED_FOR = (
    ".treeinfo with family, version and the paths of kernel and initrd, or .discinfo beside images/pxeboot/, repodata/ "
    "or packages"
)

# Installers that have a .treeinfo, but are not anaconda.
_STRANGERS = re.compile(r"suse|sles|sled", re.IGNORECASE)
# Where kernel and initrd lie on images whose .treeinfo does not tell.
_INSTALLERS = (
    ("images/pxeboot/vmlinuz", "images/pxeboot/initrd.img"),
    ("isolinux/vmlinuz", "isolinux/initrd.img"),
)
# What the initrd fetches: EL 6 and from EL 8 on, EL 7, EL 5.
_STAGES = ("images/install.img", "LiveOS/squashfs.img", "images/stage2.img", "images/minstg2.img")
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
_NUMBER = re.compile(r"\d+(?:\.\d+)*")

# The first Fedora of the installer in dracut, of the loader that takes repo=, and of an initrd with stage 2 inside.
_FEDORA_DRACUT, _FEDORA_REPO, _FEDORA_ONE_STAGE = 17, 9, 15
# Fedora 8 has Linux 2.6.23.
_FEDORA_LONG_LINES = 8


# Identification


def recognise(image: Image) -> Record | None:
    """Say which image of anaconda's this is; ``None`` when it is none.

    :returns: ``family``, ``product`` (``CentOS``, ``Rocky Linux``, …), ``version`` (``6.8``), ``architecture``
        (``x86_64``), ``variant``, ``disc`` (number in its set, from 1), ``discs`` (numbers that .discinfo says, none
        for ``ALL``), ``timestamp`` (of .discinfo: discs of one set have the same), ``kernel``, ``initrd`` (a list),
        ``stage2`` (``None`` and empty on a disc that carries no installer) and ``repositories``, ``[{id, path}]``.
        All paths are relative to the root of the image.
    """
    tree, disc = _read_treeinfo(image), _read_discinfo(image)
    label = _label(image, tree, disc)
    kernel, initrd = _installer(image, tree)
    repositories = _repositories(image, tree)
    if _STRANGERS.search(label) or not _is_anaconda(image, tree, disc, kernel, repositories):
        return None
    return {
        "family": NAME,
        "product": _product(image, tree, disc),
        "version": _version(image, tree, disc),
        "architecture": _architecture(image, tree, disc),
        "variant": _variant(tree),
        "disc": _disc(image, tree, disc),
        "discs": disc.discs if disc else [],
        "timestamp": disc.timestamp if disc else tree.timestamp,
        "kernel": kernel,
        "initrd": [initrd] if initrd else [],
        "stage2": _stage2(image, tree) if kernel else None,
        "repositories": [{"id": identifier, "path": path} for identifier, path in repositories],
    }


def _text(image: Image, path: str) -> str:
    return (image.read(path) or b"").decode("utf-8", "replace")


def _read_treeinfo(image: Image) -> _treeinfo.TreeInfo:
    """What .treeinfo says; nothing when there is none, or one of an installer that only borrowed the file's name.

    :raises PxeError: it is damaged, and anaconda needs it.
    """
    text = _text(image, ".treeinfo")
    try:
        return _treeinfo.parse(text) if text.strip() else _treeinfo.TreeInfo()
    except PxeError:
        if _has_layout(image):
            raise
        return _treeinfo.TreeInfo()


def _read_discinfo(image: Image) -> _treeinfo.DiscInfo | None:
    """What .discinfo says, in the same way."""
    text = _text(image, ".discinfo")
    try:
        return _treeinfo.parse_discinfo(text) if text.strip() else None
    except PxeError:
        if _has_layout(image):
            raise
        return None


def _has_layout(image: Image) -> bool:
    return any(image.exists(kernel) for kernel, _initrd in _INSTALLERS)


def _is_anaconda(
    image: Image,
    tree: _treeinfo.TreeInfo,
    disc: _treeinfo.DiscInfo | None,
    kernel: str | None,
    repositories: list[tuple[str, str]],
) -> bool:
    """An installer of the known layout, or a further disc of a set."""
    told = bool(disc or (tree.family and tree.version))
    # Live images have kernel and initrd at the same places, but nothing to install from over the network.
    if (told and (kernel or repositories)) or (kernel and repositories):
        return True
    # The first disc of a set may list the packages of all, or nobody those of the further ones.
    return disc is not None and _holds_packages(image)


def _holds_packages(image: Image) -> bool:
    return any(name.endswith(".rpm") for folder in ("", *image.listdir()) for name in image.listdir(folder))


def _names(image: Image, tree: _treeinfo.TreeInfo, disc: _treeinfo.DiscInfo | None) -> list[str]:
    """The texts that name product and version, the most reliable first."""
    repo = re.search(r"(?m)^name\s*=\s*(.+)$", _text(image, "media.repo"))
    treeinfo = " ".join(part for part in (tree.family, tree.version) if part)
    texts = [treeinfo, disc.release if disc else "", repo[1] if repo else "", image.volume_id]
    return [text.strip() for text in texts if text.strip()]


def _label(image: Image, tree: _treeinfo.TreeInfo, disc: _treeinfo.DiscInfo | None) -> str:
    return " ".join(_names(image, tree, disc))


def _product(image: Image, tree: _treeinfo.TreeInfo, disc: _treeinfo.DiscInfo | None) -> str | None:
    """The product's usual name; of one that is not known, what .treeinfo calls it."""
    if tree.family:
        return _treeinfo.known_product(tree.family) or tree.family
    return next(
        (product for name in _names(image, tree, disc) if (product := _treeinfo.known_product(name))), None
    )


def _version(image: Image, tree: _treeinfo.TreeInfo, disc: _treeinfo.DiscInfo | None) -> str | None:
    texts = (tree.version or "", *_names(image, tree, disc))
    numbers = (_NUMBER.search(without_architecture(text)) for text in texts)
    version = next((number[0] for number in numbers if number), None)
    # Scientific Linux 5.6 says 56.
    joined = re.fullmatch(r"([3-7])([0-9]{1,2})", version or "")
    return (
        f"{joined[1]}.{joined[2]}"
        if joined and _treeinfo.known_product(tree.family or "") == "Scientific Linux"
        else version
    )


def _architecture(image: Image, tree: _treeinfo.TreeInfo, disc: _treeinfo.DiscInfo | None) -> str | None:
    said = tree.arch or (disc.arch if disc else None)
    found = None if said else ARCHITECTURES.search(image.volume_id)
    return found[0] if found else said


def _variant(tree: _treeinfo.TreeInfo) -> str | None:
    """What .treeinfo says; RHEL 5 and 6 say it in the product's name (``Red Hat Enterprise Linux Server``)."""
    server = re.search(r"Linux (Server|Client|Workstation|ComputeNode)", tree.family or "")
    return tree.variant or (server[1] if server else None)


def _disc(image: Image, tree: _treeinfo.TreeInfo, disc: _treeinfo.DiscInfo | None) -> int:
    """Number in its set. A DVD that holds several CDs says ``1,2,3,…``."""
    if disc and disc.discs:
        return min(disc.discs)
    named = re.search(r"(?:dvd|disc|cd)[ _-]?(\d+)\b", image.volume_id, re.IGNORECASE)
    return tree.disc or (int(named[1]) if named else 1)


def _installer(image: Image, tree: _treeinfo.TreeInfo) -> tuple[str | None, str | None]:
    """Kernel and initrd: what .treeinfo says, if it is there, else the usual places."""
    for kernel, initrd in ((tree.kernel, tree.initrd), *_INSTALLERS):
        if kernel and initrd and image.exists(kernel) and image.exists(initrd):
            return kernel, initrd
    return None, None


def _stage2(image: Image, tree: _treeinfo.TreeInfo) -> str | None:
    return next((path for path in (tree.stage2, *_STAGES) if path and image.exists(path)), None)


def _repositories(image: Image, tree: _treeinfo.TreeInfo) -> list[tuple[str, str]]:
    """Those of .treeinfo that are there, then those that it does not tell: at the root, or one folder below it."""
    found = {path: identifier for identifier, path in tree.repositories if _is_repository(image, path)}
    folders = (name for name in image.listdir() if name not in ("repodata", "images", "isolinux"))
    for path in ("", *folders):
        if path not in found and _is_repository(image, path):
            found[path] = path or tree.variant or "base"
    return [(identifier, path) for path, identifier in found.items()]


def _is_repository(image: Image, path: str) -> bool:
    return image.exists(f"{path}/repodata/repomd.xml")


def describe(image: Image) -> Record:
    """What is known of an image that is described by hand, by the places where things usually are."""
    nothing = _treeinfo.TreeInfo()
    return {
        "stage2": _stage2(image, nothing),
        "repositories": [
            {"id": identifier, "path": path} for identifier, path in _repositories(image, nothing)
        ],
    }


def contradiction(name: str, found: Record) -> str | None:
    """What to do when a distribution's name speaks of another product than its image has; ``None`` when it does not.

    :param found: what recognise() returns.
    """
    said, product = _treeinfo.known_product(name), _treeinfo.known_product(found["product"] or "")
    if said and product and said.split()[0] != product.split()[0]:
        return "give the right image, or call the distribution otherwise"
    # The name decides which arguments and which syntax the installer gets.
    if product and (product == "Fedora") != (release_kind(name) == "fedora"):
        return f"give the right image, or a name that begins with {'fedora' if product == 'Fedora' else 'el'}"
    return None


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
            f"the installer of {_shown(release)} mounts one image only, and {distribution['name']} has "
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
        return f"the installer of {_shown(release)} knows no https; write a mirror with http"
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
        return 255, f"the kernel of {_shown(release)}, by its boot protocol,"
    if release.number < (7 if release.kind == "el" else _FEDORA_DRACUT):
        return 1023, f"the installer of {_shown(release)}"
    return 2047, "the kernel"


def _shown(release: Release) -> str:
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
    name=NAME,
    name_prefixes=_NAME_PREFIXES,
    looked_for=_LOOKED_FOR,
    recognise=recognise,
    describe=describe,
    contradiction=contradiction,
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
