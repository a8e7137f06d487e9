"""The console in a browser: Debian's Chromium, which Playwright drives."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.control.api import Api
from tests.server.conftest import Server, _running_server, server

__all__ = ["_running_server", "server"]

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A browser. Where there is none, tests are skipped, or fail if MOTO_CKS_BROWSER says so."""
    absent = pytest.fail if os.environ.get("MOTO_CKS_BROWSER") == "required" else pytest.skip
    if importlib.util.find_spec("playwright") is None:
        absent("playwright is missing: pip install playwright")
    if not os.access(CHROMIUM, os.X_OK):
        absent("Chromium is missing: apt-get install chromium")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - it may be missing

    with sync_playwright() as driver:
        folder = str(tmp_path_factory.mktemp("chromium"))
        browser = driver.chromium.launch(
            executable_path=CHROMIUM,
            args=list(OPTIONS),
            # It leaves nothing in the home directory.
            env={**os.environ, "XDG_CONFIG_HOME": folder, "XDG_CACHE_HOME": folder},
        )
        yield browser
        browser.close()


@dataclass
class Console:
    """The console, open in a browser.

    Attributes:
        page: Playwright's page.
        endpoint: where the server is.
        requests: the URLs of all requests that the browser has sent.
        complaints: what the browser had to complain about.
    """

    page: Any
    endpoint: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its address."""
        return f"{self.endpoint}/moto-api/cks/console"

    def open(self) -> None:
        """Open it."""
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)
        self.page.goto(self.url)
        self.page.locator("#clock time").wait_for()

    def _hear(self, message: Any) -> None:
        # The browser itself notes each answer that is an error.
        if message.type == "error" and "the server responded with" not in message.text:
            self.complaints.append(message.text)

    def pane(self, name: str) -> Any:
        """A pane by its heading."""
        return self.page.get_by_role("region", name=name, exact=True)

    def button(self, name: str) -> Any:
        """A button by its name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def choice(self, name: str) -> Any:
        """A choice among several by its name."""
        return self.page.get_by_role("combobox", name=name, exact=True)

    def see(self, text: str) -> None:
        """Wait until a text can be seen."""
        self.page.get_by_text(text, exact=True).first.wait_for()

    def told(self, text: str) -> None:
        """Wait until a screen reader is told something."""
        self.page.get_by_role("status").filter(has_text=text).wait_for()

    def refused(self) -> str:
        """Wait until something is refused; what it says."""
        alert = self.page.get_by_role("alert")
        alert.get_by_role("button").wait_for()
        text: str = alert.inner_text()
        return text


@pytest.fixture
def api(server: Server) -> Api:
    return Api(server.port)


@pytest.fixture
def console(chromium: Any, server: Server) -> Iterator[Console]:
    """The console of a server that holds nothing; not open yet."""
    context = chromium.new_context(viewport={"width": 1440, "height": 1000})
    context.set_default_timeout(15_000)
    console = Console(context.new_page(), server.endpoint)
    yield console
    context.close()
    assert console.complaints == []


@pytest.fixture
def store(api: Api) -> dict[str, Any]:
    """A key store with a key."""
    made: dict[str, Any] = api("POST", "/key-stores", {"name": "payments"}).body
    api("POST", f"/key-stores/{made['id']}/keys", {})
    return made
