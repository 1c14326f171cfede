# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import secrets
import typing as t

from ansible.module_utils.basic import missing_required_lib
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.netinstall.pxe.plugins.module_utils import _firmware
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import installation, site_urls
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import read_file
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import check, sections, served
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.storage import BY_RULE
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.servers import plan_of
from ansible_collections.netinstall.pxe.plugins.module_utils._preseed import check as _preseed
from ansible_collections.netinstall.pxe.plugins.module_utils._preseed import disk as _preseed_disk
from ansible_collections.netinstall.pxe.plugins.module_utils._text import answers as _answers
from ansible_collections.netinstall.pxe.plugins.module_utils._text import own_files
from ansible_collections.netinstall.pxe.plugins.modules.kickstart_validate import Validation
from ansible_collections.netinstall.pxe.plugins.plugin_utils import (
    _per_machine,
    _search,
    _tree_indexes,
    _unlogged,
)

display = Display()

Record = dict[str, t.Any]

_SPECIFICATION: Record = {
    "plan": {"type": "dict", "required": True},
    "machines": {"type": "list", "elements": "str", "required": True},
    "server": {"type": "str", "default": ""},
    "only_check": {"type": "bool", "default": False},
    "plain": {"type": "bool", "default": False},
    "defaults": {"type": "str", "default": "site_answers"},
    "profiles": {"type": "str", "default": "site_profiles"},
    "machine_answers": {"type": "str", "default": "machine_answers"},
    "search": {"type": "list", "elements": "path", "default": []},
    "root": {"type": "path", "default": "/srv/pxe"},
    "lifetime": {"type": "int", "default": 21600},
    "by": {"type": "str", "default": ""},
    "owner": {"type": "str", "default": ""},
    "group": {"type": "str", "default": ""},
}
# The templates are those of the role, also for a task outside of it.
_ROLE = os.path.normpath(os.path.join(os.path.dirname(__file__), "..", "..", "roles", "answers"))
_PLAIN = ("machine", "mac", "address", "token", "profile", "disk", "install_arguments")
_ARMED = (*_PLAIN, "family", "answer", "files")
_OTHERWISE = "put large files and programs on a server of their own, and write their URL"


class _Run:
    """What one task has prepared: for the first server of its loop, and used for the others.

    One process runs all rounds of a loop. Answer files hold secrets: kept here, they are in no result and in no file.
    """

    def __init__(self, task: str) -> None:
        self.task = task
        self.installations: list[Record] | None = None
        self.refused = False


_run = _Run("")


