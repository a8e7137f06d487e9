"""The table of operations, against the service model and the pages of the API (G1, G6, W17)."""

from __future__ import annotations

from typing import Any

import pytest

from moto_cks.kms.operations import NAMES, OPERATIONS, About, DryRun, KeyRole
from moto_cks.kms.responses import CksKmsResponse
from tests.aws import client

MODEL = client("kms").meta.service_model
ALL = sorted(MODEL.operation_names)
NAMED_BY = ("KeyId", "SourceKeyId", "DestinationKeyId", "TargetKeyId")
TOLD_BY_AN_ALIAS = {"GenerateMac", "VerifyMac"}
"""Their pages say nothing of aliases; the policy examples of the Developer Guide use them."""

SEALED_BY = {"Decrypt": ["KeyId"], "ReEncrypt": ["SourceKeyId"]}
STOPPED = ["CreateGrant", "RetireGrant", "RevokeGrant"]

ABOUT = {
    About.KEY_STORE: [
        "ConnectCustomKeyStore",
        "CreateCustomKeyStore",
        "DeleteCustomKeyStore",
        "DescribeCustomKeyStores",
        "DisconnectCustomKeyStore",
        "UpdateCustomKeyStore",
    ],
    About.KEY_AND_ALIAS: ["CreateAlias"],
    About.ALIAS_AND_KEY: ["DeleteAlias", "UpdateAlias"],
    About.GRANT: ["RetireGrant"],
    About.RANDOM: ["GenerateRandom"],
}

USES_KEY_STORE = [
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateRandom",
    "ReEncrypt",
]


def those(column: str, value: Any) -> list[str]:
    return sorted(name for name, row in OPERATIONS.items() if getattr(row, column) == value)


def test_g1_the_table_has_every_operation_of_the_service_model() -> None:
    assert {*OPERATIONS} >= {*ALL}  # older service models have fewer
    assert {*NAMES.values()} == {*OPERATIONS}
    assert {name.replace("_", "") for name in NAMES} == {name.lower() for name in OPERATIONS}


def _named_by(name: str) -> list[str]:
    """The members of a request by which it names keys."""
    shape = MODEL.operation_model(name).input_shape
    return [member for member in (*NAMED_BY, "AliasName") if member in shape.members]


@pytest.mark.parametrize("name", ALL)
def test_g1_an_operation_names_its_keys_as_in_the_service_model(name: str) -> None:
    row, shape = OPERATIONS[name], MODEL.operation_model(name).input_shape
    known = _named_by(name)
    if "TargetKeyId" in known:
        known.remove("AliasName")  # it is what is changed
    assert [role.parameter for role in row.keys] == known
    for role in row.keys:
        text = shape.members[role.parameter].documentation
        by_alias = "alias name" in text.lower() and "Alias names are not supported" not in text
        assert role.aliases == (by_alias or name in TOLD_BY_AN_ALIAS)
        assert role.seals == (role.parameter in SEALED_BY.get(name, ()))
        prefix = role.parameter.removesuffix("KeyId")
        algorithms = [
            member
            for member in shape.members
            if member.endswith("Algorithm") and member.startswith(prefix)
        ]
        wraps = ["WrappingAlgorithm"]  # for which another key is made
        assert algorithms in ([role.algorithm] if role.algorithm else [], wraps)


@pytest.mark.parametrize("name", ALL)
def test_w17_an_operation_has_a_dry_run_where_the_service_model_has_it(name: str) -> None:
    members = MODEL.operation_model(name).input_shape.members
    expected = DryRun.STOPPED if name in STOPPED else DryRun.DISCARDED
    assert OPERATIONS[name].dry_run is (expected if "DryRun" in members else DryRun.NONE)
    assert OPERATIONS[name].data_key == ({"NumberOfBytes", "KeySpec"} <= {*members})


def test_n3_t1_what_a_call_is_about_and_which_use_the_key_store() -> None:
    assert {about: those("about", about) for about in ABOUT} == ABOUT
    assert those("uses_key_store", True) == USES_KEY_STORE
    assert those("knows_key", False) == ["CreateAlias", "DeleteAlias", "UpdateAlias"]


def test_g1_a_key_is_named_by_its_id_unless_it_is_said_otherwise() -> None:
    assert KeyRole() == KeyRole(parameter="KeyId", aliases=False, algorithm="", seals=False)


@pytest.mark.parametrize("method", sorted(NAMES))
def test_g1_no_operation_is_left_to_moto(method: str) -> None:
    found = getattr(CksKmsResponse, method)
    assert found.__module__.startswith("moto_cks.")
    assert found.__name__ == method
