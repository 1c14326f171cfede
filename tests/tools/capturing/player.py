# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays playbooks of the collection on servers that are folders, in one process.

The playbooks, the roles and their variables are loaded by Ansible itself, and so are conditions, loops and templates
evaluated. Of the tasks, those run whose product is captured or decides what others do: templates, copies, facts and
messages, and the collection's own plugins that compile the plan, publish boot files and arm machines. All others get a
reply of ``stubs``, and neither their arguments nor their conditions are evaluated.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import itertools
import json
import pathlib
import shutil
import types
import typing as t
from unittest import mock

import jinja2
from ansible._internal._templating._jinja_bits import _TemplateCompileContext
from ansible.inventory.manager import InventoryManager
from ansible.module_utils import basic
from ansible.module_utils.testing import patch_module_args
from ansible.parsing.dataloader import DataLoader
from ansible.playbook import Playbook
from ansible.playbook.block import Block
from ansible.playbook.helpers import load_list_of_blocks
from ansible.playbook.included_file import IncludedFile
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import action_loader
from ansible.template import Templar
from ansible.utils.collection_loader import AnsibleCollectionConfig
from ansible.utils.display import Display
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager

from capturing import stubs

Record = dict[str, t.Any]

#: What the clock says while modules run: 2026-01-01.
NOW = 1767225600.0
COLLECTION = "netinstall.pxe"
#: Modules that run for real, below the folder that stands for a server.
REAL = (
    "answers_info",
    "arming",
    "boot_files",
    "boot_plan_info",
    "kickstart_validate",
    "offers",
    "pxelinux_arming",
)
#: Action plugins that run for real.
ACTIONS = ("answers_info", "arm_machines", "boot_plan_info", "publish_offers")
#: Settings of Jinja's on which it depends what a template is compiled to.
SYNTAX = (
    *("block_start_string", "block_end_string", "variable_start_string", "variable_end_string"),
    *("comment_start_string", "comment_end_string", "line_statement_prefix", "line_comment_prefix"),
    *("trim_blocks", "lstrip_blocks", "newline_sequence", "keep_trailing_newline", "autoescape"),
)
#: What is known of pxelinux only on a server.
SYSLINUX = "loader_syslinux_published"


class PlayError(Exception):
    """A playbook failed."""


class EndedError(Exception):
    """A module ended; its result."""


def _end(_module: t.Any, *_positional: t.Any, **result: t.Any) -> t.NoReturn:
    raise EndedError({"changed": False, **result})


def _fail(_module: t.Any, msg: str, **result: t.Any) -> t.NoReturn:
    raise EndedError({"failed": True, "changed": False, "msg": msg, **result})


def _succeed(*_arguments: t.Any, **_options: t.Any) -> tuple[int, str, str]:
    return 0, "", ""


class _Copy:
    """In place of the action plugin `copy`, to which `template` hands its text."""

    def __init__(self, write: t.Callable[[str, pathlib.Path, t.Any], None], task: t.Any) -> None:
        self._write, self._task = write, task

    def run(self, task_vars: t.Any = None) -> Record:
        args = self._task.args
        self._write(str(args["dest"]), pathlib.Path(args["src"]), args.get("mode"))
        return {"changed": True}