class ActionModule(ActionBase):
    """Renders and checks the answer files of all machines, then hands those of one web server to its module."""

    _supports_check_mode = True
    # The answer files are made here, and published by a module.
    _requires_connection = True
    # Paths that the web server shows when this is done.
    _shown_later: tuple[str, ...] = ()

    def run(self, tmp: str | None = None, task_vars: Record | None = None) -> Record:
        global _run
        result = super().run(tmp, task_vars)
        _checked, args = self.validate_argument_spec(_SPECIFICATION)
        if _run.task != self._task._uuid:
            _run = _Run(self._task._uuid)
        if _run.refused:
            return {**result, "skipped": True, "msg": "No machine was armed, because of the mistakes above."}
        # Until it is known that all went well, also if the server cannot be reached.
        _run.refused = True
        try:
            if _run.installations is None:
                _run.installations = self._prepare(args, _search.searching(task_vars or {}))
            reply = self._arm(args, _run.installations, task_vars or {})
        except PxeError as exc:
            return {**result, "failed": True, "msg": f"No machine was armed. {_sentences(str(exc))}"}
        _run.refused = bool(reply.get("failed") or reply.get("unreachable"))
        if not self._task.diff:
            # Thousands of entries that nobody asked for.
            reply.pop("diff", None)
        return {**result, **reply}

    # What is known of all machines, before any of them is armed

    def _prepare(self, args: Record, task_vars: Record) -> list[Record]:
        """All installations with their answer files.

        :raises PxeError: all mistakes of all machines. It shows no secrets.
        """
        hosts = _per_machine.Hosts(self._task, task_vars)
        variables = {name: hosts.variables(name) for name in args["machines"]}
        answers, mistakes = self._evaluate(hosts, variables, args, task_vars["inventory_hostname"])
        installations, refused = installation.compose(args["plan"], answers, lambda: secrets.token_hex(16))
        mistakes += refused
        search = args["search"] or _search.folders(task_vars)
        mistakes += self._render(installations, variables, search)
        rendered = [item for item in installations if "answer" in item]
        mistakes += [mistake for item in rendered for mistake in _file_mistakes(item)]
        mistakes += _preseed_mistakes(rendered)
        mistakes += [mistake for item in rendered for mistake in _early_mistakes(item)]
        mistakes += self._kickstart_mistakes(rendered, args["root"], task_vars)
        mistakes += self._url_mistakes(rendered, args, task_vars)
        if args["plain"]:
            plain = _loading_pxelinux(args["plan"], rendered)
            mistakes += [_never_ended(item) for item in plain if _is_never_ended(item)]
        if mistakes:
            raise PxeError("\n".join(mistakes))
        return installations

    def _evaluate(
        self, hosts: _per_machine.Hosts, variables: dict[str, Record], args: Record, acting: str
    ) -> tuple[dict[str, Record], list[str]]:
        """The answers of each machine, with its own variables."""
        known = {machine["name"]: machine for machine in args["plan"]["machines"]}
        servers: dict[str, _per_machine.Evaluation] = {}
        answers: dict[str, Record] = {}
        mistakes = []
        for name in variables:
            if name not in known:
                answers[name] = {}
                continue
            evaluation = _per_machine.Evaluation(variables[name], self._loader)
            machine = known[name]
            found = _answers_of(evaluation, machine.get("profile"), args)
            server = machine.get("http_server") or acting
            if server not in servers:
                servers[server] = _per_machine.Evaluation(hosts.variables(server), self._loader)
            _check_arguments(evaluation, servers[server], machine.get("profile"), args["profiles"])
            if not evaluation.mistakes:
                answers[name] = found
            mistakes += [f"{name}: {mistake}" for mistake in evaluation.mistakes]
        return answers, mistakes

    def _render(
        self, installations: list[Record], variables: dict[str, Record], search: t.Sequence[str]
    ) -> list[str]:
        """Add to each installation the texts of its answer file and of its further files; return the mistakes."""
        first = next(iter(variables.values()), {})
        others = [path for path in first.get("ansible_search_path") or [] if path != _ROLE]
        folders = {"ansible_search_path": [_ROLE, *others]}
        templates = _per_machine.Templates(self._loader, folders["ansible_search_path"])
        mistakes = []
        for item in installations:
            file = item["answers"]["file"]
            try:
                own = item["own_file"] = _own_file(file, search)
                path = own if item["template"] == file else os.path.join(_ROLE, "templates", item["template"])
                known = {**variables[item["machine"]], **folders, "installation": _per_machine.finished(item)}
                item["files"] = self._files_beside(item["answers"]["files"], templates, known, search)
                here = {"installation": _per_machine.finished(item), "__answers_own_file": own}
                item["answer"] = templates.render(path, {**known, **here})
            except PxeError as exc:
                mistakes.append(f"{item['machine']}: {exc}")
        return mistakes

    def _files_beside(
        self,
        files: t.Sequence[str],
        templates: _per_machine.Templates,
        known: Record,
        search: t.Sequence[str],
    ) -> dict[str, str]:
        """The texts of what lies beside the answer file, by name.

        :raises PxeError: one is not there, cannot be rendered or is too large.
        """
        texts, size = {}, 0
        for number, file in enumerate(files):
            path = _own_file(file, search, f"answers.files[{number}]")
            text = templates.render(path, known) if file.endswith(".j2") else self._text(path)
            texts[_answers.served_name(file)] = text
            try:
                size += len(text.encode())
            except UnicodeEncodeError as exc:
                raise PxeError(f"answers.files[{number}]: {file} is no UTF-8 text; {_OTHERWISE}") from exc
            if size > _answers.LARGEST_FILES:
                raise PxeError(
                    f"answers.files[{number}]: with {file} they have more than 1 MiB; {_OTHERWISE}"
                )
        return texts

    def _text(self, path: str) -> str:
        """A text file as it is, or as it was before it was encrypted. Bytes that are no UTF-8 become surrogates."""
        with open(self._loader.get_real_file(path), "rb") as file:
            # So much that it is seen to be too large.
            return file.read(_answers.LARGEST_FILES + 1).decode("utf-8", "surrogateescape")

    def _kickstart_mistakes(self, installations: list[Record], root: str, task_vars: Record) -> list[str]:
        """What the installer would refuse, and what is asked for and not there."""
        kickstarts = [item for item in installations if item["answer_format"] == "kickstart"]
        if not kickstarts:
            return []
        if check.IMPORT_ERROR:
            return [missing_required_lib("pykickstart")]
        # Where nothing is known, packages are not checked.
        indexes = _tree_indexes.read(self, {item["distribution"] for item in kickstarts}, root, task_vars)
        checked = Validation(
            {
                **dict.fromkeys(("path", "content", "name", "version", "index", "tree", "urls", "disks")),
                **dict.fromkeys(("generated", "origins")),
                "for_machine": True,
                "kickstarts": [_to_check(item, indexes) for item in kickstarts],
                "indexes": indexes,
                "follow_includes": True,
                "references": True,
                "strict": False,
            }
        ).run()
        for line in _shown(checked["warning_lines"], kickstarts):
            display.warning(line)
        return _shown(checked["error_lines"], kickstarts)

    def _url_mistakes(self, installations: list[Record], args: Record, task_vars: Record) -> list[str]:
        """URLs of the site that lead to nothing. What only a script fetches is a warning."""
        found = list(_site_urls_in(installations, args["plan"]))
        paths = sorted({target.path for _address, _url, target in found if target.path})
        missing: list[str] = []
        if paths:
            asked = {"root": args["root"], "paths": paths}
            reply = self._module("netinstall.pxe.public_paths_info", asked, task_vars)
            if "missing" not in reply:
                raise PxeError(f"the web server cannot be asked what it shows: {reply.get('msg')}")
            missing = reply["missing"]
        mistakes: dict[str, bool] = {}
        for address, url, target in found:
            gone = target.path in missing and not self._is_shown_later(target.path, args["plan"])
            said = target.mistake or (gone and f"there is no {target.path} below {args['root']}")
            if said:
                mistakes[f"{address}: {url.url.partition('?')[0]}: {said}"] = url.needed
        for line, needed in mistakes.items():
            if not needed:
                display.warning(installation.masked(line))
        return [installation.masked(line) for line, needed in mistakes.items() if needed]

    def _is_shown_later(self, path: str, plan: Record) -> bool:
        return path.startswith(self._shown_later) or site_urls.is_laid_out_later(path, plan)

    # What is done on one web server

    def _arm(self, args: Record, installations: list[Record], task_vars: Record) -> Record:
        names = {
            machine["name"]
            for machine in args["plan"]["machines"]
            if (machine.get("http_server") or "") == args["server"]
        }
        mine = [item for item in installations if item["machine"] in names]
        urls = plan_of(args["plan"], args["server"])["urls"]
        arguments = {
            "root": args["root"],
            "urls": {name: urls[name] for name in ("boot", "answers", "events")},
            "lifetime": args["lifetime"],
            "by": args["by"] or None,
            "owner": args["owner"] or None,
            "group": args["group"] or None,
            "installations": [{key: item[key] for key in _ARMED} for item in mine],
        }
        if args["only_check"]:
            self._task.check_mode = True
        if args["plain"]:
            # What only that module knows must not fail when others are armed already.
            refused = self._ask_plain(args, mine, task_vars)
            if refused.get("failed") or refused.get("unreachable"):
                return refused
        reply = self._module("netinstall.pxe.arming", arguments, task_vars)
        if args["plain"] and not reply.get("failed"):
            reply = _joined(reply, self._arm_plain(args, mine, task_vars))
            if reply.get("failed"):
                self._take_back(args, mine, task_vars)
        if args["only_check"] and not reply.get("failed"):
            return {"changed": False}
        return reply

    def _ask_plain(self, args: Record, installations: list[Record], task_vars: Record) -> Record:
        """Whether machines without iPXE could be armed."""
        self._task.check_mode, before = True, self._task.check_mode
        try:
            return self._arm_plain(args, installations, task_vars)
        finally:
            self._task.check_mode = before

    def _arm_plain(self, args: Record, installations: list[Record], task_vars: Record) -> Record:
        """Machines that load pxelinux by TFTP. Until when they may be installed, arming has recorded."""
        mine = _loading_pxelinux(args["plan"], installations)
        arguments = {
            "root": args["root"],
            "installations": [{key: item[key] for key in _PLAIN} for item in mine],
        }
        return self._module("netinstall.pxe.pxelinux_arming", arguments, task_vars)

    def _take_back(self, args: Record, installations: list[Record], task_vars: Record) -> None:
        """Machines must not be installed after it was said that arming failed."""
        arguments = {
            "root": args["root"],
            "state": "absent",
            "installations": [{key: item[key] for key in ("machine", "address")} for item in installations],
        }
        self._module("netinstall.pxe.arming", arguments, task_vars)

    def _module(self, name: str, arguments: Record, task_vars: Record) -> Record:
        return _unlogged.execute(self, name, arguments, task_vars)


