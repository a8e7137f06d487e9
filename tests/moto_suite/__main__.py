"""The command: see the package's docstring."""

import argparse
import configparser
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import moto
import pytest

from .deviations import DEVIATIONS

SERVICES = ("test_kms", "test_cloudhsmv2", "test_cloudtrail", "test_core")
HERE = Path(__file__).resolve().parent

Outcomes = Mapping[str, str]


class SuiteError(Exception):
    """The tests could not be run at all."""


@dataclass
class Comparison:
    """What became of each test, by test id; `failures` also says why."""

    passed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    deviations: dict[str, str] = field(default_factory=dict)
    not_ours: list[str] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)


def compare(with_aws: Outcomes, with_cks: Outcomes, deviations: Mapping[str, str]) -> Comparison:
    result = Comparison()
    for test in sorted({*with_aws, *with_cks, *deviations}):
        aws, cks = with_aws.get(test, "not run"), with_cks.get(test, "not run")
        if test in deviations and aws != "passed":
            result.failures[test] = f"listed as a deviation, but {aws} with mock_aws"
        elif test in deviations and cks != "xfailed":
            result.failures[test] = "listed as a deviation, but does not deviate any more"
        elif test in deviations:
            result.deviations[test] = deviations[test]
        elif aws == "failed":
            result.not_ours.append(test)
        elif cks != aws:
            result.failures[test] = f"{aws} with mock_aws, {cks} with mock_cks"
        else:
            (result.passed if aws == "passed" else result.skipped).append(test)
    return result


def check_version(checkout: Path) -> None:
    setup = configparser.ConfigParser()
    setup.read(checkout / "setup.cfg")
    version = setup.get("metadata", "version", fallback=None)
    if version is None or not (checkout / "tests").is_dir():
        raise SuiteError(f"{checkout} is not a checkout of moto: no tests folder or version")
    # Between two releases moto's setup.cfg names the next one, as `5.2.2.dev`.
    if version != moto.__version__:
        raise SuiteError(
            f"the checkout is moto {version} and moto {moto.__version__} is installed: "
            f"check out tag {moto.__version__}, or install moto=={version}"
        )


def run(folder: Path, *, cks: bool) -> Outcomes:
    """Run the tests in a process of their own, where `tests` means moto's tests."""
    outcomes = folder / "outcomes.json"
    outcomes.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "--tb=short", "-m", "not network"]
    command += ["-p", "no:cacheprovider", "-p", f"{HERE.name}.plugin"]
    command += [f"--moto-suite-outcomes={outcomes}", *(["--moto-suite-cks"] if cks else [])]
    command += [f"tests/{service}" for service in SERVICES]
    # This project's root comes last, so that its own `tests` stays behind moto's.
    path = [str(HERE.parent), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    path.append(str(HERE.parent.parent))
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, path)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    code = subprocess.run(command, cwd=folder, env=environment, check=False).returncode
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise SuiteError(f"pytest ended with {code}")
    loaded: dict[str, str] = json.loads(outcomes.read_text())
    return loaded


def show(title: str, tests: Mapping[str, str]) -> None:
    if tests:
        print(f"\n{title}:")
    for test, reason in tests.items():
        print(f"  {test}" + (f"\n      {reason}" if reason else ""))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.moto_suite",
        description="Run moto's own tests with mock_cks in the place of mock_aws.",
    )
    parser.add_argument("checkout", type=Path, help="a checkout of the installed moto version")
    parser.add_argument("--baseline", action="store_true", help="only run them with mock_aws")
    options = parser.parse_args(arguments)
    try:
        check_version(options.checkout)
        with tempfile.TemporaryDirectory() as temporary:
            # Without moto itself, which would be imported in the place of the installed one.
            folder = Path(temporary)
            shutil.copytree(options.checkout / "tests", folder / "tests")
            shutil.copy(options.checkout / "setup.cfg", folder)
            print(f"== moto {moto.__version__} with mock_aws", flush=True)
            with_aws = run(folder, cks=False)
            if options.baseline:
                result = compare(with_aws, with_aws, {})
            else:
                print(f"\n== moto {moto.__version__} with mock_cks", flush=True)
                result = compare(with_aws, run(folder, cks=True), DEVIATIONS)
    except SuiteError as error:
        print(f"moto_suite: {error}", file=sys.stderr)
        return 2

    show("Fail with mock_aws too, so they say nothing", dict.fromkeys(result.not_ours, ""))
    show("Deviations", result.deviations)
    show("FAILURES", result.failures)
    print(
        f"\nmoto {moto.__version__}: {len(with_aws)} tests, {len(result.passed)} passed "
        f"{'with mock_aws' if options.baseline else 'with both'}, {len(result.skipped)} skipped, "
        f"{len(result.not_ours)} fail with mock_aws too, {len(result.deviations)} deviations, "
        f"{len(result.failures)} failures"
    )
    return 1 if result.failures else 0


if __name__ == "__main__":
    sys.exit(main())
