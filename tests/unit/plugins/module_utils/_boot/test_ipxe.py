# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import re
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import installation as _arming
from ansible_collections.netinstall.pxe.plugins.module_utils._boot import ipxe
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe import check_script
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from hypothesis import given, settings
from hypothesis import strategies as st

URLS = {
    "boot": "http://10.77.0.1/boot",
    "answers": "http://10.77.0.1/answers",
    "events": "http://10.77.0.1/events",
    "trees": "http://10.77.0.1/trees",
}
TOKEN = "0123456789abcdef0123456789abcdef"
PROFILE = {
    "name": "debian13",
    "label": "Install Debian 13",
    "distribution": "debian-13",
    "family": "debian",
    "kernel_arguments": ["quiet"],
    "in_menu": True,
}
DISTRIBUTION = {"name": "debian-13", "tree_url": "http://10.77.0.1/trees/debian-13"}
MACHINE = {
    "name": "node01",
    "mac": "52:54:00:aa:00:01",
    "address": "10.77.0.11",
    "profile": "debian13",
    "firmware": "any",
}
INSTALLATION = {
    "machine": "node01",
    "mac": "52:54:00:aa:00:01",
    "address": "10.77.0.11",
    "token": TOKEN,
    "window": "1795186800-1795208400",
    "profile": "debian13",
    "disk": "/dev/vda",
    "install_arguments": [
        "auto=true",
        "url=http://10.77.0.1/answers/10.77.0.11/t/preseed.cfg",
        "---",
        "console=ttyS0",
    ],
}
MENU = {"title": "Welcome to PXE server!", "timeout": 30, "default": "local", "splash": None}
MEDIA = {"debian-13": {"kernel": "install.amd/vmlinuz", "initrd": ["install.amd/initrd.gz"]}}
PLAN = {
    "urls": URLS,
    "menu": MENU,
    "profiles": {"debian13": PROFILE},
    "distributions": {"debian-13": DISTRIBUTION},
    "machines": [MACHINE],
}


def arguments(profile: dict[str, t.Any], distribution: dict[str, t.Any]) -> list[str]:
    return [f"of={distribution['name']}"]


def live(machine: dict[str, t.Any]) -> list[str] | None:
    return [f"hostname={machine['name']}"] if machine.get("family") == "live" else None


ARGUMENTS = ipxe.Arguments(arguments, lambda distribution: [f"rescue={distribution['name']}"], live)


def render(media: t.Any = None, memory_test: bool = False, **changes: t.Any) -> dict[str, str]:
    plan = {**PLAN, **changes}
    return ipxe.boot_files(plan, MEDIA if media is None else media, ARGUMENTS, memory_test)


def all_scripts() -> dict[str, str]:
    return {
        **render(),
        "armed.ipxe": ipxe.armed_script(INSTALLATION, URLS),
        "embed.ipxe": ipxe.embed_script(
            ["http://10.77.0.1/boot/boot.ipxe", "tftp://10.77.0.1/boot.ipxe"], "loader"
        ),
        "embed-local.ipxe": ipxe.embed_script(["http://10.77.0.1/boot/boot.ipxe"], "loader", shell=False),
    }


SCRIPTS = all_scripts()


def commands(script: str) -> list[str]:
    return [line for line in script.splitlines() if line and not line.startswith("#")]


# Rendering


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_passes_the_check(name: str) -> None:
    check_script(SCRIPTS[name], name)


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_says_what_it_is_and_speaks_on_the_screen(name: str) -> None:
    assert SCRIPTS[name].startswith(ipxe.HEADER)
    assert SCRIPTS[name].splitlines()[2].startswith("# ")
    assert "\necho " in SCRIPTS[name]


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_is_replaced_by_the_next(name: str) -> None:
    """Else the status of local boot would not reach the firmware."""
    for line in commands(SCRIPTS[name]):
        if line.startswith("chain "):
            assert line.startswith("chain --replace --autofree --timeout "), line


