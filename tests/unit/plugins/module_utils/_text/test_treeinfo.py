# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import time
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._text import treeinfo
from ansible_collections.netinstall.pxe.plugins.module_utils._text.treeinfo import TreeInfo
from ansible_collections.netinstall.pxe.tests.unit.iso_images import EL6_TREEINFO, EL9_TREEINFO
from hypothesis import given
from hypothesis import strategies as st

REPOMD = "repodata/repomd.xml"
SHA = "0123456789abcdef" * 4


def test_el6() -> None:
    assert treeinfo.parse(EL6_TREEINFO) == TreeInfo(
        family="CentOS",
        version="6.8",
        arch="x86_64",
        variant=None,
        timestamp="1463897370.33",
        kernel="images/pxeboot/vmlinuz",
        initrd="images/pxeboot/initrd.img",
        stage2="images/install.img",
        repositories=[],
        packagedir=None,
        checksums={"images/install.img": ("sha256", "00"), REPOMD: ("sha256", "01")},
        disc=1,
        discs=1,
    )


def test_el9() -> None:
    assert treeinfo.parse(EL9_TREEINFO) == TreeInfo(
        family="Rocky Linux",
        version="9.4",
        arch="x86_64",
        variant="AppStream",
        timestamp="1714869542",
        kernel="images/pxeboot/vmlinuz",
        initrd="images/pxeboot/initrd.img",
        stage2="images/install.img",
        repositories=[("AppStream", "AppStream"), ("BaseOS", "BaseOS")],
        packagedir="AppStream/Packages",
        checksums={"images/install.img": ("sha256", "00")},
    )


GENERAL = "[general]\nfamily = X\nversion = 1\narch = x86_64\n"


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        # [release] and [tree] come before [general].
        ("[release]\nname=R\nversion=2\n[tree]\narch=s390x\n" + GENERAL, "family", "R"),
        ("[release]\nname=R\nversion=2\n[tree]\narch=s390x\n" + GENERAL, "version", "2"),
        ("[release]\nname=R\nversion=2\n[tree]\narch=s390x\n" + GENERAL, "arch", "s390x"),
        ("[release]\nname=R\nversion=2\n[tree]\narch=s390x\nvariants=A,B\n", "variant", "A"),
        # Fedora 7 to 9 name no algorithm.
        (GENERAL + f"[checksums]\na = {'0' * 40}\n", "checksums", {"a": ("sha1", "0" * 40)}),
        (GENERAL + f"[checksums]\na = {'0' * 64}\n", "checksums", {"a": ("sha256", "0" * 64)}),
        (GENERAL + "[checksums]\na = 0\nb = sha256:xyz\nc = sha256:\n../d = md5:00\ne\n", "checksums", {}),
        (GENERAL + "[checksums]\nA = SHA256:AB\n", "checksums", {"A": ("sha256", "ab")}),
        # RHEL 5 and 6 put the path of the machine where they were made, and name repodata itself.
        (
            GENERAL + "[images-x86_64]\nkernel = /mnt/tree/os/images/vmlinuz\ninitrd = /images/i\n",
            "kernel",
            "images/vmlinuz",
        ),
        (GENERAL + "[images-x86_64]\nkernel = k\ninitrd = /images/i\n", "initrd", "images/i"),
        (
            GENERAL + "[variant-Server]\nrepository = Server/repodata\n",
            "repositories",
            [("Server", "Server")],
        ),
        (GENERAL + "[variant-Server]\nrepository = repodata\n", "repositories", [("Server", "")]),
        # EL 7
        (
            GENERAL + "[variant-Server]\nid = Server\nrepository = .\n"
            "[addon-Server-HighAvailability]\nid = HighAvailability\nrepository = addons/HighAvailability\n",
            "repositories",
            [("Server", ""), ("HighAvailability", "addons/HighAvailability")],
        ),
        (GENERAL + "[variant-A]\nrepository = ../../a\n", "repositories", []),
        ("[general]\nrepository = .\nvariant = V\n", "repositories", [("V", "")]),
        ("[general]\nrepository = .\n", "repositories", [("base", "")]),
        # Other platforms
        (GENERAL + "[images-xen]\nkernel = x\n[images-i386]\nkernel = i\n", "kernel", "i"),
        (GENERAL + "[images-i386]\nkernel = i\n[images-x86_64]\nkernel = k\n", "kernel", "k"),
        (GENERAL + "[images-x86_64]\nkernel = ../k\n", "kernel", None),
        (GENERAL + "[media]\ndiscnum = 2\ntotaldiscs = 3\n", "disc", 2),
        (GENERAL + "[media]\ndiscnum = 2\ntotaldiscs = 3\n", "discs", 3),
        (GENERAL + "discnum = two\n", "disc", None),
        (GENERAL.replace("\n", "\r\n"), "version", "1"),
    ],
)
def test_parts(text: str, key: str, value: object) -> None:
    assert getattr(treeinfo.parse(text), key) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"neither a section \[general\] nor"),
        ("[release]\nname = x\n", r"neither a section \[general\] nor"),
        ("family = X\n", "cannot be read: .*line: 1"),
        ("<html>\n", "cannot be read"),
    ],
)
def test_what_is_no_treeinfo(text: str, message: str) -> None:
    with pytest.raises(PxeError, match=message):
        treeinfo.parse(text)


