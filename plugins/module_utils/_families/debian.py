# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Debian: the installer d-i, answered by a preseed file."""

from __future__ import annotations

import lzma
import re
import typing as t
import zlib

from ansible_collections.netinstall.pxe.plugins.module_utils import _answers, _preseed
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

NAME = "debian"
INSTALLS = True
# d-i asks which disk to partition, so a machine must name one.
NEEDS_DISK = True
# Its trees are images as they are, and d-i fetches packages by HTTP.
SEVERAL_IMAGES = False
NETBOOT = True
SOURCES = ("http",)
NAME_PREFIXES = ("debian",)
ANSWER_FILE = "preseed.cfg"
ANSWER_FORMAT = "preseed"
ANSWER_ARGUMENTS = (
    *("file", "preseed/file", "url", "preseed/url"),
    *("preseed/include", "preseed/include_command", "preseed/run"),
)
ANSWER_TEMPLATE = "preseed.cfg.j2"
FILE_TEMPLATE = "own-preseed.cfg.j2"
OWN_TEMPLATE = "own-preseed.cfg.j2"
# The answers a profile may give: their types, see _families.Schema. What the values must be, complete_answers says.
ANSWER_KEYS = {
    "locale": "str",
    "keyboard": "str",
    "timezone": "str",
    "ntp_server": "str",
    "packages": ["str"],
    "kernel_package": "str",
    "install_recommends": "bool",
    "root_password_hash": "str",
    "root_ssh_keys": ["key"],
    "users": _answers.USERS,
    "partitioning": {
        "method": "str",
        "recipe": "str",
        "swap": "bool",
        "break_arrays": "bool",
        "allow_removable": "bool",
    },
    "disk_rule": _answers.DISK_RULE,
    "mirror": {"host": "str", "directory": "str", "suite": "str", "authenticated": "bool"},
    "early_commands": ["text"],
    "late_commands": ["text"],
    "console": "str",
    "extra": "text",
    "file": "str",
    "files": ["str"],
}

