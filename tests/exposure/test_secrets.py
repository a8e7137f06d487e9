"""P7: no password and no key material shows anywhere.

A world with recognisable secrets is built, broken and mended once; then each place where something
could show is searched.
"""

from __future__ import annotations

import base64
import contextlib
import datetime
import json
import logging
import re
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.cloudhsmv2.models import cloudhsmv2_backends
from moto.core.model_instances import model_data
from moto.kms.models import kms_backends

from moto_cks import HsmError, KeyStore, cks, mock_cks
from tests.aws import REGION, session

MARK = "Tr0ub4"
ADMIN = "adminTr0ub41"
PASSWORD = "kmsuserTr0ub41"
SECOND_PASSWORD = "changedTr0ub42"
WRONG_PASSWORD = "wrongTr0ub43"
OTHER_PASSWORD = "otherTr0ub44"
PLAINTEXT = b"the plaintext is a Tr0ub4"
CONTEXT = {"department": "finance"}

MARKS = (MARK, base64.b64encode(PLAINTEXT).decode(), PLAINTEXT.hex())
ROTATED = re.compile(r"(?<![0-9A-Za-z/+-])[0-9A-Za-z]{32}(?![0-9A-Za-z/+-])")
"""What a password looks like that KMS has set: nothing else here has that form."""


@dataclass
class Evidence:
    """What has been seen of the world from outside."""

    store: KeyStore
    responses: list[tuple[str, str]] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    handles: list[object] = field(default_factory=list)

    @contextlib.contextmanager
    def refused(self) -> Iterator[None]:
        with pytest.raises((ClientError, HsmError)) as caught:
            yield
        self.errors.append(caught.value)

    def client(self, service: str) -> Any:
        made = session().client(service, REGION, config=Config(parameter_validation=False))
        made.meta.events.register("after-call", self._note)
        return made

    def _note(self, http_response: Any, model: Any, **_: Any) -> None:
        self.responses.append((model.name, http_response.text))


