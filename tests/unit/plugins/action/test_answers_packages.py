# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of packages before a machine is armed. On a server: tests/unit/playbooks/test_site.py."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.action.answers_info import _package_mistakes
from ansible_collections.netinstall.pxe.plugins.filter.answers_found import named, selections_found
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan

INDEX: dict[str, t.Any] = {
    "packages": ["bash", "openssh-server", "vim-enhanced"],
    "provides": ["vim"],
    "groups": ["core"],
    "environments": ["minimal-environment"],
    "modules": ["nodejs:20"],
    "disabled": {"Cluster": {"packages": ["pacemaker"]}},
}
TREE = "http://10.77.0.1/trees/rocky-9"
RELEASES = ("centos-5", "centos-6", "centos-7", "rocky-9", "fedora-42")
PACKAGES = "site_profiles.rocky-9.answers.packages"


def plan(machines: t.Sequence[str] = ("rocky-9",)) -> dict[str, t.Any]:
    names = (*RELEASES, "debian-13")
    return compile_plan(
        {
            "server": {"address": "10.77.0.1", "interface": "eth1"},
            "subnets": [{"cidr": "10.77.0.0/24"}],
            "distributions": {name: {"isos": [{"path": f"/srv/iso/{name}.iso"}]} for name in names},
            "profiles": {name: {"distribution": name} for name in names},
        },
        [
            {
                "name": f"n{number}",
                "mac": f"52:54:00:aa:00:0{number}",
                "address": f"10.77.0.1{number}",
                "profile": profile,
                "disk": "/dev/disk/by-rule",
            }
            for number, profile in enumerate(machines)
        ],
    )


class Lazy(dict[str, t.Any]):
    """Variables whose values are made when they are asked for, as Ansible makes them."""

    def __getitem__(self, key: str) -> t.Any:
        value = super().__getitem__(key)
        return value() if callable(value) else value


def unknown() -> t.NoReturn:
    raise RuntimeError("'rack' is undefined")


def said(
    answers: t.Mapping[str, t.Any],
    common: t.Mapping[str, t.Any] | None = None,
    index: dict[str, t.Any] | None = None,
    profile: str = "rocky-9",
    hosts: t.Mapping[str, t.Any] | None = None,
    described: dict[str, t.Any] | None = None,
) -> list[str]:
    """What site.yml says of the answers of a profile."""
    described = described or plan([profile])
    variables = {"site_profiles": {profile: {"answers": answers}}, "site_answers": common or {}}
    indexes = {profile: INDEX if index is None else index}
    found = _package_mistakes(selections_found(described, hosts or {}, variables, indexes), indexes)
    lines = named(described, found)
    return [f"{one['address']}: {one['message']}" for one in lines]


@pytest.mark.parametrize(
    ("answers", "wanted"),
    [
        (
            {"packages": ["bash", "vim-enhnaced"]},
            f"{PACKAGES}[1]: vim-enhnaced: the tree has no such package; did you mean vim-enhanced?",
        ),
        ({"packages": ["@cor"]}, f"{PACKAGES}[0]: @cor: the tree has no such group; did you mean @core?"),
        (
            {"packages": ["@^minimal-env"]},
            f"{PACKAGES}[0]: @^minimal-env: the tree has no such environment; did you mean @^minimal-environment?",
        ),
        (
            {"packages": ["@nodejs:22"]},
            f"{PACKAGES}[0]: @nodejs:22: the tree has only nodejs:20 of this module",
        ),
        (
            {"packages": ["pacemaker"]},
            f"{PACKAGES}[0]: pacemaker: is in the tree's repository Cluster, which the installer does not use unless "
            f"it is told to; write repo --name=Cluster --baseurl={TREE}/Cluster, or the same into answers.repositories",
        ),
        # Where the answers name a repository of the tree, it is one more.
        ({"packages": ["pacemaker"], "repositories": [{"name": "c", "baseurl": f"{TREE}/Cluster"}]}, ""),
        ({"packages": ["pacemaker"], "extra": f"repo --name=c --baseurl={TREE}/Cluster"}, ""),
        (
            {"extra_sections": "%packages\nnowhere\n%end\n"},
            "site_profiles.rocky-9.answers.extra_sections: nowhere: the tree has no such package; leave it out, or add "
            "a repository that has it",
        ),
        ({"packages": ["bash", "vim", "-nowhere", "/usr/bin/nowhere", "@nodejs:20", "b*"]}, ""),
        # Arming only warns of these.
        ({"packages": ["nowhere"], "ignore_missing_packages": True}, ""),
        ({"packages": ["nowhere"], "repositories": [{"name": "e", "baseurl": "http://else.example/e"}]}, ""),
        (
            {"packages": ["nowhere"], "repositories": [{"name": "e", "metalink": "http://else.example/e"}]},
            "",
        ),
        ({"packages": ["nowhere"], "extra": "repo --name=e --mirrorlist=http://else.example/e"}, ""),
        # What it says, and what these include, is known on arming.
        ({"packages": ["nowhere"], "file": "own.ks.j2"}, ""),
        ({"packages": ["nowhere"], "extra": "%include http://10.77.0.1/files/part.ks"}, ""),
        (
            {
                "packages": ["nowhere"],
                "partitioning": {"method": "custom", "lines": "%include http://10.77.0.1/files/part.ks"},
            },
            "",
        ),
        # The check of the answers says so.
        ({"packages": "nowhere"}, ""),
    ],
)
def test_what_arming_would_refuse(answers: dict[str, t.Any], wanted: str) -> None:
    assert said(answers) == ([wanted] if wanted else [])


