# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""pxelinux's configuration files: rendering and checking.

Two chains end here. Over HTTP, iPXE starts pxelinux.0 on BIOS machines that the site does not know, for its menu;
kernels are named by URL. Plain, the firmware itself loads pxelinux.0 by TFTP, and everything else comes by TFTP from
below the same folder. They hold to these rules:

* Whatever fails ends at the local disk. pxelinux itself would ask for the same missing kernel again and again.
* A machine of the site boots its local disk, unless the file ``armed/01-<mac>`` is there. Only arming writes that.
* The files work with all versions from 3.74 on, each with its own local boot.

The language (syslinux ``doc/syslinux.txt``, ``doc/menu.txt``, ``com32/elflink/ldlinux/readconfig.c``): a directive a
line, no quoting, ``#`` begins a comment only at the start of a line, file names end at a blank and may be URLs. What
it does not know it ignores silently, so that a misspelt directive is noticed by nobody but ``check_config``.
"""

from __future__ import annotations

import functools
import re
import struct
import typing as t
import unicodedata
from dataclasses import dataclass, field, replace

from ansible_collections.netinstall.pxe.plugins.module_utils._boot import offers_boot
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.offers_boot import Offer
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import installs
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import BOOT_CARD
from ansible_collections.netinstall.pxe.plugins.module_utils._text.menus import (
    COLOUR_ELEMENTS,
    CONFIGS,
    FOLDER,
    HELP_COLUMNS,
    HELP_KEYS,
    HELP_ROWS,
    LOCAL,
    MEMORY_TEST,
    OWN,
    has_codes,
)

# The first line of each configuration starts so; a file without it is not ours.
HEADER = "# Written by netinstall.pxe"
DEFAULT = f"{CONFIGS}/default"
#: The same menu, whose default installs: over HTTP, for machines of which iPXE knows that it would be released to them.
OFFERED = f"{CONFIGS}/offered"
#: The label of the title above live systems. No profile's name begins so.
RUN = "-run"

# Bytes of a kernel's command line, and of a file's name: MAX_CMDLINE_LEN and doc/pxelinux.txt.
MAX_COMMAND_LINE = 2047
MAX_NAME = 127
# Tenths of a second: the most that pxelinux counts (doc/syslinux.txt of 3.x).
_MAX_TIMEOUT = 35996
# A menu in which somebody pressed a key, and then left, boots its default after a quarter of an hour.
_LEFT_ALONE = 9000
# Behind the menu when there is no picture: the built-in one is too bright to read from. Opacity, red, green, blue.
_BACKGROUND = "#ff14243a"
# Text and what is behind it, so that the chosen entry stands out. What the site says comes before these.
_COLOURS = {
    "border": "#60ffffff #00000000",
    "title": "#ffffffff #00000000",
    "unsel": "#ffd0dae4 #00000000",
    "sel": "#ff14243a #ffe0e8f0",
    "hotsel": "#ffb02020 #ffe0e8f0",
    "tabmsg": "#ffa0b0c0 #00000000",
    "timeout_msg": "#ffa0b0c0 #00000000",
}
_PICTURE = re.compile(rb"\x18([^\r\n\x00]+)\r?\n")
#: The card that was booted from as iPXE says it. It may stand in kernel arguments that are for both.
IPXE_BOOT_CARD = "BOOTIF=01-${netX/mac:hexhyp}"
# MD5, SHA-1 (syslinux's own), SHA-256 and SHA-512: passwd_compare() in com32/menu/passwd.c.
_HASH = re.compile(
    r"\$(1\$[^$\s]{1,8}\$[./0-9A-Za-z]{22}|4\$[^$\s]*\$[+/0-9A-Za-z]{27}=?\$?"
    r"|5\$(rounds=[0-9]+\$)?[^$\s]{1,16}\$[./0-9A-Za-z]{43}|6\$(rounds=[0-9]+\$)?[^$\s]{1,16}\$[./0-9A-Za-z]{86})\Z"
)

Record = dict[str, t.Any]
Version = tuple[int, int]
Arguments = t.Callable[[Record, Record], t.Sequence[str]]


@dataclass(frozen=True)
class Site:
    """What the configurations are made of.

    :param plan: of the plan ``{urls, menu, profiles, distributions, machines, backends}``.
    :param media: per distribution ``{kernel, initrd: [..], base_url}``, see ``_ipxe.boot_files``; for the arguments see
        ``_ipxe.Arguments``.
    :param version: of pxelinux.0, such as (6, 4) for 6.04.
    :param memory_test: whether ``MEMORY_TEST`` lies in the folder.
    :param splash: the name of the picture in the folder, or None.
    :param menu_hash: the hash of site_menu.password_hash; a mapping of profiles to theirs. Never in a message.
    """

    plan: Record
    media: dict[str, Record]
    profile_arguments: Arguments
    rescue_arguments: t.Callable[[Record], t.Sequence[str] | None]
    live_arguments: t.Callable[[Record], t.Sequence[str] | None]
    version: Version
    memory_test: bool = False
    splash: str | None = None
    menu_hash: str = field(default="", repr=False)
    profile_hashes: dict[str, str] = field(default_factory=dict, repr=False)
    #: What is installed without questions on machines that nobody described; the menu's default first.
    offers: t.Sequence[Offer] = ()

    @property
    def plain(self) -> bool:
        """Whether everything travels by TFTP."""
        return is_plain(self.plan)

    @property
    def local_boot(self) -> str:
        # -1 tells the BIOS to go on to its next device; before 4.00 only 0 was known.
        return "LOCALBOOT -1" if self.version >= (4, 0) else "LOCALBOOT 0"


def is_wanted(plan: Record) -> bool:
    """Whether the site uses pxelinux at all."""
    return is_plain(plan) or plan["menu"].get("bios") == "pxelinux"


def is_plain(plan: Record) -> bool:
    """Whether BIOS machines load pxelinux.0 without iPXE."""
    return bool(plan.get("backends", {}).get("bios_loader") == "pxelinux")


# Names


def parse_version(text: str) -> Version:
    """``6.04`` and ``6.04-pre1`` → (6, 4); ``4.05`` → (4, 5).

    :raises PxeError: it is no version of syslinux.
    """
    match = re.match(r"(\d+)\.(\d\d)(?!\d)", text)
    if not match:
        raise PxeError(f"'{text}' is no version of syslinux: write one such as 6.04 or 3.86")
    return int(match[1]), int(match[2])


def machine_config(mac: str) -> str:
    """The file that pxelinux looks for: ARP type 1 for Ethernet, then the MAC address with dashes."""
    return f"{CONFIGS}/{_mac_name(mac)}"


def armed_path(mac: str) -> str:
    """The file that makes the plain chain install a machine, relative to the folder."""
    return f"{CONFIGS}/armed/{_mac_name(mac)}"


def is_armed(path: str) -> bool:
    """Whether a path below boot/ is one of those files."""
    return path.startswith(f"{FOLDER}/{CONFIGS}/armed/01-")


def profile_path(profile: str) -> str:
    """What a profile boots, from which arming makes a machine's file. Only in the plain chain."""
    return f"profiles/{profile}.cfg"


