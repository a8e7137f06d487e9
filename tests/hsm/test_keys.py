"""Keys in an HSM: AES-GCM, attributes, and what never shows."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moto_cks.hsm import (
    AES_256_TOKEN_KEY,
    ClusterSession,
    Hsm,
    HsmCluster,
    KeyObject,
    KeyTemplate,
    ReturnCode,
    UserType,
)

from .conftest import PASSWORD, factory_settings
from .world import refused


def new_key(template: KeyTemplate = AES_256_TOKEN_KEY) -> KeyObject:
    cluster = HsmCluster("cluster-1")
    cluster.add_hsm("hsm-1", factory_settings())
    session = ClusterSession(cluster, UserType.CU, "kmsuser", PASSWORD)
    return session.key(session.generate_key("label", template))


KEY = new_key()


def test_k6_the_key_of_kms_is_persistent_non_extractable_and_256_bits_long() -> None:
    template = AES_256_TOKEN_KEY
    assert (template.key_type, template.value_length) == ("AES", 32)
    assert (template.token, template.extractable, template.sensitive) == (True, False, True)
    assert (template.encrypt, template.decrypt) == (True, True)


@given(plaintext=st.binary(max_size=4096), aad=st.binary(max_size=200))
def test_what_is_encrypted_decrypts(plaintext: bytes, aad: bytes) -> None:
    sealed = KEY.encrypt(plaintext, aad)
    assert KEY.decrypt(sealed, aad) == plaintext
    assert len(sealed) == 12 + 16 + len(plaintext)
    assert len(plaintext) < 8 or plaintext not in sealed


@given(plaintext=st.binary(max_size=100))
def test_the_same_plaintext_never_encrypts_to_the_same(plaintext: bytes) -> None:
    assert KEY.encrypt(plaintext, b"") != KEY.encrypt(plaintext, b"")


@given(aad=st.binary(max_size=50), other=st.binary(max_size=50))
def test_f10_other_authenticated_data_does_not_decrypt(aad: bytes, other: bytes) -> None:
    sealed = KEY.encrypt(b"plaintext", aad)
    if aad == other:
        other += b"x"
    with refused(ReturnCode.DATA_INVALID):
        KEY.decrypt(sealed, other)


@given(plaintext=st.binary(max_size=50), data=st.data())
def test_f10_a_changed_bit_does_not_decrypt(plaintext: bytes, data: st.DataObject) -> None:
    sealed = bytearray(KEY.encrypt(plaintext, b"aad"))
    bit = data.draw(st.integers(0, 8 * len(sealed) - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with refused(ReturnCode.DATA_INVALID):
        KEY.decrypt(bytes(sealed), b"aad")


@given(data=st.data())
def test_what_is_cut_off_does_not_decrypt(data: st.DataObject) -> None:
    sealed = KEY.encrypt(b"plaintext", b"")
    length = data.draw(st.integers(0, len(sealed) - 1))
    with refused(ReturnCode.DATA_INVALID):
        KEY.decrypt(sealed[:length], b"")


def test_another_key_does_not_decrypt() -> None:
    with refused(ReturnCode.DATA_INVALID):
        new_key().decrypt(KEY.encrypt(b"plaintext", b""), b"")


def test_attributes_forbid_what_they_say() -> None:
    sealed = KEY.encrypt(b"plaintext", b"")
    with refused(ReturnCode.KEY_FUNCTION_NOT_PERMITTED):
        new_key(KeyTemplate(encrypt=False)).encrypt(b"plaintext", b"")
    with refused(ReturnCode.KEY_FUNCTION_NOT_PERMITTED):
        new_key(KeyTemplate(decrypt=False)).decrypt(sealed, b"")


def test_a_key_that_must_stay(session: ClusterSession) -> None:
    handle = session.generate_key("label", KeyTemplate(destroyable=False))
    with refused(ReturnCode.KEY_FUNCTION_NOT_PERMITTED):
        session.delete_key(handle)
    assert session.key(handle).handle == handle


@pytest.mark.parametrize("attribute", ["handle", "label", "owner", "template", "shared_with"])
def test_a_key_never_changes(attribute: str) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(KEY, attribute, None)


def test_p7_a_key_shows_all_but_its_value(hsm: Hsm, session: ClusterSession) -> None:
    key = session.key(session.generate_key("arn:of:the:key", AES_256_TOKEN_KEY))
    shown_of_a_key = {"handle", "label", "owner", "template", "key_id", "shared_with"}
    assert set(key_attributes(key)) == shown_of_a_key
    assert not any(isinstance(value, bytes) for value in key_attributes(key).values())
    for shown in (repr(key), str(key), repr(hsm.keys), repr(hsm), repr(session)):
        assert "value=" not in shown
        assert "b'" not in shown


def key_attributes(key: KeyObject) -> dict[str, object]:
    """Everything public that is not a method."""
    names = (name for name in dir(key) if not name.startswith("_"))
    return {name: getattr(key, name) for name in names if not callable(getattr(key, name))}
