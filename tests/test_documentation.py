"""The code in the documentation runs, as a reader would run it, and prints what is shown."""

from __future__ import annotations

import importlib.util
import os
import re
import runpy
import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from moto_cks import mock_cks
from moto_cks.server import ThreadedCksServer
from tests import forked
from tests.pages import BLOCKS, PAGES, ROOT, Block

ALONE = [block for block in BLOCKS if block.language == "python" and block.file is None]
WITH_FILES = sorted({b.page for b in BLOCKS if b.file is not None and b.language == "python"})


# Python -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", [pytest.param(block, id=block.name) for block in ALONE])
def test_code_block_runs(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for library in ("aiobotocore",):
        if f"import {library}" in block.text or f"from {library}" in block.text:
            pytest.importorskip(library)
    if "def test_" in block.text:
        (tmp_path / "test_block.py").write_text(block.text)
        said = run_pytest(tmp_path, ["-q"])
        assert re.search(r"^\d+ passed", said, re.MULTILINE), said
    else:
        exec(compile(block.text, "block", "exec"), {"__name__": "block"})


def run_pytest(folder: Path, arguments: list[str]) -> str:
    """What pytest prints at a terminal of 80 columns."""
    options = ["-p", "no:cacheprovider", "-p", "no:hypothesispytest"]  # it would load all of it
    # What Python says from 3.12 on of the oldest versions of botocore, and of dateutil.
    options += ["-W", "ignore:datetime.datetime.utc:DeprecationWarning"]
    if not any(point.name == "cks" for point in entry_points(group="pytest11")):
        options += ["-p", "moto_cks.pytest_plugin"]  # a checkout that is not installed
    environment = {**os.environ, "COLUMNS": "80"}
    environment.pop("PYTEST_ADDOPTS", None)
    return forked.run("-m", "pytest", *options, *arguments, cwd=folder, env=environment).stdout


# Files, and what comes of them --------------------------------------------------------------------


@pytest.mark.parametrize(
    "page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in WITH_FILES]
)
def test_the_files_of_a_page_print_what_it_shows(page: Path, tmp_path: Path) -> None:
    """A titled block is a file. ``$ … pytest …`` runs it, and the lines after that are printed."""
    written, run = set(), set()
    for block in BLOCKS:
        if block.page == page and block.file is not None:
            (tmp_path / block.file).write_text(block.text)
            written.add(block.file)
        elif block.page == page and block.text.startswith("$ "):
            command, _, shown = block.text.partition("\n")
            program, *arguments = command.removeprefix("$ ").split()
            assert program == ".venv/bin/pytest"
            run.update(written & set(arguments))
            rest = printed = comparable(run_pytest(tmp_path, arguments))
            for piece in re.split(r"^…$\n?", comparable(shown), flags=re.MULTILINE):
                _, found, rest = rest.partition(piece) if piece else ("", "…", rest)
                assert found, f"{piece}\nis not in, or not in this order:\n{printed}"
    assert run == {name for name in written if name.startswith("test_")}


CHANCE = {
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}": "<uuid>",
    r"\b(cks|cluster|hsm|eni|backup|vpc|subnet|sg)-[0-9a-z]+": r"\1-<id>",
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d": "<time>",
    r"just now|\d+ seconds? ago": "<ago>",
    r" in \d+\.\d+s( \(\d+:\d\d:\d\d\))?": " in <seconds>",
    r"=+ (.*) =+": r"= \1 =",
    r"^platform .*\n|^plugins: .*\n|^rootdir: .*\n|^asyncio: .*\n": "",
    r"^\S*/botocore/\S*:\d+: ": "<botocore>: ",
    r" +$": "",
}
"""What is another one each time."""


def comparable(text: str) -> str:
    """A text without what comes by chance."""
    for pattern, same in CHANCE.items():
        text = re.sub(pattern, same, text, flags=re.MULTILINE)
    return text


