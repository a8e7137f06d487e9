"""What is added to the report of a test: its world's story, and its row of the matrix."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from moto_cks.handle.modes import cks
from moto_cks.pytest_plugin import ROW
from moto_cks.pytest_plugin.story import what_happened, what_is_wrong
from moto_cks.pytest_plugin.trial import CksFailure, Phase, came_of
from moto_cks.pytest_plugin.worlds import TestWorld


def complete(
    report: pytest.TestReport,
    call: pytest.CallInfo[None],
    world: TestWorld,
    trial: CksFailure | None,
) -> None:
    """Add to the report of a test, or of its setup, what its world has to say.

    When the teardown is reported, the world is gone.
    """
    error = None if call.excinfo is None else call.excinfo.value
    wrong = ""
    if report.failed and report.when != "teardown":
        wrong = _what_was_wrong(error, world, trial)
        report.sections.append(("cks timeline, newest last", _told(what_happened, world.built)))
        report.sections.append(("cks: what cannot be used", wrong))
    if trial is not None and (report.when == "call" or not report.passed):
        report.user_properties.append((ROW, json.dumps(_row(report, error, trial, wrong))))


def _what_was_wrong(error: BaseException | None, world: TestWorld, trial: CksFailure | None) -> str:
    """What could not be used when the error came up, before any repair on the way."""
    if world.left is not None and came_of(error, world.left[0]):
        told = world.left[1]
    else:
        told = _told(what_is_wrong)
    return told if trial is None else f"{trial.case}, {trial.phase_of(error).value}:\n{told}"


def _told(tell: Any, *arguments: Any) -> str:
    """What a function tells; a report is no place to fail."""
    try:
        return str(tell(cks, *arguments))
    except Exception as error:
        return f"It cannot be said: {error!r}"


def _row(
    report: pytest.TestReport, error: BaseException | None, trial: CksFailure, wrong: str
) -> dict[str, Any]:
    """The row of the matrix, as JSON has it."""
    phase = Phase.AFTER if report.when == "teardown" else trial.phase_of(error)
    message = "" if error is None else _first_line(error)
    if report.skipped:
        outcome = "xfailed" if hasattr(report, "wasxfail") else "n/a"
    elif report.failed:
        outcome = "FAILED"
    else:
        outcome = "ok" if trial.phase is not Phase.BEFORE else "unused"
    return {
        "failure": trial.case,
        "test": without_case(trial.test, trial.case),
        "outcome": outcome,
        "phase": phase.value if outcome in ("FAILED", "xfailed") else None,
        "message": message if outcome != "ok" else "",
        "wrong": wrong,
    }


def _first_line(error: BaseException) -> str:
    """What an error says, in a line."""
    if isinstance(error, ClientError):
        said = error.response["Error"]
        return f"{error.operation_name}: {said['Code']}: {said['Message']}"
    line = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {line}" if line else type(error).__name__


def without_case(node_id: str, case: str) -> str:
    """The node ID of a test without the failure among its parameters."""
    name, bracket, parameters = node_id.partition("[")
    rest = parameters.removesuffix("]").replace(case, "", 1).replace("--", "-").strip("-")
    return f"{name}[{rest}]" if bracket and rest else name
