"""Grants: what can be granted of which key, to whom, and how they are found (G10, W18)."""

from __future__ import annotations

import base64
import pickle
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws
from moto.kms.models import kms_backends

from moto_cks import KeyStore, mock_cks
from moto_cks.kms import grants
from moto_cks.kms.keys.grant import is_token
from tests.aws import OTHER_ACCOUNT, OTHER_REGION, client, error_of

GRANTEE = "arn:aws:iam::123456789012:role/grantee"
OTHER = "arn:aws:iam::123456789012:user/other"
ROOT = "arn:aws:iam::123456789012:root"
COMMON = {"CreateGrant", "DescribeKey", "RetireGrant"}
WITH_PUBLIC_KEY = {*COMMON, "GetPublicKey"}
ENCRYPTS = {"Decrypt", "Encrypt", "ReEncryptFrom", "ReEncryptTo"}
DATA_KEYS = {"GenerateDataKey", "GenerateDataKeyWithoutPlaintext"}
PAIRS = {"GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"}

CAN: dict[str, tuple[dict[str, str], set[str]]] = {
    "symmetric": ({}, COMMON | ENCRYPTS | DATA_KEYS | PAIRS),
    "imported": ({"Origin": "EXTERNAL"}, COMMON | ENCRYPTS | DATA_KEYS | PAIRS),
    "in a key store": ({"Origin": "AWS_CLOUDHSM"}, COMMON | ENCRYPTS | DATA_KEYS),
    "rsa": ({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}, WITH_PUBLIC_KEY | ENCRYPTS),
    "signing": (
        {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
        {*WITH_PUBLIC_KEY, "Sign", "Verify"},
    ),
    "agreeing": (
        {"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"},
        {*WITH_PUBLIC_KEY, "DeriveSharedSecret"},
    ),
    "hmac": (
        {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
        {*COMMON, "GenerateMac", "VerifyMac"},
    ),
}


def new_key(kms: Any, **kind: Any) -> str:
    return str(kms.create_key(**kind)["KeyMetadata"]["KeyId"])


def create(kms: Any, key_id: str, **more: Any) -> Any:
    request = {"GranteePrincipal": GRANTEE, "Operations": ["Encrypt"], **more}
    return kms.create_grant(KeyId=key_id, **{n: v for n, v in request.items() if v is not None})


def refused(kms: Any, key_id: str, **more: Any) -> tuple[str, str]:
    return error_of(create, kms=kms, key_id=key_id, **more)


def listed(kms: Any, key_id: str, **filters: Any) -> list[Any]:
    grants: list[Any] = kms.list_grants(KeyId=key_id, **filters)["Grants"]
    return grants


def bare_entry(key_arn: str, grant_id: str) -> dict[str, Any]:
    """What is listed of a grant with nothing but what has to be; its date aside."""
    return {
        "KeyId": key_arn,
        "GrantId": grant_id,
        "Name": "",
        "GranteePrincipal": GRANTEE,
        "IssuingAccount": ROOT,
        "Operations": ["Encrypt"],
    }


@pytest.mark.parametrize("kind", CAN)
def test_g10_a_grant_permits_what_its_key_can_do(kms: Any, store: KeyStore, kind: str) -> None:
    parameters, possible = CAN[kind]
    if kind == "in a key store":
        parameters = {**parameters, "CustomKeyStoreId": store.id}
    key = kms.create_key(**parameters)["KeyMetadata"]
    if kind == "imported":
        assert refused(kms, key["KeyId"])[0] == "KMSInvalidStateException"
        return
    shape = kms.meta.service_model.shape_for("GrantOperation")
    for operation in sorted(shape.enum):
        if operation in possible:
            operations = [operation, "DescribeKey"] if operation == "CreateGrant" else [operation]
            create(kms, key["KeyId"], Operations=operations)
        else:
            code, message = refused(kms, key["KeyId"], Operations=["DescribeKey", operation])
            assert code == "ValidationException"
            assert operation in message
            assert key["Arn"] in message
    assert len(listed(kms, key["KeyId"])) == len(possible)


def test_g5_an_entry_has_what_was_asked_for_and_no_more(kms: Any, world: Any) -> None:
    key = kms.create_key()["KeyMetadata"]
    constraints = {"EncryptionContextSubset": {"a": "b"}}
    made = create(
        kms,
        key["KeyId"],
        Name="mine",
        RetiringPrincipal=OTHER,
        Constraints=constraints,
        Operations=["Encrypt", "Decrypt", "Encrypt"],
    )
    assert re.fullmatch("[0-9a-f]{64}", made["GrantId"])
    plain = create(kms, key["KeyId"])
    entry, other = listed(kms, key["KeyId"])
    assert abs(entry.pop("CreationDate") - world.clock.now()).total_seconds() < 60
    assert entry == {
        "KeyId": key["Arn"],
        "GrantId": made["GrantId"],
        "Name": "mine",
        "GranteePrincipal": GRANTEE,
        "RetiringPrincipal": OTHER,
        "IssuingAccount": ROOT,
        "Operations": ["Encrypt", "Decrypt"],
        "Constraints": constraints,
    }
    del other["CreationDate"]
    assert other == bare_entry(key["Arn"], plain["GrantId"])


def test_g10_a_grant_that_ends_leaves_others_of_its_name_and_takes_no_room(kms: Any) -> None:
    index = kms_backends["123456789012"]["us-east-1"].grants
    key_id, size = new_key(kms), len(pickle.dumps(index))
    granted = {
        name: create(kms, key_id, Name="mine", Operations=[name]) for name in PAIRS | ENCRYPTS
    }
    kms.revoke_grant(KeyId=key_id, GrantId=granted.pop("Encrypt")["GrantId"])
    for operation, grant in granted.items():
        again = create(kms, key_id, Name="mine", Operations=[operation])
        assert again["GrantId"] == grant["GrantId"]
    for grant in granted.values():
        kms.revoke_grant(KeyId=key_id, GrantId=grant["GrantId"])
    assert len(pickle.dumps(index)) == size
    index.remove(None)  # there was none
    assert create(kms, key_id, Name="mine")["GrantId"] not in str(granted)


def test_g10_a_retry_with_a_name_gives_the_same_grant_and_another_token(kms: Any) -> None:
    key_id = new_key(kms)
    first, second = (create(kms, key_id, Name="mine") for _ in range(2))
    assert first["GrantId"] == second["GrantId"]
    assert first["GrantToken"] != second["GrantToken"]
    other = [
        create(kms, key_id, Name="other"),
        create(kms, key_id, Name="mine", Operations=["Decrypt"]),
        create(kms, key_id, Name="mine", RetiringPrincipal=OTHER),
        create(kms, key_id, Name="mine", Constraints={"EncryptionContextEquals": {"a": "b"}}),
        create(kms, new_key(kms), Name="mine"),
        create(kms, key_id),
        create(kms, key_id),
    ]
    assert len({grant["GrantId"] for grant in [first, *other]}) == 8
    assert len(listed(kms, key_id)) == 7
    kms.retire_grant(GrantToken=first["GrantToken"])
    kms.retire_grant(GrantToken=second["GrantToken"])  # its grant is gone already
    assert len(listed(kms, key_id)) == 6
    again = create(kms, key_id, Name="mine")
    assert again["GrantId"] != first["GrantId"]


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (
            {"Operations": ["CreateGrant"]},
            ("ValidationException", "Grants must not contain only the CreateGrant operation."),
        ),
        (
            {
                "Constraints": {
                    "EncryptionContextSubset": {"a": "b"},
                    "EncryptionContextEquals": {},
                }
            },
            ("ValidationException", "More than one constraint supplied"),
        ),
        (
            {"Constraints": {"EncryptionContextEquals": {str(n): "" for n in range(9)}}},
            ("ValidationException", "An encryption context constraint can have 8 pairs, and "),
        ),
        (
            {"Constraints": {"EncryptionContextSubset": {"a": "b" * 385}}},
            ("ValidationException", "An encryption context constraint can have 8 pairs, and "),
        ),
        (
            {"GranteePrincipal": "grantee"},
            ("InvalidArnException", "ARN does not refer to a valid principal: grantee"),
        ),
        (
            {"RetiringPrincipal": "arn:aws:iam::123456789012:group/g"},
            ("InvalidArnException", "ARN does not refer to a valid principal: arn:aws:iam::1"),
        ),
    ],
    ids=str,
)
def test_g10_grants_that_are_refused(
    kms: Any, request_: dict[str, Any], error: tuple[str, str]
) -> None:
    key_id = new_key(kms)
    unchecked = client("kms", parameter_validation=False)
    code, message = refused(unchecked, key_id, **request_)
    assert (code, message[: len(error[1])]) == error
    assert refused(unchecked, key_id, **request_, DryRun=True) == (code, message)
    assert listed(kms, key_id) == []