@pytest.mark.parametrize("release", RELEASES)
def test_each_release(release: str) -> None:
    address = f"site_profiles.{release}.answers.packages[0]"
    assert said({"packages": ["vmi"]}, profile=release) == [
        f"{address}: vmi: the tree has no such package; leave it out, or add a repository that has it"
    ]


def test_the_answers_of_the_site() -> None:
    common = {"packages": ["nowhere"]}
    assert said({}, common)[0].startswith("site_answers.packages[0]: nowhere: ")
    # A list replaces the other one as a whole.
    assert said({"packages": ["bash"]}, common) == []


def test_what_the_collection_adds() -> None:
    index = {**INDEX, "packages": ["bash"]}
    assert said({}, index=index)[0].startswith(f"{PACKAGES}: openssh-server: the tree has no such package")


def test_a_tree_without_packages_is_one_mistake() -> None:
    index: dict[str, t.Any] = {"packages": [], "groups": []}
    [line] = said({"packages": ["bash"]}, index=index)
    assert line.startswith(
        f"site_profiles.rocky-9.distribution: url --url={TREE} leads to a tree without packages"
    )


def test_each_machine_with_its_own_variables() -> None:
    described = plan(["rocky-9", "rocky-9", "rocky-9"])
    hosts = {
        "n0": Lazy(machine_answers={"packages": ["nowhere"]}),
        "n1": Lazy(machine_answers={"packages": ["bash"]}),
        # It is known on arming.
        "n2": Lazy(machine_answers=Lazy(packages=unknown)),
    }
    found = said({"packages": ["@elsewhere"]}, hosts=hosts, described=described)
    assert [line.partition(": ")[0] for line in found] == ["pxe_machines.n0.machine_answers.packages[0]"]


def test_a_mistake_of_some_machines_names_them() -> None:
    described = plan(["rocky-9", "rocky-9", "rocky-9"])
    hosts = {"n1": Lazy(machine_answers={"packages": ["bash"]})}
    [line] = said({"packages": ["nowhere"]}, hosts=hosts, described=described)
    assert line.endswith(" (for n0, n2)")


def test_secrets_and_other_answers_are_not_looked_at() -> None:
    answers = Lazy(root_password_hash=unknown, timezone=unknown, packages=["nowhere"])
    assert said(answers)[0].startswith(f"{PACKAGES}[0]: nowhere: ")


@pytest.mark.parametrize(
    ("profile", "count"),
    [({"answers": {}}, 1), ({"answers": {"packages": ["nowhere"]}}, 1), ({}, 0)],
    ids=["no package of its own", "a package", "an entry of the menu that asks"],
)
def test_a_profile_without_machines(profile: dict[str, t.Any], count: int) -> None:
    described = plan([])
    variables = {"site_profiles": {"rocky-9": profile}, "site_answers": {"packages": ["nowhere"]}}
    assert len(selections_found(described, {}, variables, {"rocky-9": INDEX})) == count


def test_debian_has_no_lists() -> None:
    variables: dict[str, t.Any] = {"site_profiles": {"debian-13": {"answers": {}}}, "site_answers": {}}
    assert selections_found(plan(["debian-13"]), {}, variables, {"debian-13": INDEX}) == []


def test_many_machines_are_read_as_one() -> None:
    variables = {"site_profiles": {"rocky-9": {"answers": {"packages": ["bash"]}}}, "site_answers": {}}
    [one] = selections_found(plan(["rocky-9"] * 9), {}, variables, {"rocky-9": INDEX})
    assert len(one.machines) == 9
