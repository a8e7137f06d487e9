"""Strings that are members of an enumeration read as their values in every message."""

from __future__ import annotations

import importlib
import pkgutil
from enum import Enum
from typing import get_args

import botocore.session
import pytest

import moto_cks
from moto_cks.enums import StrEnum
from moto_cks.handle.protocols import cks, faults, timeline
from moto_cks.hsm import CAPACITIES, policies, users
from moto_cks.world.journal import Kind


def model_enum(shape: str) -> list[str]:
    """The values of a member of KMS's service model."""
    model = botocore.session.get_session().get_service_model("kms")
    return list(model.shape_for(shape).enum)


def enumerations() -> list[type[StrEnum]]:
    """Every enumeration of strings in the package, by what Python knows of it."""
    for module in pkgutil.walk_packages(moto_cks.__path__, "moto_cks."):
        importlib.import_module(module.name)
    waiting: list[type[Enum]] = [Enum]
    found: list[type[Enum]] = []
    for kind in waiting:
        subclasses = kind.__subclasses__()
        waiting.extend(subclasses)
        found.extend(
            each
            for each in subclasses
            if issubclass(each, str) and each.__module__.startswith("moto_cks.")
        )
    assert all(issubclass(kind, StrEnum) for kind in found), "class X(StrEnum), not (str, Enum)"
    return [kind for kind in found if issubclass(kind, StrEnum) and list(kind)]


MEMBERS = [
    pytest.param(member, id=f"{kind.__name__}.{member.name}")
    for kind in enumerations()
    for member in kind
]


def test_there_are_enumerations() -> None:
    names = {kind.__name__ for kind in enumerations()}
    assert {"ClusterState", "ConnectionState", "HsmState", "KeyState", "Kind", "UserType"} <= names


@pytest.mark.parametrize("member", MEMBERS)
def test_a_message_says_the_value(member: StrEnum) -> None:
    value = member.value
    written = {
        "f-string": f"it is {member}.",
        "f-string with a width": f"it is {member:<1}.",
        "format": "it is {}.".format(member),  # noqa: UP032
        "format by name": "it is {state}.".format(state=member),  # noqa: UP032
        "percent": "it is %s." % member,  # noqa: UP031
        "str": "it is " + str(member) + ".",
        "join": " ".join(["it is", member]) + ".",
    }
    assert written == dict.fromkeys(written, f"it is {value}.")
    assert type(str(member)) is str
    assert type(member)(value) is member


# What type checkers know of them ------------------------------------------------------------------

NAMED = {
    "UserTypeName": (users.UserTypeName, [one.value for one in users.UserType]),
    "ServiceName": (policies.ServiceName, [one.value for one in policies.Service]),
    "LevelName": (policies.LevelName, ["none", "cluster"]),
    "KindName": (timeline.KindName, [one.value for one in Kind]),
    "HsmTypeName": (cks.HsmTypeName, list(CAPACITIES)),
    "XksConnectivity": (cks.XksConnectivity, model_enum("XksProxyConnectivityType")),
    "InjectedError": (faults.InjectedError, ["INTERNAL_ERROR", "NETWORK_ERRORS"]),
}


@pytest.mark.parametrize(("literal", "values"), NAMED.values(), ids=NAMED)
def test_a_literal_has_the_values_of_what_it_stands_for(literal: object, values: list[str]) -> None:
    assert list(get_args(literal)) == values
