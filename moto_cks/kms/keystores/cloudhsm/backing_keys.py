"""How KMS names the key material of its keys in a cluster: by key handle and by backing key ID.

The backing key ID is the CKA_ID that KMS gives the AES key. An HSM holds it as text, so CloudHSM
CLI shows it as ``0x`` and the hexadecimal form of its characters. See "Find the KMS key for an AWS
CloudHSM key" in the AWS KMS Developer Guide:
https://docs.aws.amazon.com/kms/latest/developerguide/find-label-for-key-handle.html
"""

from __future__ import annotations

import hashlib
import json
from typing import Any


def backing_key_id(key_arn: str, handle: int) -> str:
    """The backing key ID: 64 hexadecimal digits, which no other key material has.

    Args:
        key_arn: the ARN of the KMS key.
        handle: the key handle of the material, which no other one in related clusters has.
    """
    return hashlib.sha256(f"{key_arn}/{handle}".encode()).hexdigest()


def as_cloudhsm_cli_shows_it(key_id: str) -> str:
    """The value of its attribute ``id``: 0x, and what ``xxd -p`` makes of the backing key ID."""
    return f"0x{key_id.encode().hex()}"


def created(key_arn: str, handle: int) -> str:
    """``backingKey`` of CreateKey."""
    return _json(_named(key_arn, handle))


def scheduled(key_arn: str, handle: int) -> str:
    """``backingKeys`` of ScheduleKeyDeletion and DeleteKey."""
    return _json([_named(key_arn, handle)])


def deleted(key_arn: str, handle: int, success: bool) -> str:
    """``backingKeysDeletionStatus`` of DeleteKey."""
    status = "SUCCESS" if success else "FAILURE"
    return _json([{**_named(key_arn, handle), "deletionStatus": status}])


def _named(key_arn: str, handle: int) -> dict[str, str]:
    # Today's records have no keyHandle any more; runbooks read it.
    return {"keyHandle": str(handle), "backingKeyId": backing_key_id(key_arn, handle)}


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