class Collection:
    """The playbooks of a collection, which are loaded once for all sites."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.loader = DataLoader()
        self.manager = VariableManager(loader=self.loader)
        self._folder = folder
        self._loaded: dict[str, t.Any] = {}
        self.numbers = itertools.count()

    def forget(self, sources: t.Sequence[str], extra: Record) -> InventoryManager:
        """Begin with another inventory."""
        inventory = InventoryManager(loader=self.loader, sources=list(sources))
        vars(self.manager).update(vars(VariableManager(loader=self.loader, inventory=inventory)))
        self.manager._extra_vars = dict(extra)
        # As of the command line; Ansible reads that once.
        options = {**self.manager._options_vars, "ansible_inventory_sources": list(sources)}
        self.manager._options_vars = options
        self.manager._hostvars = HostVars(inventory, self.manager, self.loader)
        return inventory

    def plays(self, playbook: str) -> t.Iterator[t.Any]:
        AnsibleCollectionConfig.default_collection = COLLECTION
        if playbook not in self._loaded:
            path = str(self._folder / "playbooks" / f"{playbook}.yml")
            self._loaded[playbook] = Playbook.load(path, variable_manager=self.manager, loader=self.loader)
        book = self._loaded[playbook]
        for play in book.get_plays():
            self.loader.set_basedir(play._included_path or book._basedir)
            # What is included is added to a play.
            kept = play.hosts, list(play.roles), list(play.handlers)
            try:
                yield play
            finally:
                play.hosts, play.roles, play.handlers = kept


class Site:
    """One inventory, and the folders that stand for its servers."""

    def __init__(
        self,
        collection: Collection,
        sources: t.Sequence[str],
        extra: Record,
        kind: stubs.Kind,
        folder: pathlib.Path,
    ) -> None:
        self.collection, self.kind, self.folder = collection, kind, folder
        self.number = next(collection.numbers)
        self.loader, self.manager = collection.loader, collection.manager
        self.inventory = collection.forget(sources, extra)
        self.said: list[str] = []
        self.failures: list[str] = []
        self.laid_out: dict[pathlib.Path, bytes] = {}
        self.modes: dict[str, str] = {}
        self._done: set[str] = set()

    # Playbooks

    def play(self, playbook: str, **extra: t.Any) -> None:
        """:raises PlayError: a task failed that decides what comes after it."""
        self.manager._extra_vars = {**self.manager._extra_vars, **extra}
        self.said.append(f"== {playbook}")
        for play in self.collection.plays(playbook):
            variables = self.manager.get_vars(play=play)
            pattern = Templar(loader=self.loader, variables=variables).template(play.hosts)
            hosts = self.inventory.get_hosts(pattern)
            play.hosts = pattern
            for host in hosts:
                self.manager.set_host_facts(host.name, self.facts(host.name))
            self._done.clear()
            self.inventory.restrict_to_hosts(hosts)
            for block in play.compile() if hosts else []:
                for host in hosts:
                    self._block(block, play, host, hosts)
            self.inventory.remove_restriction()

    def facts(self, host: str) -> Record:
        known = self.kind.facts()
        variables = self.inventory.get_host(host).get_vars()
        address = variables.get("server_address")
        return {**known, "all_ipv4_addresses": [address] if address else []}

    def _block(self, block: Block, play: t.Any, host: t.Any, hosts: t.Sequence[t.Any]) -> None:
        for task in [*block.block, *block.always]:
            if isinstance(task, Block):
                self._block(task, play, host, hosts)
            elif not self._has_run_once(task):
                Step(self, play, host, hosts, task).run()

    def _has_run_once(self, task: t.Any) -> bool:
        if task.run_once is not True:
            return False
        known = task._uuid in self._done
        self._done.add(task._uuid)
        return known

    # Servers

    def server(self, host: str) -> pathlib.Path:
        """The folder that stands for a server's root."""
        return self.folder / host

    def root(self) -> str:
        return str(self.plan()["root"])

    def fact(self, name: str) -> t.Any:
        """A fact of whichever host has it."""
        known = self.manager._nonpersistent_fact_cache
        return next((known[host][name] for host in sorted(known) if name in known[host]), None)

    def plan(self) -> Record:
        """:raises PlayError: there is none."""
        if self.fact("site_plan") is None:
            raise PlayError("there is no plan")
        return t.cast("Record", self.fact("site_plan"))

    def lay_out(self) -> None:
        """What lies on web servers before anything is published, once the plan is known."""
        plan = self.plan()
        for name in plan["servers"]:
            root = self.server(name) / plan["root"].lstrip("/")
            files = stubs.lay_out(root, plan["distributions"])
            self.laid_out |= {path: path.read_bytes() for path in files}
            picture = {"splash": plan["menu"]["splash"]} if plan["menu"].get("splash") else {}
            published = {"version": self.kind.syslinux, "memory_test": self.kind.memory_test, **picture}
            self.manager.set_nonpersistent_facts(name, {SYSLINUX: published})

    def clear(self) -> None:
        """Take away what was laid out and is still there as it was."""
        for path, data in self.laid_out.items():
            if path.exists() and path.read_bytes() == data:
                path.unlink()

    def write(self, host: str, dest: str, source: pathlib.Path, mode: t.Any) -> None:
        place = self.server(host) / dest.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)
        self.modes[f"{host}/{dest.lstrip('/')}"] = str(mode or "")

    def module(self, name: str, arguments: Record, host: str, check: bool) -> Record:
        """Run a module of the collection in this process."""
        try:
            root = self.root()
        except PlayError:
            root = ""
        place = str(self.server(host))
        moved = {
            key: place + value
            if isinstance(value, str) and root and (value == root or value.startswith(root + "/"))
            else value
            for key, value in arguments.items()
        }
        module = importlib.import_module(f"ansible_collections.netinstall.pxe.plugins.modules.{name}")
        with (
            patch_module_args({**moved, "_ansible_check_mode": check}),
            mock.patch.object(basic.AnsibleModule, "exit_json", _end),
            mock.patch.object(basic.AnsibleModule, "fail_json", _fail),
            mock.patch.object(basic.AnsibleModule, "run_command", _succeed),
            mock.patch.object(basic.AnsibleModule, "warn", self._warn),
            mock.patch("time.time", return_value=NOW),
            mock.patch("os.fsync", _succeed),
        ):
            try:
                module.main()
            except EndedError as ended:
                # As if it had travelled.
                return t.cast("Record", json.loads(json.dumps(ended.args[0], default=str).replace(place, "")))
        raise PlayError(f"{name} did not end")

    def _warn(self, message: str) -> None:
        self.said.append(f"WARNING: {message}")


