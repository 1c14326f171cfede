# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import sections, served

GENERATED = """\
    sed "s,@DISK@,$name,g" > $here/storage.ks <<'NETINSTALL_PXE_STORAGE'
ignoredisk --only-use=@DISK@,vdb
part / --ondisk=@DISK@
NETINSTALL_PXE_STORAGE
    : > $here/firmware.ks
    [ ! -d /sys/firmware/efi ] || echo 'part /boot/efi --ondisk=@DISK@' > $here/firmware.ks
  cat > $here/partitions.ks <<'NETINSTALL_PXE_STORAGE'
NETINSTALL_PXE_STORAGE
"""


def test_what_the_installer_writes() -> None:
    """With a name that stands for the disk that a rule finds."""
    assert served.generated(GENERATED) == {
        "/tmp/netinstall/storage.ks": "ignoredisk --only-use=disk/by-rule,vdb\npart / --ondisk=disk/by-rule\n",
        "/tmp/netinstall/firmware.ks": "part /boot/efi --ondisk=disk/by-rule\n",
        "/tmp/netinstall/partitions.ks": "\n",
    }
    assert served.generated("autopart\n") == {}


def test_lines_of_a_file_that_was_brought_along() -> None:
    text = "text\n\nlang en_US.UTF-8\npart / --ondisk=sda\n%packages\n@core\n%end\n\n"
    answer = "# first\nurl\nlang en_US.UTF-8\npart / --ondisk=vda\n\n%packages\n@core\n%end\n\n%post\n%end\n"
    own = sections.adapt(text, "vda", with_end=True)
    assert served.origins(answer, "own.ks", own) == [
        {"file": "own.ks", "first": 3, "lines": [3, 4]},
        {"file": "own.ks", "first": 6, "lines": [5, 6, 7]},
    ]
    assert served.origins("lang de_DE\n", "own.ks", own) == []


OURS = (
    "%pre\ncat > /tmp/netinstall/report <<'NETINSTALL_PXE_END'\n%end\n\n"
    "%pre --erroronfail\nsh /tmp/netinstall/check-disk\n%end\n"
)
URL = "http://10.77.0.1/answers/10.77.0.11/T"
TEXTS = {
    f"{URL}/plain.ks": "part / --size=1\n",
    f"{URL}/script.ks": "part / --size=1\n%pre\nwipefs -a /dev/sdb\n",
    f"{URL}/more.ks": f"%include {URL}/more.ks\n%include {URL}/script.ks\n",
    f"{URL}/away.ks": "%include ftp://me:secret@x.example/y.ks\n",
}


@pytest.mark.parametrize(
    ("before", "level", "line", "mistake"),
    [
        ("text\n%include http://x.example/y.ks\n", 5, 2, "EL 5 includes no commands later; name the file in"),
        (
            "text\n%ksappend http://x.example/y.ks\n",
            5,
            2,
            "name the file in answers.files, or write its text",
        ),
        ('%include "ftp://x.example/y.ks"\n', 9, 1, "write this line into the block extra"),
        (f"%include {URL}/script.ks\n", 5, 1, f"the %pre script of {URL}/script.ks would run before"),
        (f"%include {URL}/more.ks\n", 5, 1, "write the script into the kickstart itself"),
        (f"%include {URL}/away.ks\n", 5, 1, "a %pre script of ftp://********@x.example/y.ks would run"),
        ("text\n%pre\nwipefs -a /dev/sdb\n%end\n", 9, 2, "write it into the block scripts"),
        ("text\n%pre\nwipefs -a /dev/sdb\n", 5, 2, "write it into the block scripts"),
    ],
)
def test_what_would_be_run_before_machine_and_disk_are_known(
    before: str, level: int, line: int, mistake: str
) -> None:
    [(number, said)] = served.before_guard(before + OURS, TEXTS, level)
    assert number == line
    assert mistake in said
    assert list(served.before_guard(OURS + before, TEXTS, level)) == []


@pytest.mark.parametrize(
    "before",
    ["text\n", "%include /tmp/part-include\n", f"%include {URL}/plain.ks\n", "%packages\n@core\n%end\n"],
)
def test_what_runs_nothing_may_come_first(before: str) -> None:
    assert list(served.before_guard(before + OURS, TEXTS, 5)) == []
    # Of a template that stands alone arming warns.
    assert list(served.before_guard("%include http://x.example/y.ks\n", {}, 5)) == []
