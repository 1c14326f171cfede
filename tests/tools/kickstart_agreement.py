# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows that kickstart_validate and the program ksvalidator agree on every kickstart that pykickstart has.

``kickstart_agreement.py CHECKOUT`` takes the folder of a checkout, or of an unpacked release, of pykickstart. It runs
pykickstart's own tests, to see every kickstart that they read, for the versions for which they read it, and takes
every example of its documentation, for several versions. Each goes through the program and through our reading of
it. Both must accept or both refuse it, and both must count the same number of problems; where the program finds
problems, ours must name at least one. ``--kickstart RHEL9:ks.cfg`` adds other files.

pykickstart itself is the installed one. The program runs in a process of its own for each kickstart: forked, unless
``--exec`` asks for a really new one, which takes ten times as long.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import importlib.machinery
import importlib.util
import io
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import typing as t
import unittest
import warnings

import pykickstart.errors
import pykickstart.parser
import pykickstart.version

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / ".ansible" / "collections"))

from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import check, findings

#: For which versions examples of the documentation are read.
DOCUMENTED = ("RHEL5", "RHEL6", "RHEL7", "RHEL8", "RHEL9", "RHEL10", "F42")
PROGRAM = shutil.which("ksvalidator", path=os.path.dirname(sys.executable)) or "ksvalidator"

Runner = t.Callable[[list[str], str], int]


class Case(t.NamedTuple):
    source: str
    version: str
    text: str


class Result(t.NamedTuple):
    case: Case
    follow: bool
    program: int
    counted: int
    problems: int

    @property
    def verdict_agrees(self) -> bool:
        return (self.program == 0) == (self.counted == 0) == (self.problems == 0)

    @property
    def count_agrees(self) -> bool:
        # It is an exit status.
        return self.program == self.counted % 256


# The program


def load_program() -> Runner:
    """The program's own ``main``, for forked processes."""
    loader = importlib.machinery.SourceFileLoader("ksvalidator_program", PROGRAM)
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    program = importlib.util.module_from_spec(spec)
    loader.exec_module(program)

    def run(arguments: list[str], folder: str) -> int:
        child = os.fork()
        if child == 0:
            warnings.resetwarnings()
            os.chdir(folder)
            # The program leaves a file behind.
            tempfile.tempdir = folder
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, 1)
            os.dup2(nothing, 2)
            status = 255
            with contextlib.suppress(BaseException):
                status = program.main(arguments)[0]
            os._exit(status % 256)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    return run


def execute(arguments: list[str], folder: str) -> int:
    command = [sys.executable, PROGRAM, *arguments]
    environment = {**os.environ, "TMPDIR": folder}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False).returncode


def compare(case: Case, run: Runner, follow: bool) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "ks.cfg")
        with open(path, "wb") as file:
            file.write(case.text.encode("utf-8", "surrogateescape"))
        program = run(["-v", case.version, *(["-i"] if follow else []), path], folder)
        number = check.parse_version(case.version)
        reading = check.read(findings.Kickstart("ks.cfg", case.text, number, folder, follow))
    return Result(case, follow, program, reading.counted, len(reading.problems))


def compare_all(cases: list[Case], run: Runner) -> list[Result]:
    found = []
    for number, case in enumerate(cases, 1):
        found.append(compare(case, run, False))
        if number % 500 == 0:
            print(f"{number} of {len(cases)}", file=sys.stderr)
    return found


# Kickstarts


class Recorder:
    """Notes what pykickstart's tests read, while they run.

    Kickstarts that include others are compared at once: the others are gone afterwards.
    """

    def __init__(self, run: Runner) -> None:
        self.run = run
        self.cases: dict[tuple[str, str], Case] = {}
        self.results: list[Result] = []
        self.busy = False

    def note(self, version: int | str, text: str) -> None:
        if self.busy or not isinstance(text, str):
            return
        name = version if isinstance(version, str) else pykickstart.version.versionToString(version, True)
        case = Case("tests", name, text)
        if (name, text) in self.cases or name not in pykickstart.version.versionMap:
            return
        self.cases[name, text] = case
        if re.search(r"^\s*%(include|ksappend)", text, re.MULTILINE):
            self.busy = True
            self.results += [compare(case, self.run, follow) for follow in (False, True)]
            self.busy = False


def hook(owner: t.Any, name: str, look: t.Callable[..., None]) -> None:
    """Call ``look`` with the arguments of a method before the method."""
    method = getattr(owner, name)

    def call(*args: t.Any, **kwargs: t.Any) -> t.Any:
        look(*args)
        return method(*args, **kwargs)

    setattr(owner, name, call)