@pytest.mark.parametrize("name", [name for name in SCRIPTS if name != "menu.ipxe"])
def test_waiting_is_for_after_a_failure(name: str) -> None:
    """Before the first request that may fail, no script sleeps or asks."""
    lines = commands(SCRIPTS[name])
    may_fail = re.compile(r"(chain|kernel|imgfetch|dhcp|sanboot|iseq.*sanboot)")
    first = next((number for number, line in enumerate(lines) if may_fail.match(line)), None)
    assert first is not None
    assert not [line for line in lines[:first] if line.startswith(("sleep", "prompt", "menu", "choose"))]


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_end_is_local_boot_with_the_status_that_firmware_wants(name: str) -> None:
    lines = commands(SCRIPTS[name])
    at = lines.index("exit 1")
    assert lines[at - 1] == "iseq ${platform} pcbios && sanboot --no-describe --drive 0x80 ||"
    assert "exit 0" not in lines
    assert "exit" not in lines


def test_what_others_refer_to_comes_first() -> None:
    assert list(render()) == [
        "profiles/debian13.ipxe",
        "rescue/debian-13.ipxe",
        "local.ipxe",
        "menu.ipxe",
        "machines/52-54-00-aa-00-01.ipxe",
        "boot.ipxe",
    ]


def test_no_boot_file_holds_a_token_and_arming_changes_none() -> None:
    for name, script in render().items():
        assert not re.search(r"[0-9a-f]{32}", script), name
        assert "/events/" not in script, name


def test_the_kernel_line() -> None:
    assert (
        "kernel http://10.77.0.1/trees/debian-13/install.amd/vmlinuz initrd=initrd.gz of=debian-13 quiet"
        " ${install_arguments} || goto failed\n"
        "initrd --name initrd.gz http://10.77.0.1/trees/debian-13/install.amd/initrd.gz || goto failed\n"
        "isset ${release} || goto start\n"
    ) in render()["profiles/debian13.ipxe"]


def test_kernel_and_initrds_from_elsewhere() -> None:
    media = {
        "debian-13": {
            "kernel": "https://mirror.example/linux",
            "initrd": ["a/initrd.gz", "b/initrd.gz"],
            "base_url": "http://10.77.0.1/other/",
        }
    }
    script = render(media=media)["profiles/debian13.ipxe"]
    assert "kernel https://mirror.example/linux initrd=0-initrd.gz initrd=1-initrd.gz " in script
    assert "initrd --name 0-initrd.gz http://10.77.0.1/other/a/initrd.gz || goto failed" in script
    assert "initrd --name 1-initrd.gz http://10.77.0.1/other/b/initrd.gz || goto failed" in script


@pytest.mark.parametrize("media", [{}, {"debian-13": {}}, {"debian-13": {"kernel": "k", "initrd": []}}])
def test_a_kernel_that_nobody_knows(media: t.Any) -> None:
    with pytest.raises(PxeError, match=r"site_distributions\.debian-13"):
        render(media=media)


@pytest.mark.parametrize(
    ("menu", "lines"),
    [
        (
            {},
            [
                "menu Welcome to PXE server!",
                "choose --default local.ipxe --timeout 30000 target || goto local",
            ],
        ),
        (
            {"default": "debian13", "timeout": 5},
            ["choose --default profiles/debian13.ipxe --timeout 5000 target || goto local"],
        ),
        ({"timeout": 0}, ["choose --default local.ipxe --timeout 0 target || goto local"]),
        ({"title": "Site # 1 || &"}, ["menu Site ${_}# 1 ${_}|| &"]),
        ({"splash": "logo.PNG"}, ["console --picture http://10.77.0.1/boot/menu.png ||"]),
        ({"splash": "http://x/y.png"}, ["console --picture http://x/y.png ||"]),
    ],
)
def test_the_menu(menu: dict[str, t.Any], lines: list[str]) -> None:
    script = render(menu={**MENU, **menu})["menu.ipxe"]
    assert [line for line in lines if line not in script.splitlines()] == []
    assert "item profiles/debian13.ipxe Install Debian 13\n" in script


