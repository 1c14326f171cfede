# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The scripts of a described machine: the one that is published, and the one that arming adds."""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._boot import paths
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import Machine, Words
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.check import check_script
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.kernels import (
    NOT_ARMED,
    settings_of,
    start_profile,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.script import (
    FETCH,
    HOLD_PAUSE,
    LOCAL_BOOT,
    SAY_LOCAL_BOOT,
    TIMEOUT,
    script_of,
    url_of,
    word,
    words,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._firmware import PLATFORMS

Record = dict[str, t.Any]


def machine_script(machine: Machine, urls: dict[str, str]) -> str:
    """``machines/<mac>.ipxe``. Arming does not change it: an armed machine finds its armed script below answers/, by
    the name, the MAC address and the address that are described now.

    :param urls: of the machine's own web server: ``{boot, answers}``.
    """
    record, live = machine
    name, address = record["name"], record["address"]
    does = (
        "It installs only while it is armed (playbook netinstall.pxe.install). Else it boots its local disk."
        if live is None
        else "A live system: it boots that whenever it starts, and nothing is installed."
    )
    return script_of(
        "boot_files",
        [f"Machine {name}: {record['mac']}, {address}, profile {record['profile']}.", does],
        [
            f"echo This is {name} ({record['mac']}, profile {record['profile']})",
            f"iseq ${{netX/ip}} {address} || echo Warning: DHCP gave it ${{netX/ip}}, but it is described as {address}",
            *_firmware(record.get("firmware", "any")),
            *(_when_armed(record, urls) if live is None else _run_live(record, urls, live)),
        ],
    )


def _when_armed(machine: Record, urls: dict[str, str]) -> list[str]:
    name = machine["name"]
    return [
        f"{FETCH} {_armed_url(urls, machine['address'], name, machine['mac'])} ||",
        f"echo {name} is not armed (then the failed request above is normal): it boots its local disk",
        f"{FETCH} {url_of(urls['boot'], paths.LOCAL)} ||",
        *LOCAL_BOOT,
    ]


def _run_live(machine: Record, urls: dict[str, str], live: Words) -> list[str]:
    profile = machine["profile"]
    arguments = words(live.said, live.address)
    return [
        *NOT_ARMED,
        *([f"set install_arguments {arguments}"] if arguments else []),
        *start_profile(urls["boot"], profile),
        f"echo The server does not hand out profile {profile}. In Ansible: run the site playbook.",
        *SAY_LOCAL_BOOT,
    ]


def _firmware(firmware: str) -> list[str]:
    platform = PLATFORMS.get(firmware)
    if platform is None:
        return []
    return [
        f"iseq ${{platform}} {platform.ipxe} || echo Warning: described as {firmware}, but it started as ${{platform}}"
    ]


# Below answers/: the token makes it secret


def armed_script(installation: Record, urls: dict[str, str]) -> str:
    """``answers/<address>/<name>_<mac>.ipxe``: install, boot the disk or hold, as the server decides.

    :param installation: ``{machine, mac, address, token, window, profile, disk, install_arguments}``.
    :param urls: ``{boot, answers, events}``.

    It is for one machine: another one boots its disk. The server answers the request for ``ready`` with 200 only if it
    would release the installation; the profile's script asks for the release itself, right before it starts the kernel.
    Only a readable ``installed`` event goes to the disk, and an ``expired`` that the server answers with 200 only if
    there was no release. All else (released before, a dead network) holds, because the disk may be half installed.
    While it holds it asks for itself again: a machine that was armed anew installs, one that was disarmed boots its
    disk.
    """
    name, profile, disk = installation["machine"], installation["profile"], installation.get("disk")
    mac = installation["mac"].lower()
    return script_of(
        "arming",
        [
            f"Machine {name} ({mac}) is armed: one installation, profile {profile}, disk {disk or 'none'}.",
            "Installed already: it boots its disk. Released before and not finished: it holds, see below.",
        ],
        [
            f"iseq ${{netX/mac}} {mac} || goto other",
            f"iseq ${{netX/ip}} {installation['address']} || goto other",
            *_ask(installation, urls),
            *_hold(installation, urls),
            *_install(installation, urls),
            *_do_not_install(installation),
        ],
    )


def checked_armed_script(installation: Record, urls: dict[str, str], name: str) -> str:
    """:param name: of its file, for the message of ``check_script``."""
    script = armed_script(installation, urls)
    check_script(script, name)
    return script


def _armed_url(urls: dict[str, str], address: str, name: str, mac: str) -> str:
    return url_of(urls["answers"], address, f"{name}_{paths.dashed(mac)}.ipxe")


def _own_url(installation: Record, urls: dict[str, str]) -> str:
    return _armed_url(urls, installation["address"], installation["machine"], installation["mac"])


def _decision_url(installation: Record, urls: dict[str, str], asked: str) -> str:
    return url_of(
        urls["answers"], installation["address"], installation["token"], installation["window"], asked
    )


def _ask(installation: Record, urls: dict[str, str]) -> list[str]:
    """What the server would do now."""
    installed = url_of(urls["events"], installation["address"], installation["token"], "installed")
    asked = {
        "ready": _decision_url(installation, urls, "ready"),
        "installed": installed,
        "expired": _decision_url(installation, urls, "expired"),
    }
    return [
        *(
            f"imgfetch --timeout {TIMEOUT} --name {name} {url} && goto {name} ||"
            for name, url in asked.items()
        ),
        "",
    ]


def _hold(installation: Record, urls: dict[str, str]) -> list[str]:
    name = installation["machine"]
    return [
        "echo",
        f"echo HOLD: {name} ({installation['mac'].lower()}) is armed for profile {installation['profile']}, but the"
        " server did",
        "echo not release the installation. Either it was released before and did not finish, or its time has not",
        "echo come, or the server cannot be reached. This boot has changed nothing on the disk.",
        f"echo To see why:       playbook netinstall.pxe.status -l {name}",
        f"echo To install again:  playbook netinstall.pxe.install -l {name}  (arms it again; it starts by itself)",
        f"echo The machine asks the server again every {HOLD_PAUSE} seconds.",
        "",
        ":hold",
        f"prompt --key l --timeout {HOLD_PAUSE * 1000} Press l to boot the local disk, another key to ask now."
        " && goto local ||",
        "echo",
        f"{FETCH} {_own_url(installation, urls)} ||",
        "# No longer armed, or no network: local.ipxe tells.",
        f"{FETCH} {url_of(urls['boot'], paths.LOCAL)} ||",
        "goto hold",
        "",
    ]


def _install(installation: Record, urls: dict[str, str]) -> list[str]:
    name, profile, disk = installation["machine"], installation["profile"], installation.get("disk")
    arguments = words(installation["install_arguments"], f"install_arguments of {name}")
    release = _decision_url(installation, urls, "release")
    return [
        ":ready",
        "imgfree ready ||",
        *settings_of(urls["boot"], arguments, release, _own_url(installation, urls)),
        f"echo Installing {name} with profile {profile}",
        *([f"echo ALL DATA ON {word(disk, 'disk')} WILL BE LOST"] if disk else []),
        *start_profile(urls["boot"], profile),
        f"echo The server does not hand out profile {profile}. The disk was not touched.",
        "echo In Ansible: run the site playbook, then start this machine again. It is still armed.",
        "goto local",
        "",
    ]


def _do_not_install(installation: Record) -> list[str]:
    name, mac, address = installation["machine"], installation["mac"].lower(), installation["address"]
    return [
        ":other",
        f"echo What is armed is {name} ({mac}, {address}), not this machine (${{netX/mac}}, ${{netX/ip}})",
        "goto local",
        "",
        ":installed",
        "imgfree installed ||",
        f"echo {name} is installed",
        "goto local",
        "",
        ":expired",
        "imgfree expired ||",
        f"echo EXPIRED: {name} was armed for profile {installation['profile']}, but did not boot in time.",
        "echo The installation never began, and nothing was written.",
        f"echo To install it:       playbook netinstall.pxe.install -l {name}",
        "",
        ":local",
        *NOT_ARMED,
        *SAY_LOCAL_BOOT,
    ]
