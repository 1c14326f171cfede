# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role refuses, and in which words. Nothing of the machine that runs the test is changed."""

from __future__ import annotations

import os
import pathlib
import typing as t

import pytest

FACTS = {
    "os_family": "Debian",
    "service_mgr": "systemd",
    "all_ipv4_addresses": ["192.0.2.5", "10.77.0.1"],
}


def offers(subnets: list[str], mac_prefixes: list[str], *names: str) -> dict[str, t.Any]:
    profiles = [{"name": name, "answer_file": "ks.cfg", "format": "kickstart"} for name in names]
    return {"http_nginx_offers": {"subnets": subnets, "mac_prefixes": mac_prefixes, "profiles": profiles}}


TABLE: list[tuple[dict[str, t.Any], list[str]]] = [
    ({}, []),
    ({"http_nginx_address": "127.0.0.1"}, []),
    ({"http_nginx_address": "10.77.0.2"}, ["does not have the address 10.77.0.2", "192.0.2.5, 10.77.0.1"]),
    ({"http_nginx_root": "srv/pxe"}, ["http_nginx_root", '"srv/pxe" is not an absolute path']),
    ({"http_nginx_root": "/srv/$uri"}, ["http_nginx_root", "is not an absolute path"]),
    ({"http_nginx_root": "/srv/pxe/"}, ["without a slash at its end"]),
    ({"http_nginx_log": "/var/log/a b"}, ["http_nginx_log"]),
    ({"http_nginx_program": "/usr/local/sbin/nginx-pxe"}, []),
    ({"http_nginx_program": "nginx -g x"}, ["http_nginx_program", '"nginx -g x" is not an absolute path']),
    ({"http_nginx_event_size": "16mb"}, ["http_nginx_event_size", "512k or 16m"]),
    ({"http_nginx_event_size": "1m\n"}, ["http_nginx_event_size"]),
    ({"http_nginx_connections": 32}, []),
    ({"http_nginx_connections": 20}, ["http_nginx_connections: 20 is too few", "write 32 or more"]),
    ({"http_nginx_aliases": {"/yum/CentOS6.8": "trees/centos-6", "/x": "files/y"}}, []),
    (
        {"http_nginx_aliases": {"/answers/x": "boot"}},
        ["http_nginx_aliases", "none of which begins with what the site has"],
    ),
    ({"http_nginx_aliases": {"/trees": "boot"}}, ["http_nginx_aliases"]),
    ({"http_nginx_aliases": {"/offers/el9": "boot"}}, ["http_nginx_aliases"]),
    ({"http_nginx_aliases": {"/netinstall-pxe-offer": "boot"}}, ["http_nginx_aliases"]),
    ({"http_nginx_aliases": {"/x/": "boot"}}, ["http_nginx_aliases"]),
    ({"http_nginx_aliases": {"/x y": "boot"}}, ["http_nginx_aliases"]),
    ({"http_nginx_aliases": {"/x": "answers"}}, ["http_nginx_aliases"]),
    ({"http_nginx_aliases": {"/x": "trees/../answers"}}, ["http_nginx_aliases"]),
    ({"http_nginx_aliases": {"/x": "bootleg"}}, ["http_nginx_aliases"]),
    ({"http_nginx_files": {"folder": "public", "path": None}}, []),
    ({"http_nginx_files": {"folder": "public", "path": "/srv/public"}}, ["http_nginx_files: write either"]),
    ({"http_nginx_files": {"src": "public"}}, ["http_nginx_files: write either"]),
    ({"http_nginx_port": 0}, ["http_nginx_port: 0 is not a port"]),
    ({"http_nginx_port": 65536}, ["http_nginx_port: 65536 is not a port"]),
    (offers(["10.77.0.0/24"], ["52:54:00"], "el9"), []),
    (offers(["10.77.0.0/24"], [], "el9", "a.b-c_D"), []),
    (offers([], ["52", "52:54:00:AA:00:01"], "el9"), []),
    (offers([], []), []),
    (offers([], [], "el9"), ["at least one of subnets", '["el9"]']),
    (offers(["0.0.0.0/0"], [], "el9"), ['the subnets ["0.0.0.0/0"]']),
    (offers(["10.77.0.0"], [], "el9"), ["http_nginx_offers"]),
    (offers(["10.77.0.0/24 1; }"], [], "el9"), ["http_nginx_offers"]),
    (offers(["10.77.0.0/24\n"], [], "el9"), ["http_nginx_offers"]),
    (offers([], ["52-54-00"], "el9"), ["http_nginx_offers"]),
    (offers([], ["52:54:0"], "el9"), ["http_nginx_offers"]),
    (offers([], [""], "el9"), ["http_nginx_offers"]),
    (offers([], [".*"], "el9"), ["http_nginx_offers"]),
    (offers([], ["52:54:00"], "described"), ["but not 'described'"]),
    (offers([], ["52:54:00"], "el9", "el9"), ["different names"]),
    (offers([], ["52:54:00"], "../x"), ["http_nginx_offers"]),
    (offers([], ["52:54:00"], "el9|.*"), ["http_nginx_offers"]),
]


