"""Many threads that call at the same time; afterwards nothing may be lost.

Each thread has keys of its own, so that it knows how they must be in the end, whatever the others
do meanwhile. One more disturbs: it disconnects and connects the key store, and adds and removes an
HSM.
"""

from __future__ import annotations

import faulthandler
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from moto_cks import Cks, KeyStore, mock_cks
from tests.aws import session
from tests.proof.tally import DONE, documented

INTERVAL = 1e-5
"""How long a thread may run before another has its turn, in seconds; Python's default is 5e-3."""
LONGEST = 300
"""How long a round may take, in seconds; then it hangs."""
SOURCES = {"kms": "kms.amazonaws.com", "cloudhsmv2": "cloudhsm.amazonaws.com"}


class LostError(AssertionError):
    """Something is not there any more, or is otherwise than it was left."""


@contextmanager
def restless() -> Iterator[None]:
    """Threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(INTERVAL)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


@contextmanager
def watched() -> Iterator[None]:
    """End the process where threads hang, and say where each of them stands."""
    faulthandler.dump_traceback_later(LONGEST, exit=True, file=sys.__stderr__)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


@dataclass
class Caller:
    """One thread: what it has called, and how its keys must be in the end."""

    kms: Any
    cloudhsm: Any
    chance: Random
    said: Counter[tuple[str, str, str | None]] = field(default_factory=Counter)
    ids: list[str] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    sealed: list[tuple[str, bytes, bytes]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def call(self, operation: str, *, service: str = "kms", **parameters: Any) -> Any:
        """Make a call; an error must be a documented one, and gives nothing."""
        client = self.kms if service == "kms" else self.cloudhsm
        DONE["requests of threads"] += 1
        try:
            answer = getattr(client, xform_name(operation))(**parameters)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code not in documented(service, operation):
                self.wrong.append(f"{operation}: {code} is not documented")
            self._note(service, operation, code, error.response)
            return None
        self._note(service, operation, None, answer)
        return answer

    def _note(self, service: str, operation: str, code: str | None, answer: Any) -> None:
        self.said[SOURCES[service], operation, code] += 1
        self.ids.append(answer["ResponseMetadata"]["RequestId"])

    def work(self, store_id: str, turns: int) -> None:
        """Make keys, in the key store and outside of it, and do something to them."""
        for _ in range(turns):
            self.chance.choice((self.make, self.use, self.use, self.change, self.name))(store_id)

    def make(self, store_id: str) -> None:
        stored = {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": store_id}
        answer = self.call("CreateKey", **self.chance.choice((stored, stored, {})))
        if answer is not None:
            self.states[answer["KeyMetadata"]["KeyId"]] = "Enabled"

    def use(self, store_id: str) -> None:
        if not self.states:
            return self.make(store_id)
        key_id, plaintext = self.chance.choice(list(self.states)), self.chance.randbytes(8)
        answer = self.call("Encrypt", KeyId=key_id, Plaintext=plaintext)
        if answer is not None:
            self.sealed.append((key_id, plaintext, answer["CiphertextBlob"]))
        if self.sealed:
            _, plaintext, blob = self.chance.choice(self.sealed)
            answer = self.call("Decrypt", CiphertextBlob=blob)
            if answer is not None and answer["Plaintext"] != plaintext:
                self.wrong.append("Decrypt gives another plaintext")
        return None

    def change(self, store_id: str) -> None:
        if not self.states:
            return
        key_id = self.chance.choice(list(self.states))
        operation, state = self.chance.choice(
            (
                ("EnableKey", "Enabled"),
                ("DisableKey", "Disabled"),
                ("ScheduleKeyDeletion", "PendingDeletion"),
                ("CancelKeyDeletion", "Disabled"),
            )
        )
        if self.call(operation, KeyId=key_id) is not None:
            self.states[key_id] = state

    def name(self, store_id: str) -> None:
        if not self.states:
            return
        key_id = self.chance.choice(list(self.states))
        alias = f"alias/{self.chance.randbytes(8).hex()}"
        if self.call("CreateAlias", AliasName=alias, TargetKeyId=key_id) is not None:
            self.aliases[alias] = key_id

    def disturb(self, store: KeyStore, done: threading.Event) -> None:
        """Take away what the others work with, and give it back."""
        it = {"CustomKeyStoreId": store.id}
        cluster = {"ClusterId": store.cluster.id}
        zone = store.cluster.hsms[0].availability_zone
        while not done.wait(0.05):
            self.call("DisconnectCustomKeyStore", **it)
            self.call("ConnectCustomKeyStore", **it)
            made = self.call("CreateHsm", service="cloudhsmv2", AvailabilityZone=zone, **cluster)
            if made is not None:
                hsm = {"HsmId": made["Hsm"]["HsmId"]}
                self.call("DeleteHsm", service="cloudhsmv2", **cluster, **hsm)


def play(seed: int, threads: int, turns: int) -> list[str]:
    """A round: threads that call, and what is wrong in the end."""
    DONE["threads"] += threads + 1
    with mock_cks() as world:
        store = world.create_key_store()
        before = recorded(world)
        callers = [caller(seed + number) for number in range(threads + 1)]
        *workers, disturber = callers
        done = threading.Event()
        with restless(), watched(), ThreadPoolExecutor(len(callers)) as pool:
            disturbing = pool.submit(disturber.disturb, store, done)
            try:
                for future in [pool.submit(each.work, store.id, turns) for each in workers]:
                    future.result()
            finally:
                done.set()
            disturbing.result()
        return [*lost(world, store, callers, before)]


def caller(seed: int) -> Caller:
    """A thread's clients are its own."""
    made = [session().client(service, "us-east-1") for service in ("kms", "cloudhsmv2")]
    return Caller(*made, Random(seed))


