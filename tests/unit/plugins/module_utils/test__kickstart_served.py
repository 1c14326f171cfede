# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.netinstall.pxe.plugins.module_utils import _kickstart, _kickstart_served

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
    assert _kickstart_served.generated(GENERATED) == {
        "/tmp/netinstall/storage.ks": "ignoredisk --only-use=disk/by-rule,vdb\npart / --ondisk=disk/by-rule\n",
        "/tmp/netinstall/firmware.ks": "part /boot/efi --ondisk=disk/by-rule\n",
        "/tmp/netinstall/partitions.ks": "\n",
    }
    assert _kickstart_served.generated("autopart\n") == {}


def test_lines_of_a_file_that_was_brought_along() -> None:
    text = "text\n\nlang en_US.UTF-8\npart / --ondisk=sda\n%packages\n@core\n%end\n\n"
    answer = "# first\nurl\nlang en_US.UTF-8\npart / --ondisk=vda\n\n%packages\n@core\n%end\n\n%post\n%end\n"
    own = _kickstart.adapt(text, "vda", with_end=True)
    assert _kickstart_served.origins(answer, "own.ks", own) == [
        {"file": "own.ks", "first": 3, "lines": [3, 4]},
        {"file": "own.ks", "first": 6, "lines": [5, 6, 7]},
    ]
    assert _kickstart_served.origins("lang de_DE\n", "own.ks", own) == []