def _mac_name(mac: str) -> str:
    return f"01-{mac.lower().replace(':', '-')}"


def kernel_path(distribution: str, path: str) -> str:
    """Where the role copies a kernel or initrd for TFTP, relative to the folder."""
    return f"kernels/{distribution}/{path.rsplit('/', 1)[-1]}"


def may_be_stale(path: str) -> bool:
    """Whether a file below boot/ is one of those that ``config_files`` makes, by its name. Armed files are not."""
    name = path[len(FOLDER) + 1 :] if path.startswith(f"{FOLDER}/") else ""
    if re.fullmatch(rf"help/(F([1-9]|1[0-2])|display)\.txt|kernels/[^/]+/[^/]+|{OWN}/.+|[^/]+\.lss", name):
        return True
    return bool(
        re.fullmatch(rf"profiles/[^/]+\.cfg|{CONFIGS}/(default|offered|01(-[0-9a-f]{{2}}){{6}})", name)
    )


def is_ours(path: str, start: bytes) -> bool:
    """Whether we wrote a file below boot/ that begins with ``start``."""
    if not may_be_stale(path):
        return False
    # No header can be in these; their folders are ours alone.
    ours = tuple(f"{FOLDER}/{folder}/" for folder in ("help", "kernels", OWN))
    return path.startswith(ours) or path.endswith(".lss") or start.startswith(HEADER.encode())


# Values put into configurations


def shown(value: str) -> str:
    """Words for the screen, in one line. ``^`` would make a hotkey of the next letter."""
    return " ".join(_ascii(value).replace("^", "").split())


def _ascii(value: str) -> str:
    """The screen of a BIOS has no other letters than ASCII's for sure, and control characters set its colours."""
    plain = unicodedata.normalize("NFKD", value.replace("ß", "ss"))
    kept = (char for char in plain if not unicodedata.combining(char))
    return "".join(char if " " <= char <= "~" else " " if char.isspace() else "?" for char in kept)


def check_hash(value: str, where: str) -> str:
    """A password's hash as the menu compares it.

    :raises PxeError: it is none. The message does not show it.
    """
    if not _HASH.match(value):
        raise PxeError(
            f"{where}: this is no hash of a password that pxelinux's menu knows ($6$, $5$, $4$ or $1$); write what"
            " `mkpasswd --method=sha-512` prints"
        )
    return value


def without_hashes(text: str | bytes) -> str:
    """A configuration as it may be shown in a diff."""
    shown_text = text.decode(errors="replace") if isinstance(text, bytes) else text
    return re.sub(r"(?m)( PASSWD ).+$", r"\1(the hash of a password)", shown_text)


def _file(name: str, where: str) -> str:
    """A file name or URL: one word, short enough."""
    if not name or not name.isascii() or not name.isprintable() or " " in name or len(name) > MAX_NAME:
        raise PxeError(
            f"{where}: '{name}' cannot be loaded by pxelinux: write at most {MAX_NAME} ASCII characters without blanks"
        )
    return name


def _arguments(words: t.Iterable[str], where: str) -> list[str]:
    """Kernel arguments, without what IPAPPEND 2 says."""
    found = [word for word in words if word not in (BOOT_CARD, IPXE_BOOT_CARD)]
    for word in found:
        if "${" in word or not word.isprintable() or not word.isascii() or " " in word:
            raise PxeError(
                f"{where}: pxelinux cannot pass '{word}' on: it knows no settings of iPXE's, no quotes and ASCII only"
            )
    return found


# All files of the folder


def config_files(site: Site) -> dict[str, str]:
    """Every configuration and help screen by path below boot/; what others refer to comes first.

    Nothing may be published before ``references`` has checked them all.

    :raises PxeError: names the item, or the file and line.
    """
    if site.version < (3, 74):
        raise PxeError(
            f"pxelinux {_dotted(site.version)} is too old for this menu: take 3.86, or 4.00 or later"
        )
    if not site.plain and (5, 0) <= site.version < (6, 4):
        raise PxeError(
            f"pxelinux {_dotted(site.version)} cannot load by HTTP what iPXE could (5.00 to 6.03 cannot): take 6.04 or"
            " later, or 3.86, or site_menu.bios: ipxe"
        )
    files = {f"help/{key}.txt": text for key, text in _screens(site).items() if isinstance(text, str)}
    if site.plain:
        for profile in site.plan["profiles"].values():
            files[profile_path(profile["name"])] = profile_text(profile, site)
    for machine in site.plan["machines"]:
        files[machine_config(machine["mac"])] = machine_text(machine, site)
    files[DEFAULT] = menu_text(site, offered=site.plain)
    if not site.plain and any(offer.default for offer in site.offers):
        files[OFFERED] = menu_text(site, offered=True)
    return {f"{FOLDER}/{path}": text for path, text in files.items()}


def references(files: dict[str, str], version: Version) -> dict[str, list[str]]:
    """Check all configurations. The files that they need, relative to the folder, and which of them need each.

    :param files: by path below boot/, as ``config_files`` returns them.
    :raises PxeError: names file and line.
    """
    wanted: dict[str, list[str]] = {}
    for path, text in files.items():
        if not path.endswith(".txt"):
            for name in check_config(text, path, version):
                wanted.setdefault(name, []).append(path)
    return wanted


def _dotted(version: Version) -> str:
    return f"{version[0]}.{version[1]:02}"


def _config(about: t.Iterable[str], body: t.Iterable[str]) -> str:
    head = [f"{HEADER} (boot_files). Do not edit: the next run replaces it."]
    return "\n".join([*head, *(f"# {shown(line)}" for line in about), "", *body, ""])


def _serial(menu: Record) -> list[str]:
    """It must come before everything that is shown. ``console`` is Linux's: ttyS0,115200."""
    if not menu.get("console"):
        return []
    port, _comma, speed = menu["console"].partition(",")
    digits = re.match(r"[0-9]*", speed)
    return [f"SERIAL {port[len('ttyS') :]} {digits[0] if digits and digits[0] else 9600}"]


# The menu


