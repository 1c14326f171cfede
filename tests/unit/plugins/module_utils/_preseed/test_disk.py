# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._preseed import check
from ansible_collections.netinstall.pxe.plugins.module_utils._preseed import disk as _preseed_disk

BY_ID = "/dev/disk/by-id/nvme-Samsung_1"
GUARD = _preseed_disk.GUARD
WRITE = "mkdir -p /tmp/netinstall; printf x > /tmp/netinstall/check-disk; : > /lib/partman/init.d/02netinstall-pxe"

RIGHT = [
    ("/dev/sda", "d-i partman-auto/disk string /dev/sda\n"),
    ("/dev/sda", "d-i partman-auto/disk string  /dev//sda \nd-i grub-installer/bootdev string sda\n"),
    ("/dev/sda", "d-i time/zone string UTC\n"),
    ("/dev/nvme0n1", "d-i grub-installer/bootdev string default\n"),
    ("/dev/sda", "d-i grub-installer/choose_bootdev select manual\n"),
    (BY_ID, f"d-i partman-auto/disk string {BY_ID}\n"),
    ("/dev/nvme0n1", "d-i partman-auto-raid/recipe string 1 2 0 ext4 / /dev/nvme0n1p1#/dev/nvme0n1p2 .\n"),
    ("/dev/sda", "d-i partman-auto/disk seen false\n"),
    # Ours runs after it, and answers with the disk.
    (
        "/dev/sda",
        'd-i partman/early_command string debconf-set partman-auto/disk "$(list-devices disk | head -n1)"\n',
    ),
    ("/dev/sda", "d-i preseed/late_command string in-target grub-install /dev/sda; mount /dev/sdb1 /mnt\n"),
    (BY_ID, f"d-i preseed/early_command string wipefs -a {BY_ID}-part1; dd if=/dev/sdb of={BY_ID}\n"),
    ("/dev/sda", "d-i partman/early_command string d=/dev/sda; parted -s $d mklabel gpt\n"),
    ("/dev/sda", "d-i partman-auto/init_automatically_partition select some_device\n"),
    (
        "/dev/sda",
        "d-i preseed/late_command string cp /dev/sdb1 /target/x; for f in /target/etc/*; do cp $f /x; done\n",
    ),
    (
        "/dev/sda",
        "d-i preseed/late_command string for f in a b; do echo > /target/$f; done; cp -r /x/* /target\n",
    ),
    (
        "/dev/sda",
        "d-i partman-auto/method string lvm\nd-i partman-auto/init_automatically_partition select biggest_free\n",
    ),
]

WRONG = [
    (
        "/dev/nvme0n1",
        "d-i partman-auto/disk string /dev/sda\n",
        "/dev/sda is not machine_disk; write /dev/nvme0n1",
    ),
    # Nobody but the machine can tell whether this is the same one.
    (
        BY_ID,
        "d-i partman-auto/disk string /dev/nvme0n1\n",
        "/dev/nvme0n1 is not machine_disk; write /dev/disk/",
    ),
    ("/dev/sdb", "partman-auto\tpartman-auto/disk\tstring\t/dev/sda\n", "/dev/sda is not"),
    ("/dev/sdb", "d-i   partman-auto/disk \\\n  string \\\n   /dev/sda\n", "/dev/sda is not"),
    ("/dev/sda", "d-i partman-auto/disk string /dev/sda /dev/sdb\n", "/dev/sdb is not"),
    ("/dev/sda", "d-i partman-auto/disk string /dev/sda,/dev/sdb\n", "/dev/sdb is not"),
    ("/dev/sdb", "d-i grub-installer/bootdev string /dev/sda\n", "/dev/sda is not"),
    ("/dev/sdb", "d-i grub-installer/bootdev string (hd0)\n", "(hd0) is not"),
    ("/dev/sdb", "d-i grub-installer/choose_bootdev select /dev/sda\n", "/dev/sda is not"),
    ("/dev/sdb", "grub-pc grub-pc/install_devices multiselect /dev/sdb, /dev/sda\n", "/dev/sda is not"),
    (
        "/dev/sdb",
        "d-i partman-auto/select_disk select /var/lib/partman/devices/=dev=sda\n",
        "=dev=sda is not",
    ),
    (
        "/dev/sda",
        "d-i partman-auto-raid/recipe string 1 2 0 ext4 / /dev/sda1#/dev/sdb1 .\n",
        "/dev/sdb1 is not a",
    ),
    (
        "/dev/sda",
        "d-i partman-auto/expert_recipe string x :: 1 2 3 ext4 device{ /dev/sdb } .\n",
        "/dev/sdb is not",
    ),
    ("/dev/sda", "d-i preseed/early_command string dd if=/dev/zero of=/dev/sdb bs=1M\n", "/dev/sdb is not"),
    ("/dev/sda", "d-i partman/early_command string sfdisk /dev/nvme0n1 < x\n", "/dev/nvme0n1 is not"),
    ("/dev/sda", "d-i preseed/late_command string in-target /sbin/mkfs.ext4 /dev/sdb1\n", "/dev/sdb1 is not"),
    (
        "/dev/sda",
        "d-i partman/early_command string for d in $(list-devices disk); do wipefs -a $d; done\n",
        "chooses the disk",
    ),
    (
        "/dev/sda",
        "d-i partman/early_command string pvs -o pv_name | xargs pvremove -ff \n",
        "chooses the disk",
    ),
    # Loops, patterns, and what writes without being a tool for disks.
    (
        "/dev/sda",
        "d-i preseed/early_command string for d in /dev/sda /dev/sdb; do wipefs -a $d; done\n",
        "/dev/sdb is",
    ),
    ("/dev/sda", 'd-i preseed/early_command string d=/dev/sdb; mkfs.ext4 "$d"\n', "/dev/sdb is not"),
    (
        "/dev/sda",
        "d-i preseed/early_command string for d in /dev/sd?; do wipefs -a $d; done\n",
        "chooses the disk",
    ),
    ("/dev/sda", "d-i preseed/late_command string wipefs -a /dev/nvme*n1\n", "chooses the disk"),
    ("/dev/sda", "d-i preseed/late_command string wipefs -a /dev/disk/by-id/ata-*\n", "chooses the disk"),
    ("/dev/sda", "d-i preseed/early_command string cat /dev/zero > /dev/sdb\n", "/dev/sdb is not"),
    ("/dev/sda", "d-i preseed/early_command string zcat /x | tee /dev/sdb\n", "/dev/sdb is not"),
    ("/dev/sda", "d-i preseed/early_command string cp /x /dev/sdb\n", "/dev/sdb is not"),
    ("/dev/sda", "d-i preseed/include string http://10.77.0.1/more.cfg\n", "is not checked"),
    ("/dev/sda", "d-i partman-auto/init_automatically_partition select biggest_free\n", "may be on any disk"),
]


