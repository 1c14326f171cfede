# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""iPXE scripts: rendering and checking.

The scripts run on iPXE 1.0.0+git2019 (Debian 12), 1.21.1 and 2.0.0, so they use only what all of these have. They
hold to four rules:

* No installer is started unless the server released the installation, which is asked for when kernel and initrd are
  loaded, right before they are started. Every other ending is the local disk or a message that waits.
* Scripts replace each other (``chain --replace``): only so does the status of the last one, the ``exit 1`` that UEFI
  firmware takes as "try the next device", reach the firmware.
* Every command that may fail says what follows (``||``): a script that just ends leaves the machine in its
  firmware's setup.
* They wait only after a failure, and they say on the screen what happened and what to do.

The language has no quoting (iPXE ``src/core/exec.c``, ``src/image/script.c``): words are separated by blanks, a word
that starts with ``#`` begins a comment, ``||`` ``&&`` ``;`` are operators when they stand alone, a ``\\`` at the end
of a line joins the next one, and ``${name}`` is replaced by a setting anywhere in a word.
"""

from __future__ import annotations

import functools
import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._boot import offers_boot, pxelinux
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.offers_boot import Offer
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import installs
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import BOOT_CARD
from ansible_collections.netinstall.pxe.plugins.module_utils._firmware import FIRST_SECTOR, PLATFORMS
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.servers import urls_of
from ansible_collections.netinstall.pxe.plugins.module_utils._text.menus import CONFIGS, FOLDER, MENU_LOCK

# The second line of each script starts so; a file without it is not ours.
HEADER = "#!ipxe\n# Written by netinstall.pxe"
# Bytes. The kernel's own limit for its command line (COMMAND_LINE_SIZE on x86) is the lowest one in the chain.
MAX_LINE = 2048
# Name under which the role publishes the picture of site_menu.splash.
SPLASH = "menu.png"
#: Name under which the role publishes memtest86+ for UEFI, and the firmware that can start it.
MEMORY_TEST = "memtest.efi"
_UEFI_X64 = "${platform}/${buildarch} efi/x86_64"
_ALONE = ("local.ipxe", "menu.ipxe", "boot.ipxe")
# Milliseconds without progress after which a fetch is given up; iPXE itself would wait for minutes.
_TIMEOUT = 20000
_TRIES = 5
_PAUSE = 3
_HOLD_PAUSE = 30

_FETCH = f"chain --replace --autofree --timeout {_TIMEOUT}"
# A setting that nobody sets: replaced by nothing, but only after iPXE has looked for comments and operators.
_NOTHING = "${_}"
# Drive 0x80 is the first disk. UEFI: a failure status makes the firmware try its next boot entry, success would
# open its setup.
_LOCAL_BOOT = [
    *(
        f"iseq ${{platform}} {platform.ipxe} && sanboot --no-describe --drive 0x80 ||"
        for platform in PLATFORMS.values()
        if platform.local_disk == FIRST_SECTOR
    ),
    "exit 1",
]
# Nothing of an armed installation is left for a kernel that is started otherwise.
_NOT_ARMED = ["clear install_arguments ||", "clear release ||"]
_NO_KERNEL = [
    "echo On the server: is the distribution's tree mounted?  In Ansible: run the site playbook.",
    "echo Booting the local disk",
    *_LOCAL_BOOT,
]


# Values put into scripts


def text(value: str, where: str) -> str:
    """Words for the screen or a comment, made harmless. ``where`` is the address for the error message.

    :raises PxeError: it holds ``${``, which iPXE would replace, or control characters.
    """
    if "${" in value:
        raise PxeError(
            f"{where}: '{value}' holds '${{', which iPXE would replace by a setting: write it differently"
        )
    if not value.replace("\t", " ").isprintable():
        raise PxeError(
            f"{where}: {value!r} holds line breaks or control characters: write one line of plain text"
        )
    words = [f"{_NOTHING}{item}" if _is_special(item) else item for item in value.split()]
    return " ".join(words).rstrip("\\")


def _is_special(item: str) -> bool:
    return item[0] in "#;" or "||" in item or "&&" in item


def word(value: str, where: str) -> str:
    """One word of a command: a URL, a kernel argument. Settings (``${netX/mac}``) may be used in it.

    :raises PxeError: iPXE would not take it as one word.
    """
    if not value or not value.isprintable() or any(char.isspace() for char in value):
        raise PxeError(
            f"{where}: {value!r} is not one word: iPXE knows no quotes, so blanks cannot be passed on"
        )
    if value[0] == "#" or value in ("||", "&&", ";") or value.endswith("\\"):
        raise PxeError(f"{where}: iPXE would not take '{value}' literally: it is part of its own language")
    return value


def _words(values: t.Iterable[str], where: str) -> str:
    said = (pxelinux.IPXE_BOOT_CARD if value == BOOT_CARD else value for value in values)
    return " ".join(word(value, f"{where}[{number}]") for number, value in enumerate(said))


def _url(base: str, *parts: str) -> str:
    url = "/".join([base.rstrip("/"), *parts])
    if not re.match(r"(?:https?|ftp|tftp)://\S", url):
        raise PxeError(f"'{url}' is no URL that iPXE can fetch: write http://ADDRESS/…")
    return word(url, url)


def _script(made_by: str, about: t.Iterable[str], body: t.Iterable[str]) -> str:
    head = [f"{HEADER} ({made_by}). Do not edit: the next run replaces it."]
    # In a comment nothing is special but its end.
    comments = ("# " + "".join(char for char in line if char.isprintable()).rstrip("\\") for line in about)
    return "\n".join([*head, *comments, "", *body, ""])


def _retry(label: str, message: str, tries: int = _TRIES, pause: int = _PAUSE) -> list[str]:
    """Go to ``label`` again, at most ``tries`` times in all, then go on after these lines."""
    return [
        "inc attempt",
        f"iseq ${{attempt:int32}} {tries} && goto give_up ||",
        f"echo {message} (try ${{attempt:int32}} of {tries}). Next try in {pause} seconds.",
        f"sleep {pause} ||",
        f"goto {label}",
        "",
        ":give_up",
    ]


# All files below boot/


class Arguments(t.NamedTuple):
    """What the families say: kernel arguments."""

    #: For (profile, distribution).
    profile: t.Callable[[dict[str, t.Any], dict[str, t.Any]], t.Sequence[str]]
    #: Of a distribution's rescue system; None if it has none.
    rescue: t.Callable[[dict[str, t.Any]], t.Sequence[str] | None]
    #: Of a machine that runs a live system; None if it installs one.
    live: t.Callable[[dict[str, t.Any]], t.Sequence[str] | None]


def boot_files(
    plan: dict[str, t.Any],
    media: dict[str, dict[str, t.Any]],
    arguments: Arguments,
    memory_test: bool = False,
    offers: t.Sequence[Offer] = (),
) -> dict[str, str]:
    """Every boot file of a site, checked, by path; what others refer to comes first.

    :param plan: ``{urls, servers, menu, profiles, distributions, machines}`` of the plan, as one web server has it. A
        machine's own script leads to the machine's own web server, wherever it got it from.
    :param media: per distribution ``{kernel: path or URL, initrd: [paths or URLs], base_url}``; paths are relative to
        ``base_url``, by default the distribution's ``tree_url``.
    :param memory_test: whether ``MEMORY_TEST`` is published.
    :param offers: what this web server installs on machines that nobody described.
    :raises PxeError: names the item, or the file and line.
    """
    boot, profiles, menu = plan["urls"]["boot"], plan["profiles"], plan["menu"]
    files = {profile_path(name): _profile(name, plan, media, arguments.profile) for name in profiles}
    in_menu = [profile for profile in profiles.values() if profile.get("in_menu", True)]
    rescues = _rescues(plan, in_menu, media, arguments.rescue) if menu.get("rescue", True) else {}
    files.update((rescue_path(name), script) for name, script in rescues.items())
    for entry in own_entries(menu):
        files[entry_path(entry["name"])] = entry_script(boot, entry)
    files["local.ipxe"] = local_script()
    with_test = memory_test and menu.get("memory_test", True)
    files.update((offer_path(offer.name), offer_script(offer, boot)) for offer in offers)
    files["menu.ipxe"] = menu_script(boot, menu, in_menu, list(rescues), with_test, offers)
    for machine in plan["machines"]:
        files[machine_path(machine["mac"])] = machine_script(
            machine, urls_of(plan, machine), arguments.live(machine)
        )
    files["boot.ipxe"] = boot_script(boot)
    for path, script in files.items():
        check_script(script, path)
    return files


def profile_path(name: str) -> str:
    return f"profiles/{name}.ipxe"


def rescue_path(distribution: str) -> str:
    return f"rescue/{distribution}.ipxe"


def entry_path(name: str) -> str:
    """Of an entry of the site's own."""
    return f"entries/{name}.ipxe"


def offer_path(profile: str) -> str:
    return f"offers/{profile}.ipxe"


def machine_path(mac: str) -> str:
    """As iPXE writes ``${netX/mac:hexhyp}``."""
    return f"machines/{mac.lower().replace(':', '-')}.ipxe"


def may_be_stale(path: str) -> bool:
    """Whether a file below boot/ belongs to a profile, a distribution or a machine, by its name."""
    folders = ("profiles/", "rescue/", "entries/", "machines/", "offers/")
    return path.startswith(folders) and path.endswith(".ipxe")


def may_be_ours(path: str) -> bool:
    """Whether a file below boot/ could be one of ours, by its name."""
    return may_be_stale(path) or path in _ALONE


def is_ours(path: str, start: bytes) -> bool:
    """Whether we wrote a file below boot/ that begins with ``start``."""
    return may_be_ours(path) and start.startswith(HEADER.encode())


def _profile(
    name: str,
    plan: dict[str, t.Any],
    media: dict[str, dict[str, t.Any]],
    profile_arguments: t.Callable[[dict[str, t.Any], dict[str, t.Any]], t.Sequence[str]],
) -> str:
    profile = plan["profiles"][name]
    distribution = plan["distributions"][profile["distribution"]]
    kernel, *initrds = _kernel_urls(distribution, media)
    return profile_script(profile, kernel, initrds, profile_arguments(profile, distribution))


def _rescues(
    plan: dict[str, t.Any],
    profiles: t.Iterable[dict[str, t.Any]],
    media: dict[str, dict[str, t.Any]],
    rescue_arguments: t.Callable[[dict[str, t.Any]], t.Sequence[str] | None],
) -> dict[str, str]:
    """The scripts of the rescue systems of these profiles' distributions, where they have one."""
    found = {}
    for name in dict.fromkeys(profile["distribution"] for profile in profiles):
        distribution = plan["distributions"][name]
        arguments = rescue_arguments(distribution)
        if arguments is not None:
            kernel, *initrds = _kernel_urls(distribution, media)
            found[name] = rescue_script(name, kernel, initrds, arguments)
    return found


def _kernel_urls(distribution: dict[str, t.Any], media: dict[str, dict[str, t.Any]]) -> list[str]:
    """Kernel, then initrds."""
    facts = media.get(distribution["name"]) or {}
    if not facts.get("kernel") or not facts.get("initrd"):
        raise PxeError(
            f"site_distributions.{distribution['name']}: its kernel and initrd are not known: run the role media first"
        )
    base = facts.get("base_url") or distribution["tree_url"]
    paths = [facts["kernel"], *facts["initrd"]]
    return [path if "://" in path else _url(base, path.lstrip("/")) for path in paths]


# Files below boot/


def boot_script(boot_url: str) -> str:
    """``boot.ipxe``: where every iPXE starts."""
    return _script(
        "boot_files",
        [
            "The entry of the boot chain: every machine comes here first.",
            "A machine of the site goes on with machines/ITS-MAC.ipxe, any other one with menu.ipxe.",
        ],
        [
            f"echo netinstall.pxe: ${{netX/mac}} has address ${{netX/ip}} and asks {_url(boot_url)}",
            "set attempt:int32 0",
            ":try",
            f"{_FETCH} {_url(boot_url, 'machines', '${netX/mac:hexhyp}.ipxe')} ||",
            "# No such file: not a machine of the site.",
            f"{_FETCH} {_url(boot_url, 'menu.ipxe')} ||",
            *_retry("try", "The server does not hand out its boot files"),
            f"echo The server at {_url(boot_url)} hands out no boot files. Nothing was changed on this machine.",
            "echo On the server: is nginx running, is the firewall open for HTTP?  In Ansible: run the site playbook.",
            "echo Booting the local disk",
            *_LOCAL_BOOT,
        ],
    )


def local_script() -> str:
    """``local.ipxe``: boot the local disk."""
    return _script(
        "boot_files",
        [
            "Boots the local disk: BIOS from its first disk, or else its next boot device.",
            "UEFI firmware takes the failure status for 'try the next boot entry'.",
        ],
        ["echo Booting the local disk", *_LOCAL_BOOT],
    )


def menu_script(
    boot_url: str,
    menu: dict[str, t.Any],
    profiles: t.Sequence[dict[str, t.Any]],
    rescues: t.Sequence[str] = (),
    memory_test: bool = False,
    offers: t.Sequence[Offer] = (),
) -> str:
    """``menu.ipxe``: for machines that the site does not know.

    :param menu: ``{title, timeout (seconds; 0 waits for ever), default: local or a profile, splash, bios: pxelinux or
        ipxe, password, local, entries}``.
    :param profiles: the plan's profiles that are in the menu: ``{name, label, family, menu_password}``.
    :param rescues: distributions that have a rescue system.
    :param memory_test: whether there is one for UEFI.
    :param offers: what installs without questions.
    """
    live = [profile for profile in profiles if not installs(profile)]
    locks = {**_locks(menu, profiles, rescues), **_offer_locks(menu, offers)}
    default = menu["default"]
    first = "local.ipxe" if default == "local" else profile_path(default)
    return _script(
        "boot_files",
        ["The menu for machines that the site does not know. The default is taken when nobody chooses."],
        [
            *_ask_for_offer(offers, first),
            *(_bios_menu(boot_url, offers) if menu.get("bios") == "pxelinux" else []),
            ":menu",
            "# A profile started from here gets no answer file: its installer asks.",
            *_NOT_ARMED,
            *_splash(boot_url, menu.get("splash")),
            f"menu {text(menu['title'], 'site_menu.title')}",
            "item --gap -- This machine is not described: ${netX/mac} ${netX/ip} ${manufacturer} ${product}",
            *_with_local_item(
                menu,
                [
                    *_items("Install", [profile for profile in profiles if profile not in live]),
                    *_offer_items(offers),
                    *_items("Run", live),
                    *_own_items(menu),
                    "item --gap -- Repair",
                    *(f"item {rescue_path(name)} Rescue system of {name}" for name in rescues),
                    *([f"iseq {_UEFI_X64} && item {MEMORY_TEST} Test the memory ||"] if memory_test else []),
                    *(["item shell iPXE shell"] if _has_shell(menu, profiles, offers) else []),
                ],
            ),
            f"choose --default {'${first}' if _is_default(offers) else first}"
            f" --timeout {round(menu['timeout'] * 1000)} target || goto local",
            *(
                f"iseq ${{target}} {target} && set lock {lock} && goto locked ||"
                for target, lock in locks.items()
            ),
            "",
            *([":unlocked"] if locks else []),
            "iseq ${target} shell && goto shell ||",
            f"{_FETCH} {_url(boot_url, '${target}')} ||",
            "echo The server does not hand out ${target}. Nothing was changed on this machine.",
            "",
            ":local",
            "echo Booting the local disk",
            *_LOCAL_BOOT,
            "",
            ":shell",
            f"echo Leave the shell with: chain {_url(boot_url, 'boot.ipxe')}",
            "shell ||",
            "goto local",
            *(_ask_password(boot_url) if locks else []),
        ],
    )


def _items(title: str, profiles: t.Sequence[dict[str, t.Any]]) -> list[str]:
    items = [f"item {profile_path(p['name'])} {text(p['label'], _label_address(p))}" for p in profiles]
    return [f"item --gap -- {title}", *items] if items else []


def own_entries(menu: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    """Entries of the site's own that iPXE can start."""
    return [entry for entry in menu.get("entries", []) if entry["ipxe"]]


def _own_items(menu: dict[str, t.Any]) -> list[str]:
    items = []
    for entry in own_entries(menu):
        item = f"item {entry_path(entry['name'])} {text(entry['label'], _entry_address(entry) + '.label')}"
        platform = _platform(entry["ipxe"])
        items.append(f"iseq ${{platform}} {platform} && {item} ||" if platform else item)
    return ["item --gap -- More", *items] if items else []


def _entry_address(entry: dict[str, t.Any]) -> str:
    return f"site_menu.entries.{entry['name']}"


def _platform(about: dict[str, t.Any]) -> str:
    """The firmware that another loader is for, by its name; empty for what both start."""
    if about["action"] != "chain":
        return ""
    return PLATFORMS["uefi" if about["file"].lower().endswith(".efi") else "bios"].ipxe


def _with_local_item(menu: dict[str, t.Any], items: list[str]) -> list[str]:
    """The other items with that of the local disk among them."""
    local = menu.get("local") or {}
    item = f"item local.ipxe {text(local.get('text') or 'Boot the local disk', 'site_menu.local.text')}"
    position = local.get("position") or "first"
    if position == "last":
        return [*items, item]
    at = 0
    if position.startswith("after:"):
        name = position[len("after:") :]
        targets = (f"item {profile_path(name)} ", f"item {entry_path(name)} ")
        found = [number for number, line in enumerate(items) if any(target in line for target in targets)]
        # What iPXE's menu does not have is in pxelinux's.
        at = found[0] + 1 if found else 0
    return [*items[:at], item, *items[at:]]


def _locks(
    menu: dict[str, t.Any], profiles: t.Iterable[dict[str, t.Any]], rescues: t.Iterable[str]
) -> dict[str, str]:
    """What asks for a password: items, and the name under which the web server knows the password.

    As in pxelinux's menu: the menu's password is asked for all but the local disk and the memory test, unless a
    profile has its own.
    """
    own = [entry_path(entry["name"]) for entry in own_entries(menu)]
    others = [*own, *(rescue_path(name) for name in rescues), "shell"] if menu.get("password") else []
    locks = dict.fromkeys(others, MENU_LOCK)
    for profile in profiles:
        if profile.get("menu_password"):
            locks[profile_path(profile["name"])] = profile["name"]
        elif menu.get("password"):
            locks[profile_path(profile["name"])] = MENU_LOCK
    return locks


def _has_shell(
    menu: dict[str, t.Any], profiles: t.Iterable[dict[str, t.Any]], offers: t.Iterable[Offer] = ()
) -> bool:
    """Where only some profiles have a password, the shell would be the way around it."""
    locked = [profile.get("menu_password") for profile in profiles] + [offer.locked for offer in offers]
    return bool(menu.get("password")) or not any(locked)


def _ask_password(boot_url: str) -> list[str]:
    """iPXE cannot compare a password with its hash, so the web server is asked: below locked/ it wants one.

    What it hands out there does not matter, only whether it does; a wrong password is 401 or 403.
    """
    scheme, _colon, rest = _url(boot_url[: -len("/boot")], "locked", "${lock}").partition("://")
    return [
        "",
        ":locked",
        "# The name is filled in. The menu's own password, under the name menu, opens everything.",
        "set username ${lock}",
        "clear password ||",
        "login || goto menu",
        f"imgfetch --name lock --timeout {_TIMEOUT} "
        f"{scheme}://${{username:uristring}}:${{password:uristring}}@{rest} && goto right ||",
        "clear password ||",
        "echo That password does not open ${target}, or the server cannot be reached.",
        f"sleep {_PAUSE} ||",
        "goto menu",
        "",
        ":right",
        "clear password ||",
        "imgfree lock ||",
        "goto unlocked",
    ]


def _bios_menu(boot_url: str, offers: t.Sequence[Offer] = ()) -> list[str]:
    """On BIOS machines, pxelinux's menu over HTTP. Options 209 and 210 tell it its configuration and its folder.

    A configuration by MAC address, which somebody may have put there, comes before the menu for all. Without 210
    pxelinux would take the folder of the script that DHCP named.
    """
    folder = _url(boot_url, FOLDER)
    own = f"{CONFIGS}/01-${{netX/mac:hexhyp}}"
    return [
        f"iseq ${{platform}} {PLATFORMS['bios'].ipxe} || goto menu",
        f"set 209:string {pxelinux.DEFAULT}",
        *(
            [f"iseq ${{first}} {offer_path(offers[0].name)} && set 209:string {pxelinux.OFFERED} ||"]
            if _is_default(offers)
            else []
        ),
        f"imgfetch --name own --timeout {_TIMEOUT} {folder}/{own} && imgfree own && set 209:string {own} ||",
        "echo Loading the menu (a failed request above is normal)",
        f"set 210:string {folder}/",
        f"chain --autofree --timeout {_TIMEOUT} {folder}/pxelinux.0 ||",
        "echo The menu of pxelinux cannot be loaded. This is the one of iPXE.",
        "",
    ]


# Offers: installations without questions of machines that nobody described


def _is_default(offers: t.Sequence[Offer]) -> bool:
    """Whether the menu's default is one of them, which is the first then."""
    return bool(offers) and offers[0].default


def _ask_for_offer(offers: t.Sequence[Offer], otherwise: str) -> list[str]:
    """Let ``first`` be the menu's default: what is offered only if the server would install this machine now."""
    if not _is_default(offers):
        return []
    return [
        f"set first {otherwise}",
        "echo Is this machine to be installed? (a failed request means that it is not)",
        f"imgfetch --name ready --timeout {_TIMEOUT} {word(offers[0].ready_url(), offers[0].name)}"
        f" && imgfree ready && set first {offer_path(offers[0].name)} ||",
        "",
    ]


def _offer_items(offers: t.Sequence[Offer]) -> list[str]:
    items = [
        f"item {offer_path(offer.name)} {text(offer.title, f'site_profiles.{offer.name}.label')}"
        for offer in offers
    ]
    return ["item --gap -- Install without questions", *items] if items else []


def _offer_locks(menu: dict[str, t.Any], offers: t.Sequence[Offer]) -> dict[str, str]:
    """As for the profiles themselves, which need not be in the menu."""
    return {
        offer_path(offer.name): offer.name if offer.locked else MENU_LOCK
        for offer in offers
        if offer.locked or menu.get("password")
    }


def offer_script(offer: Offer, boot_url: str) -> str:
    """``offers/<profile>.ipxe``: install without questions what nobody described, if the server says so; else the disk.

    As with an armed script, the server releases the installation when the profile's script asks for it, right before
    the kernel starts; here only whether it would.
    """
    name = offer.name
    own, local = _url(boot_url, offer_path(name)), _url(boot_url, "local.ipxe")
    return _script(
        "boot_files",
        [
            f"Profile {name}: {offer.label}. It installs without questions on machines that nobody described.",
            "Each of them once: afterwards it boots its disk, until the operator forgets it.",
        ],
        [
            f"imgfetch --timeout {_TIMEOUT} --name ready {word(offer.ready_url(), name)} && goto ready ||",
            "",
            "echo",
            f"echo The server does not install this machine (${{netX/mac}}, ${{netX/ip}}) with {name}:",
            "echo it was installed before, or it is described, or it is none of those that are installed so,",
            "echo or the server cannot be reached.",
            "echo This boot has changed nothing on the disk.",
            "echo To see why:       playbook netinstall.pxe.status",
            "echo To install again:  playbook netinstall.pxe.disarm -e disarm_unknown=${netX/mac}",
            f"prompt --timeout {_HOLD_PAUSE * 1000} In {_HOLD_PAUSE} seconds it boots its local disk. ||",
            "goto local",
            "",
            ":ready",
            "imgfree ready ||",
            f"echo This machine (${{netX/mac}}, ${{netX/ip}}) is to be installed with {name}. Nobody described it.",
            f"echo {text(offer.lost, name)}",
            *(_ask_word(boot_url) if offer.confirm == "word" else []),
            f"set install_arguments {_words(offer.for_ipxe(), f'arguments of {name}')}",
            f"set release {word(offer.release_url(), name)}",
            f"set armed_script {own}",
            f"set local_script {local}",
            "set attempt:int32 0",
            ":try",
            f"{_FETCH} {_url(boot_url, profile_path(name))} ||",
            *_retry("try", f"The server does not hand out profile {name}"),
            f"echo The server does not hand out profile {name}. The disk was not touched.",
            "",
            ":local",
            *_NOT_ARMED,
            "echo Booting the local disk",
            *_LOCAL_BOOT,
        ],
    )


def _ask_word(boot_url: str) -> list[str]:
    return [
        "clear answer ||",
        f"echo -n Type {offers_boot.WORD} to install it now:",
        "read answer ||",
        f"iseq ${{answer}} {offers_boot.WORD} && goto confirmed ||",
        "echo That was not the word. Back to the menu.",
        f"sleep {_PAUSE} ||",
        f"{_FETCH} {_url(boot_url, 'menu.ipxe')} ||",
        "goto local",
        "",
        ":confirmed",
    ]


def _label_address(profile: dict[str, t.Any]) -> str:
    return f"site_profiles.{profile['name']}.label"


def _splash(boot_url: str, splash: str | None) -> list[str]:
    """iPXE shows PNG pictures, and only when it was built with a graphical console."""
    if not splash or not splash.lower().endswith(".png"):
        return []
    return [f"console --picture {_url(splash) if '://' in splash else _url(boot_url, SPLASH)} ||"]


def profile_script(
    profile: dict[str, t.Any],
    kernel_url: str,
    initrd_urls: t.Sequence[str],
    arguments: t.Sequence[str],
) -> str:
    """``profiles/<profile>.ipxe``: kernel, initrd and the arguments that are the same for all machines.

    :param profile: from the plan: ``{name, label, distribution, kernel_arguments}``.
    :param arguments: the family's own, before those of the profile.

    What belongs to one armed installation comes in settings: ``install_arguments``, and ``release``, the URL that
    releases it, with ``armed_script`` and ``local_script`` for when it does not. It is asked for last of all, so that a
    kernel that cannot be loaded costs no installation.
    """
    where = f"site_profiles.{profile['name']}"
    words = [_words(arguments, where), _words(profile["kernel_arguments"], f"{where}.kernel_arguments")]
    return _script(
        "boot_files",
        [
            f"Profile {profile['name']}: {profile['label']}",
            f"Distribution {profile['distribution']}. An armed machine arrives here with its install_arguments.",
        ],
        [
            f"echo Loading {text(profile['label'], _label_address(profile))}",
            *_start_kernel(kernel_url, initrd_urls, words, _RELEASE),
            f"echo Profile {profile['name']} cannot be loaded. The disk was not touched.",
            *_NO_KERNEL,
            "",
            ":refused",
            "imgfree ||",
            "echo The server did not release the installation. This boot has changed nothing on the disk.",
            "# Without a pause a server that cannot record a release would be asked for kernels without end.",
            f"prompt --timeout {_HOLD_PAUSE * 1000} It asks again in {_HOLD_PAUSE} seconds. Press a key to ask now. ||",
            "# There it is said why; local.ipxe if it is not armed any more.",
            f"{_FETCH} ${{armed_script}} ||",
            f"{_FETCH} ${{local_script}} ||",
            "echo The server cannot be reached.",
            "goto refused",
        ],
    )


def rescue_script(
    distribution: str, kernel_url: str, initrd_urls: t.Sequence[str], arguments: t.Sequence[str]
) -> str:
    """``rescue/<distribution>.ipxe``: the distribution's own rescue system."""
    return _script(
        "boot_files",
        [f"The rescue system of {distribution}."],
        [
            f"echo Loading the rescue system of {distribution}",
            *_start_kernel(
                kernel_url, initrd_urls, [_words(arguments, f"site_distributions.{distribution}")]
            ),
            f"echo The rescue system of {distribution} cannot be loaded. The disk was not touched.",
            *_NO_KERNEL,
        ],
    )


def entry_script(boot_url: str, entry: dict[str, t.Any]) -> str:
    """``entries/<name>.ipxe``: an entry of the site's own.

    :param entry: from the plan: ``{name, label, ipxe: {action: kernel, chain or script, file, initrd, append}}``.
    """
    where, about = _entry_address(entry), entry["ipxe"]
    label = text(entry["label"], f"{where}.label")
    url = _own_url(boot_url, about["file"])
    if about["action"] == "kernel":
        initrds = [_own_url(boot_url, path) for path in about["initrd"]]
        start = _start_kernel(url, initrds, [_words(about["append"], f"{where}.append")])
    else:
        replace = "--replace " if about["action"] == "script" else ""
        start = [f"chain {replace}--autofree --timeout {_TIMEOUT} {url} ||"]
    return _script(
        "boot_files",
        [f"An entry of the site's own: {entry['name']}."],
        [
            f"echo Loading {label}",
            *_NOT_ARMED,
            *start,
            f"echo {label} cannot be started. Nothing was changed on this machine.",
            "echo Booting the local disk",
            *_LOCAL_BOOT,
        ],
    )


def _own_url(boot_url: str, path: str) -> str:
    return _url(path) if "://" in path else _url(boot_url, path)


# The server's word must not be there when the kernel starts: it would be taken for an initrd.
_RELEASE = [
    "isset ${release} || goto start",
    f"imgfetch --name release --timeout {_TIMEOUT} ${{release}} && imgfree release || goto refused",
    "# Released: if this kernel does not start, it may be loaded again.",
    "clear release ||",
    "",
    ":start",
]


def _start_kernel(
    kernel_url: str, initrd_urls: t.Sequence[str], words: t.Iterable[str], release: t.Sequence[str] = ()
) -> list[str]:
    """Load and start a kernel; what follows is for when that fails.

    :param release: what comes between.
    """
    # UEFI kernels under iPXE before 2.0 find their initrd by this argument only.
    names = [_initrd_name(url, number, len(initrd_urls)) for number, url in enumerate(initrd_urls)]
    line = ["kernel", _url(kernel_url), *(f"initrd={name}" for name in names), *words]
    return [
        "set attempt:int32 0",
        ":try",
        f"{' '.join(part for part in line if part)} ${{install_arguments}} || goto failed",
        *(f"initrd --name {name} {_url(url)} || goto failed" for name, url in zip(names, initrd_urls)),
        *release,
        "boot || goto failed",
        "",
        ":failed",
        # A kernel without its initrd would be in the way of the next try.
        "imgfree ||",
        *_retry("try", "Kernel or initrd cannot be loaded"),
    ]


def _initrd_name(url: str, number: int, count: int) -> str:
    name = re.sub(r"[^A-Za-z0-9._-]", "_", url.rsplit("/", 1)[-1])
    return name if count == 1 else f"{number}-{name}"


def machine_script(
    machine: dict[str, t.Any], urls: dict[str, str], live: t.Sequence[str] | None = None
) -> str:
    """``machines/<mac>.ipxe``. Arming does not change it: an armed machine finds its armed script below answers/, by
    the name, the MAC address and the address that are described now.

    :param machine: from the plan: ``{name, mac, address, profile, firmware}``.
    :param urls: from the plan: ``{boot, answers}``.
    :param live: kernel arguments of a machine whose profile installs nothing: it boots that whenever it starts.
    """
    name, address = machine["name"], machine["address"]
    does = (
        "It installs only while it is armed (playbook netinstall.pxe.install). Else it boots its local disk."
        if live is None
        else "A live system: it boots that whenever it starts, and nothing is installed."
    )
    return _script(
        "boot_files",
        [f"Machine {name}: {machine['mac']}, {address}, profile {machine['profile']}.", does],
        [
            f"echo This is {name} ({machine['mac']}, profile {machine['profile']})",
            f"iseq ${{netX/ip}} {address} || echo Warning: DHCP gave it ${{netX/ip}}, but it is described as {address}",
            *_firmware(machine.get("firmware", "any")),
            *(_when_armed(machine, urls) if live is None else _run_live(machine, urls, live)),
            *_LOCAL_BOOT,
        ],
    )


def _when_armed(machine: dict[str, t.Any], urls: dict[str, str]) -> list[str]:
    name = machine["name"]
    return [
        f"{_FETCH} {_armed_url(urls, machine['address'], name, machine['mac'])} ||",
        f"echo {name} is not armed (then the failed request above is normal): it boots its local disk",
        f"{_FETCH} {_url(urls['boot'], 'local.ipxe')} ||",
    ]


def _armed_url(urls: dict[str, str], address: str, name: str, mac: str) -> str:
    return _url(urls["answers"], address, f"{name}_{mac.lower().replace(':', '-')}.ipxe")


def _run_live(machine: dict[str, t.Any], urls: dict[str, str], arguments: t.Sequence[str]) -> list[str]:
    profile = machine["profile"]
    words = _words(arguments, f"kernel_arguments of {machine['name']}")
    return [
        *_NOT_ARMED,
        *([f"set install_arguments {words}"] if words else []),
        "set attempt:int32 0",
        ":try",
        f"{_FETCH} {_url(urls['boot'], profile_path(profile))} ||",
        *_retry("try", f"The server does not hand out profile {profile}"),
        f"echo The server does not hand out profile {profile}. In Ansible: run the site playbook.",
        "echo Booting the local disk",
    ]


def _firmware(firmware: str) -> list[str]:
    platform = PLATFORMS.get(firmware)
    if platform is None:
        return []
    return [
        f"iseq ${{platform}} {platform.ipxe} || echo Warning: described as {firmware}, but it started as ${{platform}}"
    ]


# Inside the loader


def embed_script(
    urls: t.Sequence[str], version: str, tries: int = 10, pause: int = 5, shell: bool = True
) -> str:
    """The script inside the loader. It never needs to change: all decisions are in the script that it fetches.

    :param urls: where the served script is, in the order in which to try: HTTP, then TFTP.
    :param version: shown on the screen, and looked for in the built loader.
    :param shell: when all tries have failed, a shell; else the local disk.
    """
    body = [
        f"echo {text(version, 'the loader')}",
        "set attempt:int32 0",
        ":try",
        # Also when the network is up: a lost lease or a cable in another port looks like a silent server.
        "dhcp || goto failed",
        *(f"{_FETCH} {_url(url)} ||" for url in urls),
        "",
        ":failed",
        *_retry("try", "No network, or the server does not answer", tries, pause),
        "echo This machine cannot fetch its boot script. Nothing was changed on it. Its network card:",
        "ifstat ||",
        f"echo It asked for {' and '.join(_url(url) for url in urls)}",
        "echo No address: is the DHCP server up, is this port in the right network, is the link up?",
        "echo An address, but no script: is nginx running on the server, is its firewall open for HTTP?",
    ]
    if shell:
        body += ["echo Try again with: autoboot or reboot. Boot the local disk with: exit", "shell ||"]
    else:
        body += ["echo Booting the local disk"]
    return _script(
        "loader_ipxe", ["Embedded in the loader: network, then the served script."], [*body, *_LOCAL_BOOT]
    )


# Files below answers/: the token makes them secret


def armed_script(installation: dict[str, t.Any], urls: dict[str, str]) -> str:
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
    name, mac, address = installation["machine"], installation["mac"].lower(), installation["address"]
    profile, token, disk = installation["profile"], installation["token"], installation.get("disk")
    arguments = _words(installation["install_arguments"], f"install_arguments of {name}")
    own = _armed_url(urls, address, name, mac)
    base = (urls["answers"], address, token, installation["window"])
    return _script(
        "arming",
        [
            f"Machine {name} ({mac}) is armed: one installation, profile {profile}, disk {disk or 'none'}.",
            "Installed already: it boots its disk. Released before and not finished: it holds, see below.",
        ],
        [
            f"iseq ${{netX/mac}} {mac} || goto other",
            f"iseq ${{netX/ip}} {address} || goto other",
            f"imgfetch --timeout {_TIMEOUT} --name ready {_url(*base, 'ready')} && goto ready ||",
            f"imgfetch --timeout {_TIMEOUT} --name installed {_url(urls['events'], address, token, 'installed')}"
            " && goto installed ||",
            f"imgfetch --timeout {_TIMEOUT} --name expired {_url(*base, 'expired')} && goto expired ||",
            "",
            "echo",
            f"echo HOLD: {name} ({mac}) is armed for profile {profile}, but the server did",
            "echo not release the installation. Either it was released before and did not finish, or its time has not",
            "echo come, or the server cannot be reached. This boot has changed nothing on the disk.",
            f"echo To see why:       playbook netinstall.pxe.status -l {name}",
            f"echo To install again:  playbook netinstall.pxe.install -l {name}  (arms it anew; it starts by itself)",
            f"echo The machine asks the server again every {_HOLD_PAUSE} seconds.",
            "",
            ":hold",
            f"prompt --key l --timeout {_HOLD_PAUSE * 1000} Press l to boot the local disk, another key to ask now."
            " && goto local ||",
            "echo",
            f"{_FETCH} {own} ||",
            "# Not armed any more, or no network: local.ipxe tells.",
            f"{_FETCH} {_url(urls['boot'], 'local.ipxe')} ||",
            "goto hold",
            "",
            ":ready",
            "imgfree ready ||",
            f"set install_arguments {arguments}" if arguments else "clear install_arguments ||",
            f"set release {_url(*base, 'release')}",
            f"set armed_script {own}",
            f"set local_script {_url(urls['boot'], 'local.ipxe')}",
            f"echo Installing {name} with profile {profile}",
            *([f"echo ALL DATA ON {word(disk, 'disk')} WILL BE LOST"] if disk else []),
            "set attempt:int32 0",
            ":try",
            f"{_FETCH} {_url(urls['boot'], profile_path(profile))} ||",
            *_retry("try", f"The server does not hand out profile {profile}"),
            f"echo The server does not hand out profile {profile}. The disk was not touched.",
            "echo In Ansible: run the site playbook, then start this machine again. It is still armed.",
            "goto local",
            "",
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
            f"echo EXPIRED: {name} was armed for profile {profile}, but did not boot in time.",
            "echo The installation never began, and nothing was written.",
            f"echo To install it:       playbook netinstall.pxe.install -l {name}",
            "",
            ":local",
            *_NOT_ARMED,
            "echo Booting the local disk",
            *_LOCAL_BOOT,
        ],
    )


# Checking


# What all supported versions of iPXE have (`console` not in every build), by whether a script must say what follows
# when they fail.
_MAY_FAIL = """
    boot chain choose clear console dhcp ifconf ifopen imgargs imgexec imgfetch imgfree imgselect initrd iseq isset
    kernel module param params prompt read route sanboot sanhook shell sleep sync
"""
_HARMLESS = """
    config cpair colour echo exit goto ifclose ifstat imgstat inc item login menu poweroff reboot sanunhook set show
"""
_FALLIBLE = frozenset(_MAY_FAIL.split())
_COMMANDS = _FALLIBLE | frozenset(_HARMLESS.split())
_LAST = frozenset(("exit", "goto", "reboot", "poweroff"))
_TEMPLATE = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_SETTING = re.compile(r"\$\{[A-Za-z0-9_./:-]*\}")


def check_script(script: str, name: str) -> None:
    """Refuse a script that iPXE would not run as it was meant.

    :param name: the file's name, for the message.
    :raises PxeError: ``<name>:<line>: <what is wrong>``.
    """
    if not script.startswith("#!ipxe\n"):
        raise PxeError(f"{name}:1: an iPXE script starts with the line '#!ipxe'")
    if not script.endswith("\n"):
        raise PxeError(f"{name}: the last line does not end: was the script cut off?")
    labels: set[str] = set()
    jumps: dict[str, int] = {}
    last: str | None = None
    for number, line in enumerate(script[:-1].split("\n"), 1):
        found = _check_line(line)
        if found.mistake:
            raise PxeError(f"{name}:{number}: {found.mistake}")
        if found.label is not None:
            if found.label in labels:
                raise PxeError(
                    f"{name}:{number}: label '{found.label}' is there twice; iPXE would take the first one"
                )
            labels.add(found.label)
        jumps.update((label, number) for label in found.jumps)
        last = found.last or last
    _check_flow(name, labels, jumps, last)


def _check_flow(name: str, labels: set[str], jumps: dict[str, int], last: str | None) -> None:
    for label, number in jumps.items():
        if "${" not in label and label not in labels:
            raise PxeError(f"{name}:{number}: 'goto {label}': there is no ':{label}'")
    if last not in _LAST:
        raise PxeError(f"{name}: the script runs off its end; end it with one of {', '.join(sorted(_LAST))}")


class _Line(t.NamedTuple):
    mistake: str | None = None
    label: str | None = None
    jumps: tuple[str, ...] = ()
    last: str | None = None


# The scripts of thousands of machines differ in a few lines only.
@functools.lru_cache(maxsize=4096)
def _check_line(line: str) -> _Line:
    mistake = _check_characters(line)
    if mistake:
        return _Line(mistake)
    words = line.split()
    label = words.pop(0)[1:] if words and words[0].startswith(":") else None
    if label is not None and not re.fullmatch(r"[a-z][a-z0-9_]*", label):
        return _Line(f"':{label}' is no label: use lower-case letters, digits and '_'")
    commands, mistake = _commands(words)
    mistake = mistake or _check_commands(commands)
    jumps = tuple(
        command[1] for command, _operator in commands if command[:1] == ["goto"] and len(command) > 1
    )
    done = [command[0] for command, _operator in commands if command]
    return _Line(mistake, label, jumps, done[-1] if done else None)


def _check_characters(line: str) -> str | None:
    if len(line.encode()) > MAX_LINE:
        return f"the line is longer than {MAX_LINE} bytes; kernels cut their command line there"
    if not line.isprintable():
        return "control characters (a tab, a carriage return?)"
    if line.endswith("\\"):
        return "a '\\' at the end joins the next line to this one"
    if _TEMPLATE.search(line):
        return "a template was not expanded"
    if "${" in _SETTING.sub("", line):
        return "'${' without its '}', or no name of a setting between them"
    return None


def _commands(words: list[str]) -> tuple[list[tuple[list[str], str]], str | None]:
    """Split at the operators as ``command_terminator`` does: [(command's words, operator after it)]."""
    commands: list[tuple[list[str], str]] = []
    current: list[str] = []
    for item in words:
        if item.startswith("#"):
            break
        if item in ("||", "&&", ";"):
            commands.append((current, item))
            current = []
        elif _is_stuck(item):
            return [], f"'{item}': '||' and '&&' are operators only with blanks around them"
        else:
            current.append(item)
    commands.append((current, ""))
    return commands, None


def _is_stuck(item: str) -> bool:
    return ("||" in item or "&&" in item) and not item.startswith(_NOTHING)


def _check_commands(commands: list[tuple[list[str], str]]) -> str | None:
    for position, (command, _operator) in enumerate(commands):
        if not command:
            continue
        if command[0] not in _COMMANDS:
            return f"'{command[0]}' is no command of all supported versions of iPXE"
        if command[0] == "goto" and len(command) != 2:
            return "'goto' takes one label"
        if command[0] in _FALLIBLE and "||" not in (operator for _command, operator in commands[position:]):
            return f"'{command[0]}' may fail: say with '||' what follows then"
    return None
