# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What a family says of its installer: the one list of members, with their defaults.

A family is one ``Family(…)`` in a file of its own. It names what differs from the defaults here; mypy compares names
and types of all that it says, and of all that others ask it for.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families.netboot import Netboot
from ansible_collections.netinstall.pxe.plugins.module_utils._text.answer_keys import Key, Schema, schema_of

Record = dict[str, t.Any]
#: The kernel argument that names the network card which the machine was booted from, where nobody knows the card
#: before. Each loader says it in its own words.
BOOT_CARD = "<the card that was booted from>"


def boot_card(mac: str) -> str:
    """The same of a card that is known, as pxelinux says it and installers read it (syslinux, doc/syslinux.txt:
    IPAPPEND 2)."""
    return f"BOOTIF=01-{mac.lower().replace(':', '-')}"


class Image(t.Protocol):
    """What is asked of an image; see _iso.Image."""

    volume_id: str

    def read(self, path: str) -> bytes | None: ...
    def exists(self, path: str) -> bool: ...
    def is_link(self, path: str) -> bool: ...
    def listdir(self, path: str = "") -> list[str]: ...
    def chunks(self, path: str) -> t.Iterator[bytes] | None: ...


class Answer(t.NamedTuple):
    """The text of an answer file, and the disk of its machine, empty if it has none."""

    text: str
    disk: str


class Checked(t.NamedTuple):
    """The text as the installer reads it, and what is wrong with it, empty if nothing is."""

    text: str
    mistake: str = ""


class Script(t.NamedTuple):
    """A script in the answers. ``path``: where it stands below the answers; ``shell``: what reads it if it does not say
    (sh, bash, ksh or python3)."""

    path: str
    shell: str
    text: str


def _unchecked(module: t.Any, answers: t.Mapping[str, Answer]) -> dict[str, Checked]:
    return {name: Checked(answer.text) for name, answer in answers.items()}


@dataclass(frozen=True)
class AnswerFile:
    """A file that an installer is answered by."""

    #: What it is called where the installer fetches it.
    name: str
    #: Its language, by which those that know it are found: ``kickstart``, ``preseed``.
    format: str
    #: The template that it is made from.
    template: str
    #: The template that takes over an answer file of the user's that is no template; empty if such files are rendered.
    file_template: str = ""
    #: The template that takes over a template of the user's; empty if such templates are rendered as they are.
    own_template: str = ""
    #: Checks such files, by name, on the server that gives them out: (AnsibleModule, answers).
    check: t.Callable[[t.Any, t.Mapping[str, Answer]], dict[str, Checked]] = _unchecked


#: What is at a URL, at most so many bytes of it; ``None`` if there is nothing.
Fetch = t.Callable[[str, int], "bytes | None"]
#: The text of a signed file (InRelease), and whether somebody known has signed it.
Verify = t.Callable[[bytes], "tuple[str, bool]"]


class Installer(t.NamedTuple):
    """``kernel`` and ``initrd`` are URLs; ``checksums``, as ``sha256:…``, by URL; ``facts`` has version, codename and
    architecture; ``signed`` says whether a signature vouches for all that, if mirrors of this family have one."""

    kernel: str
    initrd: str
    checksums: dict[str, str]
    facts: dict[str, str | None]
    signed: bool | None


class Mirror(t.NamedTuple):
    """How a mirror is asked. ``refuse_another`` raises PxeError if what is found (``family``, ``product``, ``version``)
    is not what is described."""

    fetch: Fetch
    verify: Verify
    refuse_another: t.Callable[[Record], None]


# Defaults


def _nothing_more(image: Image) -> Record:
    return {}


def _no_contradiction(name: str, found: Record) -> str | None:
    return None


def _no_flavour(chunks: t.Iterable[bytes]) -> str | None:
    return None


def _no_network_mistake(found: Record, name: str) -> str:
    return ""


def _any_distribution(distribution: Record) -> None:
    """Any name and version will do."""


def _no_mistake(distribution: Record) -> str:
    return ""


def _no_mirror(distribution: Record) -> str:
    return "is not supported by this installer; list the images in isos"


def _length_of_linux(distribution: Record) -> tuple[int, str]:
    """COMMAND_LINE_SIZE of x86 and arm64 is 2048, with the zero at its end."""
    return 2047, "the kernel"


def _no_rescue(distribution: Record) -> list[str] | None:
    return None


def _no_facts(distribution: Record) -> Record:
    return {}


def _no_offer_mistakes(answers: Record) -> list[str]:
    return []


def _no_installed_mistakes(answers: Record, distribution: Record) -> list[tuple[str, str]]:
    return []


def _no_scripts(answers: Record) -> list[Script]:
    return []


def _installs_nothing(answers: Record, distribution: Record, disk: str) -> Record:
    raise PxeError(f"{distribution['name']} is a live system: nothing is installed")


