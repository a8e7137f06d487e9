"""Another process, which loads a world from a file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

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
    done = subprocess.run(
        [sys.executable, "-c", BEGINNING + indented, str(path), json.dumps(given)],
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)