def menu_text(site: Site, offered: bool = False) -> str:
    """``pxelinux.cfg/default``: the menu for BIOS machines that the site does not know.

    :param offered: whether its default may be one that installs without questions.
    """
    site = _with_offered_default(site) if offered else site
    menu = site.plan["menu"]
    local, default = _local_label(menu), _default_label(menu)
    if menu.get("prompt"):
        head = _prompt_head(site)
    else:
        head = [
            f"UI {'menu.c32' if menu.get('text_mode') else 'vesamenu.c32'}",
            "PROMPT 0",
            *_guard(site),
            *_timeout(menu),
            f"DEFAULT {default}",
            # The command line knows one, the menu the other.
            f"ONERROR {local}",
            f"MENU ONERROR {local}",
            "",
            f"MENU TITLE {shown(menu['title']) or 'Network installation'}",
            *([] if menu.get("text_mode") else [f"MENU BACKGROUND {site.splash or _BACKGROUND}"]),
            *_colours(menu),
        ]
    body = [
        *_profile_entries(site),
        *_offer_entries(site),
        *_own_entries(site),
        *_tool_entries(site),
    ]
    lines = [
        *_serial(menu),
        *head,
        *_screen_lines(site),
        "MENU TABMSG F1 explains this menu. Tab changes an entry's command line.",
        "MENU NOTABMSG F1 explains this menu.",
        *_ask_word(site),
        "",
        *_with_local_entry(site, body),
        *(f"INCLUDE {_name(site, path)}" for path in menu.get("include", [])),
    ]
    return _config(
        ["The menu for BIOS machines that the site does not know. The default is taken when nobody chooses."],
        _without_menu(lines) if menu.get("prompt") else lines,
    )


def _prompt_head(site: Site) -> list[str]:
    """``boot:`` and no menu. NOESCAPE would take the prompt away."""
    menu = site.plan["menu"]
    local, default = _local_label(menu), _default_label(menu)
    return [
        "PROMPT 1",
        *_timeout(menu),
        f"DEFAULT {default}",
        # What is mistyped comes back to the prompt; a default that cannot be loaded must not be tried without end.
        *([f"ONERROR {local}"] if default != local else []),
    ]


def _without_menu(lines: t.Sequence[str]) -> list[str]:
    """What ``boot:`` knows. Entries of the menu that start nothing, such as the way back, are left out."""
    plain = [line for line in lines if not line.lstrip().startswith("MENU ")]
    after = [*plain[1:], ""]
    kept = [
        line
        for line, next_line in zip(plain, after)
        if not line.startswith("LABEL ") or next_line.startswith("  ")
    ]
    return [line for line, before in zip(kept, ["", *kept]) if line or before]


def _local_label(menu: Record) -> str:
    return str((menu.get("local") or {}).get("label") or LOCAL)


def _default_label(menu: Record) -> str:
    return _local_label(menu) if menu["default"] == LOCAL else str(menu["default"])


def _with_local_entry(site: Site, body: list[str]) -> list[str]:
    """The other entries with that of the local disk among them."""
    menu = site.plan["menu"]
    local = menu.get("local") or {}
    text = f"MENU LABEL {shown(local['text'])}" if local.get("text") else "MENU LABEL ^Boot the local disk"
    entry = _local_entry(site, text, menu["default"] == LOCAL)
    position = local.get("position") or "first"
    if position == "first":
        return [*entry, *body]
    at = len(body)
    if position.startswith("after:"):
        at = _end_of_entry(body, position[len("after:") :])
    return [*body[:at], *entry, *body[at:]]


def _end_of_entry(body: list[str], label: str) -> int:
    """Where what follows an entry begins; after its submenu if it is in one."""
    at = body.index(f"LABEL {label}") if f"LABEL {label}" in body else len(body) - 1
    inside = body[:at].count("MENU END") != sum(line.startswith("MENU BEGIN ") for line in body[:at])
    end = body.index("MENU END", at) if inside else at
    return body.index("", end) + 1 if "" in body[end:] else len(body)


def _guard(site: Site) -> list[str]:
    """Without a password anybody may change a command line. With one, nobody may leave the menu without it.

    NOESCAPE is for that case only: should the menu itself not load, it makes pxelinux ask for it without a pause.
    """
    if not site.menu_hash and not site.profile_hashes:
        return []
    if not site.menu_hash:
        return ["NOESCAPE 1", "ALLOWOPTIONS 0"]
    return ["NOESCAPE 1", f"MENU MASTER PASSWD {check_hash(site.menu_hash, 'site_menu.password_hash')}"]


def _timeout(menu: Record) -> list[str]:
    tenths = round(menu["timeout"] * 10)
    if not tenths:
        return []
    lines = [f"TIMEOUT {min(tenths, _MAX_TIMEOUT)}", f"TOTALTIMEOUT {_LEFT_ALONE}"]
    # Somebody who pressed a key has seen what is offered: nothing is installed behind his back.
    if tenths >= _LEFT_ALONE or menu["default"].startswith(_OFFER):
        lines.pop()
    return [*lines, f"ONTIMEOUT {_local_label(menu)}"] if menu["default"] == LOCAL else lines


def _colours(menu: Record) -> list[str]:
    """``{title: '#ffffffff'}``, perhaps with the background after it, and that of text mode before it.

    ``*`` leaves a field as it is.
    """
    colours = {**_COLOURS, **(menu.get("colours") or {})}
    return [
        f"MENU COLOR {element} {'* ' if value.startswith('#') else ''}{value}"
        for element, value in colours.items()
    ]


def pictures_of(data: bytes) -> list[str]:
    """The pictures (LSS16) that a screen shows. pxelinux looks for them beside itself.

    6.04 looks for the first letter of the name (``VGAFilePtr`` in ``com32/elflink/ldlinux/msg.c`` counts in words), and
    goes on without the picture.
    """
    return [name.decode("ascii", "replace").strip() for name in _PICTURE.findall(data)]


def _screens(site: Site) -> dict[str, t.Any]:
    """The help screens by key, and what is shown above ``boot:`` as ``display``: a text, or the path of a file.

    F1 explains the menu unless the site says something else there.
    """
    menu = site.plan["menu"]
    screens = {"F1": f"{_first_help(menu)}\n{_offer_help(site)}", **(menu.get("help") or {})}
    if menu.get("prompt"):
        screens["display"] = menu.get("display") or _first_screen(site)
    return {key: _screen_text(screens[key]) for key in (*HELP_KEYS, "display") if screens.get(key)}


def _screen_text(screen: t.Any) -> t.Any:
    if not isinstance(screen, str) or has_codes(screen):
        return screen
    return "".join(f"{_ascii(line).rstrip()}\n" for line in screen.splitlines())


def _screen_lines(site: Site) -> list[str]:
    return [
        f"{key.upper()} {f'help/{key}.txt' if isinstance(screen, str) else _name(site, screen['path'])}"
        for key, screen in _screens(site).items()
    ]


def _first_screen(site: Site) -> str:
    """Which labels may be typed."""
    menu = site.plan["menu"]
    known = [(profile["name"], profile["label"]) for profile in _in_menu(site)]
    known += [(offer_label(offer), offer.title) for offer in site.offers]
    known += [(entry["name"], entry["label"]) for entry in _own_of_pxelinux(site)]
    known.append((_local_label(menu), (menu.get("local") or {}).get("text") or "Boot the local disk"))
    rows = [f"  {name:20} {shown(label)}"[:HELP_COLUMNS] for name, label in known]
    more = rows[HELP_ROWS - 4 :]
    return "\n".join(["", shown(menu["title"]), "", *rows[: HELP_ROWS - 4], *(["  ..."] if more else [])])


