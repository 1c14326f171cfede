# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import site_urls
from hypothesis import given
from hypothesis import strategies as st

PLAN: dict[str, t.Any] = {
    "urls": {"boot": "http://pxe.lab.example:8080/boot"},
    "services": {
        "http": {"address": "192.168.4.6", "url": "http://pxe.lab.example:8080"},
        "ftp": {"address": "192.168.4.6", "url": "ftp://192.168.4.6"},
    },
    "servers": {"b": {"http": {"address": "192.168.4.7", "url": "http://192.168.4.7"}}},
    "aliases": {"/yum": "trees", "/yum/CentOS6.8": "trees/centos-6.8", "/pxefiles": "boot"},
    "distributions": {"centos-6.8": {}},
}
SERVERS = site_urls.servers_of(PLAN)
KICKSTART = """\
# url --url=http://192.168.4.7/comment
url --url="http://192.168.4.7/yum/CentOS6.8"
repo --name=x --baseurl=http://192.168.4.7/yum/x/
  %include http://192.168.4.7/inc.ks
%post --log=/root/x
wget -O- http://192.168.4.7/tools/setup.sh | sh
curl 'http://192.168.4.7/pxefiles/$name/a' "http://mirror.example/yum"
%end
repo --name=late --baseurl=http://192.168.4.7/late
"""
PRESEED = """\
d-i preseed/include string http://192.168.4.7/a.cfg
d-i preseed/late_command string wget http://192.168.4.7/b.sh; \\
  wget http://192.168.4.7/c.sh
d-i apt-setup/local0/repository string http://192.168.4.7/debs ./
"""


def test_the_sites_servers() -> None:
    assert sorted(SERVERS) == [
        ("ftp", "192.168.4.6", 21),
        ("http", "192.168.4.6", 8080),
        ("http", "192.168.4.7", 80),
        ("http", "pxe.lab.example", 8080),
    ]


def test_urls_of_a_kickstart() -> None:
    found = site_urls.find(KICKSTART, SERVERS, "kickstart")
    assert [(url.line, url.path, url.whole, url.needed) for url in found] == [
        (2, "yum/CentOS6.8", True, True),
        (3, "yum/x", True, True),
        (4, "inc.ks", True, True),
        (6, "tools/setup.sh", True, False),
        (7, "pxefiles", False, False),
        (9, "late", True, True),
    ]


def test_urls_of_a_preseed_file() -> None:
    found = site_urls.find(PRESEED, SERVERS, "preseed")
    assert [(url.line, url.path, url.needed) for url in found] == [
        (1, "a.cfg", True),
        (2, "b.sh", False),
        (3, "c.sh", False),
        (4, "debs", True),
    ]


def test_urls_of_a_script() -> None:
    found = site_urls.find("wget http://192.168.4.7/a.sh\n", SERVERS, "")
    assert [(url.url, url.needed) for url in found] == [("http://192.168.4.7/a.sh", False)]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("http://192.168.4.7", ""),
        ("http://192.168.4.7/", ""),
        ("http://192.168.4.7:80/a", "a"),
        ("http://PXE.lab.example:8080/a", "a"),
        ("http://192.168.4.6:8080/a", "a"),
        ("ftp://192.168.4.6/trees/x", "trees/x"),
        ("http://192.168.4.7/a%20b", "a b"),
        ("http://192.168.4.7/a//b/../c", "a/c"),
        ("http://192.168.4.7/a?x=1", ""),
        ("(see http://192.168.4.7/a/b.sh).", "a/b.sh"),
        # Others
        ("http://192.168.4.6/a", None),
        ("http://192.168.4.7:81/a", None),
        ("http://192.168.4.70/a", None),
        ("https://192.168.4.7/a", None),
        ("http://pxe.lab.example.org:8080/a", None),
        ("192.168.4.7/a", None),
    ],
)
def test_what_is_a_url_of_the_site(text: str, path: str | None) -> None:
    assert [url.path for url in site_urls.find(text, SERVERS, "")] == ([] if path is None else [path])


@pytest.mark.parametrize(
    ("url", "path", "said"),
    [
        ("http://192.168.4.7/trees/centos-6.8/x", "trees/centos-6.8/x", ""),
        ("http://192.168.4.7/boot/boot.ipxe", "boot/boot.ipxe", ""),
        ("http://192.168.4.7/files/a", "files/a", ""),
        ("http://192.168.4.7/yum/CentOS6.8/x", "trees/centos-6.8/x", ""),
        ("http://192.168.4.7/yum/CentOS6.8", "trees/centos-6.8", ""),
        ("http://192.168.4.7/yum/centos-6.8", "trees/centos-6.8", ""),
        ("http://192.168.4.7/pxefiles", "boot", ""),
        ("http://192.168.4.7/pxefile/x", "", "did you mean /pxefiles?"),
        ("http://192.168.4.7/scripts/x", "", "serve it under this path by site_aliases"),
        ("http://192.168.4.7/", "", "the web server serves nothing there"),
        ("http://192.168.4.7/answers/10.77.0.11/x/ks.cfg", "", "only the machine that it belongs to"),
        ("http://192.168.4.7/events/x", "", "only the machine that it belongs to"),
        ("http://192.168.4.7/locked/menu", "", ""),
        ("http://192.168.4.7/offers/el9/02-00-00-00-00-00/known", "", ""),
        ("ftp://192.168.4.6/trees/x", "trees/x", ""),
        ("ftp://192.168.4.6/pub/x", "", "FTP serves install trees only"),
    ],
)
def test_what_a_url_leads_to(url: str, path: str, said: str) -> None:
    [found] = site_urls.find(url, SERVERS, "")
    target = site_urls.target(found, PLAN)
    assert target.path == path
    assert (said in target.mistake) if said else target.mistake == ""


@pytest.mark.parametrize(
    ("path", "later"),
    [
        ("trees/centos-6.8", True),
        ("trees", True),
        ("trees/centos-6.8/Packages", False),
        ("trees/centos-6.9", False),
        ("boot/x", False),
    ],
)
def test_a_tree_that_is_not_laid_out_yet_is_another_matter(path: str, later: bool) -> None:
    assert site_urls.is_laid_out_later(path, PLAN) is later


@given(st.text(alphabet="http:/192.168.47%$'\"\\ \n#ab?&;", max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    for kind in ("kickstart", "preseed", ""):
        for url in site_urls.find(text, SERVERS, kind):
            target = site_urls.target(url, PLAN)
            assert ".." not in target.path.split("/")
            assert not target.path.startswith("/")
