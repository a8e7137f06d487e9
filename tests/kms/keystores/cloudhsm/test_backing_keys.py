"""How KMS names the key material of its keys, in the HSMs and in CloudTrail's records (K6)."""

from __future__ import annotations

import hashlib

from moto_cks.kms.keystores.cloudhsm import backing_keys

ARN = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ID = hashlib.sha256(f"{ARN}/262152".encode()).hexdigest()
NAMED = f'"keyHandle":"262152","backingKeyId":"{ID}"'


def test_k6_the_names_of_key_material() -> None:
    assert backing_keys.backing_key_id(ARN, 262152) == ID
    assert backing_keys.as_cloudhsm_cli_shows_it("a1") == "0x6131"
    assert backing_keys.created(ARN, 262152) == f"{{{NAMED}}}"
    assert backing_keys.scheduled(ARN, 262152) == f"[{{{NAMED}}}]"
    for success, status in (True, "SUCCESS"), (False, "FAILURE"):
        assert backing_keys.deleted(ARN, 262152, success) == (
            f'[{{{NAMED},"deletionStatus":"{status}"}}]'
        )
