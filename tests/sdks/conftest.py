"""Other people's SDKs against the server of the fixture ``cks_server``.

None of them is a requirement of the tests: aiobotocore and the AWS CLI want a botocore of their
own. What is missing is skipped here; ``.ci/run`` has an environment in which nothing is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from moto_cks.pytest_plugin.server import Server

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def program(name: str) -> str:
    """The path of a program; without it the test is skipped."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not on the PATH")
    return found


@pytest.fixture
def run(cks_server: Server) -> Run:
    """Runs a program whose SDK finds the server by its environment."""
    own = {name: text for name, text in os.environ.items() if not name.startswith("AWS_")}
    environment = {**own, **cks_server.environment, "AWS_PAGER": "", "AWS_CONFIG_FILE": os.devnull}

    def run_program(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program(name), *arguments],
            capture_output=True,
            text=True,
            env=environment,
            timeout=60,
            check=False,
        )

    return run_program
