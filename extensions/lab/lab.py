# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab: virtual machines to try the collection on, for `make lab` and for Molecule."""

from __future__ import annotations

import argparse
import json
import os
import sys
import typing as t
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import _debian_iso
import _el_iso
import _live_iso
import _machines
import _report
import _walk
from _accelerator import accelerator
from _common import HERE, LabError, say
from _images import server_image


def probe(_options: argparse.Namespace) -> None:
    """Print kvm or tcg, and why."""
    say("{}: {}".format(*accelerator()))


def make_server_image(options: argparse.Namespace) -> None:
    """Build the server image and print its path."""
    say(str(server_image(options.release).disk))


def make_iso(options: argparse.Namespace) -> None:
    """Build a distribution's installation images and print their paths."""
    if options.distribution == "debian-13":
        paths = [_debian_iso.debian_iso()]
    elif options.distribution == "debian-13-storage":
        paths = [_debian_iso.debian_iso(_debian_iso.STORAGE_NAME)]
    elif options.distribution == "live":
        paths = [_live_iso.live_iso()]
    else:
        paths = _el_iso.el_isos(options.distribution, options.padding)
    say("\n".join(str(path) for path in paths))


def up(options: argparse.Namespace) -> None:
    """Start servers, make clients known."""
    options.lab.describe(_machines.read_description(options.file), os.environ.get("LAB_FIRMWARE", ""))
    _machines.up(options.lab, options.names)


def power(options: argparse.Namespace) -> None:
    """Switch a machine, or say whether it is on."""
    machine = options.lab.machine(options.name)
    machine.power(options.action)
    say(f"{machine.name} is {'on' if machine.pid() else 'off'}")


def screenshot(options: argparse.Namespace) -> None:
    """Write a picture of a machine's screen."""
    target = options.target or options.lab.machine(options.name).folder / "screen.png"
    options.lab.machine(options.name).screenshot(target)
    say(str(target))


def press(options: argparse.Namespace) -> None:
    """Press keys on a machine's keyboard: QEMU's names, such as down, ret, ctrl+b."""
    options.lab.machine(options.name).press(options.keys)


def serial(options: argparse.Namespace) -> None:
    """Print the end of a machine's console log."""
    say(options.lab.machine(options.name).serial_tail(options.lines))


def capture(options: argparse.Namespace) -> None:
    """Print what a machine did on the network since it was last switched on (JSON)."""
    say(json.dumps(_report.capture(options.lab.machine(options.name).folder, options.previous), indent=2))


def report(options: argparse.Namespace) -> None:
    """Write report.json from the captures and from events ({machine: {stage: unix time}})."""
    events = json.loads(options.events.read_text(encoding="utf-8")) if options.events else {}
    clients = [
        machine for machine in options.lab.machines("client") if (machine.folder / "boot.pcap").exists()
    ]
    found = {
        one.name: _report.machine_report(
            one.data["firmware"], _report.capture(one.folder), events.get(one.name, {})
        )
        for one in clients
    }
    say(str(_report.write(options.lab.folder, found)))


def walk(options: argparse.Namespace) -> None:
    """Walk the whole chain: server, site.yml, install.yml, local boot, report."""
    _walk.Walk(options.lab).run(_machines.read_description(options.file))


def down(options: argparse.Namespace) -> None:
    """End the machines that this lab started."""
    _machines.down(options.lab, options.keep_disks)


def parser() -> argparse.ArgumentParser:
    """Return the command line's grammar."""
    top = argparse.ArgumentParser(prog="lab.py", description=__doc__)
    top.add_argument(
        "--dir",
        dest="lab",
        type=lambda text: _machines.Lab(Path(text)),
        default=".lab",
        help="the lab's folder (.lab)",
    )
    verbs = top.add_subparsers(required=True, metavar="VERB")

    def verb(
        name: str, action: t.Callable[[argparse.Namespace], None], *arguments: tuple[t.Any, dict[str, t.Any]]
    ) -> None:
        one = verbs.add_parser(name, help=action.__doc__, description=action.__doc__)
        one.set_defaults(action_function=action)
        for flags, settings in arguments:
            one.add_argument(*flags, **settings)

    machine = (("name",), {"help": "a machine's name"})
    verb("probe", probe)
    verb(
        "server-image",
        make_server_image,
        (("release",), {"nargs": "?", "default": "bookworm", "choices": ["bookworm", "trixie"]}),
    )
    verb(
        "iso",
        make_iso,
        (
            ("distribution",),
            {
                "nargs": "?",
                "default": "debian-13",
                "choices": ["debian-13", "debian-13-storage", "live", *_el_iso.RELEASES],
            },
        ),
        (("--padding",), {"action": "store_true", "help": "el…: a gibibyte of random packages on each disc"}),
    )
    described = (
        ("--file",),
        {"type": Path, "default": HERE / "default.json", "help": "the description (default.json)"},
    )
    verb("run", walk, described)
    verb("up", up, described, (("names",), {"nargs": "*", "metavar": "NAME"}))
    verb("power", power, machine, (("action",), {"choices": ["on", "off", "cycle", "status"]}))
    verb("screenshot", screenshot, machine, (("target",), {"type": Path, "nargs": "?"}))
    verb("press", press, machine, (("keys",), {"nargs": "+", "metavar": "KEY"}))
    verb("serial", serial, machine, (("--lines",), {"type": int, "default": 25}))
    verb(
        "capture",
        capture,
        machine,
        (("--previous",), {"action": "store_true", "help": "of the time before that"}),
    )
    verb("report", report, (("--events",), {"type": Path}))
    verb("down", down, (("--keep-disks",), {"action": "store_true"}))
    return top


def main() -> int:
    """Run one verb; an expected failure is one readable message."""
    options = parser().parse_args()
    try:
        options.action_function(options)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader, such as head(1), has seen enough. Python must not try again when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        print("lab: interrupted; what was started keeps running", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
