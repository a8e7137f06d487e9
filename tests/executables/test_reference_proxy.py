"""AWS's reference proxy for external key stores, behind ``cks.route_xks``.

All other proxies that KMS meets here were written from the same pages as this KMS. This one is
AWS's, in Rust, and the only independent opinion on what KMS sends and makes of answers. It is no
part of this repository: who has built it, as its README says, names the executable in
MOTO_CKS_XKS_REFERENCE_PROXY. Its keys are in a PKCS #11 library, here SoftHSM, which is Debian's
package softhsm2.
"""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.request import urlopen

import pytest

from moto_cks.kms.keystores.external import client as kms_as_client
from moto_cks.kms.keystores.external.authorities import authorities
from moto_cks.xks_proxy.certificates import Authority, Subject
from tests.aws import OTHER_REGION, client, error_of
from tests.kms.keystores.external import TEXT, creation
from tests.kms.keystores.external.scripted import PATIENCE

PAGE = "https://github.com/aws-samples/aws-kms-xks-proxy"
VERSION = "3.1.2"
WHERE = "MOTO_CKS_XKS_REFERENCE_PROXY"
LIBRARY = "PKCS11_HSM_MODULE"
"""The proxy's own variable for the path of the PKCS #11 library."""
LIBRARIES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)

HOST = "xks.example.com"
PREFIX = "/example/uri/path/prefix"
ID, SECRET = "BETWEEN2TENAND3TENCHARACTERS", "PleaseReplaceThisWithSomeSecretOfLength43To64"
PIN = "1234"
KEYS = ("foo", "bar")
LOST = "lost"
"""A key that the proxy lets KMS use, and the token does not have."""
METADATA = b"of version 1"

SETTINGS = """\
[server]
ip = "127.0.0.1"
port = {port}
port_http_ping = {port}
region = "us-east-1"
service = "kms-xks-proxy"
{metadata}

[server.tcp_keepalive]
tcp_keepalive_secs = 60
tcp_keepalive_retries = 3
tcp_keepalive_interval_secs = 1

[tracing]
is_stdout_writer_enabled = true
is_file_writer_enabled = false
level = "INFO"

[security]
is_sigv4_auth_enabled = true
is_tls_enabled = {tls}
is_mtls_enabled = {mtls}

[tls]
tls_cert_pem = "chain.pem"
tls_key_pem = "key.pem"
mtls_client_ca_pem = "clients.pem"
mtls_client_dns_name = "cks.kms.us-east-1.amazonaws.com"

[[external_key_stores]]
uri_path_prefix = "{prefix}"
sigv4_access_key_id = "{access_key_id}"
sigv4_secret_access_key = "{secret_access_key}"
xks_key_id_set = ["foo", "bar", "lost"]

[pkcs11]
session_pool_max_size = 30
session_pool_timeout_milli = 0
session_eager_close = false
user_pin = "{pin}"
PKCS11_HSM_MODULE = "{library}"
context_read_timeout_milli = 1000

[limits]
max_plaintext_in_base64 = 8192
max_aad_in_base64 = 16384

[hsm_capabilities]
can_generate_iv = false
is_zero_iv_required = false
"""
"""What its page has for SoftHSM, on a loopback address."""


# SoftHSM and the proxy ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def executable() -> str:
    """The path of the proxy."""
    where = os.environ.get(WHERE)
    if not where:
        pytest.skip(
            f"{WHERE} names no executable of AWS's reference proxy, which comes as source: {PAGE}"
        )
    found = shutil.which(where)
    if found is None:
        pytest.skip(f"{WHERE} is {where}, which is no executable")
    return str(Path(found).resolve())


@pytest.fixture(scope="module")
def library() -> str:
    """The path of SoftHSM."""
    if shutil.which("softhsm2-util") is None:
        pytest.skip("AWS's reference proxy needs a PKCS #11 library: there is no softhsm2-util")
    for path in (os.environ.get(LIBRARY), *LIBRARIES):
        if path and Path(path).exists():
            return path
    pytest.skip(f"There is softhsm2-util, but no libsofthsm2.so; {LIBRARY} can say where it lies")


