"""The AWS CLI, with the endpoint in its environment."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from moto_cks import Cks, KeyStore
from tests.sdks.conftest import Run


def test_a_runbook_typed_into_a_shell(cks_key_store: KeyStore, run: Run, tmp_path: Path) -> None:
    key_id = cks_key_store.create_key()
    (tmp_path / "card").write_bytes(b"4111 1111")
    encrypt = ["kms", "encrypt", "--key-id", key_id, "--plaintext", f"fileb://{tmp_path / 'card'}"]
    sealed = json.loads(run("aws", *encrypt).stdout)["CiphertextBlob"]
    (tmp_path / "sealed").write_bytes(base64.b64decode(sealed))
    decrypt = ["kms", "decrypt", "--ciphertext-blob", f"fileb://{tmp_path / 'sealed'}"]
    store = ["--custom-key-store-id", cks_key_store.id]

    assert run("aws", "kms", "disconnect-custom-key-store", *store).returncode == 0
    refused = run("aws", *decrypt)
    assert refused.returncode in (254, 255)
    assert "(KMSInvalidStateException)" in refused.stderr
    assert "is unavailable." in refused.stderr

    assert run("aws", "kms", "connect-custom-key-store", *store).returncode == 0
    opened = json.loads(run("aws", *decrypt).stdout)
    assert base64.b64decode(opened["Plaintext"]) == b"4111 1111"


def test_what_the_test_brings_about_is_what_the_shell_sees(
    cks: Cks, cks_key_store: KeyStore, run: Run
) -> None:
    def seen() -> tuple[str, str | None]:
        shown = json.loads(run("aws", "kms", "describe-custom-key-stores").stdout)
        (store,) = shown["CustomKeyStores"]
        return store["ConnectionState"], store.get("ConnectionErrorCode")

    with cks.failures["invalid-credentials"].happen(cks_key_store):
        assert seen() == ("FAILED", "INVALID_CREDENTIALS")
    assert seen() == ("CONNECTED", None)