@dataclass(frozen=True)
class Family:
    """One installer. Its functions get records of the plan, and say what they read of them."""

    name: str
    #: A distribution whose name begins with one of these words is of this family unless it says otherwise.
    name_prefixes: tuple[str, ...]
    #: What ``recognise`` looks for, for the message about an image that nobody knows.
    looked_for: str
    #: What an image is, if it is one of this family: ``family``, and what else ``_media.identify`` returns.
    recognise: t.Callable[[Image], Record | None]
    #: What the installer must be told for each machine: (profile, distribution).
    profile_arguments: t.Callable[[Record, Record], list[str]]
    #: What the installer must be told of one machine, which has ``distribution``, its record, and complete ``answers``
    #: if it is installed: (machine, URL of the answer file).
    kernel_arguments: t.Callable[[Record, str], list[str]]

    # Answers: a family that has no answer files installs nothing. Its machines boot it whenever they start.

    #: The answer files of one machine. The installer is told the URL of the first; the others lie beside it.
    answer_files: tuple[AnswerFile, ...] = ()
    #: Kernel arguments that say where the installer gets its answers.
    answer_arguments: tuple[str, ...] = ()
    #: Kernel arguments that make the installer run something before its answer file looks at machine and disk.
    early_arguments: tuple[str, ...] = ()
    #: The keys that ``answers`` may have, and all that is to be said of each.
    answer_keys: dict[str, Key] = field(default_factory=dict)
    #: Answers of the right shape, with every default filled in and every value checked: (answers, distribution, what
    #: ``machine_disk`` says).
    complete_answers: t.Callable[[Record, Record, str], Record] = _installs_nothing
    #: The scripts of answers that are not complete, which a shell can check without running them.
    scripts: t.Callable[[Record], list[Script]] = _no_scripts
    #: What an installer takes and the installed system does not: (answers that are not complete, distribution), as
    #: (where it stands below the answers, message).
    installed_mistakes: t.Callable[[Record, Record], list[tuple[str, str]]] = _no_installed_mistakes
    #: What answers cannot say where nobody described the machine.
    offer_mistakes: t.Callable[[Record], list[str]] = _no_offer_mistakes
    #: What templates of answer files must know of the release.
    release_facts: t.Callable[[Record], Record] = _no_facts
    #: Whether an installation erases a disk, so that a machine must name it.
    needs_disk: bool = True

    #: Steps and logs that its installer reports by names of their own (progress-STEP, log-NAME). Others share one file.
    steps: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()

    # Distributions

    #: Words that say so anywhere in the name of a distribution, before anything else does.
    name_words: tuple[str, ...] = ()
    #: Whether its install tree can be made from more than one image.
    several_images: bool = False
    #: Whether its install tree is made by install_tree, which knows repositories of packages. Else it is the image.
    built_tree: bool = False
    #: Whether machines run a root file system that is a folder of the NFS server (``root``).
    root_file_system: bool = False
    #: How the installer can get the install tree: http, ftp, nfs, or nfs-iso, where it mounts the images itself.
    sources: tuple[str, ...] = ("http",)
    #: Kernel and initrds of an image that nobody has seen yet, for check mode.
    expected_kernel: str = ""
    expected_initrd: tuple[str, ...] = ()
    #: Refuses a distribution whose ``name`` and ``version`` do not say enough.
    check_distribution: t.Callable[[Record], None] = _any_distribution
    #: Why the installer cannot mount the images themselves from an NFS server; empty if it can.
    nfs_images_mistake: t.Callable[[Record], str] = _no_mistake
    #: Why a distribution cannot be installed from its ``mirror``; empty if it can.
    mirror_mistake: t.Callable[[Record], str] = _no_mirror

    #: Where kernel and initrd are on a mirror: (what netboot_tree was asked for, the mirror).
    find_on_mirror: t.Callable[[Record, Mirror], Installer] | None = None
    #: Reads an archive with a network installer (``netboot``), if there is such a thing beside the images.
    read_netboot: t.Callable[[t.BinaryIO], Netboot] | None = None

    # Images

    #: What is known of an image whose kernel and initrd are described by hand.
    describe: t.Callable[[Image], Record] = _nothing_more
    #: What to do when the name of a distribution speaks of another product than its image has: (name, what
    #: ``recognise`` returned).
    contradiction: t.Callable[[str, Record], str | None] = _no_contradiction
    #: Where an initrd fetches the rest of the installer from, if there are several kinds.
    initrd_flavour: t.Callable[[t.Iterable[bytes]], str | None] = _no_flavour
    #: Why machines cannot be installed over the network with an image alone, and what is wanted besides; empty if they
    #: can: (what ``_media.identify`` returns, name of the distribution).
    network_mistake: t.Callable[[Record, str], str] = _no_network_mistake

    # The kernel's command line

    #: How many bytes of it count, and who reads no more.
    longest_command_line: t.Callable[[Record], tuple[int, str]] = _length_of_linux
    #: What the installer must be told to repair an installed system; ``None`` if it cannot do that.
    rescue_arguments: t.Callable[[Record], list[str] | None] = _no_rescue

    def answer_schema(self) -> dict[str, Schema]:
        """The keys that ``answers`` may have, and the type of each."""
        return schema_of(self.answer_keys)

    @property
    def installs(self) -> bool:
        """Whether it installs anything: else its machines boot it always, without arming, disk and answers."""
        return bool(self.answer_files)

    @property
    def answer_file(self) -> AnswerFile:
        """The one whose URL the installer is told."""
        return self.answer_files[0]

    @property
    def files_beside(self) -> tuple[AnswerFile, ...]:
        """The others."""
        return self.answer_files[1:]
