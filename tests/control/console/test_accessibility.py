"""Whether the console can be used by everybody: names and roles, landmarks, colours."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.control.console.conftest import Console

CONTROLS = {
    "button",
    "checkbox",
    "combobox",
    "link",
    "radio",
    "searchbox",
    "textbox",
    "DisclosureTriangle",
    "Date",
    "DateTime",
    "InputTime",
    "dialog",
    "region",
    "table",
    "group",
    "list",
}
UNNAMED = {"group", "list"}
"""These need a name only where they have one."""

CONTRAST = """() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const curve = (share) => share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  const channel = (value) => curve(value / 255);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (element) => {
    for (let node = element; node; node = node.parentElement) {
      const colour = parse(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const low = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    const [one, other] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5) low.push(`${walker.currentNode.data.slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return low;
}"""


@pytest.fixture(params=["light", "dark"])
def busy(console: Console, store: dict[str, Any], request: pytest.FixtureRequest) -> Console:
    """The console with all there is to be seen, in both sets of colours."""
    console.page.emulate_media(color_scheme=request.param)
    console.open()
    console.see("CONNECTED")
    console.button("disconnect").click()
    console.see("DISCONNECTED")
    console.button("disconnect").click()
    console.refused()
    console.button("connect").click()
    console.see("CONNECTED")
    console.button("happen user-locked-out").click()
    console.see("USER_LOCKED_OUT")
    console.button("why?").click()
    console.page.locator("#why").wait_for()
    console.button("do step 1, look").click()
    console.told("step 1, look.")
    for summary in console.page.locator("summary").all()[:6]:
        summary.click()
    console.page.locator("#timeline").get_by_role("button").first.click()
    return console


def tree(console: Console) -> list[dict[str, Any]]:
    """The accessibility tree, as a screen reader gets it."""
    session = console.page.context.new_cdp_session(console.page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    return [
        {"role": node["role"]["value"], "name": node.get("name", {}).get("value", "").strip()}
        for node in nodes
        if not node["ignored"]
    ]


def test_every_control_has_a_role_and_a_name(busy: Console) -> None:
    nodes = tree(busy)
    nameless = [
        node
        for node in nodes
        if node["role"] in CONTROLS - UNNAMED and not node["name"] and node["role"] != "table"
    ]
    assert nameless == []
    assert {"button", "radio", "checkbox", "combobox", "link"} <= {node["role"] for node in nodes}
    roles = busy.page.evaluate(
        "[...document.querySelectorAll('[onclick], [tabindex]')].map((e) => [e.nodeName, e.role])"
    )
    assert all(name == "SECTION" or role for name, role in roles)


def test_landmarks_and_headings(busy: Console) -> None:
    nodes = tree(busy)
    for landmark in ("banner", "main", "contentinfo"):
        assert sum(node["role"] == landmark for node in nodes) == 1
    regions = [node["name"] for node in nodes if node["role"] == "region"]
    assert regions == ["Key stores", "Cluster", "Failures", "Timeline"]
    levels = busy.page.evaluate(
        "[...document.querySelectorAll('h1, h2, h3, h4')].filter((e) => e.checkVisibility())"
        ".map((e) => Number(e.nodeName[1]))"
    )
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert busy.page.get_attribute("html", "lang") == "en"
    ids = busy.page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids))


def test_what_changes_is_announced(busy: Console) -> None:
    status = busy.page.get_by_role("status")
    assert status.get_attribute("aria-live") == "polite"
    busy.button("do step 2, disconnect").click()
    busy.told("Done: step 2, disconnect. payments is DISCONNECTED.")


def test_text_can_be_read_in_both_sets_of_colours(busy: Console) -> None:
    assert busy.page.evaluate(CONTRAST) == []


def test_light_and_dark_differ(console: Console) -> None:
    console.open()
    background = "getComputedStyle(document.documentElement).backgroundColor"
    console.page.emulate_media(color_scheme="light")
    light = console.page.evaluate(background)
    console.page.emulate_media(color_scheme="dark")
    assert console.page.evaluate(background) != light


@pytest.mark.parametrize("width", [360, 900])
def test_a_narrow_window_needs_no_scrolling_aside(
    console: Console, store: dict[str, Any], width: int
) -> None:
    console.page.set_viewport_size({"width": width, "height": 800})
    console.open()
    console.see("CONNECTED")
    console.button("happen user-locked-out").click()
    console.see("USER_LOCKED_OUT")
    inside = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert console.page.evaluate(inside)
