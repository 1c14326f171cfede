# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that executes iPXE scripts as iPXE does, as far as our scripts use the language.

Source: iPXE ``src/core/exec.c`` (operators), ``src/image/script.c`` (lines, labels), ``src/usr/imgmgmt.c``. Unlike iPXE
it has no network of its own: ``fetch`` asks the server. What would wait for a person ends the boot: as ``hold``
where a script asks for a key, as ``shell`` where it opens one. A menu takes its default.
"""

from __future__ import annotations

import re
import typing as t

#: What fetches a URL: its text, or None if the server did not hand it out.
Fetch = t.Callable[[str], t.Optional[str]]
# A script that loops without asking the server would never end.
_MOST_LINES = 2000
_SETTING = re.compile(r"\$\{([^}]*)\}")
_OPERATORS = ("||", "&&", ";")


class Ending(t.NamedTuple):
    """``kind``: disk, installer, hold or shell; ``arguments``: the kernel's command line."""

    kind: str
    arguments: tuple[str, ...] = ()


class _EndError(Exception):
    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.kind)
        self.ending = ending


class _ExitError(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


def boot(url: str, settings: t.Mapping[str, str], fetch: Fetch) -> Ending:
    """Boot from the script at ``url``.

    :param settings: what firmware and DHCP told iPXE: ``netX/mac``, ``netX/ip``, ``platform``, ``buildarch``.
    """
    return Client(settings, fetch).boot(url)


class Client:
    """One boot of one machine."""

    def __init__(self, settings: t.Mapping[str, str], fetch: Fetch) -> None:
        self.settings = dict(settings)
        self.fetch = fetch
        self.images: dict[str, str] = {}
        self.kernel: tuple[str, ...] | None = None
        self.menu_default = ""
        self.lines_left = _MOST_LINES

    def boot(self, url: str) -> Ending:
        try:
            self.run(["chain", "--replace", url])
        except _EndError as end:
            return end.ending
        except _ReplacedError:
            pass
        # The firmware goes on with its next boot entry.
        return Ending("disk")

    # Lines

    def script(self, text: str) -> int:
        lines = text.split("\n")
        labels = {line.strip()[1:]: at for at, line in enumerate(lines) if line.strip().startswith(":")}
        at = 0
        while at < len(lines):
            self.lines_left -= 1
            assert self.lines_left, f"a loop without an end:\n{text}"
            try:
                status = 0 if lines[at].startswith(("#", ":")) else self.line(lines[at].split())
            except _ExitError as end:
                return end.status
            except _ReplacedError as end:
                return end.status
            except _GotoError as jump:
                at = labels[jump.label]
                continue
            if status:
                return status
            at += 1
        return 0

    def line(self, words: list[str]) -> int:
        status, operator = 0, ";"
        for command, following in _split(words):
            if operator == ";" or (operator == "||" and status) or (operator == "&&" and not status):
                status = self.run(command)
            operator = following
        return status

    def run(self, command: list[str]) -> int:
        words = [self.expand(word) for word in command]
        # A setting that holds several words, or none.
        words = [word for item in words for word in item.split()]
        if not words:
            return 0
        handler = getattr(self, f"do_{words[0]}", None)
        assert handler, f"'{words[0]}' is no command that this client knows"
        return int(handler(words[1:]) or 0)

    def expand(self, word: str) -> str:
        return _SETTING.sub(lambda match: self.setting(match[1]), word)

    def setting(self, name: str) -> str:
        if name.endswith(":hexhyp"):
            return self.settings.get(name[: -len(":hexhyp")], "").replace(":", "-")
        return self.settings.get(name.split(":")[0], "")

    # Commands: 0 is success

    def do_echo(self, _words: list[str]) -> int:
        return 0

    do_sleep = do_console = do_ifstat = do_imgstat = do_dhcp = do_item = do_menu = do_echo

    def do_set(self, words: list[str]) -> int:
        self.settings[words[0].split(":")[0]] = " ".join(words[1:])
        return 0

    def do_clear(self, words: list[str]) -> int:
        return 0 if self.settings.pop(words[0].split(":")[0], None) is not None else 1

    def do_inc(self, words: list[str]) -> int:
        name = words[0].split(":")[0]
        self.settings[name] = str(int(self.settings.get(name) or 0) + 1)
        return 0

    def do_iseq(self, words: list[str]) -> int:
        # Where a setting is empty a word is missing; real iPXE then fails as well.
        return 0 if len(words) == 2 and words[0] == words[1] else 1

    def do_isset(self, words: list[str]) -> int:
        return 0 if words else 1

    def do_goto(self, words: list[str]) -> int:
        raise _GotoError(words[0])

    def do_exit(self, words: list[str]) -> int:
        raise _ExitError(int(words[0]) if words else 0)

    def do_choose(self, words: list[str]) -> int:
        options, rest = _options(words, valued=("--default", "--timeout"))
        self.settings[rest[0]] = options["--default"]
        return 0

    def do_prompt(self, _words: list[str]) -> int:
        raise _EndError(Ending("hold"))

    def do_shell(self, _words: list[str]) -> int:
        raise _EndError(Ending("shell"))

    def do_sanboot(self, _words: list[str]) -> int:
        raise _EndError(Ending("disk"))

    def do_chain(self, words: list[str]) -> int:
        options, rest = _options(words, valued=("--timeout", "--name"))
        text = self.fetch(rest[0])
        if text is None:
            return 1
        if not text.startswith("#!ipxe"):
            return 1
        # Not executed within the one that it replaces, whose rest is never reached.
        status = self.script(text)
        if "--replace" in options:
            raise _ReplacedError(status)
        return status

    def do_imgfetch(self, words: list[str]) -> int:
        options, rest = _options(words, valued=("--timeout", "--name"))
        text = self.fetch(rest[0])
        if text is None:
            return 1
        self.images[options.get("--name") or rest[0].rsplit("/", 1)[-1]] = text
        return 0

    def do_imgfree(self, words: list[str]) -> int:
        if words:
            return 0 if self.images.pop(words[0], None) is not None else 1
        self.images.clear()
        self.kernel = None
        return 0

    def do_kernel(self, words: list[str]) -> int:
        if self.fetch(words[0]) is None:
            return 1
        self.kernel = tuple(words[1:])
        return 0

    def do_initrd(self, words: list[str]) -> int:
        options, rest = _options(words, valued=("--name",))
        if self.fetch(rest[0]) is None:
            return 1
        self.images[f"initrd {options.get('--name', '')}"] = ""
        return 0

    def do_boot(self, _words: list[str]) -> int:
        if self.kernel is None:
            return 1
        others = [name for name in self.images if not name.startswith("initrd ")]
        assert not others, f"the kernel would take {others} for an initrd"
        raise _EndError(Ending("installer", self.kernel))


class _GotoError(Exception):
    def __init__(self, label: str) -> None:
        super().__init__(label)
        self.label = label


class _ReplacedError(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


def _split(words: list[str]) -> list[tuple[list[str], str]]:
    """[(a command's words, the operator behind it)]; a word that starts with # begins a comment."""
    commands: list[tuple[list[str], str]] = []
    current: list[str] = []
    for word in words:
        if word.startswith("#"):
            break
        if word in _OPERATORS:
            commands.append((current, word))
            current = []
        else:
            current.append(word)
    return [*commands, (current, ";")]


def _options(words: list[str], valued: t.Collection[str]) -> tuple[dict[str, str], list[str]]:
    options: dict[str, str] = {}
    rest: list[str] = []
    left = list(words)
    while left:
        word = left.pop(0)
        if word in valued:
            options[word] = left.pop(0)
        elif word.startswith("--") and not rest:
            options[word] = ""
        else:
            rest.append(word)
    return options, rest
