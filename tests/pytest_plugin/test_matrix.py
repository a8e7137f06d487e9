"""The resilience matrix, in the terminal and in files."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest

from moto_cks.failures.table import FAILURES

from .conftest import Run
from .test_failures import VAULT

TESTS = (
    VAULT
    + """
pytestmark = pytest.mark.cks_failures("store-disconnected", "kmsuser-second-factor", "user-l*")

def test_survives(vault, cks_failure):
    with cks_failure:
        pass
    assert vault.open() == b"card"

@pytest.mark.parametrize("how", ["rash"])
def test_batch(vault, cks, cks_failure, how):
    if cks_failure.name == "user-logged-in":
        pytest.fail("too early")
    with cks_failure:
        if cks_failure.name == "store-disconnected":
            vault.open()
        if cks_failure.name == "user-locked-out":
            cks_failure.store.cluster.hsms  # and somebody meddles with the repair
            cks.faults.fail("ConnectCustomKeyStore", "KMSInternalException", times=9)
    raise AssertionError("<b>never</b> | here")

@pytest.mark.cks_failures("one-hsm-left", "all-hsms-deleted")
def test_late(vault, cks_failure):
    if cks_failure.name == "one-hsm-left":
        return
    with cks_failure:
        pass
    assert vault.open() == b"<b>another</b> | card"
"""
)


class Cells(HTMLParser):
    """The words of a page, and the elements that it is made of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())


def results(written: dict[str, Any]) -> dict[tuple[str, str], tuple[str, str | None]]:
    return {
        (row["failure"], one["test"].rpartition("::")[2]): (one["outcome"], one["phase"])
        for row in written["failures"]
        for one in row["results"]
    }


@pytest.mark.parametrize("how", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_failure_by_test(run: Run, pytester: pytest.Pytester, how: list[str]) -> None:
    files = [f"--cks-matrix=out/matrix.{ending}" for ending in ("md", "html", "json")]
    result = run(TESTS, *files, *how)
    result.assert_outcomes(passed=4, failed=4, skipped=2)

    folder = pytester.path / "out"
    written = json.loads((folder / "matrix.json").read_text())
    assert written["tests"] == [
        "test_it.py::test_batch[rash]",
        "test_it.py::test_late",
        "test_it.py::test_survives",
    ]
    came_out = results(written)
    ran = {
        ("store-disconnected", "test_batch[rash]"): ("FAILED", "during"),
        ("user-locked-out", "test_batch[rash]"): ("FAILED", "repair"),
        ("user-logged-in", "test_batch[rash]"): ("FAILED", "before"),
        ("kmsuser-second-factor", "test_batch[rash]"): ("n/a", None),
        ("all-hsms-deleted", "test_late"): ("FAILED", "after"),
        ("one-hsm-left", "test_late"): ("unused", None),
        ("store-disconnected", "test_survives"): ("ok", None),
        ("user-locked-out", "test_survives"): ("ok", None),
        ("user-logged-in", "test_survives"): ("ok", None),
        ("kmsuser-second-factor", "test_survives"): ("n/a", None),
    }
    assert {key: one for key, one in came_out.items() if one != ("not run", None)} == ran
    assert [row["failure"] for row in written["failures"]] == list(FAILURES)
    summary = (
        "6 failures, 3 tests: 3 ok, 4 failed (1 before, 1 during, 1 repair, 1 after), "
        f"1 unused, 2 n/a, {3 * len(FAILURES) - 10} not run"
    )
    assert written["summary"] == summary
    (late,) = (row for row in written["failures"] if row["failure"] == "all-hsms-deleted")
    assert "another" in late["results"][1]["message"]

    result.stdout.fnmatch_lines(
        [
            "*cks: resilience matrix*",
            "failure *what KMS shows *batch?rash? *late *survives*",
            "store-disconnected *DISCONNECTED *FAILED during *not run *ok",
            "user-locked-out *FAILED USER_LOCKED_OUT *FAILED repair *not run *ok",
            summary,
            "FAILED batch?rash??store-disconnected? during: Decrypt: KMSInvalidStateException: *",
            "FAILED late?all-hsms-deleted? after: AssertionError: *",
            "cks: resilience matrix written to out/matrix.md",
        ],
        consecutive=False,
    )
    assert result.stdout.str().count("cks: resilience matrix =") == 1

    page = (folder / "matrix.md").read_text()
    table = [line for line in page.splitlines() if line.startswith("| ")]
    assert len({len(line.replace("\\|", "").split("|")) for line in table}) == 1
    assert "| FAILED repair" in page
    assert summary in page
    assert "<b>" not in page

    html = (folder / "matrix.html").read_text()
    cells = Cells(html)
    assert summary in cells.words
    assert cells.words.count("FAILED during") == 1
    assert "b" not in {tag for tag, _ in cells.elements}
    assert not [tag for tag, attributes in cells.elements if "src" in attributes]
    assert not {"script", "link", "img"} & {tag for tag, _ in cells.elements}
    links = {str(attributes["href"]) for tag, attributes in cells.elements if tag == "a"}
    assert all(link.startswith("https://docs.aws.amazon.com/") for link in links)


def test_without_failures_there_is_none(run: Run, pytester: pytest.Pytester) -> None:
    result = run("def test_it(cks): pass", "--cks-matrix=matrix.json")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*what KMS shows*")
    written = json.loads((pytester.path / "matrix.json").read_text())
    assert written["tests"] == []
    assert written["summary"].startswith("0 failures, 0 tests: 0 ok")


def test_a_file_of_another_kind_is_a_usage_error(run: Run) -> None:
    result = run("def test_it(): pass", "--cks-matrix=matrix.pdf")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --cks-matrix: matrix.pdf ends with none of*"])


def test_a_setup_that_fails_is_before(run: Run) -> None:
    result = run(
        """
import pytest

@pytest.fixture
def broken(cks_failure):
    raise OSError("no disk")

@pytest.fixture
def leaky(cks_failure):
    yield
    raise OSError("no room")

@pytest.mark.cks_failures("store-disconnected")
def test_setup(broken):
    pass

@pytest.mark.cks_failures("store-disconnected")
def test_teardown(leaky, cks_failure):
    with cks_failure:
        pass
"""
    )
    result.assert_outcomes(errors=2, passed=1)
    result.stdout.fnmatch_lines(
        [
            "store-disconnected *FAILED before *FAILED after*",
            "FAILED setup?store-disconnected? before: OSError: no disk",
            "FAILED teardown?store-disconnected? after: OSError: no room",
        ]
    )
