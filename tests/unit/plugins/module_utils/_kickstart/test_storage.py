# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import check, findings, storage

ROOT = "part / --size=1"
LVM = "part /boot --size=1\npart pv.1 --size=1\nvolgroup vg pv.1\nlogvol / --vgname=vg --name=root --size=1\n"
MIRROR = "part raid.1 --size=1\npart raid.2 --size=1\nraid / --device=md0 --level=1 raid.1 raid.2\n"

# What is sound, whatever the machine's disk is called: (text, disks)
SOUND = [
    ("lang en_US", []),
    (ROOT, []),
    (LVM, []),
    (MIRROR, []),
    ("autopart --type=lvm", ["/dev/vda"]),
    ("reqpart --add-boot\npart / --size=1", ["/dev/vda"]),
    (f"{ROOT} --ondisk=vda", ["/dev/vda"]),
    (f"{ROOT} --ondisk=/dev/vda", ["/dev/vda"]),
    (f"{ROOT} --ondisk=vdb", ["/dev/vda", "/dev/vdb"]),
    (f"{ROOT} --ondisk=disk/by-id/ata-x", ["/dev/disk/by-id/ata-x"]),
    (f"{ROOT} --onpart=vda2", ["/dev/vda"]),
    (f"{ROOT} --onpart=/dev/nvme0n1p2", ["/dev/nvme0n1"]),
    (f"{ROOT} --onpart=UUID=1234", ["/dev/vda"]),
    (f"{ROOT} --onpart=LABEL=root", ["/dev/vda"]),
    # A rule is no name: which disk it finds is known on the machine alone.
    (f"{ROOT} --ondisk=sda", ["serial=1234"]),
    ("ignoredisk --only-use=vda\nclearpart --all\npart / --size=1 --ondisk=vda", ["/dev/vda"]),
    ("ignoredisk --only-use=sda|vda\npart / --size=1 --ondisk=vda", []),
    ("ignoredisk --only-use=vd*\npart / --size=1 --ondisk=vda", []),
    ("zerombr\nignoredisk --only-use=/dev/vda\nclearpart --all\npart / --size=1", ["/dev/vda"]),
    ("ignoredisk --drives=sdb\npart / --size=1 --ondisk=sda", ["/dev/sda"]),
    ("ignoredisk --only-use=disk/by-id/ata-x\npart / --size=1 --ondisk=sda", []),
    ("clearpart --drives=vda --all\npart / --size=1", ["/dev/vda"]),
    ("clearpart --none\npart / --size=1", ["/dev/vda"]),
    (f"bootloader --boot-drive=vda\n{ROOT}", ["/dev/vda"]),
    # Names that are there already.
    ("volgroup vg --useexisting\nlogvol / --vgname=vg --name=root --useexisting", []),
    ("logvol / --vgname=vg --name=root --useexisting\npart /boot --onpart=sda1", []),
    ("part /boot --size=1\nraid / --device=md0 --useexisting", []),
    # Members need not be partitions of this kickstart.
    ("part /boot --size=1\npart / --size=1\nraid /data --device=md0 --level=1 sdb1 sdc1", []),
    # These may be there as often as they like.
    ("part swap --size=1\npart swap --size=1\npart / --size=1", []),
    ("part biosboot --size=1\npart prepboot --size=1\npart / --size=1", []),
    ("part pv.1 --size=1\npart pv.2 --size=1\nvolgroup a pv.1\nvolgroup b pv.2\n"
     "logvol / --vgname=a --name=x --size=1\nlogvol /b --vgname=b --name=x --size=1", []),
    # An array as a physical volume.
    ("part raid.1 --size=1\npart raid.2 --size=1\nraid pv.1 --device=md0 --level=1 raid.1 raid.2\n"
     "volgroup vg pv.1\nlogvol / --vgname=vg --name=root --size=1", []),
    ("part pv.1 --size=1\nvolgroup vg pv.1\nlogvol none --thinpool --name=pool --vgname=vg --size=1\n"
     "logvol / --thin --poolname=pool --name=root --vgname=vg --size=1", []),
    ("part btrfs.1 --size=1\nbtrfs none --label=top btrfs.1\nbtrfs / --subvol --name=root LABEL=top", []),
    # What is not read cannot be missed.
    ("part /boot --size=1\n%include /tmp/part.ks\n%pre\necho > /tmp/part.ks\n%end", []),
    ("%include /tmp/part.ks\n%pre\necho > /tmp/part.ks\n%end\nignoredisk --only-use=vda", ["/dev/vda"]),
    # What is included in a section is none of the commands.
    (f"{ROOT}\n%packages\n%include /tmp/p\n%end\n%pre\necho > /tmp/p\n%end", ["/dev/vda"]),
    # Partitions that stay.
    (f"clearpart --none\n{ROOT} --onpart=vda2\npart /home --onpart=vda5 --noformat", ["/dev/vda"]),
    (f"ignoredisk --only-use=vda,vdb\nclearpart --all --drives=vda\n{ROOT} --ondisk=vda\n"
     "part /home --onpart=vdb1 --noformat\nlogvol /x --vgname=old --name=x --useexisting", ["/dev/vda", "/dev/vdb"]),
    ("volgroup vg pv.1\nlogvol /x --vgname=vgg --name=a --size=1\n%include /tmp/a\n%pre\n:\n%end", []),
    # What is wrong already is not wrong for a second reason.
    ("part / --size=x\npart /boot --size=1", []),
    ("part pv.1 --size=x\nvolgroup vg pv.1\nlogvol / --vgname=vg --name=root --size=1", []),
]  # fmt: skip

