# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configures the new system: accounts, host name, network, time zone, language."""

from __future__ import annotations

import ipaddress
import os
import typing as t
from pathlib import Path

from .console import FailedError
from .kickstart import command

FIRST_USER = 1000
DAYS = 20000


def configure(handler: t.Any, system: Path, release: int, card: str, mac: str) -> None:
    """Write what the kickstart says about the new system."""
    accounts(handler, system)
    keys(handler, system)
    network(handler, system, release, card, mac)
    zone = command(handler, "timezone", "timezone", "")
    if zone:
        put(system / "etc/sysconfig/clock", f'ZONE="{zone}"\n')
        (system / "etc/localtime").unlink(missing_ok=True)
        (system / "etc/localtime").symlink_to(f"../usr/share/zoneinfo/{zone}")
    language = command(handler, "lang", "lang", "")
    if language:
        put(system / ("etc/sysconfig/i18n" if release <= 6 else "etc/locale.conf"), f'LANG="{language}"\n')
    machine_id = Path("/proc/sys/kernel/random/uuid").read_text(encoding="ascii").replace("-", "")
    put(system / "etc/machine-id", machine_id)


def put(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file, and the folders on the way."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def hashed(password: str, is_hash: bool) -> str:
    """Return what belongs into shadow(5)."""
    if is_hash or not password:
        return password or "!!"
    import crypt

    return crypt.crypt(password, crypt.mksalt(crypt.METHOD_SHA512))


def accounts(handler: t.Any, system: Path) -> None:
    """Set root's password, make groups and users."""
    if not handler.rootpw.seen and not handler.user.seen:
        raise FailedError("neither rootpw nor user: anaconda would ask for a password")
    root = hashed(handler.rootpw.password, handler.rootpw.isCrypted)
    set_password(
        system, "root", ("!!" if root.startswith("!") else f"!{root}") if locked(handler.rootpw) else root
    )
    for one in handler.group.groupList if hasattr(handler, "group") else ():
        add_group(system, one.name, one.gid)
    for one in handler.user.userList:
        add_user(system, one)


def locked(data: t.Any) -> bool:
    """Whether an account is to be locked, in releases that know this."""
    return bool(getattr(data, "lock", False))


def lines(path: Path) -> list[list[str]]:
    """Return the lines of passwd, shadow or group, split at the colons."""
    return [line.split(":") for line in path.read_text(encoding="utf-8").splitlines() if line]


def write_lines(path: Path, rows: list[list[str]], mode: int) -> None:
    """Write passwd, shadow or group."""
    put(path, "".join(":".join(row) + "\n" for row in rows), mode)


def set_password(system: Path, name: str, value: str) -> None:
    """Put a hash into shadow."""
    path = system / "etc/shadow"
    rows = [row for row in lines(path) if row[0] != name]
    write_lines(path, [*rows, [name, value, str(DAYS), "0", "99999", "7", "", "", ""]], 0o600)


def free_id(rows: list[list[str]]) -> int:
    """Return the first free number for an account or group."""
    taken = {int(row[2]) for row in rows}
    return next(number for number in range(FIRST_USER, 60000) if number not in taken)


def add_group(system: Path, name: str, gid: t.Any = None) -> int:
    """Make a group unless it is there; return its number."""
    path = system / "etc/group"
    rows = lines(path)
    for row in rows:
        if row[0] == name:
            return int(row[2])
    number = free_id(rows) if gid in (None, "") else int(gid)
    write_lines(path, [*rows, [name, "x", str(number), ""]], 0o644)
    return number


def join_group(system: Path, name: str, user: str) -> None:
    """Make a user a member of a group."""
    add_group(system, name)
    path = system / "etc/group"
    rows = lines(path)
    for row in rows:
        if row[0] == name:
            row[3] = ",".join([*filter(None, row[3].split(",")), user])
    write_lines(path, rows, 0o644)


def add_user(system: Path, data: t.Any) -> None:
    """Make a user with group and home."""
    path = system / "etc/passwd"
    rows = lines(path)
    uid = free_id(rows) if data.uid in (None, "") else int(data.uid)
    gid = add_group(system, data.name, getattr(data, "gid", None))
    home = data.homedir or f"/home/{data.name}"
    row = [data.name, "x", str(uid), str(gid), getattr(data, "gecos", ""), home, data.shell or "/bin/bash"]
    write_lines(path, [*rows, row], 0o644)
    value = hashed(data.password, data.isCrypted)
    set_password(system, data.name, f"!{value}" if locked(data) and not value.startswith("!") else value)
    place = system / home.lstrip("/")
    place.mkdir(parents=True, mode=0o700, exist_ok=True)
    os.chown(place, uid, gid)
    for name in data.groups:
        join_group(system, name, data.name)


def keys(handler: t.Any, system: Path) -> None:
    """Add the keys of sshkey commands."""
    for one in command(handler, "sshkey", "sshUserList", []):
        row = next((row for row in lines(system / "etc/passwd") if row[0] == one.username), None)
        if row is None:
            raise FailedError(f"sshkey: there is no user {one.username}")
        folder = system / row[5].lstrip("/") / ".ssh"
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        path = folder / "authorized_keys"
        known = path.read_text(encoding="utf-8") if path.exists() else ""
        put(path, f"{known}{one.key}\n", 0o600)
        for owned in (folder, path):
            os.chown(owned, int(row[2]), int(row[3]))


def network(handler: t.Any, system: Path, release: int, card: str, mac: str) -> None:
    """Write the card's configuration and the host name."""
    found = list(command(handler, "network", "network", []))
    name = next((one.hostname for one in found if one.hostname), "") or kernel_host_name()
    if name and release <= 6:
        put(system / "etc/sysconfig/network", f"NETWORKING=yes\nHOSTNAME={name}\n")
    if name:
        put(system / "etc/hostname", f"{name}\n")
    described = [one for one in found if is_card(one.device, card, mac)]
    data = described[-1] if described else None
    put(system / f"etc/sysconfig/network-scripts/ifcfg-{card}", ifcfg(data, card, mac))


def kernel_host_name() -> str:
    """Return the host name that DHCP has given, if any."""
    name = os.uname().nodename
    return "" if name in ("(none)", "localhost") else name


def is_card(device: str, card: str, mac: str) -> bool:
    """Whether a network command's --device is this card; none, `link` and `bootif` are the one that installs."""
    return device.lower() in ("", "link", "bootif", card, mac.lower())


def ifcfg(data: t.Any, card: str, mac: str) -> str:
    """Return ifcfg-CARD; without a network command the card asks DHCP."""
    values = {"DEVICE": card, "HWADDR": mac, "ONBOOT": "yes", "BOOTPROTO": "dhcp"}
    if data and not data.onboot:
        values["ONBOOT"] = "no"
    if data and data.bootProto == "static":
        values |= {"BOOTPROTO": "none", "IPADDR": data.ip, "NETMASK": data.netmask}
        ipaddress.IPv4Interface(f"{data.ip}/{data.netmask}")
        values |= {"GATEWAY": data.gateway} if data.gateway else {}
        servers = [word for word in (data.nameserver or "").split(",") if word]
        values |= {f"DNS{number}": server for number, server in enumerate(servers, 1)}
    return "".join(f"{name}={value}\n" for name, value in values.items())
