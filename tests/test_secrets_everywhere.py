"""P7: no password and no key material in anything that leaves the mock, whatever is called.

Everything in one world is watched: a trail with digest files and a topic, a rule for all events,
a logger that hears all. Each operation of KMS and AWS CloudHSM is called there with secrets in all
the places where the service model has them, rightly and wrongly. Then all that was seen is searched
for each secret in each form in which it could have been written down.

test_secrets.py looks at a small world more closely: there nothing may even look like a secret.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import io
import json
import logging
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from freezegun import freeze_time
from moto.cloudhsmv2.models import cloudhsmv2_backends
from moto.core.utils import get_service_model
from moto.kms.models import kms_backends

from moto_cks import Cks, HsmError, KeyStore, mock_cks

REGION = "us-east-1"
NOON = datetime(2026, 3, 4, 12, 1, tzinfo=timezone.utc)
DAY = timedelta(days=1)

KMSUSER = "kmsuserPassw0rd1"
ADMIN = "adminPassw0rd2"
OTHER = "userPassw0rd3"
WRONG = "wrongPassw0rd4"
REFUSED = ("not alphanumeric Passw0rd5!", "tooLongAPasswordPassw0rd6" * 2)
PLAINTEXT = b"a plaintext that nobody sees: \xfe\xff"
MESSAGE = b"a message that nobody sees"
MATERIAL = bytes(range(100, 132))
CREDENTIAL = "RawSecretAccessKeyOfAProxy00000000000000000="

CLIENTS = ("botocore", "boto3", "s3transfer", "urllib3")
"""Loggers of the client, which logs what it sends; they are not listened to."""


# The search ---------------------------------------------------------------------------------------


def forms_of(secret: bytes) -> Iterator[tuple[str, bytes]]:
    """Each way in which a secret could have been written down."""
    yield "raw", secret
    yield "hex", secret.hex().encode()
    yield "HEX", secret.hex().upper().encode()
    for shift in range(3):  # base64 of something in which it stands
        whole = base64.b64encode(bytes(shift) + secret)
        inside = whole[-(-shift * 8 // 6) : len(whole) - 4]
        yield f"base64 at {shift}", inside
        yield f"base64url at {shift}", inside.replace(b"+", b"-").replace(b"/", b"_")
    for name, text in (("repr", repr(secret)[2:-1]), ("numbers", str(list(secret))[1:-1])):
        yield name, text.encode()
        yield f"{name} in JSON", json.dumps(text)[1:-1].encode()
    yield "text in JSON", json.dumps(secret.decode("latin-1"))[1:-1].encode()
    yield "UTF-8", secret.decode("latin-1").encode()


class Secrets:
    """What must not be seen."""

    def __init__(self) -> None:
        self._forms: dict[bytes, str] = {}

    def add(self, name: str, secret: bytes | str) -> None:
        secret = secret.encode() if isinstance(secret, str) else bytes(secret)
        assert len(secret) >= 12, name  # shorter ones are found by chance
        for form, written in forms_of(secret):
            self._forms.setdefault(written, f"{name} ({form})")

    def found_in(self, seen: bytes | str) -> set[str]:
        content = seen.encode(errors="surrogateescape") if isinstance(seen, str) else seen
        return {name for written, name in self._forms.items() if written in content}

    @property
    def names(self) -> set[str]:
        return {name.rpartition(" (")[0] for name in self._forms.values()}


# The world ----------------------------------------------------------------------------------------

SERVICES = ("kms", "cloudhsmv2")
ANSWERS_WITH_SECRETS = ("PrivateKeyPlaintext", "Plaintext", "ImportToken")
"""What an answer is asked for; elsewhere it must not be seen."""


@dataclass
class Watch:
    """What was seen, and what must not have been.

    Attributes:
        secrets: what is searched for.
        seen: what is searched, by where it was seen.
        called: the names of the operations that were called, with what they ended.
        handles: objects of which ``str`` and ``repr`` are looked at.
    """

    world: Cks
    secrets: Secrets = field(default_factory=Secrets)
    seen: dict[str, list[bytes | str]] = field(default_factory=dict)
    called: set[tuple[str, str]] = field(default_factory=set)
    handles: list[object] = field(default_factory=list)

    def note(self, where: str, *seen: bytes | str) -> None:
        self.seen.setdefault(where, []).extend(seen)

    def client(self, service: str) -> Any:
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
        made = boto3.client(service, REGION, config=config, **keys)
        if service in SERVICES:
            made.meta.events.register("after-call", self._note_answer)
        return made

    def _note_answer(self, http_response: Any, model: Any, **_: Any) -> None:
        text = http_response.text
        answer = json.loads(text or "{}") or {}
        self.called.add((model.name, str(answer.get("__type", "done"))))
        for name in ANSWERS_WITH_SECRETS:
            if name in answer:
                secret = base64.b64decode(answer[name])
                self.secrets.add(f"{model.name} {name}", secret)
                text = text.replace(json.dumps(answer[name]), "")
        self.note("answers", text, str(http_response.headers))

    def ends_badly(self, call: Callable[..., Any], *args: Any, **parameters: Any) -> None:
        with pytest.raises((ClientError, HsmError)) as caught:
            call(*args, **parameters)
        self.note_error(caught.value)

    def note_error(self, error: BaseException) -> None:
        seen = "".join(traceback.format_exception(error))
        # The source lines of a traceback are this file's, in which the secrets stand.
        lines = [line for line in seen.splitlines() if not line.startswith("    ")]
        response = getattr(error, "response", "")
        self.note("exceptions", "\n".join(lines), f"{error!r} {error.args} {response}")


class Notes(logging.Handler):
    """Keeps log records."""

    def __init__(self, watch: Watch) -> None:
        super().__init__(logging.DEBUG)
        self._watch = watch

    def emit(self, record: logging.LogRecord) -> None:
        self._watch.note("log", f"{record.getMessage()} {vars(record)}")


@contextlib.contextmanager
def everything_noted(watch: Watch) -> Iterator[None]:
    """Hear the logs, the warnings and the standard streams."""
    root = logging.getLogger()
    heard = {"": logging.DEBUG, "moto_cks": logging.DEBUG, **dict.fromkeys(CLIENTS, logging.ERROR)}
    levels = {name: logging.getLogger(name).level for name in heard}
    handler, output = Notes(watch), io.StringIO()
    root.addHandler(handler)
    for name, level in heard.items():
        logging.getLogger(name).setLevel(level)
    try:
        with (
            warnings.catch_warnings(record=True) as warned,
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(output),
        ):
            warnings.simplefilter("always")
            logging.getLogger("moto_cks.some.module").debug("a record of ours")
            logging.getLogger("somebody.else").debug("a record of others")
            yield
    finally:
        root.removeHandler(handler)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
    watch.note("output", output.getvalue(), *(str(warning.message) for warning in warned))


def make_trail_and_rule(watch: Watch) -> None:
    """A trail with digest files and a topic, and a rule that sees all there is to see."""
    watch.client("s3").create_bucket(Bucket="audit-logs")
    sns, sqs = watch.client("sns"), watch.client("sqs")
    for name in ("topic-queue", "rule-queue"):
        sqs.create_queue(QueueName=name)
    arn = f"arn:aws:sqs:{REGION}:123456789012:"
    topic = sns.create_topic(Name="log-files")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"{arn}topic-queue")
    cloudtrail = watch.client("cloudtrail")
    cloudtrail.create_trail(
        Name="trail",
        S3BucketName="audit-logs",
        SnsTopicName="log-files",
        EnableLogFileValidation=True,
        IsMultiRegionTrail=True,
    )
    cloudtrail.start_logging(Name="trail")
    events = watch.client("events")
    events.put_rule(
        Name="all",
        EventPattern=json.dumps({"source": ["aws.kms", "aws.cloudhsm"]}),
        State="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
    )
    events.put_targets(Rule="all", Targets=[{"Id": "q", "Arn": f"{arn}rule-queue"}])


# What happens in it -------------------------------------------------------------------------------


def use_passwords(watch: Watch) -> KeyStore:
    """Give passwords, right ones and wrong ones, to all that takes one."""
    kms, world = watch.client("kms"), watch.world
    store = world.create_key_store(connect=False, kmsuser_password=KMSUSER)
    cluster, it = store.cluster, {"CustomKeyStoreId": store.id}
    cluster.change_password("CO", "admin", ADMIN)
    cluster.create_user("CU", "user", OTHER)
    watch.handles += [cluster.login("CU", "user", OTHER), cluster.login("CO", "admin", ADMIN)]
    watch.ends_badly(cluster.login, "CU", "kmsuser", WRONG)
    watch.ends_badly(cluster.create_user, "CU", "kmsuser", WRONG)
    watch.ends_badly(cluster.create_user, "CU", "another", REFUSED[1])
    watch.ends_badly(cluster.activate, WRONG)
    kms.update_custom_key_store(**it, KeyStorePassword=WRONG)
    kms.connect_custom_key_store(**it)
    assert kms.describe_custom_key_stores(**it)["CustomKeyStores"][0]["ConnectionErrorCode"]
    kms.disconnect_custom_key_store(**it)
    kms.update_custom_key_store(**it, KeyStorePassword=KMSUSER)
    for refused in REFUSED:
        watch.ends_badly(kms.update_custom_key_store, **it, KeyStorePassword=refused)
        watch.ends_badly(
            kms.create_custom_key_store,
            CustomKeyStoreName="another",
            CloudHsmClusterId=cluster.id,
            TrustAnchorCertificate=cluster.trust_anchor,
            KeyStorePassword=refused,
        )
    kms.connect_custom_key_store(**it)
    watch.ends_badly(kms.update_custom_key_store, **it, KeyStorePassword=OTHER)
    watch.ends_badly(cluster.change_password, "CU", "kmsuser", OTHER)
    return store


def use_keys(watch: Watch, store: KeyStore) -> dict[str, Any]:
    """Use keys of each kind; returns parameters that name them and what they have made."""
    kms = watch.client("kms")
    key_id = store.create_key()
    sealed = kms.encrypt(KeyId=key_id, Plaintext=PLAINTEXT)["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == PLAINTEXT
    watch.ends_badly(kms.decrypt, CiphertextBlob=sealed, EncryptionContext={"a": "b"})
    watch.ends_badly(kms.encrypt, KeyId=key_id, Plaintext=PLAINTEXT * 1000)
    kms.generate_data_key(KeyId=key_id, KeySpec="AES_256")
    kms.generate_random(NumberOfBytes=32, CustomKeyStoreId=store.id)
    kms.generate_random(NumberOfBytes=32)
    ordinary = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.generate_data_key(KeyId=ordinary, NumberOfBytes=64)
    for spec in ("RSA_2048", "ECC_NIST_P256"):
        made = kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]
        what = {"KeyId": made["KeyId"], "Message": MESSAGE}
        what["SigningAlgorithm"] = made["SigningAlgorithms"][0]
        kms.verify(Signature=kms.sign(**what)["Signature"], **what)
    hmac = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]
    what = {"KeyId": hmac["KeyId"], "Message": MESSAGE, "MacAlgorithm": "HMAC_SHA_256"}
    kms.verify_mac(Mac=kms.generate_mac(**what)["Mac"], **what)
    return {"KeyId": key_id, "CiphertextBlob": sealed, "CustomKeyStoreId": store.id}


def import_material(watch: Watch) -> None:
    """Import key material: once, once wrongly, and until it expires."""
    kms = watch.client("kms")
    key_id = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    it = {"KeyId": key_id, "ValidTo": watch.world.clock.now() + DAY}
    parameters = kms.get_parameters_for_import(
        KeyId=key_id, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    public: Any = serialization.load_der_public_key(parameters["PublicKey"])
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label=None)
    it["ImportToken"] = parameters["ImportToken"]
    for number, material in enumerate((MATERIAL, MATERIAL[::-1])):
        wrapped = public.encrypt(material, oaep)
        watch.secrets.add(f"imported material {number}", material)
        watch.secrets.add(f"wrapped material {number}", wrapped)
        call = kms.import_key_material
        if number == 0:
            call(EncryptedKeyMaterial=wrapped, **it)
        else:
            watch.ends_badly(call, EncryptedKeyMaterial=wrapped, **it)
            watch.ends_badly(call, EncryptedKeyMaterial=wrapped, **{**it, "ImportToken": wrapped})
    sealed = kms.encrypt(KeyId=key_id, Plaintext=PLAINTEXT)["CiphertextBlob"]
    kms.decrypt(CiphertextBlob=sealed)


def use_faults(watch: Watch, key_id: str) -> None:
    """Let calls fail without a cause."""
    kms, faults = watch.client("kms"), watch.world.faults
    with faults.throttle(0.001):
        kms.encrypt(KeyId=key_id, Plaintext=PLAINTEXT)
        watch.ends_badly(kms.encrypt, KeyId=key_id, Plaintext=PLAINTEXT)
    faults.fail("Encrypt", "KMSInternalException")
    watch.ends_badly(kms.encrypt, KeyId=key_id, Plaintext=PLAINTEXT)


def inputs(shape: Any, known: dict[str, Any], name: str = "") -> Any:
    """Parameters of an operation: what is known by name, and secrets wherever one belongs."""
    if name in known:
        return known[name]
    if shape.type_name == "structure":
        return {member: inputs(inner, known, member) for member, inner in shape.members.items()}
    if shape.type_name == "list":
        return [inputs(shape.member, known, name.removesuffix("s"))]
    if shape.type_name == "map":
        return {"name": "value"}
    if shape.type_name == "string":
        if shape.metadata.get("sensitive"):
            return KMSUSER if "Password" in name else CREDENTIAL
        return shape.metadata.get("enum", ["something"])[0]
    defaults = {"blob": PLAINTEXT, "boolean": False, "timestamp": NOON + 2 * DAY}
    return defaults.get(shape.type_name, 1)


# After these little can be called any more, so that they come last.
ENDINGS = (
    "DeleteBackup",
    "DeleteCluster",
    "DeleteCustomKeyStore",
    "DeleteHsm",
    "DisconnectCustomKeyStore",
    "ScheduleKeyDeletion",
)


def names_of_resources(watch: Watch, store: KeyStore, key_id: str) -> dict[str, Any]:
    """Parameters with which many operations can do what they do."""
    cluster = store.cluster
    backups = watch.client("cloudhsmv2").describe_backups()["Backups"]
    keys = dict.fromkeys(("SourceKeyId", "DestinationKeyId", "TargetKeyId"), key_id)
    clusters = dict.fromkeys(("ClusterId", "CloudHsmClusterId", "ResourceId"), cluster.id)
    backup_ids = dict.fromkeys(("BackupId", "SourceBackupId"), backups[0]["BackupId"])
    return {
        **keys,
        **clusters,
        **backup_ids,
        "AliasName": "alias/something",
        "AvailabilityZone": "us-east-1c",
        "CustomKeyStoreType": "AWS_CLOUDHSM",
        "DestinationRegion": "eu-west-1",
        "HsmId": cluster.hsms[0].id,
        "HsmType": "hsm1.medium",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "Limit": 10,
        "Origin": "AWS_CLOUDHSM",
        "Policy": "{}",
        "SubnetIds": cluster.subnet_ids,
    }


def call_everything(watch: Watch, known: dict[str, Any]) -> None:
    """Call each operation, with all parameters and with the required ones."""
    for service in SERVICES:
        model = get_service_model(service)
        client = watch.client(service)
        for name in sorted(model.operation_names, key=lambda name: (name in ENDINGS, name)):
            shape = model.operation_model(name).input_shape
            parameters = inputs(shape, known)
            for chosen in ({n: parameters[n] for n in shape.required_members}, parameters):
                try:
                    client._make_api_call(name, chosen)
                except Exception as error:  # what moto cannot answer it raises
                    watch.note_error(error)


RAW = (
    json.dumps({"KeyStorePassword": OTHER})[:-1],
    json.dumps({"KeyStorePassword": [OTHER], "CustomKeyStoreId": "cks-0123456789abcdef0"}),
    json.dumps({"KeyStorePassword": {"a": OTHER}, "CustomKeyStoreId": "cks-0123456789abcdef0"}),
    json.dumps({"keyStorePassword": OTHER, "Password": OTHER}),
    json.dumps({"CustomKeyStoreId": {"KeyStorePassword": OTHER}}),
    json.dumps([OTHER]),
    json.dumps(OTHER),
)
"""Bodies that no SDK sends."""


def call_rawly(watch: Watch) -> None:
    """Make calls that are none."""
    for operation in ("CreateCustomKeyStore", "UpdateCustomKeyStore", "Encrypt", "Unknown"):
        for body in RAW:
            try:
                answer = requests.post(
                    f"https://kms.{REGION}.amazonaws.com/",
                    data=body,
                    headers={"X-Amz-Target": f"TrentService.{operation}"},
                )
            except Exception as error:  # what moto cannot answer it raises
                watch.note_error(error)
            else:
                watch.note("raw answers", answer.text)


# What was seen of it ------------------------------------------------------------------------------


def know_what_is_kept(watch: Watch) -> None:
    """Add the secrets that no API tells: this test alone reaches for them."""
    for _, _, backend in kms_backends.iter_backends():
        for key in backend.keys.values():
            for name in ("key_material", "_material", "_imported"):
                if secret := vars(key).get(name):
                    watch.secrets.add(f"{name} of a key", secret)
            private = getattr(vars(key).get("private_key"), "private_key", None)
            if private is not None:
                watch.secrets.add("a private key", der(private))
            for parameters in vars(key).get("_parameters", {}).values():
                watch.secrets.add("a wrapping key", der(parameters.private_key))
        for store in backend.key_stores:  # type: ignore[attr-defined]
            watch.secrets.add("the rotated password", store._password)
    for _, _, backend in cloudhsmv2_backends.iter_backends():
        for cluster in backend.hsm_clusters.values():  # type: ignore[attr-defined]
            for hsm in cluster.hardware.hsms.values():
                watch.handles.append(hsm)
                for material in hsm.keys.values():
                    watch.secrets.add("key material in an HSM", material._value)
                for user in hsm.users:
                    watch.secrets.add("the digest of a password", user._digest)


def der(key: Any) -> bytes:
    """The middle of a private key, which is in whatever encoding it is written down in."""
    numbers = key.private_numbers()
    secret = getattr(numbers, "d", None) or numbers.private_value
    return bytes(secret.to_bytes((secret.bit_length() + 7) // 8, "big"))


def look(watch: Watch) -> None:
    """Look into every place where something could be seen."""
    world = watch.world
    world.trail.deliver()
    world.clock.advance(hours=2)  # the digest files are due
    watch.note("trail handle", json.dumps(world.trail.events()))
    cloudtrail = watch.client("cloudtrail")
    for page in cloudtrail.get_paginator("lookup_events").paginate():
        watch.note("history", *(json.dumps(event, default=str) for event in page["Events"]))
    s3 = watch.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket="audit-logs"):
        for entry in page["Contents"]:
            item = s3.get_object(Bucket="audit-logs", Key=entry["Key"])
            where = "digest files" if "CloudTrail-Digest" in entry["Key"] else "log files"
            body = item["Body"].read()
            watch.note(where, body, gzip.decompress(body), f"{entry} {item['Metadata']}")
    sqs = watch.client("sqs")
    for name in ("topic-queue", "rule-queue"):
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            watch.note(name, *(json.dumps(message) for message in messages))
            for message in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    watch.note("dashboard", requests.get("http://motoapi.amazonaws.com/moto-api/data.json").content)
    watch.note("handles", *(f"{item!r} {item!s}" for item in watch.handles))


def add_handles(watch: Watch, stores: Iterable[KeyStore]) -> None:
    world = watch.world
    watch.handles += [world, world.clock, world.faults, world.trail]
    for store in stores:
        watch.handles += [store, store.cluster, *store.cluster.hsms]
        for hsm in store.cluster.hsms:
            watch.handles += [hsm.users, hsm.keys, *hsm.users, *hsm.keys]
    for backends in (kms_backends, cloudhsmv2_backends):
        for _, _, backend in backends.iter_backends():
            watch.handles.append(backend)
    for _, _, backend in kms_backends.iter_backends():
        watch.handles += [*backend.keys.values(), *backend.key_stores]  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def watch() -> Iterator[Watch]:
    with freeze_time(NOON), mock_cks() as world:
        watch = Watch(world)
        for name, secret in (
            ("kmsuser's password", KMSUSER),
            ("the officer's password", ADMIN),
            ("a user's password", OTHER),
            ("a wrong password", WRONG),
            ("a refused password", REFUSED[0]),
            ("another refused password", REFUSED[1]),
            ("a plaintext", PLAINTEXT),
            ("a message", MESSAGE),
            ("the credential of a proxy", CREDENTIAL),
        ):
            watch.secrets.add(name, secret)
        with everything_noted(watch):
            make_trail_and_rule(watch)
            store = use_passwords(watch)
            known = use_keys(watch, store)
            import_material(watch)
            use_faults(watch, known["KeyId"])
            know_what_is_kept(watch)
            add_handles(watch, [store])
            call_rawly(watch)
            call_everything(watch, {"KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab"})
            call_everything(watch, known | names_of_resources(watch, store, known["KeyId"]))
            know_what_is_kept(watch)
            world.clock.advance(days=31)
            look(watch)
        yield watch


# The tests ----------------------------------------------------------------------------------------

PLACES = {
    "answers",
    "dashboard",
    "digest files",
    "exceptions",
    "handles",
    "history",
    "log",
    "log files",
    "output",
    "raw answers",
    "rule-queue",
    "topic-queue",
    "trail handle",
}


@pytest.mark.parametrize("form", [name for name, _ in forms_of(MATERIAL)])
def test_p7_the_search_finds_a_secret_in_each_form(form: str) -> None:
    secrets = Secrets()
    secrets.add("material", MATERIAL)
    written = dict(forms_of(MATERIAL))[form]
    assert secrets.found_in(b"something " + written + b" something") != set()
    assert secrets.found_in(b"something " + written[1:-1] + b" something") == set()


@pytest.mark.parametrize("before", [b"", b"1", b"12", b"123"])
def test_p7_the_search_finds_a_secret_inside_of_base64(before: bytes) -> None:
    secrets = Secrets()
    secrets.add("material", MATERIAL)
    assert secrets.found_in(base64.b64encode(before + MATERIAL + b"and more")) != set()


def test_p7_everything_was_called(watch: Watch) -> None:
    names = {name for service in SERVICES for name in get_service_model(service).operation_names}
    not_implemented = names - {name for name, _ in watch.called}
    implemented = {name for name, outcome in watch.called if outcome == "done"}
    refused = {name for name, outcome in watch.called if outcome != "done"}
    assert {"Encrypt", "ImportKeyMaterial", "UpdateCustomKeyStore", "CreateHsm"} <= implemented
    assert {"Encrypt", "ImportKeyMaterial", "UpdateCustomKeyStore", "CreateHsm"} <= refused
    assert len(implemented | refused) > 60
    assert not_implemented <= {"Decapsulate", "Encapsulate", "GetKeyLastUsage"}


def test_p7_every_place_has_been_looked_into(watch: Watch) -> None:
    assert watch.seen.keys() == PLACES
    assert any("a record of ours" in str(entry) for entry in watch.seen["log"])
    assert any("a record of others" in str(entry) for entry in watch.seen["log"])
    for place in ("history", "log files", "rule-queue", "trail handle"):
        text = b"".join(x if isinstance(x, bytes) else x.encode() for x in watch.seen[place])
        for name in (b"UpdateCustomKeyStore", b"ImportKeyMaterial", b"DeleteExpiredKeyMaterial"):
            assert name in text, (place, name)


def test_p7_there_is_a_secret_of_each_kind(watch: Watch) -> None:
    planted = {"kmsuser's password", "the officer's password", "a wrong password", "a plaintext"}
    answered = {f"{name} Plaintext" for name in ("GenerateDataKey", "GenerateRandom")}
    imported = {"imported material 0", "wrapped material 0", "a wrapping key"}
    kept = {"key_material of a key", "a private key", "key material in an HSM"}
    passwords = {"the rotated password", "the digest of a password"}
    assert planted | answered | imported | kept | passwords <= watch.secrets.names


@pytest.mark.parametrize("place", sorted(PLACES))
def test_p7_no_secret_is_seen(watch: Watch, place: str) -> None:
    found = {name: seen for seen in watch.seen[place] for name in watch.secrets.found_in(seen)}
    assert found == {}