def _sentences(lines: str) -> str:
    """Lines as one text: Ansible shows what a task says without its line breaks."""
    ended = (line if line.endswith("?") else line.rstrip(".") + "." for line in lines.splitlines())
    return " ".join(ended)


def _joined(one: Record, other: Record) -> Record:
    """The results of two modules as one."""
    return {
        **one,
        **{key: other[key] for key in ("failed", "msg") if key in other},
        "changed": bool(one.get("changed") or other.get("changed")),
        "diff": [*(one.get("diff") or []), *(other.get("diff") or [])],
    }


def _answers_of(evaluation: _per_machine.Evaluation, profile: str | None, args: Record) -> Record:
    """The answers of one machine: its own over those of its profile over those of the site."""
    layers = [
        evaluation.raw(args["defaults"]),
        # Other profiles' answers may refer to what this machine does not have.
        evaluation.item(evaluation.item(evaluation.raw(args["profiles"]), profile), "answers"),
        evaluation.raw(args["machine_answers"]),
    ]
    values = [evaluation.value(evaluation.written(layer), "answers") or {} for layer in layers]
    if not all(isinstance(value, dict) for value in values):
        evaluation.mistakes.append("answers: write a mapping, such as {timezone: Europe/Berlin}")
        return {}
    return installation.layered(*values)