def _first_help(menu: Record) -> str:
    if menu.get("prompt"):
        return _prompt_help(menu)
    default = "boots its local disk" if menu["default"] == LOCAL else f"takes the entry {menu['default']}"
    wait = f"After {menu['timeout']} seconds without a key it" if menu["timeout"] else "With the Enter key it"
    return "\n".join(
        [
            shown(menu["title"]),
            "",
            "This machine is not described in the inventory: so it shows this menu.",
            f"{wait} {default}.",
            "",
            "  Arrow keys, Enter   choose an entry",
            "  Tab                 change the entry's command line, if that is allowed",
            "  Esc                 leave a submenu",
            "",
            "Installers that are started here bring no answers: they ask.",
            "To install unattended, describe the machine and arm it with the playbook",
            "netinstall.pxe.install.",
        ]
    )


def _prompt_help(menu: Record) -> str:
    return "\n".join(
        [
            shown(menu["title"]),
            "",
            "This machine is not described in the inventory.",
            "Type a label, and perhaps kernel arguments after it. Tab shows the labels.",
            f"The Enter key alone starts {_default_label(menu)}.",
            "",
            "Installers that are started here bring no answers: they ask.",
        ]
    )


def _local_entry(site: Site, label: str, default: bool) -> list[str]:
    return [
        f"LABEL {_local_label(site.plan['menu'])}",
        f"  {label}",
        *(["  MENU DEFAULT"] if default else []),
        f"  {site.local_boot}",
        "",
    ]


def _in_menu(site: Site) -> list[Record]:
    return [profile for profile in site.plan["profiles"].values() if profile.get("in_menu", True)]


def _profile_entries(site: Site) -> list[str]:
    """One entry a profile, first those that install; from so many on, one submenu a distribution."""
    profiles = _in_menu(site)
    if len(profiles) < site.plan["menu"].get("submenus_from", 10):
        installing = [profile for profile in profiles if installs(profile)]
        live = [profile for profile in profiles if profile not in installing]
        return [*_group(site, installing), *_group(site, live, "Run:")]
    lines = ["MENU SEPARATOR", ""]
    for distribution in dict.fromkeys(profile["distribution"] for profile in profiles):
        inside = [profile for profile in profiles if profile["distribution"] == distribution]
        body = [line for profile in inside for line in _profile_entry(site, profile)]
        lines += _submenu(f"install-{distribution}", f"{distribution} ({len(inside)})", body)
    return lines


def _group(site: Site, profiles: t.Sequence[Record], title: str = "") -> list[str]:
    """Entries below a line, and perhaps a title that nobody can choose."""
    if not profiles:
        return []
    head = [f"LABEL {RUN}", f"  MENU LABEL {title}", "  MENU DISABLE", ""] if title else []
    return [
        "MENU SEPARATOR",
        "",
        *head,
        *(line for profile in profiles for line in _profile_entry(site, profile)),
    ]


def _submenu(tag: str, title: str, body: list[str]) -> list[str]:
    return [
        f"MENU BEGIN {tag}",
        f"MENU TITLE {shown(title)}",
        *body,
        f"LABEL back-{tag}",
        "  MENU LABEL ^Back",
        "  MENU EXIT",
        "MENU END",
        "",
    ]


def _profile_boot(site: Site, profile: Record, of_machine: t.Sequence[str] = ()) -> list[str]:
    distribution = site.plan["distributions"][profile["distribution"]]
    where = f"site_profiles.{profile['name']}"
    arguments = [
        *_arguments(site.profile_arguments(profile, distribution), where),
        *_arguments(profile["kernel_arguments"], f"{where}.kernel_arguments"),
        *of_machine,
    ]
    return _boot(site, distribution, arguments)


def _profile_entry(site: Site, profile: Record) -> list[str]:
    return [
        f"LABEL {profile['name']}",
        f"  MENU LABEL {shown(profile['label']) or profile['name']}",
        *(["  MENU DEFAULT"] if site.plan["menu"]["default"] == profile["name"] else []),
        *_password(site, profile["name"]),
        *_profile_boot(site, profile),
        "",
    ]


def _password(site: Site, profile: str) -> list[str]:
    """The entry's own password, else the menu's: an empty one is unlocked by the master password alone."""
    own = site.profile_hashes.get(profile)
    if own:
        return [f"  MENU PASSWD {check_hash(own, f'site_profiles.{profile}.menu_password_hash')}"]
    return ["  MENU PASSWD"] if site.menu_hash else []


def _boot(site: Site, distribution: Record, arguments: t.Sequence[str]) -> list[str]:
    kernel, initrds = kernel_files(site, distribution)
    return [
        f"  KERNEL {kernel}",
        f"  INITRD {','.join(initrds)}",
        *([f"  APPEND {' '.join(arguments)}"] if arguments else []),
        # BOOTIF=, by which installers find the network card that they were booted from.
        "  IPAPPEND 2",
    ]


def kernel_files(site: Site, distribution: Record) -> tuple[str, list[str]]:
    """Kernel and initrds as pxelinux names them: URLs, or for the plain chain copies in the folder."""
    where = f"site_distributions.{distribution['name']}"
    urls = _kernel_urls(site, distribution)
    if site.plain:
        copies = kernel_copies(site, distribution)
        if len(copies) < len(urls):
            raise PxeError(
                f"{where}: kernel and initrds need different file names, because they are copied into one folder"
            )
        urls = list(copies)
    found = [_file(name, where) for name in urls]
    for name in found:
        if "," in name:
            raise PxeError(
                f"{where}: '{name}' has a comma in it, which ends the name of an initrd for pxelinux"
            )
    return found[0], found[1:]


def _kernel_urls(site: Site, distribution: Record) -> list[str]:
    facts = site.media.get(distribution["name"]) or {}
    if not facts.get("kernel") or not facts.get("initrd"):
        raise PxeError(
            f"site_distributions.{distribution['name']}: its kernel and initrd are not known: run the role media first"
        )
    base = (facts.get("base_url") or distribution["tree_url"]).rstrip("/")
    paths = [facts["kernel"], *facts["initrd"]]
    return [path if "://" in path else f"{base}/{path.lstrip('/')}" for path in paths]


def kernel_copies(site: Site, distribution: Record) -> dict[str, str]:
    """For the plain chain, what must be copied from the install trees: path below trees/ by path in the folder.

    TFTP shows the folder alone: its server may be closed into it, so that no link leads out.
    """
    trees = f"{site.plan['urls']['trees']}/"
    found = {}
    for url in _kernel_urls(site, distribution):
        if not url.startswith(trees):
            raise PxeError(
                f"site_distributions.{distribution['name']}: {url} is not on this server, and pxelinux cannot load it"
                " by TFTP; write a path in the tree, or site_bios_loader: ipxe"
            )
        found[kernel_path(distribution["name"], url)] = url[len(trees) :]
    return found


def all_kernel_copies(site: Site) -> dict[str, str]:
    """Those of all distributions that a profile installs; none in the chain over HTTP."""
    if not site.plain:
        return {}
    names = dict.fromkeys(profile["distribution"] for profile in site.plan["profiles"].values())
    return {
        path: source
        for name in names
        for path, source in kernel_copies(site, site.plan["distributions"][name]).items()
    }


