"""The pytest plugin of the runs: puts the mock in place, expects deviations, records outcomes."""

import json
from pathlib import Path

import moto
import moto.core.decorator
import pytest

from .deviations import DEVIATIONS


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--moto-suite-outcomes", type=Path, required=True)
    parser.addoption("--moto-suite-cks", action="store_true")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    # This early because moto's tests say `from moto import mock_aws`, its conftest.py first of all.
    if early_config.known_args_namespace.moto_suite_cks:
        from moto_cks import mock_cks  # noqa: PLC0415

        vars(moto)["mock_aws"] = mock_cks
        vars(moto.core.decorator)["mock_aws"] = mock_cks


def pytest_make_parametrize_id(config: pytest.Config, val: object) -> str | None:
    # A test that takes the mock as its parameter has the same id in both runs.
    swapped = config.option.moto_suite_cks and val is vars(moto)["mock_aws"]
    return "mock_aws" if swapped else None


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(_Run(config))


class _Run:
    def __init__(self, config: pytest.Config) -> None:
        self._cks: bool = config.option.moto_suite_cks
        self._file: Path = config.option.moto_suite_outcomes
        self._outcomes: dict[str, str] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self._cks:
            for item in items:
                if reason := DEVIATIONS.get(item.nodeid):
                    item.add_marker(pytest.mark.xfail(reason=reason, strict=True))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # A test has three reports: it passed only if nothing but passes was reported.
        outcome = "xfailed" if hasattr(report, "wasxfail") else report.outcome
        if outcome != "passed" or report.when == "call":
            self._outcomes[report.nodeid] = outcome

    def pytest_sessionfinish(self) -> None:
        self._file.write_text(json.dumps(self._outcomes))
