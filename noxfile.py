"""The suite against the oldest and the newest versions that setup.cfg allows, and its other checks.

    nox --list
    nox -s "tests-3.12(oldest)" -- tests/hsm

Pythons that are not there are skipped. `.ci/run` is what has to pass; this is for what it does not
do: other Pythons, other versions.
"""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import nox

SETUP = configparser.ConfigParser()
SETUP.read(Path(__file__).parent / "setup.cfg")
CLASSIFIER = "Programming Language :: Python :: "
PYTHONS = re.findall(rf"^{CLASSIFIER}(3\.\d+)$", SETUP["metadata"]["classifiers"], re.MULTILINE)
REQUIREMENT = re.compile(r"^([\w-]+)(?:\[[\w,]+\])?>=([\w.]+)$", re.MULTILINE)

nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["lint", "contract", "types", "security", "audit", "docs", "tests"]


def oldest() -> list[str]:
    """What the package needs, each in the version at the bound: ``moto==5.2.0`` and so on."""
    found = REQUIREMENT.findall(SETUP["options"]["install_requires"])
    return [f"{name}=={version}" for name, version in found]


@nox.session(python=PYTHONS)
@nox.parametrize("versions", ["oldest", "newest"], ids=["oldest", "newest"])
def tests(session: nox.Session, versions: str) -> None:
    """The suite; what follows ``--`` goes to pytest."""
    bounds = oldest() if versions == "oldest" else []
    # Installed as released, so that the plugin of pytest is there; --upgrade takes the newest.
    session.install("--upgrade", "--upgrade-strategy", "eager", ".[test]", *bounds)
    session.run("python", "-m", "pip", "list")
    session.run("python", "-m", "pytest", "-p", "no:cacheprovider", *(session.posargs or ["-n2"]))


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff: rules and format."""
    session.install("ruff>=0.9")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def contract(session: nox.Session) -> None:
    """Imports only point down."""
    session.install(".[test]")
    session.run("lint-imports", "--no-cache")


@nox.session
def types(session: nox.Session) -> None:
    """mypy, as strict as it is."""
    session.install(".[test]")
    session.run("mypy", "--strict", "moto_cks", "examples/drills")


@nox.session
def security(session: nox.Session) -> None:
    """Bandit; .ci/bandit.yaml says what it need not look for."""
    session.install("bandit")
    session.run("bandit", "--quiet", "--recursive", "--configfile", ".ci/bandit.yaml", "moto_cks")


@nox.session
def audit(session: nox.Session) -> None:
    """pip-audit: known faults of what the package needs, where they can be looked up."""
    session.install("pip-audit", ".[server]")
    session.run("python", ".ci/audit.py")


@nox.session
def docs(session: nox.Session) -> None:
    """MkDocs; every link leads somewhere."""
    session.install(".[docs]")
    session.run("mkdocs", "build", "--quiet", "--strict", "--site-dir", session.create_tmp())


@nox.session
def mutation(session: nox.Session) -> None:
    """Mutants; what follows ``--`` goes to ``python -m tests.mutation``."""
    session.install(".[test,mutation]")
    session.run("python", "-m", "tests.mutation", *session.posargs)
