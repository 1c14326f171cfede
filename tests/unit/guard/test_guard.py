# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing is installed that is not armed by name at that moment, and nothing twice for one arming.

Where the site offers installations to machines that are not described: none twice, and no machine that is described or
was.

Random sequences of what operators, machines and accidents do, against the modules' own code and a real nginx with the
configuration that the role renders. ``NETINSTALL_PXE_SEQUENCES`` says how many (100; `make test-full` takes 2,000).
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import itertools
import os
import pathlib
import subprocess
import typing as t
from unittest import mock

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.tests.unit.guard.served_site import (
    ADDRESS,
    FAKETIME,
    LIFETIME,
    NGINX,
    OFFERED,
    OFFERED_SUBNET,
    Boot,
    Machine,
    ServedSite,
)
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

pytestmark = [
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed: apt-get install nginx-light"),
    pytest.mark.skipif(FAKETIME is None, reason="libfaketime is not installed: apt-get install faketime"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small file system to fill"),
]
CONF = "{{ __http_nginx_folder }}/conf.d/netinstall-pxe.conf"
SEQUENCES = int(os.environ.get("NETINSTALL_PXE_SEQUENCES", "100"))
STEPS = 40
NAMES = ("node01", "node02", "web", "db")
MACS = tuple(f"52:54:00:aa:00:0{number}" for number in range(1, 5))
UNKNOWN = tuple(f"52:54:00:bb:00:0{number}" for number in range(1, 4))
ADDRESSES = tuple(f"127.0.0.{number}" for number in range(11, 15))
WHICH = st.integers(0, 2)


@dataclasses.dataclass
class Arming:
    """What the model knows of one arming; ``state``: armed, released, installed or gone."""

    machine: Machine
    token: str
    since: float
    state: str = "armed"
    #: False where a crash leaves open whether it is there.
    certain: bool = True
    boot: Boot | None = None
    #: Whether its installer's first report has arrived.
    started: bool = False

    def in_time(self, now: float) -> bool:
        return int(self.since) <= now < int(self.since) + LIFETIME


def _dashed(mac: str) -> str:
    return mac.replace(":", "-")


class PowerCutError(Exception):
    """The power goes at this moment."""


class Guard(RuleBasedStateMachine):
    """One site and three machines."""

    site: t.ClassVar[ServedSite]
    #: site_on_failed_install
    policy: t.ClassVar[str] = "hold"
    #: Over all sequences: a guard that releases nobody would hold every promise.
    releases: t.ClassVar[int] = 0

    @initialize()
    def install_the_site(self) -> None:
        self.site.empty()
        self.described = [Machine(NAMES[n], MACS[n], ADDRESSES[n]) for n in range(3)]
        self.armings: list[Arming] = []
        self.full = False
        self.tokens = 0
        self.site.publish(self.described)

    # The operator

    @rule(
        which=WHICH,
        change=st.one_of(
            st.tuples(st.just("name"), st.sampled_from(NAMES)),
            st.tuples(st.just("mac"), st.sampled_from(MACS)),
            st.tuples(st.just("address"), st.sampled_from(ADDRESSES)),
        ),
    )
    def describe_otherwise(self, which: int, change: tuple[str, str]) -> None:
        """It is renamed, gets another card, or moves."""
        described = list(self.described)
        described[which] = described[which]._replace(**{change[0]: change[1]})
        self.take_over(described)

    @rule(one=WHICH, other=WHICH, crash=st.booleans())
    def swap_addresses(self, one: int, other: int, crash: bool) -> None:
        described = list(self.described)
        first, second = described[one], described[other]
        described[one] = first._replace(address=second.address)
        if one != other:
            described[other] = second._replace(address=first.address)
        self.take_over(described, crash)

    @rule(which=WHICH)
    def forget_and_describe_again(self, which: int) -> None:
        described = list(self.described)
        removed = described.pop(which)
        self.take_over(described)
        self.take_over([*described, removed])

    def take_over(self, described: list[Machine], crash: bool = False) -> None:
        """site.yml, if the plan accepts it. ``crash``: it ends between its two steps."""
        for field in range(3):
            if len({one[field] for one in described}) < len(described):
                return
        if self.full:
            return
        if crash:
            assert self.site.module("only", described)
        else:
            self.site.publish(described)
            self.described = described
        for arming in self.armings:
            if arming.machine not in described:
                arming.state = "gone"

    @rule(which=WHICH)
    def arm(self, which: int) -> None:
        machine = self.described[which]
        arming = self.new_arming(machine)
        if self.site.arm(machine, arming.token):
            self.end_armings(machine)
        else:
            # Full: whatever is there now, there must be no way to install twice.
            arming.certain = False
            self.doubt(machine)
        self.armings.append(arming)

    @rule(which=WHICH, after=st.integers(0, 8))
    def arm_and_lose_power(self, which: int, after: int) -> None:
        """The module ends after some renames; then the server starts anew."""
        machine = self.described[which]
        arming = self.new_arming(machine)
        arming.certain = False
        with crash_after(after):
            self.site.arm(machine, arming.token)
        self.doubt(machine)
        self.armings.append(arming)

    @rule(which=WHICH)
    def disarm(self, which: int) -> None:
        machine = self.described[which]
        if self.site.disarm(machine):
            self.end_armings(machine)
        else:
            self.doubt(machine)

    def new_arming(self, machine: Machine) -> Arming:
        self.tokens += 1
        return Arming(machine, f"{self.tokens:032x}", self.site.now())

    def end_armings(self, machine: Machine) -> None:
        for arming in self.armings:
            if arming.machine.address == machine.address:
                arming.state = "gone"

    def doubt(self, machine: Machine) -> None:
        for arming in self.armings:
            if arming.machine.address == machine.address:
                arming.certain = False

    # Machines

    @rule(which=WHICH)
    def boot(self, which: int) -> None:
        """A described machine, at the address that DHCP has for it."""
        machine = self.described[which]
        self.boots(machine.mac, machine.address)

    @rule(which=st.integers(0, 5))
    def boot_after_arming(self, which: int) -> None:
        """A machine that was armed, as it was described then."""
        if self.armings:
            machine = self.armings[-1 - which % len(self.armings)].machine
            self.boots(machine.mac, machine.address)

    @rule(mac=st.sampled_from(MACS), address=st.sampled_from(ADDRESSES))
    def boot_any(self, mac: str, address: str) -> None:
        """Any machine at any address: a stale lease, another DHCP server, a machine that nobody described."""
        self.boots(mac, address)

    def boots(self, mac: str, address: str) -> None:
        machine = next((one for one in self.described if one.mac == mac), None)
        boot = self.site.boot(mac, address)
        open_armings = [
            one for one in self.armings if one.machine == machine and machine and machine.address == address
        ]
        for token in boot.released:
            arming = next((one for one in open_armings if one.token == token), None)
            assert arming, f"{mac} at {address} was released by an arming of another machine"
            assert self.may_be_released(arming), f"released, although it was {arming.state}"
            assert arming.in_time(self.site.now()), "released outside of its time"
            arming.state, arming.certain, arming.boot = "released", True, boot
            Guard.releases += 1
        assert len(boot.released) <= 1
        assert (boot.ending.kind == "installer") == bool(boot.released), boot.asked
        self.check_ending(boot, open_armings)

    def may_be_released(self, arming: Arming) -> bool:
        """Once; where the site retries, also after an installer that began and did not end."""
        again = self.policy == "retry" and arming.state == "released" and arming.started
        return arming.state == "armed" or again

    def check_ending(self, boot: Boot, open_armings: list[Arming]) -> None:
        """The other way round: who is armed is installed, and who is not boots the disk."""
        if boot.released:
            assert boot.fetch_answer() == 200
            return
        if any(not one.certain for one in open_armings):
            return
        now = self.site.now()
        armed = [one for one in open_armings if self.may_be_released(one) and one.in_time(now)]
        assert not armed, f"it is armed, but was not released: {boot.asked}"
        if all(one.state in ("gone", "installed") or self.has_expired(one) for one in open_armings):
            assert boot.ending.kind == "disk", boot.asked

    def has_expired(self, arming: Arming) -> bool:
        """Never released, so that its disk is whole; no timer has run."""
        return arming.state == "armed" and self.site.now() >= int(arming.since) + LIFETIME

    @rule(
        which=st.integers(0, 5), event=st.sampled_from(("started", "progress-own-1", "failed", "log-own-1"))
    )
    def report(self, which: int, event: str) -> None:
        arming = self.running(which)
        if arming and arming.boot and arming.boot.report(event, b"0" * 1000) < 300 and event == "started":
            arming.started = True

    @rule(which=st.integers(0, 5), lost=st.booleans())
    def finish(self, which: int, lost: bool) -> None:
        """The installer's last report, which may get lost."""
        arming = self.running(which)
        if arming and arming.boot and not lost and arming.boot.report("installed") < 300:
            arming.state = "installed"
            assert arming.boot.fetch_answer() == 410
            assert arming.boot.report("started") >= 400

    def running(self, which: int) -> Arming | None:
        found = [one for one in self.armings if one.state == "released" and one.certain]
        return found[which % len(found)] if found else None

    @precondition(lambda self: bool(self.armings))
    @rule(which=st.integers(0, 5), address=st.sampled_from(ADDRESSES))
    def another_machine_knows_the_token(self, which: int, address: str) -> None:
        """As if it had been read from a screen: at another address it is of no use."""
        arming = self.armings[which % len(self.armings)]
        if address == arming.machine.address:
            return
        window = f"{int(arming.since)}-{int(arming.since) + LIFETIME}"
        base = f"/answers/{arming.machine.address}/{arming.token}"
        for path in (f"{base}/{window}/release", f"{base}/{window}/preseed.cfg", f"{base}/preseed.cfg"):
            assert self.site.request(path, address)[0] == 403

    # Accidents

    @rule(seconds=st.sampled_from((-90000, -4000, -1000, 600, 1000, 4000, 90000)))
    def clock_jumps(self, seconds: int) -> None:
        """Or time passes."""
        self.site.set_clock(self.site.offset + seconds)

    @rule()
    def power_cut(self) -> None:
        self.site.lose_power()

    @rule()
    def disk_full(self) -> None:
        self.site.fill_disk()
        self.full = True

    @rule()
    def disk_has_room(self) -> None:
        self.site.free_disk()
        self.full = False


#: How a machine that is not described gets its installation: by iPXE, which asks for the release; by pxelinux with
#: anaconda, which says its MAC address; by pxelinux with d-i, which finds it out.
CHAINS = ("ipxe", "anaconda", "d-i")


class OffersGuard(Guard):
    """The same site, which also offers installations to machines that are not described."""

    offer_releases: t.ClassVar[int] = 0
    #: Fresh ones, because releases are counted by address.
    _numbers = itertools.count(256)

    @initialize()
    def install_the_site(self) -> None:
        super().install_the_site()
        #: MAC addresses that had their installation, and those that are described or were.
        self.used: set[str] = set()
        self.marked = {machine.mac for machine in self.described}
        #: What a crash or a full disk leaves open; of those that were ever described an arming may bring the mark back.
        self.unsure: set[str] = set()
        self.offers_sure = True
        self.site.offered = sorted(OFFERED)
        self.site.publish(self.described)

    # The operator

    @rule(offered=st.sets(st.sampled_from(sorted(OFFERED))))
    def offer(self, offered: set[str]) -> None:
        if not self.full:
            self.site.offered = sorted(offered)
            self.site.publish(self.described)
            self.offers_sure = True

    @rule(offered=st.sets(st.sampled_from(sorted(OFFERED))), after=st.integers(0, 6))
    def offer_and_lose_power(self, offered: set[str], after: int) -> None:
        self.site.offered = sorted(offered)
        with crash_after(after):
            self.site.publish_offers(self.described)
        self.offers_sure = False

    def take_over(self, described: list[Machine], crash: bool = False) -> None:
        super().take_over(described, crash)
        if self.described == described:
            self.marked |= {machine.mac for machine in described}
            self.offers_sure = self.offers_sure or not self.full

    @rule(mac=st.sampled_from(UNKNOWN), which=WHICH)
    def describe_one_that_was_not(self, mac: str, which: int) -> None:
        described = list(self.described)
        described[which] = described[which]._replace(mac=mac)
        self.take_over(described)

    @rule(mac=st.sampled_from(MACS + UNKNOWN))
    def forget(self, mac: str) -> None:
        """Also one that was described; of one that still is, it is refused."""
        if mac in {machine.mac for machine in self.described}:
            with pytest.raises(PxeError, match="is described"):
                self.site.forget(mac)
            return
        if self.site.forget(mac):
            self.used.discard(mac)
            if mac in self.marked:
                self.marked.discard(mac)
                self.unsure.add(mac)

    @rule()
    def forget_all(self) -> None:
        """But not that machines were described."""
        if self.site.forget(everything=True):
            self.used -= {mac for mac in self.used if mac not in self.marked | self.unsure}

    # Machines

    @rule(
        mac=st.sampled_from(MACS + UNKNOWN),
        profile=st.sampled_from(sorted(OFFERED)),
        chain=st.sampled_from(CHAINS),
        inside=st.sampled_from((True, True, True, False)),
    )
    def ask_for_an_offer(self, mac: str, profile: str, chain: str, inside: bool) -> None:
        source = self.source(inside)
        self.offer_answered(mac, profile, inside, self.ask(mac, profile, chain, source), source)

    @rule(
        mac=st.sampled_from(MACS + UNKNOWN),
        asked=st.lists(
            st.tuples(st.sampled_from(sorted(OFFERED)), st.sampled_from(CHAINS)), min_size=2, max_size=6
        ),
    )
    def ask_for_offers_at_the_same_moment(self, mac: str, asked: list[tuple[str, str]]) -> None:
        """Several machines with one MAC address, or one that boots again and again."""
        sources = [self.source(True) for _one in asked]
        with concurrent.futures.ThreadPoolExecutor(len(asked)) as pool:
            jobs = [
                pool.submit(self.ask, mac, profile, chain, source)
                for (profile, chain), source in zip(asked, sources)
            ]
            answers = [job.result() for job in jobs]
        released = [number for number, status in enumerate(answers) if status == 200]
        assert len(released) <= 1, answers
        for number in released:
            self.offer_answered(mac, asked[number][0], True, 200, sources[number])

    def source(self, inside: bool) -> str:
        number = next(self._numbers)
        return f"127.{2 if inside else 3}.{number // 250 % 250}.{number % 250 + 1}"

    def ask(self, mac: str, profile: str, chain: str, source: str) -> int:
        """What the request is answered with that is the release; nothing is asked for that ``ready`` refuses."""
        file, headers = OFFERED[profile], {}
        path = f"/offers/{profile}/{_dashed(mac)}"
        if chain == "ipxe":
            status = self.site.request(f"{path}/ready", source)[0]
            return status if status != 200 else self.site.request(f"{path}/release", source)[0]
        if chain == "anaconda" and file == "ks.cfg":
            path, headers = f"/offers/{profile}", {"X-RHN-Provisioning-MAC-0": f"eth0 {mac.upper()}"}
        else:
            path = f"{path}/release"
        return self.site.request(f"{path}/{file}", source, headers=headers)[0]

    def offer_answered(self, mac: str, profile: str, inside: bool, status: int, source: str) -> None:
        described = {machine.mac for machine in self.described}
        offered = profile in self.site.offered
        if status == 200:
            assert inside, "released in another subnet"
            assert offered or not self.offers_sure, "released, although it is not offered"
            assert mac not in described, "released, although it is described"
            assert mac not in self.marked, "released, although it was described"
            assert mac not in self.used, "released twice"
            self.used.add(mac)
            OffersGuard.offer_releases += 1
            path = f"/offers/{profile}/{_dashed(mac)}/{OFFERED[profile]}"
            assert self.site.request(path, source)[0] == 200
            return
        # The other way round
        sure = self.offers_sure and mac not in self.unsure and not self.full
        free = mac not in self.used | self.marked | described
        assert not (inside and offered and sure and free), f"{mac} had no installation, but {status}"

    @rule(
        mac=st.sampled_from(UNKNOWN),
        profile=st.sampled_from(sorted(OFFERED)),
        event=st.sampled_from(("started", "failed", "progress-x", "log-syslog", "installed")),
    )
    def report_of_an_offer(self, mac: str, profile: str, event: str) -> None:
        path = f"/offers/{profile}/{_dashed(mac)}"
        status = self.site.request(f"{path}/events/{event}", self.source(True), "PUT", b"0" * 100)[0]
        if status < 300:
            assert mac in self.used, "a report of a machine that was not released"
            if event == "installed":
                assert self.site.request(f"{path}/{OFFERED[profile]}", self.source(True))[0] in (403, 410)

    @rule(mac=st.sampled_from(MACS + UNKNOWN), inside=st.booleans())
    def ask_for_answers_alone(self, mac: str, inside: bool) -> None:
        """Without a release there are none."""
        for profile, file in OFFERED.items():
            path = f"/offers/{profile}/{_dashed(mac)}/{file}"
            status = self.site.request(path, self.source(inside))[0]
            assert status != 200 or (inside and mac in self.used), path


@contextlib.contextmanager
def crash_after(count: int) -> t.Iterator[None]:
    """Let the modules' ``count`` next renames work, and end them at the one after these."""
    rename, left = os.rename, iter(range(count))

    def guarded(*args: t.Any, **options: t.Any) -> None:
        if next(left, None) is None:
            raise PowerCutError
        rename(*args, **options)

    with contextlib.suppress(PowerCutError), mock.patch.object(os, "rename", guarded):
        yield


@pytest.fixture(params=["hold", "retry"])
def site(
    request: pytest.FixtureRequest,
    renderer: t.Callable[[str], t.Any],
    free_port: t.Callable[[], int],
    tmp_path: pathlib.Path,
) -> t.Iterator[ServedSite]:
    port = free_port()
    Guard.policy = request.param
    (tmp_path / "small").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(tmp_path / "small")], check=True)
    try:
        variables = {
            "http_nginx_address": ADDRESS,
            "http_nginx_port": port,
            "http_nginx_root": str(tmp_path / "small/pxe"),
            "http_nginx_log": str(tmp_path / "access.log"),
            "http_nginx_event_size": "64k",
            "__http_nginx_socket": str(tmp_path / "release.sock"),
            "http_nginx_on_failed_install": request.param,
            "http_nginx_offers": {
                "subnets": [OFFERED_SUBNET],
                "mac_prefixes": ["52:54:00"],
                "profiles": [
                    {
                        "name": name,
                        "answer_file": file,
                        "format": "kickstart" if file == "ks.cfg" else "preseed",
                    }
                    for name, file in OFFERED.items()
                ],
            },
        }
        site = ServedSite(tmp_path, port, renderer("http_nginx").render([(CONF, variables)])[0])
        site.start()
        try:
            yield site
        finally:
            site.stop()
    finally:
        subprocess.run(["umount", str(tmp_path / "small")], check=True)