class Step:
    """One task on one host."""

    def __init__(self, site: Site, play: t.Any, host: t.Any, hosts: t.Sequence[t.Any], task: t.Any) -> None:
        self.site, self.play, self.host, self.hosts, self.task = site, play, host, hosts, task
        self.action = _full_name(task)
        #: what earlier rounds of a loop have said
        self.facts: Record = {}

    def run(self) -> None:
        runner = self._runner()
        try:
            if runner is None:
                self._register(self._stub())
                return
            variables = self._variables()
            results = list(self._rounds(runner, variables))
        except Exception as exc:  # whatever a template may raise; it is what is wrong with this capture
            self._failed(exc)
            return
        if self.task.loop is None and not self.task.loop_with:
            self._register(results[0] if results else {"changed": False, "skipped": True})
        else:
            self._register({"changed": any(one.get("changed") for one in results), "results": results})

    def _failed(self, exc: BaseException) -> None:
        said = f"{self.host.name}: {self.task.get_name()}: {_words(exc)}"
        if self.action == "ansible.builtin.debug":
            # It would say what only a server knows.
            return
        self.site.failures.append(said)
        if isinstance(exc, PlayError):
            raise exc

    def _runner(self) -> t.Callable[[t.Any, t.Any, Record], Record | None] | None:
        known: dict[str, t.Callable[[t.Any, t.Any, Record], Record | None]] = {
            "ansible.builtin.template": self._template,
            "ansible.builtin.copy": self._copy,
            "ansible.builtin.set_fact": self._set_fact,
            "ansible.builtin.include_vars": self._include_vars,
            "ansible.builtin.debug": self._debug,
            "ansible.builtin.set_stats": self._set_stats,
            "ansible.builtin.fail": self._fail,
            "ansible.builtin.include_tasks": self._include,
            "ansible.builtin.include_role": self._include,
        }
        if self.action in known:
            return known[self.action]
        family, _dot, name = self.action.rpartition(".")
        if family == COLLECTION and name in ACTIONS:
            return self._own_action
        if family == COLLECTION and name in REAL:
            return self._own_module
        if family == COLLECTION or _is_ufw(self.task):
            return self._asked
        return None

    # Values

    def _variables(self) -> Record:
        variables = self.site.manager.get_vars(play=self.play, host=self.host, task=self.task)
        variables["ansible_search_path"] = self.task.get_search_path()
        base = self.site.loader.get_basedir()
        if base not in variables["ansible_search_path"]:
            variables["ansible_search_path"].append(base)
        return t.cast("Record", variables)

    def _rounds(self, runner: t.Callable[..., Record | None], variables: Record) -> t.Iterator[Record]:
        if self.task.loop is None:
            yield self._round(runner, variables)
            return
        control = self.task.loop_control
        name = control.loop_var if control and control.loop_var else "item"
        for item in self._items(variables):
            known = {**variables, **self.facts, name: item}
            yield {**self._round(runner, known), name: item, "ansible_loop_var": name}

    def _items(self, variables: Record) -> list[t.Any]:
        try:
            return list(Templar(loader=self.site.loader, variables=variables).template(self.task.loop))
        except Exception:
            # As Ansible does: what a condition leaves out need not have a list.
            if self.task._resolve_conditional(self.task.when, variables):
                raise
            return []

    def _round(self, runner: t.Callable[..., Record | None], variables: Record) -> Record:
        if not self.task._resolve_conditional(self.task.when, variables):
            return {"changed": False, "skipped": True}
        templar = Templar(loader=self.site.loader, variables=variables)
        task = self.task.copy(exclude_parent=True)
        task._parent = self.task._parent
        # An action plugin may keep what it made for one task, and this is another site's.
        task._uuid = f"{self.site.number} {task._uuid}"
        if self.task.delegate_to:
            task.delegate_to = templar.template(self.task.delegate_to)
        task.args = task._post_validate_args("args", task.args, templar._engine)
        return runner(task, templar, variables) or {"changed": True}

    def _register(self, result: Record) -> None:
        if not self.task.register:
            return
        self._remember({self.task.register: result})

    def _remember(self, facts: Record) -> None:
        self.facts |= facts
        hosts = self.hosts if self.task.run_once else [self.host]
        for host in hosts:
            self.site.manager.set_nonpersistent_facts(host.name, dict(facts))

    def _stub(self) -> Record:
        arguments: Record = dict(self.task.args)
        if self.action == "ansible.builtin.stat":
            with contextlib.suppress(Exception):
                return self._stats()
        return {**stubs.reply(self.action, arguments, self.site.kind), "results": []}

    def _stats(self) -> Record:
        """Which files are there, for each round of a loop."""
        if self.task.loop is None:
            return stubs.reply(self.action, {"path": str(self.task.args.get("path"))}, self.site.kind)
        variables = self._variables()
        results = []
        for item in self._items(variables):
            templar = Templar(loader=self.site.loader, variables={**variables, "item": item})
            path = templar.template(self.task.args.get("path"))
            results.append({**stubs.reply(self.action, {"path": path}, self.site.kind), "item": item})
        return {"changed": False, "results": results}

    # What tasks do

    def _handler(self, task: t.Any, templar: t.Any) -> t.Any:
        shell = types.SimpleNamespace(tmpdir=None, env_prefix=lambda **_: "")
        connection = types.SimpleNamespace(
            _shell=shell,
            transport="local",
            become=None,
            has_pipelining=False,
            _load_name="local",
            ansible_name="local",
        )
        copying = types.SimpleNamespace(get=lambda _name, task, **_: _Copy(self._write, task))
        handler = action_loader.get(
            self.action,
            task=task,
            connection=connection,
            play_context=PlayContext(),
            loader=self.site.loader,
            templar=templar,
            shared_loader_obj=None,
            collection_list=task.collections,
        )
        handler._shared_loader_obj = types.SimpleNamespace(action_loader=copying)
        handler._make_tmp_path = handler._remove_tmp_path = lambda *_: None
        return handler

    def _write(self, dest: str, source: pathlib.Path, mode: t.Any) -> None:
        self.site.write(self.host.name, dest, source, mode)

    def _template(self, task: t.Any, templar: t.Any, variables: Record) -> Record:
        return t.cast("Record", self._handler(task, templar).run(task_vars=variables))

    def _copy(self, task: t.Any, templar: t.Any, variables: Record) -> Record | None:
        args = task.args
        if args.get("remote_src"):
            return None
        if args.get("content") is not None:
            content = args["content"]
            text = content if isinstance(content, str) else json.dumps(content)
            source = self.site.folder / ".content"
            source.write_text(text, encoding="utf-8")
        else:
            source = pathlib.Path(self._handler_needle(task, templar, variables, args["src"]))
        self._write(str(args["dest"]), source, args.get("mode"))
        return None

    def _handler_needle(self, task: t.Any, templar: t.Any, variables: Record, name: str) -> str:
        found = self.site.loader.path_dwim_relative_stack(task.get_search_path(), "files", name)
        return str(found)

    def _set_fact(self, task: t.Any, _templar: t.Any, _variables: Record) -> None:
        facts = {key: value for key, value in task.args.items() if key not in ("cacheable", SYSLINUX)}
        is_new = "site_plan" in facts
        self._remember(facts)
        if is_new and not self.site.laid_out:
            self.site.lay_out()

    def _include_vars(self, task: t.Any, _templar: t.Any, _variables: Record) -> None:
        name = task.args.get("file") or task.args["_raw_params"]
        path = self.site.loader.path_dwim_relative_stack(task.get_search_path(), "vars", name)
        for key, value in (self.site.loader.load_from_file(path, trusted_as_template=True) or {}).items():
            self.site.manager.set_host_variable(self.host.name, key, value)

    def _debug(self, task: t.Any, _templar: t.Any, _variables: Record) -> None:
        said = task.args.get("msg", "")
        lines = said if isinstance(said, list) else [said]
        self.site.said += [f"{self.host.name}: {line}" for line in lines]

    def _set_stats(self, task: t.Any, _templar: t.Any, _variables: Record) -> None:
        self.site.said.append(f"result: {json.dumps(task.args.get('data'), sort_keys=True, default=str)}")

    def _fail(self, task: t.Any, _templar: t.Any, _variables: Record) -> t.NoReturn:
        raise PlayError(str(task.args.get("msg")))

    def _include(self, task: t.Any, _templar: t.Any, variables: Record) -> None:
        args = dict(task.args)
        include = args.pop("_raw_params", None)
        control = self.task.loop_control
        name = control.loop_var if control and control.loop_var else "item"
        loop = {name: variables[name], "ansible_loop_var": name} if self.task.loop is not None else {}
        data = {"include": include, "include_args": args, **loop}
        original = self.task
        result = types.SimpleNamespace(host=self.host, task=original, _return_data=data, _loop_results=[data])
        if original.loop is not None:
            result._return_data = {"results": [data]}
        iterator = types.SimpleNamespace(_play=self.play)
        for one in IncludedFile.process_include_results(
            [result], iterator, self.site.loader, self.site.manager
        ):
            for block in self._included(one):
                self.site._block(block, self.play, self.host, self.hosts)

    def _included(self, one: t.Any) -> list[t.Any]:
        copied = one._task.copy(exclude_parent=True)
        copied._parent = one._task._parent
        copied.vars = copied.vars | one._vars
        if one._is_role:
            blocks, _handlers = copied.get_block_list(
                play=self.play, variable_manager=self.site.manager, loader=self.site.loader
            )
            return list(blocks)
        return list(
            load_list_of_blocks(
                self.site.loader.load_from_file(one._filename, trusted_as_template=True) or [],
                play=self.play,
                parent_block=copied.build_parent_block(),
                role=one._task._role,
                use_handlers=False,
                loader=self.site.loader,
                variable_manager=self.site.manager,
            )
        )

    def _own_action(self, task: t.Any, templar: t.Any, variables: Record) -> Record:
        handler = self._handler(task, templar)
        handler._execute_module = functools.partial(self._module, task)
        return self._checked(handler.run(task_vars=variables), task)

    def _own_module(self, task: t.Any, _templar: t.Any, _variables: Record) -> Record:
        return self._checked(self._module(task), task)

    def _module(
        self,
        task: t.Any,
        module_name: str | None = None,
        module_args: Record | None = None,
        task_vars: t.Any = None,
        **_options: t.Any,
    ) -> Record:
        name = module_name or self.action
        arguments = dict(task.args if module_args is None else module_args)
        short = name.rpartition(".")[2]
        if name.startswith(COLLECTION) and short in REAL:
            check = bool(task.check_mode)
            return self.site.module(short, arguments, str(task.delegate_to or self.host.name), check)
        return stubs.reply(name, arguments, self.site.kind)

    def _checked(self, result: Record, task: t.Any) -> Record:
        """:raises PlayError: it failed, and nobody asks why."""
        if result.get("failed") and "mistakes" not in result and not task.ignore_errors:
            raise PlayError(f"{self.task.get_name()}: {result.get('msg')}")
        return result

    def _asked(self, task: t.Any, _templar: t.Any, _variables: Record) -> Record:
        """What only a server can answer."""
        if _is_ufw(self.task):
            self.site.said.append(
                f"{self.host.name} runs: {task.args.get('_raw_params') or task.args.get('cmd')}"
            )
        return stubs.reply(self.action, dict(task.args), self.site.kind)


