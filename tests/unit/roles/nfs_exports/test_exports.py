# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exports, judged by the real exportfs as the role asks it, beside exports of somebody else.

No NFS server runs: the build machines' kernel has none. What exportfs would tell the kernel is in its table (etab).
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import typing as t

import pytest

EXPORTS = "/etc/exports.d/netinstall-pxe.exports"
SUBNETS = ["10.77.0.0/24", "10.78.0.0/16"]
REASON = ""
if not pathlib.Path("/usr/sbin/exportfs").exists():
    REASON = "exportfs is missing: apt-get install nfs-kernel-server"
elif os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "--net", "true"], check=False).returncode:
    REASON = "needs root and namespaces"
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)

# What the host has already, where the role's command finds it. Its table is shown, and must stay what it is.
SANDBOX = (
    "mount -t tmpfs tmpfs /var/lib/nfs; echo before >/var/lib/nfs/etab; "
    'if [ -n "$OTHER" ]; then mount --bind "$OTHER" /etc/exports; fi; before=$(stat -c %Y /etc/exports); '
    '"$@"; status=$?; [ "$(cat /var/lib/nfs/etab)" = before ] || exit 99; '
    '[ "$(stat -c %Y /etc/exports)" = "$before" ] || exit 99; exit $status'
)

Check = t.Callable[..., "tuple[int, str]"]


class Written(t.NamedTuple):
    folder: pathlib.Path
    text: str
    shared: str
    root: str


@pytest.fixture(scope="module")
def written(renderer: t.Callable[[str], t.Any], tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("nfs_exports")
    for name in ("centos-6", "rocky-9"):
        (folder / name).mkdir()
    folders = [{"path": str(folder / "centos-6"), "mounted": False}, {"path": str(folder / "rocky-9")}]
    variables = {"nfs_exports_folders": folders, "nfs_exports_subnets": SUBNETS}
    mounted = {
        "nfs_exports_folders": [{"path": str(folder / "rocky-9"), "mounted": True}],
        "nfs_exports_subnets": SUBNETS[:1],
        "nfs_exports_extra_options": ["insecure"],
    }
    root = {
        "nfs_exports_folders": [{"path": str(folder / "rocky-9"), "root": True}],
        "nfs_exports_subnets": SUBNETS,
    }
    return Written(
        folder,
        *renderer("nfs_exports").render([(EXPORTS, variables), (EXPORTS, mounted), (EXPORTS, root)]),
    )


@pytest.fixture
def check(check_command: t.Callable[[str, str], list[str]], tmp_path: pathlib.Path) -> Check:
    def run(candidate: str, other: str = "", wrapper: str = SANDBOX) -> tuple[int, str]:
        (tmp_path / "other").write_text(other, encoding="utf-8")
        command = [*check_command("nfs_exports", "__nfs_exports_check"), "/dev/stdin"]
        done = subprocess.run(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", wrapper, "sh", *command],
            input=candidate,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "OTHER": str(tmp_path / "other") if other else ""},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stderr

    return run


def lines_of(text: str) -> dict[str, list[str]]:
    """The clients of each path."""
    words = [line.split() for line in text.splitlines() if line.startswith("/")]
    return {path: clients for path, *clients in words}


def test_each_folder_is_shown_to_each_network_and_read_only(written: Written) -> None:
    lines = lines_of(written.text)
    assert list(lines) == [str(written.folder / name) for name in ("centos-6", "rocky-9")]
    for clients in lines.values():
        assert [client.partition("(")[0] for client in clients] == SUBNETS
        for client in clients:
            options = client.partition("(")[2].rstrip(")").split(",")
            assert {"ro", "all_squash", "subtree_check"} <= set(options)
            assert not {"rw", "no_root_squash", "crossmnt"} & set(options)


def test_a_root_file_system_is_shown_with_its_owners(written: Written, check: Check) -> None:
    [clients] = lines_of(written.root).values()
    for client in clients:
        options = client.partition("(")[2].rstrip(")").split(",")
        assert {"ro", "no_root_squash", "subtree_check"} <= set(options)
        assert not {"rw", "all_squash"} & set(options)
    assert check(written.root) == (0, "")


def test_each_folder_has_an_identity_of_its_own(written: Written) -> None:
    found = [
        {option for client in clients for option in client.split(",") if option.startswith("fsid=")}
        for clients in lines_of(written.text).values()
    ]
    assert [len(each) for each in found] == [1, 1]
    assert found[0] != found[1]


def test_exportfs_accepts_it(check: Check, written: Written) -> None:
    assert check(written.text) == (0, "")


def test_exportfs_understands_what_is_meant(written: Written) -> None:
    """What the kernel would be told."""
    script = (
        "mount -t tmpfs tmpfs /var/lib/nfs; cat >/var/lib/nfs/x; mount --bind /var/lib/nfs/x /etc/exports; "
        "exportfs -ra; cat /var/lib/nfs/etab"
    )
    done = subprocess.run(
        [*("unshare", "--mount", "--net", "--propagation", "private", "sh", "-ec"), script],
        input=written.shared,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    path, _tab, client = done.stdout.strip().partition("\t")
    said = client.partition("(")[2].rstrip(")").split(",")
    assert path == str(written.folder / "rocky-9")
    assert {"ro", "all_squash", "subtree_check", "insecure", "mountpoint"} <= set(said)


def test_exports_of_others_are_read_with_it(check: Check, written: Written) -> None:
    assert check(written.text, other=f"{written.folder} 192.0.2.0/24(rw,no_subtree_check)\n") == (0, "")


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("all_squash", "all_sqash", 'unknown keyword "all_sqash"'),
        ("/rocky-9 ", "/rocky-8 ", "rocky-8"),
        ("10.77.0.0/24", "10.77.0.0/244", "10.77.0.0/244"),
    ],
)
def test_a_mistake_is_refused(check: Check, written: Written, right: str, wrong: str, said: str) -> None:
    assert right in written.text
    status, message = check(written.text.replace(right, wrong))
    assert status not in (0, 99), message
    assert said in message
