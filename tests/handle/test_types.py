"""What a type checker tells of calls that cannot be: unknown keywords, and words that are none."""

from __future__ import annotations

import re
import subprocess
import sys
from enum import Enum
from pathlib import Path
from typing import Any, get_args

import pytest

from moto_cks.handle.protocols.faults import InjectedError
from moto_cks.handle.protocols.timeline import KindName
from moto_cks.hsm import UserType, UserTypeName
from moto_cks.kms.keystores.connection import CommonErrorCode
from moto_cks.world.journal import Kind

PROGRAM = """\
from datetime import timedelta

from moto_cks import UserType, cks

cluster = cks.create_cluster(hsms=3, region="eu-west-1", zones=["eu-west-1a"])
cks.create_cluster(vpc="vpc-12345678")  # error: call-arg
cks.create_cluster(hsms="3")  # error: arg-type
store = cks.create_key_store("payments", cluster=cluster, connect=False)
cks.create_key_store("payments", cluster=cluster.id, zones=["us-east-1a"])
cks.create_key_store("payments", hsm=2)  # error: call-arg
cks.create_key_store("payments", cluster=5)  # error: arg-type
cks.cluster(store)
cks.cluster(cluster)
cks.cluster(None)  # error: arg-type
cks.key_mgmt_util(store).run("listUsers")
cluster.create_user("CU", "user", "userPswd1")
cluster.create_user(UserType.CO, "user", "userPswd1")
cluster.create_user("CV", "user", "userPswd1")  # error: arg-type
handle: int = cluster.key_of(store.create_key())
fault = cks.faults.connection_error("INTERNAL_ERROR", times=None, key_store=store)
fault.end()
with cks.faults.fail("Encrypt", "DisabledException"):
    pass
cks.faults.connection_error("USER_LOCKED_OUT")  # error: arg-type
cks.faults.connection_error("internal_error")  # error: arg-type
cks.faults.connection_error("INTERNAL_ERROR", store=store)  # error: call-arg
with cks.faults.unreachable(store), cks.faults.throttle(5):
    pass
with cks.faults.resource_quotas(hsms=12), cks.faults.request_quotas():
    pass
cks.clock.advance(timedelta(days=1))
cks.clock.advance(days=1)
cks.clock.advance("PT15M")  # error: arg-type
cks.clock.advance(weeks=1)  # error: call-arg
cks.clock.advance_to("2030-01-01")
cks.trail.events(event_name="Encrypt", error_code=None)
cks.trail.events(colour="red")  # error: call-arg
cks.timeline.entries(kind="fault", since="2030-01-01")
cks.timeline.entries(kind="failure")
cks.timeline.entries(kind="colour")  # error: arg-type
cks.reset()
"""


def test_mypy_finds_what_cannot_be(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", str(program)]
    package = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=package, capture_output=True, text=True, check=False)
    found = dict(re.findall(r"program\.py:(\d+): error: .*\[(.*)\]", done.stdout))
    expected = {
        str(number): line.partition("# error: ")[2]
        for number, line in enumerate(PROGRAM.splitlines(), start=1)
        if "# error: " in line
    }
    assert found == expected, done.stdout


@pytest.mark.parametrize(
    ("words", "values"),
    [(InjectedError, CommonErrorCode), (KindName, Kind), (UserTypeName, UserType)],
)
def test_type_checkers_know_all_words(words: Any, values: type[Enum]) -> None:
    assert set(get_args(words)) == {value.value for value in values}