def test_a_picture_that_ipxe_cannot_show_is_left_out() -> None:
    assert "console" not in render(menu={**MENU, "splash": "splash.jpg"})["menu.ipxe"]


def test_a_bios_gets_the_menu_of_pxelinux_and_that_of_ipxe_if_it_cannot_be_had() -> None:
    lines = commands(render(menu={**MENU, "bios": "pxelinux"})["menu.ipxe"])
    folder = "http://10.77.0.1/boot/syslinux"
    before = lines[: lines.index(":menu")]
    assert before[0] == "iseq ${platform} pcbios || goto menu"
    assert before[1] == "set 209:string pxelinux.cfg/default"
    # A configuration by MAC address that somebody has put there.
    assert "pxelinux.cfg/01-${netX/mac:hexhyp} && imgfree own && set 209:string" in before[2]
    # It must end in a slash.
    assert f"set 210:string {folder}/" in before
    assert f"chain --autofree --timeout 20000 {folder}/pxelinux.0 ||" in before
    assert "menu Welcome to PXE server!" in lines[lines.index(":menu") :]
    assert "209" not in render(menu={**MENU, "bios": "ipxe"})["menu.ipxe"]


LIVE = {**PROFILE, "name": "desk", "label": "Desktop", "family": "live"}
OWN = {**PROFILE, "name": "own", "menu_password": True}
MASTER = {**MENU, "password": True}


def locks(script: str) -> dict[str, str]:
    """What each locked entry of the menu asks for."""
    return dict(re.findall(r"(?m)^iseq \$\{target\} (\S+) && set lock (\S+) && goto locked \|\|$", script))


@pytest.mark.parametrize(
    ("menu", "profiles", "wanted", "shell"),
    [
        (MENU, [PROFILE], {}, True),
        (MENU, [PROFILE, OWN], {"profiles/own.ipxe": "own"}, False),
        (
            MASTER,
            [PROFILE, OWN],
            {
                "profiles/debian13.ipxe": "menu",
                "profiles/own.ipxe": "own",
                "rescue/debian-13.ipxe": "menu",
                "shell": "menu",
            },
            True,
        ),
    ],
)
def test_what_asks_for_which_password(
    menu: dict[str, t.Any], profiles: list[dict[str, t.Any]], wanted: dict[str, str], shell: bool
) -> None:
    script = render(menu=menu, profiles={one["name"]: one for one in profiles})["menu.ipxe"]
    assert locks(script) == wanted
    assert ("item shell iPXE shell" in script.splitlines()) == shell
    assert ("login || goto menu" in script.splitlines()) == bool(wanted)


def test_nothing_is_started_before_the_server_has_seen_the_password() -> None:
    lines = commands(render(menu=MASTER)["menu.ipxe"])
    chosen = next(number for number, line in enumerate(lines) if line.startswith("choose "))
    between = lines[chosen + 1 : lines.index(":unlocked")]
    assert all(line.endswith("&& goto locked ||") for line in between)
    asking = lines[lines.index(":locked") :]
    assert asking[1:5] == [
        "set username ${lock}",
        "clear password ||",
        "login || goto menu",
        "imgfetch --name lock --timeout 20000 "
        "http://${username:uristring}:${password:uristring}@10.77.0.1/locked/${lock} && goto right ||",
    ]
    # A wrong password leads back to the menu, and it does not stay in the memory of the machine.
    assert asking.index("goto menu") < asking.index(":right")
    assert asking[asking.index(":right") + 1 :] == ["clear password ||", "imgfree lock ||", "goto unlocked"]


def test_the_menu_says_what_installs_and_what_runs() -> None:
    lines = render(profiles={"debian13": PROFILE, "desk": LIVE})["menu.ipxe"].splitlines()
    at = lines.index("item --gap -- Install")
    assert lines[at : at + 6] == [
        "item --gap -- Install",
        "item profiles/debian13.ipxe Install Debian 13",
        "item --gap -- Run",
        "item profiles/desk.ipxe Desktop",
        "item --gap -- Repair",
        "item rescue/debian-13.ipxe Rescue system of debian-13",
    ]


