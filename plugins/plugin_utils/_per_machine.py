# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Values and templates as one machine has them, whatever host a task is about.

Ansible evaluates the arguments of a task once, with the variables of the host that the task is about. What differs
between machines is therefore looked up here by the name of a variable, and evaluated for each of them.
"""

from __future__ import annotations

import os
import re
import typing as t

import jinja2
from ansible.errors import AnsibleError, AnsibleUndefinedVariable
from ansible.parsing.vault import AnsibleVaultError
from ansible.template import Templar, generate_ansible_template_vars
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

try:
    from ansible.template import trust_as_template
except ImportError:
    # Before ansible-core 2.19 every text is a template, but those that are marked as unsafe.
    from ansible.utils.unsafe_proxy import wrap_var as _never_a_template

    DATA_TAGGING = False

    def is_encrypted(value: t.Any) -> bool:
        return hasattr(value, "__ENCRYPTED__")

    def trust_as_template(value: str) -> str:
        return value
else:
    from ansible.parsing.vault import EncryptedString as _EncryptedString

    DATA_TAGGING = True

    def is_encrypted(value: t.Any) -> bool:
        return isinstance(value, _EncryptedString)

    def _never_a_template(value: t.Any) -> t.Any:
        """From 2.19 on, what comes of a template is not one itself."""
        return value


Variables = dict[str, t.Any]

_ONE_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}\Z")
# What a site need not have. Roles are handed them by their names.
_OPTIONAL = frozenset(("machine_answers", "site_answers", "site_profiles"))
_RAW = "write {% raw %} before and {% endraw %} after text that is not meant for Jinja"
_UNDEFINED = (AnsibleUndefinedVariable, jinja2.UndefinedError)
# What may be taken over from an error: its pattern, the kinds of errors it is looked for in, and the words for it.
_REASONS: tuple[tuple[re.Pattern[str], t.Any, str], ...] = (
    # The last one is the cause of those before it.
    (re.compile(r".*'([A-Za-z_]\w{0,99})' is undefined", re.DOTALL), _UNDEFINED, "'{}' is undefined"),
    (
        re.compile(r"has no attribute|no element|is undefined"),
        _UNDEFINED,
        "something that it refers to does not exist",
    ),
    (re.compile(r"(?i)vault|decrypt"), AnsibleVaultError, "it cannot be decrypted"),
    (
        re.compile(r"(lookup|filter|test) plugin '([a-z_][\w.]{0,99})'"),
        AnsibleError,
        "the {} '{}' fails",
    ),
    (re.compile(r"(lookup) plugin \(([a-z_][\w.]{0,99})\) not found"), AnsibleError, "there is no {} '{}'"),
    (re.compile(r"No (filter|test) named '([a-z_][\w.]{0,99})'"), Exception, "there is no {} '{}'"),
    (
        re.compile(r'Could not load "([a-z_][\w.]{0,99})"'),
        jinja2.TemplateSyntaxError,
        "there is no plugin '{}'",
    ),
)


class Hosts:
    """The variables of hosts, as a task has them that is about that host."""

    def __init__(self, task: t.Any, task_vars: Variables) -> None:
        self._task = task
        self._manager = task.get_variable_manager()
        self._play = task.get_play()
        # Known to a running task only.
        self._running = {
            name: task_vars[name] for name in ("hostvars", "ansible_search_path") if name in task_vars
        }

    def variables(self, name: str) -> Variables:
        host = self._manager._inventory.get_host(name)
        found = self._manager.get_vars(play=self._play, host=host, task=self._task, include_hostvars=False)
        return {**found, **self._running, "inventory_hostname": name}


class Evaluation:
    """Values of one machine, with its mistakes by the address of the value."""

    def __init__(self, variables: Variables, loader: t.Any) -> None:
        self.variables = variables
        self.mistakes: list[str] = []
        self._templar = Templar(loader=loader, variables=variables)

    def raw(self, name: str) -> t.Any:
        """A variable as it is written; where it is nothing but the name of another one, that other one."""
        return self.written(self.variables.get(name), name)

    def written(self, value: t.Any, name: str = "") -> t.Any:
        """A value as it is written; where it is nothing but the name of a variable, what that one is written as."""
        passed = {name}
        while isinstance(value, str):
            other = _ONE_VARIABLE.match(value.strip())
            if not other or other[1] in passed:
                break
            # A variable that is not there is a mistake, which evaluation tells, and not nothing.
            if other[1] not in self.variables and other[1] not in _OPTIONAL:
                break
            passed.add(other[1])
            value = self.variables.get(other[1])
        return value

    def item(self, raw: t.Any, key: t.Any) -> t.Any:
        """An item of a mapping as it is written: its neighbours are evaluated only if the mapping is a template."""
        raw = self.written(raw)
        if isinstance(raw, str):
            raw = self.value(raw, "answers")
        return raw.get(key) if isinstance(raw, dict) else None

    def value(self, raw: t.Any, address: str) -> t.Any:
        """The value with everything in it evaluated; ``None`` for what cannot be, which becomes a mistake."""
        if is_encrypted(raw):
            return self._decrypted(raw, address)
        if isinstance(raw, dict):
            return {key: self.value(raw[key], f"{address}.{key}") for key in raw}
        if isinstance(raw, (list, tuple)):
            return [self.value(item, f"{address}[{number}]") for number, item in enumerate(raw)]
        if not isinstance(raw, str) or "{" not in raw:
            return raw
        try:
            result = self._templar.template(raw)
        except Exception as exc:  # whatever a template may raise
            self.mistakes.append(f"{address}: cannot be evaluated: {reason(exc)}; {_RAW}")
            return None
        if "{#" in raw and "{% raw" not in raw and result != raw:
            self.mistakes.append(
                f"{address}: '{{#' begins a comment of Jinja's, so that what follows would be left out; {_RAW}"
            )
        return result

    def _decrypted(self, raw: t.Any, address: str) -> str | None:
        try:
            # What is encrypted is no template to ansible-core 2.19.
            text = str(raw)
        except Exception as exc:  # whatever a vault may raise
            self.mistakes.append(f"{address}: cannot be evaluated: {reason(exc)}")
            return None
        return text if DATA_TAGGING else t.cast("str | None", self.value(text, address))


def reason(exc: BaseException) -> str:
    """Why something cannot be evaluated, in words that hold no value.

    What Ansible and plugins say quotes the template, what it was given, or lines of the file around it. Of that only
    names of variables and plugins are taken over, and numbers of lines.
    """
    chain = list(_chain(exc))
    ours = [str(one) for one in chain if isinstance(one, PxeError)]
    if ours:
        # Messages of the collection itself show no values.
        return ours[0]
    for pattern, kinds, words in _REASONS:
        for one in chain:
            # Words of which kind it is may stand in anything that a plugin says.
            found = pattern.search(str(one)) if isinstance(one, kinds) else None
            if found:
                return words.format(*found.groups())
    for one in chain:
        if isinstance(one, jinja2.TemplateSyntaxError):
            return f"line {one.lineno or 1} is not valid Jinja"
    return f"what it calls fails ({type(chain[-1]).__name__})"


def _chain(exc: BaseException | None) -> t.Iterator[BaseException]:
    """An error and what caused it."""
    known: set[int] = set()
    while exc is not None and id(exc) not in known:
        known.add(id(exc))
        yield exc
        exc = exc.__cause__ or vars(exc).get("orig_exc") or exc.__context__


class Lazy(dict[t.Any, t.Any]):
    """A mapping as it is written, of which each value is evaluated when it is asked for.

    Asking for one that cannot be evaluated raises PxeError. Names of other variables are followed down to a depth, as
    these may name each other.
    """

    def __init__(self, raw: dict[t.Any, t.Any], evaluation: Evaluation, depth: int = 3) -> None:
        super().__init__(raw)
        self._evaluation = evaluation
        self._depth = depth

    def __getitem__(self, key: t.Any) -> t.Any:
        return _lazily(super().__getitem__(key), self._evaluation, self._depth)


class _LazyList(list[t.Any]):
    def __init__(self, raw: t.Iterable[t.Any], evaluation: Evaluation) -> None:
        super().__init__(raw)
        self._evaluation = evaluation

    def __getitem__(self, index: t.Any) -> t.Any:
        return _lazily(super().__getitem__(index), self._evaluation, 0)


def _lazily(raw: t.Any, evaluation: Evaluation, depth: int) -> t.Any:
    raw = evaluation.written(raw) if depth > 0 else raw
    if isinstance(raw, dict):
        return Lazy(raw, evaluation, depth - 1)
    if isinstance(raw, (list, tuple)):
        return _LazyList(raw, evaluation)
    known = len(evaluation.mistakes)
    value = evaluation.value(raw, "value")
    if len(evaluation.mistakes) > known:
        raise PxeError(evaluation.mistakes[-1])
    return value


class Templates:
    """Renders files for many machines, and compiles each of them once."""

    def __init__(self, loader: t.Any, search_path: t.Sequence[str]) -> None:
        self._loader = loader
        self._folders = [folder for path in search_path for folder in (os.path.join(path, "templates"), path)]
        self._templars: dict[str, tuple[t.Any, str, Variables]] = {}

    def render(self, path: str, variables: Variables) -> str:
        """The text that a file gives with these variables.

        :raises PxeError: it cannot be rendered.
        """
        if path not in self._templars:
            self._templars[path] = self._prepared(path)
        templar, text, about = self._templars[path]
        templar.available_variables = {**variables, **about}
        # Jinja itself must not guess that a text is a number or a list.
        options = {} if DATA_TAGGING else {"convert_data": False}
        try:
            return str(templar.template(text, escape_backslashes=False, **options))
        except Exception as exc:  # whatever a template may raise
            raise PxeError(f"{os.path.basename(path)} cannot be rendered: {reason(exc)}") from exc

    def _prepared(self, path: str) -> tuple[t.Any, str, Variables]:
        real = self._loader.get_real_file(path)
        with open(real, encoding="utf-8", errors="surrogateescape") as file:
            text = file.read()
        folders = [os.path.dirname(path), *self._folders]
        # A template that is included is compiled once; what Ansible itself must read first is not included: settings
        # of Jinja's in the first line, or an encrypted file.
        if real == path and not text.startswith("#jinja2:"):
            text = "{% include template_name %}" + ("\n" if text.endswith("\n") else "")
        name = os.path.basename(path)
        about = {**generate_ansible_template_vars(name, path), "template_name": name}
        return self._templar(folders), trust_as_template(text), about

    def _templar(self, folders: list[str]) -> t.Any:
        templar = Templar(loader=self._loader, variables={})
        if DATA_TAGGING:
            return templar.copy_with_new_env(searchpath=folders)
        templar.environment.loader.searchpath = folders
        return templar


def finished(value: t.Any) -> t.Any:
    """A value for templates, in which nothing is evaluated a second time."""
    return _never_a_template(value)
