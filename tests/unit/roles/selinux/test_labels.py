# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The labels as the role would describe them to SELinux, which no machine of ours runs."""

from __future__ import annotations

import pathlib
import re
import typing as t

import jinja2
import pytest
import yaml

ROLE = pathlib.Path(__file__).resolve().parents[4] / "roles" / "selinux"
FILES = {
    "/srv/p.x/boot/snponly.efi": "public_content_t",
    "/srv/p.x/trees/rocky-9/.treeinfo": "public_content_t",
    "/srv/p.x": "public_content_t",
    "/srv/p.x/events/10.77.0.11/0123/started": "httpd_sys_rw_content_t",
    "/srv/p.x/events": "httpd_sys_rw_content_t",
    "/var/lib/netinstall-pxe/dnsmasq/leases": "dnsmasq_lease_t",
    "/srv/psx/boot/snponly.efi": None,
    "/srv/p.x-other/file": None,
}


def labels(answers_by_ftp: bool) -> list[tuple[str, str]]:
    """Expression and type of each description, in the order in which the role makes them."""
    variables = {"selinux_root": "/srv/p.x", "selinux_answers_by_ftp": answers_by_ftp}
    (task,) = [
        task["community.general.sefcontext"]
        for task in yaml.safe_load((ROLE / "tasks" / "configure.yml").read_text(encoding="utf-8"))
        if "community.general.sefcontext" in task
    ]
    described = yaml.safe_load((ROLE / "vars" / "main.yml").read_text(encoding="utf-8"))["__selinux_labels"]

    def render(text: str, **more: t.Any) -> str:
        return jinja2.Template(text).render(**variables, **more)

    items = [{key: render(value) for key, value in each.items()} for each in described]
    return [(render(task["target"], item=item), render(task["setype"], item=item)) for item in items]


def label_of(path: str, described: list[tuple[str, str]]) -> str | None:
    """As libselinux looks it up in file_contexts.local: the last expression that matches the whole path."""
    found = [kind for expression, kind in described if re.fullmatch(expression, path)]
    return found[-1] if found else None


@pytest.mark.parametrize("path", FILES)
@pytest.mark.parametrize("answers_by_ftp", [False, True])
def test_each_file_has_the_label_that_its_services_need(path: str, answers_by_ftp: bool) -> None:
    assert label_of(path, labels(answers_by_ftp)) == FILES[path]


@pytest.mark.parametrize(
    ("answers_by_ftp", "label"), [(False, "httpd_sys_content_t"), (True, "public_content_t")]
)
def test_answers_are_the_web_servers_alone(answers_by_ftp: bool, label: str) -> None:
    assert label_of("/srv/p.x/answers/10.77.0.11/0123/ks.cfg", labels(answers_by_ftp)) == label


def test_what_is_described_is_forgotten_again() -> None:
    """By the same expressions, without which SELinux would keep them."""
    targets = [
        task["community.general.sefcontext"]["target"]
        for name in ("configure", "remove")
        for task in yaml.safe_load((ROLE / "tasks" / f"{name}.yml").read_text(encoding="utf-8"))
        if "community.general.sefcontext" in task
    ]
    assert len(targets) == 2
    assert len(set(targets)) == 1
