# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What one armed installation is made of, on the server, and how far it has come.

Below the site's root::

    answers/<address>/<name>_<mac>.ipxe     the machine's boot script asks for this one, which starts its installation
    answers/<address>/<token>/preseed.cfg   the answer file, or ks.cfg; beside it what else the machine may fetch
    events/<address>/<token>/armed          the record below, as JSON
    events/<address>/<token>/ticket-F-U     the right to one installation, from F until U (Unix seconds, ten digits)
    events/<address>/<token>/released       what the web server makes of the ticket when it releases the installation
    events/<address>/<token>/started …      what the machine PUTs while it installs

State is the presence of these files, so this module only computes with names, texts and times (Unix seconds).

An arming belongs to a machine: its name, its MAC address and its address are the path of the script, and what is
published of a machine below boot/ asks for exactly this path. Whoever is described otherwise finds nothing.
"""

from __future__ import annotations

import datetime
import ipaddress
import json
import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES, argument_mistakes
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import AnswerFile, Family
from ansible_collections.netinstall.pxe.plugins.module_utils._plan import offers
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.servers import plan_of
from ansible_collections.netinstall.pxe.plugins.module_utils._text import answers as _answers
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import (
    Mistakes,
    PlanError,
    check_shape,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text.lifetimes import LONGEST_LIFETIME

RECORD = "armed"
TICKET_PREFIX = "ticket-"
# The script of version 1.0 and earlier, which was bound to an address alone.
OLD_SCRIPT = "armed.ipxe"
LOG_PREFIX = "log-"
#: The report that says which disk it is.
DISK = "progress-disk"
# Stages that no machine reports by itself.
NONE, ARMED, EXPIRED = "none", "armed", "expired"
RELEASED, STARTED, INSTALLED, FAILED = "released", "started", "installed", "failed"
# The file of all steps that have none of their own: its text is the step.
OTHER_STEP = "progress-other"
# What looks at machine and disk: a line that runs it, and is no comment.
_GUARD = re.compile(r"(?m)^(?![ \t]*#).*\bsh /tmp/netinstall/check-disk\b")
# 128 bits as secrets.token_hex(16) writes them.
_TOKEN = re.compile(r"[0-9a-f]{32}\Z")
_SECRET = re.compile(r"\b([0-9a-f]{8})[0-9a-f]{24}\b")
_SCRIPT = re.compile(r"(?P<name>.+)_(?P<mac>[0-9a-f]{2}(?:-[0-9a-f]{2}){5})\.ipxe\Z")
# As the script says it to those who read it; what comes after "disk" may hold anything but a line break.
_SCRIPT_DISK = re.compile(r"^# Machine \S+ \(\S+\) is armed: .*, disk (?P<disk>.+)\.$", re.MULTILINE)
_TICKET = re.compile(r"ticket-(?P<window>[0-9]{10}-[0-9]{10})\Z")
_EVENT = re.compile(r"(started|installed|failed|(progress|log)-[a-z0-9.-]+)\Z")
_RECORDED = ("machine", "mac", "address", "profile", "disk", "by")
# What templates of answer files are told of the machine and of its distribution.
_OF_MACHINE = (
    "hostname",
    "domain",
    "mac",
    "uuid",
    "serial",
    "address",
    "netmask",
    "gateway",
    "dns",
    "profile",
    "distribution",
    "family",
    "disk",
    "firmware",
)
# What site_unknown_machines.hostname may be, and what stands for the MAC address in it.
_HOSTNAME_DHCP, _HOSTNAME_MAC = "dhcp", "${mac}"
_OF_DISTRIBUTION = ("version", "tree_url", "tree_urls")

Installation = dict[str, t.Any]


class Seen(t.NamedTuple):
    """What lies on the server for one token. ``events``: Unix time of each by name, of its release too;
    ``published``: its answers are there."""

    record: dict[str, t.Any]
    published: bool
    events: dict[str, float]


class Stage(t.NamedTuple):
    """``name`` is none, armed, released, started, progress-…, installed, failed or expired; ``since`` in Unix
    seconds."""

    name: str
    since: float | None


def compose(
    plan: dict[str, t.Any], answers: t.Mapping[str, dict[str, t.Any]], make_token: t.Callable[[], str]
) -> tuple[list[Installation], list[str]]:
    """What is needed to write the answer files of these machines and to arm them.

    :param plan: ``{urls, services, distributions, profiles, machines}`` of the plan; the plan itself holds no answers.
    :param answers: by name of the machine.
    :returns: per machine ``{machine, hostname, domain, mac, uuid, serial, address, netmask, gateway, dns, profile,
        distribution, family, disk, firmware, version, tree_url, tree_urls, source, token, template, answer_format,
        answer_url, files_url, events_url, answers, install_arguments}``, and what its family tells of the release
        (release_facts); without the text of its answer file; and the mistakes of all others, each with machine and
        key. They show no secrets.
    """
    known = {machine["name"]: machine for machine in plan["machines"]}
    plans: dict[str, dict[str, t.Any]] = {}
    installations, mistakes = [], []
    for name, given in answers.items():
        if name not in known:
            mistakes.append(f"{name} is not a machine of the site; describe it in the group pxe_machines")
            continue
        if plan.get("backends", {}).get("http") == "none":
            mistakes.append(
                f"{name} is not armed, because site_http_backend is 'none': only the nginx of this collection releases "
                "an installation exactly once; write site_http_backend: nginx"
            )
            continue
        server = known[name].get("http_server") or ""
        if server not in plans:
            plans[server] = plan_of(plan, server)
        try:
            installation = _installation(plans[server], known[name], given, make_token())
            installations.append(installation)
            mistakes += [f"{name}: {mistake}" for mistake in _line_mistakes(plans[server], installation)]
        except PxeError as exc:
            mistakes += [f"{name}: answers.{mistake}" for mistake in str(exc).split("\n")]
    return installations, mistakes


def _line_mistakes(plan: dict[str, t.Any], installation: Installation) -> t.Iterator[str]:
    """A command line that is cut loses what comes last: the machine's own arguments."""
    family = FAMILIES[installation["family"]]
    distribution = plan["distributions"][installation["distribution"]]
    profile = plan.get("profiles", {}).get(installation["profile"]) or {}
    initrds = [path.rpartition("/")[2] for path in distribution.get("initrd") or ["initrd.img"]]
    words = [
        *(f"initrd={name}" for name in initrds),
        *family.profile_arguments(profile, distribution),
        *(profile.get("kernel_arguments") or []),
        *installation["install_arguments"],
    ]
    length, (limit, reader) = len(" ".join(words).encode()), family.longest_command_line(distribution)
    if length > limit:
        yield (
            f"machine_kernel_arguments: the kernel's command line has {length} bytes, and {reader} reads only {limit}; "
            "write fewer of them, or fewer kernel_arguments of the profile"
        )
    yield from argument_mistakes(installation["family"], words, installation["answer_url"])


