# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import sections
from hypothesis import given
from hypothesis import strategies as st

# As anaconda of CentOS 7 leaves it, and that of EL 5 and 6, which comments the partitions out.
SEVEN = """\
#version=DEVEL
# System authorization information
auth --enableshadow --passalgo=sha512
# Use CDROM installation media
cdrom
repo --name="Server-HighAvailability" --baseurl=file:///run/install/repo/addons/HighAvailability
repo --name=epel --baseurl=http://10.77.0.1/trees/epel
# Use graphical install
graphical
firstboot --enable
ignoredisk --only-use=sda
keyboard --vckeymap=us --xlayouts='us'
lang en_US.UTF-8

network  --bootproto=dhcp --device=ens3 --onboot=off --ipv6=auto
network  --hostname=old.example
rootpw --iscrypted $6$abc$def
bootloader --append=" crashkernel=auto" --location=mbr --boot-drive=sda
clearpart --none --initlabel
part pv.156 --fstype="lvmpv" --ondisk=sda --size=19455
part /boot --fstype="xfs" --ondisk="sda" --size=1024
volgroup centos --pesize=4096 pv.156
logvol / --fstype="xfs" --size=17404 --name=root --vgname=centos

%packages
@^minimal
@core

%end

%addon com_redhat_kdump --enable --reserve-mb='auto'

%end
"""
FIVE = (
    "install\ncdrom\nrootpw --iscrypted $1$abc$def\n#part / --size=100\n%packages\n@core\n\n%post\nuname %m\n"
)


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        (
            "repo --name=a --baseurl=file:///mnt/source/HA --cost=1000",
            "repo --name=a --baseurl=T/HA --cost=1000",
        ),
        ('repo --name="a b" --baseurl="file:///mnt/source/HA"', 'repo --name="a b" --baseurl="T/HA"'),
        ("repo --name=a --baseurl file:///run/install/repo/addons/HA", "repo --name=a --baseurl T/addons/HA"),
        (
            "repo --name=a --baseurl=file:///run/install/sources/mount-0000-cdrom-device/AppStream",
            "repo --name=a --baseurl=T/AppStream",
        ),
        ("repo --name=a --baseurl=cdrom:/HA", "repo --name=a --baseurl=T/HA"),
        ("repo --name=a --baseurl=cdrom:sr0/HA", "repo --name=a --baseurl=T/HA"),
        # The whole disc: EL 6 writes so.
        ("repo --name=CentOS  --baseurl=cdrom:sr0 --cost=100", ""),
        ('repo --name=CentOS --baseurl="cdrom:sr0/"', ""),
        # The tree itself, and what is on no medium.
        ("repo --name=a --baseurl=file:///run/install/repo", None),
        ("repo --name=a --baseurl=file:///srv/repo", None),
        ("repo --name=a --baseurl=http://x/mnt/source/HA", None),
        ("url --url=file:///mnt/source/HA", None),
    ],
)
def test_repositories_of_the_medium_are_those_of_the_tree(line: str, changed: str | None) -> None:
    assert sections.with_repositories_of(f"x\n{line}\n", "T/") == f"x\n{changed or line}\n"


def test_what_is_taken_over() -> None:
    own = sections.adapt(SEVEN, "disk/by-id/wwn-0x5000", with_end=True)
    assert own["commands"].split("\n") == [
        "# System authorization information",
        "auth --enableshadow --passalgo=sha512",
        "# Use CDROM installation media",
        "repo --name=epel --baseurl=http://10.77.0.1/trees/epel",
        "# Use graphical install",
        "firstboot --enable",
        "keyboard --vckeymap=us --xlayouts='us'",
        "lang en_US.UTF-8",
        "",
        "rootpw --iscrypted $6$abc$def",
        'bootloader --append=" crashkernel=auto" --location=mbr',
        'part pv.156 --fstype="lvmpv" --ondisk=disk/by-id/wwn-0x5000 --size=19455',
        'part /boot --fstype="xfs" --ondisk=disk/by-id/wwn-0x5000 --size=1024',
        "volgroup centos --pesize=4096 pv.156",
        'logvol / --fstype="xfs" --size=17404 --name=root --vgname=centos',
    ]
    assert own["sections"] == (
        "%packages\n@^minimal\n@core\n\n%end\n\n%addon com_redhat_kdump --enable --reserve-mb='auto'\n\n%end"
    )
    assert (own["has_storage"], own["has_bootloader"], own["has_packages"]) == (True, True, True)