def test_a_rescue_system() -> None:
    script = render()["rescue/debian-13.ipxe"]
    assert "vmlinuz initrd=initrd.gz rescue=debian-13 ${install_arguments} || goto failed\n" in script
    assert [path for path in render(menu={**MENU, "rescue": False}) if "rescue" in path] == []
    without = ARGUMENTS._replace(rescue=lambda _distribution: None)
    files = ipxe.boot_files(PLAN, MEDIA, without)
    assert "rescue" not in files["menu.ipxe"] + str(list(files))


@pytest.mark.parametrize(
    ("published", "menu", "offered"),
    [(True, MENU, True), (False, MENU, False), (True, {**MENU, "memory_test": False}, False)],
)
def test_the_memory_test_for_uefi(published: bool, menu: dict[str, t.Any], offered: bool) -> None:
    lines = render(memory_test=published, menu=menu)["menu.ipxe"].splitlines()
    line = "iseq ${platform}/${buildarch} efi/x86_64 && item memtest.efi Test the memory ||"
    assert (line in lines) == offered


def test_a_machine_with_a_live_system_boots_it_without_being_armed() -> None:
    machine = {**MACHINE, "family": "live"}
    script = render(machines=[machine])["machines/52-54-00-aa-00-01.ipxe"]
    lines = commands(script)
    at = lines.index("set install_arguments hostname=node01")
    assert lines[at - 2 : at] == ["clear install_arguments ||", "clear release ||"]
    assert lines[at + 3] == (
        "chain --replace --autofree --timeout 20000 http://10.77.0.1/boot/profiles/debian13.ipxe ||"
    )
    assert "answers" not in script


def test_a_profile_that_is_not_in_the_menu_is_still_published() -> None:
    files = render(profiles={"debian13": {**PROFILE, "in_menu": False}})
    assert "profiles/debian13.ipxe" in files
    assert "profiles/" not in files["menu.ipxe"]
    assert "rescue/" not in files["menu.ipxe"]


def test_from_the_menu_nothing_of_an_armed_installation_is_taken_along() -> None:
    lines = commands(render()["menu.ipxe"])
    for line in ("clear install_arguments ||", "clear release ||"):
        assert lines.index(line) < lines.index("menu Welcome to PXE server!")


@pytest.mark.parametrize(("firmware", "platform"), [("bios", "pcbios"), ("uefi", "efi"), ("any", None)])
def test_a_machine_with_the_other_firmware_is_told(firmware: str, platform: str | None) -> None:
    script = ipxe.machine_script({**MACHINE, "firmware": firmware}, URLS)
    assert re.findall(r"^iseq \$\{platform\} (\w+) \|\| echo", script, re.M) == (
        [platform] if platform else []
    )


def test_install_arguments_arrive_in_order() -> None:
    script = SCRIPTS["armed.ipxe"]
    assert f"set install_arguments {' '.join(INSTALLATION['install_arguments'])}\n" in script
    assert "ALL DATA ON /dev/vda WILL BE LOST" in script


def test_an_installation_without_disk_and_arguments() -> None:
    script = ipxe.armed_script({**INSTALLATION, "disk": None, "install_arguments": []}, URLS)
    check_script(script, "armed.ipxe")
    assert script.count("clear install_arguments ||") == 2
    assert "LOST" not in script


def test_only_the_armed_script_leads_to_a_profile() -> None:
    """Apart from the menu, where somebody chooses it."""
    assert [name for name, script in SCRIPTS.items() if "/boot/profiles/" in script] == ["armed.ipxe"]