def layered(*layers: dict[str, t.Any] | None) -> dict[str, t.Any]:
    """Answers, each layer over those before: those of the site, of a profile, of a machine."""
    merged: dict[str, t.Any] = {}
    for layer in layers:
        merged = merge(merged, layer or {})
    return merged


def merge(lower: dict[str, t.Any], upper: dict[str, t.Any]) -> dict[str, t.Any]:
    """``upper`` over ``lower``. Mappings are merged key by key; a list replaces the other one as a whole."""
    merged = dict(lower)
    for key, value in upper.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merge(merged[key], value) if both else value
    return merged


def compose_offer(plan: dict[str, t.Any], profile: str, answers: dict[str, t.Any]) -> Installation:
    """What is needed to write the answer file of a profile for machines that nobody described: the installation of a
    machine that does not exist, whose values the web server replaces by those of whoever asks.

    :param plan: as the web server has it: ``{urls, distributions, profiles, subnets, machines, unknown_machines}``.
    :param answers: of the site and the profile.
    :returns: as ``compose``; ``offer`` is ``{url, overwrite, uuids, serials}``, the last two those of described
        machines, which may have new network cards. The host name is empty where DHCP says it.
    :raises PxeError: all that is wrong, one a line. It shows no secrets.
    """
    unknown, described = plan["unknown_machines"], plan["profiles"][profile]
    family = FAMILIES[described["family"]]
    disk = unknown["profiles"][profile]["disk"]
    rule = {"disk_rule": {"only": True}} if disk == _answers.BY_RULE else {}
    base = plan["urls"]["answers"].rpartition("/")[0]
    where = (base, profile, offers.STAND_IN_MAC)
    places = {
        "files_url": offers.files_url(*where),
        "answer_url": offers.answer_url(*where, family.answer_file.name),
        "events_url": offers.events_url(*where),
    }
    machine = {
        **_stand_in(plan),
        **{key: described[key] for key in ("distribution", "family")},
        "profile": profile,
        "disk": disk,
    }
    try:
        installation = _composed(plan, machine, merge(rule, answers), "", lambda _complete: places)
        mistakes = list(_line_mistakes(plan, installation))
    except PxeError as exc:
        mistakes = [f"answers.{line}" for line in str(exc).split("\n")]
    mistakes += [f"answers.{mistake}" for mistake in family.offer_mistakes(answers)]
    if mistakes:
        raise PxeError("\n".join(mistakes))
    name = unknown["hostname"].replace(_HOSTNAME_MAC, offers.SPELLINGS[-1].stand_in)
    return {
        **installation,
        "hostname": "" if name == _HOSTNAME_DHCP else name,
        "offer": {
            "url": offers.offer_url(base, profile),
            "overwrite": unknown["overwrite"],
            "uuids": sorted(machine["uuid"] for machine in plan["machines"] if machine.get("uuid")),
            "serials": sorted(machine["serial"] for machine in plan["machines"] if machine.get("serial")),
        },
    }


