# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Texts of a description that end up in paths, boot scripts and configurations of services.

Each parser allows only what is safe in all the places where its text goes, so that templates need not quote. It
returns the text in its normal form or raises ``PxeError`` with what is wrong and what to write instead.
"""

from __future__ import annotations

import posixpath
import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._text.addresses import kind_of, shown

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_SERIAL = re.compile(r"[!-~]([ -~]{0,126}[!-~])?")
_PATH = re.compile(r"[A-Za-z0-9._+~@=,:%/-]+")
_EXPORTABLE = re.compile(r"(/[A-Za-z0-9._@+-]+)+")
_INTERFACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,14}")
_PORT = r"(?::(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?"
# Labels as in DNS; Python cannot even ask for others.
_HOST = rf"{_LABEL.pattern}(?:\.{_LABEL.pattern})*{_PORT}"
_SERVER_URL = re.compile(rf"(http|ftp)://{_HOST}/?")
_FETCH_URL = re.compile(rf"(?:(?:https?|ftp)://[A-Za-z0-9._-]+{_PORT}|file:/)/[A-Za-z0-9._+~@=,:%/?&;-]+")
_MIRROR_URL = re.compile(rf"https?://{_HOST}(?:/[A-Za-z0-9._+~@=,:%-]+)*/?")
# With a user name in it, and perhaps a password.
_URL_OF_A_USER = re.compile(r"\s*(?!file:)[a-z]+:/*[^/]*@", re.IGNORECASE)
_HEX_DIGITS = {"sha256": 64, "sha512": 128}
# dnsmasq's dhcp-host takes such a word for a lease time or a keyword rather than for a name: see dnsmasq(8).
_NOT_A_DNSMASQ_NAME = re.compile(r"[0-9]+[smhdw]?|infinite|ignore|id|set|tag|net", re.IGNORECASE)
# Where a script of iPXE's splits a line into commands: see command_terminator() in iPXE's src/core/exec.c.
_IPXE_OPERATORS = frozenset(("||", "&&", ";"))
# Folders whose whole content is not ours to own and clean up.
_NOT_A_ROOT = re.compile(
    r"/*(bin|boot|dev|etc|home|lib|lib64|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var)?/*"
)


# What some reader of an answer file or a configuration takes for the end of a line, among other control characters:
# str.splitlines() of Python knows ten of them, U+0085 and U+2028 included. A tab does no harm.
_CONTROLS = "\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u2028\\u2029"
_NOT_IN_A_LINE = re.compile(f"[\\n{_CONTROLS}]")
# Lines may end as on Windows.
_NOT_IN_A_TEXT = re.compile(f"(?!\\r\\n)[{_CONTROLS}]")


def line_mistake(text: str) -> str:
    """What is wrong with a text of one line, without the text, which may be secret; empty if nothing is."""
    found = _NOT_IN_A_LINE.search(text)
    return (
        f"has a character that may end a line (U+{ord(found[0]):04X}); write one line without it"
        if found
        else ""
    )


def lines_mistake(text: str) -> str:
    """The same for a text of several lines: which of its characters ends a line for some readers only."""
    found = _NOT_IN_A_TEXT.search(text)
    if not found:
        return ""
    number = text.count("\n", 0, found.start()) + 1
    return f"line {number} has a control character (U+{ord(found[0]):04X}); remove it"


def parse_text(value: object) -> str:
    """Any text of one line."""
    text = _parse_str(value)
    mistake = line_mistake(text)
    if mistake:
        raise PxeError(mistake)
    return text


def parse_lines(value: object) -> str:
    """Any text of several lines."""
    text = _parse_str(value)
    mistake = lines_mistake(text)
    if mistake:
        raise PxeError(mistake)
    return text


def _parse_str(value: object) -> str:
    """Text. Numbers are refused: YAML would have changed ``0644``, ``1.10`` or ``on`` already."""
    if not isinstance(value, str):
        quote = (
            f"; quote it: '{value}'"
            if isinstance(value, (int, float)) and not isinstance(value, bool)
            else ""
        )
        raise PxeError(f"must be text, not {kind_of(value)}{quote}")
    return value


def parse_bool(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise PxeError(f"must be true or false, not {kind_of(value)}")
    return value


def parse_seconds(value: object) -> int:
    """A whole number of seconds, at most an hour."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 3600:
        raise PxeError(f"{shown(value)} is not a number of seconds from 0 to 3600; write one such as 30")
    return value


