"""Another process, which loads a world from a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests import forked

BEGINNING = """
import base64, json, sys
import boto3
from moto_cks import cks, mock_cks

path, given = sys.argv[1], json.loads(sys.argv[2])
kms = boto3.client("kms", "us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")

def tell(value):
    print(json.dumps(value))

with mock_cks():
    cks.load(path)
"""


def run_on(path: Path, body: str, **given: Any) -> Any:
    """What another process finds that loads a file; ``body`` tells it."""
    indented = "".join(f"    {line}\n" for line in body.strip().splitlines())
    done = forked.run("-c", BEGINNING + indented, str(path), json.dumps(given))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
