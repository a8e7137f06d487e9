"""External key stores and their proxies over the control API, as curl asks it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from moto_cks.control.specification import read_time, routes
from moto_cks.handle.routing import StandingRoutes
from moto_cks.world.journal import Kind
from moto_cks.xks_proxy.certificates import Authority, Subject
from moto_cks.xks_proxy.defects import DEFECTS
from tests.control.api import Api
from tests.server.conftest import Server

HOST = "xks.example.com"
AT = f"/xks-proxies/{HOST}"
KEY = "external-key-1"
OTHER = {"path_prefix": "/other"}


@pytest.fixture
def store(api: Api) -> dict[str, Any]:
    return api("POST", "/external-key-stores", {"name": "external"}).body  # type: ignore[no-any-return]


@pytest.fixture
def key_id(api: Api, store: dict[str, Any]) -> str:
    made = api("POST", f"/key-stores/{store['id']}/keys", {"XksKeyId": KEY})
    return str(made.body["key_id"])


def shown(api: Api) -> dict[str, Any]:
    return api("GET", AT).body  # type: ignore[no-any-return]


def encrypts(server: Server, key_id: str) -> bool:
    kms = server.client("kms")
    try:
        kms.encrypt(KeyId=key_id, Plaintext=b"x")
    except kms.exceptions.KMSInvalidStateException:
        return False
    return True


def test_x72_a_key_store_and_its_proxy(api: Api, store: dict[str, Any]) -> None:
    proxy = shown(api)
    (prefix,) = proxy["prefixes"]
    assert store["xks_proxy"] == {
        "endpoint": f"https://{HOST}",
        "host": HOST,
        "path": "/example/kms/xks/v1",
        "connectivity": "PUBLIC_ENDPOINT",
        "endpoint_service": None,
        "access_key_id": prefix["access_key_ids"][0],
    }
    assert (store["type"], store["cluster_id"], store["connection_state"]) == (
        "EXTERNAL_KEY_STORE",
        None,
        "CONNECTED",
    )
    assert api("GET", "/key-stores").body["key_stores"] == [store]
    assert api("GET", f"/key-stores/{store['id']}").body == store
    (listed,) = api("GET", "/xks-proxies").body["proxies"]
    assert {**listed, "now": proxy["now"]} == proxy
    assert (proxy["running"], proxy["address"], proxy["causes"]) == (True, None, [])
    assert [(key["name"], key["enabled"]) for key in prefix["keys"]] == [(KEY, True)]
    made = api("POST", f"/key-stores/{store['id']}/keys", {"Description": "cards"}).body
    key = api("GET", f"/keys/{made['key_id']}").body
    assert (key["origin"], key["key_store_id"], key["description"]) == (
        "EXTERNAL_KEY_STORE",
        store["id"],
        "cards",
    )
    assert api("POST", f"/key-stores/{store['id']}/disconnect").status == 204
    assert api("GET", f"/key-stores/{store['id']}").body["connection_state"] == "DISCONNECTED"
    assert api("GET", "/health").body["counts"]["key_stores"] == 1


def test_x72_a_cloudhsm_key_store_has_no_proxy(api: Api) -> None:
    made = api("POST", "/key-stores", {}).body
    assert (made["xks_proxy"], made["type"]) == (None, "AWS_CLOUDHSM")
    wrong = api("POST", f"/key-stores/{made['id']}/keys", {"XksKeyId": KEY})
    assert (wrong.status, wrong.body["operation"]) == (422, "CreateKey")


def test_x72_a_proxy_is_made_and_used(api: Api) -> None:
    body = {
        "host": "own.example.com",
        "path_prefix": "",
        "region": "eu-west-1",
        "keys": ["a"],
        "instances": ["one", "two"],
    }
    made = api("POST", "/xks-proxies", body)
    assert made.status == 201
    assert made.body["prefixes"][0]["region"] == "eu-west-1"
    assert [each["id"] for each in made.body["instances"]] == ["one", "two"]
    built = api(
        "POST",
        "/external-key-stores",
        {"proxy": "OWN.example.com", "region": "eu-west-1", "connect": False},
    ).body
    assert (built["region"], built["connection_state"]) == ("eu-west-1", "DISCONNECTED")
    assert "There is a way" in api.refused(400, "POST", "/xks-proxies", {"host": "own.example.com"})
    assert "none.example.com" in api.refused(
        404, "POST", "/external-key-stores", {"proxy": "none.example.com"}
    )
    taken = api("POST", "/external-key-stores", {"region": "eu-west-1"})
    assert (taken.status, taken.body["code"]) == (422, "CustomKeyStoreNameInUseException")
    assert [each["host"] for each in api("GET", "/xks-proxies").body["proxies"]] == [
        "own.example.com"
    ]


CAUSES: dict[str, dict[str, Any]] = {
    "stop": {},
    "latency": {"seconds": 0.3, "api": "Encrypt", "key": KEY},
    "clock_skew": {"seconds": 400},
    "reverse_proxy": {"bad_gateway": True},
    "cut_connections": {},
    "tls": {"maximum": "TLSv1.1"},
    "plain_http": {},
    "require_client_certificate": {"ca": Authority("Other").certificate},
    "defect": {"name": "metadata-too-long"},
    "unsupported": {"api": "Encrypt"},
    "move": {"path_prefix": "/moved"},
    "cache_health_checks": {"seconds": 60},
    "quota": {"requests_per_second": 1},
    "block": {"path_prefix": "/example"},
    "unreachable": {"instance": 0},
    "slow": {"instance": 0, "seconds": 1},
}


def test_x72_x58_every_cause_is_set_up_and_taken_back(
    api: Api, server: Server, key_id: str
) -> None:
    body = next(each for each in routes() if each.name == "set_up_xks_cause").body
    assert body is not None
    assert set(body.schema["properties"]) == CAUSES.keys()
    for kind, parameters in CAUSES.items():
        made = api("POST", f"{AT}/causes", {kind: parameters})
        assert made.status == 201
        cause_id = made.body["id"]
        (entry,) = shown(api)["causes"]
        assert entry == {"id": cause_id, "kind": kind, "parameters": parameters}
        if kind not in ("cache_health_checks",):
            assert not (encrypts(server, key_id) and encrypts(server, key_id)), kind
        assert api("DELETE", f"{AT}/causes/{cause_id}").status == 204
        api("POST", "/clock/advance", {"seconds": 2})
        assert encrypts(server, key_id), kind
        api.refused(404, "DELETE", f"{AT}/causes/{cause_id}")
    assert shown(api)["causes"] == []


def test_x72_a_cause_is_one_of_a_proxy(api: Api, store: dict[str, Any]) -> None:
    api("POST", "/xks-proxies", {"host": "other.example.com"})
    cause_id = api("POST", f"{AT}/causes", {"stop": {}}).body["id"]
    api.refused(404, "DELETE", f"/xks-proxies/other.example.com/causes/{cause_id}")
    api.refused(404, "DELETE", f"/xks-proxies/none.example.com/causes/{cause_id}")
    assert api("GET", "/xks-proxies/other.example.com").body["causes"] == []
    api("POST", "/reset", {})
    api.refused(404, "DELETE", f"{AT}/causes/{cause_id}")


def test_x72_x55_a_path_prefix(api: Api, store: dict[str, Any]) -> None:
    made = api("POST", f"{AT}/prefixes", {**OTHER, "region": "eu-west-1", "keys": ["theirs"]})
    assert (made.status, made.body["main"], made.body["region"]) == (201, False, "eu-west-1")
    api("PUT", f"{AT}/prefixes", {"region": None}, OTHER)
    api("POST", f"{AT}/keys", {"id": "more"}, OTHER)
    api("POST", f"{AT}/authorization/rules", {"effect": "deny"}, OTHER)
    api("POST", f"{AT}/causes", {"quota": {"requests_per_second": 3, **OTHER}})
    main, other = shown(api)["prefixes"]
    assert [key["name"] for key in other["keys"]] == ["theirs", "more"]
    assert (other["region"], other["requests_per_second"], len(other["rules"])) == (None, 3, 1)
    assert (main["requests_per_second"], main["rules"]) == (None, [])
    file = api("GET", f"{AT}/configuration-file", query=OTHER).body["file"]
    assert json.loads(file)["XksProxyUriPath"] == "/other/kms/xks/v1"
    none = {"path_prefix": "/none"}
    assert "/none" in api.refused(404, "GET", f"{AT}/configuration-file", query=none)
    assert "already" in api.refused(400, "POST", f"{AT}/prefixes", OTHER)


def test_x72_external_keys(api: Api, server: Server, key_id: str) -> None:
    at = f"{AT}/keys/{KEY}"
    assert api("PUT", at, {"enabled": False}).status == 204
    assert api("GET", at).body["enabled"] is False
    assert not encrypts(server, key_id)
    api("PUT", at, {"enabled": True, "spec": "AES_256", "usage": ["ENCRYPT", "DECRYPT"]})
    assert api("POST", f"{at}/rotate").body == {"version": 2}
    assert encrypts(server, key_id)
    assert api("DELETE", f"{at}/versions/1").status == 204
    assert api("POST", f"{at}/aliases", {"new": "second"}).body["name"] == "second"
    assert api("POST", f"{at}/reassign").status == 204
    assert api("GET", f"{AT}/keys/second").body["versions"] == [1]
    made = api("POST", f"{AT}/keys", {"id": "known", "material": "bQ==", "spec": "AES_256"})
    assert "32 bytes" in made.body["message"]
    assert "bQ==" not in made.body["message"]
    assert "base64" in api.refused(400, "POST", f"{AT}/keys", {"material": "no!"})
    assert api("POST", f"{AT}/keys").body["id"] == "external-key-2"
    assert "AES_512" in api.refused(400, "PUT", at, {"spec": "AES_512"})
    assert api("DELETE", at).status == 204
    for path in (at, f"{AT}/keys/second"):
        assert "There is no external key" in api.refused(404, "GET", path)
    assert not encrypts(server, key_id)


def test_x72_secrets_are_where_they_are_asked_for(api: Api, store: dict[str, Any]) -> None:
    (credential,) = api("GET", f"{AT}/credentials").body["credentials"]
    secret = credential["secret_access_key"]
    assert len(secret) >= 43
    assert secret in api("GET", f"{AT}/configuration-file").body["file"]
    added = api("POST", f"{AT}/credentials").body
    ids = [credential["access_key_id"], added["access_key_id"]]
    assert shown(api)["prefixes"][0]["access_key_ids"] == ids
    given = {"access_key_id": "ABCDEFGHIJKLMNOPQRST", "secret_access_key": "s" * 42}
    assert "s" * 42 not in api.refused(400, "POST", f"{AT}/credentials", given)
    assert "access_key_id" in api.refused(
        400, "POST", f"{AT}/credentials", {"access_key_id": [secret]}
    )
    for name in ids:
        assert api("DELETE", f"{AT}/credentials/{name}").status == 204
    assert "There is no credential" in api.refused(404, "DELETE", f"{AT}/credentials/{ids[0]}")
    assert "No credential" in api.refused(400, "GET", f"{AT}/configuration-file")
    assert "No credential" in api.refused(
        400, "POST", "/external-key-stores", {"proxy": HOST, "name": "x"}
    )
    rotated = api("POST", f"{AT}/credentials/rotate").body
    api("POST", "/snapshots")
    everything = [
        "/xks-proxies",
        AT,
        f"{AT}/log",
        f"{AT}/requests",
        "/key-stores",
        "/timeline",
        "/trail/events",
        "/snapshots",
        f"/explain/{store['id']}",
        "/failures/happening",
        "/xks-routes",
    ]
    said = "".join(json.dumps(api("GET", path).body) for path in everything)
    assert "external-key-1" in said
    for hidden in (secret, added["secret_access_key"], rotated["secret_access_key"], "PRIVATE KEY"):
        assert hidden not in said


def test_x72_x54_rules(api: Api, server: Server, key_id: str) -> None:
    rule = {"effect": "deny", "principal": "*", "operation": "Encrypt"}
    made = api("POST", f"{AT}/authorization/rules", rule).body
    assert made == {**rule, "key_arn": None, "service": None, "external_key": None}
    assert not encrypts(server, key_id)
    denied = api("GET", f"{AT}/log").body["entries"][-1]
    assert (denied["error"], denied["rule"]) == (
        "AccessDeniedException",
        "deny principal=* operation=Encrypt",
    )
    at = f"{AT}/authorization/rules"
    assert "effect is missing" in api.refused(400, "DELETE", at)
    assert "'deny everything'" in api.refused(404, "DELETE", at, query={"effect": "deny"})
    assert api("DELETE", at, query=rule).status == 204
    assert encrypts(server, key_id)
    api("POST", at, {"effect": "allow", "operation": "Decrypt"})
    api("PUT", f"{AT}/authorization", {"apply_to_health_checks": True})
    assert shown(api)["prefixes"][0]["apply_to_health_checks"] is True
    assert api("DELETE", f"{AT}/authorization").status == 204
    assert shown(api)["prefixes"][0]["rules"] == []
    assert encrypts(server, key_id)


def test_x72_the_key_manager(api: Api, store: dict[str, Any]) -> None:
    api("PUT", f"{AT}/key-manager", {"timeout": 1, "vector_size": 16, "metadata": "dj0="})
    assert shown(api)["key_manager"] == {"timeout": 1, "vector_size": 16, "metadata": "dj0="}
    api("PUT", f"{AT}/key-manager", {"metadata": None})
    assert shown(api)["key_manager"]["metadata"] is None
    assert "base64" in api.refused(400, "PUT", f"{AT}/key-manager", {"metadata": "no!"})
    assert "12 or 16" in api.refused(400, "PUT", f"{AT}/key-manager", {"vector_size": 13})
    assert api("POST", f"{AT}/instances", {"id": "two"}).body["health"] == "ACTIVE"
    api("PUT", f"{AT}/instances/1", {"health": "UNAVAILABLE"})
    api("POST", f"{AT}/causes", {"unreachable": {"instance": 0}})
    assert {each["seen_health"] for each in shown(api)["instances"]} == {"UNAVAILABLE"}
    assert len(shown(api)["causes"]) == 1
    api("POST", f"{AT}/instances/1/reachable")
    assert len(shown(api)["causes"]) == 1
    api("POST", f"{AT}/instances/0/reachable")
    assert shown(api)["causes"] == []
    assert [each["seen_health"] for each in shown(api)["instances"]] == ["ACTIVE", "UNAVAILABLE"]
    for path in (f"{AT}/instances/2/reachable", f"{AT}/instances/-1/reachable"):
        assert api("POST", path).status in (400, 404)
    for kind, parameters in (("unreachable", {}), ("slow", {"seconds": 1})):
        cause = {kind: {"instance": 7, **parameters}}
        assert "There is no instance 7" in api.refused(404, "POST", f"{AT}/causes", cause)


def test_x72_certificates(api: Api, server: Server, key_id: str) -> None:
    before = shown(api)["certificate"]
    api("POST", f"{AT}/certificate/renew", {"days": 30, "san": [HOST], "issuer": None})
    renewed = shown(api)["certificate"]
    assert renewed["authority"] == before["authority"]
    assert (read_time(before["expires"]) - read_time(renewed["expires"])).days in (59, 60)
    body = {"cn": "client", "client": True, "not_after": "2030-01-01T00:00:00Z"}
    issued = api("POST", f"{AT}/certificate/issue", body).body
    assert read_time(issued["expires"]).year == 2030
    own = Authority("Own").issue(Subject(HOST, (HOST,)))
    loaded = {"chain": own.chain, "key": issued["key"]}
    assert "PRIVATE" not in api.refused(400, "PUT", f"{AT}/certificate", loaded)
    assert encrypts(server, key_id)
    api("PUT", f"{AT}/certificate", {"chain": own.chain, "key": own.key})
    assert not encrypts(server, key_id)


def test_x72_a_proxy_listens(api: Api, store: dict[str, Any]) -> None:
    address = api("POST", f"{AT}/serve", {"port": 0}).body
    assert shown(api)["address"] == address == {"ip_address": "127.0.0.1", "port": address["port"]}
    assert "already" in api.refused(409, "POST", f"{AT}/serve")
    other = "/xks-proxies/other.example.com"
    api("POST", "/xks-proxies", {"host": "other.example.com"})
    taken = api("POST", f"{other}/serve", {"port": address["port"]})
    assert (taken.status, taken.body["code"]) == (409, "ADDRESS_NOT_FREE")
    assert api("POST", f"{AT}/causes", {"stop": {}}).status == 201
    assert shown(api)["running"] is False
    assert api("POST", f"{AT}/start").status == 204
    assert shown(api)["causes"] == []
    assert api("POST", f"{AT}/close").status == 204
    assert shown(api)["address"] is None


def test_x72_x56_what_a_proxy_has_seen(api: Api, server: Server, key_id: str) -> None:
    answer = server.client("kms").encrypt(KeyId=key_id, Plaintext=b"x")
    request_id = answer["ResponseMetadata"]["RequestId"]
    found = api("GET", f"{AT}/log", query={"kms_request_id": request_id}).body["entries"]
    assert [(entry["api"], entry["external_key"]) for entry in found] == [("Encrypt", KEY)]
    request = api("GET", f"{AT}/requests").body["requests"][-1]
    assert request["target"].endswith(f"/keys/{KEY}/encrypt")
    assert dict(request["headers"])["host"] == HOST
    (noted,) = (
        entry
        for entry in api("GET", "/timeline", query={"kind": "proxy"}).body["entries"]
        if request_id in entry["what"]
    )
    assert noted["what"].startswith(f"Encrypt of {KEY}: answered")


def test_the_timeline_has_every_kind(api: Api) -> None:
    for kind in Kind:
        assert api("GET", "/timeline", query={"kind": kind.value}).status == 200


def test_x72_explain_and_failures_know_it(api: Api, server: Server, store: dict[str, Any]) -> None:
    assert api("GET", f"/explain/{store['id']}").body["usable"]
    api("POST", f"{AT}/causes", {"stop": {}})
    api("POST", f"/key-stores/{store['id']}/disconnect")
    api("POST", f"/key-stores/{store['id']}/connect")
    failed = api("GET", f"/key-stores/{store['id']}").body
    assert (failed["connection_state"], failed["connection_error_code"]) == (
        "FAILED",
        "XKS_PROXY_NOT_REACHABLE",
    )
    explained = api("GET", f"/explain/{store['id']}").body
    assert not explained["usable"]
    assert explained["reasons"][0]["error"] == "XKS_PROXY_NOT_REACHABLE"
    body = {"key_store_id": store["id"]}
    answer = api("POST", "/failures/user-locked-out/happen", body)
    assert (answer.status, answer.body["missing"]) == (409, ["an AWS CloudHSM key store"])


def test_x72_x19_3_the_domain_of_a_vpc_endpoint_service(api: Api, server: Server) -> None:
    made = api("POST", "/external-key-stores", {"connectivity": "VPC_ENDPOINT_SERVICE"}).body
    assert made["xks_proxy"]["connectivity"] == "VPC_ENDPOINT_SERVICE"
    service_id = made["xks_proxy"]["endpoint_service"].rpartition(".")[2]
    at = f"/endpoint-services/{service_id}/private-dns"
    for verified, state in ((False, "FAILED"), (True, "CONNECTED")):
        assert api("PUT", at, {"verified": verified}).status == 204
        api("POST", f"/key-stores/{made['id']}/disconnect")
        api("POST", f"/key-stores/{made['id']}/connect")
        assert api("GET", f"/key-stores/{made['id']}").body["connection_state"] == state
    assert "vpce-svc-1" in api.refused(
        404, "PUT", "/endpoint-services/vpce-svc-1/private-dns", {"verified": True}
    )


def test_x72_x67_routes(api: Api) -> None:
    body = {"endpoint": "https://own.example.com", "to": "127.0.0.1:8443"}
    route = {**body, "tls": True, "standing": False}
    assert api("POST", "/xks-routes", body).body == route
    assert api("GET", "/xks-routes").body == {"routes": [route]}
    assert "There is a way" in api.refused(400, "POST", "/xks-proxies", {"host": "own.example.com"})
    elsewhere = {"to": "127.0.0.1:1"}
    api.refused(404, "DELETE", "/xks-routes/own.example.com", query=elsewhere)
    assert api("DELETE", "/xks-routes/own.example.com").status == 204
    api.refused(404, "DELETE", "/xks-routes/own.example.com")
    authority = Authority("Own").certificate
    assert api("POST", "/xks-routes", {**body, "ca": authority}).status == 201
    api("POST", "/reset")
    assert api("GET", "/xks-routes").body == {"routes": []}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"to": "10.1.2.3:443"}, "not on this machine"),
        ({"to": "10.1.2.3:443", "allow_remote": True}, "--xks-allow-remote"),
        ({"to": "169.254.169.254:80", "allow_remote": True}, "--xks-allow-remote"),
        ({"to": "169.254.169.254:80"}, "Nothing is sent"),
        ({"to": "proxy.example.com:443"}, "IPv4"),
        ({"endpoint": "http://own.example.com"}, "An endpoint is as"),
        ({"ca": "/etc/hostname"}, "in PEM"),  # no file of the server
        ({"ca": "-----BEGIN CERTIFICATE-----"}, "in PEM"),
        ({"tls": False, "ca": Authority("Own").certificate}, "Without TLS"),
    ],
)
def test_x67_routes_that_cannot_be(api: Api, changes: dict[str, Any], said: str) -> None:
    body = {"endpoint": "https://own.example.com", "to": "127.0.0.1:8443", **changes}
    assert said in api.refused(400, "POST", "/xks-routes", body)
    assert api("GET", "/xks-routes").body == {"routes": []}


def test_x67_routes_of_a_server_that_may_send_to_other_machines(api: Api) -> None:
    routes = StandingRoutes({"own.example.com": "10.1.2.3:443"}, allow_remote=True)
    routes.begin()
    try:
        api("POST", "/reset")
        (standing,) = api("GET", "/xks-routes").body["routes"]
        assert (standing["to"], standing["standing"]) == ("10.1.2.3:443", True)
        assert "was started" in api.refused(409, "DELETE", "/xks-routes/own.example.com")
        body = {"endpoint": "https://more.example.com", "to": "10.1.2.3:444", "allow_remote": True}
        assert api("POST", "/xks-routes", body).status == 201
        body["endpoint"], body["to"] = "https://linked.example.com", "169.254.169.254:80"
        assert "Nothing is sent" in api.refused(400, "POST", "/xks-routes", body)
    finally:
        routes.end()


WRONG = [
    ("POST", "/xks-proxies", {"host": 5}, "host must be a string"),
    ("POST", "/xks-proxies", {"host": "no host"}, "A host is a name"),
    ("POST", f"{AT}/causes", {}, "exactly one of stop, latency"),
    ("POST", f"{AT}/causes", {"stop": {}, "block": {}}, "exactly one of"),
    ("POST", f"{AT}/causes", {"fly": {}}, "There is no parameter 'fly'"),
    ("POST", f"{AT}/causes", {"latency": {}}, "seconds is missing"),
    ("POST", f"{AT}/causes", {"latency": {"seconds": -1}}, "latency.seconds must be at least 0"),
    ("POST", f"{AT}/causes", {"defect": {"name": "none"}}, "there are " + ", ".join(DEFECTS)),
    ("POST", f"{AT}/causes", {"quota": {"requests_per_second": 0}}, "at least 1"),
    ("POST", f"{AT}/causes", {"tls": {"minimum": "SSLv3"}}, "no version of TLS"),
    ("POST", f"{AT}/causes", {"clock_skew": {"seconds": 1e300}}, "seconds off"),
    ("POST", f"{AT}/serve", {"port": 65536}, "at most 65535"),
    ("POST", f"{AT}/serve", {"address": "localhost"}, "address must match"),
    ("PUT", f"{AT}/instances/0", {"health": "FINE"}, "health must be ACTIVE or DEGRADED"),
    ("POST", f"{AT}/certificate/renew", {"issuer": "me"}, "issuer must be self or unknown or null"),
    ("POST", f"{AT}/certificate/issue", {"cn": "x", "not_after": "soon"}, "a time with its zone"),
    ("POST", f"{AT}/authorization/rules", {"effect": "maybe"}, "effect must be allow or deny"),
    ("POST", "/external-key-stores", {"connectivity": "PRIVATE"}, "PUBLIC_ENDPOINT or VPC"),
]


@pytest.mark.parametrize(("method", "path", "body", "said"), WRONG)
def test_x72_wrong_requests(
    api: Api, store: dict[str, Any], method: str, path: str, body: Any, said: str
) -> None:
    assert said in api.refused(400, method, path, body)
    assert shown(api)["causes"] == []


def test_x72_every_operation_needs_a_proxy_that_there_is(api: Api) -> None:
    at = "/xks-proxies/none.example.com"
    for method, path, body in (
        ("GET", at, None),
        ("POST", f"{at}/start", {}),
        ("POST", f"{at}/serve", {}),
        ("POST", f"{at}/causes", {"stop": {}}),
        ("GET", f"{at}/log", None),
        ("GET", f"{at}/credentials", None),
        ("POST", f"{at}/keys", {}),
        ("PUT", f"{at}/instances/0", {"health": "ACTIVE"}),
    ):
        assert "none.example.com" in api.refused(404, method, path, body)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{AT}/keys/{KEY}", {"enabled": False, "usage": ["ENCRYPT"], "spec": "AES_512"}),
        (f"{AT}/key-manager", {"timeout": 5, "vector_size": 16, "metadata": "djE="}),
    ],
)
def test_x72_of_several_settings_all_are_set_or_none(
    api: Api, store: dict[str, Any], path: str, body: dict[str, Any]
) -> None:
    before = {**shown(api), "now": None}
    api.refused(400, "PUT", path, body)
    assert {**shown(api), "now": None} == before