STRICT_TESTS = """
import boto3

def test_a_fault_that_is_never_entered(cks, cks_key_store):
    cks.faults.unreachable(cks_key_store)

def test_a_subnet_in_use_is_deleted(cks_cluster):
    ec2 = boto3.client("ec2", region_name="us-east-1")
    ec2.delete_subnet(SubnetId=cks_cluster.subnet_ids[0])

def test_a_rule_without_a_trail(cks_key_store):
    events = boto3.client("events", region_name="us-east-1")
    events.put_rule(Name="keys", EventPattern='{"source": ["aws.kms"]}')
    events.put_targets(Rule="keys", Targets=[{"Id": "q", "Arn": "arn:aws:sqs:us-east-1:1:q"}])
    cks_key_store.create_key()

def test_a_new_cluster_of_hsm1_medium(cks_cluster):
    cloudhsm = boto3.client("cloudhsmv2", region_name="us-east-1")
    cloudhsm.create_cluster(HsmType="hsm1.medium", SubnetIds=cks_cluster.subnet_ids)

def test_nothing_of_that(cks_key_store):
    cks_key_store.create_key()
"""


def test_strict_settings_make_errors_of_warnings(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "how-to" / "ci.md").read_text()
    settings = re.findall(r"^```ini title=\"pytest\.ini\"\n(.*?)^```$", page, re.M | re.S)
    (tmp_path / "pytest.ini").write_text(*settings)
    (tmp_path / "test_strict.py").write_text(STRICT_TESTS)
    said = run_pytest(tmp_path, ["-q", "--tb=no", "-rA"])
    assert re.findall(r"^FAILED \S+::(\w+)", said, re.MULTILINE) == [
        "test_a_fault_that_is_never_entered",
        "test_a_subnet_in_use_is_deleted",
        "test_a_rule_without_a_trail",
        "test_a_new_cluster_of_hsm1_medium",
    ], said
    assert "1 passed" in said


# Shell --------------------------------------------------------------------------------------------

ENDPOINT = "127.0.0.1:5000"
AT_A_SERVER = [
    pytest.param(block, id=block.name)
    for block in BLOCKS
    if block.language == "console" and ENDPOINT in block.text
]
STRICT = 'curl() { command curl --fail-with-body "$@"; }\n'
"""A request that the server refuses is one that the page has wrong."""
PROGRAMS = re.compile(r"\b(aws|curl|cloudhsm_mgmt_util|terraform)(?= )")


@pytest.mark.parametrize("block", AT_A_SERVER)
def test_what_is_typed_at_a_server_works(block: Block, tmp_path: Path) -> None:
    scripts = Path(sys.executable).parent
    path = os.pathsep.join([str(scripts), os.environ["PATH"]])
    files = {
        Path(other.file): other.text
        for other in BLOCKS
        if other.page == block.page and other.language == "hcl" and other.file is not None
    }
    typed_there = [text for file, text in files.items() if file.parent.name in block.text]
    for program in PROGRAMS.findall("\n".join([block.text, *typed_there])):
        if shutil.which(program, path=path) is None:
            pytest.skip(f"there is no {program} here")
    with mock_cks(), ThreadedCksServer(port=0) as server:
        host, port = server.get_host_and_port()
        for file, text in files.items():
            (tmp_path / file).parent.mkdir(exist_ok=True)
            (tmp_path / file).write_text(text.replace(ENDPOINT, f"{host}:{port}"))
        typed = block.text.replace(ENDPOINT, f"{host}:{port}")
        ended = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", STRICT + typed],
            cwd=tmp_path,
            env={**os.environ, "PATH": path, "AWS_PAGER": ""},
            capture_output=True,
            text=True,
            check=False,
        )
    if "Failed to query available provider packages" in ended.stderr:
        pytest.skip("Terraform does not get its AWS provider here")
    assert ended.returncode == 0, ended.stdout + ended.stderr


# Types --------------------------------------------------------------------------------------------


def states_of_files() -> list[dict[str, str]]:
    """The files of all pages, before and after a page changes those that it has shown and run."""
    files = {f"example_{path.name}": path.read_text() for path in (ROOT / "examples").glob("*.py")}
    states, ran = [], False
    for block in BLOCKS:
        if block.language != "python":
            ran = ran or block.text.startswith("$ ")
            continue
        name = block.file or f"block_{re.sub(r'[^0-9a-z]', '_', block.name.lower())}.py"
        if name in files and ran:
            states.append(dict(files))
            ran = False
        files[name] = block.text
    return [*states, files]