@pytest.mark.parametrize("name", ["EncryptionContextEquals", "EncryptionContextSubset"])
def test_g10_the_largest_constraint_that_there_may_be(kms: Any, name: str) -> None:
    key_id = new_key(kms)
    constraints = {name: {str(number): "b" * 384 for number in range(8)}}
    create(kms, key_id, Constraints=constraints)
    (grant,) = listed(kms, key_id)
    assert grant["Constraints"] == constraints


def test_g10_a_key_has_so_many_grants(kms: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert grants.MOST_OF_A_KEY == 50_000  # the quota "Grants per KMS key"
    monkeypatch.setattr(grants, "MOST_OF_A_KEY", 3)
    key_id, other = new_key(kms), new_key(kms)
    made = [create(kms, key_id, Name=str(number)) for number in range(3)]
    arn = kms.describe_key(KeyId=key_id)["KeyMetadata"]["Arn"]
    error = ("LimitExceededException", f"The KMS key {arn} has 3 grants already.")
    assert refused(kms, key_id) == error
    assert create(kms, key_id, Name="2")["GrantId"] == made[2]["GrantId"]  # that is no other grant
    create(kms, other)
    kms.revoke_grant(KeyId=key_id, GrantId=made[0]["GrantId"])
    create(kms, key_id)
    assert refused(kms, key_id) == error
    assert len(listed(kms, key_id)) == 3


SERVICE, OTHER_SERVICE = "s3.amazonaws.com", "ec2.amazonaws.com"
SOURCE = "arn:aws:s3:us-east-1:123456789012:bucket/x"


def knows_services(kms: Any) -> bool:
    shape = kms.meta.service_model.operation_model("CreateGrant").input_shape
    return "GranteeServicePrincipal" in shape.members


def test_g10_encryption_context_constraints_are_for_symmetric_keys(kms: Any) -> None:
    key_id = new_key(kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    constraints = {"EncryptionContextSubset": {"a": "b"}}
    request = {"Operations": ["GenerateMac"], "Constraints": constraints}
    assert refused(kms, key_id, **request)[0] == "ValidationException"
    create(kms, key_id, Operations=["GenerateMac"])
    if knows_services(kms):
        create(kms, key_id, Operations=["GenerateMac"], Constraints={"SourceArn": SOURCE})


def test_w18_grants_to_services(kms: Any, store: KeyStore) -> None:
    if not knows_services(kms):
        pytest.skip("this botocore does not know grants to services")
    for key_id in (new_key(kms), store.create_key()):
        to_service = {
            "GranteePrincipal": None,
            "GranteeServicePrincipal": SERVICE,
            "RetiringServicePrincipal": OTHER_SERVICE,
            "Constraints": {"SourceArn": SOURCE},
        }
        made = create(kms, key_id, **to_service)
        (entry,) = listed(kms, key_id)
        assert "GranteePrincipal" not in entry
        assert "RetiringPrincipal" not in entry
        assert entry["GranteeServicePrincipal"] == SERVICE
        assert entry["RetiringServicePrincipal"] == OTHER_SERVICE
        assert entry["Constraints"] == {"SourceArn": SOURCE}
        assert listed(kms, key_id, GranteeServicePrincipal=SERVICE) == [entry]
        assert listed(kms, key_id, GranteeServicePrincipal=OTHER_SERVICE) == []
        retirable = kms.list_retirable_grants(RetiringServicePrincipal=OTHER_SERVICE)["Grants"]
        assert [grant["GrantId"] for grant in retirable] == [made["GrantId"]]
        for wrong in (
            {**to_service, "GranteePrincipal": GRANTEE},
            {**to_service, "GranteeServicePrincipal": None},
            {**to_service, "RetiringPrincipal": OTHER},
            {**to_service, "RetiringServicePrincipal": None},
            {**to_service, "Constraints": None},
            {**to_service, "Constraints": {"EncryptionContextEquals": {"a": "b"}}},
        ):
            assert refused(kms, key_id, **wrong)[0] == "ValidationException"
        by_user = {**to_service, "RetiringServicePrincipal": None, "RetiringPrincipal": OTHER}
        create(kms, key_id, **by_user)
        both = {"GranteePrincipal": GRANTEE, "GranteeServicePrincipal": SERVICE}
        assert error_of(kms.list_grants, KeyId=key_id, **both)[0] == "ValidationException"
        both = {"RetiringPrincipal": OTHER, "RetiringServicePrincipal": SERVICE}
        assert error_of(kms.list_retirable_grants, **both)[0] == "ValidationException"
        kms.retire_grant(GrantToken=made["GrantToken"])


def test_g10_grants_are_found_by_what_they_are_filtered_by(kms: Any) -> None:
    key_id, other_key = new_key(kms), new_key(kms)
    mine = [create(kms, key_id)["GrantId"] for _ in range(3)]
    others = create(kms, key_id, GranteePrincipal=OTHER)["GrantId"]
    create(kms, other_key)

    def ids(**filters: Any) -> list[str]:
        return [grant["GrantId"] for grant in listed(kms, key_id, **filters)]

    assert ids(GranteePrincipal=GRANTEE) == mine
    assert ids(GranteePrincipal=OTHER) == [others]
    assert ids(GranteePrincipal=ROOT) == []
    assert ids(GrantId=mine[1]) == [mine[1]]
    assert ids(GrantId=mine[1], GranteePrincipal=OTHER) == []
    assert ids(GrantId="0" * 64) == []
    page = kms.list_grants(KeyId=key_id, GranteePrincipal=GRANTEE, Limit=2)
    marker = page["NextMarker"]
    assert ids(GranteePrincipal=GRANTEE, Marker=marker) == [mine[2]]
    for call in ({"KeyId": key_id}, {"KeyId": other_key, "GranteePrincipal": GRANTEE}):
        assert error_of(kms.list_grants, **call, Marker=marker)[0] == "InvalidMarkerException"


def test_g10_a_grant_ends_once(kms: Any, store: KeyStore) -> None:
    key_id, other_key = new_key(kms), store.create_key()
    made = create(kms, key_id, RetiringPrincipal=OTHER)
    named = {"GrantId": made["GrantId"]}
    unknown = ("NotFoundException", f"Grant ID {made['GrantId']} not found")
    for end in (kms.revoke_grant, kms.retire_grant):
        assert error_of(end, KeyId=other_key, **named) == unknown
        assert error_of(end, KeyId=key_id, **named, DryRun=True)[0] == "DryRunOperationException"
    assert len(listed(kms, key_id)) == 1
    kms.revoke_grant(KeyId=key_id, **named)
    for end in (kms.revoke_grant, kms.retire_grant):
        assert error_of(end, KeyId=key_id, **named) == unknown
    kms.retire_grant(GrantToken=made["GrantToken"])
    assert kms.list_retirable_grants(RetiringPrincipal=OTHER)["Grants"] == []


def test_g10_grant_tokens(kms: Any, store: KeyStore) -> None:
    for key_id in (new_key(kms), store.create_key()):
        token = create(kms, key_id)["GrantToken"]
        kms.encrypt(KeyId=key_id, Plaintext=b"x", GrantTokens=[token])
        kms.retire_grant(GrantToken=token)
        kms.describe_key(KeyId=key_id, GrantTokens=[token, "nonsense"])  # no error of its page
        for call in (
            lambda k=key_id, t=token: error_of(
                kms.encrypt, KeyId=k, Plaintext=b"x", GrantTokens=[t, "nonsense"]
            ),
            lambda k=key_id: error_of(
                kms.generate_data_key, KeyId=k, KeySpec="AES_256", GrantTokens=["bm9uc2Vuc2U="]
            ),
            lambda: error_of(kms.retire_grant, GrantToken="nonsense"),
            lambda: error_of(kms.retire_grant, GrantToken="§"),
        ):
            assert call() == ("InvalidGrantTokenException", "The grant token is not valid.")


def test_g10_grant_tokens_that_are_not_quite_right(kms: Any) -> None:
    key_id = new_key(kms)
    token = create(kms, key_id)["GrantToken"]
    size = len(base64.b64decode(token))
    not_valid = ("InvalidGrantTokenException", "The grant token is not valid.")
    for wrong in (
        token[:-1],
        token[1:],
        token + "A",
        token + token,
        f"{token[:8]}*{token[8:]}",
        f"{token[:8]}\n{token[8:]}",
        base64.b64encode(bytes(size - 1)).decode(),
        base64.b64encode(bytes(size + 1)).decode(),
    ):
        use = error_of(kms.encrypt, KeyId=key_id, Plaintext=b"x", GrantTokens=[token, wrong])
        assert (wrong, use) == (wrong, not_valid)
        assert (wrong, error_of(kms.retire_grant, GrantToken=wrong)) == (wrong, not_valid)
        assert is_token(wrong) is False
    assert is_token(token) is True
    of_nobody = base64.b64encode(bytes(size)).decode()  # perhaps of a grant that is gone
    assert kms.encrypt(KeyId=key_id, Plaintext=b"x", GrantTokens=[token, of_nobody])
    kms.retire_grant(GrantToken=of_nobody)
    assert len(kms.list_grants(KeyId=key_id)["Grants"]) == 1


def test_g10_grants_of_other_accounts_and_regions(kms: Any) -> None:
    key = kms.create_key()["KeyMetadata"]
    create(kms, key["KeyId"], RetiringPrincipal=OTHER)
    for elsewhere in (client("kms", OTHER_REGION), client("kms", account_id=OTHER_ACCOUNT)):
        assert elsewhere.list_retirable_grants(RetiringPrincipal=OTHER)["Grants"] == []
        assert error_of(elsewhere.list_grants, KeyId=key["KeyId"])[0] == "NotFoundException"


def test_g10_moto_s_grants_are_taken_over() -> None:
    with mock_aws():
        moto = client("kms")
        key = moto.create_key()["KeyMetadata"]
        asked = {
            "RetiringPrincipal": OTHER,
            "Name": "of-moto",
            "Operations": ["Decrypt", "Encrypt"],
            "Constraints": {"EncryptionContextEquals": {"a": "b"}},
        }
        made = create(moto, key["KeyId"], **asked)
        bare = create(moto, key["KeyId"])
        with mock_cks() as cks:
            entry, other = listed(moto, key["KeyId"])
            del other["CreationDate"]
            assert other == bare_entry(key["Arn"], bare["GrantId"])
            assert abs(entry.pop("CreationDate") - cks.clock.now()).total_seconds() < 60
            assert entry == {
                "KeyId": key["Arn"],
                "GrantId": made["GrantId"],
                "GranteePrincipal": GRANTEE,
                "IssuingAccount": ROOT,
                **asked,
            }
            assert create(moto, key["KeyId"], **asked)["GrantId"] == made["GrantId"]
            moto.retire_grant(GrantToken=made["GrantToken"])
            (left,) = listed(moto, key["KeyId"])
            assert left["GrantId"] == bare["GrantId"]
            moto.retire_grant(GrantToken=bare["GrantToken"])
            assert listed(moto, key["KeyId"]) == []


def test_g10_moto_takes_grants_over() -> None:
    """What moto has in its own, these have under the same names."""
    with mock_aws():
        moto = client("kms")
        with mock_cks():
            key_id = new_key(moto)
            constraints = {"EncryptionContextSubset": {"a": "b"}}
            mine = create(
                moto, key_id, Name="mine", RetiringPrincipal=OTHER, Operations=["Decrypt"]
            )
            bare = create(moto, key_id, Constraints=constraints)
        grants = kms_backends["123456789012"]["us-east-1"].keys[key_id].grants
        assert moto.list_retirable_grants(RetiringPrincipal=OTHER)["Grants"] == [
            listed(moto, key_id, GrantId=mine["GrantId"])[0]
        ]
        names = ("id", "token", "key_id", "name", "grantee_principal", "retiring_principal")
        lists = ("operations", "constraints")
        found = [[getattr(g, name) for name in (*names, *lists)] for g in grants.values()]
        assert found == [
            [mine["GrantId"], mine["GrantToken"], key_id, "mine", GRANTEE, OTHER, ["Decrypt"], {}],
            [
                bare["GrantId"],
                bare["GrantToken"],
                key_id,
                "",
                GRANTEE,
                "",
                ["Encrypt"],
                constraints,
            ],
        ]


def test_g10_moto_s_interface_grants_by_the_same_rules(kms: Any) -> None:
    backend = kms_backends["123456789012"]["us-east-1"]
    key_id = new_key(kms)
    made, token = backend.create_grant(key_id, GRANTEE, ["Encrypt"], None, {}, OTHER)
    assert [grant.id for grant in backend.list_retirable_grants(OTHER)] == [made]
    backend.retire_grant(None, None, token)
    with pytest.raises(Exception, match="not found"):
        backend.revoke_grant(key_id, made)
    with pytest.raises(Exception, match="is not supported"):
        backend.create_grant(key_id, GRANTEE, ["Sign"], None, {}, OTHER)
    made, _ = backend.create_grant(key_id, GRANTEE, ["Encrypt"], None, {}, OTHER)
    backend.retire_grant(key_id, made, "")
    assert listed(kms, key_id) == []


STEP = st.tuples(
    st.sampled_from(["create", "revoke", "retire"]),
    st.sampled_from([None, "a", "b"]),
    st.sampled_from([GRANTEE, OTHER]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(STEP, max_size=12))
def test_g10_grants_against_a_list(steps: list[tuple[str, str | None, str]]) -> None:
    with mock_cks():
        kms = client("kms")
        key_id = new_key(kms)
        model: dict[str, tuple[str | None, str, str]] = {}
        for step, name, grantee in steps:
            if step == "create":
                made = create(kms, key_id, Name=name, GranteePrincipal=grantee)
                known = {entry[:2] for entry in model.values()}
                assert (made["GrantId"] in model) == (name is not None and (name, grantee) in known)
                model[made["GrantId"]] = (name, grantee, made["GrantToken"])
            elif model:
                grant_id, (_, _, token) = model.popitem()
                if step == "revoke":
                    kms.revoke_grant(KeyId=key_id, GrantId=grant_id)
                else:
                    kms.retire_grant(GrantToken=token)
        for grantee in (GRANTEE, OTHER):
            found = {entry["GrantId"] for entry in listed(kms, key_id, GranteePrincipal=grantee)}
            assert found == {name for name, entry in model.items() if entry[1] == grantee}
