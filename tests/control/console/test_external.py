"""The console with external key stores: seen, broken at the proxy, and mended."""

from __future__ import annotations

from typing import Any

import pytest

from tests.control.api import Api
from tests.control.console.conftest import Console
from tests.control.console.test_accessibility import CONTRAST, CONTROLS, UNNAMED, tree
from tests.server.conftest import Server

AT = "/xks-proxies/xks.example.com"


@pytest.fixture
def external(api: Api) -> dict[str, Any]:
    """An external key store with a key."""
    made: dict[str, Any] = api("POST", "/external-key-stores", {"name": "vault"}).body
    api("POST", f"/key-stores/{made['id']}/keys", {"XksKeyId": "external-key-1"})
    return made


def test_x72_a_proxy_is_stopped_seen_and_started(
    console: Console, api: Api, server: Server, external: dict[str, Any]
) -> None:
    console.open()
    console.see("external, at https://xks.example.com")
    proxy = console.pane("Proxy")
    proxy.get_by_text("https://xks.example.com/example/kms/xks/v1").wait_for()
    console.button("stop the proxy").click()
    console.see("stopped")
    (cause,) = api("GET", AT).body["causes"]
    assert cause["kind"] == "stop"
    console.button("disconnect").click()
    console.see("DISCONNECTED")
    console.button("connect").click()
    console.see("XKS_PROXY_NOT_REACHABLE")
    console.told("vault is FAILED, XKS_PROXY_NOT_REACHABLE.")
    console.button("why?").click()
    console.page.locator("#why").filter(has_text="proxy").wait_for()
    console.button("take back stop").click()
    console.see("running")
    assert api("GET", AT).body["causes"] == []
    console.button("disconnect").click()
    console.told("vault is DISCONNECTED.")
    console.button("connect").click()
    console.see("CONNECTED")
    timeline = console.pane("Timeline")
    timeline.get_by_role("checkbox", name="proxy").check()
    timeline.get_by_text("GetHealthStatus: answered").first.wait_for()


def test_x72_what_is_wrong_with_a_proxy_is_set_up_and_taken_back(
    console: Console, api: Api, external: dict[str, Any]
) -> None:
    console.open()
    console.button("HTML 502").click()
    console.button("take back reverse_proxy bad_gateway=true").click()
    console.see("No cause is set up here.")
    console.button("disable external-key-1").click()
    console.see("Disabled")
    assert api("GET", f"{AT}/keys/external-key-1").body["enabled"] is False
    console.button("enable external-key-1").click()
    console.see("Enabled")
    console.button("make ekm-1 DEGRADED").click()
    console.pane("Proxy").get_by_text("DEGRADED", exact=True).first.wait_for()
    console.button("let the certificate expire").click()
    console.page.get_by_text("expired 20").wait_for()
    console.button("renew the certificate").click()
    console.page.get_by_text("expires 20").wait_for()
    api("POST", f"{AT}/credentials/rotate")
    console.page.get_by_text("KMS's is not").wait_for()
    log = console.pane("Proxy").get_by_role("list", name="Log of the proxy")
    log.get_by_text("GetKeyMetadata of external-key-1").wait_for()
    secret = api("GET", f"{AT}/credentials").body["credentials"][0]["secret_access_key"]
    assert secret not in console.page.content()


def test_x72_an_external_key_store_is_created_beside_another(
    console: Console, api: Api, store: dict[str, Any]
) -> None:
    console.open()
    console.see("CONNECTED")
    console.pane("Cluster").wait_for()
    console.page.get_by_text("New key store").click()
    console.button("create external").click()
    console.told("key store ExampleKeyStore is created.")
    console.pane("Proxy").wait_for()
    assert console.page.get_by_role("button", name="happen user-locked-out").count() == 0
    console.button("create a key").click()
    console.pane("Proxy").get_by_text("external-key-2", exact=True).wait_for()
    described = console.button("create a key").get_attribute("aria-description")
    assert "--origin EXTERNAL_KEY_STORE" in described
    stores = api("GET", "/key-stores").body["key_stores"]
    assert [each["type"] for each in stores] == ["AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"]
    console.page.get_by_role("radio", name="payments").check()
    console.pane("Cluster").wait_for()
    console.button("happen user-locked-out").wait_for()


def test_x72_a_path_prefix_that_has_moved(
    console: Console, api: Api, external: dict[str, Any]
) -> None:
    api("POST", f"{AT}/causes", {"move": {"path_prefix": "/moved"}})
    console.open()
    console.page.get_by_text("Nothing is under /example/kms/xks/v1").wait_for()
    console.page.get_by_text("move path_prefix=/moved").first.wait_for()


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_x72_everybody_can_use_it(
    console: Console, api: Api, external: dict[str, Any], colours: str
) -> None:
    console.page.emulate_media(color_scheme=colours)
    console.page.set_viewport_size({"width": 360, "height": 800})
    api("POST", f"{AT}/causes", {"stop": {}})
    api("PUT", f"{AT}/instances/0", {"health": "UNAVAILABLE"})
    console.open()
    console.see("stopped")
    assert console.page.evaluate(CONTRAST) == []
    inside = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert console.page.evaluate(inside)
    nameless = [
        node for node in tree(console) if node["role"] in CONTROLS - UNNAMED and not node["name"]
    ]
    assert [node for node in nameless if node["role"] != "table"] == []
    for button in console.pane("Proxy").get_by_role("button").all():
        assert "/xks-proxies/xks.example.com/" in button.get_attribute("aria-description")