def test_only_armed_machines_are_released_and_once(site: ServedSite) -> None:
    Guard.site, Guard.releases = site, 0
    run_state_machine_as_test(
        Guard,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Guard.releases > SEQUENCES / 10


@pytest.mark.parametrize("site", ["hold"], indirect=True)
def test_what_is_offered_is_released_once_and_to_nobody_who_is_or_was_described(site: ServedSite) -> None:
    OffersGuard.site, OffersGuard.offer_releases = site, 0
    run_state_machine_as_test(
        OffersGuard,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert OffersGuard.offer_releases > SEQUENCES / 4


def test_files_beside_an_answer_file_are_for_the_machine_that_is_being_installed(site: ServedSite) -> None:
    site.empty()
    one, other = (Machine(NAMES[number], MACS[number], ADDRESSES[number]) for number in range(2))
    site.publish([one, other])
    token = "0" * 32
    assert site.arm(one, token, {"storage.ks": "autopart\n"})
    path = f"/answers/{one.address}/{token}/storage.ks"
    assert site.request(path, one.address)[0] == 409
    boot = site.boot(one.mac, one.address)
    assert boot.released == [token]
    assert site.request(path, one.address) == (200, "autopart\n")
    assert site.request(path, other.address)[0] == 403
    assert boot.report("installed") == 201
    assert site.request(path, one.address)[0] == 410