# (text, disks, [(line, severity, part of the text)])
WRONG = [
    (
        "part / --size=1\npart /boot --size=1\nlogvol /boot --vgname=a --name=b --useexisting",
        [],
        [(3, "error", "logvol /boot: something is mounted there in line 2 already")],
    ),
    (
        "part / --size=1\npart / --size=1",
        [],
        [(2, "error", "part /: something is mounted there in line 1 already")],
    ),
    ("mount /dev/sda1 /\nmount /dev/sda2 /", [], [(2, "error", "mounted there in line 1")]),
    (
        "part pv.1 --size=1\npart pv.1 --size=1\npart / --size=1",
        [],
        [(2, "error", "pv.1: this name is given in line 1")],
    ),
    (
        "part / --onpart=sda1\npart /x --onpart=/dev/sda1",
        [],
        [(2, "error", "part sda1: this partition is used in line 1 already")],
    ),
    (
        f"{LVM}volgroup vg2 pv.1",
        [],
        [(5, "error", "volgroup pv.1: this device is a member of something in line 3 already")],
    ),
    (
        MIRROR.replace("raid.1 raid.2\n", "raid.1 raid.3\n"),
        [],
        [(3, "error", "raid refers to raid.3, which nothing defines; did you mean raid.")],
    ),
    (LVM.replace("volgroup vg pv.1", "volgroup vg pv.01"), [], [(3, "error", "did you mean pv.1?")]),
    (
        "part / --size=1\nvolgroup vg pv.77",
        [],
        [(2, "error", "refers to pv.77, which nothing defines; write part pv.77")],
    ),
    (
        LVM.replace("--vgname=vg", "--vgname=vgg"),
        [],
        [(4, "error", "logvol --vgname=vgg: nothing defines it; did you mean vg?")],
    ),
    # A volume group may be on the disk, unless that is cleared.
    (
        "part /boot --size=1\nlogvol / --vgname=data --name=a --size=1",
        [],
        [(2, "warning", "nothing defines it")],
    ),
    (
        "clearpart --all\npart /boot --size=1\nlogvol / --vgname=data --name=a --size=1",
        [],
        [(3, "error", "--vgname=data: nothing defines it; write volgroup data")],
    ),
    (
        "part pv.1 --size=1\nvolgroup vg pv.1\nlogvol / --thin --poolname=pool --name=a --vgname=vg --size=1",
        [],
        [(3, "error", "logvol --poolname=pool: no logvol --thinpool of vg has this name")],
    ),
    (
        MIRROR.replace("raid.1 raid.2\n", "raid.1\n"),
        [],
        [(3, "error", "--level=RAID1 needs 2 members besides spares, but has 1")],
    ),
    (MIRROR.replace("--level=1", "--level=1 --spares=1"), [], [(3, "error", "needs 2 members")]),
    (MIRROR.replace("--level=1", "--level=5"), [], [(3, "error", "--level=RAID5 needs 3 members")]),
    ("part /boot --size=1\npart swap --size=1", [], [(1, "error", "nothing is mounted at /")]),
    (
        f"{ROOT} --ondisk=sdb",
        ["/dev/sda"],
        [(1, "error", "part --ondisk=sdb is not the disk that this machine is to use; write sda")],
    ),
    (f"{ROOT} --ondisk=sdb", ["/dev/sda", "/dev/sdc"], [(1, "error", "write sda and sdc")]),
    (f"{ROOT} --onpart=sdb1", ["/dev/sda"], [(1, "error", "part --onpart=sdb is not the disk")]),
    (f"{ROOT} --ondisk=sd[b-z]", ["/dev/sda"], [(1, "error", "--ondisk=sd[b-z] is not")]),
    (
        f"{ROOT} --ondisk=disk/by-id/ata-y",
        ["/dev/disk/by-id/ata-x"],
        [(1, "error", "write disk/by-id/ata-x")],
    ),
    (
        f"{ROOT} --ondisk=sda",
        ["/dev/disk/by-id/ata-x"],
        [(1, "warning", "whether this is disk/by-id/ata-x cannot be told")],
    ),
    (
        f"{ROOT} --ondisk=disk/by-path/pci-1",
        ["/dev/disk/by-id/ata-x"],
        [(1, "warning", "cannot be told")],
    ),
    (
        f"clearpart --all --drives=sda,sdb\n{ROOT}",
        ["/dev/sda"],
        [(1, "error", "clearpart --drives=sdb is not")],
    ),
    (f"clearpart --list=sdb1,sda1\n{ROOT}", ["/dev/sda"], [(1, "error", "clearpart --list=sdb is not")]),
    (
        f"bootloader --boot-drive=sdb\n{ROOT}",
        ["/dev/sda"],
        [(1, "error", "bootloader --boot-drive=sdb is not")],
    ),
    (f"ignoredisk --only-use=sdb\n{ROOT}", ["/dev/sda"], [(1, "error", "ignoredisk --only-use=sdb is not")]),
    (f"ignoredisk --drives=sda\n{ROOT}", ["/dev/sda"], [(1, "error", "--drives=sda ignores the disk")]),
    ("mount /dev/sdb1 /", ["/dev/sda"], [(1, "error", "mount sdb is not the disk")]),
    (
        f"ignoredisk --only-use=sda\n{ROOT} --ondisk=sdb",
        [],
        [(2, "error", "part --ondisk=sdb: ignoredisk in line 1 hides this disk")],
    ),
    (f"ignoredisk --drives=sdb\n{ROOT} --ondisk=sdb", [], [(2, "error", "hides this disk")]),
    # One message for one disk.
    (f"ignoredisk --only-use=sda\n{ROOT} --ondisk=sdb", ["/dev/sda"], [(2, "error", "is not the disk")]),
    (
        f"clearpart --all --initlabel\n{ROOT}",
        ["/dev/sda"],
        [(1, "error", "clearpart clears every disk of the machine; write ignoredisk --only-use=sda")],
    ),
    (
        f"ignoredisk --drives=sdb\nzerombr\nclearpart --all --drives=sda\n{ROOT}",
        ["/dev/sda"],
        [(2, "error", "zerombr clears every disk of the machine; write ignoredisk --only-use=sda")],
    ),
    (
        f"ignoredisk --only-use=sd*\n{ROOT}",
        ["/dev/sda"],
        [(1, "error", "may be other disks, too; write sda")],
    ),
    (f"clearpart --all --drives=sda|sdb\n{ROOT}", ["/dev/sda"], [(1, "error", "may be other disks, too")]),
    (
        f"ignoredisk --only-use=sda\n{ROOT}\n%include /tmp/a\n%pre\necho > /tmp/a\n%end",
        ["/dev/sda"],
        [(3, "error", "may choose another disk; write ignoredisk --only-use=sda behind it")],
    ),
    (
        f"{ROOT}\n%include /tmp/a\n%pre\n: /tmp/a\n%end",
        ["/dev/sda"],
        [(2, "error", "may choose another disk")],
    ),
    # What clearpart deletes cannot be used.
    (
        "ignoredisk --only-use=sda\nclearpart --all --drives=/dev/sda\n"
        "part / --onpart=sda2\npart /home --onpart=/dev/sda5 --noformat\nvolgroup vg --useexisting\n"
        "logvol /x --vgname=vg --name=x --useexisting --noformat",
        ["/dev/sda"],
        [
            (3, "error", "part --onpart=sda2 needs what is on the disk, but clearpart in line 2 deletes it"),
            (4, "error", "part --onpart=sda5 needs"),
            (5, "error", "volgroup --useexisting needs"),
            (6, "error", "logvol --useexisting needs"),
        ],
    ),
    (
        "clearpart --all\nmount /dev/sda1 /\nmount /dev/mapper/vg-home /home",
        [],
        [(2, "error", "mount /dev/sda1 needs"), (3, "error", "mount /dev/mapper/vg-home needs")],
    ),
    (f"{ROOT} --ondisk=sda", ["/dev/disk/by-rule"], [(1, "error", "names a disk, but disk_rule finds this")]),
    (f"bootloader --driveorder=sdb,sda\n{ROOT}", ["/dev/sda"], [(1, "error", "--driveorder=sdb is not")]),
    ("lang en_US", ["/dev/sda"], [(1, "warning", "nothing says how the disk is divided")]),
]