def recorded(world: Cks) -> Counter[tuple[str, str, str | None]]:
    """The calls that CloudTrail has."""
    return Counter(
        (event["eventSource"], event["eventName"], event.get("errorCode"))
        for event in world.trail.events()
        if event["eventSource"] in SOURCES.values()
    )


def lost(world: Cks, store: KeyStore, callers: list[Caller], before: Counter[Any]) -> Iterator[str]:
    """What is wrong: other calls than were made, other keys, ciphertexts that do not decrypt."""
    for each in callers:
        yield from each.wrong
    calls = recorded(world)
    calls.subtract(before)
    said: Counter[Any] = sum((each.said for each in callers), Counter())
    if +calls != said:
        yield f"CloudTrail has {+calls - said} too much and lacks {said - +calls}"
    ids = Counter(event["requestID"] for event in world.trail.events())
    yield from (
        f"{found} records of a call" for c in callers for i in c.ids if (found := ids[i]) != 1
    )
    kms = callers[0].kms
    if kms.describe_custom_key_stores()["CustomKeyStores"][0]["ConnectionState"] != "CONNECTED":
        kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    states = {key_id: state for each in callers for key_id, state in each.states.items()}
    pages = list(kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 7}))
    listed = [entry["KeyId"] for page in pages for entry in page["Keys"]]
    if sorted(listed) != sorted(states):
        yield f"ListKeys has {len(listed)} keys, and {len(states)} were made"
    stored = 0
    for key_id, state in states.items():
        told = kms.describe_key(KeyId=key_id)["KeyMetadata"]
        stored += told["Origin"] == "AWS_CLOUDHSM"
        if told["KeyState"] != state:
            yield f"a key is {told['KeyState']}, and should be {state}"
    for hsm in store.cluster.hsms:
        if len(hsm.keys) != stored:
            yield f"an HSM has {len(hsm.keys)} keys, and {stored} were made"
    aliases = {alias: key_id for each in callers for alias, key_id in each.aliases.items()}
    pages = kms.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 7})
    found = {
        entry["AliasName"]: entry.get("TargetKeyId") for page in pages for entry in page["Aliases"]
    }
    if any(found.get(alias) != key_id for alias, key_id in aliases.items()):
        yield "an alias is gone, or names another key"
    for key_id, plaintext, blob in (entry for each in callers for entry in each.sealed):
        if states[key_id] == "PendingDeletion":
            kms.cancel_key_deletion(KeyId=key_id)
        if states[key_id] != "Enabled":
            kms.enable_key(KeyId=key_id)
            states[key_id] = "Enabled"
        if kms.decrypt(CiphertextBlob=blob)["Plaintext"] != plaintext:
            yield "a ciphertext decrypts to another plaintext"
