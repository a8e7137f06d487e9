"""Tools, over the control API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from moto_cks.control.operations.tools import TOOLS
from moto_cks.handle.cks import LOCAL
from tests.certificates import Identity
from tests.control.api import Api
from tests.server.conftest import Server


@pytest.fixture
def tool(api: Api, cluster: dict[str, Any]) -> str:
    started = api("POST", "/tools", {"tool": "cloudhsm_mgmt_util"}).body
    assert started["cluster_id"] == cluster["id"]
    assert started["greeting"] == "A parrot sits on the cluster.\n"
    assert api("GET", "/tools").body["tools"] == [started]
    return f"/tools/{started['id']}"


def test_a_tool_takes_turns(api: Api, tool: str) -> None:
    said = {"output": "hello\n", "question": None, "status": 0, "files": [], "prompt": "parrot>"}
    assert api("POST", tool, {"command": "say hello"}).body == {**said, "closed": False}
    assert api("POST", tool, {"command": "fail 3"}).body["status"] == 3
    asked = {"text": "Sure (y/n)? ", "hidden": False}
    assert api("POST", tool, {"command": "sure"}).body["question"] == asked
    assert "answer" in api.refused(409, "POST", tool, {"command": "say"})
    assert api("POST", tool, {"answer": "maybe"}).body["question"] == asked
    assert api("POST", tool, {"answer": "y"}).body["output"] == "You said y.\n"
    api.refused(409, "POST", tool, {"answer": "y"})
    api("POST", tool, {"command": "sure"})
    assert api("POST", tool, {"abandon": True}).body["question"] is None
    assert api("POST", tool, {"command": "say"}).body["output"] == "\n"


def test_a_tool_that_ends(api: Api, tool: str) -> None:
    assert api("POST", tool, {"command": "quit"}).body["closed"] is True
    assert api("GET", "/tools").body == {"tools": []}
    api.refused(404, "POST", tool, {"command": "say"})


def test_l4_a_tool_over_http_is_logged_in_until_it_ends(
    api: Api, server: Server, tool: str, cluster: dict[str, Any]
) -> None:
    question = api("POST", tool, {"command": "loginHSM kmsuser"}).body["question"]
    assert question == {"text": "Enter password: ", "hidden": True}
    api("POST", tool, {"answer": "kmsPswd1"})
    store = api("POST", "/key-stores", {"cluster_id": cluster["id"]}).body
    kms = server.client("kms")
    (entry,) = kms.describe_custom_key_stores()["CustomKeyStores"]
    assert entry["ConnectionErrorCode"] == "USER_LOGGED_IN"
    assert api("DELETE", tool).status == 204
    kms.disconnect_custom_key_store(CustomKeyStoreId=store["id"])
    kms.connect_custom_key_store(CustomKeyStoreId=store["id"])
    (entry,) = kms.describe_custom_key_stores()["CustomKeyStores"]
    assert entry["ConnectionState"] == "CONNECTED"


def test_w8_a_tool_reads_the_files_that_it_is_given(
    api: Api,
    server: Server,
    cluster: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(TOOLS, "cloudhsm-cli", LOCAL.cloudhsm_cli)  # and no parrot
    root = Identity("mtls_ca_root_1")
    cloudhsm = server.client("cloudhsmv2")
    (shown,) = cloudhsm.describe_clusters()["Clusters"]
    if shown["HsmType"] == "hsm1.medium":
        cloudhsm.modify_cluster(ClusterId=cluster["id"], HsmType="hsm2m.medium")
    chain = Identity("ssl-client", root).chain
    started = api("POST", "/tools", {"tool": "cloudhsm-cli", "client_certificate": chain}).body
    tool = f"/tools/{started['id']}"
    password = api("GET", f"/clusters/{cluster['id']}/admin-password").body["admin_password"]

    def says(command: str) -> Any:
        return json.loads(api("POST", tool, {"command": command}).body["output"])["data"]

    local = tmp_path / "anchor.crt"
    local.write_text(root.pem)
    says(f"login --username admin --role admin --password {password}")
    # The files of the server's machine are not for it to read.
    register = "cluster mtls register-trust-anchor --path"
    assert says(f"{register} {local}") == f"Unable to read file {local}"
    assert api("POST", f"{tool}/files", {"path": "anchor.crt", "text": root.pem}).status == 204
    assert says(f"{register} anchor.crt")["trust_anchor"]["cluster-coverage"] == "full"
    says("logout")
    says(f"login --username admin --role admin --password {password}")  # vouched for by now
    assert "successfully" in says("cluster mtls set-enforcement --level cluster")["message"]
    api.refused(404, "POST", "/tools/tool-0/files", {"path": "anchor.crt", "text": "x"})
    api.refused(400, "POST", f"{tool}/files", {"path": "anchor.crt"})


def test_which_cluster_a_tool_is_for(api: Api) -> None:
    assert "no cluster" in api.refused(404, "POST", "/tools", {"tool": "key_mgmt_util"})
    first = api("POST", "/clusters", {}).body["id"]
    second = api("POST", "/clusters", {"region": "eu-west-1"}).body["id"]
    message = api.refused(400, "POST", "/tools", {"tool": "key_mgmt_util"})
    assert first in message
    assert second in message
    started = api("POST", "/tools", {"tool": "cloudhsm-cli", "cluster_id": second}).body
    assert started["cluster_id"] == second


def test_l7_whose_words_a_tool_uses(api: Api, tool: str) -> None:
    parrot = {"tool": "cloudhsm_mgmt_util"}
    assert api("POST", "/tools", {**parrot, "client_sdk": "3.4.4"}).status == 201
    running = api("GET", "/tools").body
    message = api.refused(400, "POST", "/tools", {**parrot, "client_sdk": "5.18"})
    assert message == "'5.18' is no version of Client SDK 3, such as 3.1 or 3.4.4."
    assert api("GET", "/tools").body == running


def test_the_command_line_of_a_tool(api: Api, tool: str) -> None:
    single = {"words": ["environment"], "environment": {"CLOUDHSM_PIN": "a:b"}}
    said = api("POST", tool, {"single": single}).body
    assert (said["output"], said["closed"]) == ("CLOUDHSM_PIN\n", True)
    api.refused(404, "POST", tool, {"command": "say"})


def test_files_are_left_to_the_client(api: Api, tool: str) -> None:
    file = {"path": "a/b.txt", "text": "written by a parrot\n"}
    assert api("POST", tool, {"command": "write a/b.txt"}).body["files"] == [file]
    assert api("POST", tool, {"command": "say hello"}).body["files"] == []