def _stand_in(plan: dict[str, t.Any]) -> dict[str, t.Any]:
    """The machine that does not exist. What all networks of an offer have in common, it has too."""
    named = plan["unknown_machines"]["subnets"]
    subnets = [subnet for subnet in plan["subnets"] if not named or subnet["cidr"] in named]
    domains = {subnet["domain"] for subnet in subnets}
    return {
        "name": offers.STAND_IN_NAME,
        # On the kernel's command line nobody can say it.
        "hostname": "",
        "domain": domains.pop() if len(domains) == 1 else "",
        "mac": offers.STAND_IN_MAC,
        "address": offers.STAND_IN_ADDRESS,
        "netmask": "",
        "gateway": "",
        "dns": next((subnet["dns"] for subnet in subnets if subnet["dns"]), []),
        "firmware": "any",
        "kernel_arguments": [],
    }


def _installation(
    plan: dict[str, t.Any], machine: dict[str, t.Any], answers: dict[str, t.Any], token: str
) -> Installation:
    family = FAMILIES[machine["family"]]
    profile = plan.get("profiles", {}).get(machine["profile"]) or {}

    def places(complete: dict[str, t.Any]) -> dict[str, str]:
        folder = f"{machine['address']}/{token}"
        by_ftp = profile.get("answers_by") == "ftp"
        unserved = unserved_by_ftp(profile, complete)
        if unserved:
            raise PxeError(f"files: {unserved}")
        answers_url = f"{plan['services']['ftp']['url']}/answers" if by_ftp else plan["urls"]["answers"]
        return {
            "files_url": f"{answers_url}/{folder}",
            "answer_url": f"{answers_url}/{folder}/{family.answer_file.name}",
            "events_url": f"{plan['urls']['events']}/{folder}",
        }

    return _composed(plan, machine, answers, token, places)


def _composed(
    plan: dict[str, t.Any],
    machine: dict[str, t.Any],
    answers: dict[str, t.Any],
    token: str,
    places: t.Callable[[dict[str, t.Any]], dict[str, str]],
) -> Installation:
    """:param places: of complete answers, the URLs of files, answer file and reports."""
    family = FAMILIES[machine["family"]]
    distribution = plan["distributions"][machine["distribution"]]
    source = (plan.get("profiles", {}).get(machine["profile"]) or {}).get("source", "http")
    complete = complete_answers(family, answers, distribution, machine["disk"] or "")
    urls = places(complete)
    told = {"answers": complete, "distribution": distribution}
    return {
        "machine": machine["name"],
        **{key: machine.get(key) for key in _OF_MACHINE},
        **{key: distribution.get(key) for key in _OF_DISTRIBUTION},
        **family.release_facts(distribution),
        "source": source,
        "token": token,
        "template": answer_template(family.answer_file, complete["file"]),
        "answer_format": family.answer_file.format,
        **urls,
        "answers": complete,
        "install_arguments": family.kernel_arguments({**machine, **told}, urls["answer_url"]),
    }


