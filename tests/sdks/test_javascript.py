"""The AWS SDK for JavaScript v3, in Node.js."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from moto_cks import Cks, KeyStore
from tests.sdks.conftest import Run, program

NODE = Path(__file__).parents[2] / "examples" / "node"

SERVICE = """
import { DecryptCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
const kms = new KMSClient({ endpoint: process.env.AWS_ENDPOINT_URL });
const [KeyId, sealed] = process.argv.slice(2);
try {
  const answer = sealed
    ? await kms.send(new DecryptCommand({ CiphertextBlob: Buffer.from(sealed, "base64") }))
    : await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("4111 1111") }));
  const bytes = Buffer.from(answer.Plaintext ?? answer.CiphertextBlob);
  console.log(JSON.stringify({ answer: bytes.toString(sealed ? "utf8" : "base64") }));
} catch (error) {
  console.log(JSON.stringify({ error: error.name, status: error.$metadata.httpStatusCode }));
}
"""


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the SDK, the drill of the examples, and a service."""
    program("node")
    folder = tmp_path_factory.mktemp("node")
    for name in ("package.json", "drill.mjs"):
        shutil.copy(NODE / name, folder)
    (folder / "service.mjs").write_text(SERVICE)
    installed = subprocess.run(
        [program("npm"), "install", "--no-audit", "--no-fund", "--loglevel", "error"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    if installed.returncode:
        pytest.skip(f"npm install failed: {installed.stderr.strip()}")
    return folder


def test_the_drill_of_the_examples_on_a_key_store_of_the_test(
    cks: Cks, cks_key_store: KeyStore, run: Run, project: Path
) -> None:
    done = run("node", str(project / "drill.mjs"), cks_key_store.name)
    assert done.returncode == 0, done
    first, *_, last = done.stdout.splitlines()
    assert first == f"{cks_key_store.name} is {cks_key_store.id}: CONNECTED"
    assert last == "connected again, and decrypts"
    refused = cks.trail.events(event_name="Decrypt", error_code="KMSInvalidStateException")
    assert len(refused) == 1
    assert "aws-sdk-js/3" in refused[0]["userAgent"]


def test_a_service_meets_a_failure_and_goes_on_after_its_repair(
    cks: Cks, cks_key_store: KeyStore, run: Run, project: Path
) -> None:
    key_id = cks_key_store.create_key()

    def service(*arguments: str) -> dict[str, object]:
        done = run("node", str(project / "service.mjs"), key_id, *arguments)
        assert done.returncode == 0, done
        said: dict[str, object] = json.loads(done.stdout)
        return said

    sealed = str(service()["answer"])
    with cks.failures["user-locked-out"].happen(cks_key_store):
        assert service(sealed) == {"error": "KMSInvalidStateException", "status": 400}
    assert service(sealed) == {"answer": "4111 1111"}