def test_sections_end_as_the_release_has_it() -> None:
    own = sections.adapt(FIVE, "sda", with_end=False)
    assert own["sections"] == "%packages\n@core\n\n\n%post\nuname %m\n"
    assert own["has_storage"] is False
    assert "%end" in sections.adapt(FIVE, "sda", with_end=True)["sections"]
    assert "%end" not in sections.adapt(SEVEN, "sda", with_end=False)["sections"]


def test_a_disk_that_only_the_installer_finds_is_not_named() -> None:
    assert "--ondisk" not in sections.adapt(SEVEN, "", with_end=True)["commands"]


def test_nobody_knows_which_of_several_disks_is_which() -> None:
    text = (
        "part / --ondisk=sda --size=1\npart /home --ondrive sdb --size=1\nbootloader --driveorder=sda,sdb\n"
    )
    assert sections.adapt(text, "vda", with_end=True)["commands"] + "\n" == text


@pytest.mark.parametrize("second", ["/dev/sda", "'sda'", '"/dev/sda"'])
def test_two_spellings_are_one_disk(second: str) -> None:
    text = f"part / --ondisk=sda --size=1\npart /home --ondisk={second} --size=1\n"
    commands = sections.adapt(text, "vda", with_end=True)["commands"].split("\n")
    assert commands == ["part / --ondisk=vda --size=1", "part /home --ondisk=vda --size=1"]
    text = text.replace("sda", "disk/by-id/ata-x")
    assert sections.adapt(text, "vda", with_end=True)["commands"].count("--ondisk=vda") == 2


def test_each_line_knows_its_number() -> None:
    for text, with_end in ((SEVEN, True), (SEVEN, False), (FIVE, True), (FIVE, False)):
        own = sections.adapt(text, "sda", with_end)
        lines = ["", *text.split("\n")]
        for part in ("command", "section"):
            taken = own[f"{part}s"].split("\n")
            assert len(taken) == len(own[f"{part}_lines"])
            for line, number in zip(taken, own[f"{part}_lines"]):
                # Disks are ours, and so are blank lines between sections, and ends that were not there.
                assert line in ("", "%end") or line.split("=")[0] == lines[number].split("=")[0]


def test_what_is_included_among_the_commands() -> None:
    text = "%include /tmp/a\n  %include 'http://a/b'\npart / --size=1\n%packages\n%include /tmp/c\n%end\n"
    text += "%include /tmp/a\n"
    assert sections.adapt(text, "sda", with_end=True)["includes"] == ["/tmp/a", "http://a/b"]


KEEPS = "this keeps what is on the disk, but the machine's disk is erased; describe new partitions, or name "


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("liveimg --url=http://10.77.0.1/x", "liveimg installs an image, not packages"),
        ("ostreesetup --osname=a --remote=b --url=http://a --ref=c", "ostreesetup installs an image"),
        ("ostreecontainer --url=a/b:1", "ostreecontainer installs an image"),
        ("bootc --source-imgref=registry:a/b:1", "bootc installs an image"),
        ("upgrade", "upgrade installs nothing; name the kickstart of a new installation"),
        ("rescue --nomount", "rescue installs nothing"),
        ("clearpart --none", KEEPS),
        ("clearpart --linux --initlabel", KEEPS),
        ("clearpart --list=sda2,sda3", KEEPS),
        ("part /home --fstype=xfs --onpart=sda5 --noformat", KEEPS),
        ("part /home --usepart sda5", KEEPS),
        ("volgroup vg0 --useexisting --noformat", KEEPS),
        ("logvol / --vgname=vg0 --name=root --useexisting", KEEPS),
        ("raid /home --device=md0 --useexisting", KEEPS),
        ("mount /dev/sda1 /boot", KEEPS),
    ],
)
def test_files_that_cannot_be_taken_over(line: str, reason: str) -> None:
    with pytest.raises(PxeError) as caught:
        sections.adapt(f"text\n{line}\nrootpw --lock\n{line}\n", "sda", with_end=True)
    assert [said.partition(": ")[0] for said in str(caught.value).split("\n")] == [
        f"line 2 ({line})",
        f"line 4 ({line})",
    ]
    assert f"): {reason}" in str(caught.value)


