"""The AWS CLI, with the endpoint in its environment."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from moto_cks import Cks, KeyStore, XksProxy
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


def test_an_external_key_store_typed_into_a_shell(
    cks_xks_proxy: XksProxy, run: Run, tmp_path: Path
) -> None:
    """Each command, and each way to write a credential."""
    proxy = cks_xks_proxy

    def kms(command: str, *options: str) -> dict[str, Any]:
        done = run("aws", "kms", command, *options)
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout or "{}"))

    def credential() -> str:
        known = json.loads(proxy.configuration_file())["XksProxyAuthenticationCredential"]
        (tmp_path / "credential.json").write_text(json.dumps(known))
        return ",".join(f"{name}={value}" for name, value in known.items())

    shorthand = credential()
    create = [
        "create-custom-key-store",
        *("--custom-key-store-name", "shell", "--custom-key-store-type", "EXTERNAL_KEY_STORE"),
        *("--xks-proxy-connectivity", "PUBLIC_ENDPOINT"),
        # As an option, version 1 of the AWS CLI would fetch it: it does so with each URL.
        *("--cli-input-json", json.dumps({"XksProxyUriEndpoint": proxy.endpoint})),
        "--xks-proxy-uri-path",
    ]
    told = ["--xks-proxy-authentication-credential", shorthand]
    refused = run("aws", "kms", *create, "/wrong/kms/xks/v1", *told)
    assert refused.returncode in (254, 255)
    assert "(XksProxyInvalidConfigurationException)" in refused.stderr
    store = ["--custom-key-store-id", kms(*create, proxy.path, *told)["CustomKeyStoreId"]]
    kms("connect-custom-key-store", *store)

    of_the_proxy = ["--xks-key-id", next(iter(proxy.keys))]
    made = kms("create-key", "--origin", "EXTERNAL_KEY_STORE", *store, *of_the_proxy)
    key = ["--key-id", made["KeyMetadata"]["KeyId"]]
    assert made["KeyMetadata"]["XksKeyConfiguration"] == {"Id": of_the_proxy[1]}
    (tmp_path / "card").write_bytes(b"4111 1111")
    sealed = kms("encrypt", *key, "--plaintext", f"fileb://{tmp_path / 'card'}")
    (tmp_path / "sealed").write_bytes(base64.b64decode(sealed["CiphertextBlob"]))

    proxy.move("/moved")
    proxy.credentials.rotate()
    credential()
    kms(
        "update-custom-key-store",
        *store,
        *("--new-custom-key-store-name", "moved", "--xks-proxy-uri-path", proxy.path),
        *("--xks-proxy-authentication-credential", f"file://{tmp_path / 'credential.json'}"),
    )
    (described,) = kms("describe-custom-key-stores", *store)["CustomKeyStores"]
    assert described["CustomKeyStoreName"] == "moved"
    assert described["ConnectionState"] == "CONNECTED"
    assert described["XksProxyConfiguration"]["UriPath"] == proxy.path
    opened = kms("decrypt", "--ciphertext-blob", f"fileb://{tmp_path / 'sealed'}")
    assert base64.b64decode(opened["Plaintext"]) == b"4111 1111"

    kms("disconnect-custom-key-store", *store)
    kms("schedule-key-deletion", *key, "--pending-window-in-days", "7")
    refused = run("aws", "kms", "delete-custom-key-store", *store)
    assert "(CustomKeyStoreHasCMKsException)" in refused.stderr
