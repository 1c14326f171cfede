# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How roles take back what they made: all of it, nobody else's, and with one look where there is nothing.

The roles run in mounts of their own, in which /etc and /var/lib can be written to without a trace. systemctl is a
stand-in.
"""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
import typing as t

import pytest
from ansible_collections.netinstall.pxe.tests.unit.roles.conftest import COLLECTIONS

if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
    pytest.skip("needs root, to have mounts of its own", allow_module_level=True)

UNITS = "/etc/systemd/system"
#: What each role makes, and how many modules may run to find that there is nothing.
MADE: dict[str, tuple[list[str], int]] = {
    "dhcp_dnsmasq": (
        [
            f"{UNITS}/dnsmasq-pxe.service",
            "/etc/netinstall-pxe/dnsmasq.conf",
            "/etc/netinstall-pxe/dnsmasq-hosts",
            "/var/lib/netinstall-pxe/dnsmasq/leases",
        ],
        1,
    ),
    "dhcp_isc": (
        [
            f"{UNITS}/dhcpd-pxe.service",
            "/etc/dhcp/netinstall-pxe.conf",
            "/var/lib/dhcp/dhcpd.leases.netinstall-pxe",
            "/var/lib/dhcp/dhcpd.leases.netinstall-pxe~",
        ],
        1,
    ),
    "dhcp_kea": (
        [
            f"{UNITS}/kea-dhcp4-pxe.service",
            "/etc/kea/netinstall-pxe/kea-dhcp4.conf",
            "/var/lib/kea/kea-leases4.csv.netinstall-pxe",
            "/var/lib/kea/kea-leases4.csv.netinstall-pxe.2",
        ],
        1,
    ),
    "dhcp_none": (["/var/lib/site/dhcp/isc.conf", "/var/lib/site/dhcp/cisco.txt"], 1),
    "http_none": (["/var/lib/site/http/apache.conf", "/var/lib/site/http/nginx.conf"], 1),
    # It looks for its account, too.
    "ftp_vsftpd": ([f"{UNITS}/vsftpd-pxe.service", "/etc/netinstall-pxe/vsftpd.conf"], 2),
    "nfs_exports": (["/etc/exports.d/netinstall-pxe.exports", "/etc/nfs.conf.d/netinstall-pxe.conf"], 1),
    # Both of its backends
    "tftp_server": (
        [f"{UNITS}/tftp-pxe.socket", f"{UNITS}/tftp-pxe.service", "/etc/netinstall-pxe/tftp-map"],
        3,
    ),
}
#: Folders that go with the last of their files
FOLDERS = [
    "/etc/netinstall-pxe",
    "/var/lib/netinstall-pxe",
    "/etc/kea/netinstall-pxe",
    "/etc/exports.d",
    "/var/lib/site/dhcp",
    "/var/lib/site/http",
]
OTHERS = [
    "/etc/dhcp/dhcpd.conf",
    "/etc/netinstall-pxe/another",
    "/etc/exports.d/another.exports",
    "/var/lib/dhcp/dhcpd.leases",
    "/var/lib/kea/kea-leases4.csv",
    "/var/lib/netinstall-pxe/another/file",
    "/var/lib/site/dhcp/another",
    "/var/lib/site/http/another",
]
# By this line in its file the role knows its own service in xinetd.
MARK = "TFTP of the installation server"
SANDBOX = """
mkdir "$0/memory"
mount -t tmpfs tmpfs "$0/memory"
for folder in etc var/lib; do
  mkdir -p "$0/memory/$folder/upper" "$0/memory/$folder/work"
  layers="lowerdir=/$folder,upperdir=$0/memory/$folder/upper,workdir=$0/memory/$folder/work"
  mount -t overlay -o "$layers" overlay "/$folder"