@pytest.fixture(scope="module")
def token(library: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A token of SoftHSM with the keys; what the environment has to say of it."""
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    environment = {**os.environ, "SOFTHSM2_CONF": str(folder / "softhsm2.conf"), LIBRARY: library}

    def softhsm(*options: str) -> None:
        command = ["softhsm2-util", "--module", library, *options, "--pin", PIN]
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)

    softhsm("--init-token", "--free", "--label", "xks-proxy", "--so-pin", PIN)
    for number, key in enumerate(KEYS):
        (folder / key).write_bytes(secrets.token_bytes(32))
        named = ("--label", key, "--id", f"F{number}")
        softhsm("--import", str(folder / key), "--aes", "--token", "xks-proxy", *named)
    return environment


class Reference:
    """The reference proxy, as a process of its own.

    Attributes:
        endpoint, path, credential: what a key store is told of it.
        port: where it listens, on 127.0.0.1.
        log: what it has written.
    """

    endpoint = f"https://{HOST}"
    path = f"{PREFIX}/kms/xks/v1"
    credential = SimpleNamespace(access_key_id=ID, secret_access_key=SECRET)

    def __init__(self, executable: str, token: dict[str, str], folder: Path) -> None:
        self._executable, self._environment, self._folder = executable, token, folder
        self._process: subprocess.Popen[bytes] | None = None
        self._log = folder / "log"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        authority = Authority("Of the reference proxy")
        issued = authority.issue(Subject(HOST, (HOST,)))
        self.ca = authority.certificate
        for name, text in (("chain", issued.chain), ("key", issued.key), ("clients", self.ca)):
            (folder / f"{name}.pem").write_text(text)

    @property
    def log(self) -> str:
        return self._log.read_text()

    def start(self, *, clients: str = "", metadata: bytes = b"", **others: str) -> None:
        """Start it.

        Args:
            clients: the CA that has to vouch for clients, PEM; empty to ask for no certificate.
            metadata: the ciphertext metadata that it adds.
            others: what is to be another thing in the settings.
        """
        if clients:
            (self._folder / "clients.pem").write_text(clients)
        encoded = base64.b64encode(metadata).decode()
        values = {
            "port": str(self.port),
            "prefix": PREFIX,
            "access_key_id": ID,
            "secret_access_key": SECRET,
            "pin": PIN,
            "library": self._environment[LIBRARY],
            "metadata": f'ciphertext_metadata_b64 = "{encoded}"' if encoded else "",
            "tls": "true",
            "mtls": "true" if clients else "false",
        }
        (self._folder / "settings.toml").write_text(SETTINGS.format_map({**values, **others}))
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._executable],
                cwd=self._folder,
                env={**self._environment, "XKS_PROXY_SETTINGS_TOML": "settings.toml"},
                stdout=log,
                stderr=log,
            )
        give_up = time.monotonic() + PATIENCE
        while not self._listens():
            assert self._process.poll() is None, self.log
            assert time.monotonic() < give_up, self.log
            time.sleep(0.01)

    def _listens(self) -> bool:
        with suppress(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", self.port)).close()
            return True
        return False

    def stop(self) -> None:
        """Stop it, if it runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture
def stopped(executable: str, token: dict[str, str], tmp_path: Path) -> Iterator[Reference]:
    """The proxy, which a test starts."""
    proxy = Reference(executable, token, tmp_path)
    try:
        yield proxy
    finally:
        proxy.stop()


@pytest.fixture
def route(world: Any, stopped: Reference, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """KMS's way to it. How long KMS waits is no question here, where the machine may be busy."""
    monkeypatch.setattr(kms_as_client, "SECONDS", PATIENCE)
    with world.route_xks(stopped.endpoint, to=f"127.0.0.1:{stopped.port}", ca=stopped.ca):
        yield


@pytest.fixture
def reference(stopped: Reference, route: None) -> Reference:
    """The proxy, which KMS reaches."""
    stopped.start()
    return stopped


def asked(reference: Any) -> dict[str, Any]:
    """The parameters of a CreateCustomKeyStore over it."""
    return creation(reference)


class Store:
    """A connected key store of it, with a KMS key."""

    def __init__(self, reference: Reference) -> None:
        self.kms = client("kms")
        self.id = self.kms.create_custom_key_store(**asked(reference))["CustomKeyStoreId"]
        assert self.connect() == ("CONNECTED", None)
        self.key_id = self.create_key("foo")

    def connect(self) -> tuple[str, str | None]:
        self.kms.connect_custom_key_store(CustomKeyStoreId=self.id)
        answer = self.kms.describe_custom_key_stores(CustomKeyStoreId=self.id)
        (store,) = answer["CustomKeyStores"]
        return store["ConnectionState"], store.get("ConnectionErrorCode")

    def reconnect(self) -> tuple[str, str | None]:
        self.kms.disconnect_custom_key_store(CustomKeyStoreId=self.id)
        return self.connect()

    def create_key(self, external: str) -> str:
        answer = self.kms.create_key(
            Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=self.id, XksKeyId=external
        )
        return str(answer["KeyMetadata"]["KeyId"])

    def encrypt(self) -> bytes:
        answer = self.kms.encrypt(KeyId=self.key_id, Plaintext=TEXT)
        return bytes(answer["CiphertextBlob"])

    def decrypt(self, blob: bytes, **parameters: Any) -> bytes:
        return bytes(self.kms.decrypt(CiphertextBlob=blob, **parameters)["Plaintext"])

    def why_not(self, call: Callable[..., Any], **parameters: Any) -> str:
        code, message = error_of(call, **parameters)
        assert code == "KMSInvalidStateException"
        return message


# What KMS does with it ----------------------------------------------------------------------------


def test_it_is_the_version_that_these_tests_know(stopped: Reference) -> None:
    stopped.start(tls="false")
    with urlopen(f"http://127.0.0.1:{stopped.port}/ping", timeout=PATIENCE) as answer:
        assert answer.read().decode().startswith(f"pong from xks-proxy v{VERSION}-")


@pytest.mark.parametrize("size", [1, 16, 4096])
@pytest.mark.parametrize("context", [{}, {"a": "b"}, {"tenant": "ä" * 1000}], ids=len)
def test_x39_x40_1_x34_encrypt_and_decrypt(
    reference: Reference, size: int, context: dict[str, str]
) -> None:
    store, text = Store(reference), secrets.token_bytes(size)
    sealed = store.kms.encrypt(KeyId=store.key_id, Plaintext=text, EncryptionContext=context)
    blob = sealed["CiphertextBlob"]
    assert store.decrypt(blob, EncryptionContext=context) == text


def test_x35_it_computes_the_integrity_value_of_data_keys(reference: Reference) -> None:
    store = Store(reference)
    for named in ({"KeySpec": "AES_256"}, {"NumberOfBytes": 1024}):
        made = store.kms.generate_data_key(KeyId=store.key_id, **named)
        assert store.decrypt(made["CiphertextBlob"]) == made["Plaintext"]
        alone = store.kms.generate_data_key_without_plaintext(KeyId=store.key_id, **named)
        assert len(store.decrypt(alone["CiphertextBlob"])) == len(made["Plaintext"])


def test_x34_re_encrypt(reference: Reference) -> None:
    store = Store(reference)
    ordinary = store.kms.create_key()["KeyMetadata"]["KeyId"]
    blob = store.encrypt()
    for destination in (store.create_key("bar"), ordinary, store.key_id, store.key_id):
        moved = store.kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=destination)
        blob = moved["CiphertextBlob"]
    assert store.decrypt(blob) == TEXT


@pytest.mark.parametrize("own", [b"", METADATA, bytes(20)], ids=["none", "some", "most"])
def test_x31_its_ciphertext_metadata_comes_back_to_it(
    stopped: Reference, route: None, own: bytes
) -> None:
    stopped.start(metadata=own)
    store = Store(stopped)
    made = store.kms.generate_data_key(KeyId=store.key_id, KeySpec="AES_128")
    stopped.stop()
    stopped.start()  # what it has encrypted says with which metadata
    assert store.decrypt(made["CiphertextBlob"]) == made["Plaintext"]


def test_x40_4_its_log_has_the_request_id(reference: Reference) -> None:
    store = Store(reference)
    answer = store.kms.encrypt(KeyId=store.key_id, Plaintext=TEXT)
    assert answer["ResponseMetadata"]["RequestId"] in reference.log


def test_x42_it_takes_kms_for_what_its_certificate_says(stopped: Reference, route: None) -> None:
    """It looks at the alternative names, as rustls does, and at no common name."""
    stopped.start(clients=authorities().amazon.certificate)
    store = Store(stopped)
    assert store.decrypt(store.encrypt()) == TEXT


# What it refuses ----------------------------------------------------------------------------------

OTHER_ID, OTHER_SECRET, OTHER_PREFIX = ID[::-1], SECRET[::-1], "/another/uri/path/prefix"
REFUSED = "XksProxyIncorrectAuthenticationCredentialException"

WRONG: dict[str, tuple[dict[str, Any], dict[str, str], str, str]] = {
    "access key ID": (
        {
            "XksProxyAuthenticationCredential": {
                "AccessKeyId": OTHER_ID,
                "RawSecretAccessKey": SECRET,
            }
        },
        {"access_key_id": OTHER_ID},
        REFUSED,
        "INVALID_CREDENTIALS",
    ),
    "secret": (
        {
            "XksProxyAuthenticationCredential": {
                "AccessKeyId": ID,
                "RawSecretAccessKey": OTHER_SECRET,
            }
        },
        {"secret_access_key": OTHER_SECRET},
        REFUSED,
        "INVALID_CREDENTIALS",
    ),
    "path": (
        {"XksProxyUriPath": f"{OTHER_PREFIX}/kms/xks/v1"},
        {"prefix": OTHER_PREFIX},
        "XksProxyInvalidConfigurationException",
        "XKS_PROXY_INVALID_CONFIGURATION",
    ),
}
"""What KMS is told, or the proxy in its settings, and what comes of it."""


@pytest.mark.parametrize("what", WRONG)
def test_x46_what_kms_is_told_wrong(reference: Reference, what: str) -> None:
    told, _, expected, _ = WRONG[what]
    kms = client("kms")
    assert error_of(kms.create_custom_key_store, **{**asked(reference), **told})[0] == expected
    store = Store(reference)
    update = {"CustomKeyStoreId": store.id, **told}
    assert error_of(kms.update_custom_key_store, **update)[0] == expected
    assert store.decrypt(store.encrypt()) == TEXT


@pytest.mark.parametrize("what", WRONG)
def test_x17_what_the_proxy_has_another_of(reference: Reference, what: str) -> None:
    told, changed, _, code = WRONG[what]
    store = Store(reference)
    blob = store.encrypt()
    reference.stop()
    reference.start(**changed)
    assert store.reconnect() == ("FAILED", code)
    store.kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    store.kms.update_custom_key_store(CustomKeyStoreId=store.id, **told)
    assert store.connect() == ("CONNECTED", None)
    assert store.decrypt(blob) == TEXT


def test_x40_1_its_region_is_one_that_kms_signs_for(reference: Reference) -> None:
    elsewhere = client("kms", OTHER_REGION)
    assert error_of(elsewhere.create_custom_key_store, **asked(reference))[0] == REFUSED


@pytest.mark.parametrize("external", ["unheard-of", LOST])
def test_x46_an_external_key_that_there_is_not(reference: Reference, external: str) -> None:
    store = Store(reference)
    assert error_of(store.create_key, external=external)[0] == "XksKeyNotFoundException"
    assert store.decrypt(store.encrypt()) == TEXT


def test_x36_x46_what_was_changed(reference: Reference) -> None:
    store = Store(reference)
    blob = store.encrypt()
    changed = blob[:-1] + bytes([blob[-1] ^ 1])
    message = "ciphertext or additional authenticated data is corrupted"
    assert message in store.why_not(store.decrypt, blob=changed)
    assert message in store.why_not(store.decrypt, blob=blob, EncryptionContext={"not": "this"})
    assert store.decrypt(blob) == TEXT


def test_x46_its_key_manager_does_not_let_it_in(stopped: Reference, route: None) -> None:
    stopped.start()
    store = Store(stopped)
    stopped.stop()
    stopped.start(pin="4321")
    assert store.reconnect() == ("CONNECTED", None)  # for its health it needs not log in
    assert "cannot communicate with the external key manager" in store.why_not(store.encrypt)
    assert error_of(store.create_key, external="bar")[0] == "CustomKeyStoreInvalidStateException"


def test_x46_x17_it_is_stopped(reference: Reference) -> None:
    store = Store(reference)
    blob = store.encrypt()
    reference.stop()
    message = "cannot communicate with the external key store proxy"
    assert message in store.why_not(store.decrypt, blob=blob)
    assert store.reconnect() == ("FAILED", "XKS_PROXY_NOT_REACHABLE")
    reference.start()
    assert store.reconnect() == ("CONNECTED", None)
    assert store.decrypt(blob) == TEXT
