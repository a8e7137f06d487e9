"""In whose name a proxy is asked where no request asks (X40)."""

from __future__ import annotations

import re
from typing import Any

from moto.kms.models import kms_backends

from moto_cks.kms.keystores.external import metadata
from moto_cks.kms.keystores.external.metadata import ExternalKey
from tests.kms.keystores.external import Owner

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


def test_x40_what_kms_asks_of_its_own_accord(world: Any) -> None:
    assert metadata.of_health_check("ConnectCustomKeyStore", "1") == {
        "kmsRequestId": "1",
        "kmsOperation": "ConnectCustomKeyStore",
    }
    found = metadata.of_request("CreateKey")
    assert found == {
        "awsPrincipalArn": "AWS Internal",
        "kmsOperation": "CreateKey",
        "kmsRequestId": found["kmsRequestId"],
    }
    assert UUID.fullmatch(found["kmsRequestId"])
    assert metadata.of_request("CreateKey")["kmsRequestId"] != found["kmsRequestId"]


def test_x40_encrypting_where_no_request_does(owner: Owner) -> None:
    """As another service of moto's does, by way of the backend."""
    of_kms: Any = kms_backends["123456789012"]["us-east-1"]
    (store,) = of_kms.key_stores
    key = ExternalKey("external-key-1", owner.key_arn)
    assert store.decrypt(key, store.encrypt(key, b"abc", b"data"), b"data") == b"abc"
    encrypted, decrypted = (entry.metadata for entry in list(owner.proxy.log)[-2:])
    for asked, operation in (encrypted, "Encrypt"), (decrypted, "Decrypt"):
        assert asked == {
            "awsPrincipalArn": "AWS Internal",
            "kmsOperation": operation,
            "kmsRequestId": asked["kmsRequestId"],
            "kmsKeyArn": owner.key_arn,
        }
        assert UUID.fullmatch(asked["kmsRequestId"])