@pytest.mark.parametrize(("disk", "text"), RIGHT)
def test_accepts_what_writes_to_this_disk_only(disk: str, text: str) -> None:
    assert check.check(text) == []
    assert _preseed_disk.mistakes(text, disk) == []


@pytest.mark.parametrize(("disk", "text", "message"), WRONG)
def test_refuses_another_disk(disk: str, text: str, message: str) -> None:
    assert check.check(text) == []
    [mistake] = _preseed_disk.mistakes(f"# one\n{text}", disk)
    assert mistake.line == 2
    assert message in mistake.message


def answers(text: str) -> dict[str, str]:
    """The last answer counts, as in the installer."""
    return {entry.question: entry.value for entry in check.entries(text)}


@pytest.mark.parametrize(
    "text",
    [
        "d-i time/zone string UTC",
        "d-i partman-auto/disk string sda\nd-i grub-installer/bootdev string default\n",
        # What follows such an end would be swallowed.
        "d-i partman-auto/expert_recipe string x :: 1 2 3 ext4 \\\n  . \\\n\n",
    ],
)
def test_the_disk_is_answered_whatever_the_file_says(text: str) -> None:
    added = _preseed_disk.guarded(text, "/dev/sda", WRITE)
    assert check.check(added) == []
    found = answers(check.mended(added))
    assert found["partman-auto/disk"] == found["grub-installer/bootdev"] == "/dev/sda"
    assert found["partman/early_command"] == f"{WRITE}; {GUARD}"


def test_ours_runs_around_the_files_own_command() -> None:
    text = "d-i partman/early_command string echo 'a b'; \\\n  exit 0\n"
    own = """ && sh -c 'echo '"'"'a b'"'"'; exit 0'; """
    found = answers(_preseed_disk.guarded(text, "/dev/sda", WRITE))["partman/early_command"]
    assert found == f"{WRITE}; {GUARD}{own}{GUARD}"


@pytest.mark.parametrize("own", ["wipefs -a /dev/sda", "wipefs -a /dev/sda; sh /tmp/netinstall/early"])
def test_the_machine_is_looked_at_before_the_first_command(own: str) -> None:
    text = f"d-i preseed/early_command string {own}\n"
    found = answers(_preseed_disk.guarded(text, "/dev/sda", WRITE))["preseed/early_command"]
    assert found == f"{WRITE}; {GUARD} machine && sh -c '{own}'"


def test_a_command_that_runs_ours_last_is_guarded_first() -> None:
    text = f"d-i partman/early_command string wipefs -a /dev/sda; {GUARD}\n"
    found = answers(_preseed_disk.guarded(text, "/dev/sda", WRITE))["partman/early_command"]
    assert found.startswith(f"{WRITE}; {GUARD} && sh -c 'wipefs")


@pytest.mark.parametrize(
    "text",
    [
        "d-i partman-auto/disk string /dev/sda /dev/sdb\n",
        "d-i partman-auto-raid/recipe string 1 2 0 ext4 / /dev/sda1#/dev/sdb1 .\n",
        "grub-pc grub-pc/install_devices multiselect /dev/sda, /dev/sdb\n",
    ],
)
def test_of_several_disks_it_is_said_what_to_write(text: str) -> None:
    [mistake] = _preseed_disk.mistakes(text, "/dev/sda")
    assert "write /dev/sda" in mistake.message
    assert "so it cannot make an array over several disks: write 'd-i partman-auto/method" in mistake.message
    assert (
        "array"
        not in _preseed_disk.mistakes("d-i partman-auto/disk string /dev/sdb\n", "/dev/sda")[0].message
    )


def test_a_first_command_without_what_partman_runs_last_is_guarded() -> None:
    text = "d-i preseed/early_command string mkdir -p /tmp/netinstall; sh /tmp/netinstall/early\n"
    found = answers(_preseed_disk.guarded(text, "/dev/sda", WRITE))["preseed/early_command"]
    assert found.startswith(f"{WRITE}; {GUARD} machine && sh -c '")


def test_what_is_guarded_stays_as_it_is() -> None:
    text = _preseed_disk.guarded("d-i time/zone string UTC\n", "/dev/sda", WRITE)
    assert _preseed_disk.guarded(text, "/dev/sda", WRITE) == text
    assert _preseed_disk.mistakes(text, "/dev/sda") == []
