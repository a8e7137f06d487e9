"""Who is logged in to the HSMs, over the control API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from moto_cks.control.operations.tools import TOOLS
from moto_cks.handle.cks import LOCAL
from moto_cks.hsm import UserType
from tests.control.api import Api

LOGIN = {"user_type": "CU", "name": "kmsuser", "password": "kmsPswd1"}


@pytest.fixture
def path(cluster: dict[str, Any]) -> str:
    return f"/clusters/{cluster['id']}/sessions"


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tools themselves, and no parrot."""
    monkeypatch.setitem(TOOLS, "cloudhsm_mgmt_util", LOCAL.cloudhsm_mgmt_util)
    monkeypatch.setitem(TOOLS, "key_mgmt_util", LOCAL.key_mgmt_util)
    monkeypatch.setitem(TOOLS, "cloudhsm-cli", LOCAL.cloudhsm_cli)


def sessions(api: Api, path: str) -> list[tuple[str, str, int]]:
    return [
        (each["by"], f"{each['user_type']} {each['user']}", len(each["hsms"]))
        for each in api("GET", path).body["sessions"]
    ]


def end(api: Api, path: str) -> None:
    (only,) = api("GET", path).body["sessions"]
    assert api("DELETE", f"{path}/{only['id']}").status == 204
    assert api("GET", path).body == {"sessions": []}
    api.refused(404, "DELETE", f"{path}/{only['id']}")


def test_a_client(api: Api, cluster: dict[str, Any], path: str) -> None:
    assert sessions(api, path) == []
    login = api("POST", f"/clusters/{cluster['id']}/logins", LOGIN).body["id"]
    assert sessions(api, path) == [("a client", "CU kmsuser", 2)]
    other = api("POST", "/clusters", {}).body["id"]
    assert sessions(api, f"/clusters/{other}/sessions") == []
    (session,) = api("GET", path).body["sessions"]
    api.refused(404, "DELETE", f"/clusters/{other}/sessions/{session['id']}")
    end(api, path)
    api.refused(404, "DELETE", f"/clusters/{cluster['id']}/logins/{login}")


def test_kms_does_not_let_itself_be_logged_out(
    api: Api, cluster: dict[str, Any], path: str
) -> None:
    store = api("POST", "/key-stores", {"cluster_id": cluster["id"]}).body
    (session,) = api("GET", path).body["sessions"]
    assert (session["by"], session["user"]) == ("KMS", "kmsuser")
    assert "disconnect" in api.refused(409, "DELETE", f"{path}/{session['id']}")
    assert sessions(api, path) == [("KMS", "CU kmsuser", 2)]
    api("POST", f"/key-stores/{store['id']}/disconnect")
    assert sessions(api, path) == []


@pytest.mark.parametrize(
    ("tool", "command", "answers", "user"),
    [
        ("key_mgmt_util", "loginHSM -u CU -s kmsuser -p kmsPswd1", [], "CU kmsuser"),
        ("cloudhsm_mgmt_util", "loginHSM CO admin adminPswd1", [], "CO admin"),
        ("cloudhsm-cli", "login --username kmsuser --role crypto-user", ["kmsPswd1"], "CU kmsuser"),
    ],
)
@pytest.mark.usefixtures("tools")
def test_tools(
    api: Api,
    cluster: dict[str, Any],
    path: str,
    tool: str,
    command: str,
    answers: list[str],
    user: str,
) -> None:
    running = api("POST", "/tools", {"tool": tool, "cluster_id": cluster["id"]}).body["id"]
    api("POST", f"/tools/{running}", {"command": command})
    for answer in answers:
        api("POST", f"/tools/{running}", {"answer": answer})
    assert sessions(api, path) == [(tool, user, 2)]
    end(api, path)
    assert len(api("GET", "/tools").body["tools"]) == 1  # it runs, and nobody is logged in
    again = api("POST", f"/tools/{running}", {"command": command}).body
    for answer in answers:
        again = api("POST", f"/tools/{running}", {"answer": answer}).body
    assert again["status"] == 0
    assert sessions(api, path) == [(tool, user, 2)]


@pytest.mark.usefixtures("tools")
def test_a_user_on_each_hsm(api: Api, cluster: dict[str, Any], path: str) -> None:
    user = {"user_type": "CO", "name": "other", "password": "otherPswd1"}
    api("POST", f"/clusters/{cluster['id']}/users", user)
    tool = {"tool": "cloudhsm_mgmt_util", "cluster_id": cluster["id"]}
    running = api("POST", "/tools", tool).body["id"]
    for command in (
        "server 0",
        "loginHSM CO admin adminPswd1",
        "exit",
        "server 1",
        "loginHSM CO other otherPswd1",
        "exit",
    ):
        api("POST", f"/tools/{running}", {"command": command})
    by = "cloudhsm_mgmt_util"
    assert sessions(api, path) == [(by, "CO admin", 1), (by, "CO other", 1)]


@pytest.mark.parametrize("variant", [None, "by-tool"])
def test_who_is_logged_in_as_a_failure(api: Api, variant: str | None) -> None:
    store = api("POST", "/key-stores", {}).body
    path = f"/clusters/{store['cluster_id']}/sessions"
    failure = api("GET", "/failures/user-logged-in").body
    variants = [each["name"] for each in failure["variants"]]
    chosen = variants[0] if variant is None else variants[-1]
    body = {"key_store_id": store["id"], "variant": chosen}
    api("POST", "/failures/user-logged-in/happen", body)
    assert [(by, user) for by, user, _ in sessions(api, path)] == [("user-logged-in", "CU kmsuser")]
    end(api, path)


@pytest.fixture
def in_process(cluster: dict[str, Any]) -> Iterator[Any]:
    session = LOCAL.cluster(cluster["id"]).login(UserType.CU, "kmsuser", "kmsPswd1")
    yield session
    session.logout()


def test_a_login_of_the_server_s_own_process(api: Api, path: str, in_process: Any) -> None:
    assert sessions(api, path) == [("a client", "CU kmsuser", 2)]
    end(api, path)
    assert in_process.sessions() == []


def test_no_such_cluster(api: Api) -> None:
    api.refused(404, "GET", "/clusters/cluster-aaaaaaaaaaa/sessions")
    api.refused(404, "DELETE", "/clusters/cluster-aaaaaaaaaaa/sessions/session-1")
