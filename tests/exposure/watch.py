"""Everything in a world that can be seen from outside, and all that must not be."""

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
from typing import Any

import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.cloudhsmv2.models import cloudhsmv2_backends
from moto.kms.models import kms_backends

from moto_cks import Cks, HsmError, KeyStore
from tests.aws import REGION, session

from .search import Secrets

CLIENTS = ("botocore", "boto3", "s3transfer", "urllib3")
"""Loggers of the client, which logs what it sends; they are not listened to."""


SERVICES = ("kms", "cloudhsmv2")
QUEUES = ("topic-queue", "rule-queue")
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
        config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
        made = session().client(service, REGION, config=config)
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
    for name in QUEUES:
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


def know_what_is_kept(watch: Watch) -> None:
    """Add the secrets that no API tells: this test alone reaches for them."""
    for _, _, backend in kms_backends.iter_backends():
        for key in backend.keys.values():
            materials = key.materials  # type: ignore[attr-defined]
            if materials.chosen:
                kind = "a symmetric key" if key.spec.symmetric else "a private key"  # type: ignore[attr-defined]
                watch.secrets.add(kind, materials.current.to_bytes())
            for parameters in vars(key).get("_parameters", {}).values():
                watch.secrets.add("a wrapping key", der(parameters.private_key))
        for store in backend.key_stores:  # type: ignore[attr-defined]
            watch.secrets.add("the rotated password", store._password.value)
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


def empty_queues(watch: Watch) -> None:
    """Note and delete what is in the queues: moto takes ever longer the more there is in one."""
    sqs = watch.client("sqs")
    for name in QUEUES:
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            watch.note(name, *(json.dumps(message) for message in messages))
            for message in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


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
    empty_queues(watch)
    watch.note("dashboard", requests.get("http://motoapi.amazonaws.com/moto-api/data.json").content)
    watch.note("timeline", repr(world.timeline.entries()), str(world.timeline))
    explain_everything(watch)
    watch.note("handles", *(f"{item!r} {item!s}" for item in watch.handles))


def explain_everything(watch: Watch) -> None:
    """Ask why each key, key store and cluster cannot be used."""
    names = [
        name
        for _, _, backend in kms_backends.iter_backends()
        for key in backend.keys.values()
        for name in (key.arn, *key.aliases)
    ]
    for _, _, backend in kms_backends.iter_backends():
        names += [store.custom_key_store_id for store in backend.key_stores]  # type: ignore[attr-defined]
    for _, _, backend in cloudhsmv2_backends.iter_backends():
        names += [
            cluster_id
            for cluster_id in backend.hsm_clusters  # type: ignore[attr-defined]
            if backend.find_cluster(cluster_id) is not None  # type: ignore[attr-defined]
        ]
    for name in names:
        explanation = watch.world.explain(name)
        watch.note("explanations", f"{explanation!r} {explanation.to_dict()}", str(explanation))


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
