"""The pictures of the console in the documentation: made here, with ``--screenshots``."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.request import Request, urlopen

import pytest

from tests.control.api import Api
from tests.control.console.conftest import Console
from tests.server.conftest import Server

DOCS = Path(__file__).parents[3] / "docs"
PICTURES = DOCS / "images"
WIDTH, HEIGHT = 1180, 690
SMALLEST, LARGEST = 20_000, 200_000
"""How many bytes a picture has that shows something, and how many one in the documentation."""

NAMES = ("console-light.png", "console-dark.png", "console-timeline.png")


class Still(datetime):
    """It is always the same time."""

    MOMENT = datetime(2026, 3, 1, 11, 0)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override] # of no subclass
        return cls.MOMENT.replace(tzinfo=tz)


@pytest.fixture
def still(server: Server) -> Iterator[None]:
    """The clock stands still, and what is drawn by lot is always the same."""
    still = patch("moto_cks.world.clock.datetime", Still)
    with still, patch("moto.core.utils.utcnow", return_value=Still.MOMENT):
        with urlopen(Request(f"{server.endpoint}/moto-api/seed?a=42", method="POST")):
            pass
        yield


def locked_out(console: Console, api: Api) -> None:
    """Bring something about that there is much to be seen of."""
    store = api("POST", "/key-stores", {}).body
    for _ in range(2):
        api("POST", f"/key-stores/{store['id']}/keys", {})
    api("POST", "/key-stores", {"name": "payments", "region": "eu-west-1"})
    api("POST", "/clock/advance", {"days": 1})
    console.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    console.open()
    console.button("happen user-locked-out").click()
    console.see("USER_LOCKED_OUT")
    console.button("why?").click()
    console.page.locator("#why").filter(has_text="wrong logins").wait_for()
    console.button("do step 1, look").click()
    console.told("step 1, look.")


def picture(console: Console, name: str, folder: Path) -> Path:
    file = folder / name
    console.page.screenshot(path=file, animations="disabled")
    return file


@pytest.mark.usefixtures("still")
def test_pictures(
    console: Console, api: Api, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    wanted = request.config.getoption("--screenshots")
    folder = PICTURES if wanted else tmp_path
    folder.mkdir(exist_ok=True)
    locked_out(console, api)
    made = []
    console.page.evaluate("scrollTo(0, 0)")
    for scheme in ("light", "dark"):
        console.page.emulate_media(color_scheme=scheme)
        made.append(picture(console, f"console-{scheme}.png", folder))
    console.page.emulate_media(color_scheme="light")
    console.button("repair all of user-locked-out").click()
    console.told("ExampleKeyStore is CONNECTED.")
    console.button("connect").evaluate("(button) => button.focus({preventScroll: true})")
    console.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    made.append(picture(console, "console-timeline.png", folder))
    assert [file.name for file in made] == list(NAMES)
    for file in made:
        check(file)


def check(file: Path) -> int:
    """Look whether it is a picture of the right size; gives its bytes."""
    content = file.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", content[16:24]) == (WIDTH, HEIGHT)
    assert len(content) > SMALLEST
    return len(content)


@pytest.mark.parametrize("name", NAMES)
def test_the_documentation_has_them(name: str) -> None:
    assert check(PICTURES / name) < LARGEST
    page = (DOCS / "console.md").read_text()
    shown: list[Any] = re.findall(r"!\[[^\]]{20,}\]\(images/([\w.-]+)\)", page)
    assert name in shown