def test_an_armed_script_is_of_one_machine() -> None:
    """Before anything else is done, and wherever it was got from."""
    lines = commands(ipxe.armed_script({**INSTALLATION, "mac": "52:54:00:AA:00:01"}, URLS))
    assert lines[0] == "iseq ${netX/mac} 52:54:00:aa:00:01 || goto other"
    assert lines[1] == "iseq ${netX/ip} 10.77.0.11 || goto other"
    after = lines[lines.index(":other") :]
    assert after[2] == "goto local"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({}, "10.77.0.11/node01_52-54-00-aa-00-01.ipxe"),
        ({"name": "renamed"}, "10.77.0.11/renamed_52-54-00-aa-00-01.ipxe"),
        ({"mac": "52:54:00:AA:00:0B"}, "10.77.0.11/node01_52-54-00-aa-00-0b.ipxe"),
        ({"address": "10.78.0.11"}, "10.78.0.11/node01_52-54-00-aa-00-01.ipxe"),
    ],
)
def test_a_machine_asks_for_what_is_armed_of_itself(changes: dict[str, str], path: str) -> None:
    """As arming writes it: who is described otherwise asks for another file."""
    machine = {**MACHINE, **changes}
    script = ipxe.machine_script(machine, URLS)
    [url] = re.findall(r"http://10\.77\.0\.1/answers/(\S+)", script)
    assert url == path
    assert url == _arming.script_path({**machine, "machine": machine["name"]})


def test_the_release_is_asked_for_last() -> None:
    """After kernel and initrd are there, and nothing else follows but the start."""
    lines = commands(SCRIPTS["profiles/debian13.ipxe"])
    at = lines.index("isset ${release} || goto start")
    assert lines[at - 1].startswith("initrd ")
    assert lines[at + 1 : at + 5] == [
        "imgfetch --name release --timeout 20000 ${release} && imgfree release || goto refused",
        "clear release ||",
        ":start",
        "boot || goto failed",
    ]
    # and never for the rescue system
    assert "release" not in SCRIPTS["rescue/debian-13.ipxe"]


def test_what_the_server_said_is_no_image_any_more() -> None:
    """A kernel would take it for an initrd."""
    lines = commands(SCRIPTS["armed.ipxe"])
    for label in ("ready", "installed"):
        assert lines[lines.index(f":{label}") + 1] == f"imgfree {label} ||"
    [asked] = [line for line in lines if line.endswith("/ready && goto ready ||")]
    assert lines.index(asked) < lines.index(":hold")


def test_what_was_not_released_starts_no_kernel() -> None:
    lines = commands(SCRIPTS["profiles/debian13.ipxe"])
    after = lines[lines.index(":refused") :]
    assert after[1] == "imgfree ||"
    # A server that cannot record a release is not asked for kernels without end.
    assert after[3].startswith("prompt --timeout 30000 ")
    assert after[-1] == "goto refused"
    assert "boot || goto failed" not in after
    assert [line for line in after if "${armed_script}" in line or "${local_script}" in line] == [
        "chain --replace --autofree --timeout 20000 ${armed_script} ||",
        "chain --replace --autofree --timeout 20000 ${local_script} ||",
    ]
    armed = SCRIPTS["armed.ipxe"]
    assert "set armed_script http://10.77.0.1/answers/10.77.0.11/node01_52-54-00-aa-00-01.ipxe\n" in armed
    assert f"set release http://10.77.0.1/answers/10.77.0.11/{TOKEN}/1795186800-1795208400/release\n" in armed


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("kernel_arguments", "two words"),
        ("kernel_arguments", ""),
        ("kernel_arguments", "#comment"),
        ("kernel_arguments", "||"),
        ("kernel_arguments", "&&"),
        ("kernel_arguments", ";"),
        ("kernel_arguments", "a\nkernel"),
        ("kernel_arguments", "a\\"),
        ("kernel_arguments", "a||b"),
        ("kernel_arguments", "${unclosed"),
        ("kernel_arguments", "{{ template }}".replace(" ", "")),
        ("label", "a\nchain http://evil/"),
        ("label", "${netX/mac}"),
        ("label", "a\x1b[2J"),
    ],
)
def test_values_that_would_change_the_script(where: str, value: str) -> None:
    changed = {**PROFILE, where: [value] if where == "kernel_arguments" else value}
    with pytest.raises(PxeError, match="debian13"):
        render(profiles={"debian13": changed})