def test_the_code_type_checks(tmp_path: Path) -> None:
    """By ``mypy --strict``, with the stubs of boto3, as a reader has them."""
    assert importlib.util.find_spec("mypy_boto3_kms") is not None
    states = states_of_files()
    assert len(states) == 2, "before and after"
    for files in states:  # the second time mypy knows all that has not changed
        for name, text in files.items():
            (tmp_path / name).write_text(text)
        ended = check_types(tmp_path)
        wrong = [line for line in ended.stdout.splitlines() if ": note: " not in line]
        assert ended.returncode == 0, "\n".join(wrong)


def check_types(folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "mypy.ini").write_text(
        "[mypy]\nstrict = True\ncache_dir = .mypy_cache\n"
        "[mypy-moto_cks.*]\nfollow_imports = silent\n"  # has a check of its own
        "[mypy-aiobotocore.*]\nignore_missing_imports = True\n"
    )
    environment = {**os.environ, "MYPYPATH": str(ROOT) if (ROOT / "moto_cks").exists() else ""}
    environment.pop("MYPY_CACHE_DIR", None)
    return subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "."],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_there_is_code_to_run() -> None:
    assert len([block for block in BLOCKS if block.language == "python"]) >= 20
    assert ROOT / "README.md" in WITH_FILES
    assert AT_A_SERVER


# The site -----------------------------------------------------------------------------------------

FROM_ELSEWHERE = re.compile(
    r"<(?:script|img|iframe|source|link rel=\"(?:stylesheet|icon|preconnect|preload)\")\b[^>]*"
    r"(?:src|href)=\"(?:https?:)?//[^>]*>"
)


def test_the_site_fetches_nothing_from_another_host(tmp_path: Path) -> None:
    pytest.importorskip("mkdocstrings")
    pytest.importorskip("material")
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", tmp_path],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) >= len(PAGES)  # the README is none of them, 404.html is
    assert [found for page in pages for found in FROM_ELSEWHERE.findall(page.read_text())] == []
    # Material would fetch Mermaid for diagrams in its language.
    assert not [page for page in pages if 'class="mermaid"' in page.read_text()]


# Pages that are written ---------------------------------------------------------------------------


def test_every_behaviour_is_listed_with_its_tests() -> None:
    namespace = runpy.run_path(str(ROOT / "docs" / "list_tests.py"))
    page = (ROOT / "docs" / "behaviours.md").read_text()
    assert page == namespace["written"](page), "run python docs/list_tests.py"
    listed = {row for row, _ in namespace["ROW"].findall(page)}
    proved = {row for row, _, _ in namespace["tests"]()}
    assert listed <= proved


def test_the_states_are_drawn_from_their_tables() -> None:
    namespace = runpy.run_path(str(ROOT / "docs" / "draw_states.py"))
    page = (ROOT / "docs" / "states.md").read_text()
    for model, table in namespace["TABLES"].items():
        file = namespace["file_of"](model)
        assert f"]({file.relative_to(ROOT / 'docs').as_posix()})" in page
        assert namespace["source_in"](file.read_text()) == namespace["source"](table), (
            "run python docs/draw_states.py"
        )


def test_x46_what_kms_makes_of_a_proxy_is_written_from_its_table() -> None:
    namespace = runpy.run_path(str(ROOT / "docs" / "write_xks_errors.py"))
    page = (ROOT / "docs" / "external-key-stores.md").read_text()
    assert namespace["BEGIN"] in page
    assert page == namespace["written"](page), "run python docs/write_xks_errors.py"


def test_the_failures_are_written_from_their_table() -> None:
    namespace = runpy.run_path(str(ROOT / "docs" / "write_failures.py"))
    page = (ROOT / "docs" / "failures.md").read_text()
    assert namespace["MARK"] in page
    assert page == namespace["written"](page), "run python docs/write_failures.py"
