# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command with which the role lets nginx check the site before it is in place, on this machine's own nginx.

It runs in a mount namespace in which nginx's folders for logs, locks and bodies are empty ones; nothing is left behind.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import typing as t

import pytest

CONF = "/etc/nginx/conf.d/netinstall-pxe.conf"
#: As the role's tasks name it
DEST = "{{ __http_nginx_folder }}/conf.d/netinstall-pxe.conf"
OWN_MAIN = "/etc/netinstall-pxe/nginx/nginx.conf"
SANDBOX = (
    'for d in /run /var/log /var/lib; do mount -t tmpfs tmpfs "$d"; done; '
    "mkdir -p /var/log/nginx /var/log/nginx-pxe /var/lib/nginx /var/lib/netinstall-pxe; "
    'if [ -n "$MAIN" ]; then mount --bind "$MAIN" /etc/nginx/nginx.conf; fi; '
    'mount -t tmpfs tmpfs /etc/nginx/conf.d; if [ -n "$OTHER" ]; then cp "$OTHER" /etc/nginx/conf.d/other.conf; fi; '
    'before=$(cd /etc/nginx/conf.d && ls -A); "$@"; status=$?; '
    'if [ "$before" != "$(cd /etc/nginx/conf.d && ls -A)" ]; then echo "it changed the folder" >&2; exit 99; fi; '
    "exit $status"
)


def why_not() -> str:
    """Empty if this machine can do it."""
    if not (shutil.which("nginx", path="/usr/sbin:/sbin") and pathlib.Path("/etc/nginx/conf.d").is_dir()):
        return "nginx is not installed: apt-get install nginx-light"
    if os.geteuid() != 0:
        return "nginx gives its folders to its own account when it checks: only root can do that"
    done = subprocess.run(
        ["unshare", "--mount", "true"], capture_output=True, text=True, timeout=20, check=False
    )
    return f"no mount namespaces here: {done.stderr.strip()}" if done.returncode else ""


REASON = why_not()
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)


@pytest.fixture(scope="module")
def site(renderer: t.Callable[[str], t.Any], free_port: t.Callable[[], int]) -> str:
    variables = {"http_nginx_address": "127.0.0.1", "http_nginx_port": free_port()}
    return str(renderer("http_nginx").render([(DEST, variables)])[0])


Check = t.Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def check(check_command: t.Callable[[str, str], list[str]], tmp_path: pathlib.Path) -> Check:
    """Runs the role's command on a candidate, beside another site, with another nginx.conf or in another folder."""

    def run(
        candidate: str, other: str = "", main: str = "", folder: str = "/etc/nginx"
    ) -> subprocess.CompletedProcess[str]:
        for name, text in (("candidate", candidate), ("other", other), ("main", main)):
            (tmp_path / name).write_text(text, encoding="utf-8")
        arguments = ["/usr/sbin/nginx", folder, str(tmp_path / "candidate")]
        command = [*check_command("http_nginx", "__http_nginx_check"), *arguments]
        environment = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "OTHER": str(tmp_path / "other") if other else "",
            "MAIN": str(tmp_path / "main") if main else "",
        }
        return subprocess.run(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", SANDBOX, "sh", *command],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_the_site_is_accepted(check: Check, site: str) -> None:
    done = check(site)
    assert done.returncode == 0, done.stderr
    assert not pathlib.Path(CONF).exists()


def test_a_mistake_is_refused_with_its_line(check: Check, site: str) -> None:
    done = check(site.replace("sendfile on;", "sendfiel on;"))
    assert done.returncode not in (0, 99)
    assert f'unknown directive "sendfiel" in {CONF}:' in done.stderr


def test_what_contradicts_another_site_is_refused(check: Check, site: str) -> None:
    """The site alone would pass: nginx is asked about all of its configuration."""
    listen = next(line for line in site.splitlines() if "listen " in line)
    done = check(site, other=f"server {{ {listen} }}\n")
    assert done.returncode not in (0, 99)
    assert "duplicate default server" in done.stderr


def test_an_address_that_is_not_here_is_refused(check: Check, site: str) -> None:
    done = check(site.replace("listen 127.0.0.1:", "listen 192.0.2.1:"))
    assert done.returncode not in (0, 99)
    assert "192.0.2.1" in done.stderr


def test_an_nginx_that_would_not_read_it_is_noticed(check: Check, site: str) -> None:
    done = check(site, main="events { }\nhttp { }\n")
    assert done.returncode not in (0, 99)
    assert "does not include /etc/nginx/conf.d/*.conf" in done.stderr


@pytest.fixture(scope="module")
def own(
    renderer: t.Callable[[str], t.Any],
    free_port: t.Callable[[], int],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[str, str]:
    """The folder of a service of our own, and its site."""
    folder = tmp_path_factory.mktemp("own")
    variables = {
        "http_nginx_address": "127.0.0.1",
        "http_nginx_port": free_port(),
        "http_nginx_program": "/usr/sbin/nginx",
        # Every machine has that account.
        "http_nginx_user": "root",
        "__http_nginx_folder": str(folder),
    }
    main, site = renderer("http_nginx").render([(OWN_MAIN, variables), (DEST, variables)])
    (folder / "nginx.conf").write_text(main, encoding="utf-8")
    (folder / "conf.d").mkdir()
    return str(folder), site


def test_the_site_is_accepted_in_a_service_of_our_own(check: Check, own: tuple[str, str]) -> None:
    folder, site = own
    done = check(site, folder=folder)
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr
    assert "access_log /var/log/nginx-pxe/netinstall-pxe.log" in site


def test_a_mistake_is_refused_there_too(check: Check, own: tuple[str, str]) -> None:
    folder, site = own
    done = check(site.replace("sendfile on;", "sendfiel on;"), folder=folder)
    assert done.returncode not in (0, 99)
    assert f'unknown directive "sendfiel" in {folder}/conf.d/netinstall-pxe.conf:' in done.stderr