@pytest.mark.parametrize(
    ("text", "release", "discs"),
    [
        ("1463887421.604021\nFinal\nx86_64\n1\n", "Final", [1]),
        ("1170972069.39\nRed Hat Enterprise Linux 5\nx86_64\n1,2,3\n", "Red Hat Enterprise Linux 5", [1, 2, 3]),
        ("1385726732.061157\n'Fedora 20'\nx86_64\nALL\n", "Fedora 20", []),
        ("1713264000\n9.4\nx86_64\n", "9.4", []),
        ("1713264000\r\n9.4\r\nx86_64\r\nALL\r\n", "9.4", []),
    ],
)  # fmt: skip
def test_discinfo(text: str, release: str, discs: list[int]) -> None:
    found = treeinfo.parse_discinfo(text)
    assert found == (text.split()[0], release, "x86_64", discs)


@pytest.mark.parametrize("text", ["", "1\n2\n", "today\n6\nx86_64\n"])
def test_what_is_no_discinfo(text: str) -> None:
    with pytest.raises(PxeError, match=r"\.discinfo"):
        treeinfo.parse_discinfo(text)


@given(st.text() | st.text(st.sampled_from("[]=\n\r ;#.:abgenrl0")))
def test_parsers_take_anything(text: str) -> None:
    for parse in (treeinfo.parse, treeinfo.parse_discinfo):
        with contextlib.suppress(PxeError):
            parse(text)


# Changing checksums


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        (EL6_TREEINFO, EL6_TREEINFO.replace("sha256:01", f"sha256:{SHA}")),
        # Spaces, line ends and what is around stay as they are.
        (
            f"[checksums]\r\n{REPOMD}=sha1:00\r\na = b\r\n",
            f"[checksums]\r\n{REPOMD}=sha256:{SHA}\r\na = b\r\n",
        ),
        (f"[checksums]\n./{REPOMD} =  00", f"[checksums]\n./{REPOMD} =  sha256:{SHA}"),
        # Another section may have such a key, too.
        (
            f"[x]\n{REPOMD} = 1\n[checksums]\na = b\n\n[y]\n{REPOMD} = 2\n",
            f"[x]\n{REPOMD} = 1\n[checksums]\na = b\n{REPOMD} = sha256:{SHA}\n\n[y]\n{REPOMD} = 2\n",
        ),
        ("[checksums]", f"[checksums]\n{REPOMD} = sha256:{SHA}\n"),
        ("[general]\na = b", f"[general]\na = b\n\n[checksums]\n{REPOMD} = sha256:{SHA}\n"),
        ("", f"[checksums]\n{REPOMD} = sha256:{SHA}\n"),
    ],
)
def test_with_checksum(text: str, changed: str) -> None:
    assert treeinfo.with_checksum(text, REPOMD, "sha256", SHA) == changed
    assert treeinfo.with_checksum(changed, REPOMD, "sha256", SHA) == changed


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        (EL6_TREEINFO, EL6_TREEINFO.replace(f"{REPOMD} = sha256:01\n", "")),
        (EL9_TREEINFO, EL9_TREEINFO),
        (f"[checksums]\r\n{REPOMD}=1\r\na = b", "[checksums]\r\na = b"),
        (f"[x]\n{REPOMD} = 1\n", f"[x]\n{REPOMD} = 1\n"),
        ("", ""),
    ],
)
def test_without_checksum(text: str, changed: str) -> None:
    assert treeinfo.without_checksum(text, REPOMD) == changed


LINES = st.lists(
    st.sampled_from(
        [
            "[general]",
            "[checksums]",
            "[x]",
            f"{REPOMD} = sha256:00",
            "a = sha1:11",
            "",
            "; note",
            "version = 1",
        ]
    )
)


@given(LINES, st.sampled_from(["\n", "\r\n"]))
def test_changes_can_be_read_and_touch_nothing_else(lines: list[str], end: str) -> None:
    text = "[general]\nfamily = X\n" + "".join(f"{line}{end}" for line in lines)

    def rest(changed: str) -> t.Any:
        info = treeinfo.parse(changed)
        info.checksums.pop(REPOMD, None)
        return info

    with_one = treeinfo.with_checksum(text, REPOMD, "sha256", SHA)
    assert treeinfo.parse(with_one).checksums[REPOMD] == ("sha256", SHA)
    without = treeinfo.without_checksum(text, REPOMD)
    assert REPOMD not in treeinfo.parse(without).checksums
    assert rest(with_one) == rest(without) == rest(text)
    assert [line for line in lines if "repomd" not in line] == [
        line for line in without.replace("\r", "").split("\n")[2:-1] if "repomd" not in line
    ]


@pytest.mark.parametrize("blank", [" ", "\t", "\x0b", "\xa0"])
def test_blanks_take_no_time(blank: str) -> None:
    started = time.process_time()
    lines = f"family{blank * 4000}y\n" * 200
    found = treeinfo.parse(f"[general]\n{lines}version = 6{blank * 2000}8\n")
    assert found.version == "6 8"
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "text", ["[general]\nfamily = " + "x" * 5000, "[general]\n" + "# comment\n" * 200_000]
)
def test_an_absurd_treeinfo_is_refused(text: str) -> None:
    started = time.process_time()
    with pytest.raises(PxeError, match="larger than 1 MiB, or has a line of more than 4096"):
        treeinfo.parse(text)
    assert time.process_time() - started < 2


def test_an_odd_last_line_of_discinfo_says_nothing() -> None:
    found = treeinfo.parse_discinfo("1463887421.60\n8.6\nx86_64\nBaseOS\n")
    assert (found.release, found.arch, found.discs) == ("8.6", "x86_64", [])
