# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What vouches for a signed text, such as InRelease of Debian's mirrors: gpgv, if it and the keys are there."""

from __future__ import annotations

import os
import shutil
import tempfile

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import Verify
from ansible_collections.netinstall.pxe.plugins.module_utils._files import Runner, read_file

_BEGIN, _END = "-----BEGIN PGP SIGNED MESSAGE-----", "\n-----BEGIN PGP SIGNATURE-----"


def verifier(keyring: str, tmpdir: str | None, run: Runner) -> Verify:
    """What reads InRelease.

    :param keyring: a file with the keys that may have signed it.
    :param tmpdir: where temporary folders are made.
    """
    gpgv = shutil.which("gpgv")

    def verify(signed: bytes) -> tuple[str, bool]:
        if not gpgv or not os.path.exists(keyring):
            return unverified(signed)
        with tempfile.TemporaryDirectory(dir=tmpdir) as folder:
            path, text = (os.path.join(folder, name) for name in ("InRelease", "Release"))
            with open(path, "wb") as file:
                file.write(signed)
            _status, out, err = run([gpgv, "--status-fd", "1", "--keyring", keyring, "--output", text, path])
            said = said_by_gpgv(out)
            if said:
                raise PxeError(
                    f"InRelease of the mirror: {said} ({keyring}: {' '.join(err.split())[-200:]}); nothing was "
                    "changed. Write another mirror, or the keyring that it is signed by"
                )
            return read_file(text).decode("utf-8", "replace"), True

    return verify


def unverified(signed: bytes) -> tuple[str, bool]:
    """The text of InRelease where nobody can verify it."""
    text = signed.decode("utf-8", "replace").replace("\r\n", "\n")
    # After the headers of the armour (RFC 4880, 7). Not by a regular expression, whose time grows with the square.
    _before, _begin, message = text.partition(_BEGIN)
    _headers, _blank, body = message.partition("\n\n")
    found, end, _after = body.partition(_END)
    return (found if end else text), False


def said_by_gpgv(status: str) -> str:
    """What is wrong with a signature, by the status lines of gpgv (GnuPG, doc/DETAILS); empty if it is good.

    Debian signs by several keys; one that is known and valid is enough, as for apt (methods/gpgv.cc), even when an
    older one has expired. A bad signature is a changed file.
    """
    words = [line.split()[1] for line in status.splitlines() if line.startswith("[GNUPG:] ")]
    if "BADSIG" in words:
        return "the signature is bad: the file was changed"
    if "VALIDSIG" in words and "GOODSIG" in words:
        return ""
    for word, said in (
        ("EXPKEYSIG", "the key has expired"),
        ("REVKEYSIG", "the key was revoked"),
        ("EXPSIG", "the signature has expired"),
    ):
        if word in words:
            return said
    return "no key of the keyring has signed it"
