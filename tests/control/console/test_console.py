"""The console, as somebody uses it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.control.api import Api
from tests.control.console.conftest import Console
from tests.server.conftest import Server

FAILURE = "user-locked-out"


def test_a_failure_is_brought_about_explained_and_repaired_step_by_step(
    console: Console, api: Api, store: dict[str, Any]
) -> None:
    console.open()
    console.see("CONNECTED")
    console.button(f"happen {FAILURE}").click()
    console.see("USER_LOCKED_OUT")
    console.told("payments is FAILED, USER_LOCKED_OUT.")
    console.see("5/5 wrong locked out")
    console.button("why?").click()
    why = console.page.locator("#why")
    why.filter(has_text="5 wrong logins as kmsuser on 2 of 2 HSMs").wait_for()
    assert api("GET", f"/explain/{store['id']}").body["text"].splitlines()[0] in why.inner_text()
    steps = api("GET", f"/failures/{FAILURE}/steps", query={"key_store_id": store["id"]}).body
    for step in steps["steps"]:
        shown = console.page.get_by_role("listitem").filter(
            has=console.button(f"do step {step['number']}, {step['name']}")
        )
        for command in step["commands"]:
            assert command["line"] in shown.last.inner_text()
        console.button(f"do step {step['number']}, {step['name']}").click()
        if step is not steps["steps"][-1]:
            shown.last.get_by_text("✔ done").wait_for()
    console.told(f"{FAILURE} is over.")
    console.see("CONNECTED")
    console.see("0/5 wrong")
    assert api("GET", "/failures/happening").body == {"happening": []}
    assert api("GET", f"/key-stores/{store['id']}").body["connection_state"] == "CONNECTED"


def focused(console: Console) -> dict[str, str]:
    return console.page.evaluate(
        """() => { const e = document.activeElement;
        const outline = getComputedStyle(e);
        return {name: e.getAttribute('aria-label') ?? e.textContent ?? '', tag: e.nodeName,
                style: outline.outlineStyle, width: outline.outlineWidth} }"""
    )


def reach(console: Console, name: str, key: str = "Tab") -> None:
    """Go to a control by the keyboard."""
    for _ in range(250):
        console.page.keyboard.press(key)
        now = focused(console)
        if now["name"].strip() == name and now["tag"] in ("BUTTON", "SUMMARY", "A"):
            assert (now["style"], now["width"]) == ("solid", "3px")  # it can be seen where one is
            return
    pytest.fail(f"The keyboard does not reach {name}.")


def test_with_the_keyboard_alone(console: Console, store: dict[str, Any]) -> None:
    console.open()
    console.see("CONNECTED")
    press = console.page.keyboard.press
    reach(console, "To the key stores")
    press("Enter")
    reach(console, f"happen {FAILURE}")
    press("Enter")
    console.see("USER_LOCKED_OUT")
    reach(console, "why?", "Shift+Tab")
    press("Space")
    console.page.locator("#why").filter(has_text="wrong logins").wait_for()
    assert focused(console)["name"] == "why?"  # what is shown anew does not take the focus away
    for number, name in enumerate(
        ("look", "disconnect", "set-password", "tell-password", "connect"), start=1
    ):
        reach(console, f"do step {number}, {name}")
        press("Enter")
        console.told("is over." if name == "connect" else f"step {number}, {name}.")
    console.see("CONNECTED")
    assert console.page.evaluate("document.activeElement.id") == "failures"
    reach(console, "reset", "Shift+Tab")
    press("Enter")
    console.page.get_by_role("dialog", name="Begin a fresh world?").wait_for()
    press("Escape")
    console.see("CONNECTED")


def test_a_screen_reader_and_the_eye_are_told_what_a_button_sends(
    console: Console, store: dict[str, Any]
) -> None:
    console.open()
    connect = console.button("connect")
    connect.focus()
    path = f"/moto-api/cks/key-stores/{store['id']}/connect"
    command = (
        f"aws kms connect-custom-key-store --custom-key-store-id {store['id']} --region us-east-1"
    )
    shown = console.page.get_by_role("group", name="What the button sends").inner_text()
    assert f"POST {path}" in shown
    assert command in shown
    description = connect.get_attribute("aria-description")
    assert path in description
    assert command in description
    console.button("+1 day").hover()
    console.page.get_by_text(
        f"curl -X POST {console.endpoint}/moto-api/cks/clock/advance -d '{{\"days\":1}}'"
    ).wait_for()
    buttons = console.page.locator("button").all()
    silent = {
        button.get_attribute("aria-label") or button.inner_text()
        for button in buttons
        if button.get_attribute("aria-description") is None
    }
    assert {name for name in silent if not name.startswith(("only ", "Key "))} == {"why?"}


def test_what_a_button_shows_is_what_it_sends(console: Console, store: dict[str, Any]) -> None:
    console.open()
    for name in ("disconnect", "+7 days", f"happen {FAILURE}", "create a key"):
        button = console.button(name)
        button.focus()
        shown = console.page.locator("#request-sent").inner_text()
        with console.page.expect_request(lambda request: request.method != "GET") as sent:
            button.click()
        path = sent.value.url.removeprefix(console.endpoint)
        assert shown == f"{sent.value.method} {path} {sent.value.post_data}"


def test_a_refusal_shows_the_words_of_aws(console: Console, store: dict[str, Any]) -> None:
    console.open()
    console.button("disconnect").click()
    console.see("DISCONNECTED")
    console.see("Unavailable")
    console.button("disconnect").click()
    assert "422 CustomKeyStoreInvalidStateException" in console.refused()
    assert (
        "because of the ConnectionState of the custom key store: DISCONNECTED." in console.refused()
    )
    console.button("dismiss").click()
    console.button("dismiss").wait_for(state="detached")
    console.button("connect").click()
    console.see("CONNECTED")


def test_what_is_needed_is_said(console: Console, api: Api) -> None:
    api("POST", "/key-stores", {"name": "empty"})
    console.open()
    console.button("happen key-material-deleted").click()
    assert "a KMS key in the key store" in console.refused()


HOSTILE = "<img src=x onerror=window.hurt=1><script>window.hurt=1</script>"


def test_a_hostile_name_is_text(console: Console, api: Api, server: Server) -> None:
    store = api("POST", "/key-stores", {"name": HOSTILE}).body
    key = api("POST", f"/key-stores/{store['id']}/keys", {"Description": HOSTILE}).body["key_id"]
    server.client("kms").create_alias(AliasName="alias/x", TargetKeyId=key)
    user = {"user_type": "CU", "name": "app", "password": "appPswd1"}
    api("POST", f"/clusters/{store['cluster_id']}/users", user)
    api("POST", f"/key-stores/{store['id']}/disconnect")
    console.open()
    console.page.get_by_text(HOSTILE).first.wait_for()
    console.button("why?").click()
    console.page.locator("#why").filter(has_text=HOSTILE).wait_for()
    console.button("connect").click()
    console.told(f"{HOSTILE} is CONNECTED.")
    assert console.page.evaluate("window.hurt") is None
    assert console.page.locator("main img, main script").count() == 0
    stopped = console.page.evaluate(
        "() => { try { document.body.innerHTML = '<b>x</b>' } catch (e) { return e.name } }"
    )
    assert stopped == "TypeError"  # not even a mistake in the script could make markup of it
    console.complaints.clear()  # the browser notes that it was stopped


def test_no_request_goes_elsewhere(console: Console, store: dict[str, Any]) -> None:
    console.open()
    console.button(f"happen {FAILURE}").click()
    console.see("USER_LOCKED_OUT")
    console.button("why?").click()
    link = console.page.get_by_role("link", name=f"AWS's page on {FAILURE}")
    assert link.get_attribute("href").startswith("https://docs.aws.amazon.com/kms/")
    assert link.get_attribute("rel") == "noopener noreferrer"
    console.button(f"repair all of {FAILURE}").click()
    console.see("CONNECTED")
    assert len(console.requests) > 20
    assert {url for url in console.requests if not url.startswith(f"{console.endpoint}/")} == set()


SECRET = "neverShow12"


def test_passwords_are_sent_and_shown_nowhere(
    console: Console, api: Api, store: dict[str, Any]
) -> None:
    console.open()
    console.button("disconnect").click()
    console.see("DISCONNECTED")
    field = console.page.get_by_label("Password of the user")
    assert field.get_attribute("type") == "password"
    field.fill(SECRET)
    console.button("set password").click()
    console.told("set the password of kmsuser")
    assert field.input_value() == ""
    console.page.get_by_text("kmsuser's password").click()
    field = console.page.get_by_label("Password of kmsuser, for KMS")
    assert field.get_attribute("type") == "password"
    field.fill(SECRET)
    field.press("Enter")
    console.told("tell KMS the password")
    assert field.input_value() == ""
    console.button("connect").click()
    console.see("CONNECTED")
    assert SECRET not in console.page.content()
    for path in ("/timeline", "/trail/events", f"/explain/{store['id']}"):
        assert SECRET not in json.dumps(api("GET", path).body)


def test_a_wrong_password_counts_and_a_session_can_be_ended(
    console: Console, api: Api, store: dict[str, Any]
) -> None:
    console.open()
    console.see("KMS as CU kmsuser on 2 HSMs")
    console.button("disconnect").click()
    console.see("Nobody is logged in.")
    password = console.page.get_by_label("Password of the user")
    password.fill("wrongPswd1")
    console.button("log in").click()
    assert "409 AUTHENTICATION_FAILED" in console.refused()
    console.see("1/5 wrong")
    console.choice("user").select_option("CO admin")
    password.fill("adminPswd1")
    console.button("log in").click()
    console.see("a client as CO admin on 2 HSMs")
    console.button("log out a client as CO admin").click()
    console.see("Nobody is logged in.")


def test_the_clock(console: Console, api: Api) -> None:
    console.open()

    def now() -> str:
        time: str = api("GET", "/clock").body["now"]
        return time

    before = now()
    console.button("+1 day").click()
    console.told("advance the clock, +1 day")
    assert now()[:10] > before[:10]
    console.page.get_by_label("to (UTC)").fill("2031-05-04T03:02:01")
    console.button("go").click()
    console.told("Done: advance the clock.")
    assert now()[:16] == "2031-05-04T03:02"
    assert console.page.locator("#clock time").inner_text().startswith("2031-05-04 03:02")
    console.page.get_by_label("to (UTC)").fill("2030-05-04T03:02:01")
    console.button("go").click()
    assert "400" in console.refused()


def test_account_and_region(console: Console, api: Api, store: dict[str, Any]) -> None:
    body = {"name": "elsewhere", "region": "eu-west-1", "account_id": "111111111111"}
    api("POST", "/key-stores", body)
    console.open()
    stores = console.pane("Key stores")
    stores.get_by_text("elsewhere").wait_for()
    assert stores.get_by_role("radio").count() == 3  # and all of them
    console.choice("Account").select_option("111111111111")
    stores.get_by_text("payments").wait_for(state="detached")
    console.pane("Cluster").get_by_text("eu-west-1a").first.wait_for()
    console.choice("Region").select_option("eu-west-1")
    stores.get_by_text("New key store").click()
    stores.get_by_label("name").fill("third")
    console.button("create").click()
    console.told("key store third is created")
    made = api("GET", "/key-stores", query={"account_id": "111111111111"}).body["key_stores"]
    assert [(each["name"], each["region"]) for each in made] == [
        ("elsewhere", "eu-west-1"),
        ("third", "eu-west-1"),
    ]


def test_the_store_that_is_chosen_filters_all_panes(
    console: Console, api: Api, store: dict[str, Any]
) -> None:
    other = api("POST", "/key-stores", {"name": "other", "connect": False}).body
    console.open()
    timeline, cluster = console.pane("Timeline"), console.pane("Cluster")
    cluster.get_by_text(store["cluster_id"]).wait_for()
    timeline.get_by_role("button", name=f"only {store['id']}").first.wait_for()
    assert timeline.get_by_role("button", name=f"only {other['id']}").count() == 0
    console.page.get_by_role("radio", name="other").check()
    cluster.get_by_text(other["cluster_id"]).wait_for()
    timeline.get_by_role("button", name=f"only {other['cluster_id']}").first.wait_for()
    assert timeline.get_by_role("button", name=f"only {store['id']}").count() == 0
    console.button(f"happen {FAILURE}").click()
    console.button(f"repair all of {FAILURE}").wait_for()
    console.page.get_by_role("radio", name="payments").check()
    console.button(f"repair all of {FAILURE}").wait_for(state="detached")
    console.page.get_by_role("radio", name="all of them").check()
    cluster.get_by_text(other["cluster_id"]).wait_for()
    cluster.get_by_text(store["cluster_id"]).wait_for()
    console.see("Choose a key store to bring a failure about.")


def test_the_timeline_follows_and_is_filtered(
    console: Console, server: Server, store: dict[str, Any]
) -> None:
    console.open()
    rows = console.pane("Timeline").get_by_role("row")
    kms = server.client("kms")
    kms.disconnect_custom_key_store(CustomKeyStoreId=store["id"])
    rows.filter(has_text="DisconnectCustomKeyStore").wait_for()  # nobody has pressed anything
    console.see("DISCONNECTED")
    console.page.get_by_role("checkbox", name="login").check()
    rows.filter(has_text="DisconnectCustomKeyStore").wait_for(state="detached")
    rows.filter(has_text="logged out").first.wait_for()
    console.page.get_by_role("checkbox", name="login").uncheck()
    console.pane("Timeline").get_by_role("button", name=f"only {store['id']}").first.click()
    console.told(f"The timeline shows {store['id']} only.")
    subjects = {text.split("\t")[2] for text in rows.all_inner_texts()[1:]}
    assert subjects == {store["id"]}
    console.button(f"only {store['id']} ✕").click()
    rows.filter(has_text="logged out").first.wait_for()


def test_the_network_and_the_backups_of_a_cluster(
    console: Console, api: Api, store: dict[str, Any]
) -> None:
    console.open()
    console.see("security group ✔")
    console.button("happen hsm-ports-closed").click()
    console.see("security group ✘ inbound closed")
    console.button("repair all of hsm-ports-closed").click()
    console.see("security group ✔")
    api("POST", "/clock/advance", {"days": 1})
    cluster = console.pane("Cluster")
    cluster.get_by_text("newest has 262152").click()
    backups = api("GET", f"/clusters/{store['cluster_id']}/backups").body["backups"]
    for backup in backups:
        cluster.get_by_text(backup["id"]).wait_for()


def test_the_failures_are_those_of_the_table(
    console: Console, api: Api, store: dict[str, Any]
) -> None:
    table = api("GET", "/failures").body["failures"]
    console.open()
    pane = console.pane("Failures")
    console.see(f"{len(table)} of {len(table)} failures")
    for failure in table:
        assert console.button(f"happen {failure['name']}").count() == 1
        variants = [each["name"] for each in failure["variants"]]
        if len(variants) > 1:
            choice = console.choice(f"Variant of {failure['name']}")
            assert choice.get_by_role("option").all_inner_texts() == variants
    at_once = [each for each in table if each["since"] == "at once"]
    console.choice("seen").select_option("at once")
    console.see(f"{len(at_once)} of {len(table)} failures")
    console.choice("seen").select_option("")
    pane.get_by_role("searchbox").fill("LOCKED")
    console.see(f"1 of {len(table)} failures")
    variant = "by-kms"
    console.choice(f"Variant of {FAILURE}").select_option(variant)
    console.button(f"happen {FAILURE}").click()
    console.see("USER_LOCKED_OUT")
    (happening,) = api("GET", "/failures/happening").body["happening"]
    assert happening["variant"] == variant
    pane.get_by_text("user change-password --username kmsuser --role crypto-user").wait_for()
    console.choice("commands for").select_option("3")
    pane.get_by_text("changePswd CU kmsuser tempPassword").wait_for()


def test_commands_can_be_copied(console: Console, store: dict[str, Any]) -> None:
    console.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    console.open()
    console.button(f"happen {FAILURE}").click()
    console.button("copy the commands of step 3").click()
    console.told("Copied.")
    copied = console.page.evaluate("navigator.clipboard.readText()").splitlines()
    assert copied == [
        "login --username admin --role admin",
        "<admin-password>",
        "user change-password --username kmsuser --role crypto-user",
        "tempPassword",
        "tempPassword",
        "logout",
    ]


def test_a_reset_asks_first(console: Console, api: Api, store: dict[str, Any]) -> None:
    console.open()
    console.see("payments")
    console.button("reset").click()
    dialog = console.page.get_by_role("dialog")
    dialog.get_by_role("button", name="cancel").click()
    assert api("GET", "/health").body["counts"]["key_stores"] == 1
    console.button("reset").click()
    dialog.get_by_role("button", name="reset").click()
    console.see("There is no key store here.")
    assert api("GET", "/health").body["counts"]["key_stores"] == 0
    assert console.pane("Timeline").get_by_role("row").count() == 1  # the headings


def test_the_world_of_somebody_else_s_reset(
    console: Console, server: Server, store: dict[str, Any]
) -> None:
    console.open()
    console.see("payments")
    server.reset()
    console.see("There is no key store here.")


def test_an_answer_that_does_not_come(console: Console, store: dict[str, Any]) -> None:
    console.open()
    console.see("payments")
    console.page.route("**/*", lambda route: route.abort())
    console.page.get_by_text("The server does not answer.").wait_for()
    console.complaints.clear()  # the browser notes each
    console.page.unroute("**/*")
    console.page.get_by_text("The server does not answer.").wait_for(state="detached")
    console.complaints.clear()
