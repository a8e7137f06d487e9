"""Who takes part in a soak: tools in processes of their own, and threads with a boto3 client."""

import os
import random
import re
import subprocess
import sysconfig
import threading
import time
import traceback
from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from moto_cks.handle.remote.control_api import ControlApi

SCRIPTS = Path(sysconfig.get_path("scripts"))
PAGE = 50
SESSION = boto3.session.Session(aws_access_key_id="soak", aws_secret_access_key="soak")
AUDITED = 40  # pages of LookupEvents that one audit reads at most

# What AWS documents for a key store that is not connected, by operation; nothing else may fail.
DISCONNECTED = {
    "CreateKey": "CustomKeyStoreInvalidStateException",
    "Decrypt": "KMSInvalidStateException",
    "Encrypt": "KMSInvalidStateException",
    "GenerateDataKey": "KMSInvalidStateException",
    "GenerateRandom": "CustomKeyStoreInvalidStateException",
    "ReEncrypt": "KMSInvalidStateException",
}


class Aws:
    """boto3 clients that try once, and count each call with what has come of it."""

    def __init__(self, endpoint: str) -> None:
        self.calls: Counter[tuple[str, str]] = Counter()
        self.slowest = 0.0
        self._clients = {
            service: SESSION.client(
                service,
                region_name="us-east-1",
                endpoint_url=endpoint,
                config=Config(retries={"total_max_attempts": 1}),
            )
            for service in ("kms", "cloudtrail")
        }

    def call(
        self, operation: str, service: str = "kms", **parameters: Any
    ) -> dict[str, Any] | None:
        """Call; None where the key store is not connected, which must be documented."""
        method = re.sub(r"(?<!^)([A-Z])", r"_\1", operation).lower()
        start = time.monotonic()
        try:
            answer = getattr(self._clients[service], method)(**parameters)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            self.calls[operation, code] += 1
            if code != DISCONNECTED.get(operation):
                raise
            return None
        finally:
            self.slowest = max(self.slowest, time.monotonic() - start)
        self.calls[operation, ""] += 1
        return answer


class Tool:
    """A tool in a process of its own, at the other end of a pipe."""

    def __init__(self, name: str, prompt: str, endpoint: str) -> None:
        self.commands = 0
        self._prompt = prompt
        self._process = subprocess.Popen(
            [str(SCRIPTS / name)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "MOTO_CKS_ENDPOINT": endpoint},
            text=True,
        )
        self._read_to(prompt)

    def enter(self, line: str, *answers: tuple[str, str]) -> str:
        """Give a command and the answers to what it asks; what it prints."""
        self._write(line)
        shown = []
        for question, answer in answers:
            shown.append(self._read_to(question))
            self._write(answer)
        shown.append(self._read_to(self._prompt))
        self.commands += 1
        return "".join(shown)

    def leave(self, line: str) -> None:
        _, errors = self._process.communicate(f"{line}\n", timeout=30)
        if self._process.returncode or errors:
            raise SoakError(f"It ended with {self._process.returncode}: {errors}")

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def _read_to(self, end: str) -> str:
        assert self._process.stdout is not None
        shown = ""
        while not shown.endswith(end):
            character = self._process.stdout.read(1)
            if not character:
                raise SoakError(f"It has ended: {shown}")
            shown += character
        return shown


class SoakError(Exception):
    """Something is not as it must be."""


def require(true: bool, otherwise: str) -> None:
    if not true:
        raise SoakError(otherwise)


@dataclass
class Place:
    """Where it all happens.

    Attributes:
        failures: what went wrong, in whichever thread.
        over: set when the time is over, or something went wrong.
    """

    endpoint: str
    store_id: str
    cluster_id: str
    control: ControlApi
    failures: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def hsms(self) -> list[dict[str, Any]]:
        return self.control.get("clusters", self.cluster_id)["hsms"]


