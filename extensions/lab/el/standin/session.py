# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One installation from its kickstart to its end, in anaconda's order."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import traceback
import typing as t
import urllib.error
import urllib.request
from pathlib import Path

from pykickstart import constants

from . import bootloader, disks, kickstart, packages, storage, system
from .console import LOGS, FailedError, ScriptError, log, run, say

FOUND = Path("/run/install")
KICKSTART = FOUND / "ks.cfg"
SYSTEM = disks.SYSTEM
# What process 1 does next.
REBOOT, POWER_OFF, WAIT = 10, 11, 1
# Commands that the stand-in reads and does nothing about: the lookalike has nothing that they could configure.
PASSED_OVER = {
    "auth", "authconfig", "authselect", "firewall", "firstboot", "keyboard", "selinux", "services", "skipx", "xconfig",
    "timesource", "module", "eula", "rhsm", "syspurpose", "logging", "device", "multipath", "dmraid",
}  # fmt: skip


class Session:
    """What is known of this installation. `found`: the first stage's findings."""

    def __init__(self, found: dict[str, str]) -> None:
        self.found = found
        self.release = int(found["release"])
        self.handler: t.Any = None
        self.scripts_run = 0

    def install(self) -> int:
        """Install; return what to do next."""
        self.run_scripts(kickstart.read_pre(str(KICKSTART), self.release), "pre")
        self.handler = kickstart.read_all(str(KICKSTART), self.release, lambda text: say(f"WARNING: {text}"))
        self.say_passed_over()
        machine = disks.machine(self.release)
        plan = storage.plan(self.handler, machine)
        tree = packages.tree(self.handler, self.found["repo"])
        self.step("enablefilesystems")
        disks.apply(plan)
        self.run_scripts(self.handler, "pre-install")
        self.step("installpackages")
        self.install_packages(plan, tree, machine.uefi)
        self.step("instbootloader")
        self.configure(plan, machine.uefi)
        self.step("postscripts")
        self.run_scripts(self.handler, "post")
        self.keep_logs()
        disks.unmount()
        return self.ending()

    def step(self, name: str) -> None:
        """Log a step as EL 6 does (dispatch.py); reports of progress are made of such lines."""
        if self.release <= 6:
            log("anaconda", f"INFO : moving (1) to step {name}")

    def say_passed_over(self) -> None:
        """Name the commands that have no effect here."""
        names = sorted(kickstart.seen(self.handler) & PASSED_OVER)
        if names:
            say(f"passed over, for the lookalike has nothing to configure: {', '.join(names)}")

    def run_scripts(self, handler: t.Any, kind: str) -> None:
        """Run the scripts of a kind; the first that fails ends the installation, if it says so."""
        for one in kickstart.scripts(handler, kind):
            status, output = self.run_script(one, kind)
            if status and one.errorOnFail:
                tail = "\n".join(output.strip().splitlines()[-12:])
                raise ScriptError(f"%{kind} of line {one.lineno} returned {status}:\n{tail}")
            if status:
                say(f"WARNING: %{kind} of line {one.lineno} returned {status}")

    def run_script(self, script: t.Any, kind: str) -> tuple[int, str]:
        """Run one script; return its status and what it printed."""
        root = SYSTEM if script.inChroot and kind == "post" else Path("/")
        self.scripts_run += 1
        name = f"ks-script-{self.scripts_run}"
        path = root / "tmp" / name
        system.put(path, script.script, 0o700)
        say(f"running %{kind} of line {script.lineno}{' in the new system' if root == SYSTEM else ''}")
        words = [*script.interp.split(), f"/tmp/{name}"]
        words = ["chroot", str(SYSTEM), *words] if root == SYSTEM else words
        environment = {
            "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": "/root",
            "ANA_INSTALL_PATH": str(SYSTEM),
        }
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            env=environment,
        )
        path.unlink(missing_ok=True)
        log(name, done.stdout)
        if script.logfile:
            system.put(root / script.logfile.lstrip("/"), done.stdout)
        return done.returncode, done.stdout

    def install_packages(self, plan: storage.Plan, tree: str, uefi: bool) -> None:
        """Install what the kickstart asks for from the tree's repositories."""
        repos = packages.repositories(
            tree, fetch(f"{tree}/.treeinfo"), kickstart.command(self.handler, "repo", "repoList", [])
        )
        say("repositories: " + ", ".join(f"{repo.name} {repo.url}" for repo in repos))
        names = packages.wanted(self.handler.packages, plan, self.release, uefi)
        say(f"installing {' '.join(names)}")
        words = packages.dnf_words(str(SYSTEM), self.release, repos, self.handler.packages, names)
        log("packaging", run(words))
        shutil.rmtree(SYSTEM / "var/cache/dnf", ignore_errors=True)
        installed = package_list(SYSTEM)
        say(f"{len(installed)} packages are installed")
        if self.release <= 6:
            system.put(SYSTEM / "root/install.log", "".join(f"Installing {name}\n" for name in installed))
        log("packaging", "\n".join(installed))

    def configure(self, plan: storage.Plan, uefi: bool) -> None:
        """Write configuration, boot loader and the record of this installation."""
        system.configure(self.handler, SYSTEM, self.release, self.found["card"], self.found["mac"])
        system.put(SYSTEM / "etc/fstab", disks.fstab(plan))
        for name in ("/etc/resolv.conf",):
            if Path(name).exists():
                shutil.copy(name, SYSTEM / name.lstrip("/"))
        system.put(SYSTEM / "root/anaconda-ks.cfg", str(self.handler), 0o600)
        if (
            kickstart.command(self.handler, "bootloader", "location") == "none"
            and self.handler.bootloader.seen
        ):
            say("no boot loader, as the kickstart says")
            return
        say(f"installing the boot loader on {plan.boot_disk}")
        bootloader.install(uefi, SYSTEM, plan.boot_disk, self.grub_cfg(plan))

    def grub_cfg(self, plan: storage.Plan) -> str:
        """Return the boot loader's configuration."""
        by_mount = {piece.wish.mount: piece for piece in plan.mounted()}
        home = by_mount.get("/boot", by_mount["/"])
        installer = Path("/proc/cmdline").read_text(encoding="ascii")
        arguments = bootloader.kernel_arguments(self.handler, disks.source(by_mount["/"]), installer)
        title = (SYSTEM / "etc/redhat-release").read_text(encoding="utf-8").strip()
        folder = "/" if "/boot" in by_mount else "/boot/"
        kernel = bootloader.installed_kernel(SYSTEM)
        return bootloader.grub_cfg(title, kernel, arguments, folder, disks.uuid(home.device))

    def keep_logs(self) -> None:
        """Leave the logs where the release has them."""
        for path in LOGS.glob("*.log"):
            if self.release <= 6:
                shutil.copy(path, SYSTEM / "var/log" / f"anaconda.{path.name}")
            else:
                (SYSTEM / "var/log/anaconda").mkdir(parents=True, exist_ok=True)
                shutil.copy(path, SYSTEM / "var/log/anaconda" / path.name)

    def ending(self) -> int:
        """Return what the kickstart says to do at the end; anaconda waits for a key unless told otherwise."""
        action = kickstart.command(self.handler, "reboot", "action", constants.KS_WAIT)
        say(f"installation complete: {ENDINGS.get(action, ENDINGS[constants.KS_WAIT])}")
        return {constants.KS_REBOOT: REBOOT, constants.KS_SHUTDOWN: POWER_OFF}.get(action, WAIT)

    def on_failure(self, kind: str) -> None:
        """Run the scripts for failures; a failure of theirs is said, no more."""
        if self.handler is None:
            return
        for one in kickstart.scripts(self.handler, kind) if kind in kickstart.KINDS else ():
            status, _output = self.run_script(one, kind)
            if status:
                say(f"WARNING: %{kind} of line {one.lineno} returned {status}")