def _check_arguments(
    machine: _per_machine.Evaluation, server: _per_machine.Evaluation, profile: str | None, profiles: str
) -> None:
    """Refuse kernel arguments of a profile that differ between machines: they are published once for all of them."""
    written = machine.item(machine.item(machine.raw(profiles), profile), "kernel_arguments")
    if "{{" not in str(written):
        return
    address = f"kernel_arguments of profile {profile}"
    known = len(server.mistakes)
    published = server.value(written, address)
    if machine.value(written, address) != published or len(server.mistakes) > known:
        machine.mistakes.append(
            f"{address}: are published for all its machines alike, but not the same for this one; "
            "write what differs into machine_kernel_arguments"
        )


def _own_file(file: str, search: t.Sequence[str], address: str = "answers.file") -> str:
    """The path of the file that answers name; empty if they name none.

    :raises PxeError: there is none.
    """
    if not file:
        return ""
    try:
        return own_files.find(file, search)
    except PxeError as exc:
        raise PxeError(f"{address}: {exc}") from exc


def _file_mistakes(item: Record) -> t.Iterator[str]:
    """What the machine would ask for and not get."""
    for name in installation.unserved(item):
        yield f"{item['machine']}: {name} is fetched from installation.files_url, but answers.files does not name it"


def _early_mistakes(item: Record) -> list[str]:
    """What a kickstart would run before it looks at machine and disk."""
    if item["answer_format"] != "kickstart":
        return []
    places = {
        first: f"{item['machine']}: {origin['file']} line {number}"
        for origin in _origins(item)
        for first, number in enumerate(origin["lines"], origin["first"])
    }
    found = served.before_guard(item["answer"], _beside(item), item["syntax"]["level"])
    lines = (
        f"{places.get(number, item['machine'] + f' line {number}')}: {mistake}" for number, mistake in found
    )
    return _shown(lines, [item])


def _beside(item: Record) -> dict[str, str]:
    """The texts of what is served beside an answer file, by URL."""
    return {f"{item['files_url']}/{name}": text for name, text in item["files"].items()}


def _site_urls_in(
    installations: t.Iterable[Record], plan: Record
) -> t.Iterator[tuple[str, site_urls.Url, site_urls.Target]]:
    """The URLs of the site in answer files and what lies beside them, each with where it is written."""
    servers = site_urls.servers_of(plan)
    for item in installations:
        texts = [(item["answer"], item["answer_format"], "")]
        texts += [
            (text, "kickstart" if name.endswith(".ks") else "", name) for name, text in item["files"].items()
        ]
        for text, kind, name in texts:
            for url in site_urls.find(text, servers, kind):
                if not _is_own(item, url.url):
                    place = f"{name} line {url.line}" if name else _written(item, url)
                    yield f"{item['machine']}: {place}", url, site_urls.target(url, plan)


