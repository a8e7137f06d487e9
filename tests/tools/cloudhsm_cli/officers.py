"""Officers who approve what one of them does, as the guide shows it with openssl."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils

from moto_cks.tools.cloudhsm_cli import CloudHsmCli
from tests.tools.cloudhsm_cli.world import data


@functools.cache
def _key_of(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


class Officer:
    """An admin with a signing key."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.key = _key_of(name)

    @property
    def public_key(self) -> str:
        return (
            self.key.public_key()
            .public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            .decode()
        )

    def sign(self, token: str) -> str:
        """As ``openssl pkeyutl -sign -pkeyopt digest:sha256`` and ``base64`` do it."""
        digest = base64.b64decode(token)
        signed = self.key.sign(digest, padding.PKCS1v15(), utils.Prehashed(hashes.SHA256()))
        return base64.b64encode(signed).decode()


def register(cli: CloudHsmCli, officer: Officer, folder: Path) -> Any:
    """Register the key of the officer who is logged in, as documented."""
    token, key = folder / "registration.token", folder / f"{officer.name}.pub"
    data(cli, f"quorum token-sign generate --service registration --token {token}")
    file = json.loads(token.read_text())
    assert list(file) == ["version", "tokens"]
    (one,) = file["tokens"]
    assert (file["version"], one["signed"]) == ("2.0", "")
    raw = base64.b64decode(one["approval_data"])
    assert base64.b64decode(one["unsigned"]) == hashlib.sha256(raw).digest()
    one["signed"] = officer.sign(one["unsigned"])
    token.write_text(json.dumps(file))
    key.write_text(officer.public_key)
    return data(
        cli, f"user change-quorum token-sign register --public-key {key} --signed-token {token}"
    )


def ask(cli: CloudHsmCli, path: Path, service: str = "user") -> dict[str, Any]:
    """Have a token made; gives what is in the file."""
    command = f"quorum token-sign generate --service {service} --token {path}"
    assert data(cli, command) == {"path": str(path)}
    file: dict[str, Any] = json.loads(path.read_text())
    return file


def signed(file: dict[str, Any], path: Path, *officers: Officer) -> str:
    """Put signatures into a token file; gives the option that names it."""
    file["signatures"] = [
        {"username": officer.name, "role": "admin", "signature": officer.sign(file["token"])}
        for officer in officers
    ]
    path.write_text(json.dumps(file))
    return f"--approval {path}"
