# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._text import texts
from hypothesis import given
from hypothesis import strategies as st

# What a text must never have wherever it may end up: on one line of a script, of a configuration, or in a path.
Parser = t.Callable[[object], t.Any]
ONE_WORD: list[Parser] = [
    texts.parse_name,
    texts.parse_machine_name,
    texts.parse_hostname,
    texts.parse_domain,
    texts.parse_interface,
    texts.parse_path,
    texts.parse_relative_path,
    texts.parse_root,
    texts.parse_disk,
    texts.parse_http_url,
    texts.parse_ftp_url,
    texts.parse_download_url,
    texts.parse_checksum,
    texts.parse_kernel_argument,
]

GOOD: list[tuple[Parser, str, str]] = [
    (texts.parse_name, "el9-minimal_2.0", "el9-minimal_2.0"),
    (texts.parse_machine_name, "node_01.lab.example", "node_01.lab.example"),
    (texts.parse_hostname, "Node-01", "node-01"),
    (texts.parse_domain, "Lab.Example", "lab.example"),
    (texts.parse_domain, "", ""),
    (texts.parse_interface, "br-lan.100", "br-lan.100"),
    (texts.parse_path, "//srv/./iso//x.iso", "/srv/iso/x.iso"),
    (texts.parse_relative_path, "install.amd/./vmlinuz", "install.amd/vmlinuz"),
    (texts.parse_root, "/data/pxe/", "/data/pxe"),
    (
        texts.parse_disk,
        "/dev/disk/by-path/pci-0000:00:1f.2-ata-1",
        "/dev/disk/by-path/pci-0000:00:1f.2-ata-1",
    ),
    (texts.parse_http_url, "http://pxe.example:8080/", "http://pxe.example:8080"),
    (texts.parse_ftp_url, "ftp://10.0.0.1", "ftp://10.0.0.1"),
    (texts.parse_download_url, "https://example.com/a/x.iso?b=c", "https://example.com/a/x.iso?b=c"),
    (texts.parse_download_url, "file:///a@b/x.iso", "file:///a@b/x.iso"),
    (texts.parse_download_url, "http://my_host:65535/x.iso", "http://my_host:65535/x.iso"),
    (texts.parse_mirror_url, "http://m-1.example:65535/a@b/os/", "http://m-1.example:65535/a@b/os"),
    (texts.parse_checksum, "SHA256:" + "AB" * 32, "sha256:" + "ab" * 32),
    (texts.parse_checksum, "sha512:" + "ab" * 64, "sha512:" + "ab" * 64),
    (texts.parse_kernel_argument, 'ip="dhcp;x",a=b', 'ip="dhcp;x",a=b'),
    (texts.parse_menu_text, "Install  Debian 13 (wipes; really)", "Install Debian 13 (wipes; really)"),
]


@pytest.mark.parametrize(("parse", "written", "normal"), GOOD)
def test_good(parse: Parser, written: str, normal: str) -> None:
    assert parse(written) == normal