ENDINGS = {
    constants.KS_WAIT: "halted, for the kickstart says neither reboot nor poweroff",
    constants.KS_REBOOT: "rebooting",
    constants.KS_SHUTDOWN: "switching off",
}


def fetch(url: str) -> str:
    """Return a text from the tree; "" if there is none."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.read().decode("utf-8", "replace")
    except (urllib.error.URLError, OSError):
        return ""


def package_list(root: Path) -> list[str]:
    """Return what the package database of a root lists: name-version-release.architecture."""
    rpm = importlib.import_module("rpm")
    names = [header["nevra"] for header in rpm.TransactionSet(str(root)).dbMatch()]
    return sorted(str(name) for name in names)


def main() -> int:
    """Install; say what went wrong; return what process 1 is to do."""
    pairs = (line.partition("=") for line in (FOUND / "arguments").read_text(encoding="utf-8").splitlines())
    session = Session({name: value for name, _equals, value in pairs})
    if not KICKSTART.exists():
        say("There is no kickstart. Anaconda would ask a person now; nothing was changed on this machine.")
        return WAIT
    try:
        return session.install()
    except ScriptError as error:
        # Anaconda shows the error and ends, and does not run %onerror (kickstart.py of rhel7-branch to rhel-9).
        say(f"FAILED: {error}")
    except FailedError as error:
        say(f"FAILED: {error}")
        session.on_failure("onerror")
    except Exception:
        say(f"FAILED, a mistake of the stand-in:\n{traceback.format_exc()}")
        session.on_failure("traceback")
        session.on_failure("onerror")
    say("The installation has failed and waits for somebody to look.")
    return WAIT