done
rm -rf /etc/netinstall-pxe /etc/exports.d /etc/kea/netinstall-pxe /etc/xinetd.d/tftp*
while read -r path; do mkdir -p "${path%/*}"; echo "$MARK" > "$path"; done < "$0/files"
PATH="$0/bin:$PATH" "$@" || exit
for path in $(cat "$0/paths"); do [ ! -e "$path" ] || echo "$path"; done > "$0/left"
"""
SYSTEMCTL = """#!/bin/sh
[ "$1" != show ] || printf 'LoadState=loaded\\nActiveState=inactive\\nUnitFileState=disabled\\n'
[ "$1" != is-enabled ] || { echo disabled; exit 1; }
"""
INTERPRETER = """#!/bin/sh
echo >> {folder}/modules
exec {python} "$@"
"""


class Removed(t.NamedTuple):
    left: list[str]
    modules: int
    said: str


def remove(folder: pathlib.Path, roles: t.Iterable[str], files: t.Iterable[str], **programs: str) -> Removed:
    """What is left of files when the roles have removed what is theirs; ``programs`` replace the server's."""
    (folder / "bin").mkdir(parents=True)
    for name, text in (
        *((f"bin/{name}", text) for name, text in programs.items()),
        ("bin/systemctl", SYSTEMCTL),
        ("bin/exportfs", "#!/bin/sh\n"),
        ("python", INTERPRETER.format(folder=folder, python=sys.executable)),
    ):
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)
    (folder / "files").write_text("".join(f"{path}\n" for path in files), encoding="utf-8")
    paths = [*files, *FOLDERS]
    (folder / "paths").write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")
    (folder / "modules").touch()
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [
            {
                "name": "Facts",
                "ansible.builtin.set_fact": {
                    "os_family": "Debian",
                    "architecture": "x86_64",
                    "cacheable": True,
                },
            },
            *(
                {
                    "name": f"Remove {role}",
                    "ansible.builtin.include_role": {
                        "name": f"netinstall.pxe.{role}",
                        "tasks_from": "remove",
                    },
                    "vars": {f"{role}_root": "/var/lib/site"},
                }
                for role in roles
            ),
        ],
    }
    (folder / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    (folder / "ansible.cfg").write_text("", encoding="utf-8")
    environment = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(folder),
        "MARK": MARK,
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_REMOTE_TEMP": str(folder / "remote"),
        "ANSIBLE_PYTHON_INTERPRETER": str(folder / "python"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
    }
    ansible = [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", "-c", "local", "play.yml"]
    done = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-euc", SANDBOX, str(folder), *ansible],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    left = (folder / "left").read_text(encoding="utf-8").splitlines()
    modules = (folder / "modules").read_text(encoding="utf-8").count("\n")
    return Removed(left, modules, done.stdout + done.stderr)


@pytest.fixture(scope="module")
def everything() -> list[str]:
    return [path for paths, _modules in MADE.values() for path in paths]


def test_all_goes(tmp_path: pathlib.Path, everything: list[str]) -> None:
    assert remove(tmp_path, MADE, everything).left == []


def test_what_is_not_theirs_stays(tmp_path: pathlib.Path, everything: list[str]) -> None:
    removed = remove(tmp_path, MADE, [*everything, *OTHERS])
    assert set(removed.left) - set(FOLDERS) == set(OTHERS)


def test_nothing_is_there(tmp_path: pathlib.Path) -> None:
    removed = remove(tmp_path, MADE, [])
    assert "changed=0 " in removed.said, removed.said
    assert "WARNING" not in removed.said
    assert removed.modules == sum(modules for _paths, modules in MADE.values())


def test_what_xinetd_had_before_comes_back(tmp_path: pathlib.Path) -> None:
    kept = "/etc/xinetd.d/tftp.before-netinstall-pxe"
    assert remove(tmp_path / "one", ["tftp_server"], ["/etc/xinetd.d/tftp"]).left == []
    removed = remove(tmp_path / "two", ["tftp_server"], ["/etc/xinetd.d/tftp", kept])
    assert removed.left == ["/etc/xinetd.d/tftp"]


@pytest.mark.parametrize("role", MADE)
def test_a_server_that_cannot_be_looked_at_is_not_taken_for_empty(tmp_path: pathlib.Path, role: str) -> None:
    broken = "#!/bin/sh\nexit 4\n"
    with pytest.raises(AssertionError, match=r"(Find|See) wh"):
        remove(tmp_path, [role], [], find=broken, ls=broken)
