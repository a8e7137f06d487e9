"""The public names: loaded when they are asked for, and the same to type checkers and programs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import moto_cks


def run(program: str) -> str:
    """Run a program in a process of its own, in which nothing has been loaded."""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_names_load_little_more_than_moto_does() -> None:
    program = """
import inspect, sys
from moto import mock_aws
before = set(sys.modules)
from moto_cks import Cks, Cluster, KeyStore, cks, mock_cks
# What test runners ask of everything that they find.
assert not inspect.isclass(cks)
assert getattr(cks, "__test__", None) is getattr(cks, "_pytestfixturefunction", None) is None
assert isinstance(cks, Cks) and cks.__class__ is Cks
mock_cks()
print(*sorted(set(sys.modules) - before))
"""
    assert run(program).split() == [
        "moto_cks",
        "moto_cks.handle",
        "moto_cks.handle.modes",
        "moto_cks.handle.protocols",
        "moto_cks.handle.protocols.cks",
        "moto_cks.handle.protocols.cluster",
        "moto_cks.handle.protocols.key_store",
        "moto_cks.mock",
        "moto_cks.world",
        "moto_cks.world.lock",
        "moto_cks.world.switch",
    ]


def test_a_handle_that_is_used_before_the_mock_says_so() -> None:
    program = """
from moto_cks import cks
try:
    cks.create_cluster()
except RuntimeError as refused:
    print(refused)
"""
    assert run(program) == "mock_cks is not on in this process.\n"


def test_what_is_loaded_in_frozen_time_works_on_afterwards() -> None:
    program = """
from datetime import datetime, timezone
from freezegun import freeze_time
from moto_cks import cks, mock_cks
with freeze_time("2030-01-01"), mock_cks():
    cks.create_key_store().create_key()
    assert cks.clock.advance(days=1) == datetime(2030, 1, 2, tzinfo=timezone.utc)
with mock_cks():
    cks.create_key_store().create_key()
    later = cks.clock.advance(days=1)
    assert abs((later - datetime.now(timezone.utc)).total_seconds() - 86400) < 60
    assert {entry.time.year for entry in cks.timeline} <= {later.year - 1, later.year}
"""
    run(program)


def test_the_warning_can_be_named_before_anything_is_loaded() -> None:
    name = "moto_cks.cloudtrail.event_bus.MissingTrailWarning"
    assert run(f"import moto_cks; print({name}.__name__)") == "MissingTrailWarning\n"
    assert run("from moto_cks.cloudtrail.event_bus import MissingTrailWarning") == ""


def test_there_are_no_other_names() -> None:
    assert set(moto_cks.__all__) <= set(dir(moto_cks))
    for name in moto_cks.__all__:
        assert getattr(moto_cks, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'mock_aws'"):
        moto_cks.mock_aws  # noqa: B018
    with pytest.raises(ImportError, match="mock_aws"):
        from moto_cks import mock_aws  # noqa: F401, PLC0415


def test_type_checkers_find_each_name_where_it_is() -> None:
    assert moto_cks.__file__ is not None
    tree = ast.parse(Path(moto_cks.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if ast.unparse(node).startswith("if TYPE_CHECKING"))
    imports = [node for node in ast.walk(block) if isinstance(node, ast.ImportFrom)]
    seen = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in imports
        for alias in node.names
    }
    assert seen == moto_cks._HOMES
    assert sorted(seen) == sorted(moto_cks.__all__)


PACKAGES = sorted(Path(moto_cks.__file__).parent.rglob("__init__.py"))


def test_each_package_names_all_that_it_gathers() -> None:
    named = 0
    for file in PACKAGES[1:]:  # that of the whole is above
        tree = ast.parse(file.read_text(encoding="utf-8"))
        gathered = {
            alias.asname or alias.name
            for node in tree.body
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("moto_cks")
            for alias in node.names
        }
        (names,) = [
            ast.literal_eval(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        ] or [None]
        if names is not None:
            assert sorted(names) == sorted(gathered)  # ruff looks after the order
            named += 1
    assert named > 3


PACKAGES = sorted((Path(moto_cks.__file__).parent).rglob("__init__.py"))


@pytest.mark.parametrize("path", PACKAGES, ids=lambda path: path.parent.name)
def test_all_is_what_a_package_takes_from_its_modules(path: Path) -> None:
    """What a package has no use for itself it imports to be taken from there."""
    tree = ast.parse(path.read_text())
    listed = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    if not listed:
        return
    (names,) = listed
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    taken = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("moto_cks")
        for alias in node.names
    }
    assert taken - used <= {*names}
    assert len(names) == len({*names})
