"""The tables of the kinds of key stores, held against the service model."""

from __future__ import annotations

import itertools
from typing import Any

from moto_cks.kms.keystores.cloudhsm import requests
from moto_cks.kms.keystores.cloudhsm.connection_errors import CONNECTION_ERRORS, CloudHsmErrorCode
from moto_cks.kms.keystores.connection import ALLOWED, CommonErrorCode, ConnectionState
from moto_cks.kms.keystores.external import requests as external
from moto_cks.kms.keystores.external.outcomes import OUTCOMES, ExternalErrorCode
from moto_cks.kms.keystores.kinds import KINDS
from moto_cks.kms.keystores.types import KEY_STORE_TYPES, KeyStoreType
from tests.aws import client

OF_ALL_TYPES = {
    "CreateCustomKeyStore": {"CustomKeyStoreName", "CustomKeyStoreType"},
    "UpdateCustomKeyStore": {"CustomKeyStoreId", "NewCustomKeyStoreName"},
}


def shape(name: str) -> Any:
    """A shape of the service model."""
    return client("kms").meta.service_model.shape_for(name)


def members(operation: str) -> set[str]:
    """The parameters of an operation."""
    return set(client("kms").meta.service_model.operation_model(operation).input_shape.members)


def test_each_connection_error_stands_once_and_aws_has_it() -> None:
    codes = [code for code, _ in itertools.groupby(code for code, _ in CONNECTION_ERRORS)]
    assert len(codes) == len(set(codes))
    assert set(codes) == {*CloudHsmErrorCode, CommonErrorCode.NETWORK_ERRORS}
    known = set(shape("ConnectionErrorCodeType").enum)
    assert {code.value for code in (*CloudHsmErrorCode, *CommonErrorCode)} <= known


def test_the_types_and_states_are_those_of_aws() -> None:
    assert set(KEY_STORE_TYPES) == set(shape("CustomKeyStoreType").enum)
    assert set(KEY_STORE_TYPES) <= set(shape("OriginType").enum)
    assert {state.value for state in ConnectionState} == set(shape("ConnectionStateType").enum)
    assert KINDS.keys() == set(KeyStoreType)
    names = client("kms").meta.service_model.operation_names
    for operations in ALLOWED.values():
        assert {*operations} <= {*names}


def test_each_parameter_is_for_one_type_or_for_all() -> None:
    for operation, of_all in OF_ALL_TYPES.items():
        for name in members(operation) - of_all:
            takers = [kind for kind in KINDS.values() if name.startswith(kind.parameters)]
            assert len(takers) == 1, name


def test_the_parameters_of_a_cloudhsm_key_store() -> None:
    assert set(requests.PARAMETERS) <= members("CreateCustomKeyStore")
    assert requests.REQUIRED.keys() == set(requests.PARAMETERS)
    assert requests.CHANGES.keys() <= members("UpdateCustomKeyStore")
    assert members("UpdateCustomKeyStore").intersection(requests.PARAMETERS) <= (
        requests.CHANGES.keys()
    )
    assert requests.KEYS.keys() <= members("CreateKey")


def test_x1_x9_1_the_parameters_of_an_external_key_store() -> None:
    created, changed = members("CreateCustomKeyStore"), members("UpdateCustomKeyStore")
    of_it = {name for name in created if name.startswith(external.PARAMETERS)}
    assert set(external.REQUIRED) <= of_it
    for connectivity in external.Connectivity:
        needed, foreign = external.REQUIRED_BY[connectivity], external.FOREIGN[connectivity]
        assert {*needed, *external.REQUIRED_TO_CHANGE[connectivity]} <= of_it
        assert not set(needed) & set(foreign)
    # Recent models only have XksProxyVpcEndpointServiceOwner.
    assert changed - OF_ALL_TYPES["UpdateCustomKeyStore"] - set(requests.PARAMETERS) == (
        {name for name in external.CHANGES if name in created}
    )
    assert external.KEYS.keys() <= members("CreateKey")
    assert set(external.Connectivity) == set(shape("XksProxyConnectivityType").enum)


def test_x17_each_connection_error_is_one_of_aws() -> None:
    known = set(shape("ConnectionErrorCodeType").enum)
    assert {code.value for code in ExternalErrorCode} <= known
    of_clusters = {code.value for code in CloudHsmErrorCode}
    common = {code.value for code in CommonErrorCode}
    own = {code.value for code in ExternalErrorCode}
    assert known == own | of_clusters | common


def test_x46_each_exception_is_one_that_the_operation_lists() -> None:
    model = client("kms").meta.service_model

    def listed(operation: str) -> set[str]:
        return {shape.name for shape in model.operation_model(operation).error_shapes}

    cryptographic = ("Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey")
    for outcome in OUTCOMES:
        for kind, operations in (
            (outcome.key_store, ("CreateCustomKeyStore", "UpdateCustomKeyStore")),
            (outcome.create_key, ("CreateKey",)),
            (outcome.cryptographic, cryptographic),
        ):
            if kind is not None:
                assert all(kind.__name__ in listed(each) for each in operations), outcome.name