def _full_name(task: t.Any) -> str:
    name = str(task.action)
    return name if "." in name else f"ansible.builtin.{name}"


def _is_ufw(task: t.Any) -> bool:
    return _full_name(task) == "ansible.builtin.command" and str(task.args.get("_raw_params")).startswith(
        "ufw "
    )


def _words(exc: BaseException) -> str:
    return " ".join(str(exc).split()) or type(exc).__name__


class _Compiled:
    """Templates that were compiled before: sites are many, and templates few."""

    def __init__(self) -> None:
        self._compile = jinja2.Environment.compile
        self._compile_expression = jinja2.Environment.compile_expression
        self._expression: str | None = None
        self._known: dict[t.Any, t.Any] = {}

    def compile(self, environment: t.Any, source: t.Any, *arguments: t.Any, **options: t.Any) -> t.Any:
        text = source if isinstance(source, str) else self._expression
        if text is None:
            return self._compile(environment, source, *arguments, **options)
        compiling = _TemplateCompileContext.current(optional=True)
        key = (
            *(type(environment), isinstance(source, str), text, arguments, tuple(sorted(options.items()))),
            *(getattr(environment, name) for name in SYNTAX),
            compiling.escape_backslashes if compiling else None,
        )
        if key not in self._known:
            self._known[key] = self._compile(environment, source, *arguments, **options)
        return self._known[key]

    def compile_expression(
        self, environment: t.Any, source: str, *arguments: t.Any, **options: t.Any
    ) -> t.Any:
        self._expression = str(source)
        try:
            return self._compile_expression(environment, source, *arguments, **options)
        finally:
            self._expression = None


@contextlib.contextmanager
def compiled_once() -> t.Iterator[None]:
    known = _Compiled()

    def compiled(environment: t.Any, *arguments: t.Any, **options: t.Any) -> t.Any:
        return known.compile(environment, *arguments, **options)

    def expression(environment: t.Any, *arguments: t.Any, **options: t.Any) -> t.Any:
        return known.compile_expression(environment, *arguments, **options)

    with (
        mock.patch.object(jinja2.Environment, "compile", compiled),
        mock.patch.object(jinja2.Environment, "compile_expression", expression),
    ):
        yield


@contextlib.contextmanager
def quiet(site: Site) -> t.Iterator[None]:
    """Keep what Ansible would show: warnings are a part of what is captured."""

    def warn(_display: t.Any, msg: str, *_rest: t.Any, **_options: t.Any) -> None:
        site.said.append(f"WARNING: {msg}")

    with (
        mock.patch.object(Display, "warning", warn),
        mock.patch.object(Display, "display", return_value=None),
    ):
        yield
