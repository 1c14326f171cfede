# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Makes the answer files of machines: evaluates their answers with the variables of each, and renders the templates.

What goes wrong with one machine is among the mistakes that are returned, and the others go on. None shows a secret.
"""

from __future__ import annotations

import os
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._arming.answers_complete import layered
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES
from ansible_collections.netinstall.pxe.plugins.module_utils._text import answers as _answers
from ansible_collections.netinstall.pxe.plugins.module_utils._text import own_files
from ansible_collections.netinstall.pxe.plugins.plugin_utils import _per_machine

Record = dict[str, t.Any]

#: Options of the actions that make answer files.
OPTIONS: Record = {
    "plan": {"type": "dict", "required": True},
    "server": {"type": "str", "default": ""},
    "defaults": {"type": "str", "default": "site_answers"},
    "profiles": {"type": "str", "default": "site_profiles"},
    "search": {"type": "list", "elements": "path", "default": []},
    "root": {"type": "path", "default": "/srv/pxe"},
    "owner": {"type": "str", "default": ""},
    "group": {"type": "str", "default": ""},
}
# The templates are those of the role, also for a task outside of it.
_ROLE = os.path.normpath(os.path.join(os.path.dirname(__file__), "..", "..", "roles", "answers"))
_OTHERWISE = "put large files and programs on a server of their own, and write their URL"


def evaluate(
    hosts: _per_machine.Hosts, variables: dict[str, Record], args: Record, acting: str, loader: t.Any
) -> tuple[dict[str, Record], list[str]]:
    """The answers of each machine, with its own variables, and the mistakes of all.

    :arg variables: by name of the machine
    :arg acting: the host that the task is about
    """
    known = {machine["name"]: machine for machine in args["plan"]["machines"]}
    servers: dict[str, _per_machine.Evaluation] = {}
    answers: dict[str, Record] = {}
    mistakes = []
    for name in variables:
        if name not in known:
            answers[name] = {}
            continue
        evaluation = _per_machine.Evaluation(variables[name], loader)
        machine = known[name]
        found = answers_of(evaluation, machine.get("profile"), args)
        server = machine.get("http_server") or acting
        if server not in servers:
            servers[server] = _per_machine.Evaluation(hosts.variables(server), loader)
        _check_arguments(evaluation, servers[server], machine.get("profile"), args["profiles"])
        if not evaluation.mistakes:
            answers[name] = found
        mistakes += [f"{name}: {mistake}" for mistake in evaluation.mistakes]
    return answers, mistakes


def answers_of(evaluation: _per_machine.Evaluation, profile: str | None, names: Record) -> Record:
    """The answers of one machine: its own over those of its profile over those of the site.

    :arg names: of the variables: ``{defaults, profiles, machine_answers}``
    """
    layers = [
        evaluation.raw(names["defaults"]),
        # Other profiles' answers may refer to what this machine does not have.
        evaluation.item(evaluation.item(evaluation.raw(names["profiles"]), profile), "answers"),
        evaluation.raw(names["machine_answers"]),
    ]
    values = [evaluation.value(evaluation.written(layer), "answers") or {} for layer in layers]
    if not all(isinstance(value, dict) for value in values):
        evaluation.mistakes.append("answers: write a mapping, such as {timezone: Europe/Berlin}")
        return {}
    return layered(*values)


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
            f"{address}: are published once for all its machines, but differ for this one; write what "
            "differs into machine_kernel_arguments"
        )


def render(
    loader: t.Any, installations: list[Record], variables: dict[str, Record], search: t.Sequence[str]
) -> list[str]:
    """Add to each installation the texts of its answer file and of its further files; return the mistakes.

    :arg variables: by name of the machine
    :arg search: where the files are that answers name
    """
    first = next(iter(variables.values()), {})
    others = [path for path in first.get("ansible_search_path") or [] if path != _ROLE]
    folders = {"ansible_search_path": [_ROLE, *others]}
    templates = _per_machine.Templates(loader, folders["ansible_search_path"])
    mistakes = []
    for item in installations:
        try:
            _render(item, {**variables[item["machine"]], **folders}, templates, loader, search)
        except PxeError as exc:
            mistakes.append(f"{item['machine']}: {exc}")
    return mistakes


def _render(
    item: Record, variables: Record, templates: _per_machine.Templates, loader: t.Any, search: t.Sequence[str]
) -> None:
    """:raises PxeError: one of its files cannot be rendered."""
    file = item["answers"]["file"]
    own = item["own_file"] = _own_file(file, search)
    path = own if item["template"] == file else os.path.join(_ROLE, "templates", item["template"])
    known = {**variables, "installation": _per_machine.finished(item)}

    def text_of(path: str) -> str:
        return templates.render(path, known) if path.endswith(".j2") else _own_text(path, loader)

    item["files"] = _files_beside(item["answers"]["files"], text_of, search)
    for beside in FAMILIES[item["family"]].files_beside:
        item["files"][beside.name] = text_of(os.path.join(_ROLE, "templates", beside.template))
    here = {"installation": _per_machine.finished(item), "__answers_own_file": own}
    item["answer"] = templates.render(path, {**known, **here})


def _files_beside(
    files: t.Sequence[str], text_of: t.Callable[[str], str], search: t.Sequence[str]
) -> dict[str, str]:
    """The texts of what lies beside the answer file, by name.

    :arg text_of: of a file, by its path
    :raises PxeError: one is not there, cannot be rendered or is too large.
    """
    texts, size = {}, 0
    for number, file in enumerate(files):
        text = text_of(_own_file(file, search, f"answers.files[{number}]"))
        texts[_answers.served_name(file)] = text
        try:
            size += len(text.encode())
        except UnicodeEncodeError as exc:
            raise PxeError(f"answers.files[{number}]: {file} is not UTF-8 text; {_OTHERWISE}") from exc
        if size > _answers.LARGEST_FILES:
            raise PxeError(f"answers.files[{number}]: with {file} they have more than 1 MiB; {_OTHERWISE}")
    return texts


def _own_text(path: str, loader: t.Any) -> str:
    """A text file as it is, or as it was before it was encrypted. Bytes that are no UTF-8 become surrogates."""
    with open(loader.get_real_file(path), "rb") as file:
        # So much that it is seen to be too large.
        return file.read(_answers.LARGEST_FILES + 1).decode("utf-8", "surrogateescape")


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
