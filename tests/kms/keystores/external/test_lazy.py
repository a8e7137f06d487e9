"""Who has no external key store pays nothing for them (X71)."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
import boto3
from moto_cks import mock_cks

with mock_cks() as cks:
    store = cks.create_key_store()
    kms = boto3.client(
        "kms", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    for key_id in (store.create_key(), kms.create_key()["KeyMetadata"]["KeyId"]):
        kms.decrypt(CiphertextBlob=kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"])
    names = [name for name in sys.modules if name.startswith(("moto_cks.xks_proxy", "cheroot"))]
    external = "moto_cks.kms.keystores.external."
    print(*names, *[n for n in ("client", "tls", "wire", "signing") if external + n in sys.modules])
"""


def test_x71_a_world_without_external_key_stores_loads_nothing_of_them() -> None:
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""
