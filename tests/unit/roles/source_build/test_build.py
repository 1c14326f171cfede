# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role builds tiny programs that are made and installed as dnsmasq and nginx are."""

from __future__ import annotations

import grp
import hashlib
import io
import json
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._text import own_files

COLLECTIONS = pathlib.Path(own_files.__file__).parents[5]
ROLE = pathlib.Path(__file__).resolve().parents[4] / "roles" / "source_build"
pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not all(shutil.which(tool) for tool in ("gcc", "make", "xz")),
    reason="needs root, gcc, make and xz",
)

MAKEFILE = """\
PREFIX = /nowhere
all: ; mkdir -p src && gcc -o src/dnsmasq tiny.c && id >whoami && env >environment
install: ; touch /installed-by-make
"""
# As nginx's: it has no Makefile before, and builds what it is told to.
CONFIGURE = """\
#!/bin/sh
echo "all: ; mkdir -p objs && gcc -o objs/nginx tiny.c" > Makefile
echo "install: ; false" >> Makefile
echo "$@" > arguments
"""
NGINX = {"src/core/nginx.h": '#define NGINX_VERSION      "1.22.0"\n'}
PROGRAM = '#include <stdio.h>\nint main(void) { puts("tiny %s"); return 0; }\n'


class Result(t.NamedTuple):
    status: int
    text: str


class Server:
    """This machine, with a prefix of its own."""

    def __init__(self, folder: pathlib.Path) -> None:
        """:arg folder: one that the account which compiles can reach"""
        self.folder = folder
        self.program = folder / "prefix" / "sbin" / "dnsmasq"

    def archive(
        self, version: str, name: str = "Makefile", content: str = MAKEFILE, **more: str
    ) -> tuple[str, str]:
        """A tar file and its checksum.

        :arg more: further files
        """
        path = self.folder / f"tiny-{version}.tar.xz"
        with tarfile.open(path, "w:xz") as tar:
            for member, text in {name: content, "tiny.c": PROGRAM % version, **more}.items():
                about = tarfile.TarInfo(f"tiny-{version}/{member}")
                about.size = len(text)
                about.mode = 0o755
                tar.addfile(about, io.BytesIO(text.encode()))
        return str(path), "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()

    def run(
        self, archive: str, checksum: str, *options: str, name: str = "dnsmasq", on: str = "server"
    ) -> Result:
        says = f"{{{{ source_build_published.{name} | default('none') }}}} is published"
        play = {
            "hosts": "localhost",
            "gather_facts": False,
            "vars": {
                "source_build_prefix": str(self.folder / "prefix"),
                # An account of this machine: tests make none.
                "source_build_build_account": "nobody",
                "source_build_cache": str(self.folder / "cache"),
                "source_build_programs": {name: {"archive": archive, "checksum": checksum, "archive_on": on}},
            },
            "roles": [str(ROLE)],
            "post_tasks": [{"name": "Say", "ansible.builtin.debug": {"msg": says}}],
        }
        (self.folder / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
        (self.folder / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "ansible",
            "playbook",
            "-i",
            "localhost,",
            "-c",
            "local",
            *options,
            "play.yml",
        ]
        environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        }
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
            # As on servers whose root is in groups of its own.
            extra_groups=[0, grp.getgrnam("adm").gr_gid],
        )
        return Result(done.returncode, " ".join((done.stdout + done.stderr).split()))

    def says(self) -> str:
        return subprocess.run([self.program], capture_output=True, text=True, check=True, timeout=20).stdout


@pytest.fixture
def server() -> t.Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="netinstall-build-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        yield Server(folder)


def test_it_is_built_once_and_anew_from_another_archive(server: Server) -> None:
    first = server.archive("1")
    checked = server.run(*first, "--check")
    assert "would be built from" in checked.text
    assert not (server.folder / "prefix").exists()
    assert not (server.folder / "cache").exists()
    done = server.run(*first)
    assert done.status == 0, done.text
    assert f"{server.program} is published" in done.text
    assert server.says() == "tiny 1\n"
    assert [path for path in (server.folder / "prefix").rglob("*") if path.is_file()] == [server.program]
    again = server.run(*first)
    assert "changed=0" in again.text
    assert f"{server.program} is published" in again.text
    path, checksum = server.archive("2")
    lost = server.run("lost.tar.xz", checksum, "--check", on="controller")
    assert f"there is no lost.tar.xz on the control node: looked in {server.folder}" in lost.text
    # Found beside the playbook.
    other = server.run(pathlib.Path(path).name, checksum, on="controller")
    assert other.status == 0, other.text
    assert server.says() == "tiny 2\n"


