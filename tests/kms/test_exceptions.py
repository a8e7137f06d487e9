"""The errors of KMS: their codes and HTTP statuses (G1)."""

from __future__ import annotations

import json

from moto_cks.kms import exceptions
from moto_cks.kms.exceptions import KmsException
from tests.aws import client

KINDS = {
    name: kind
    for name, kind in vars(exceptions).items()
    if isinstance(kind, type) and issubclass(kind, KmsException) and kind is not KmsException
}
FAULTS = {"DependencyTimeoutException": 503, "KMSInternalException": 500}
COMMON = {"AccessDeniedException", "NotAuthorizedException", "ThrottlingException"}
"""Those of all services; the service model has them for no operation."""


def test_g1_each_error_is_one_of_the_service_model_or_a_common_one() -> None:
    shapes = {shape.name: shape for shape in client("kms").meta.service_model.error_shapes}
    by_code = {shape.error_code for shape in shapes.values()}
    assert KINDS.keys() - shapes.keys() - by_code == COMMON
    assert {name: kind.code for name, kind in KINDS.items() if kind.code != 400} == FAULTS


def test_g1_an_error_has_the_code_of_its_name_and_says_what_it_is_told() -> None:
    for name, kind in KINDS.items():
        said, silent = kind("why"), kind()
        assert json.loads(said.get_body()) == {"__type": name, "message": "why"}
        assert json.loads(silent.get_body()) == {"__type": name, "message": ""}
