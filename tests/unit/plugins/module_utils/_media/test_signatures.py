# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What signed files say; test_netboot_tree.py has real gpgv read real signatures."""

from __future__ import annotations

import time

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._media import signatures
from hypothesis import given
from hypothesis import strategies as st


@given(st.binary(max_size=400))
def test_any_signed_file_can_be_read_without_a_key(data: bytes) -> None:
    text, signed = signatures.unverified(data)
    assert signed is False
    assert isinstance(text, str)


def test_a_signed_file_of_nothing_but_blank_lines_takes_no_time() -> None:
    started = time.monotonic()
    signatures.unverified(b"-----BEGIN PGP SIGNED MESSAGE-----\n" + b"\n" * 400_000)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("hashes", [b"Hash: SHA512\n", b""])
def test_the_text_of_a_signed_file(hashes: bytes) -> None:
    signed = (
        b"-----BEGIN PGP SIGNED MESSAGE-----\n" + hashes + b"\nSuite: x\n-----BEGIN PGP SIGNATURE-----\nabc\n"
    )
    assert signatures.unverified(signed) == ("Suite: x", False)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("[GNUPG:] GOODSIG x\n[GNUPG:] VALIDSIG y\n", ""),
        ("[GNUPG:] ERRSIG x\n[GNUPG:] NO_PUBKEY x\n[GNUPG:] GOODSIG x\n[GNUPG:] VALIDSIG y\n", ""),
        ("[GNUPG:] GOODSIG x\n[GNUPG:] VALIDSIG y\n[GNUPG:] BADSIG x\n", "the signature is bad"),
        ("[GNUPG:] EXPKEYSIG x\n[GNUPG:] VALIDSIG y\n", "the key has expired"),
        ("[GNUPG:] EXPKEYSIG x\n[GNUPG:] VALIDSIG y\n[GNUPG:] GOODSIG x\n[GNUPG:] VALIDSIG y\n", ""),
        ("[GNUPG:] REVKEYSIG x\n[GNUPG:] VALIDSIG y\n", "the key was revoked"),
        ("[GNUPG:] NO_PUBKEY x\n", "no key of the keyring"),
        ("VALIDSIG GOODSIG", "no key of the keyring"),
        ("", "no key of the keyring"),
    ],
)
def test_what_gpgv_says(status: str, said: str) -> None:
    found = signatures.said_by_gpgv(status)
    assert found.startswith(said) if said else found == ""