def test_settings_are_allowed_in_kernel_arguments() -> None:
    changed = {**PROFILE, "kernel_arguments": ["BOOTIF=01-${netX/mac:hexhyp}", "ds=nocloud-net;s=http://x/"]}
    script = render(profiles={"debian13": changed})["profiles/debian13.ipxe"]
    assert " BOOTIF=01-${netX/mac:hexhyp} ds=nocloud-net;s=http://x/ " in script


def test_a_command_line_that_the_kernel_would_cut() -> None:
    with pytest.raises(PxeError, match=r"profiles/debian13.ipxe:\d+: the line is longer"):
        render(profiles={"debian13": {**PROFILE, "kernel_arguments": ["x" * 1000, "y" * 1000]}})


def test_which_files_are_ours() -> None:
    start = SCRIPTS["boot.ipxe"].encode()[:100]
    assert ipxe.is_ours("machines/52-54-00-aa-00-01.ipxe", start)
    assert ipxe.is_ours("boot.ipxe", start)
    assert not ipxe.is_ours("machines/52-54-00-aa-00-01.ipxe", b"#!ipxe\n# by hand\n")
    assert not ipxe.is_ours("other.ipxe", start)
    assert not ipxe.is_ours("profiles/readme.txt", start)


# Checking

GOOD = [
    "#!ipxe\nexit 1\n",
    "#!ipxe\n:a\nsleep 1 || goto a\nexit 1\n",
    "#!ipxe\ngoto ${target}\n",
    "#!ipxe\n:a iseq 1 2 && goto b || goto a\n:b exit 1 # comment || goto nowhere\n",
    "#!ipxe\necho a#b ||c\\ d ; exit 1\n".replace(" ||c\\ d", ""),
]

BAD = [
    ("", 1, "starts with the line"),
    ("#!ipxe \nexit 1\n", 1, "starts with the line"),
    ("\n#!ipxe\nexit 1\n", 1, "starts with the line"),
    ("#!ipxe\nexit 1", None, "cut off"),
    ("#!ipxe\ngoto nowhere\n", 2, "there is no ':nowhere'"),
    ("#!ipxe\n:a\n:a\nexit 1\n", 3, "twice"),
    ("#!ipxe\n:A b\nexit 1\n", 2, "no label"),
    ("#!ipxe\ngoto\n", 2, "one label"),
    ("#!ipxe\ngoto a b\n:a\nexit 1\n", 2, "one label"),
    ("#!ipxe\necho {{ item }}\nexit 1\n", 2, "template"),
    ("#!ipxe\n# {% if x %}\nexit 1\n", 2, "template"),
    ("#!ipxe\necho ${net0/mac\nexit 1\n", 2, "without its '}'"),
    ("#!ipxe\necho ${two words}\nexit 1\n", 2, "without its '}'"),
    ("#!ipxe\nchain http://x/ ||goto a\n:a exit 1\n", 2, "blanks around"),
    ("#!ipxe\nchain http://x/|| goto a\n:a exit 1\n", 2, "blanks around"),
    ("#!ipxe\niseq 1 1 &&goto a ||\n:a exit 1\n", 2, "blanks around"),
    ("#!ipxe\nchain http://x/\nexit 1\n", 2, "'chain' may fail"),
    ("#!ipxe\nkernel http://x/ # || goto a\n:a exit 1\n", 2, "'kernel' may fail"),
    ("#!ipxe\nkernell http://x/ ||\nexit 1\n", 2, "no command"),
    ('#!ipxe\n"echo" x\nexit 1\n', 2, "no command"),
    ("#!ipxe\necho x\\\nexit 1\n", 2, "joins"),
    ("#!ipxe\n# comment \\\nexit 1\n", 2, "joins"),
    ("#!ipxe\r\nexit 1\r\n", 1, "starts with the line"),
    ("#!ipxe\necho x\r\nexit 1\n", 2, "control characters"),
    ("#!ipxe\necho\tx\nexit 1\n", 2, "control characters"),
    ("#!ipxe\necho x\0\nexit 1\n", 2, "control characters"),
    ("#!ipxe\necho " + "x" * 2048 + "\nexit 1\n", 2, "longer"),
    ("#!ipxe\necho x\n", None, "runs off its end"),
    ("#!ipxe\n", None, "runs off its end"),
]