def parse_name(value: object) -> str:
    """A name that becomes a file name, a menu label and a part of a URL."""
    text = parse_text(value)
    if not _NAME.fullmatch(text):
        raise PxeError(
            f"{shown(text)} cannot be a file name and a word in a script; write at most 63 letters, digits, "
            "'.', '_' and '-', beginning with a letter or digit"
        )
    return text


def parse_machine_name(value: object) -> str:
    """A machine's name in the inventory, which may be a whole domain name."""
    text = parse_text(value)
    if len(text) > 253 or not all(_NAME.fullmatch(part) for part in text.split(".")):
        raise PxeError(
            f"{shown(text)} cannot be a machine's name; write letters, digits, '.', '_' and '-', "
            "beginning with a letter or digit"
        )
    return text


def parse_hostname(value: object) -> str:
    """One label of a host name (RFC 1123), in lower case."""
    text = parse_text(value)
    if not _LABEL.fullmatch(text):
        raise PxeError(
            f"{shown(text)} is not a host name; write at most 63 letters, digits and '-', without the domain, "
            "beginning and ending with a letter or digit"
        )
    if _NOT_A_DNSMASQ_NAME.fullmatch(text):
        raise PxeError(
            f"{shown(text)} would be taken for a lease time or a keyword in the DHCP configuration; "
            "write a host name that begins with a letter, such as node01"
        )
    return text.lower()


def parse_domain(value: object) -> str:
    """A domain name (RFC 1123) in lower case, or nothing."""
    text = parse_text(value)
    if text and (len(text) > 253 or not all(_LABEL.fullmatch(label) for label in text.split("."))):
        raise PxeError(f"{shown(text)} is not a domain name; write one such as lab.example")
    return text.lower()


def parse_interface(value: object) -> str:
    """A network interface's name; Linux allows 15 characters."""
    text = parse_text(value)
    if not _INTERFACE.fullmatch(text):
        raise PxeError(f"{shown(text)} is not the name of a network interface; write one such as eth0")
    return text


def parse_path(value: object) -> str:
    """An absolute path without anything that a configuration file or a shell would read otherwise."""
    text = parse_text(value)
    if not text.startswith("/"):
        raise PxeError(f"{shown(text)} is not an absolute path; write one that begins with '/'")
    return posixpath.normpath(_safe_path(text)).replace("//", "/")


def parse_relative_path(value: object) -> str:
    """A path inside a folder of ours."""
    text = parse_text(value)
    if text.startswith("/"):
        raise PxeError(f"{shown(text)} is absolute; write the path from the top of the installation tree")
    return posixpath.normpath(_safe_path(text))


def _safe_path(text: str) -> str:
    if not _PATH.fullmatch(text):
        raise PxeError(
            f"{shown(text)} has characters that are not safe in a path; "
            "write only letters, digits and . _ + ~ @ = , : % - between the slashes"
        )
    if ".." in text.split("/"):
        raise PxeError(f"{shown(text)} contains '..'; write the path without it")
    return text


def parse_root(value: object) -> str:
    """The folder that the whole site lives in."""
    path = parse_path(value)
    if _NOT_A_ROOT.fullmatch(path):
        raise PxeError(f"{shown(value)} belongs to the system; write a folder of its own such as /srv/pxe")
    return path


def parse_root_folder(value: object) -> str:
    """The folder of a root file system, as exports(5) and the kernel's ``nfsroot=`` take it."""
    path = parse_root(value)
    if not _EXPORTABLE.fullmatch(path):
        raise PxeError(
            f"{shown(value)} cannot be exported by NFS; write only letters, digits and . _ + @ - between the slashes"
        )
    return path


def parse_disk(value: object) -> str:
    """The device file of a disk."""
    text = parse_path(value)
    if not text.startswith("/dev/") or text == "/dev/":
        raise PxeError(
            f"{shown(value)} is not a disk; write its device, such as /dev/vda or /dev/disk/by-id/..."
        )
    return text


def parse_uuid(value: object) -> str:
    """The UUID that firmware gives a machine (SMBIOS, type 1), in lower case."""
    text = parse_text(value)
    if not _UUID.fullmatch(text) or not set(text) & set("123456789abcdeABCDE"):
        raise PxeError(
            f"{shown(value)} is not the UUID of a machine; write what 'dmidecode -s system-uuid' says there, such as "
            "4c4c4544-0042-3510-8050-b4c04f4d3432"
        )
    return text.lower()