def test_preflight(refusals: t.Callable[..., list[str]]) -> None:
    cases = [{"http_nginx_address": "10.77.0.1", **change} for change, _wanted in TABLE]
    said = refusals("http_nginx", "preflight", FACTS, cases)
    for message, (change, wanted) in zip(said, TABLE, strict=True):
        assert [part for part in wanted if part not in message] == [], (change, message)
        assert bool(message) == bool(wanted), (change, message)


def test_a_server_of_another_kind_is_refused(refusals: t.Callable[..., list[str]]) -> None:
    facts = {**FACTS, "os_family": "Suse"}
    (message,) = refusals("http_nginx", "preflight", facts, [{"http_nginx_address": "10.77.0.1"}])
    assert "is of the family Suse" in message


NEEDED = "--with-http_dav_module --with-http_auth_request_module"


@pytest.mark.parametrize(
    ("options", "lacking"),
    [
        (NEEDED, ""),
        (f"--without-http_rewrite_module {NEEDED}", "http_rewrite"),
        ("--without-http_rewrite_module", "http_rewrite and http_dav and http_auth_request"),
    ],
)
def test_an_nginx_that_cannot_serve_the_site_is_refused(
    refusals: t.Callable[..., list[str]], tmp_path: pathlib.Path, options: str, lacking: str
) -> None:
    program = tmp_path / "nginx"
    program.write_text(
        f"#!/bin/sh\nprintf 'nginx version: nginx/1.14.0\\nconfigure arguments: %s' '{options}' >&2\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    (said,) = refusals("http_nginx", "modules", FACTS, [{"http_nginx_program": str(program)}])
    assert bool(said) == bool(lacking), said
    if lacking:
        assert f"(nginx/1.14.0) was built without {lacking}, which the site needs" in said


def test_each_family_of_servers_has_the_same_variables(renderer: t.Callable[[str], t.Any]) -> None:
    families = [set(renderer("http_nginx").variables(family)) for family in ("Debian", "RedHat")]
    assert families[0] == families[1]


@pytest.mark.skipif(
    os.geteuid() != 0 or not os.path.exists("/usr/sbin/nginx") or not os.path.isdir("/etc/nginx/conf.d"),
    reason="needs root, and apt-get install nginx-light",
)
def test_nginx_checks_the_site_before_it_is_written(refusals: t.Callable[..., list[str]]) -> None:
    """What only nginx itself notices: told with its reason, the file, the line and what that was made from."""
    there = {"__http_nginx_program": {"stat": {"exists": True}}, "http_nginx_address": "127.0.0.1"}
    case = {
        **there,
        "http_nginx_event_size": "1x",
        "__http_nginx_user": "www-data",
        "__http_nginx_log_group": "adm",
    }
    (said,) = refusals("http_nginx", "configure", FACTS, [case], "--check")
    parts = [
        "/etc/nginx/conf.d/netinstall-pxe.conf is unchanged",
        "/etc/nginx/conf.d/netinstall-pxe.conf:",
        "(client_max_body_size 1x;, from http_nginx_event_size and http_nginx_report_size)",
    ]
    assert [part for part in parts if part not in said] == [], said