# Entries of the site's own


def _own_of_pxelinux(site: Site) -> list[Record]:
    return [entry for entry in site.plan["menu"].get("entries", []) if entry["pxelinux"]]


def _own_entries(site: Site) -> list[str]:
    password = ["  MENU PASSWD"] if site.menu_hash else []
    lines = []
    for entry in _own_of_pxelinux(site):
        lines += [
            f"LABEL {entry['name']}",
            f"  MENU LABEL {shown(entry['label']) or entry['name']}",
            *password,
            *_own_boot(site, entry),
            "",
        ]
    return ["MENU SEPARATOR", "", *lines] if lines else []


#: The directive that says what a file is, whatever its name.
_OWN_ACTIONS = {"kernel": "LINUX", "com32": "COM32", "config": "CONFIG", "chain": "PXE"}


def _own_boot(site: Site, entry: Record) -> list[str]:
    where = f"site_menu.entries.{entry['name']}"
    about = entry["pxelinux"]
    initrds = [_file(_name(site, path), f"{where}.initrd") for path in about["initrd"]]
    if any("," in name for name in initrds):
        raise PxeError(f"{where}.initrd: has a comma in it, which ends the name of an initrd for pxelinux")
    is_kernel = about["action"] == "kernel"
    append = _arguments(about["append"], f"{where}.append")
    return [
        f"  {_OWN_ACTIONS[about['action']]} {_file(_name(site, about['file']), where)}",
        *([f"  INITRD {','.join(initrds)}"] if initrds else []),
        *([f"  APPEND {' '.join(append)}"] if append else []),
        *(["  IPAPPEND 2"] if is_kernel else []),
    ]


def _name(site: Site, path: str) -> str:
    """How pxelinux loads a URL, or a path below boot/."""
    if "://" in path:
        scheme, _colon, rest = path.partition("://")
        if not site.plain:
            return path
        if scheme != "tftp":
            raise PxeError(
                f"{path}: pxelinux without iPXE loads by TFTP alone; write tftp://ADDRESS/PATH, or bring the file"
            )
        host, _slash, name = rest.partition("/")
        return f"{host}::{name}"
    if path.startswith(f"{FOLDER}/"):
        return path[len(FOLDER) + 1 :]
    # From the top of the TFTP server (doc/pxelinux.txt).
    return f"::{path}" if site.plain else f"{site.plan['urls']['boot']}/{path}"


# What starts the labels of offers. No profile's name begins so.
_OFFER = "-install-"


def offer_label(offer: Offer) -> str:
    return f"{_OFFER}{offer.name}"


def _asks_word(offer: Offer, site: Site) -> bool:
    """A password does instead of the word: an entry asks for one thing."""
    return offer.confirm == "word" and not _password(site, offer.name)


def _ask_word(site: Site) -> list[str]:
    """What the menu asks for; it shows the same words for passwords."""
    asked = any(_asks_word(offer, site) for offer in site.offers)
    return [f"MENU PASSPROMPT Password, or the word {offers_boot.WORD}"] if asked else []


def _offer_help(site: Site) -> str:
    """What the first help screen says besides."""
    if not site.offers:
        return ""
    lines = ["", "Entries that install without questions do so once on each machine."]
    if site.offers[0].default:
        lines += ["A machine that was not installed before takes", f"  {shown(site.offers[0].title)}"]
    return "\n".join([*lines, ""])


def _with_offered_default(site: Site) -> Site:
    """The site whose menu takes the offer by itself, if there is one."""
    default = next((offer_label(offer) for offer in site.offers if offer.default), None)
    menu = {**site.plan["menu"], **({"default": default} if default else {})}
    return replace(site, plan={**site.plan, "menu": menu})


def _offer_entries(site: Site) -> list[str]:
    """What installs without questions."""
    default = site.plan["menu"]["default"]
    lines = ["MENU SEPARATOR", ""] if site.offers else []
    for offer in site.offers:
        profile = site.plan["profiles"][offer.name]
        asks = [f"  MENU PASSWD {offers_boot.word_hash()}"] if _asks_word(offer, site) else []
        lines += [
            f"LABEL {offer_label(offer)}",
            f"  MENU LABEL {shown(offer.title)}",
            *(["  MENU DEFAULT"] if default == offer_label(offer) else []),
            *(_password(site, offer.name) or asks),
            *_profile_boot(site, profile, _arguments(offer.for_pxelinux(), f"arguments of {offer.name}")),
            "",
        ]
    return lines


def _tool_entries(site: Site) -> list[str]:
    menu = site.plan["menu"]
    lines: list[str] = []
    if menu.get("rescue", True):
        lines += _rescue_entries(site)
    brought = menu.get("memory_test_file")
    if (site.memory_test or brought) and menu.get("memory_test", True):
        lines += [
            f"LABEL {MEMORY_TEST}",
            "  MENU LABEL Test the ^memory",
            f"  KERNEL {_name(site, brought) if brought else MEMORY_TEST}",
            "  APPEND -",
            "",
        ]
    return ["MENU SEPARATOR", "", *lines] if lines else []


def _rescue_entries(site: Site) -> list[str]:
    """The rescue system of each distribution that is in the menu; several of them in a submenu."""
    entries: list[list[str]] = []
    password = ["  MENU PASSWD"] if site.menu_hash else []
    for name in dict.fromkeys(profile["distribution"] for profile in _in_menu(site)):
        distribution = site.plan["distributions"][name]
        arguments = site.rescue_arguments(distribution)
        if arguments is not None:
            words = _arguments(arguments, f"site_distributions.{name}")
            head = [f"LABEL rescue-{name}", f"  MENU LABEL Rescue system of {name}", *password]
            entries.append([*head, *_boot(site, distribution, words), ""])
    body = [line for entry in entries for line in entry]
    return _submenu("rescue", "Rescue an installed system", body) if len(entries) > 1 else body


# Machines


def machine_text(machine: Record, site: Site) -> str:
    """``pxelinux.cfg/01-<mac>``: boot the local disk, unless arming has put a file beside it that says otherwise.

    A machine whose profile is a live system boots that whenever it starts.

    :param machine: from the plan: ``{name, mac, address, profile}``.
    """
    live = site.live_arguments(machine)
    does = (
        "It boots its local disk, unless it is armed (playbook netinstall.pxe.install)."
        if live is None
        else "A live system: it boots that whenever it starts, and nothing is installed."
    )
    return _config(
        [
            f"Machine {machine['name']}: {machine['mac']}, {machine['address']}, profile {machine['profile']}.",
            does,
        ],
        [
            *_serial(site.plan["menu"]),
            *_straight(LOCAL if live is None else INSTALL),
            f"SAY This is {shown(machine['name'])} ({machine['mac']}, profile {machine['profile']})",
            f"LABEL {LOCAL}",
            f"  {site.local_boot}",
            *([] if live is None else _live_entry(site, machine, live)),
            # The later DEFAULT counts; a file that is not there is passed over.
            *([f"INCLUDE {armed_path(machine['mac'])}"] if site.plain and live is None else []),
        ],
    )