class Actor(ABC):
    """Somebody who does something again and again."""

    def __init__(self, place: Place, seed: int) -> None:
        self.place = place
        self.aws = Aws(place.endpoint)
        self.random = random.Random(seed)

    @abstractmethod
    def act(self) -> None:
        """Do it once."""

    def finish(self) -> None:  # noqa: B027 - not everybody has something to do then
        """After the last time."""

    @property
    def done(self) -> int:
        """How much it has done."""
        return self.aws.calls.total()

    def live(self) -> None:
        try:
            while not self.place.over.is_set():
                self.act()
            self.finish()
        except Exception:
            self.place.failures.append(f"{type(self).__name__}: {traceback.format_exc()}")
            self.place.over.set()


class Typist(Actor):
    """Somebody with a tool.

    Attributes:
        tool: the tool.
        last: the command that ends it.
    """

    tool: Tool
    last = "quit"

    @property
    def done(self) -> int:
        """The commands."""
        return self.tool.commands

    def finish(self) -> None:
        self.tool.leave(self.last)


class Officer(Typist):
    """Users come, change their password, and some go: cloudhsm_mgmt_util."""

    def __init__(self, place: Place, seed: int) -> None:
        super().__init__(place, seed)
        self.passwords: dict[str, str] = {}
        self._made = 0
        admin = place.control.get("clusters", place.cluster_id, "admin-password")
        self.tool = Tool("cloudhsm_mgmt_util", "aws-cloudhsm>", place.endpoint)
        shown = self.tool.enter(f"loginHSM CO admin {admin['admin_password']}")
        require(shown.count("loginHSM success") == 2, shown)

    def act(self) -> None:
        self._made += 1
        name = f"user{self._made}"
        self.passwords[name] = f"firstPswd{self._made}"
        self._change(f"createUser CU {name} {self.passwords[name]}", "Creating User")
        name = self.random.choice(list(self.passwords))
        self.passwords[name] = f"laterPswd{self.random.randrange(10**9)}"
        self._change(f"changePswd CU {name} {self.passwords[name]}", "Changing password")
        if self._made % 3 == 0:
            name = self.random.choice(list(self.passwords))
            del self.passwords[name]
            shown = self.tool.enter(f"deleteUser CU {name}")
            require(shown.count("deleteUser success on server") == 2, shown)
        if self._made % 10 == 0:
            shown = self.tool.enter("listUsers")
            others = 4  # admin, app_user, kmsuser and keeper
            for number in re.findall(r"Number of users found:(\d+)", shown):
                require(int(number) == len(self.passwords) + others, shown)

    def _change(self, line: str, done: str) -> None:
        shown = self.tool.enter(line, ("Do you want to continue(y/n)?", "y"))
        require(done in shown and "failed:" not in shown, shown)


class Keeper(Typist):
    """A crypto user's keys come, are found, and some go: key_mgmt_util."""

    NAME, PASSWORD = "keeper", "keeperPswd1"
    last = "exit"

    def __init__(self, place: Place, seed: int) -> None:
        super().__init__(place, seed)
        self.handles: dict[int, str] = {}
        self._made = 0
        user = {"user_type": "CU", "name": self.NAME, "password": self.PASSWORD}
        place.control.post("clusters", place.cluster_id, "users", body=user)
        self.tool = Tool("key_mgmt_util", "Command:  ", place.endpoint)
        self._enter(f"loginHSM -u CU -s {self.NAME} -p {self.PASSWORD}", "Cfm3LoginHSM")

    def act(self) -> None:
        self._made += 1
        label = f"key{self._made}"
        shown = self._enter(f"genSymKey -t 31 -s 32 -l {label}", "Cfm3GenerateSymmetricKey")
        found = re.search(r"Key Handle: (\d+)", shown)
        require(found is not None and int(found[1]) not in self.handles, shown)
        assert found is not None
        self.handles[int(found[1])] = label
        handle = self.random.choice(list(self.handles))
        shown = self._enter(f"findKey -l {self.handles[handle]}", "Cfm3FindKey")
        require(
            f"present 1\n\n number of keys matched from start index 0::0\n{handle}\n" in shown,
            shown,
        )
        if self._made % 3 == 0:
            self._enter(f"deleteKey -k {handle}", "Cfm3DeleteKey")
            del self.handles[handle]

    def _enter(self, line: str, call: str) -> str:
        shown = self.tool.enter(line)
        require(f"{call} returned: 0x00 : HSM Return: SUCCESS" in shown, shown)
        require(shown.count("err state 0x00000000") == 2, shown)
        return shown


