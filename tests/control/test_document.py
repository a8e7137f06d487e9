"""The OpenAPI document of the control API, and the API without a server."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from openapi_spec_validator import validate

from moto_cks import Cks, HsmError, ReturnCode, XksProxy, cks, mock_cks
from moto_cks.control.operations import OPERATIONS
from moto_cks.control.specification import document, read_time, routes
from moto_cks.xks_proxy.server_certificate import ServerCertificate
from tests.control.api import Api


def test_the_document_is_valid(api: Api) -> None:
    validate(document())
    assert api("GET", "/openapi.json").body == document()


def test_every_operation_of_the_document_is_there() -> None:
    assert {operation.name for operation in routes()} == OPERATIONS.keys()


def test_defaults_are_those_of_the_handle() -> None:
    defaults = {
        name: parameter.default
        for method in (cks.create_cluster, cks.create_key_store, cks.faults.throttle)
        for name, parameter in inspect.signature(method).parameters.items()
        if parameter.default not in (inspect.Parameter.empty, None)
    }
    shown: dict[str, Any] = {}
    for path in ("/clusters", "/key-stores", "/faults/throttle"):
        body = document()["paths"][path]["post"]["requestBody"]
        properties = body["content"]["application/json"]["schema"]["properties"]
        shown |= {name: rule["default"] for name, rule in properties.items() if "default" in rule}
    common = shown.keys() & defaults.keys()
    assert {"hsms", "region", "account_id", "kmsuser_password", "name", "connect"} <= common
    assert {name: shown[name] for name in common} == {name: defaults[name] for name in common}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        (Cks.xks_proxy, "/xks-proxies"),
        (Cks.create_external_key_store, "/external-key-stores"),
        (Cks.route_xks, "/xks-routes"),
        (ServerCertificate.renew, "/xks-proxies/{host}/certificate/renew"),
        (XksProxy.serve, "/xks-proxies/{host}/serve"),
        (XksProxy.add_prefix, "/xks-proxies/{host}/prefixes"),
    ],
)
def test_defaults_of_proxies_are_those_of_the_handle(method: Callable[..., Any], path: str) -> None:
    body = document()["paths"][path]["post"]["requestBody"]
    properties = body["content"]["application/json"]["schema"]["properties"]
    shown = {name: rule["default"] for name, rule in properties.items() if "default" in rule}
    defaults = {
        name: list(parameter.default) if isinstance(parameter.default, tuple) else parameter.default
        for name, parameter in inspect.signature(method).parameters.items()
        if parameter.default is not inspect.Parameter.empty
    }
    assert shown == {name: defaults[name] for name in shown}
    assert {name for name, value in defaults.items() if value is not None} <= shown.keys()


@pytest.fixture
def in_process() -> Iterator[str]:
    with mock_cks():
        yield "http://motoapi.amazonaws.com/moto-api/cks"


def test_in_process(in_process: str) -> None:
    cluster = cks.create_cluster()
    found = requests.get(f"{in_process}/clusters/{cluster.id}", timeout=5)
    assert found.json()["id"] == cluster.id
    assert requests.get(f"{in_process}/clusters/none", timeout=5).status_code == 404
    advanced = requests.post(f"{in_process}/clock/advance", json={"days": 1}, timeout=5)
    assert read_time(advanced.json()["now"]) <= cks.clock.now()
    made = requests.post(f"{in_process}/key-stores", json={"cluster_id": cluster.id}, timeout=5)
    assert made.status_code == 201
    with pytest.raises(HsmError) as refused:
        cluster.login("CU", "kmsuser", "kmsPswd1")
    assert refused.value.code is ReturnCode.AUTHENTICATION_FAILED  # KMS has changed it


def test_m2_without_the_mock_moto_s_api_is_moto_s() -> None:
    # In a process of its own: here, a server may have the plugin on.
    script = """
from moto.moto_api._internal.models import moto_api_backend
from moto_cks import mock_cks

before = set(moto_api_backend.flask_paths)
with mock_cks():
    added = set(moto_api_backend.flask_paths) - before
assert len(added) == 1 and "cks" in added.pop()
assert set(moto_api_backend.flask_paths) == before
"""
    subprocess.run([sys.executable, "-c", script], check=True)