def test_nothing_of_the_source_runs_as_root(server: Server) -> None:
    done = server.run(*server.archive("1"))
    assert done.status == 0, done.text
    (tree,) = (server.folder / "cache").glob("dnsmasq-*/tree")
    nobody = pwd.getpwnam("nobody")
    ids = re.findall(r"(\w+)=(\d+)\(.*?\)(\S*)", (tree / "whoami").read_text(encoding="utf-8"))
    assert ids == [
        ("uid", str(nobody.pw_uid), ""),
        ("gid", str(nobody.pw_gid), ""),
        ("groups", str(nobody.pw_gid), ""),
    ]
    variables = {
        line.split("=")[0] for line in (tree / "environment").read_text(encoding="utf-8").splitlines()
    }
    assert variables <= {
        "PATH",
        "HOME",
        "LC_ALL",
        "PWD",
        "MAKEFLAGS",
        "MAKELEVEL",
        "MFLAGS",
        "MAKE_TERMERR",
    } | {
        "MAKE_TERMOUT",
        "_",
        "OLDPWD",
        "SHLVL",
        "PREFIX",
        "MAKEOVERRIDES",
    }
    assert not pathlib.Path("/installed-by-make").exists()
    about = server.program.stat()
    assert (about.st_uid, about.st_mode & 0o7777) == (0, 0o755)


def test_a_link_to_what_only_root_may_read_is_not_installed(server: Server) -> None:
    secret = server.folder / "secret"
    secret.write_text("secret", encoding="utf-8")
    secret.chmod(0o600)
    done = server.run(*server.archive("1", content=f"all: ; mkdir src && ln -s {secret} src/dnsmasq\n"))
    assert done.status != 0
    assert "Permission denied" in done.text
    assert not server.program.exists()


def test_a_program_that_does_not_start_replaces_nothing(server: Server) -> None:
    assert server.run(*server.archive("1")).status == 0
    broken = "all: ; mkdir src && echo no program >src/dnsmasq\n"
    done = server.run(*server.archive("2", content=broken))
    assert done.status != 0
    assert "does not start" in done.text
    assert server.says() == "tiny 1\n"


def test_nginx_is_configured_and_nothing_but_the_program_installed(server: Server) -> None:
    # Nothing is installed on the machine of the test.
    libraries = ("-e", json.dumps({"__source_build_libraries": {}}))
    done = server.run(*server.archive("1", "configure", CONFIGURE, **NGINX), *libraries, name="nginx")
    assert done.status == 0, done.text
    prefix = server.folder / "prefix"
    program = prefix / "sbin" / "nginx-pxe"
    assert f"{program} is published" in done.text
    assert [path for path in prefix.rglob("*") if path.is_file()] == [program]
    assert subprocess.run([program], capture_output=True, check=True, timeout=20).stdout == b"tiny 1\n"
    (arguments,) = (server.folder / "cache").glob("nginx-*/tree/arguments")
    assert {f"--prefix={prefix}", "--with-http_dav_module"} < set(arguments.read_text().split())


@pytest.mark.parametrize(
    ("header", "said"),
    [('#define NGINX_VERSION      "1.14.0"\n', "is nginx 1.14.0"), ("", "is nginx 0 (no version in it)")],
)
def test_an_nginx_that_could_not_serve_the_site_is_refused(server: Server, header: str, said: str) -> None:
    libraries = ("-e", json.dumps({"__source_build_libraries": {}}))
    archive = server.archive("1", "configure", CONFIGURE, **{"src/core/nginx.h": header})
    done = server.run(*archive, *libraries, name="nginx")
    assert done.status != 0
    assert said in done.text
    assert "the role builds 1.22.0 and later" in done.text
    assert "--without-http_rewrite_module" in done.text
    assert not (server.folder / "prefix").exists()
    assert list((server.folder / "cache").glob("nginx-*/tree/objs")) == []


def test_another_archive_than_the_one_that_was_asked_for_is_not_used(server: Server) -> None:
    path, _checksum = server.archive("1")
    done = server.run(path, "sha256:" + "0" * 64)
    assert done.status != 0
    assert "source_build_programs.dnsmasq" in done.text
    assert "Nothing of it was used" in done.text
    assert not server.program.exists()
    assert list((server.folder / "cache").glob("*/tree/*")) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "bind"}, "bind cannot be built by this role; it can build dnsmasq, nginx"),
        ({"checksum": "md5:0"}, "source_build_programs.dnsmasq: write {archive:"),
        ({"archive": "tiny.tar.xz"}, "source_build_programs.dnsmasq: write {archive:"),
    ],
)
def test_what_is_refused_before_anything_is_done(server: Server, changes: dict[str, str], said: str) -> None:
    done = server.run(**{"archive": "/x.tar", "checksum": "sha256:" + "0" * 64, **changes})
    assert done.status != 0
    assert said in done.text
    assert not (server.folder / "cache").exists()
