"""Row F10: what a ciphertext is bound to; data keys and ReEncrypt."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from moto_cks import HsmError, KeyStore, ReturnCode, mock_cks
from moto_cks.kms.keys.ciphertexts import authenticated_data, pack, parse
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client, error_of
from tests.kms import backups_of, state_of

WRONG_KEY = (
    "IncorrectKeyException",
    "The key ID in the request does not identify a CMK that can perform this operation.",
)
INVALID = {"InvalidCiphertextException", "AccessDeniedException"}
"""How a ciphertext is refused: the last where it names a key that is not there."""

contexts = st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=4)
plaintexts = st.binary(min_size=1, max_size=4096)


class Keys:
    """Keys of one world: two of the kind that is tested, and one of the other."""

    def __init__(self, store: KeyStore, kind: str) -> None:
        self.kms = client("kms")
        self.store = store
        makers = [store.create_key, self._ordinary]
        if kind == "ordinary":
            makers.reverse()
        self.first, self.second = (arn(self.kms, makers[0]()) for _ in range(2))
        self.ordinary = arn(self.kms, makers[1]())

    def _ordinary(self) -> str:
        return str(self.kms.create_key()["KeyMetadata"]["KeyId"])


def arn(kms: Any, key_id: str) -> str:
    return str(kms.describe_key(KeyId=key_id)["KeyMetadata"]["Arn"])


@pytest.fixture(scope="module", params=["in a key store", "ordinary"])
def keys(request: pytest.FixtureRequest) -> Iterator[Keys]:
    with mock_cks() as cks:
        yield Keys(cks.create_key_store(), request.param)


def encrypt(key: str, plaintext: bytes = b"text", **parameters: Any) -> bytes:
    kms = client("kms")
    return bytes(kms.encrypt(KeyId=key, Plaintext=plaintext, **parameters)["CiphertextBlob"])


def sealed_by(blob: bytes) -> tuple[bytes, str]:
    """What a key has sealed, and the KeyMaterialId beside it."""
    parsed = parse(blob)
    assert parsed is not None
    return parsed.sealed, parsed.material_id


# Encrypt and Decrypt -----------------------------------------------------------------------------


@given(plaintext=plaintexts, context=contexts)
@settings(max_examples=60, deadline=None)
def test_f10_round_trip(keys: Keys, plaintext: bytes, context: dict[str, str]) -> None:
    kms = client("kms")
    sealed = kms.encrypt(KeyId=keys.first, Plaintext=plaintext, EncryptionContext=context)
    assert sealed["KeyId"] == keys.first
    assert sealed["EncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
    opened = kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=context)
    assert opened["Plaintext"] == plaintext
    assert opened["KeyId"] == keys.first
    assert opened["EncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"


@pytest.mark.parametrize("size", [1, 4095, 4096])
def test_f10_round_trip_at_the_limits(keys: Keys, size: int) -> None:
    plaintext = bytes(size)
    blob = encrypt(keys.first, plaintext)
    assert len(blob) <= 6144  # the limit of CiphertextBlob
    assert client("kms").decrypt(CiphertextBlob=blob)["Plaintext"] == plaintext


@pytest.mark.parametrize(("size", "limit"), [(0, "greater than or equal to 1"), (4097, "4096")])
def test_f10_a_plaintext_has_1_to_4096_bytes(keys: Keys, size: int, limit: str) -> None:
    code, message = error_of(
        client("kms", parameter_validation=False).encrypt, KeyId=keys.first, Plaintext=bytes(size)
    )
    assert code == "ValidationException"
    assert "'plaintext'" in message
    assert message.endswith(limit)


def test_f10_the_same_plaintext_encrypts_differently(keys: Keys) -> None:
    assert len({encrypt(keys.first) for _ in range(20)}) == 20


@given(plaintext=st.binary(min_size=1, max_size=40), data=st.data())
@settings(max_examples=150, deadline=None)
def test_f10_any_changed_byte_is_noticed(keys: Keys, plaintext: bytes, data: Any) -> None:
    blob = bytearray(encrypt(keys.first, plaintext))
    blob[data.draw(st.integers(0, len(blob) - 1))] ^= data.draw(st.integers(1, 255))
    assert error_of(client("kms").decrypt, CiphertextBlob=bytes(blob))[0] in INVALID


def test_f10_every_byte_is_authenticated(keys: Keys) -> None:
    blob = encrypt(keys.first)
    for position in range(len(blob)):
        changed = blob[:position] + bytes([blob[position] ^ 1]) + blob[position + 1 :]
        assert error_of(client("kms").decrypt, CiphertextBlob=changed)[0] in INVALID


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_f10_nor_can_bytes_be_added_or_taken_away(keys: Keys, data: Any) -> None:
    blob = encrypt(keys.first)
    cut = data.draw(st.integers(1, len(blob) - 1))
    changed = data.draw(
        st.sampled_from([blob[:cut], blob[cut:], blob + b"\0", blob + blob, b"\0" + blob])
    )
    assert error_of(client("kms").decrypt, CiphertextBlob=changed)[0] in INVALID


def test_f10_no_beginning_of_a_ciphertext_is_one(keys: Keys) -> None:
    blob, kms = encrypt(keys.first), client("kms")
    for size in range(1, len(blob)):
        assert error_of(kms.decrypt, CiphertextBlob=blob[:size])[0] in INVALID


@given(blob=st.binary(min_size=1, max_size=200))
@settings(max_examples=60, deadline=None)
def test_f10_noise_is_no_ciphertext(keys: Keys, blob: bytes) -> None:
    assert error_of(client("kms").decrypt, CiphertextBlob=blob)[0] in INVALID


@given(context=contexts, other=contexts)
@settings(max_examples=100, deadline=None)
def test_f10_context_is_authenticated(
    keys: Keys, context: dict[str, str], other: dict[str, str]
) -> None:
    assume(context != other)
    blob = encrypt(keys.first, EncryptionContext=context)
    assert error_of(client("kms").decrypt, CiphertextBlob=blob, EncryptionContext=other) == (
        "InvalidCiphertextException",
        "",
    )


def test_f10_the_order_of_the_context_does_not_matter(keys: Keys) -> None:
    blob = encrypt(keys.first, EncryptionContext={"a": "1", "b": "2"})
    opened = client("kms").decrypt(CiphertextBlob=blob, EncryptionContext={"b": "2", "a": "1"})
    assert opened["Plaintext"] == b"text"


@pytest.mark.parametrize(
    ("context", "other"),
    [
        ({"ab": "c"}, {"a": "bc"}),
        ({"a": "b", "c": "d"}, {"a": "bcd"}),
        ({"a": "", "b": ""}, {"ab": ""}),
        ({"a": "b"}, {"b": "a"}),
        ({"": "a"}, {"a": ""}),
        ({}, {"": ""}),
        ({"é": "1"}, {"e\u0301": "1"}),
        ({"a": "\ud800"}, {"a": "\ud801"}),
    ],
    ids=ascii,
)
def test_f10_contexts_that_look_alike_differ(
    keys: Keys, context: dict[str, str], other: dict[str, str]
) -> None:
    blob = encrypt(keys.first, EncryptionContext=context)
    kms = client("kms")
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)["Plaintext"] == b"text"
    code, _ = error_of(kms.decrypt, CiphertextBlob=blob, EncryptionContext=other)
    assert code == "InvalidCiphertextException"


any_text = st.text(st.characters(exclude_categories=()), max_size=4)
any_context = st.dictionaries(any_text, any_text, max_size=3)


@given(first=any_context, second=any_context, arns=st.tuples(any_text, any_text))
@settings(max_examples=500, deadline=None)
def test_f10_different_contexts_authenticate_differently(
    first: dict[str, str], second: dict[str, str], arns: tuple[str, str]
) -> None:
    same = authenticated_data(arns[0], first) == authenticated_data(arns[1], second)
    assert same == ((arns[0], first) == (arns[1], second))


# Other keys --------------------------------------------------------------------------------------


def test_f10_naming_the_right_key_is_allowed(keys: Keys) -> None:
    kms = client("kms")
    kms.create_alias(AliasName="alias/right", TargetKeyId=keys.first)
    blob = encrypt(keys.first)
    for name in (keys.first, keys.first.rpartition("/")[2], "alias/right"):
        assert kms.decrypt(CiphertextBlob=blob, KeyId=name)["Plaintext"] == b"text"


def test_f10_naming_another_key_is_refused(keys: Keys) -> None:
    blob = encrypt(keys.first)
    for name in (keys.second, keys.ordinary):
        assert error_of(client("kms").decrypt, CiphertextBlob=blob, KeyId=name) == WRONG_KEY


def test_f10_naming_an_unknown_key_is_refused(keys: Keys) -> None:
    unknown = "00000000-0000-4000-8000-000000000000"
    code, _ = error_of(client("kms").decrypt, CiphertextBlob=encrypt(keys.first), KeyId=unknown)
    assert code == "NotFoundException"


@pytest.mark.parametrize(("made_by", "given_to"), [("first", "second"), ("ordinary", "first")])
def test_f10_a_ciphertext_cannot_be_given_to_another_key(
    keys: Keys, made_by: str, given_to: str
) -> None:
    key_id = getattr(keys, given_to).rpartition("/")[2]
    forged = pack(key_id, *sealed_by(encrypt(getattr(keys, made_by))))
    code, _ = error_of(client("kms").decrypt, CiphertextBlob=forged)
    assert code == "InvalidCiphertextException"


@pytest.mark.parametrize(
    "elsewhere", [{"region": OTHER_REGION}, {"account_id": OTHER_ACCOUNT}], ids=str
)
def test_f10_a_ciphertext_stays_in_its_region_and_account(
    keys: Keys, elsewhere: dict[str, str]
) -> None:
    blob = encrypt(keys.first)
    code, _ = error_of(client("kms", **elsewhere).decrypt, CiphertextBlob=blob)
    assert code in INVALID


def test_f10_the_same_bytes_under_another_kms_key_do_not_decrypt(world: Any) -> None:
    """A cluster in another Region has the same key; the KMS keys there are others all the same."""
    here = world.create_key_store("Here")
    kms, there_kms = client("kms"), client("kms", OTHER_REGION)
    cloudhsm, there_cloudhsm = client("cloudhsmv2"), client("cloudhsmv2", OTHER_REGION)
    key_here = arn(kms, here.create_key())
    blob = encrypt(key_here)

    zone = here.cluster.hsms[0].availability_zone
    cloudhsm.create_hsm(ClusterId=here.cluster.id, AvailabilityZone=zone)  # makes a backup
    backup_id = backups_of(here.cluster)[-1]
    cloudhsm.copy_backup_to_region(DestinationRegion=OTHER_REGION, BackupId=backup_id)
    (copy,) = there_cloudhsm.describe_backups(Filters={"sourceBackupIds": [backup_id]})["Backups"]
    made = there_cloudhsm.create_cluster(
        HsmType="hsm2m.medium",
        Mode="FIPS",
        SubnetIds=world.create_cluster(region=OTHER_REGION, hsms=1).subnet_ids,
        SourceBackupId=copy["BackupId"],
    )["Cluster"]
    for zone in sorted(made["SubnetMapping"])[:2]:
        there_cloudhsm.create_hsm(ClusterId=made["ClusterId"], AvailabilityZone=zone)
    cluster = world.cluster(made["ClusterId"])
    assert cluster.hsms[0].keys == here.cluster.hsms[0].keys
    cluster.change_password("CU", "kmsuser", "kmsPswd2")
    store_id = there_kms.create_custom_key_store(
        CustomKeyStoreName="There",
        CloudHsmClusterId=cluster.id,
        TrustAnchorCertificate=here.cluster.trust_anchor,
        KeyStorePassword="kmsPswd2",
    )["CustomKeyStoreId"]
    there_kms.connect_custom_key_store(CustomKeyStoreId=store_id)
    created = there_kms.create_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=store_id)
    key_there = created["KeyMetadata"]

    assert error_of(there_kms.decrypt, CiphertextBlob=blob)[0] in INVALID
    forged = pack(key_there["KeyId"], *sealed_by(blob))
    assert error_of(there_kms.decrypt, CiphertextBlob=forged)[0] == "InvalidCiphertextException"

    # The very bytes that made the ciphertext do not open it in the name of the other KMS key.
    (material,) = here.cluster.hsms[0].keys
    sealed, _ = sealed_by(blob)
    assert material.decrypt(sealed, authenticated_data(key_here, {})) == b"text"
    with pytest.raises(HsmError) as caught:
        material.decrypt(sealed, authenticated_data(key_there["Arn"], {}))
    assert caught.value.code is ReturnCode.DATA_INVALID


# Data keys ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "length"),
    [
        ({"KeySpec": "AES_128"}, 16),
        ({"KeySpec": "AES_256"}, 32),
        ({"NumberOfBytes": 1}, 1),
        ({"NumberOfBytes": 1024}, 1024),
    ],
    ids=str,
)
def test_f2_data_keys(keys: Keys, size: dict[str, Any], length: int) -> None:
    kms = client("kms")
    context = {"EncryptionContext": {"a": "b"}}
    made = kms.generate_data_key(KeyId=keys.first, **size, **context)
    assert len(made["Plaintext"]) == length
    assert made["KeyId"] == keys.first
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], **context)
    assert opened["Plaintext"] == made["Plaintext"]
    assert error_of(kms.decrypt, CiphertextBlob=made["CiphertextBlob"])[0] in INVALID

    hidden = kms.generate_data_key_without_plaintext(KeyId=keys.first, **size, **context)
    assert "Plaintext" not in hidden
    opened = kms.decrypt(CiphertextBlob=hidden["CiphertextBlob"], **context)
    assert len(opened["Plaintext"]) == length
    assert length == 1 or opened["Plaintext"] != made["Plaintext"]


@pytest.mark.parametrize("sizes", [{}, {"KeySpec": "AES_256", "NumberOfBytes": 32}], ids=str)
@pytest.mark.parametrize("key", ["first", "ordinary"])
@pytest.mark.parametrize("method", ["generate_data_key", "generate_data_key_without_plaintext"])
def test_k9_a_data_key_has_one_size(
    keys: Keys, sizes: dict[str, Any], key: str, method: str
) -> None:
    kms = client("kms")
    refused = ("ValidationException", "Please specify either number of bytes or key spec.")
    key_id = getattr(keys, key)
    assert error_of(getattr(kms, method), KeyId=key_id, **sizes) == refused
    kms.disable_key(KeyId=key_id)
    try:
        assert error_of(getattr(kms, method), KeyId=key_id, **sizes) == refused
    finally:
        kms.enable_key(KeyId=key_id)


# ReEncrypt ---------------------------------------------------------------------------------------

PAIRS = [("first", "ordinary"), ("ordinary", "first"), ("first", "second"), ("first", "first")]


@pytest.mark.parametrize(("source", "destination"), PAIRS)
@given(plaintext=plaintexts, old=contexts, new=contexts)
@settings(max_examples=10, deadline=None)
def test_f2_re_encrypt(
    keys: Keys,
    source: str,
    destination: str,
    plaintext: bytes,
    old: dict[str, str],
    new: dict[str, str],
) -> None:
    kms = client("kms")
    source, destination = getattr(keys, source), getattr(keys, destination)
    answer = kms.re_encrypt(
        CiphertextBlob=encrypt(source, plaintext, EncryptionContext=old),
        SourceEncryptionContext=old,
        SourceKeyId=source,
        DestinationKeyId=destination,
        DestinationEncryptionContext=new,
    )
    assert (answer["SourceKeyId"], answer["KeyId"]) == (source, destination)
    assert answer["SourceEncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
    assert answer["DestinationEncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
    opened = kms.decrypt(
        CiphertextBlob=answer["CiphertextBlob"], EncryptionContext=new, KeyId=destination
    )
    assert opened["Plaintext"] == plaintext


@pytest.mark.parametrize(("source", "destination"), PAIRS[:3])
def test_f10_re_encrypt_checks_the_source(keys: Keys, source: str, destination: str) -> None:
    kms = client("kms")
    source, destination = getattr(keys, source), getattr(keys, destination)
    blob = encrypt(source, EncryptionContext={"a": "b"})
    right = {"CiphertextBlob": blob, "DestinationKeyId": destination}
    context = {"SourceEncryptionContext": {"a": "b"}}
    assert error_of(kms.re_encrypt, **right, **context, SourceKeyId=destination) == WRONG_KEY
    assert error_of(kms.re_encrypt, **right)[0] == "InvalidCiphertextException"
    kms.re_encrypt(**right, **context)


def test_f10_a_store_that_is_connected_again_decrypts(keys: Keys) -> None:
    kms = client("kms")
    blob = encrypt(keys.first)
    kms.disconnect_custom_key_store(CustomKeyStoreId=keys.store.id)
    kms.connect_custom_key_store(CustomKeyStoreId=keys.store.id)
    assert state_of(keys.store) == ("CONNECTED", None)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"text"


KEPT = {
    "ordinary": (
        "1234abcd-12ab-34cd-56ef-1234567890ab",
        "ASQxMjM0YWJjZC0xMmFiLTM0Y2QtNTZlZi0xMjM0NTY3ODkwYWIgOV6i97xecEDBd7hVw88B9yzWqGZEVsG3OINK"
        "ZL0O5Bd7PTlc14TzkY2tWcnLEvzAw2SzGb7xNWQe1Aw/xaVVIFJzlpX6",
    ),
    "in a key store": (
        "1234abcd-12ab-34cd-56ef-1234567890ac",
        "ASQxMjM0YWJjZC0xMmFiLTM0Y2QtNTZlZi0xMjM0NTY3ODkwYWMAlMnJRebU0gxG/zhgqrk7ZQPAE9ckrMKnPDha"
        "eEmBsSyBvjDCUA==",
    ),
    "multi-Region": (
        "mrk-1234abcd12ab34cd56ef1234567890ab",
        "ASRtcmstMTIzNGFiY2QxMmFiMzRjZDU2ZWYxMjM0NTY3ODkwYWIgc8T/lgh4k6aJOUBqEaNm0tk40Turshib0Rs/"
        "2uwFU+8oqyY7E8yNh49CIeR0PR7ygDEp5orq9cIHR1iVTUxAoPffbREe",
    ),
}
"""The ciphertexts of keys that are known, as the fixtures of a project may have kept them."""


@pytest.mark.parametrize("kind", KEPT)
def test_f10_a_ciphertext_of_an_earlier_version_is_read(world: Any, kind: str) -> None:
    key_id, blob = KEPT[kind]
    store = world.create_key_store("Kept") if kind == "in a key store" else None
    several = {"MultiRegion": True} if kind == "multi-Region" else {}
    world.create_key(key_id=key_id, material=bytes(range(32)), key_store=store, **several)
    opened = client("kms").decrypt(
        CiphertextBlob=base64.b64decode(blob), EncryptionContext={"of": "a card", "käse": ""}
    )
    assert opened["Plaintext"] == b"4111 1111"
    assert opened.get("KeyMaterialId") == {
        "ordinary": "395ea2f7bc5e7040c177b855c3cf01f72cd6a8664456c1b738834a64bd0ee417",
        "multi-Region": "73c4ff96087893a68939406a11a366d2d938d13babb2189bd11b3fdaec0553ef",
    }.get(kind)


# Multi-Region keys -------------------------------------------------------------------------------


def test_f10_g8_related_keys_decrypt_each_other_s_ciphertexts(kms: Any) -> None:
    there = client("kms", OTHER_REGION)
    primary = kms.create_key(MultiRegion=True)["KeyMetadata"]
    stranger = kms.create_key(MultiRegion=True)["KeyMetadata"]["Arn"]
    replica = kms.replicate_key(KeyId=primary["Arn"], ReplicaRegion=OTHER_REGION)
    replica_arn = replica["ReplicaKeyMetadata"]["Arn"]
    context = {"EncryptionContext": {"a": "b"}}
    for one, other, arns in (
        (kms, there, (primary["Arn"], replica_arn)),
        (there, kms, (replica_arn, primary["Arn"])),
    ):
        blob = one.encrypt(KeyId=arns[0], Plaintext=b"text", **context)["CiphertextBlob"]
        opened = other.decrypt(CiphertextBlob=blob, KeyId=arns[1], **context)
        assert (opened["Plaintext"], opened["KeyId"]) == (b"text", arns[1])
        assert opened["KeyMaterialId"] == primary["CurrentKeyMaterialId"]
        assert error_of(other.decrypt, CiphertextBlob=blob)[0] == "InvalidCiphertextException"
    blob = encrypt(stranger)
    assert error_of(there.decrypt, CiphertextBlob=blob)[0] == "AccessDeniedException"
    assert error_of(kms.decrypt, CiphertextBlob=blob, KeyId=primary["Arn"]) == WRONG_KEY


# RSA keys ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rsa_key() -> Iterator[str]:
    with mock_cks():
        kms = client("kms")
        made = kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
        yield made["KeyMetadata"]["Arn"]


OAEP = {"EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}


def test_g9_an_rsa_ciphertext_has_the_length_of_the_key(rsa_key: str) -> None:
    kms = client("kms")
    sealed = kms.encrypt(KeyId=rsa_key, Plaintext=b"text", **OAEP)
    assert len(sealed["CiphertextBlob"]) == 256
    assert sealed["EncryptionAlgorithm"] == OAEP["EncryptionAlgorithm"]
    opened = kms.decrypt(KeyId=rsa_key, CiphertextBlob=sealed["CiphertextBlob"], **OAEP)
    del opened["ResponseMetadata"]
    assert opened == {"KeyId": rsa_key, "Plaintext": b"text", **OAEP}


@pytest.mark.parametrize(("algorithm", "limit"), [("SHA_1", 214), ("SHA_256", 190)])
def test_g9_an_rsa_key_encrypts_so_much(rsa_key: str, algorithm: str, limit: int) -> None:
    kms, name = client("kms"), f"RSAES_OAEP_{algorithm}"
    call = {"KeyId": rsa_key, "EncryptionAlgorithm": name}
    kms.encrypt(Plaintext=bytes(limit), **call)
    message = (
        f"Algorithm {name} and key spec RSA_2048 cannot encrypt data larger than {limit} bytes."
    )
    refused = error_of(kms.encrypt, Plaintext=bytes(limit + 1), **call)
    assert refused == ("ValidationException", message)
    longer = kms.encrypt(KeyId=kms.create_key()["KeyMetadata"]["KeyId"], Plaintext=bytes(limit + 1))
    refused = error_of(
        kms.re_encrypt,
        CiphertextBlob=longer["CiphertextBlob"],
        DestinationKeyId=rsa_key,
        DestinationEncryptionAlgorithm=name,
    )
    assert refused == ("ValidationException", message)


def test_g3_the_ciphertexts_of_rsa_keys_name_no_key(rsa_key: str) -> None:
    kms = client("kms")
    blob = kms.encrypt(KeyId=rsa_key, Plaintext=b"text", **OAEP)["CiphertextBlob"]
    null = "Value null at 'keyId' failed to satisfy constraint: Member must not be null"
    code, message = error_of(kms.decrypt, CiphertextBlob=blob, **OAEP)
    assert (code, null in message) == ("ValidationException", True)
    other = kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]["Arn"]
    invalid = ("InvalidCiphertextException", "")
    assert error_of(kms.decrypt, CiphertextBlob=blob, KeyId=other, **OAEP) == invalid
    assert error_of(kms.decrypt, CiphertextBlob=blob, KeyId=rsa_key) == invalid
    for wrong in (b"x", blob[:-1], bytes(256)):
        assert error_of(kms.decrypt, CiphertextBlob=wrong, KeyId=rsa_key, **OAEP) == invalid


def test_g9_re_encrypt_from_and_to_rsa_keys(rsa_key: str) -> None:
    kms = client("kms")
    symmetric = kms.create_key()["KeyMetadata"]
    blob = kms.encrypt(KeyId=rsa_key, Plaintext=b"text", **OAEP)["CiphertextBlob"]
    moved = kms.re_encrypt(
        CiphertextBlob=blob,
        SourceKeyId=rsa_key,
        SourceEncryptionAlgorithm="RSAES_OAEP_SHA_256",
        DestinationKeyId=symmetric["KeyId"],
    )
    assert moved["DestinationKeyMaterialId"] == symmetric["CurrentKeyMaterialId"]
    assert "SourceKeyMaterialId" not in moved
    back = kms.re_encrypt(
        CiphertextBlob=moved["CiphertextBlob"],
        DestinationKeyId=rsa_key,
        DestinationEncryptionAlgorithm="RSAES_OAEP_SHA_1",
    )
    assert back["SourceKeyMaterialId"] == symmetric["CurrentKeyMaterialId"]
    assert "DestinationKeyMaterialId" not in back
    assert (back["SourceKeyId"], back["KeyId"]) == (symmetric["Arn"], rsa_key)
    opened = kms.decrypt(
        CiphertextBlob=back["CiphertextBlob"],
        KeyId=rsa_key,
        EncryptionAlgorithm="RSAES_OAEP_SHA_1",
    )
    assert opened["Plaintext"] == b"text"