def test_a_url_in_a_message_has_no_password() -> None:
    with pytest.raises(PxeError) as caught:
        sections.adapt("liveimg --url=http://user:Gehe1m@a/b", "sda", with_end=True)
    assert "Gehe1m" not in str(caught.value)


@pytest.mark.parametrize(
    "line", ["clearpart --none --initlabel", "clearpart --all", "clearpart --all --drives=sda"]
)
def test_what_installers_write_about_clearing(line: str) -> None:
    assert sections.adapt(f"{line}\npart / --size=1", "sda", with_end=True)["commands"] == "part / --size=1"


@pytest.mark.parametrize(
    ("data", "mistake"),
    [
        (b"\xef\xbb\xbftext\n", "line 1 begins with a byte-order mark, .* save the file without one"),
        (b"text\n# M\xfcller\n", "line 2 is not UTF-8, perhaps it is Latin-1; .* iconv -f latin1 -t utf-8"),
        ("text\n".encode("utf-16"), "line 1 is UTF-16; save the file as UTF-8"),
    ],
)
def test_files_of_other_encodings(data: bytes, mistake: str) -> None:
    with pytest.raises(PxeError, match=mistake):
        sections.adapt(data.decode("utf-8", "surrogateescape"), "sda", with_end=True)


@pytest.mark.parametrize("text", ["", "\n \n", "# nothing\n"])
def test_no_kickstart(text: str) -> None:
    with pytest.raises(PxeError, match="neither commands nor sections"):
        sections.adapt(text, "sda", with_end=True)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("echo\n%end\n", "line 2 begins with %end"),
        ("  %post\n", "line 1 begins with %post"),
        ("%include /tmp/x\n", "line 1 begins with %include"),
        ("a\nb\x07\n", "line 2 has a control character"),
        ("echo\r\n", "line 1 has a control character"),
    ],
)
def test_bodies(text: str, mistake: str) -> None:
    [found] = sections.body_mistakes(text)
    assert found.startswith(mistake)


def test_good_bodies() -> None:
    text = "# %end of it\nprintf '%s' x\n%pool\n\techo %end\n"
    assert list(sections.body_mistakes(text)) == []


def test_commands() -> None:
    text = "# part\nlogging --host=a\n\n part / --size=1\n%include http://a/b\n%post\n"
    assert list(sections.command_mistakes(text, {"part": "partitioning"})) == [
        "line 4: part is written by the collection; use partitioning",
        "line 6: %post is about a section; write sections in extra_sections",
    ]


@pytest.mark.parametrize(
    ("text", "with_end", "mistakes"),
    [
        ("", True, []),
        ("\n# comment\n%post\ntrue\n%end\n\n%pre\n%end\n", True, []),
        ("%post\ntrue\n%pre\nfalse\n", False, []),
        ("lang en\n%post\n%end", True, ["line 1 is outside of a section"]),
        ("%post\ntrue\n", True, ["line 1: %post ends without %end; add it"]),
        ("%post\ntrue\n%end\n", False, ["line 1: %post ends by %end, which this release does not know"]),
    ],
)
def test_sections(text: str, with_end: bool, mistakes: list[str]) -> None:
    found = list(sections.section_mistakes(text, with_end))
    assert len(found) == len(mistakes)
    assert all(each.startswith(start) for each, start in zip(found, mistakes))


words = st.sampled_from([*sections.SECTIONS, "%end", "%endless", "part", "#", "", "  ", "echo %end"])
lines = st.lists(st.one_of(words, st.text(st.characters(exclude_characters="\n"))), max_size=12)


@given(lines)
def test_nothing_gets_lost(texts: list[str]) -> None:
    """Each line but %end is a command, the header of a section, or in one."""
    kickstart = sections.split("\n".join(texts))
    kept = [line for _number, line in kickstart.commands]
    for section in kickstart.sections:
        kept += [section.header, *section.body]
    expected = "\n".join(texts).split("\n")
    ended = [line for line in expected if sections.first_word(line) == "%end"]
    assert len(expected) - len(ended) <= len(kept) <= len(expected)


@given(lines)
def test_what_is_taken_over_is_complete_sections(texts: list[str]) -> None:
    try:
        own = sections.adapt("\n".join(texts), "vda", with_end=True)
    except PxeError:
        return
    assert list(sections.section_mistakes(own["sections"], with_end=True)) == []