def unserved_by_ftp(profile: dict[str, t.Any], answers: dict[str, t.Any]) -> str:
    """What is wrong with the answer ``files``, if anything: by FTP nothing is held back until the release, and
    installers since EL 7 include nothing from there."""
    if profile.get("answers_by") != "ftp" or not answers.get("files"):
        return ""
    return "are served by HTTP only; write answers_by: http into the profile"


def complete_answers(
    family: Family, answers: dict[str, t.Any], distribution: dict[str, t.Any], disk: str
) -> dict[str, t.Any]:
    """Complete answers; first of all, a line is one line: what comes after it must not become an answer of its own.

    :raises PxeError: all that is wrong.
    """
    shape = Mistakes()
    schema = family.answer_schema()
    for key, value in answers.items():
        # Keys of other families may stand in site_answers.
        if key in schema:
            check_shape(shape, (), key, value, schema[key])
    try:
        shape.raise_if_any()
    except PlanError as exc:
        raise PxeError("\n".join(f"{each['address']}: {each['message']}" for each in exc.mistakes)) from exc
    names = [_answers.served_name(file) for file in answers.get("files") or []]
    misnamed = list(_answers.files_mistakes(names, (file.name for file in family.answer_files)))
    if misnamed:
        raise PxeError("\n".join(f"files[{number}]: {said}" for number, said in misnamed))
    return family.complete_answers(answers, distribution, disk)


def answer_template(answer_file: AnswerFile, file: str) -> str:
    """The template that an answer file is made from.

    :param file: the name of the user's own file, if there is one. It is a template itself if it is called so
        (``.j2``), or if its family takes over no other files.
    """
    if not file:
        return answer_file.template
    return (answer_file.own_template if file.endswith(".j2") else answer_file.file_template) or file


def reports_installed(installation: Installation) -> bool:
    """Whether the text of an answer file says anywhere that the machine reports its end."""
    text = installation["answer"]
    return f"/{folder_of(installation)}" in text and bool(re.search(r"(report |/)installed\b", text))


def unguarded(installation: Installation) -> bool:
    """Whether the installer would not look at machine and disk first: a template of the user's that stands alone."""
    return not _GUARD.search(installation["answer"])


def check_installations(installations: t.Sequence[Installation]) -> None:
    """Refuse what must not become part of a path, and two installations at one address.

    :raises PxeError: names the machine and what to write instead.
    """
    owners: dict[str, str] = {}
    for installation in installations:
        name, address = installation["machine"], installation["address"]
        check_address(name, address)
        token = installation.get("token")
        if token is not None and not _TOKEN.match(token):
            raise PxeError(f"{name}: the token must be 32 hexadecimal digits (secrets.token_hex(16))")
        if address in owners:
            raise PxeError(
                f"{name}: {owners[address]} has the address {address} too; give each machine its own"
            )
        owners[address] = name


def check_address(machine: str, address: str) -> None:
    """An address is also the name of a folder."""
    try:
        fits = str(ipaddress.IPv4Address(address)) == address
    except ValueError:
        fits = False
    if not fits:
        raise PxeError(f"{machine}: '{address}' is no IPv4 address; write it like 10.77.0.11")


def check_lifetime(lifetime: int) -> None:
    """Refuse an arming that would be over at once, or that outlives who remembers it."""
    if not 1 <= lifetime <= LONGEST_LIFETIME:
        raise PxeError(
            f"lifetime: {lifetime} seconds; write 1 to {LONGEST_LIFETIME} (30 days), such as 21600. A machine that "
            "boots later is armed when it is needed"
        )


def is_token(name: str) -> bool:
    return bool(_TOKEN.match(name))


def is_event(name: str) -> bool:
    """The names that the web server lets a machine write."""
    return bool(_EVENT.match(name))


def folder_of(installation: Installation) -> str:
    """``<address>/<token>``, below answers/ and below events/."""
    return f"{installation['address']}/{installation['token']}"


def mac_name(mac: str) -> str:
    """A MAC address as file names have it."""
    return mac.lower().replace(":", "-")


def script_path(installation: Installation) -> str:
    """The armed script, below answers/."""
    return f"{installation['address']}/{installation['machine']}_{mac_name(installation['mac'])}.ipxe"


class Armed(t.NamedTuple):
    """An armed script that was found. Name and MAC address (with dashes) are empty for one of an earlier version."""

    address: str
    name: str
    mac: str