def run_tests(checkout: pathlib.Path, recorder: Recorder) -> unittest.TestResult:
    """Run pykickstart's tests as its own are run, watched."""
    # Where our own tests are known as `tests`, too.
    sys.path.insert(0, str(checkout))
    for name in [name for name in sys.modules if name.split(".")[0] == "tests"]:
        del sys.modules[name]
    baseclass = importlib.import_module("tests.baseclass")

    def command(test: t.Any, text: str, *_more: t.Any) -> None:
        recorder.note(type(test).__name__.split("_")[0], f"{text}\n")

    hook(baseclass.CommandTest, "assert_parse", command)
    hook(baseclass.CommandTest, "assert_parse_error", command)
    hook(
        pykickstart.parser.KickstartParser,
        "readKickstartFromString",
        lambda parser, text, *_more: recorder.note(parser.version, text),
    )
    suite = unittest.TestSuite()
    loader = unittest.defaultTestLoader
    for path in sorted(checkout.glob("tests/**/*.py")):
        if path.name in ("__init__.py", "baseclass.py") or "pylint" in path.parts:
            continue
        module = ".".join(path.relative_to(checkout).with_suffix("").parts)
        suite.addTests(
            loader.loadTestsFromName(module) if "-" not in module else load_oddly_named(path, loader)
        )
    quiet = io.StringIO()
    with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        return unittest.TextTestRunner(stream=quiet).run(suite)


def load_oddly_named(path: pathlib.Path, loader: unittest.TestLoader) -> unittest.TestSuite:
    """Tests of a file whose name is no identifier, such as ``pre-install.py``."""
    spec = importlib.util.spec_from_file_location(f"tests.{path.stem.replace('-', '_')}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return loader.loadTestsFromModule(module)


def examples(checkout: pathlib.Path) -> list[str]:
    """Literal blocks of the documentation, and of the help texts that become part of it."""
    found = []
    for path in [*checkout.glob("docs/*.rst"), *checkout.glob("pykickstart/**/*.py")]:
        found += literal_blocks(path.read_text(encoding="utf-8"))
    for path in checkout.glob("docs/*.txt"):
        # Rendered: blocks are only set in.
        text = path.read_text(encoding="utf-8")
        blocks = re.findall(r"(?:^ {3,}\S.*\n(?:[ \t]*\n)*)+", text, re.MULTILINE)
        found += [textwrap.dedent(block) for block in blocks]
    return [text for text in dict.fromkeys(found) if text.strip()]


def literal_blocks(text: str) -> list[str]:
    """What is set in after a line that ends with ``::``, and each of its lines that could stand alone."""
    found: list[str] = []
    lines = text.splitlines(True)
    for index, line in enumerate(lines):
        if not line.rstrip().endswith("::"):
            continue
        indent = len(line) - len(line.lstrip())
        block = []
        for following in lines[index + 1 :]:
            if following.strip() and len(following) - len(following.lstrip()) <= indent:
                break
            block.append(following)
        found.append(textwrap.dedent("".join(block)))
    return found


# Report


def summary(results: list[Result]) -> list[str]:
    """One line for each source of kickstarts."""
    lines = [
        f"{'':>16} {'compared':>9} {'accepted':>9} {'refused':>9} {'same verdict':>13} {'same number':>12}"
    ]
    groups = collections.defaultdict(list)
    for result in results:
        groups[result.case.source].append(result)
    for name, group in [*groups.items(), ("all", results)]:
        accepted = sum(result.program == 0 for result in group)
        lines.append(
            f"{name:>16} {len(group):>9} {accepted:>9} {len(group) - accepted:>9}"
            f" {sum(result.verdict_agrees for result in group):>13}"
            f" {sum(result.count_agrees for result in group):>12}"
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkout", type=pathlib.Path, nargs="?")
    parser.add_argument("--kickstart", action="append", default=[], metavar="VERSION:FILE")
    parser.add_argument("--exec", action="store_true", help="start the program anew for each kickstart")
    arguments = parser.parse_args()
    run = execute if arguments.exec else load_program()
    recorder = Recorder(run)
    cases = []
    if arguments.checkout:
        checkout = arguments.checkout.resolve()
        tested = run_tests(checkout, recorder)
        print(f"pykickstart's own tests: {tested.testsRun} run, {len(recorder.cases)} kickstarts read")
        texts = examples(checkout)
        cases = [Case("documentation", version, text) for text in texts for version in DOCUMENTED]
    for each in arguments.kickstart:
        version, _colon, path = each.partition(":")
        text = pathlib.Path(path).read_bytes().decode("utf-8", "surrogateescape")
        cases.append(Case("files", version, text))
    results = recorder.results + compare_all([*recorder.cases.values(), *cases], run)
    print("\n".join(summary(results)))
    wrong = [result for result in results if not (result.verdict_agrees and result.count_agrees)]
    for result in wrong[:20]:
        print(
            f"\n{result.case.source}, {result.case.version}{', -i' if result.follow else ''}: the program says "
            f"{result.program}, we count {result.counted} and name {result.problems}\n"
            + textwrap.indent(result.case.text[:2000], "    ")
        )
    if wrong or not results:
        raise SystemExit(f"{len(wrong)} of {len(results)} differ")


if __name__ == "__main__":
    main()
