"""Keys in an HSM: AES-GCM, attributes, and what never shows."""

from __future__ import annotations

import dataclasses

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
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
from moto_cks.hsm.keys import generate_key

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


# Attributes and check values --------------------------------------------------------------------


def test_k6_the_attributes_of_the_key_of_kms() -> None:
    """ "Find the KMS key for an AWS CloudHSM key" in the AWS KMS Developer Guide."""
    assert dataclasses.asdict(AES_256_TOKEN_KEY) == {
        "key_type": "AES",
        "value_length": 32,
        "token": True,
        "private": True,
        "sensitive": True,
        "extractable": False,
        "encrypt": True,
        "decrypt": True,
        "wrap": True,
        "unwrap": True,
        "local": True,
        "destroyable": True,
        "sign": False,
        "verify": False,
        "derive": False,
        "trusted": False,
        "wrap_with_trusted": False,
    }


def test_a_key_wraps_nothing_unless_its_template_says_so() -> None:
    assert KeyTemplate(wrap=True, unwrap=True) == AES_256_TOKEN_KEY
    assert (KeyTemplate().wrap, KeyTemplate().unwrap) == (False, False)


CHECK_VALUES = {
    # The blocks of zeros of the ciphers' known answers.
    ("AES", 16): "66e94b",
    ("AES", 24): "aae069",
    ("AES", 32): "dc95c0",
    ("DES3", 24): "8ca64d",
    ("GENERIC_SECRET", 32): None,
}


@pytest.mark.parametrize(("kind", "length"), CHECK_VALUES)
def test_a_check_value_is_the_beginning_of_an_encrypted_block(kind: str, length: int) -> None:
    template = KeyTemplate(key_type=kind, value_length=length)
    key = generate_key(1, "label", "kmsuser", template, value=bytes(length))
    shown = key.check_value()
    assert (shown and shown.hex()) == CHECK_VALUES[kind, length]


def test_keys_are_as_long_as_their_template_says(session: ClusterSession) -> None:
    for length in (16, 24, 32):
        made = session.key(session.generate_key("label", KeyTemplate(value_length=length)))
        assert len(made._value) == length
        sealed = made.encrypt(b"plaintext", b"")
        assert made.decrypt(sealed, b"") == b"plaintext"


@pytest.mark.parametrize("kind", ["DES3", "GENERIC_SECRET"])
def test_only_aes_keys_encrypt_and_decrypt(kind: str) -> None:
    key = generate_key(1, "label", "kmsuser", KeyTemplate(key_type=kind, value_length=24))
    with refused(ReturnCode.KEY_FUNCTION_NOT_PERMITTED):
        key.encrypt(b"plaintext", b"")
    with refused(ReturnCode.KEY_FUNCTION_NOT_PERMITTED):
        key.decrypt(bytes(40), b"")


def test_initialization_vector_tag_and_ciphertext_are_joined_in_this_order() -> None:
    value, aad = bytes(range(32)), b"aad"
    key = generate_key(1, "label", "kmsuser", AES_256_TOKEN_KEY, value=value)
    sealed = key.encrypt(b"plaintext", aad)
    vector, tag, ciphertext = sealed[:12], sealed[12:28], sealed[28:]
    assert AESGCM(value).decrypt(vector, ciphertext + tag, aad) == b"plaintext"


def test_who_may_use_a_key() -> None:
    alone = generate_key(1, "label", "kmsuser", AES_256_TOKEN_KEY)
    shared = generate_key(
        1, "label", "kmsuser", AES_256_TOKEN_KEY, shared_with=frozenset({"alice", "bob"})
    )
    names = ("kmsuser", "alice", "bob", "carol")
    assert [alone.usable_by(name) for name in names] == [True, False, False, False]
    assert [shared.usable_by(name) for name in names] == [True, True, True, False]
    assert (alone.key_id, alone.shared_with) == ("", frozenset())