@pytest.mark.parametrize("script", GOOD)
def test_good_scripts(script: str) -> None:
    check_script(script, "x.ipxe")


@pytest.mark.parametrize(("script", "line", "words"), BAD)
def test_bad_scripts(script: str, line: int | None, words: str) -> None:
    with pytest.raises(PxeError) as caught:
        check_script(script, "machines/x.ipxe")
    assert words in str(caught.value)
    assert str(caught.value).startswith(f"machines/x.ipxe:{line}: " if line else "machines/x.ipxe: ")


class Run(t.NamedTuple):
    """What iPXE's own parser (src/core/exec.c, src/image/script.c) makes of a script, written down once more."""

    commands: list[list[str]]


def as_ipxe_reads(script: str) -> Run:
    found = []
    for line in script.split("\n"):
        words = line.replace("\r", "").split()
        if words and words[0].startswith(":"):
            words = words[1:]
        current: list[str] = []
        for item in [*words, None]:
            if item is None or item.startswith("#"):
                break
            if item in ("||", "&&", ";"):
                found.append(current)
                current = []
            else:
                current.append(item)
        found.append(current)
    return Run([command for command in found if command])


@settings(max_examples=200, deadline=None)
@given(label=st.text(max_size=40), argument=st.text(max_size=40), disk=st.text(max_size=20))
def test_no_text_of_a_user_becomes_a_command(label: str, argument: str, disk: str) -> None:
    """Either it is refused, or the script has the same commands as with a harmless text."""
    try:
        profiles = {"debian13": {**PROFILE, "label": label, "kernel_arguments": [argument]}}
        scripts = list(render(profiles=profiles).values())
        installation = {**INSTALLATION, "install_arguments": [argument], "disk": disk}
        scripts.append(ipxe.armed_script(installation, URLS))
        check_script(scripts[-1], "armed.ipxe")
    except PxeError:
        return
    harmless = {"debian13": {**PROFILE, "label": "x", "kernel_arguments": ["x"]}}
    expected = list(render(profiles=harmless).values())
    expected.append(
        ipxe.armed_script({**INSTALLATION, "install_arguments": ["x"], "disk": disk and "x"}, URLS)
    )
    for script, other in zip(scripts, expected):
        names = [command[0] for command in as_ipxe_reads(script).commands]
        assert names == [command[0] for command in as_ipxe_reads(other).commands]


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="#!ipxe\n:|&;${}\\ agotchainexit01\t\r", max_size=80))
def test_the_check_refuses_or_accepts_but_never_breaks(text: str) -> None:
    with contextlib.suppress(PxeError):
        check_script("#!ipxe\n" + text, "x.ipxe")


@pytest.mark.parametrize("answer", ["installed", "expired"])
def test_only_what_the_server_says_leads_an_armed_machine_to_its_disk(answer: str) -> None:
    """Without it, what follows is the message that holds: the disk may be half installed."""
    lines = ipxe.armed_script(INSTALLATION, URLS).splitlines()
    (jump,) = [line for line in lines if f"goto {answer}" in line]
    assert jump.startswith("imgfetch ")
    assert jump.endswith(f"/{answer} && goto {answer} ||")
    assert lines.index(jump) < lines.index(":hold") < lines.index(f":{answer}")


# Entries of the site's own


def own_entry(name: str, action: str, file: str, **more: t.Any) -> dict[str, t.Any]:
    about = {"action": action, "file": file, "initrd": [], "append": [], **more}
    return {"name": name, "label": f"The {name}", "pxelinux": None, "ipxe": about}


