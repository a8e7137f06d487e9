"""The certificates of mutual TLS: what an HSM takes as a trust anchor, and who one vouches for."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from moto_cks.hsm import ReturnCode
from moto_cks.hsm.trust_anchors import checked_trust_anchor, vouches
from tests.certificates import Identity

from .world import refused

ROOT = Identity("root")
MIDDLE = Identity("middle", ROOT)
LOW = Identity("low", MIDDLE)
OTHER = Identity("root")  # of the same name

ANCHORS = {
    "a root": ROOT.pem,
    "an intermediate certificate and the root": MIDDLE.chain,
    "two intermediate certificates and the root": LOW.chain,
}
NO_ANCHORS = {
    "nothing": "",
    "garbage": "garbage",
    "not up to the root": LOW.pem + MIDDLE.pem,
    "without the one between": LOW.pem + ROOT.pem,
    "the other way round": ROOT.pem + MIDDLE.pem,
    "with another root": MIDDLE.pem + OTHER.pem,
    "two roots": ROOT.pem + OTHER.pem,
    "a key": ROOT.key_pem,
}


@pytest.mark.parametrize("pem", ANCHORS.values(), ids=ANCHORS)
def test_w8_a_trust_anchor_is_a_chain_up_to_a_root(pem: str) -> None:
    assert checked_trust_anchor(pem) == pem
    assert checked_trust_anchor(f"a text\n{pem}\nanother\n") == pem


@pytest.mark.parametrize("pem", NO_ANCHORS.values(), ids=NO_ANCHORS)
def test_w8_everything_else_is_none(pem: str) -> None:
    with refused(ReturnCode.INVALID_TRUST_ANCHOR):
        checked_trust_anchor(pem)


@pytest.mark.parametrize("filling", ["x", "é"])
def test_w8_it_is_6980_bytes_long_at_most(filling: str) -> None:
    number, rest = divmod(6980 - len(ROOT.pem) - 1, len(filling.encode()))
    longest = f"{ROOT.pem}\n{filling * number}{'x' * rest}"
    assert len(longest.encode()) == 6980
    assert checked_trust_anchor(longest) == ROOT.pem
    with refused(ReturnCode.INVALID_TRUST_ANCHOR):
        checked_trust_anchor(f"{longest}x")


class Public:
    """A key whose private half nobody needs, as its owner signs nothing."""

    def __init__(self, key: Any) -> None:
        self.public_key = lambda: key


@functools.cache
def of_bits(bits: int) -> Public:
    return Public(rsa.RSAPublicNumbers(65537, (1 << bits - 1) + 1).public_key())


KEYS = {
    "RSA 2048": (of_bits(2048), True),
    "RSA 3072": (of_bits(3072), True),
    "RSA 4096": (of_bits(4096), True),
    "RSA 1024": (of_bits(1024), False),
    "RSA 2056": (of_bits(2056), False),
    "RSA 8192": (of_bits(8192), False),
    "P-256": (ec.generate_private_key(ec.SECP256R1()), True),
    "P-384": (ec.generate_private_key(ec.SECP384R1()), True),
    "P-521": (ec.generate_private_key(ec.SECP521R1()), True),
    "secp256k1": (ec.generate_private_key(ec.SECP256K1()), False),
    "Ed25519": (ed25519.Ed25519PrivateKey.generate(), False),
}


@pytest.mark.parametrize(("key", "accepted"), KEYS.values(), ids=KEYS)
def test_w8_which_keys_an_hsm_accepts(key: Any, accepted: bool) -> None:
    chain = Identity("below", ROOT, key).chain
    if accepted:
        assert checked_trust_anchor(chain) == chain
    else:
        with refused(ReturnCode.INVALID_TRUST_ANCHOR):
            checked_trust_anchor(chain)


CLIENT, BELOW, LOWEST = (Identity("client", issuer) for issuer in (ROOT, MIDDLE, LOW))
VOUCHED = {
    "by the root": (ROOT, CLIENT.pem, True),
    "by the root, which the client sends too": (ROOT, CLIENT.chain, True),
    "by the root over another one": (ROOT, BELOW.chain, True),
    "by the root over two others": (ROOT, LOWEST.chain, True),
    "by the one between": (MIDDLE, BELOW.pem, True),
    "by the one between, over another one": (MIDDLE, LOWEST.chain, True),
    "not without the one between": (ROOT, BELOW.pem, False),
    "not out of order": (ROOT, LOWEST.pem + MIDDLE.pem + LOW.pem, False),
    "not by another root of that name": (OTHER, CLIENT.chain, False),
    "not by what is below": (MIDDLE, CLIENT.chain, False),
    "not for itself": (ROOT, ROOT.pem, False),
    "not for garbage": (ROOT, "garbage", False),
    "not for nothing": (ROOT, "", False),
}


@pytest.mark.parametrize(("anchor", "chain", "known"), VOUCHED.values(), ids=VOUCHED)
def test_w8_whom_a_trust_anchor_vouches_for(anchor: Identity, chain: str, known: bool) -> None:
    assert vouches(anchor.chain, chain) is known