def _is_own(item: Record, url: str) -> bool:
    """Whether it is the machine's own: its answers, its reports, its whole tree."""
    own = (item["files_url"], item["events_url"])
    whole = {*(item["tree_urls"] or {}).values(), *own}
    return url.rstrip("/") in whole or url.startswith(tuple(f"{each}/" for each in own))


def _written(item: Record, url: site_urls.Url) -> str:
    """Where somebody has written a URL: in a file that was brought along, in an answer, or in the answer file."""
    if item.get("own_file"):
        lines = read_file(item["own_file"]).decode("utf-8", "replace").split("\n")
        found = next((number for number, line in enumerate(lines, 1) if url.url in line), 0)
        if found:
            return f"{item['answers']['file']} line {found}"
    for key, value in item["answers"].items():
        if isinstance(value, str) and url.url in value:
            return f"answers.{key} line {value[: value.index(url.url)].count(chr(10)) + 1}"
        if isinstance(value, list) and url.url in str(value):
            return f"answers.{key}"
    return f"answer file line {url.line}"


def _shown(lines: t.Iterable[str], installations: t.Iterable[Record]) -> list[str]:
    """Without tokens: a file beside an answer file is called by its name."""
    found = list(lines)
    for item in installations:
        found = [line.replace(f"{item['files_url']}/", "") for line in found]
    return [installation.masked(line) for line in found]


def _preseed_mistakes(installations: t.Iterable[Record]) -> list[str]:
    found = []
    for item in installations:
        preseed = item["answer_format"] == "preseed"
        mistakes = _preseed_disk.check(item["answer"], item["disk"] or "") if preseed else []
        if mistakes:
            found.append(f"{item['machine']}: {_preseed.summary(mistakes)}")
    return found


def _loading_pxelinux(plan: Record, installations: t.Iterable[Record]) -> list[Record]:
    """Those of machines whose firmware may load pxelinux, without iPXE."""
    return [
        item
        for item in installations
        if _firmware.may_load(plan["clients"], _firmware.PXELINUX, item["firmware"])
    ]


def _is_never_ended(item: Record) -> bool:
    """Whether nothing would end the arming of a machine that loads pxelinux: no release is asked for by FTP, and no
    report comes."""
    return item["answer_url"].startswith("ftp:") and item["events_url"] not in item["answer"]


def _never_ended(item: Record) -> str:
    return (
        f"{item['machine']}: it loads pxelinux and gets its answer file by FTP, which reports nothing: it would be "
        "installed again at every boot. Write answers_by: http into its profile, or let the file begin with "
        "{% extends 'kickstart.cfg.j2' %}"
    )


def _to_check(item: Record, indexes: t.Container[str]) -> Record:
    """What to ask kickstart_validate about one machine."""
    partitioning = item["answers"].get("partitioning") or {}
    return {
        "name": item["machine"],
        "content": item["answer"],
        "version": item["kickstart_version"],
        "urls": [url for url in (item["tree_urls"] or {}).values() if url],
        "disks": [item["disk"], *(partitioning.get("disks") or [])] if item["disk"] else [],
        # What the installer writes and then includes; a disk that a rule finds has a name that stands for it.
        # So has what lies beside the kickstart a text.
        "generated": {
            **served.generated(item["answer"]),
            **_beside(item),
        },
        "origins": _origins(item),
        **({"distribution": item["distribution"]} if item["distribution"] in indexes else {}),
    }


def _origins(item: Record) -> list[Record]:
    """Which lines are those of a kickstart that was brought along: messages are about that file."""
    name = item["answers"]["file"]
    if not item["own_file"] or item["template"] == name:
        return []
    # As the template reads it.
    text = read_file(item["own_file"]).decode("utf-8", "surrogateescape").rstrip()
    disk = sections.bare_disk(item["disk"] or "")
    text = sections.of_installation(text, item)
    own = sections.adapt(text, disk if disk != BY_RULE else "", item["syntax"]["sections_end"])
    return served.origins(item["answer"], name, own)