def armed_disk(script: str) -> str:
    """The disk that an armed script is about; empty if it says none."""
    found = _SCRIPT_DISK.search(script)
    return found["disk"] if found and found["disk"] != NONE else ""


def parse_script_path(path: str) -> Armed | None:
    """``<address>/<name>_<mac>.ipxe``; ``None`` for anything else below answers/."""
    address, _slash, file = path.partition("/")
    if file == OLD_SCRIPT:
        return Armed(address, "", "")
    match = _SCRIPT.match(file)
    return Armed(address, match["name"], match["mac"]) if match and "/" not in file else None


def window_of(begin: int, end: int) -> str:
    """``F-U``. Both have ten digits until the year 2286, so that the web server can compare them digit by digit."""
    return f"{begin:010}-{end:010}"


def set_window(installation: Installation, known: dict[str, t.Any], now: int, lifetime: int) -> None:
    """Set ``from`` and ``window``. One that is armed already (``known`` is its record) keeps its beginning."""
    begin = known.get("from")
    if not isinstance(begin, int) or not 10**9 <= begin < 10**10:
        begin = now
    installation.update({"from": begin, "window": window_of(begin, begin + lifetime)})


def ticket_path(installation: Installation) -> str:
    return f"{folder_of(installation)}/{TICKET_PREFIX}{installation['window']}"


def is_ticket(path: str) -> bool:
    """Whether a path below events/ is a ticket."""
    parts = path.split("/")
    return len(parts) == 3 and bool(_TICKET.match(parts[2]))


def gated(words: t.Iterable[str], installation: Installation) -> list[str]:
    """Kernel arguments in which the URL of the answer file is the release itself; only by HTTP is there such a gate."""
    folder = folder_of(installation)
    return [
        word.replace(f"/{folder}/", f"/{folder}/{installation['window']}/", 1) if "http://" in word else word
        for word in words
    ]


def masked(text: str) -> str:
    """Without tokens: their first characters tell which one it is."""
    return _SECRET.sub(r"\1...", text)


def boot_script_names(installation: Installation) -> dict[str, str]:
    """The files below boot/ that an armed machine needs, with the text that each must hold."""
    return {
        f"profiles/{installation['profile']}.ipxe": "",
        f"machines/{mac_name(installation['mac'])}.ipxe": f"/{script_path(installation)}",
    }


def answer_files(installations: t.Sequence[Installation], answer_names: dict[str, str]) -> dict[str, str]:
    """The answer files below answers/, and the files beside them.

    :param answer_names: name of the answer file by machine.
    """
    found = {}
    for item in installations:
        texts = {**(item.get("files") or {}), answer_names[item["machine"]]: item["answer"]}
        found.update({f"{folder_of(item)}/{name}": text for name, text in texts.items()})
    return found


def unserved(installation: Installation) -> list[str]:
    """Names that the answer file, or a file beside it, expects beside it, and that are not there."""
    url = installation["files_url"]
    known = {*installation["files"], installation["answer_url"].rpartition("/")[2]}
    if "offer" in installation:
        # Reports go below the same URL.
        known.update(offers.RESERVED)
    # Up to a full stop or the like; a name that goes on with a variable or a pattern is not known here.
    pattern = re.compile(re.escape(url) + r"/([\w-](?:[\w.-]*[\w-])?)(?![\w-]|[.]*[$`{*?\\\[])", re.ASCII)
    texts = [installation["answer"], *installation["files"].values()]
    return sorted({name for text in texts for name in pattern.findall(text)} - known)


def ticket_files(installations: t.Sequence[Installation]) -> dict[str, str]:
    """The tickets below events/."""
    return {ticket_path(item): f"One installation of {item['machine']}\n" for item in installations}


def record_files(installations: t.Sequence[Installation]) -> dict[str, str]:
    """The records below events/."""
    return {f"{folder_of(item)}/{RECORD}": record_text(item) for item in installations}


def record_text(installation: Installation) -> str:
    """One installation as JSON: who, where to, and from when until when, in Unix seconds and as ISO 8601 with zone."""
    record = {key: installation[key] for key in _RECORDED if installation.get(key) is not None}
    begin, end = (int(moment) for moment in installation["window"].split("-"))
    times = {"from": begin, "until": end, "armed": timestamp(begin), "expires": timestamp(end)}
    return json.dumps({**record, **times}, indent=2) + "\n"