def problems(
    text: str, disks: list[str], version: str = "RHEL8", limited: bool = False
) -> list[findings.Problem]:
    version = "RHEL6" if "driveorder" in text else version
    reading = check.read(findings.Kickstart("ks.cfg", f"{text}\n", check.parse_version(version)))
    return storage.problems(reading, disks, limited)


@pytest.mark.parametrize(("text", "disks"), SOUND)
def test_no_false_alarms(text: str, disks: list[str]) -> None:
    assert problems(text, disks) == []


@pytest.mark.parametrize(("text", "disks", "expected"), WRONG)
def test_mistakes(text: str, disks: list[str], expected: list[tuple[int, str, str]]) -> None:
    found = problems(text, disks)
    assert [(problem.where.line, problem.severity) for problem in found] == [
        entry[:2] for entry in expected
    ], found
    assert [entry for entry, problem in zip(expected, found) if entry[2] not in problem.text] == [], found
    assert {problem.kind for problem in found} == {"storage"}


@pytest.mark.parametrize("version", ["RHEL5", "RHEL6", "RHEL7", "RHEL8", "RHEL9", "RHEL10", "F42"])
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("lang C\nautopart", 2),
        ("clearpart --all --drives=vda\nautopart", 2),
        (f"bootloader --location=mbr\n{ROOT} --ondisk=vda", 1),
        (f"{ROOT} --ondisk=vda\npart /home --size=1", 2),
        # The first of several.
        (f"{ROOT}\npart /home --size=1", 1),
        ("ignoredisk --drives=vdb\nautopart", 2),
    ],
)
def test_other_disks_stay_as_they_are(version: str, text: str, line: int) -> None:
    """Where machine_disk is said, the file says it, too."""
    [found] = problems(text, ["/dev/vda"], version, limited=True)
    assert (found.where.line, found.severity) == (line, "error")
    assert "may use another disk of the machine; write ignoredisk --only-use=vda" in found.text
    assert problems(f"{text}\nignoredisk --only-use=vda", ["/dev/vda"], version, limited=True) == []
    assert problems(text, ["/dev/vda"], version) == []


