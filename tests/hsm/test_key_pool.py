"""RSA keys of the hardware: no key twice in a world, and none made twice for nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from moto_cks.hsm import Certificates, key_pool
from moto_cks.hsm.certificates import sign_csr
from moto_cks.hsm.key_pool import MAX_KEPT, WorldKeys, new_key


def modulus(key: rsa.RSAPrivateKey) -> int:
    return key.public_key().public_numbers().n


def test_h3_in_one_world_no_key_is_given_twice() -> None:
    keys = WorldKeys()
    assert len({modulus(keys.take()) for _ in range(4)}) == 4


def test_h3_the_next_world_has_the_same_keys() -> None:
    first, second = WorldKeys(), WorldKeys()
    assert [first.take() for _ in range(2)] == [second.take() for _ in range(2)]


def test_h3_a_world_with_many_keys_makes_the_rest_for_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(key_pool, "MAX_KEPT", 1)
    first, second = WorldKeys(), WorldKeys()
    kept, own = first.take(), first.take()
    assert second.take() is kept
    assert modulus(second.take()) not in (modulus(kept), modulus(own))
    assert MAX_KEPT > 1


def test_h3_a_new_key_is_nobody_s_else() -> None:
    keys = WorldKeys()
    assert modulus(new_key()) not in {modulus(keys.take()) for _ in range(2)}


def test_h3_they_are_rsa_keys_as_the_user_guide_makes_them() -> None:
    key = WorldKeys().take()
    assert (key.key_size, key.public_key().public_numbers().e) == (2048, 65537)


def test_h3_threads_of_one_world_take_different_keys() -> None:
    keys = WorldKeys()
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: keys.take(), range(8)))
    assert len({modulus(key) for key in taken}) == 8


def test_h3_the_certificates_of_two_worlds_differ_though_their_key_does_not() -> None:
    worlds = []
    for hsm_id in ("hsm-1", "hsm-2"):
        keys = WorldKeys()
        certificates = Certificates.manufacture(hsm_id, keys.take)
        worlds.append((certificates.csr, certificates.hsm, *sign_csr(certificates.csr, keys.take)))
    assert all(one != other for one, other in zip(*worlds, strict=True))


def test_p7_the_keys_of_a_world_show_nothing() -> None:
    assert repr(WorldKeys()) == "<WorldKeys>"


def test_no_key_is_made_before_it_is_needed() -> None:
    code = (
        "from cryptography.hazmat.primitives.asymmetric import rsa\n"
        "rsa.generate_private_key = None\n"
        "from moto_cks import mock_cks\n"
        "with mock_cks(): pass\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_process_has_keys_too() -> None:
    code = (
        "import os\n"
        "from moto_cks import mock_cks\n"
        "with mock_cks() as cks:\n"
        "    cks.create_key_store()\n"
        "    child = os.fork()\n"
        "    cks.create_cluster()\n"
        "    if child:\n"
        "        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