def _live_entry(site: Site, machine: Record, arguments: t.Sequence[str]) -> list[str]:
    profile = site.plan["profiles"][machine["profile"]]
    own = _arguments(arguments, f"kernel_arguments of {machine['name']}")
    return [f"LABEL {INSTALL}", *_profile_boot(site, profile, own)]


def profile_text(profile: Record, site: Site) -> str:
    """``profiles/<profile>.cfg``: kernel, initrd and the arguments that are the same for all machines."""
    return _config(
        [f"Profile {profile['name']}: {profile['label']}", "Arming makes the file of a machine from it."],
        [f"LABEL {INSTALL}", *_profile_boot(site, profile)],
    )


# Armed machines of the plain chain


#: The label of the armed installation.
INSTALL = "install"


def armed_text(profile: str, installation: Record) -> str:
    """``pxelinux.cfg/armed/01-<mac>``: one installation, until the file is removed.

    :param profile: what ``profile_text`` made of its profile.
    :param installation: ``{machine, mac, address, token, window, profile, disk, install_arguments}``. The URL of the
        answer file in its arguments is the release (``_arming.gated``).
    :raises PxeError: the profile's file is none, or pxelinux would misread what comes of it.

    pxelinux cannot ask the server whether it may install, as iPXE does: while the file is there it starts the
    installer, which gets its answers only if the server releases them. So the server removes the file of what was
    released or has expired, which it knows by the second line.
    """
    name, disk = shown(installation["machine"]), installation.get("disk")
    arguments = " ".join(_arguments(installation["install_arguments"], f"install_arguments of {name}"))
    says_card = any(word.startswith("BOOTIF=") for word in installation["install_arguments"])
    body = [line for line in profile.split("\n") if line.startswith(("LABEL ", "  "))]
    if not body or body[0] != f"LABEL {INSTALL}":
        raise PxeError(
            f"{name}: the boot file of its profile {installation['profile']} is damaged: run netinstall.pxe.site"
        )
    kept = [
        line for line in body if not line.startswith("  APPEND ") and not (says_card and "IPAPPEND" in line)
    ]
    static = " ".join(line[len("  APPEND ") :] for line in body if line.startswith("  APPEND "))
    return "\n".join(
        [
            f"{HEADER} (arming). It is removed when its installation was released.",
            f"# {installation['address']}/{installation['token']}/{installation['window']}",
            f"# {armed_of(installation)}, profile {installation['profile']}",
            f"SAY Installing {name} with profile {installation['profile']}",
            *([f"SAY ALL DATA ON {shown(disk)} WILL BE LOST"] if disk else []),
            f"DEFAULT {INSTALL}",
            *kept,
            f"  APPEND {' '.join(part for part in (static, arguments) if part)}",
            "",
        ]
    )


def armed_of(machine: Record) -> str:
    """How an armed file names its machine: ``{machine, mac, address}``."""
    return f"{shown(machine['machine'])} ({machine['mac'].lower()}, {machine['address']})"


def is_armed_of(text: str, machine: str) -> bool:
    """Whether an armed file is of this machine, in the words of ``armed_of``."""
    lines = text.split("\n")
    return len(lines) > 2 and lines[2].startswith(f"# {machine}, profile ")


def armed_until(text: str) -> int | None:
    """The end of an armed file's time, in Unix seconds; ``None`` if it says none."""
    match = re.match(r"[^\n]*\n# \S+/[0-9]{10}-([0-9]{10})\n", text)
    return int(match[1]) if match else None


def check_armed(text: str, name: str) -> list[str]:
    """Refuse an armed file that pxelinux would misread where a machine's own file includes it.

    :returns: the files that it needs, relative to the folder.
    """
    return check_config(f"ONERROR {LOCAL}\nLABEL {LOCAL}\n  LOCALBOOT 0\n{text}", name)


def _straight(label: str) -> list[str]:
    """No menu and no prompt, and nothing but the local disk when a file is missing."""
    return ["PROMPT 0", "NOESCAPE 1", "ALLOWOPTIONS 0", f"DEFAULT {label}", f"ONERROR {LOCAL}"]


# Pictures


#: What fits on the menu's screen.
PICTURE = (640, 480)


def picture_mistake(data: bytes) -> str | None:
    """Why the menu would not show a picture. It shows PNG and JPEG, the latter not progressive, none that is larger.

    :param data: at least the first 64 KiB of it.

    Source: ``com32/lib/sys/vesa/background.c``, ``com32/lib/jpeg/tinyjpeg.c``; PNG: RFC 2083, 4.1.1; JPEG: ITU T.81.
    """
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _size_mistake(*struct.unpack_from(">II", data.ljust(24, b"\0"), 16))
    if data.startswith(b"\xff\xd8"):
        frame = _jpeg_frame(data)
        if frame and frame[0] == 0xC0:
            return _size_mistake(*frame[1:])
        return "it is a JPEG picture of a kind that the menu cannot read: save it as baseline JPEG, or as PNG"
    return "it is no PNG and no JPEG picture"


def _size_mistake(width: int, height: int) -> str | None:
    if 0 < width <= PICTURE[0] and 0 < height <= PICTURE[1]:
        return None
    return f"it has {width}x{height} pixels: make it {PICTURE[0]}x{PICTURE[1]}"


