# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The answers that a kickstart is made from. docs/kickstart.md describes them to users.

A value that a release has no syntax for is refused where leaving it out would install another machine than the one
described; where it only adds comfort, the template leaves it out.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import Script
from ansible_collections.netinstall.pxe.plugins.module_utils._families._redhat_release import (
    release_facts,
    release_of,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import sections
from ansible_collections.netinstall.pxe.plugins.module_utils._text import answers as _answers
from ansible_collections.netinstall.pxe.plugins.module_utils._text.answer_keys import (
    Key,
    filled,
    form_mistakes,
)

_REPOSITORY: dict[str, Key] = {
    "name": Key("str"),
    "baseurl": Key("str"),
    "mirrorlist": Key("str"),
    "metalink": Key("str"),
    "proxy": Key("str"),
    "cost": Key("int"),
    "includepkgs": Key("str", several=True),
    "excludepkgs": Key("str", several=True),
    "install": Key("bool"),
    "noverifyssl": Key("bool"),
}
_PARTITIONING: dict[str, Key] = {
    "method": Key(
        "str",
        "`regular` (partitions), `lvm`, `raid` (software RAID with LVM on it), or `custom`",
        "regular",
        choices=("regular", "lvm", "raid", "custom"),
    ),
    "recipe": Key(
        "str",
        "`atomic` (one file system), `home` (a separate `/home`), `multi` (`/home`, `/var` and `/tmp`)",
        "atomic",
        choices=("atomic", "home", "multi"),
    ),
    "swap": Key("bool", "`false` for none", True),
    "filesystem": Key(
        "str",
        "`xfs`, `ext4`, …; by default the release's own, `ext4` on Fedora",
        choices=("", "ext2", "ext3", "ext4", "xfs"),
    ),
    "disks": Key(
        "str",
        "for `raid` and `custom`: the disks beside `machine_disk`",
        several=True,
        form=(r"/dev/[A-Za-z0-9._+~@=:/-]+", "/dev/sdb"),
    ),
    "raid_level": Key("int", "by default 1; `/boot` is always RAID 1", 1, choices=(0, 1, 5, 6, 10)),
    "lines": Key("text", "for `custom`: commands `part`, `raid`, `volgroup`, `logvol`, `autopart`, …"),
    "break_arrays": Key(
        "bool",
        "`true` takes the disk out of arrays and volume groups that span other disks; their data may be lost",
    ),
    "allow_removable": Key(
        "bool", "`true` allows removable disks, USB disks and virtual disks of a management controller"
    ),
}
KEYS: dict[str, Key] = {
    "locale": _answers.PLACE["locale"],
    "keyboard": replace(
        _answers.PLACE["keyboard"],
        description="layout, with its variant as `de(nodeadkeys)`; EL 5 and 6 know their own names, such as "
        "`de-latin1`",
    ),
    "timezone": _answers.PLACE["timezone"],
    "ntp_server": replace(
        _answers.PLACE["ntp_server"], description="from EL 7 on; for older releases put it into `post`"
    ),
    "packages": Key(
        "str",
        "groups (`@core`), environments (`@^minimal-environment`, from EL 7 on), module streams (`@nodejs:20`), "
        "packages, patterns; a leading `-` excludes. EL 5 installs `@base` in any case, EL 6 if it is listed",
        several=True,
        # A group (@core, @^minimal-environment, @nodejs:20), a package, a pattern; with a minus, what is left out.
        form=(
            r"-?(@\^?[ -\"$-~]*[!-\"$-~]|[A-Za-z0-9/*?\[][!-\"$-~]*)",
            "@core, vim-enhanced or -postfix",
        ),
        documented_default='`["@core", "openssh-server"]` and what other answers need',
    ),
    "install_recommends": Key("bool", "weak dependencies, from EL 8 on", True),
    "ignore_missing_packages": Key("bool", "continue if a package does not exist"),
    "repositories": Key(
        _REPOSITORY,
        "list of `name` and one of `baseurl`, `mirrorlist`, `metalink`; also `cost`, `includepkgs`, `excludepkgs`, "
        "`proxy`, `noverifyssl`, `install`. Those of the install tree are always included",
        several=True,
    ),
    **_answers.LOGIN,
    "authentication": Key(
        "str",
        "options of `authconfig`; of `authselect` from EL 8 on",
        form=(r"((--?)?[A-Za-z][ -~]*)?", "--enableshadow --passalgo=sha512"),
        hidden=True,
        documented_default="`--enableshadow --passalgo=sha512` up to EL 7, else the release's own",
    ),
    "network": Key(
        {
            "bootproto": Key("str", default="dhcp", choices=("dhcp", "static")),
            "device": Key("str", form=(r"[A-Za-z0-9][A-Za-z0-9:._-]*|", "eth0")),
            "ipv6": Key("bool", default=True),
            "mtu": Key("int"),
        },
        "`bootproto` `dhcp` or `static` (address, netmask, gateway and name servers of the machine's subnet), `device` "
        "(by default the card with the machine's MAC), `ipv6`, `mtu`",
    ),
    "selinux": Key(
        "str",
        "or `permissive`, `disabled`",
        "enforcing",
        choices=("enforcing", "permissive", "disabled"),
    ),
    "firewall": Key(
        {
            "enabled": Key("bool", default=True),
            "services": Key("str", default=("ssh",), several=True, form=(r"[A-Za-z0-9_-]+", "ssh")),
            "ports": Key("str", several=True, form=(r"[A-Za-z0-9-]+:(tcp|udp|sctp|dccp)", "8080:tcp")),
            "trusted": Key("str", several=True, form=(r"[A-Za-z0-9][A-Za-z0-9._-]*", "eth1")),
        },
        "also `ports` (`8080:tcp`) and `trusted` (network cards)",
    ),
    "services": Key(
        {
            "enabled": Key("str", several=True, form=(r"[A-Za-z0-9@_.-]+", "chronyd")),
            "disabled": Key("str", several=True, form=(r"[A-Za-z0-9@_.-]+", "kdump")),
        },
        "`enabled` and `disabled`",
    ),
    "partitioning": Key(_PARTITIONING, "[see below](#disks)"),
    "disk_rule": Key(_answers.DISK_RULE, "[see below](#disks)", documented_default="none"),
    "boot_arguments": Key(
        "str",
        "kernel arguments of the installed system",
        several=True,
        form=(r"[!#-&(-~]+", "net.ifnames=0"),
    ),
    "bootloader_options": Key(
        "str",
        "other options of the command `bootloader`, such as `--timeout=5`",
        form=(r"(--[a-z]+[!-~]*( [!-~]+)*)?", "--timeout=5"),
        hidden=True,
    ),
    "boot_order": _answers.BOOT_ORDER,
    "console": _answers.PLACE["console"],
    "display": Key(
        "str",
        "the installer's user interface. With `cmdline` it asks nothing: what would be a question is a failure, and is "
        "reported",
        choices=("", "text", "cmdline", "graphical"),
        documented_default="`cmdline`, `text` before EL 7",
    ),
    "finish": Key("str", "or `poweroff`, `halt`", "reboot", choices=("reboot", "poweroff", "halt")),
    "pre": Key("text", "script of the installer, after the disk was found"),
    "post": Key("text", "script in the new system; its output is in `/root/netinstall-post.log` there"),
    "post_nochroot": Key("text", "script of the installer, with the new system below `/mnt/sysimage`"),
    "addons": Key(
        {"name": Key("str"), "options": Key("str"), "lines": Key("text")},
        "list of `name`, `options`, `lines`: sections `%addon`, from EL 7 on",
        several=True,
    ),
    "extra": Key("text", "further commands"),
    "extra_sections": Key("text", "further complete sections"),
    **_answers.OWN_FILES,
}
# Of disk_rule, its own function speaks.
_FORMED = {name: key for name, key in {**_answers.PLACE, **KEYS}.items() if name != "disk_rule"}
# How many disks a RAID of each level has at least.
_RAID_DISKS = {0: 2, 1: 2, 5: 3, 6: 4, 10: 4}
_URL = r"[a-z]+:[!#-&(-~]+"
# Kinds of hashes that came with EL 8 (libxcrypt): yescrypt, bcrypt, scrypt.
_NEW_HASHES = re.compile(r"\$(y|gy|2[abxy]|7)\$")
# OpenSSH 6.5 brought ed25519, 8.2 the keys of FIDO; EL 6 has 5.3, EL 5 has 4.3.
_NEW_KEYS = re.compile(r"(.* )?(ssh-ed25519|sk-[a-z0-9-]+)(@openssh\.com)? ")
_OLD_FIREWALL = ("ftp", "http", "smtp", "ssh", "telnet")
# What the collection writes; another command of the kind would break the guard of the disk or the reports.
_OURS = {
    **dict.fromkeys(sections.SOURCES, "the profile's source, and repositories"),
    **dict.fromkeys(sections.IMAGES, "a template of your own for an image, as file: NAME.j2"),
    **dict.fromkeys(sections.DISKS, "machine_disk and partitioning.disks"),
    **dict.fromkeys(sections.STORAGE, "partitioning, with method: custom and lines"),
    **dict.fromkeys(sections.DISPLAY, "display"),
    **dict.fromkeys(sections.FINISH, "finish"),
    "bootloader": "boot_arguments and bootloader_options",
}
_NOT_IN_LINES = {
    **dict.fromkeys(sections.DISKS, "machine_disk and partitioning.disks"),
    "bootloader": "boot_arguments and bootloader_options",
}
# The mark of the shell at which the text of a script ends in a kickstart.
SCRIPT_END = "NETINSTALL_PXE_END"
# Names of keyboards before systemd's (EL 5 and 6), where they differ: system-config-keyboard, keyboard_models.py.
_OLD_KEYBOARDS = {
    "br": "br-abnt2",
    "de(nodeadkeys)": "de-latin1-nodeadkeys",
    "gb": "uk",
    "jp": "jp106",
    "us(intl)": "us-acentos",
}


def complete_answers(
    answers: dict[str, t.Any], distribution: dict[str, t.Any], disk: str
) -> dict[str, t.Any]:
    """Fill in the defaults of a machine's answers, whose types are right already, and check the values.

    :param distribution: from the plan: ``{name, version}``.
    :param disk: what ``machine_disk`` says.
    :returns: every key of KEYS; so do users, repositories and add-ons; ``packages`` has what the rest needs;
        ``disk_rule`` has ``given`` (bool), and ``min_sectors`` and ``max_sectors`` (of 512 bytes; 0 for no limit).
    :raises PxeError: all that is wrong, each with its key, without the values of secrets.
    """
    level = release_facts(distribution)["syntax"]["level"]
    complete = filled(answers, KEYS)
    mistakes = [*_form_mistakes(complete), *_disk_mistakes(complete, disk, level)]
    mistakes += [*_text_mistakes(complete, level), *_release_mistakes(complete, level)]
    if not complete["file"]:
        mistakes += _answers.nobody_mistakes(complete)
    if mistakes:
        raise PxeError("\n".join(mistakes))
    complete["packages"] = _packages(complete)
    complete["disk_rule"] = _answers.complete_rule(complete["disk_rule"])
    if level <= 6:
        complete["keyboard"] = _OLD_KEYBOARDS.get(complete["keyboard"], complete["keyboard"])
    return complete


def scripts(answers: dict[str, t.Any]) -> list[Script]:
    """/bin/sh of EL and of its installer is bash."""
    texts = {key: answers.get(key) for key in ("pre", "post", "post_nochroot")}
    return [
        Script(key, "bash", text) for key, text in texts.items() if isinstance(text, str) and text.strip()
    ]


def offer_mistakes(answers: dict[str, t.Any]) -> list[str]:
    """An address of its own has a described machine only."""
    if ((answers.get("network") or {}).get("bootproto") or "dhcp") == "dhcp":
        return []
    return ["network.bootproto: undescribed machines have no fixed address; write dhcp"]


def installed_mistakes(answers: dict[str, t.Any], distribution: dict[str, t.Any]) -> list[tuple[str, str]]:
    """Accounts whose keys are all of a kind that the release's sshd does not know."""
    release = release_of(distribution)
    if release.kind != "el" or release.number > 6:
        return []
    users = answers["users"] if isinstance(answers.get("users"), list) else []
    accounts = [("root_ssh_keys", answers.get("root_ssh_keys"))]
    accounts += [
        (f"users[{number}].ssh_keys", user.get("ssh_keys"))
        for number, user in enumerate(users)
        if isinstance(user, dict)
    ]
    return [
        (
            path,
            f"sshd of EL {release.number} supports neither ed25519 nor FIDO keys; add one made by ssh-keygen -t rsa",
        )
        for path, keys in accounts
        if _are_new(keys)
    ]


def _are_new(keys: object) -> bool:
    texts = [key for key in keys if isinstance(key, str)] if isinstance(keys, list) else []
    return bool(texts) and all(map(_NEW_KEYS.match, texts))


def _packages(answers: dict[str, t.Any]) -> list[str]:
    """With the group that makes a system, and with what the other answers need."""
    said = {package.lstrip("-").lower() for package in answers["packages"]}
    needed = [
        "@core",
        "openssh-server",
        *(["sudo"] if any(user["sudo"] for user in answers["users"]) else []),
    ]
    return list(dict.fromkeys([*(name for name in needed if name not in said), *answers["packages"]]))


# Mistakes: sentences with the address of each value below ``answers``


def _value(answers: dict[str, t.Any], path: str) -> t.Any:
    """``partitioning.method`` → what stands there."""
    section, dot, key = path.partition(".")
    return answers[section][key] if dot else answers[section]


def _form_mistakes(answers: dict[str, t.Any]) -> t.Iterator[str]:
    yield from form_mistakes(answers, _FORMED)
    yield from _answers.account_mistakes(answers)
    for number, repository in enumerate(answers["repositories"]):
        yield from _repository_mistakes(f"repositories[{number}]", repository)
    if answers["network"]["mtu"] and not 576 <= answers["network"]["mtu"] <= 65535:
        yield f"network.mtu: {answers['network']['mtu']} is not usable; write a number from 576 to 65535"


def _repository_mistakes(path: str, repository: dict[str, t.Any]) -> t.Iterator[str]:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", repository["name"]):
        yield f"{path}.name: {repository['name']!r} is not the name of a repository; write one such as epel"
    if sum(bool(repository[key]) for key in ("baseurl", "mirrorlist", "metalink")) != 1:
        yield f"{path}: write one of baseurl, mirrorlist and metalink"
    for key in ("baseurl", "mirrorlist", "metalink", "proxy"):
        if repository[key] and not re.fullmatch(_URL, repository[key]):
            # Not shown: there may be a password in it.
            yield f"{path}.{key}: is not a URL; write one such as http://10.77.0.1/trees/epel-9"
    for key in ("includepkgs", "excludepkgs"):
        for number, item in enumerate(repository[key]):
            if not re.fullmatch(r"[A-Za-z0-9*?\[][A-Za-z0-9._+*?\[\]-]*", item):
                yield f"{path}.{key}[{number}]: {item!r} is neither the name of a package nor a pattern of names"


def _disk_mistakes(answers: dict[str, t.Any], disk: str, level: int) -> t.Iterator[str]:
    partitioning = answers["partitioning"]
    yield from _answers.rule_mistakes(answers["disk_rule"], disk)
    yield from _method_mistakes(partitioning)
    if disk in partitioning["disks"]:
        yield f"partitioning.disks: {disk} is machine_disk, which is used anyway; list only further disks"
    if level <= 5:
        yield from _old_disk_mistakes(answers, disk)


def _method_mistakes(partitioning: dict[str, t.Any]) -> t.Iterator[str]:
    method, disks = partitioning["method"], 1 + len(partitioning["disks"])
    if (method == "custom") != bool(partitioning["lines"].strip()):
        yield "partitioning.lines: goes together with method: custom; write both or none"
    if method in ("regular", "lvm") and disks > 1:
        yield f"partitioning.disks: the method {method} uses one disk; write method: raid or custom, or leave it out"
    needed = _RAID_DISKS.get(partitioning["raid_level"], 2)
    if method == "raid" and disks < needed:
        yield (
            f"partitioning.disks: RAID {partitioning['raid_level']} needs {needed} disks; "
            f"list {needed - 1} beside machine_disk"
        )


def _old_disk_mistakes(answers: dict[str, t.Any], disk: str) -> t.Iterator[str]:
    """EL 5's installer has no udev: it knows disks by the kernel's names, and their sizes and models."""
    further = (("partitioning.disks", name) for name in answers["partitioning"]["disks"])
    for key, name in (("machine_disk", disk), *further):
        if name.startswith("/dev/disk/") and name != _answers.BY_RULE:
            yield f"{key}: EL 5 knows disks by the kernel's names only; write one such as /dev/sda instead of {name}"
    for key in ("serial", "wwn"):
        if answers["disk_rule"][key]:
            yield f"disk_rule.{key}: the installer of EL 5 cannot read it; use min_size, max_size or model"


def _text_mistakes(answers: dict[str, t.Any], level: int) -> t.Iterator[str]:
    for key in ("pre", "post", "post_nochroot"):
        for mistake in sections.body_mistakes(answers[key]):
            yield f"{key}: {mistake}"
        if SCRIPT_END in answers[key].split("\n"):
            yield f"{key}: a line is {SCRIPT_END}, which would end it early; leave it out"
    for number, addon in enumerate(answers["addons"]):
        yield from _addon_mistakes(f"addons[{number}]", addon)
    for key, refused in (("extra", _OURS), ("partitioning.lines", _NOT_IN_LINES)):
        for mistake in sections.command_mistakes(_value(answers, key), refused):
            yield f"{key}: {mistake}"
    for mistake in sections.section_mistakes(answers["extra_sections"], with_end=level >= 6):
        yield f"extra_sections: {mistake}"
    if re.search(r"--(append|boot-drive|driveorder|location)\b", answers["bootloader_options"]):
        yield "bootloader_options: write kernel arguments as boot_arguments; the rest of it follows from machine_disk"


def _addon_mistakes(path: str, addon: dict[str, str]) -> t.Iterator[str]:
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", addon["name"]):
        yield f"{path}.name: {addon['name']!r} is not the name of an add-on; write one such as com_redhat_kdump"
    if not re.fullmatch(r"[ -~]*", addon["options"]):
        yield f"{path}.options: write one line, such as --enable --reserve-mb=auto"
    for mistake in sections.body_mistakes(addon["lines"]):
        yield f"{path}.lines: {mistake}"


def _release_mistakes(answers: dict[str, t.Any], level: int) -> t.Iterator[str]:
    """What a release has nothing for."""
    if level <= 7:
        yield from _seven_mistakes(answers, level)
    if level <= 6:
        yield from _six_mistakes(answers, level)
    if level <= 5:
        yield from _five_mistakes(answers)


def _seven_mistakes(answers: dict[str, t.Any], level: int) -> t.Iterator[str]:
    for key, text in _answers.hashes(answers).items():
        if _NEW_HASHES.match(text):
            yield f"{key}: EL {level} cannot check a hash of this kind; write the output of 'openssl passwd -6'"
    for number, repository in enumerate(answers["repositories"]):
        if repository["metalink"]:
            yield f"repositories[{number}].metalink: EL {level} does not support it; write baseurl or mirrorlist"


def _six_mistakes(answers: dict[str, t.Any], level: int) -> t.Iterator[str]:
    for number, package in enumerate(answers["packages"]):
        if package.startswith("@^"):
            yield f"packages[{number}]: environments came with EL 7; write groups such as @core"
    if "(" in answers["keyboard"] and answers["keyboard"] not in _OLD_KEYBOARDS:
        yield f"keyboard: EL {level} does not support variants; write the name of its keyboard, such as fr-latin9"


def _five_mistakes(answers: dict[str, t.Any]) -> t.Iterator[str]:
    for number, name in enumerate(answers["firewall"]["services"]):
        if name not in _OLD_FIREWALL:
            yield (
                f"firewall.services[{number}]: EL 5 knows {', '.join(_OLD_FIREWALL)}; "
                f"write the port of {name} in firewall.ports"
            )
    for key in ("extra", "partitioning.lines"):
        yield from _early_includes(key, _value(answers, key))
    if answers["partitioning"]["raid_level"] == 10:
        yield "partitioning.raid_level: EL 5 does not support RAID 10; write 0, 1, 5 or 6"


def _early_includes(key: str, text: str) -> t.Iterator[str]:
    for number, line in enumerate(text.split("\n"), start=1):
        if any("://" in name for name in sections.included(line)):
            yield (
                f"{key}: line {number} includes a file by its URL, and EL 5 would run its %pre scripts before it is "
                "known whether this is the armed machine; write its text here"
            )