OWN_ENTRIES = [
    own_entry("tool", "kernel", "tools/linux", initrd=["syslinux/own/a.gz"], append=["ro"]),
    own_entry("bios", "chain", "tftp://10.0.0.5/pxelinux.0"),
    own_entry("uefi", "chain", "grub/x.efi"),
    own_entry("menu", "script", "syslinux/own/other.ipxe"),
    {**own_entry("hdt", "com32", "syslinux/hdt.c32"), "ipxe": None},
]


def test_own_entries() -> None:
    files = render(menu={**MENU, "entries": OWN_ENTRIES})
    assert [path for path in files if path.startswith("entries/")] == [
        f"entries/{name}.ipxe" for name in ("tool", "bios", "uefi", "menu")
    ]
    items = [line for line in files["menu.ipxe"].split("\n") if "entries/" in line]
    assert items == [
        "item entries/tool.ipxe The tool",
        "iseq ${platform} pcbios && item entries/bios.ipxe The bios ||",
        "iseq ${platform} efi && item entries/uefi.ipxe The uefi ||",
        "item entries/menu.ipxe The menu",
    ]
    tool = commands(files["entries/tool.ipxe"])
    assert (
        "kernel http://10.77.0.1/boot/tools/linux initrd=a.gz ro ${install_arguments} || goto failed" in tool
    )
    assert "initrd --name a.gz http://10.77.0.1/boot/syslinux/own/a.gz || goto failed" in tool
    assert "chain --autofree --timeout 20000 tftp://10.0.0.5/pxelinux.0 ||" in files["entries/bios.ipxe"]
    script = files["entries/menu.ipxe"]
    assert (
        "chain --replace --autofree --timeout 20000 http://10.77.0.1/boot/syslinux/own/other.ipxe ||"
        in script
    )


@pytest.mark.parametrize("entry", OWN_ENTRIES[:4], ids=lambda entry: entry["name"])
def test_an_own_entry_is_no_installation_and_fails_to_the_disk(entry: dict[str, t.Any]) -> None:
    script = commands(ipxe.entry_script(URLS["boot"], entry))
    assert script.index("clear install_arguments ||") < script.index("clear release ||") < len(script) - 3
    assert script[-2:] == ["iseq ${platform} pcbios && sanboot --no-describe --drive 0x80 ||", "exit 1"]
    # Nothing of the site's machines differs by it.
    assert (
        render(menu={**MENU, "entries": [entry]})["machines/52-54-00-aa-00-01.ipxe"]
        == SCRIPTS["machines/52-54-00-aa-00-01.ipxe"]
    )


def test_own_entries_ask_for_the_password_of_the_menu() -> None:
    script = render(menu={**MENU, "entries": OWN_ENTRIES, "password": True})["menu.ipxe"]
    for name in ("tool", "bios", "uefi", "menu"):
        assert f"iseq ${{target}} entries/{name}.ipxe && set lock menu && goto locked ||" in script


@pytest.mark.parametrize(
    ("position", "before", "after"),
    [
        ("first", "item --gap -- This machine", "item --gap -- Install"),
        ("after:debian13", "item profiles/debian13.ipxe", "item --gap -- More"),
        ("after:uefi", "iseq ${platform} efi && item entries/uefi.ipxe", "item entries/menu.ipxe"),
        ("last", "item shell", "choose"),
    ],
)
def test_where_the_local_disk_is(position: str, before: str, after: str) -> None:
    local = {"label": "disk", "text": "Boot from local drive", "position": position}
    lines = render(menu={**MENU, "entries": OWN_ENTRIES, "local": local})["menu.ipxe"].split("\n")
    at = lines.index("item local.ipxe Boot from local drive")
    assert lines[at - 1].startswith(before)
    assert lines[at + 1].startswith(after)


def test_tenths_of_a_second() -> None:
    assert " --timeout 600 target" in render(menu={**MENU, "timeout": 0.6})["menu.ipxe"]