BAD: list[tuple[Parser, t.Any, str]] = [
    (texts.parse_text, 7, "quote it: '7'"),
    (texts.parse_text, True, "must be text, not true/false"),
    (texts.parse_text, None, "must be text, not nothing"),
    (texts.parse_bool, "true", "must be true or false, not text"),
    (texts.parse_seconds, 3601, "from 0 to 3600"),
    (texts.parse_seconds, -1, "from 0 to 3600"),
    (texts.parse_seconds, False, "from 0 to 3600"),
    (texts.parse_name, "", "cannot be a file name"),
    (texts.parse_name, "..", "cannot be a file name"),
    (texts.parse_name, ".hidden", "cannot be a file name"),
    (texts.parse_name, "a/b", "cannot be a file name"),
    (texts.parse_name, "a" * 64, "cannot be a file name"),
    (texts.parse_machine_name, "a..b", "cannot be a machine's name"),
    (texts.parse_machine_name, "a" * 64, "cannot be a machine's name"),
    (texts.parse_hostname, "node_01", "is not a host name"),
    (texts.parse_hostname, "-node", "is not a host name"),
    (texts.parse_hostname, "node-", "is not a host name"),
    (texts.parse_hostname, "a.b", "without the domain"),
    (texts.parse_hostname, "10", "lease time"),
    (texts.parse_hostname, "12H", "lease time"),
    (texts.parse_hostname, "infinite", "lease time"),
    (texts.parse_hostname, "Ignore", "lease time"),
    (texts.parse_domain, "lab..example", "is not a domain name"),
    (texts.parse_domain, ".".join(["a" * 60] * 5), "is not a domain name"),
    (texts.parse_interface, "enp0s31f6-with-a-long-name", "is not the name of a network interface"),
    (texts.parse_path, "srv", "is not an absolute path"),
    (texts.parse_path, "/srv/../x", "contains '..'"),
    (texts.parse_path, "/srv/x;y", "not safe in a path"),
    (texts.parse_path, "/srv/$x", "not safe in a path"),
    (texts.parse_relative_path, "/x", "is absolute"),
    (texts.parse_relative_path, "..", "contains '..'"),
    (texts.parse_root, "/", "belongs to the system"),
    (texts.parse_root, "//", "belongs to the system"),
    (texts.parse_root, "/var/", "belongs to the system"),
    (texts.parse_root, "/usr/.", "belongs to the system"),
    (texts.parse_disk, "/dev", "is not a disk"),
    (texts.parse_disk, "/dev/", "is not a disk"),
    (texts.parse_http_url, "ftp://x", "write http://"),
    (texts.parse_http_url, "http://x/y", "host and port only"),
    (texts.parse_http_url, "http://me@x", "host and port only"),
    (texts.parse_http_url, "http://", "host and port only"),
    (texts.parse_http_url, "http://x:65536", "host and port only"),
    (texts.parse_http_url, "http://x..y", "host and port only"),
    (texts.parse_download_url, "x.iso", "is not the URL of a file"),
    (texts.parse_download_url, "http://x/", "is not the URL of a file"),
    (texts.parse_download_url, "http://x/..", "is not the URL of a file"),
    (texts.parse_download_url, "http://me:secret@x/y.iso", "has a user name in it"),
    (texts.parse_download_url, "http://x:99999/y.iso", "is not the URL of a file"),
    (texts.parse_mirror_url, "http://x:0/os", "is not the URL of a mirror"),
    (texts.parse_mirror_url, "http://x:65536/os", "is not the URL of a mirror"),
    (texts.parse_mirror_url, "http://x..y/os", "is not the URL of a mirror"),
    (texts.parse_mirror_url, f"http://{'x' * 64}/os", "is not the URL of a mirror"),
    (texts.parse_checksum, "md5:" + "0" * 32, "write sha256:"),
    (texts.parse_checksum, "0" * 64, "write sha256:"),
    (texts.parse_checksum, "sha256:" + "0" * 63, "here are 63 characters"),
    (texts.parse_checksum, "sha256:" + "g" * 64, "is not a checksum"),
    (texts.parse_kernel_argument, "", "is not one word"),
    (texts.parse_kernel_argument, "ä", "is not one word"),
    (texts.parse_kernel_argument, "a\tb", "is not one word"),
    (texts.parse_kernel_argument, "a${b}", "'${'"),
    (texts.parse_kernel_argument, ";", "';'"),
    (texts.parse_kernel_argument, "#x", "'#x'"),
    (texts.parse_kernel_argument, "x\\", "boot script"),
    (texts.parse_menu_text, " ", "is not a line of text"),
    (texts.parse_menu_text, "a\u200bb", "is not a line of text"),
    (texts.parse_menu_text, "a\x1bb", "(U+001B)"),
    *(
        (texts.parse_text, f"a{mark}b", "may end a line")
        for mark in "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\0"
    ),
    *(
        (texts.parse_lines, f"a\n{mark}b", "line 2 has a control")
        for mark in "\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\0"
    ),
    (texts.parse_menu_text, "a || b", "'||'"),
]


@pytest.mark.parametrize(("parse", "value", "said"), BAD)
def test_bad(parse: Parser, value: object, said: str) -> None:
    with pytest.raises(PxeError, match=re.escape(said)):
        parse(value)


def attempt(parse: Parser, value: object) -> tuple[t.Any, str]:
    """What a parser makes of a value, or its refusal."""
    try:
        return parse(value), ""
    except PxeError as error:
        return None, str(error)


PIECES = [
    "a",
    "Z",
    "7",
    "-",
    "_",
    ".",
    "/",
    ":",
    " ",
    "\n",
    "\t",
    "\0",
    "$",
    "{",
    "}",
    "\\",
    "'",
    '"',
    ";",
    "&",
    "|",
    "#",
]
TEXTS = st.one_of(
    st.text(), st.lists(st.sampled_from([*PIECES, "http://", "ftp://", "/dev/", "||", "${"])).map("".join)
)


@pytest.mark.parametrize("parse", ONE_WORD)
@given(TEXTS)
def test_what_passes_is_one_safe_word(parse: Parser, text: str) -> None:
    found, refusal = attempt(parse, text)
    assert "\n" not in refusal
    if refusal:
        return
    assert not re.search(r"[\s\0\\]|\$\{", found)
    assert found.isprintable()
    assert parse(found) == found
    if parse is not texts.parse_kernel_argument:
        assert not re.search(r"""['"`$|<>]""", found)


@given(TEXTS)
def test_what_passes_as_menu_text_is_one_line_that_ipxe_prints_as_it_is(text: str) -> None:
    found, refusal = attempt(texts.parse_menu_text, text)
    assert "\n" not in refusal
    if refusal:
        return
    assert found.isprintable()
    assert "${" not in found
    assert not found.endswith("\\")
    assert [word for word in found.split() if word in ("||", "&&", ";") or word.startswith("#")] == []


def test_file_name_of() -> None:
    assert texts.file_name_of("http://x/a/b.iso?c=/d") == "b.iso"


@pytest.mark.parametrize(
    ("words", "text"), [(["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")]
)
def test_one_of(words: list[str], text: str) -> None:
    assert texts.one_of(words) == text


@pytest.mark.parametrize("parse", [texts.parse_download_url, texts.parse_mirror_url])
@pytest.mark.parametrize(
    "url",
    [
        "http://me:secret@x/y.iso",
        "HTTP://me:secret@x/y.iso",
        " http://me:secret@x/y.iso",
        "http:/me:secret@x/y.iso",
        "http://me:a/secret@x/y.iso",
        "http://me:a?secret@x/y.iso",
        "me:secret@x/y.iso",
    ],
)
def test_no_message_shows_a_password(parse: Parser, url: str) -> None:
    with pytest.raises(PxeError) as raised:
        parse(url)
    assert "secret" not in str(raised.value)
    assert "password" in str(raised.value)