class Notes(logging.Handler):
    """Keeps what is logged."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._messages = messages

    def emit(self, record: logging.LogRecord) -> None:
        self._messages.append(f"{record.getMessage()} {record.args} {vars(record)}")


@contextlib.contextmanager
def log_records(*names: str) -> Iterator[list[str]]:
    messages: list[str] = []
    handler = Notes(messages)
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    try:
        yield messages
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)


@pytest.fixture(scope="module")
def evidence() -> Iterator[Evidence]:
    with mock_cks(), log_records("moto_cks", "moto", "responses") as logs:
        store = cks.create_key_store(connect=False, kmsuser_password=PASSWORD)
        found = Evidence(store, logs=logs)
        live(found, store)
        yield found


def live(found: Evidence, store: KeyStore) -> None:
    """Do all that has to do with passwords and keys, right and wrong."""
    kms, hsm = found.client("kms"), found.client("cloudhsmv2")
    it = {"CustomKeyStoreId": store.id}
    cluster = store.cluster
    cluster.change_password("CO", "admin", ADMIN)
    cluster.create_user("CU", "user2", OTHER_PASSWORD)

    # Passwords that are refused.
    for password in (MARK, f"not alphanumeric {MARK}!", MARK * 6):
        with found.refused():
            kms.update_custom_key_store(**it, KeyStorePassword=password)
        with found.refused():
            kms.create_custom_key_store(
                CustomKeyStoreName="x" * 300,
                CloudHsmClusterId=cluster.id,
                TrustAnchorCertificate=cluster.trust_anchor,
                KeyStorePassword=password,
            )
        with found.refused():
            cluster.create_user("CU", "user3", password.ljust(40))
    for password in ([WRONG_PASSWORD], {"a": WRONG_PASSWORD}, 7):
        answer = raw("UpdateCustomKeyStore", **it, KeyStorePassword=password)
        found.responses.append(("UpdateCustomKeyStore", answer.text))
        assert answer.status_code == 400
    with found.refused():
        cluster.login("CU", "kmsuser", WRONG_PASSWORD)
    found.handles.append(cluster.login("CU", "user2", OTHER_PASSWORD))

    # A wrong password, then the right one.
    kms.update_custom_key_store(**it, KeyStorePassword=WRONG_PASSWORD)
    kms.connect_custom_key_store(**it)
    kms.describe_custom_key_stores(**it)
    kms.disconnect_custom_key_store(**it)
    cluster.change_password("CU", "kmsuser", SECOND_PASSWORD)
    kms.update_custom_key_store(**it, KeyStorePassword=SECOND_PASSWORD)
    kms.connect_custom_key_store(**it)
    with found.refused():
        kms.update_custom_key_store(**it, KeyStorePassword=OTHER_PASSWORD)
    with found.refused():
        cluster.change_password("CU", "kmsuser", OTHER_PASSWORD)

    # Keys.
    key_id = kms.create_key(Origin="AWS_CLOUDHSM", **it)["KeyMetadata"]["KeyId"]
    sealed = kms.encrypt(KeyId=key_id, Plaintext=PLAINTEXT, EncryptionContext=CONTEXT)
    blob = {"CiphertextBlob": sealed["CiphertextBlob"]}
    assert kms.decrypt(**blob, EncryptionContext=CONTEXT)["Plaintext"] == PLAINTEXT
    kms.generate_data_key_without_plaintext(KeyId=key_id, KeySpec="AES_256")
    kms.re_encrypt(**blob, SourceEncryptionContext=CONTEXT, DestinationKeyId=key_id)
    with found.refused():
        kms.decrypt(**blob)
    with found.refused():
        kms.encrypt(KeyId=key_id, Plaintext=PLAINTEXT * 1000)
    with found.refused():
        kms.encrypt(KeyId="alias/unknown", Plaintext=PLAINTEXT)
    with found.refused():
        kms.encrypt(KeyId=key_id, Plaintext=PLAINTEXT, EncryptionContext=CONTEXT, DryRun=True)
    kms.describe_key(KeyId=key_id)
    kms.describe_custom_key_stores()
    hsm.describe_clusters()
    hsm.create_hsm(ClusterId=cluster.id, AvailabilityZone="us-east-1c")
    hsm.describe_backups()

    # A second cluster, from a backup; what is lost.
    backup_id = hsm.describe_backups()["Backups"][0]["BackupId"]
    second = hsm.create_cluster(
        HsmType="hsm2m.medium", Mode="FIPS", SubnetIds=cluster.subnet_ids, SourceBackupId=backup_id
    )["Cluster"]["ClusterId"]
    hsm.create_hsm(ClusterId=second, AvailabilityZone="us-east-1a")
    found.handles += [cks, cluster, store, cks.cluster(second), *cluster.hsms]
    found.handles += [item for one in cluster.hsms for item in (*one.users, *one.keys)]
    (key,) = cluster.hsms[0].keys
    lost = kms.create_key(Origin="AWS_CLOUDHSM", **it)["KeyMetadata"]["KeyId"]
    cluster.delete_key(cluster.hsms[0].keys[-1].handle)
    with found.refused():
        kms.encrypt(KeyId=lost, Plaintext=PLAINTEXT)
    assert cluster.hsms[0].keys == (key,)


def raw(operation: str, **parameters: Any) -> requests.Response:
    """A call that boto3 would not let through."""
    return requests.post(
        "https://kms.us-east-1.amazonaws.com/",
        json=parameters,
        headers={"X-Amz-Target": f"TrentService.{operation}"},
    )


def assert_clean(text: str) -> None:
    assert [mark for mark in MARKS if mark in text] == [], text
    assert ROTATED.findall(text) == [], text


def test_the_search_finds_what_it_searches_for() -> None:
    for text in (PASSWORD, repr(PLAINTEXT), MARKS[1], "password=" + "a1" * 16):
        with pytest.raises(AssertionError):
            assert_clean(f"something {text} something")


def test_p7_responses(evidence: Evidence) -> None:
    names = {name for name, _ in evidence.responses}
    assert {
        "Decrypt",
        "DescribeCustomKeyStores",
        "UpdateCustomKeyStore",
        "DescribeBackups",
    } <= names
    for name, text in evidence.responses:
        answer = json.loads(text or "{}")
        answer.pop("CiphertextBlob", None)
        answer.pop("TrustAnchorCertificate", None)
        if name == "Decrypt" and "Plaintext" in answer:
            assert base64.b64decode(answer.pop("Plaintext")) == PLAINTEXT  # to who asked for it
        assert_clean(json.dumps(without_certificates(answer)))


def without_certificates(item: Any) -> Any:
    """Drop PEM texts, in which anything may stand by chance."""
    if isinstance(item, dict):
        return {name: without_certificates(value) for name, value in item.items()}
    if isinstance(item, list):
        return [without_certificates(value) for value in item]
    if isinstance(item, str) and item.startswith("-----BEGIN CERT"):
        assert "PRIVATE" not in item
        return "PEM"
    return item


def test_p7_exceptions(evidence: Evidence) -> None:
    assert len({type(error) for error in evidence.errors}) > 5
    for error in evidence.errors:
        seen: BaseException | None = error
        while seen is not None:
            response = getattr(seen, "response", {})
            assert_clean(f"{seen!s} {seen!r} {seen.args} {without_certificates(response)}")
            seen = seen.__context__


def test_p7_log_records(evidence: Evidence) -> None:
    logging.getLogger("moto_cks.some.module").debug("a record")
    assert any("a record" in record for record in evidence.logs)
    for record in evidence.logs:
        assert_clean(record)


def test_p7_dashboard(evidence: Evidence) -> None:
    answer = requests.get("http://motoapi.amazonaws.com/moto-api/data.json")
    data = answer.json()
    assert data["kms"]["CloudHsmKeyStore"]
    assert data["cloudhsmv2"]["CloudHsmBackup"]
    ours = {service: data[service] for service in ("kms", "cloudhsmv2")}
    assert_clean(json.dumps(without_certificates(ours)))
    assert [mark for mark in MARKS if mark in answer.text] == []


def test_p7_handles(evidence: Evidence) -> None:
    assert len(evidence.handles) > 10
    for item in evidence.handles:
        assert_clean(f"{item!r} {item!s}")


# Everything that can be reached by public names -------------------------------------------------

PLAIN = (str, bytes, int, float, bool, type(None), datetime.datetime, datetime.timedelta)


def reachable(roots: list[object]) -> Iterator[object]:
    """Each object that public attributes and containers lead to."""
    seen: dict[int, object] = {}  # the objects too: an id is that of a living object
    queue = list(roots)
    while queue:
        item = queue.pop()
        if id(item) in seen:
            continue
        seen[id(item)] = item
        yield item
        if isinstance(item, dict):
            queue += [*item.keys(), *item.values()]
        elif isinstance(item, (list, tuple, set, frozenset, types.GeneratorType)):
            queue += list(item)
        elif type(item).__module__.startswith(("moto", "moto_cks")):
            queue += public_values(item)


def public_values(item: object) -> Iterator[object]:
    for name in dir(item):
        if not name.startswith("_"):
            with contextlib.suppress(Exception):
                value = getattr(item, name)
                if not callable(value):
                    yield value


def test_p7_nothing_that_can_be_reached(evidence: Evidence) -> None:
    roots: list[object] = [
        backend
        for backends in (kms_backends, cloudhsmv2_backends)
        for _, _, backend in backends.iter_backends()
    ]
    # What the dashboard shows: every living object of these two services.
    models = (model for service in ("kms", "cloudhsmv2") for model in model_data[service].values())
    roots += [instance for model in models for instance in model.instances_tracked]  # type: ignore[attr-defined]
    kinds: set[str] = set()
    for item in reachable(roots):
        kinds.add(type(item).__name__)
        # Key material is bytes, and so is a salt or a digest; a ciphertext is stored nowhere.
        assert not isinstance(item, (bytes, bytearray)), item
        if isinstance(item, str):
            assert_clean(str(without_certificates(item)))
        elif not isinstance(item, (dict, list, tuple, set, frozenset)):
            assert_clean(f"{item!r} {item!s}")
    reached = {"CustomKeyStoreKey", "CloudHsmKeyStore", "CloudHsmCluster", "LoggingHsm", "User"}
    assert reached | {"KeyObject", "CloudHsmBackup", "Certificates", "LogEntry"} <= kinds