def parse_serial(value: object) -> str:
    """The serial number that firmware gives a machine (SMBIOS, type 1)."""
    text = parse_text(value)
    if not _SERIAL.fullmatch(text):
        raise PxeError(
            f"{shown(value)} is not the serial number of a machine; write what "
            "'dmidecode -s system-serial-number' says there, such as 7XK4M02"
        )
    return text


def parse_http_url(value: object) -> str:
    """What a server is called in URLs: ``http://host[:port]``, without a slash at the end."""
    return _server_url(value, "http", "http://10.77.0.1")


def parse_ftp_url(value: object) -> str:
    """What a server is called in URLs: ``ftp://host[:port]``, without a slash at the end."""
    return _server_url(value, "ftp", "ftp://10.77.0.1")


def _server_url(value: object, scheme: str, example: str) -> str:
    text = parse_text(value)
    match = _SERVER_URL.fullmatch(text)
    if not match or match[1] != scheme:
        raise PxeError(
            f"{shown(text)} is not the URL of this server; write {scheme}://, host and port only: {example}"
        )
    return text.rstrip("/")


def parse_download_url(value: object) -> str:
    """Where a file is downloaded from. A password in it is refused: the plan is no place for secrets."""
    text = parse_text(value)
    if has_user(text):
        raise PxeError(
            "has a user name in it, and perhaps a password, which would be shown; "
            "download the image yourself and write its path"
        )
    if not _FETCH_URL.fullmatch(text) or not _NAME.fullmatch(file_name_of(text)):
        raise PxeError(
            f"{_shown_url(text)} is not the URL of a file; write one such as https://example.com/images/debian.iso"
        )
    return text


def parse_mirror_url(value: object) -> str:
    """The folder of a mirror, without a slash at its end. A password in it is refused: machines would show it."""
    text = parse_text(value)
    if has_user(text):
        raise PxeError(
            "has a user name in it, and perhaps a password, which every machine would show; write a mirror without"
        )
    if not _MIRROR_URL.fullmatch(text) or ".." in text.split("/"):
        raise PxeError(
            f"{_shown_url(text)} is not the URL of a mirror; write one such as "
            "http://mirror.example/rocky/9/BaseOS/x86_64/os"
        )
    return text.rstrip("/")


def has_user(url: str) -> bool:
    """Whether a URL has a user name in it, and perhaps a password."""
    return bool(_URL_OF_A_USER.match(url))


def _shown_url(text: str) -> str:
    """For a message: a password may have a slash in it, so that it does not look like one."""
    return "this (not shown: there may be a password in it)" if "@" in text else shown(text)


def file_name_of(url: str) -> str:
    """The last part of a URL's path: the name of the file it is saved under."""
    return posixpath.basename(url.partition("?")[0])


def parse_checksum(value: object) -> str:
    """A checksum as ``algorithm:hexadecimal digits``, in lower case."""
    text = parse_text(value).lower()
    algorithm, _colon, digits = text.partition(":")
    length = _HEX_DIGITS.get(algorithm)
    if length is None:
        raise PxeError(
            f"{shown(value)} names no known algorithm; write sha256: (or sha512:) before the digits"
        )
    if not re.fullmatch(f"[0-9a-f]{{{length}}}", digits):
        raise PxeError(
            f"is not a checksum: after {algorithm}: come {length} hexadecimal digits, here are {len(digits)} characters"
        )
    return text


def parse_kernel_argument(value: object) -> str:
    """One word of a kernel command line, as iPXE, pxelinux and GRUB pass it on unchanged."""
    text = parse_text(value)
    if not text or not all("!" <= char <= "~" for char in text):
        raise PxeError(
            f"{shown(text)} is not one word of plain ASCII characters; write each kernel argument as an item of its own"
        )
    _refuse_script(text)
    return text


def parse_menu_text(value: object) -> str:
    """A line in a boot menu."""
    text = parse_text(value)
    if not text.strip() or not text.isprintable():
        raise PxeError(
            f"{shown(text)} is not a line of text; write one without line breaks and control characters"
        )
    _refuse_script(text)
    return " ".join(text.split())


def _refuse_script(text: str) -> None:
    """Refuse what iPXE's scripts would take for something other than text."""
    words = text.split()
    found = [word for word in words if word in _IPXE_OPERATORS or word.startswith("#")]
    found += [mark for mark in ("${", "\\") if mark in text]
    if found:
        raise PxeError(
            f"{shown(text)} holds {shown(found[0])}, which has a meaning in boot scripts; leave it out"
        )


def one_of(words: t.Iterable[str]) -> str:
    """``a``, ``a or b``, ``a, b or c``"""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
