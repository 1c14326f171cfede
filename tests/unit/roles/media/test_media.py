# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role makes of images, up to the mount, which needs a kernel that can (see the integration target)."""

from __future__ import annotations

import functools
import hashlib
import http.server
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import threading
import typing as t

import pytest
import yaml
from ansible_collections.netinstall.pxe.tests.unit import iso_images, tree_images

ISO_INFO = 'Debian GNU/Linux 13.1.0 "Trixie" - Official amd64 DVD Binary-2 20250906-10:22'
ROLE = "netinstall.pxe.media"

Record = dict[str, t.Any]


def kernel(release: str) -> bytes:
    """The header of a bzImage that says so."""
    data = bytearray(0x300)
    data[0x202:0x206], data[0x20E:0x210] = b"HdrS", b"\0\1"
    return bytes(data) + release.encode() + b" x\0"


def netboot(path: pathlib.Path, release: str) -> None:
    files = {
        "version.info": b"Debian version:  13 (trixie)\n",
        "debian-installer/amd64/linux": kernel(release),
        "debian-installer/amd64/initrd.gz": iso_images.initrd(),
    }
    with tarfile.open(path, "w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(f"./{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("images")
    (folder / "net.iso").write_bytes(iso_images.build(iso_images.debian_files(), "NET"))
    (folder / "cd.iso").write_bytes(iso_images.build(iso_images.debian_files(retriever="cdrom-retriever")))
    (folder / "own.iso").write_bytes(iso_images.build({"boot/linux": b"k", "boot/rd": iso_images.initrd()}))
    second = {
        path: data for path, data in iso_images.debian_files(info=ISO_INFO).items() if "install." not in path
    }
    (folder / "second.iso").write_bytes(iso_images.build(second))
    for number, files in enumerate(tree_images.el6(), start=1):
        (folder / f"el{number}.iso").write_bytes(iso_images.build(files, f"CentOS_6.8_DVD{number}"))
    netboot(folder / "netboot.tar.gz", "6.12.43+deb13-amd64")
    netboot(folder / "other.tar.gz", "6.12.99+deb13-amd64")
    (folder / "root/boot").mkdir(parents=True)
    (folder / "root/boot/vmlinuz").write_bytes(kernel("6.12.43+deb13-amd64"))
    (folder / "root/boot/initrd.img").write_bytes(b"initrd")
    (folder / "root/etc").mkdir()
    (folder / "root/etc/os-release").write_text('VERSION_ID="13"\nVERSION_CODENAME=trixie\n')
    return folder


def distribution(name: str, iso: t.Any, netboot_path: t.Any = None, **described: t.Any) -> Record:
    """As the plan describes it."""

    def image(path: t.Any, **more: t.Any) -> Record:
        return {"path": str(path), "url": None, "checksum": None, **more}

    return {
        "name": name,
        "family": "debian",
        "isos": [image(*iso) if isinstance(iso, tuple) else iso if isinstance(iso, dict) else image(iso)]
        if iso
        else [],
        "netboot": image(netboot_path) if netboot_path else None,
        "kernel": None,
        "initrd": None,
        "architecture": None,
        "version": None,
        "tree": f"/srv/pxe/trees/{name}",
        "tree_url": f"http://pxe/trees/{name}",
        **described,
    }


def centos(images: pathlib.Path, **described: t.Any) -> Record:
    """A distribution of two images."""
    isos = [{"path": str(images / f"el{number}.iso"), "url": None, "checksum": None} for number in (1, 2)]
    return distribution("centos-6", None, isos=isos, family="redhat", **described)


def root_file_system(name: str, folder: pathlib.Path) -> Record:
    return distribution(name, None, folder, family="live", root=str(folder))


def play(tasks: list[Record], folder: pathlib.Path) -> None:
    """Runs tasks in check mode on this machine, with none of the user's settings."""
    (folder / "play.yml").write_text(
        yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": tasks}])
    )
    (folder / "ansible.cfg").touch()
    environment = {
        **os.environ,
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder),
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "ANSIBLE_COLLECTIONS_PATH": str(pathlib.Path(iso_images.__file__).parents[5]),
    }
    command = [sys.executable, "-m", "ansible", "playbook", "-C", "-i", "host,", "-c", "local", "play.yml"]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def write_task(value: str, path: pathlib.Path) -> Record:
    return {
        "ansible.builtin.copy": {"content": f"{{{{ {value} | to_json }}}}", "dest": str(path)},
        "check_mode": False,
    }


def role(tasks_from: str, distributions: list[Record], root: pathlib.Path) -> Record:
    return {
        "ansible.builtin.include_role": {"name": ROLE, "tasks_from": tasks_from, "public": True},
        "vars": {
            "media_root": str(root),
            "media_distributions": {described["name"]: described for described in distributions},
        },
    }


class Mirror(http.server.SimpleHTTPRequestHandler):
    """One that is down while there is a file of that name."""

    def do_GET(self) -> None:
        if os.path.exists(os.path.join(self.directory, "down")):
            return self.send_error(503)
        return super().do_GET()


@pytest.fixture
def mirror(tmp_path: pathlib.Path) -> t.Iterator[str]:
    """The URL of a mirror on the loopback."""
    folder = tmp_path / "mirror"
    (folder / "os").mkdir(parents=True)
    (folder / "os/.treeinfo").write_text(
        "[general]\nfamily = CentOS\nversion = 5.11\narch = x86_64\n"
        "[images-x86_64]\nkernel = vmlinuz\ninitrd = initrd.img\n"
    )
    handler = functools.partial(Mirror, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/os"
        server.shutdown()


def test_what_is_published(images: pathlib.Path, tmp_path: pathlib.Path, mirror: str) -> None:
    missing = {
        "path": str(tmp_path / "srv/iso/x.iso"),
        "url": "http://127.0.0.1:9/x.iso",
        "checksum": "sha256:" + "0" * 64,
    }
    distributions = [
        distribution("plain", images / "net.iso"),
        distribution("dvd", images / "cd.iso", images / "netboot.tar.gz"),
        distribution("network", None, images / "netboot.tar.gz"),
        distribution(
            "own",
            images / "own.iso",
            kernel="boot/linux",
            initrd=["boot/rd"],
            version="5",
            architecture="arm64",
        ),
        distribution("later", missing),
        root_file_system("desk", images / "root"),
        centos(images, layout="copy"),
        distribution(
            "centos-5", None, family="redhat", mirror=mirror, netboot_url="http://pxe/trees/centos-5-netboot"
        ),
    ]
    publish = {
        "ansible.builtin.set_fact": {"found": "{{ __media_work.published }}"},
        "vars": role("", distributions, tmp_path)["vars"],
    }
    play(
        [role("install", distributions, tmp_path / "srv"), publish, write_task("found", tmp_path / "out")],
        tmp_path,
    )
    found = json.loads((tmp_path / "out").read_text())
    assert found["plain"] == {
        "family": "debian",
        "product": "Debian GNU/Linux",
        "version": "13.1.0",
        "codename": "trixie",
        "suite": "stable",
        "architecture": "amd64",
        "variant": "NETINST",
        "volume_id": "NET",
        "kernel": "install.amd/vmlinuz",
        "initrd": ["install.amd/initrd.gz"],
        "stage2": None,
        "discs": [],
        "repositories": [],
        "index": None,
    }
    urls = {
        "kernel": "http://pxe/trees/dvd-netboot/linux",
        "initrd": ["http://pxe/trees/dvd-netboot/initrd.gz"],
    }
    assert found["dvd"] == {**found["plain"], "volume_id": "TEST", **urls}
    assert {key: value for key, value in found["network"].items() if value} == {
        "family": "debian",
        "version": "13",
        "codename": "trixie",
        "architecture": "amd64",
        "kernel": "http://pxe/trees/network-netboot/linux",
        "initrd": ["http://pxe/trees/network-netboot/initrd.gz"],
    }
    assert {key: value for key, value in found["desk"].items() if value} == {
        "family": "live",
        "version": "13",
        "codename": "trixie",
        "kernel": "http://pxe/trees/desk-netboot/linux",
        "initrd": ["http://pxe/trees/desk-netboot/initrd.gz"],
    }
    assert {key: value for key, value in found["centos-5"].items() if value} == {
        "family": "redhat",
        "version": "5.11",
        "architecture": "x86_64",
        "kernel": "http://pxe/trees/centos-5-netboot/linux",
        "initrd": ["http://pxe/trees/centos-5-netboot/initrd.gz"],
    }
    own = {key: found["own"][key] for key in ("kernel", "initrd", "version", "architecture", "codename")}
    assert own == {
        "kernel": "boot/linux",
        "initrd": ["boot/rd"],
        "version": "5",
        "architecture": "arm64",
        "codename": None,
    }
    known = ("product", "version", "kernel", "stage2", "discs", "index")
    assert {key: found["centos-6"][key] for key in known} == {
        "product": "CentOS",
        "version": "6.8",
        "kernel": "images/pxeboot/vmlinuz",
        "stage2": "images/install.img",
        "discs": [1],
        "index": f"{tmp_path}/media/centos-6.json",
    }
    # Check mode cannot look at what is not downloaded yet; it says what is to be expected.
    assert (found["later"]["kernel"], found["later"]["codename"]) == ("install.amd/vmlinuz", None)
    # And it has left no trace.
    assert not (tmp_path / "srv").exists()


def test_what_is_refused(images: pathlib.Path, tmp_path: pathlib.Path) -> None:
    cases = {
        "carries the installer for CDs": distribution("cd", images / "cd.iso"),
        "on any Debian mirror": distribution("cd", images / "cd.iso"),
        "is disc 2 of its set and carries no installer; list disc 1": distribution(
            "second", images / "second.iso"
        ),
        "has the kernel 6.12.99+deb13-amd64, but": distribution(
            "bad", images / "net.iso", images / "other.tar.gz"
        ),
        "media_distributions.own.isos[0]: ": distribution("own", images / "own.iso"),
        "is not an installation image that this collection knows": distribution("own", images / "own.iso"),
        "has no file 'boot/x'": distribution("own", images / "own.iso", kernel="boot/x", initrd=["boot/rd"]),
        "does not exist on this server": distribution("none", images / "none.iso"),
        "has no kernel with an initrd": root_file_system("desk", images),
        "is not a folder on this server": root_file_system("desk", images / "net.iso"),
        "not 0000": distribution(
            "sum", {"path": str(images / "net.iso"), "url": None, "checksum": "sha256:" + "0" * 64}
        ),
        "2 images are listed": distribution("two", images / "net.iso"),
    }
    cases["2 images are listed"]["isos"] *= 2
    tasks = []
    for number, (message, described) in enumerate(cases.items()):
        part = "preflight" if "listed" in message else "install"
        failure = "(ansible_failed_result.results | default([ansible_failed_result]))"
        wanted = f"{failure} | map(attribute='msg', default='') | join"
        tasks.append(
            {
                "block": [role(part, [described], tmp_path / "srv")],
                "rescue": [write_task(wanted, tmp_path / str(number))],
            }
        )
    play(tasks, tmp_path)
    messages = [(tmp_path / str(number)).read_text() for number in range(len(cases))]
    assert [wanted for wanted, message in zip(cases, messages) if wanted not in message] == []


def shared(images: pathlib.Path, root: pathlib.Path, *names: str) -> Record:
    described = distribution("centos-6", None, nfs_images=str(root / "nfs-iso/centos-6"))
    return {**described, "isos": [{"path": str(images / name)} for name in names]}


def run_for_real(tasks: list[Record], folder: pathlib.Path, check: bool = False) -> list[str]:
    """Runs tasks that change nothing outside of the folder; what changed, as ``ok=1 changed=1 ...``."""
    (folder / "play.yml").write_text(
        yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": tasks}])
    )
    (folder / "ansible.cfg").touch()
    environment = {
        **os.environ,
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder),
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "ANSIBLE_COLLECTIONS_PATH": str(pathlib.Path(iso_images.__file__).parents[5]),
    }
    command = [sys.executable, "-m", "ansible", "playbook", "-i", "host,", "-c", "local", "play.yml"]
    command += ["--check"] if check else []
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    return [str(done.returncode), done.stdout + done.stderr, done.stdout.strip().rpartition("\n")[2]]


@pytest.mark.skipif(os.geteuid() != 0, reason="the role gives folders to root")
def test_images_that_installers_mount_are_linked_and_stay_so(tmp_path: pathlib.Path) -> None:
    root, store = tmp_path / "srv", tmp_path / "store"
    (root / "nfs-iso/gone").mkdir(parents=True)
    store.mkdir()
    for name in ("1.iso", "2.iso"):
        (store / name).write_text(name)
    (root / "nfs-iso/gone/disc1.iso").hardlink_to(store / "1.iso")
    # The only name of somebody's image.
    (root / "nfs-iso/gone/disc2.iso").write_text("last")
    described = shared(store, root, "1.iso", "2.iso")
    code, said, changes = run_for_real([role("nfs_images", [described], root)], tmp_path)
    assert (code, "changed=0" in changes) == ("0", False), said
    folder = root / "nfs-iso/centos-6"
    assert {path.name: path.samefile(store / f"{path.name[4]}.iso") for path in folder.iterdir()} == {
        "disc1.iso": True,
        "disc2.iso": True,
    }
    assert [path.name for path in (root / "nfs-iso/gone").iterdir()] == ["disc2.iso"]
    # The next run changes nothing; an image that was replaced is linked anew.
    code, said, changes = run_for_real([role("nfs_images", [described], root)], tmp_path)
    assert (code, "changed=0" in changes) == ("0", True), said
    (store / "new.iso").write_text("new")
    (store / "new.iso").rename(store / "2.iso")
    run_for_real([role("nfs_images", [described], root)], tmp_path)
    assert (folder / "disc2.iso").read_text() == "new"
    # One that nobody else may read is refused.
    (store / "2.iso").chmod(0o600)
    code, said, changes = run_for_real([role("nfs_images", [described], root)], tmp_path)
    assert (code, "media_distributions.centos-6.isos[1]" in said, "chmod o+r" in said) == ("2", True, True)
    # Without such a profile the links go, and the images stay.
    code, said, changes = run_for_real(
        [role("nfs_images", [distribution("centos-6", store / "1.iso")], root)], tmp_path
    )
    assert (code, folder.exists(), (store / "1.iso").read_text()) == ("0", False, "1.iso"), said


@pytest.mark.skipif(os.geteuid() != 0, reason="the role gives folders to root")
def test_an_image_behind_symbolic_links_is_linked_itself(tmp_path: pathlib.Path) -> None:
    """The machine that mounts the export would look for their target on itself."""
    root, store = tmp_path / "srv", tmp_path / "store"
    store.mkdir()
    for name in ("6.8.iso", "6.9.iso"):
        (store / name).write_text(name)
    (store / "1.iso").symlink_to(store / "six.iso")
    link = root / "nfs-iso/centos-6/disc1.iso"
    for target, changed in (("6.8.iso", True), ("6.9.iso", True), ("6.9.iso", False)):
        (store / "new").symlink_to(target)
        (store / "new").rename(store / "six.iso")
        code, said, changes = run_for_real(
            [role("nfs_images", [shared(store, root, "1.iso")], root)], tmp_path
        )
        assert code == "0", said
        assert (link.is_symlink(), link.samefile(store / target)) == (False, True), said
        assert ("changed=0" not in changes) is changed, said


@pytest.mark.skipif(os.geteuid() != 0, reason="the role gives folders to root")
def test_an_image_on_another_file_system_or_nowhere(tmp_path: pathlib.Path) -> None:
    root, store = tmp_path / "srv", tmp_path / "store"
    for folder in (root, store):
        folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(store)], check=True)
    try:
        (store / "1.iso").write_text("1")
        for check in (True, False):
            task = role("nfs_images", [shared(store, root, "1.iso")], root)
            code, said, _changes = run_for_real([task], tmp_path, check)
            assert (code, "is on another file system" in said or "cross-device link" in said) == (
                "2",
                True,
            ), said
            assert "media_distributions.centos-6.isos[0]" in said
        code, said, _changes = run_for_real(
            [role("nfs_images", [shared(store, root, "2.iso")], root)], tmp_path
        )
        assert (code, "2.iso no longer exists; put it back" in said) == ("2", True), said
    finally:
        subprocess.run(["umount", str(store)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="the role gives folders to root")
def test_what_is_left_of_images_is_said(tmp_path: pathlib.Path) -> None:
    root = tmp_path / "srv"
    folder = root / "nfs-iso/gone"
    folder.mkdir(parents=True)
    (folder / "disc1.iso").write_text("last")
    (folder / "disc2.iso").symlink_to("/nowhere")
    for check in (True, False):
        code, said, _changes = run_for_real([role("nfs_images", [], root)], tmp_path, check)
        assert (code, "gone/disc1.iso: no longer described" in " ".join(said.split())) == ("0", True), said
    assert [path.name for path in folder.iterdir()] == ["disc1.iso"]


def debian_mirror(folder: pathlib.Path) -> pathlib.Path:
    """Fills the folder that the fixture serves besides; returns where its kernel is."""
    images = folder / "mirror/os/dists/trixie/main/installer-amd64/current/images"
    netboot_folder = images / "netboot/debian-installer/amd64"
    netboot_folder.mkdir(parents=True)
    files = {"linux": b"kernel", "initrd.gz": b"initrd"}
    for name, data in files.items():
        (netboot_folder / name).write_bytes(data)
    sums = "".join(
        f"{hashlib.sha256(data).hexdigest()}  ./netboot/debian-installer/amd64/{name}\n"
        for name, data in files.items()
    )
    (images / "SHA256SUMS").write_text(sums)
    path = "main/installer-amd64/current/images/SHA256SUMS"
    (folder / "mirror/os/dists/trixie/Release").write_text(
        f"Codename: trixie\nVersion: 13.1\nSHA256:\n {hashlib.sha256(sums.encode()).hexdigest()} {len(sums)} {path}\n"
    )
    return netboot_folder / "linux"


@pytest.mark.skipif(os.geteuid() != 0, reason="the role gives folders to root")
def test_images_become_a_mirror_when_it_is_whole(
    images: pathlib.Path, tmp_path: pathlib.Path, mirror: str
) -> None:
    root = tmp_path / "srv"
    trees = root / "trees"

    def described(name: str, **more: t.Any) -> Record:
        tree = {"tree": str(trees / name), "netboot_url": f"http://pxe/trees/{name}-netboot"}
        return distribution(name, None if "mirror" in more else images / "net.iso", **tree, **more)

    def run(*distributions: Record) -> list[str]:
        return run_for_real([role("main", list(distributions), root)], tmp_path)

    def there() -> list[str]:
        return sorted(str(path.relative_to(trees)) for path in trees.glob("*/*") if path.is_file())

    # The place of the second one's kernel is that of a tree of before.
    code, said, _changes = run(
        described("debian-13", layout="copy"), described("d13-netboot", layout="copy", version="13.1.0")
    )
    assert code == "0", said
    both = [described(name, mirror=mirror, version="13") for name in ("debian-13", "d13")]
    # In the middle of an update.
    kernel = debian_mirror(tmp_path)
    kernel.write_bytes(b"the next kernel")
    code, said, _changes = run(*both)
    assert (code, "Perhaps it is being updated" in said) == ("2", True), said
    assert (trees / "debian-13/install.amd/vmlinuz").exists()
    assert not (trees / "debian-13-netboot").exists()
    kernel.write_bytes(b"kernel")
    code, said, _changes = run(*both)
    assert code == "0", said
    assert there() == [
        f"{name}-netboot/{file}"
        for name in ("d13", "debian-13")
        for file in (".netboot.json", "initrd.gz", "linux")
    ]
    (tmp_path / "mirror/down").touch()
    code, said, changes = run_for_real([role("install", both, root)], tmp_path)
    assert (code, "changed=0" in changes) == ("0", True), said
    assert "WARNING: debian-13: http" in said
    assert "answers 503" in said
    code, said, _changes = run()
    assert (code, there(), (trees / "d13-netboot").exists()) == ("0", [], False), said
