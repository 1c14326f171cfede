# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Debian: the installer d-i, answered by a preseed file."""

from __future__ import annotations

import re

from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import (
    AnswerFile,
    Family,
    Image,
    Record,
    boot_card,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._families._debian_answers import (
    CODENAMES,
    KEYS,
    check,
    codename,
    complete_answers,
    scripts,
    tree_place,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._families._debian_initrd import initrd_flavour
from ansible_collections.netinstall.pxe.plugins.module_utils._families._debian_mirror import find_on_mirror
from ansible_collections.netinstall.pxe.plugins.module_utils._families._debian_netboot import read_archive

NAME = "debian"
_LOOKED_FOR = (
    ".disk/info that begins with 'Debian GNU/Linux', dists/<codename>/Release, and install.<architecture>/ with "
    "vmlinuz and initrd.gz"
)

# .disk/info as debian-cd's tools/start_new_disc writes it:
#   Debian GNU/Linux 13.1.0 "Trixie" - Official amd64 NETINST with firmware 20250906-10:22
#   Debian GNU/Linux testing "Forky" - Unofficial Snapshot amd64 DVD Binary-1 20260101-03:22
_INFO = re.compile(r'(?P<product>Debian GNU/Linux) (?P<version>\S+) "(?P<codename>[^"]+)" - (?P<rest>.+)')
_VARIANT = re.compile(
    r"(?P<kind>NETINST|DLBD|STICK16GB|BD|DVD|CD|BC|KDECD|XFCECD|LXDECD)(?: Binary-(?P<disc>\d+))?"
)
# Folders of the installer on the images (debian-cd, boot/*), by Debian's name of the architecture.
_INSTALLER_FOLDERS = {
    "amd64": "install.amd",
    "arm64": "install.a64",
    "armhf": "install.ahf",
    "i386": "install.386",
    "ppc64el": "install",
    "riscv64": "install.rv64",
}
# Items of d-i's main menu.
_STEPS = (
    "anna",
    "apt-setup-udeb",
    "auto-install",
    "base-installer",
    "bootstrap-base",
    "cdrom-checker",
    "cdrom-detect",
    "choose-mirror",
    "clock-setup",
    "console-setup-udeb",
    "disk-detect",
    "download-installer",
    "ethdetect",
    "file-preseed",
    "finish-install",
    "grub-installer",
    "hw-detect",
    "keyboard-configuration",
    "load-cdrom",
    "localechooser",
    "lowmem",
    "netcfg",
    "network-preseed",
    "partman-base",
    "pkgsel",
    "preseed-common",
    "save-logs",
    "tzsetup-udeb",
    "user-setup-udeb",
)
_KERNELS = ("vmlinuz", "vmlinux", "linux")


def recognise(image: Image) -> Record | None:
    """Say what Debian installation image this is; ``None`` when it is none.

    :returns: ``family``, ``product``, ``version`` (``13.1.0``), ``codename`` (``trixie``), ``suite`` (``stable``),
        ``architecture`` (Debian's name), ``variant`` (``NETINST``, ``DVD``, …), ``disc`` (number in its set),
        ``kernel``, ``initrd`` (a list; both relative to the root of the image, ``None`` and empty on a disc
        that carries no installer), ``initrd_flavour`` (see there) and ``kernel_releases``, those of which the
        image has d-i's kernel modules.
    """
    info = _INFO.match((image.read(".disk/info") or b"").decode("utf-8", "replace"))
    release = _release(image)
    if info is None or release is None:
        return None
    kernel, initrd, architecture = _installer(image, _architectures(info["rest"], release))
    variant = _VARIANT.search(info["rest"])
    return {
        "family": NAME,
        "product": info["product"],
        "version": info["version"],
        "codename": release.get("Codename", info["codename"].lower()),
        "suite": release.get("Suite"),
        "architecture": architecture,
        "variant": variant["kind"] if variant else None,
        "disc": int(variant["disc"] or 1) if variant else 1,
        "kernel": kernel,
        "initrd": [initrd] if initrd else [],
        "initrd_flavour": initrd_flavour(image.chunks(initrd) or iter(())) if initrd else None,
        "kernel_releases": _kernel_releases(image),
    }


def _release(image: Image) -> dict[str, str] | None:
    """The fields of dists/<codename>/Release; links (stable → trixie) are ignored."""
    for name in image.listdir("dists"):
        data = None if image.is_link(f"dists/{name}") else image.read(f"dists/{name}/Release")
        if data:
            lines = (line.partition(": ") for line in data.decode("utf-8", "replace").splitlines())
            return {key: value.strip() for key, colon, value in lines if colon and not key.startswith(" ")}
    return None


def _architectures(rest: str, release: dict[str, str]) -> list[str]:
    """Architectures of the image: what .disk/info says (one, or amd64/i386), else what Release says."""
    words = re.split(r"[\s/]+", rest)
    return [word for word in words if word in _INSTALLER_FOLDERS] or release.get("Architectures", "").split()


def _installer(image: Image, architectures: list[str]) -> tuple[str | None, str | None, str | None]:
    """Kernel, initrd and architecture of the first installer there is."""
    for architecture in architectures:
        folder = _INSTALLER_FOLDERS.get(architecture, f"install.{architecture}")
        kernel = next((f"{folder}/{name}" for name in _KERNELS if image.exists(f"{folder}/{name}")), None)
        if kernel and image.exists(f"{folder}/initrd.gz"):
            return kernel, f"{folder}/initrd.gz", architecture
    return None, None, architectures[0] if architectures else None


def _kernel_releases(image: Image) -> list[str]:
    """Kernel releases of the d-i modules in the pool: kernel-image-<release>-di_<version>_<arch>.udeb."""
    found: set[str] = set()
    for folder in image.listdir("pool/main/l"):
        if folder.startswith("linux"):
            names = image.listdir(f"pool/main/l/{folder}")
            matches = (re.match(r"kernel-image-(.+)-di_[^_]+_[^_]+\.udeb$", name) for name in names)
            found.update(match[1] for match in matches if match)
    return sorted(found)


def network_mistake(found: Record, name: str) -> str:
    """The installer on CDs and DVDs looks for a CD."""
    if found["initrd_flavour"] != "cdrom":
        return ""
    return (
        "carries the installer for CDs (its initrd has cdrom-retriever, not net-retriever), which finds nothing when a "
        "machine boots from the network. Also give Debian's network installer of the same point release: "
        f"site_distributions.{name}.netboot: {{path or url, checksum}} of "
        f"dists/{found['codename'] or '<codename>'}/main/installer-{found['architecture'] or '<architecture>'}/current/"
        "images/netboot/netboot.tar.gz on any Debian mirror (its checksum is in SHA256SUMS, one folder above)."
    )


# Kernel arguments


def profile_arguments(profile: Record, distribution: Record) -> list[str]:
    """What d-i must know before, or without, an answer file: that the rest of it is in the install tree.

    An armed installation answers the same questions again, perhaps with another mirror.
    """
    host, directory = tree_place(distribution["tree_url"])
    suite = codename(distribution)
    return [
        "mirror/protocol=http",
        "mirror/country=manual",
        f"mirror/http/hostname={host}",
        f"mirror/http/directory={directory}",
        *([f"mirror/suite={suite}"] if suite else []),
        # The role media has verified the image; trees made of images carry no signature. A mirror does.
        *([] if distribution.get("mirror") else ["debian-installer/allow_unauthenticated=true"]),
    ]


def rescue_arguments(distribution: Record) -> list[str]:
    """d-i's rescue mode (package rescue-mode): it asks for the root file system, and opens a shell in it."""
    return [*profile_arguments({}, distribution), "rescue/enable=true"]


def kernel_arguments(machine: Record, answer_url: str) -> list[str]:
    """What d-i must know of a machine before it can fetch the answer file: it configures the network first.

    :param machine: from the plan: ``{hostname, domain, mac, dns, kernel_arguments}``, and its ``answers``, of which
        ``console`` counts. What follows a ``---`` in its kernel_arguments stays with the installed system.
    """
    port = machine["answers"].get("console")
    console = [f"console={port}"] if port else []
    return [
        "auto=true",
        "priority=critical",
        f"url={answer_url}",
        "interface=auto",
        boot_card(machine["mac"]),
        "netcfg/dhcp_timeout=60",
        "netcfg/link_wait_timeout=10",
        # Without it, what DHCP says.
        *([f"hostname={machine['hostname']}"] if machine["hostname"] else []),
        *([f"domain={machine['domain']}"] if machine.get("domain") else []),
        # Without any, d-i stops and asks.
        *([f"netcfg/get_nameservers={machine['dns'][0]}"] if machine.get("dns") else []),
        *console,
        *machine.get("kernel_arguments", []),
        *(["---", *console] if console and "---" not in machine.get("kernel_arguments", []) else []),
    ]


def mirror_mistake(distribution: Record) -> str:
    """Packages are signed, so that http will do. d-i is told one protocol for all that it fetches."""
    if (distribution["mirror"] or "").startswith("https:"):
        return "the answers of Debian's installer name a mirror with http; its packages are signed"
    if not codename(distribution):
        return (
            f"of {distribution['name']!r} it is not known which release to fetch; write version, one of "
            f"{', '.join(repr(number) for number in CODENAMES)}"
        )
    return ""


FAMILY = Family(
    name=NAME,
    name_prefixes=("debian",),
    looked_for=_LOOKED_FOR,
    recognise=recognise,
    initrd_flavour=initrd_flavour,
    network_mistake=network_mistake,
    # Its trees are images as they are, and d-i fetches packages by HTTP.
    sources=("http",),
    expected_kernel="install.amd/vmlinuz",
    expected_initrd=("install.amd/initrd.gz",),
    read_netboot=read_archive,
    mirror_mistake=mirror_mistake,
    find_on_mirror=find_on_mirror,
    profile_arguments=profile_arguments,
    rescue_arguments=rescue_arguments,
    kernel_arguments=kernel_arguments,
    answer_files=(
        AnswerFile(
            name="preseed.cfg",
            format="preseed",
            template="preseed.cfg.j2",
            file_template="own-preseed.cfg.j2",
            own_template="own-preseed.cfg.j2",
            check=check,
        ),
    ),
    answer_arguments=(
        *("file", "preseed/file", "url", "preseed/url"),
        *("preseed/include", "preseed/include_command", "preseed/run"),
    ),
    # Of the commands that d-i is told so, this one runs before the answer file is there (S33preseed_early_command);
    # the others are answered by that file again before they run.
    early_arguments=("preseed/early_command",),
    answer_keys=KEYS,
    complete_answers=complete_answers,
    scripts=scripts,
    steps=_STEPS,
    logs=("syslog",),
    # d-i asks which disk to partition, so a machine must name one.
    needs_disk=True,
)