def _jpeg_frame(data: bytes) -> tuple[int, int, int] | None:
    """Kind (0xC0: baseline), width and height, from the first frame header."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        kind, length = data[at + 1], struct.unpack_from(">H", data, at + 2)[0]
        # C4, C8 and CC are tables that lie among the frame headers.
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, at + 5)
            return kind, width, height
        at += 2 + length
    return None


# Checking


_FLAG = re.compile(r"[01]\Z")
_NUMBER = re.compile(r"-?(0x[0-9a-fA-F]+|[0-9]+)\Z")
_COLOUR = re.compile(r"(\*|#([0-9a-fA-F]{6}|[0-9a-fA-F]{8}))\Z")
_ANSI = re.compile(r"(\*|[0-9]+(;[0-9]+)*)\Z")
_TEMPLATE = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
#: Directives outside of menus, with the kind of what follows: files are looked for, labels must be there.
_DIRECTIVES = {
    "default": "label",
    "ontimeout": "label",
    "onerror": "label",
    "ui": "file",
    "display": "file",
    "include": "optional file",
    "prompt": "flag",
    "noescape": "flag",
    "allowoptions": "flag",
    "implicit": "flag",
    "nohalt": "flag",
    "timeout": "number",
    "totaltimeout": "number",
    "serial": "numbers",
    "say": "text",
    "label": "new label",
    **{key.lower(): "help" for key in HELP_KEYS},
}
#: Directives that say what a LABEL does, of which it needs one, and others that belong to a LABEL.
_ACTIONS = {
    **dict.fromkeys(("kernel", "linux", "com32", "pxe", "config", "boot", "bss", "fdimage"), "file"),
    "localboot": "number",
}
_DETAILS = {"initrd": "files", "append": "text", "ipappend": "number", "sysappend": "number"}
_MENU = {
    "title": "text",
    "background": "background",
    "color": "colour",
    "tabmsg": "text",
    "notabmsg": "text",
    "passprompt": "text",
    "onerror": "label",
    "master": "password",
    "begin": "begin",
    "end": "end",
    "separator": "nothing",
    "margin": "number",
    "rows": "number",
}
_MENU_DETAILS = {
    "label": "text",
    "default": "nothing",
    "hide": "nothing",
    "indent": "number",
    "passwd": "password or nothing",
    "exit": "action",
    "disable": "title",
}
#: The version from which on pxelinux knows it (syslinux NEWS).
_SINCE = {"ui": (3, 74), "initrd": (3, 71), "sysappend": (5, 10), "localboot -1": (4, 0)}


def check_config(text: str, name: str, version: Version = (6, 4)) -> list[str]:
    """Refuse a configuration that pxelinux would not take as it was meant.

    :param name: the file's name, for the message.
    :returns: the files that must be in pxelinux's folder for it; URLs are not among them.
    :raises PxeError: ``<name>:<line>: <what is wrong>``.
    """
    if not text.endswith("\n"):
        raise PxeError(f"{name}: the last line does not end: was the file cut off?")
    lines = text[:-1].split("\n")
    for number, line in enumerate(lines, 1):
        mistake = _characters(line)
        if mistake:
            raise PxeError(f"{name}:{number}: {mistake}")
    found = _check_lines(tuple("" if line.startswith(_SAID) else line for line in lines), version)
    if found.mistake:
        raise PxeError(f"{name}:{found.line}: {found.mistake}" if found.line else f"{name}: {found.mistake}")
    return list(found.files)


# What the menu itself says, and a part of it must not.
_NOT_IN_A_FRAGMENT = frozenset(
    (
        *(
            "default",
            "ontimeout",
            "onerror",
            "ui",
            "display",
            "include",
            "prompt",
            "noescape",
            "allowoptions",
        ),
        *("implicit", "timeout", "totaltimeout", "serial", "menu default", "menu master", "menu onerror"),
        *("menu background", *(key.lower() for key in HELP_KEYS)),
    )
)


def check_fragment(
    text: str, name: str, version: Version, taken: t.Iterable[str], locked: bool = False
) -> tuple[list[str], list[str]]:
    """Refuse a part of a menu that would change what the rest of it says.

    :param taken: the labels that the menu has already.
    :param locked: whether the menu has a password, which each entry must ask for then.
    :returns: the labels of the part, and the files that must be in pxelinux's folder for it.
    :raises PxeError: ``<name>:<line>: <what is wrong>``.
    """
    checker = _Checker(version)
    checker.labels = dict.fromkeys(taken, 0)
    known = set(checker.labels)
    for number, line in _lines_of_fragment(text):
        mistake = _characters(line) or _not_in_a_fragment(line) or checker.line(line, number)
        if mistake:
            raise PxeError(f"{name}:{number}: {mistake}")
    for number, mistake in checker.at_the_end():
        raise PxeError(f"{name}:{number}: {mistake}" if number else f"{name}: {mistake}")
    labels = [label for label in checker.labels if label not in known]
    if locked:
        _refuse_unlocked(text, name)
    return labels, [file for file in dict.fromkeys(checker.files) if "://" not in file]


def labels_of(text: str) -> list[str]:
    """The labels of a configuration of ours."""
    return re.findall(r"(?m)^LABEL (\S+)$", text)


def _lines_of_fragment(text: str) -> t.Iterator[tuple[int, str]]:
    """Numbered lines, without the texts that a menu shows about an entry."""
    in_text = False
    for number, line in enumerate(text.expandtabs().splitlines(), 1):
        words = [word.lower() for word in line.split()]
        if words[:1] == ["endtext"]:
            in_text = False
        elif words[:2] == ["text", "help"]:
            in_text = True
        elif not in_text:
            yield number, line


def _not_in_a_fragment(line: str) -> str | None:
    words = [word.lower() for word in line.split()[:2]]
    for directive in (" ".join(words[:1]), " ".join(words)):
        if directive in _NOT_IN_A_FRAGMENT:
            return f"{directive.upper()} is for the whole menu: say it in site_menu, not in a part"
    return None


def _refuse_unlocked(text: str, name: str) -> None:
    for section in re.split(r"(?im)^\s*label\s", text)[1:]:
        if not re.search(r"(?im)^\s*menu\s+(passwd|exit|disable)\b", section):
            label = section.split()[0] if section.split() else ""
            raise PxeError(
                f"{name}: LABEL {label} asks for no password, but site_menu.password_hash is set; write MENU PASSWD"
                " below it"
            )


class _Found(t.NamedTuple):
    """The first mistake, and in which line (0: none in particular); else the files that must be there."""

    line: int = 0
    mistake: str | None = None
    files: tuple[str, ...] = ()


# What is only for people: the configurations of thousands of machines differ in nothing else.
_SAID = ("#", "SAY This is ")


@functools.lru_cache(maxsize=64)
def _check_lines(lines: tuple[str, ...], version: Version) -> _Found:
    checker = _Checker(version)
    for number, line in enumerate(lines, 1):
        mistake = checker.line(line, number)
        if mistake:
            return _Found(number, mistake)
    for number, mistake in checker.at_the_end():
        return _Found(number, mistake)
    return _Found(files=tuple(file for file in dict.fromkeys(checker.files) if "://" not in file))


class _Checker:
    """Goes through a configuration line by line."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self.files: list[str] = []
        self.labels: dict[str, int] = {}
        self.jumps: list[tuple[str, int]] = []
        #: The submenus that are open, by the line of their beginning.
        self.open: list[int] = []
        #: The label of this section, where it began, and what it does.
        self.section: tuple[str, int] | None = None
        self.action = ""
        self.lengths = {"kernel": 0, "initrd": 0, "append": 0}

    def line(self, line: str, number: int) -> str | None:
        words = line.split()
        if not words or line.startswith("#"):
            return None
        if words[0].lower() == "menu":
            return self.menu(words[1:], number)
        return self.directive(words[0], words[1:], number)

    def directive(self, word: str, values: list[str], number: int) -> str | None:
        key = word.lower()
        if key in _DIRECTIVES:
            return self.value(key, _DIRECTIVES[key], values, number)
        kind = _ACTIONS.get(key) or _DETAILS.get(key)
        if not kind:
            return f"'{word}' is no directive that this checker knows; pxelinux would pass over it silently"
        if self.section is None:
            return f"{word} belongs to a LABEL, and there is none before it"
        if key in _ACTIONS:
            if self.action:
                return f"{word}: this LABEL says {self.action.upper()} already"
            self.action = key
        return self.value(key, kind, values, number) or self.too_long(key, values)

    def menu(self, words: list[str], number: int) -> str | None:
        key = words[0].lower() if words else ""
        if key in _MENU:
            values = words[1:]
            if key == "master":
                values = values[1:] if values[:1] and values[0].lower() == "passwd" else []
            if key in ("begin", "end", "separator"):
                mistake = self.end_section(number)
                if mistake:
                    return mistake
            return self.value(f"menu {key}", _MENU[key], values, number)
        if key not in _MENU_DETAILS:
            return f"'MENU {key.upper()}' is no directive that this checker knows"
        if self.section is None:
            return f"MENU {key.upper()} belongs to a LABEL, and there is none before it"
        return self.value(f"menu {key}", _MENU_DETAILS[key], words[1:], number)

    def value(self, key: str, kind: str, values: list[str], number: int) -> str | None:
        """What is wrong with what follows a directive."""
        since = _SINCE.get(" ".join([key, *values[:1]]) if key == "localboot" else key)
        if since and self.version < since:
            return f"{key.upper()} {' '.join(values)}: pxelinux {_dotted(self.version)} does not know this"
        check = getattr(self, "_" + kind.replace(" ", "_"))
        mistake: str | None = check(values, number)
        return f"{key.upper()}: {mistake}" if mistake else None

    def too_long(self, key: str, values: list[str]) -> str | None:
        """pxelinux cuts a command line silently. It adds BOOT_IMAGE=, initrd= and BOOTIF=."""
        if key in self.lengths:
            self.lengths[key] = len(" ".join(values))
        if (
            sum(self.lengths.values()) + len("BOOT_IMAGE= initrd= BOOTIF=01-00-11-22-33-44-55 ")
            > MAX_COMMAND_LINE
        ):
            return f"the kernel's command line becomes longer than {MAX_COMMAND_LINE} characters"
        return None

    def end_section(self, _number: int) -> str | None:
        section, action = self.section, self.action
        self.section, self.action = None, ""
        self.lengths = dict.fromkeys(self.lengths, 0)
        if section and not action:
            return (
                f"LABEL {section[0]} (line {section[1]}) says nothing to do: KERNEL or LOCALBOOT is missing"
            )
        return None

    def at_the_end(self) -> t.Iterator[tuple[int, str]]:
        mistake = self.end_section(0)
        if mistake:
            yield 0, mistake
        for number in self.open:
            yield number, "MENU BEGIN without its MENU END"
        for label, number in self.jumps:
            if label not in self.labels:
                yield number, f"there is no LABEL {label}"

    # One function a kind of value

    def _new_label(self, values: list[str], number: int) -> str | None:
        mistake = self.end_section(number)
        if mistake or len(values) != 1:
            return mistake or "write one word"
        if values[0] in self.labels:
            return f"{values[0]} is there twice; pxelinux would take the first one"
        self.labels[values[0]] = number
        self.section = (values[0], number)
        return None

    def _label(self, values: list[str], number: int) -> str | None:
        if len(values) != 1:
            return "write one label"
        self.jumps.append((values[0], number))
        return None

    def _file(self, values: list[str], _number: int) -> str | None:
        if len(values) != 1:
            return "write one file name without blanks"
        return self._names(values)

    def _background(self, values: list[str], number: int) -> str | None:
        return None if len(values) == 1 and _COLOUR.match(values[0]) else self._file(values, number)

    def _files(self, values: list[str], _number: int) -> str | None:
        return self._names(values[0].split(",")) if len(values) == 1 else "write file names joined by commas"

    def _help(self, values: list[str], _number: int) -> str | None:
        return self._names(values) if len(values) in (1, 2) else "write a file and perhaps a picture"

    def _optional_file(self, values: list[str], _number: int) -> str | None:
        return _bad_name(values[0]) if len(values) == 1 else "write one file name without blanks"

    def _names(self, names: list[str]) -> str | None:
        self.files += names
        return next((mistake for mistake in map(_bad_name, names) if mistake), None)

    @staticmethod
    def _flag(values: list[str], _number: int) -> str | None:
        return None if len(values) == 1 and _FLAG.match(values[0]) else "write 0 or 1"

    @staticmethod
    def _number(values: list[str], _number: int) -> str | None:
        return None if len(values) == 1 and _NUMBER.match(values[0]) else "write a number"

    @staticmethod
    def _numbers(values: list[str], _number: int) -> str | None:
        fits = 1 <= len(values) <= 3 and all(_NUMBER.match(value) for value in values)
        return None if fits else "write port, speed and flow control as numbers"

    @staticmethod
    def _text(values: list[str], _number: int) -> str | None:
        return None if values else "its text is missing"

    @staticmethod
    def _nothing(values: list[str], _number: int) -> str | None:
        return "nothing may follow" if values else None

    @staticmethod
    def _password(values: list[str], _number: int) -> str | None:
        return (
            None if len(values) == 1 and _HASH.match(values[0]) else "what follows is no hash of a password"
        )

    def _password_or_nothing(self, values: list[str], number: int) -> str | None:
        return self._password(values, number) if values else None

    @staticmethod
    def _colour(values: list[str], _number: int) -> str | None:
        if not values or values[0] not in COLOUR_ELEMENTS:
            return f"write one of {', '.join(COLOUR_ELEMENTS)}"
        text_mode, colours, shadow = values[1:2], values[2:4], values[4:]
        fits = (
            all(_ANSI.match(value) for value in text_mode)
            and all(_COLOUR.match(colour) for colour in colours)
            and shadow in ([], ["none"], ["std"], ["all"], ["rev"])
        )
        return None if text_mode and fits else "write colours such as #ffffffff (opacity, red, green, blue)"

    def _begin(self, values: list[str], number: int) -> str | None:
        self.open.append(number)
        return None if len(values) == 1 else "write one word as its name"

    def _end(self, values: list[str], number: int) -> str | None:
        if not self.open:
            return "there is no MENU BEGIN before it"
        self.open.pop()
        return self._nothing(values, number)

    def _action(self, values: list[str], number: int) -> str | None:
        if not self.open:
            return "it leaves a submenu, and this is none"
        self.action = "menu exit"
        return self._nothing(values, number)

    def _title(self, values: list[str], number: int) -> str | None:
        """A LABEL that nobody can choose needs nothing to do."""
        self.action = "menu disable"
        return self._nothing(values, number)


@functools.lru_cache(maxsize=1024)
def _characters(line: str) -> str | None:
    if not line.isascii() or not line.isprintable():
        return "characters that the screen of a BIOS has not: only ASCII, and no tabs"
    if _TEMPLATE.search(line):
        return "a template was not expanded"
    if "${" in line:
        return "'${' is a setting of iPXE's, which pxelinux does not know"
    return None


def _bad_name(name: str) -> str | None:
    if len(name) > MAX_NAME:
        return f"'{name}' is longer than {MAX_NAME} characters"
    if not name or name.startswith("/") or ".." in name.split("/"):
        return f"'{name}' is no file below pxelinux's folder: write a relative path without '..', or a URL"
    return None