class TakenBack(t.NamedTuple):
    """An arming that is of no described machine, and why."""

    armed: Armed
    reason: str


def strangers(found: t.Mapping[Armed, str], machines: t.Sequence[Installation]) -> list[TakenBack]:
    """The armings that are not of one of these machines, as they are described now.

    :param found: the disk that each is about, where its script says so.
    :param machines: ``{machine, mac, address}`` each, and ``disk`` where that is known.
    """
    by_name: dict[str, Installation] = {}
    by_mac: dict[str, Installation] = {}
    for item in machines:
        by_name.setdefault(item["machine"], item)
        by_mac.setdefault(mac_name(item["mac"]), item)
    changed = {armed: _changed(armed, disk, by_name, by_mac) for armed, disk in found.items()}
    return [TakenBack(armed, reason) for armed, reason in changed.items() if reason is not None]


def _changed(
    armed: Armed, disk: str, by_name: t.Mapping[str, Installation], by_mac: t.Mapping[str, Installation]
) -> str | None:
    """What is different about a machine since it was armed; ``None`` if it is the same."""
    if not armed.name:
        return "an earlier version of the collection armed it; arm it again"
    known = by_name.get(armed.name)
    if known is None:
        other = by_mac.get(armed.mac)
        return f"it is called {other['machine']} now" if other else "it is no machine of this server any more"
    changes = []
    if mac_name(known["mac"]) != armed.mac:
        changes.append(f"its MAC address is {known['mac'].lower()} now")
    if known["address"] != armed.address:
        changes.append(f"its address is {known['address']} now")
    # Somebody may have put right what would have been the wrong one.
    if disk and known.get("disk") and known["disk"] != disk:
        changes.append(f"its disk is {known['disk']} now, and not {disk}")
    return " and ".join(changes) or None


def parse_record(data: bytes | None) -> dict[str, t.Any]:
    """Read a record back. A damaged one is as good as none: it must not hide the other machines."""
    try:
        record = json.loads(data or b"")
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def timestamp(moment: float) -> str:
    """Unix seconds → ISO 8601 in UTC, whole seconds."""
    return datetime.datetime.fromtimestamp(int(moment), datetime.timezone.utc).isoformat()


def unix_time(record: dict[str, t.Any], key: str) -> float | None:
    """A record's time in Unix seconds; ``None`` when it is missing or not readable."""
    try:
        return datetime.datetime.fromisoformat(record[key]).timestamp()
    except (KeyError, TypeError, ValueError):
        return None


def stage_of(seen: Seen | None, now: float) -> Stage:
    """How far an installation has come: the latest report counts, and that it is installed counts for ever."""
    if seen is None:
        return Stage(NONE, None)
    reports = {name: time for name, time in seen.events.items() if _is_report(name)}
    if INSTALLED in reports:
        return Stage(INSTALLED, reports[INSTALLED])
    if reports:
        # Of two in the same moment, the failure; nothing was released after it was reported on.
        latest = max(reports, key=lambda name: (name != RELEASED, reports[name], name == FAILED, name))
        return Stage(latest, reports[latest])
    return _unreported(seen, now)


def _is_report(name: str) -> bool:
    return name == RELEASED or (is_event(name) and not name.startswith(LOG_PREFIX))


def _unreported(seen: Seen, now: float) -> Stage:
    """Armed, but no word from the machine yet."""
    expires = unix_time(seen.record, "expires")
    if expires is not None and now >= expires:
        return Stage(EXPIRED, expires)
    if seen.published:
        return Stage(ARMED, unix_time(seen.record, "armed"))
    return Stage(NONE, None)


def newest(found: dict[str, Seen]) -> str | None:
    """Of all tokens of one address, that of the latest arming."""
    if not found:
        return None
    return max(found, key=lambda token: (unix_time(found[token].record, "armed") or 0, token))


def newest_log(events: dict[str, float]) -> str | None:
    """The name of the log that was uploaded last."""
    logs = [name for name in events if name.startswith(LOG_PREFIX) and is_event(name)]
    return max(logs, key=lambda name: (events[name], name)) if logs else None


def silent(seen: Seen) -> bool:
    """Nothing but the record is there: the machine never began, so nothing is worth keeping."""
    return not any(name == RELEASED or is_event(name) for name in seen.events)