# What recognise() looks for, for the message about an image that nobody knows.
LOOKED_FOR = (
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
_KERNELS = ("vmlinuz", "vmlinux", "linux")
_LARGEST_INITRD = 1 << 30
_XZ_MEMORY = 256 << 20
_PIECE = 4096
# The program in d-i's initrd that fetches the rest of d-i (anna), as a cpio entry's name ends.
_RETRIEVER = b"debian-installer/retriever/%s\0"
_FLAVOURS = {"netboot": _RETRIEVER % b"net-retriever", "cdrom": _RETRIEVER % b"cdrom-retriever"}


# What d-i calls the releases; an image of another one needs answers.mirror.suite only if d-i guesses wrong.
_CODENAMES = {"10": "buster", "11": "bullseye", "12": "bookworm", "13": "trixie", "14": "forky"}
_DEFAULTS: dict[str, t.Any] = {
    "locale": "en_US.UTF-8",
    "keyboard": "us",
    "timezone": "UTC",
    "ntp_server": "",
    "packages": [],
    "kernel_package": "",
    "install_recommends": True,
    "root_password_hash": "",
    "root_ssh_keys": [],
    "users": [],
    "partitioning": {
        "method": "regular",
        "recipe": "atomic",
        "swap": True,
        "break_arrays": False,
        "allow_removable": False,
    },
    "disk_rule": _answers.RULE_DEFAULTS,
    "mirror": {"host": "", "directory": "", "suite": "", "authenticated": False},
    "early_commands": [],
    "late_commands": [],
    "console": "",
    "extra": "",
    "file": "",
    "files": [],
}
_CHOICES = {"method": ("regular", "lvm"), "recipe": ("atomic", "home", "multi")}
# One word each, as those of all installers.
_WORDS = {
    **_answers.WORDS,
    "kernel_package": (r"([a-z0-9][a-z0-9+.-]*)?", "linux-image-amd64"),
    "host": (r"[A-Za-z0-9.-]+(:[0-9]+)?", "mirror.example"),
    "directory": (r"/[A-Za-z0-9._~/-]*", "/debian"),
    "suite": (r"[a-z0-9.-]*", "trixie"),
}
_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+(:[a-z0-9]+)?(/[a-z0-9.-]+|=[A-Za-z0-9.+~:-]+)?\Z")
# Answered by the collection itself; another answer would break the reports or the guard of the disk.
_OURS = (
    "preseed/early_command",
    "preseed/late_command",
    "partman/early_command",
    "partman-auto/disk",
    "grub-installer/bootdev",
)


class Image(t.Protocol):
    """What is asked of an image; see _iso.Image."""

    volume_id: str

    def read(self, path: str) -> bytes | None: ...
    def exists(self, path: str) -> bool: ...
    def is_link(self, path: str) -> bool: ...
    def listdir(self, path: str = "") -> list[str]: ...
    def chunks(self, path: str) -> t.Iterator[bytes] | None: ...


def recognise(image: Image) -> dict[str, t.Any] | None:
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


def initrd_flavour(chunks: t.Iterable[bytes]) -> str | None:
    """Tell where an initrd of d-i fetches the rest of the installer from.

    :param chunks: the initrd's bytes, in pieces of which the first has at least 6: cpio, plain or compressed by
        gzip or xz.
    :returns: ``netboot`` (from a mirror, over the network), ``cdrom`` (from a CD in the machine, so it is of no
        use to a machine that boots from the network), or ``None``: neither, or not readable.
    """
    overlap = max(len(mark) for mark in _FLAVOURS.values())
    found = None
    tail = b""
    total = 0
    try:
        for data in _decompress(chunks):
            total += len(data)
            if total > _LARGEST_INITRD:
                break
            window = tail + data
            if _FLAVOURS["netboot"] in window:
                return "netboot"
            if _FLAVOURS["cdrom"] in window:
                found = "cdrom"
            tail = window[-overlap:]
    except (zlib.error, lzma.LZMAError):
        # Something follows that is not compressed, or is damaged: what was seen so far counts.
        pass
    return found


def _release(image: Image) -> dict[str, str] | None:
    """The fields of dists/<codename>/Release; links (stable → trixie) are passed over."""
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


def _decompress(chunks: t.Iterable[bytes]) -> t.Iterator[bytes]:
    """Undo gzip or xz; members may follow each other, padded with zeros, as the kernel allows."""
    decoder: t.Any = None
    make: t.Any = None
    # Small pieces: what is packed may become a thousand times as large.
    slices = (chunk[at : at + _PIECE] for chunk in chunks for at in range(0, len(chunk), _PIECE))
    for data in slices:
        if make is None:
            make = _decoder_for(data)
        while data:
            decoder = decoder or make()
            out = decoder.decompress(data)
            if out:
                yield out
            data = decoder.unused_data.lstrip(b"\0") if decoder.eof else b""
            decoder = None if decoder.eof else decoder


class _Plain:
    """An uncompressed initrd, in the manner of a decoder."""

    eof = False
    unused_data = b""

    def decompress(self, data: bytes) -> bytes:
        return data


def _decoder_for(start: bytes) -> t.Callable[[], t.Any]:
    if start.startswith(b"\x1f\x8b"):
        return lambda: zlib.decompressobj(zlib.MAX_WBITS | 16)
    if start.startswith(b"\xfd7zXZ"):
        return lambda: lzma.LZMADecompressor(memlimit=_XZ_MEMORY)
    return _Plain


# Answers and kernel arguments


def profile_arguments(profile: dict[str, t.Any], distribution: dict[str, t.Any]) -> list[str]:
    """What d-i must know before, or without, an answer file: that the rest of it is in the install tree.

    An armed installation answers the same questions again, perhaps with another mirror.
    """
    host, directory = _tree(distribution["tree_url"])
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


def longest_command_line(distribution: dict[str, t.Any]) -> tuple[int, str]:
    """COMMAND_LINE_SIZE of x86 and arm64 is 2048, with the zero at its end."""
    return 2047, "the kernel"


def rescue_arguments(distribution: dict[str, t.Any]) -> list[str]:
    """d-i's rescue mode (package rescue-mode): it asks for the root file system, and opens a shell in it."""
    return [*profile_arguments({}, distribution), "rescue/enable=true"]


def kernel_arguments(machine: dict[str, t.Any], answer_url: str) -> list[str]:
    """What d-i must know of a machine before it can fetch the answer file: it configures the network first.

    :param machine: from the plan: ``{hostname, domain, mac, dns, kernel_arguments}``, and ``console`` from its
        answers. What follows a ``---`` in its kernel_arguments stays with the installed system.
    """
    console = [f"console={machine['console']}"] if machine.get("console") else []
    return [
        "auto=true",
        "priority=critical",
        f"url={answer_url}",
        "interface=auto",
        f"BOOTIF=01-{machine['mac'].lower().replace(':', '-')}",
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


def check_distribution(distribution: dict[str, t.Any]) -> None:
    """Any name and version will do."""


def nfs_images_mistake(distribution: dict[str, t.Any]) -> str:
    """It is none of its sources."""
    return ""


def mirror_mistake(distribution: dict[str, t.Any]) -> str:
    """Packages are signed, so that http will do. d-i is told one protocol for all that it fetches."""
    if (distribution["mirror"] or "").startswith("https:"):
        return "the answers of Debian's installer name a mirror with http; its packages are signed"
    if not codename(distribution):
        return (
            f"of {distribution['name']!r} it is not known which release to fetch; write version, one of "
            f"{', '.join(repr(number) for number in _CODENAMES)}"
        )
    return ""


def release_facts(distribution: dict[str, t.Any]) -> dict[str, t.Any]:
    """Answer files are the same for all releases."""
    return {}


def codename(distribution: dict[str, t.Any]) -> str:
    """``trixie`` for debian-13, by its version or else its name; empty when unknown."""
    number = re.search(r"[0-9]+", distribution.get("version") or distribution.get("name") or "")
    return _CODENAMES.get(number[0], "") if number else ""


def complete_answers(
    answers: dict[str, t.Any], distribution: dict[str, t.Any], disk: str = ""
) -> dict[str, t.Any]:
    """Fill in the defaults of a machine's answers, whose types are right already, and check the values.

    :param distribution: from the plan: ``{name, tree_url, version}``.
    :param disk: what ``machine_disk`` says.
    :returns: every key of ANSWER_KEYS; every user has every key; ``packages`` has what the rest needs;
        ``disk_rule`` is as ``_answers.complete_rule`` makes it.
    :raises PxeError: all that is wrong, each with its key, without the values of secrets.
    """
    complete = _answers.filled(answers, _DEFAULTS)
    complete["partitioning"] = _answers.filled(complete["partitioning"], _DEFAULTS["partitioning"])
    complete["disk_rule"] = _answers.filled(complete["disk_rule"], _answers.RULE_DEFAULTS)
    complete["mirror"] = _mirror(answers.get("mirror") or {}, distribution)
    complete["users"] = _answers.complete_users(complete["users"])
    mistakes = [*_answer_mistakes(complete), *_answers.rule_mistakes(complete["disk_rule"], disk)]
    if mistakes:
        raise PxeError("\n".join(mistakes))
    complete["disk_rule"] = _answers.complete_rule(complete["disk_rule"])
    needed = ["openssh-server", *(["sudo"] if any(user["sudo"] for user in complete["users"]) else [])]
    complete["packages"] = list(dict.fromkeys([*needed, *complete["packages"]]))
    return complete


def _tree(tree_url: str) -> tuple[str, str]:
    """``http://10.77.0.1/trees/debian-13`` → host (with port) and path."""
    host, _slash, path = tree_url.partition("://")[2].partition("/")
    return host, f"/{path}"


def _mirror(mirror: dict[str, t.Any], distribution: dict[str, t.Any]) -> dict[str, t.Any]:
    """By default the install tree; a mirror is expected to be signed."""
    host, directory = _tree(distribution["tree_url"])
    given = bool(mirror.get("host"))
    default = {
        "host": host,
        "directory": "/debian" if given else directory,
        "suite": codename(distribution),
        "authenticated": given or bool(distribution.get("mirror")),
    }
    return {**default, **{key: value for key, value in mirror.items() if value != ""}}


def _answer_mistakes(answers: dict[str, t.Any]) -> t.Iterator[str]:
    """Sentences with the address of each value below ``answers``."""
    flat = {**answers, **answers["partitioning"], **answers["mirror"]}
    yield from _answers.word_mistakes(flat, _WORDS, _path)
    for key, choices in _CHOICES.items():
        if flat[key] not in choices:
            yield f"{_path(key)}: {flat[key]!r} is unknown; write one of {', '.join(choices)}"
    for number, package in enumerate(answers["packages"]):
        if not _PACKAGE.match(package):
            yield f"packages[{number}]: {package!r} is no name of a Debian package"
    yield from _answers.account_mistakes(answers)
    yield from _extra_mistakes(answers["extra"])
    if not answers["file"]:
        yield from _answers.nobody_mistakes(answers)


def _path(key: str) -> str:
    for section in ("partitioning", "mirror"):
        if key in _DEFAULTS[section]:
            return f"{section}.{key}"
    return key


def _extra_mistakes(extra: str) -> t.Iterator[str]:
    if not extra.strip():
        return
    for mistake in _preseed.check(extra):
        yield f"extra: {mistake}"
    for entry in _preseed.entries(extra):
        if entry.question in _OURS:
            yield (
                f"extra: line {entry.line}: {entry.question} is answered by the collection; "
                "use early_commands, late_commands or machine_disk"
            )