class Cryptographer(Actor):
    """KMS keys come; data is encrypted, and must come back."""

    def __init__(self, place: Place, seed: int) -> None:
        super().__init__(place, seed)
        self.keys: list[str] = []
        self.sealed: list[tuple[bytes, bytes]] = []
        self._acts = 0

    def act(self) -> None:
        if not self.keys or self._acts % 20 == 0:
            self._create_key()
        self._acts += 1
        if not self.keys:
            return
        key = {"KeyId": self.random.choice(self.keys)}
        plaintext = self.random.randbytes(40)
        if (answer := self.aws.call("Encrypt", **key, Plaintext=plaintext)) is not None:
            self.sealed.append((answer["CiphertextBlob"], plaintext))
        if (answer := self.aws.call("GenerateDataKey", **key, KeySpec="AES_256")) is not None:
            self.sealed.append((answer["CiphertextBlob"], answer["Plaintext"]))
        if self.sealed:
            self._open(*self.random.choice(self.sealed))
        state = self.aws.call("DescribeKey", **key)
        require(state["KeyMetadata"]["KeyState"] in ("Enabled", "Unavailable"), str(state))
        self.aws.call("GenerateRandom", CustomKeyStoreId=self.place.store_id, NumberOfBytes=16)

    def _create_key(self) -> None:
        where = {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": self.place.store_id}
        if (answer := self.aws.call("CreateKey", **where)) is not None:
            self.keys.append(answer["KeyMetadata"]["KeyId"])

    def _open(self, ciphertext: bytes, plaintext: bytes) -> None:
        target = self.random.choice(self.keys)
        answer = self.aws.call("Decrypt", CiphertextBlob=ciphertext)
        require(answer is None or answer["Plaintext"] == plaintext, "A wrong plaintext.")
        again = self.aws.call("ReEncrypt", CiphertextBlob=ciphertext, DestinationKeyId=target)
        if again is not None:
            self.sealed.append((again["CiphertextBlob"], plaintext))


class Switch(Actor):
    """The key store is disconnected and connected."""

    def act(self) -> None:
        time.sleep(self.random.uniform(0, 0.4))
        self._to("Disconnect", "DISCONNECTED")
        time.sleep(self.random.uniform(0, 0.2))
        self._to("Connect", "CONNECTED")

    def _to(self, verb: str, state: str) -> None:
        store = {"CustomKeyStoreId": self.place.store_id}
        self.aws.call(f"{verb}CustomKeyStore", **store)
        (entry,) = self.aws.call("DescribeCustomKeyStores", **store)["CustomKeyStores"]
        require(entry["ConnectionState"] == state, str(entry))


class Auditor(Actor):
    """What happened is looked up while more happens."""

    def act(self) -> None:
        time.sleep(0.1)
        name = self.random.choice(["CreateKey", "Decrypt", "Encrypt", "ConnectCustomKeyStore"])
        events = lookup(self.aws, name, AUDITED)
        ids = {event["EventId"] for event in events}
        require(len(ids) == len(events), f"{len(events)} events have {len(ids)} IDs.")
        times = [event["EventTime"] for event in events]
        require(times == sorted(times, reverse=True), "They are not newest first.")


def lookup(aws: Aws, name: str, pages: float = float("inf")) -> list[dict[str, Any]]:
    """The events of an operation, by LookupEvents."""
    chosen = [{"AttributeKey": "EventName", "AttributeValue": name}]
    events: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while pages > 0:
        pages -= 1
        answer = aws.call(
            "LookupEvents", "cloudtrail", LookupAttributes=chosen, MaxResults=PAGE, **token
        )
        events += answer["Events"]
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    return events