@pytest.mark.parametrize(
    "text",
    [
        f"bootloader --location=none\n{ROOT} --ondisk=vda",
        f"bootloader --location=mbr --boot-drive=vda\n{ROOT} --ondisk=vda",
        f"{ROOT} --onpart=vda2",
    ],
)
def test_what_names_its_disk_needs_no_limit(text: str) -> None:
    assert problems(text, ["/dev/vda"], "RHEL9", limited=True) == []


ARRAY = "\n".join(f"part raid.{letter} --size=1 --ondisk=vd{letter}" for letter in "ab")
ARRAY = f"ignoredisk --only-use=vda\n{ARRAY}\nraid / --device=root --level=1 raid.a raid.b"


def test_an_array_over_another_disk_is_not_to_be_made_on_one() -> None:
    """Who brings along such a kickstart is told how it may stay as it is."""
    hint = "write vda, or add the disk to answers.partitioning: {method: raid, disks: [...]}, which erases it"
    [found] = problems(ARRAY, ["/dev/vda"], limited=True)
    assert (found.where.line, found.severity) == (3, "error")
    assert hint in found.text
    # Outside of this collection's answers, and of a file that just names the wrong disk, this says nothing.
    [alone] = problems(ARRAY, ["/dev/vda"])
    assert alone.text.endswith("write vda")
    wrong = problems(ARRAY, ["/dev/vdc"], limited=True)
    assert [problem for problem in wrong if "answers.partitioning" in problem.text] == []
    both = ARRAY.replace("--only-use=vda", "--only-use=vda,vdb")
    assert problems(both, ["/dev/vda", "/dev/vdb"], limited=True) == []


@pytest.mark.parametrize("version", ["RHEL5", "RHEL6", "RHEL7", "RHEL8", "RHEL9", "RHEL10", "F42"])
def test_every_version_has_what_is_looked_at(version: str) -> None:
    """The attributes of pykickstart's objects, which differ from version to version."""
    text = (
        f"ignoredisk --drives=sdz\nclearpart --all --drives=sda\nbootloader --location=mbr\n{LVM}"
        "part raid.1 --size=1\npart raid.2 --size=1\nraid /x --device=0 --level=RAID1 raid.1 raid.2\n"
    )
    assert problems(text, ["/dev/sda"], version) == []
    assert (
        len(
            problems(
                text.replace("raid.2\n", "raid.9\n").replace("drives=sda", "drives=sdb"),
                ["/dev/sda"],
                version,
            )
        )
        == 2
    )


def test_an_unquoted_passphrase_is_not_shown() -> None:
    text = "raid /{} --device=md{} --level=1 --passphrase=ge Gehe1m raid.1 raid.2\n"
    found = problems(text.format("", 0) + text.format("x", 1), ["/dev/sda"])
    assert found
    assert "Gehe1m" not in str(found)
