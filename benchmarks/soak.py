"""A minute of everything at once on one server, after which nothing may be missing.

    python benchmarks/soak.py [SECONDS]

Two tools in processes of their own (cloudhsm_mgmt_util creates, changes and deletes users;
key_mgmt_util generates, finds and deletes keys) and the threads of a boto3 client (they create KMS
keys, encrypt and decrypt, disconnect and connect the key store, look up events) meet in the same
cluster. Every call is counted. In the end each user, key, password, ciphertext and CloudTrail
record is looked for. Prints what was done and one row for each check; exits with 1 when one fails.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from soak_actors import (
    SCRIPTS,
    Actor,
    Auditor,
    Cryptographer,
    Keeper,
    Officer,
    Place,
    Switch,
    Typist,
    lookup,
)

from moto_cks.handle.remote.control_api import ControlApi, ServerError

SECONDS = 60
CRYPTOGRAPHERS = 3

# In the end --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Check:
    """What there should be and what there is."""

    name: str
    expected: Any
    found: Any

    @property
    def met(self) -> bool:
        return self.expected == self.found


def recorded(place: Place) -> Counter[tuple[str, str]]:
    """The records of CloudTrail, by operation and error, with those that nobody here has made."""
    events = place.control.get("trail", "events")["events"]
    return Counter((event["eventName"], event.get("errorCode", "")) for event in events)


def check_users(place: Place, officer: Officer) -> Iterator[Check]:
    names = ["admin", "app_user", Keeper.NAME, "kmsuser", *officer.passwords]
    for number, hsm in enumerate(place.hsms()):
        found = sorted(user["name"] for user in hsm["users"])
        yield Check(f"users in HSM {number}", sorted(names), found)
    known = 0
    for name, password in officer.passwords.items():
        body = {"user_type": "CU", "name": name, "password": password}
        try:
            place.control.post("clusters", place.cluster_id, "logins", body=body)
            known += 1
        except ServerError as error:
            print(f"{name}: {error}", file=sys.stderr)
    yield Check("passwords that are right in both HSMs", len(officer.passwords), known)


def check_keys(place: Place, keeper: Keeper, key_ids: list[str]) -> Iterator[Check]:
    for number, hsm in enumerate(place.hsms()):
        handles = {
            key["handle"]: key["label"] for key in hsm["keys"] if key["owner"] == keeper.NAME
        }
        yield Check(f"key_mgmt_util's keys in HSM {number}", keeper.handles, handles)
        labels = [key["label"] for key in hsm["keys"] if key["owner"] == "kmsuser"]
        found = sorted(label.rpartition("/")[2] for label in labels)
        yield Check(f"KMS keys in HSM {number}", sorted(key_ids), found)


def check_ciphertexts(place: Place, cryptographers: list[Cryptographer]) -> Iterator[Check]:
    aws = cryptographers[0].aws
    opened = total = 0
    for cryptographer in cryptographers:
        for ciphertext, plaintext in cryptographer.sealed:
            total += 1
            answer = aws.call("Decrypt", CiphertextBlob=ciphertext)
            opened += answer is not None and answer["Plaintext"] == plaintext
    yield Check("ciphertexts that decrypt", total, opened)


def check_trail(place: Place, actors: list[Actor], before: Counter[Any]) -> Iterator[Check]:
    aws = actors[0].aws
    calls = sum((actor.aws.calls for actor in actors), Counter())
    for name in ("CreateKey", "Encrypt", "ConnectCustomKeyStore"):
        made = sum(count for (operation, _), count in (calls + before).items() if operation == name)
        yield Check(f"{name}, by LookupEvents", made, len(lookup(aws, name)))
    calls = sum((actor.aws.calls for actor in actors), Counter())
    found = recorded(place) - before
    for operation, code in sorted(calls.keys() | found.keys()):
        key = operation, code
        yield Check(f"records of {operation} {code}".strip(), calls[key], found[key])


# Putting it together -----------------------------------------------------------------------------


@contextmanager
def server(errors: IO[str]) -> Iterator[tuple[str, Callable[[], int]]]:
    """A server that writes its errors into a file: its URL, and what ends it."""
    process = subprocess.Popen(
        [str(SCRIPTS / "moto-cks-server"), "-p", "0"],
        stdout=subprocess.PIPE,
        stderr=errors,
        env={**os.environ, "MOTO_EC2_LOAD_DEFAULT_AMIS": "false"},
        text=True,
    )

    def end() -> int:
        process.terminate()
        return process.wait(timeout=30)

    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield line.split()[-1], end
    finally:
        process.kill()
        process.communicate()


def soak(endpoint: str, seconds: float) -> Iterator[Check]:
    control = ControlApi(endpoint)
    store = control.post("key-stores", body={"name": "soak", "hsms": 2})
    place = Place(endpoint, store["id"], store["cluster_id"], control)
    officer, keeper = Officer(place, 1), Keeper(place, 2)
    cryptographers = [Cryptographer(place, 3 + number) for number in range(CRYPTOGRAPHERS)]
    actors = [officer, keeper, *cryptographers, Switch(place, 98), Auditor(place, 99)]
    before = recorded(place)
    try:
        live(place, actors, seconds)
    finally:
        officer.tool.kill()
        keeper.tool.kill()
    show_figures(actors, seconds)
    yield Check("what went wrong", [], place.failures)
    for actor in actors:
        yield Check(f"{type(actor).__name__} did something", True, actor.done > 0)
    yield Check("tools that are left", [], control.get("tools")["tools"])
    yield from check_users(place, officer)
    yield from check_keys(place, keeper, [key for each in cryptographers for key in each.keys])
    yield from check_ciphertexts(place, cryptographers)
    yield from check_trail(place, actors, before)


def live(place: Place, actors: list[Actor], seconds: float) -> None:
    threads = [threading.Thread(target=actor.live, daemon=True) for actor in actors]
    for thread in threads:
        thread.start()
    place.over.wait(seconds)
    place.over.set()
    for thread in threads:
        thread.join(timeout=60)
        if thread.is_alive():
            place.failures.append("A thread does not end.")


def show_figures(actors: list[Actor], seconds: float) -> None:
    calls = sum((actor.aws.calls for actor in actors), Counter())
    refused = sum(count for (_, code), count in calls.items() if code)
    commands = sum(actor.tool.commands for actor in actors if isinstance(actor, Typist))
    sealed = sum(len(actor.sealed) for actor in actors if isinstance(actor, Cryptographer))
    print(
        f"{seconds:g} seconds: {calls.total()} calls ({calls.total() / seconds:.0f} a second), "
        f"{refused} of them refused because the key store was not connected; the slowest took "
        f"{max(actor.aws.slowest for actor in actors) * 1000:.0f} ms; {commands} commands of the "
        f"tools; {calls['ConnectCustomKeyStore', '']} connects; {calls['CreateKey', '']} KMS keys; "
        f"{sealed} ciphertexts"
    )


def show(check: Check) -> None:
    expected, found = (
        len(value) if isinstance(value, list | dict) else value
        for value in (check.expected, check.found)
    )
    print(f"{check.name:62} {expected!s:>7} {found!s:>7}  {'ok' if check.met else 'MISSED'}")
    if not check.met and isinstance(check.found, list):
        print(json.dumps([check.expected, check.found], indent=1).replace("\\n", "\n"))


def main(seconds: float) -> int:
    checks = []
    with tempfile.TemporaryFile("w+") as errors, server(errors) as (endpoint, end):
        print(f"{'what':62} {'there':>7} {'found':>7}")
        for check in soak(endpoint, seconds):
            show(check)
            checks.append(check)
        ended = [Check("exit status of the server", 0, end())]
        errors.seek(0)
        ended.append(Check("lines on its stderr", [], errors.read().splitlines()))
    for check in ended:
        show(check)
    return int(not all(check.met for check in (*checks, *ended)))


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if sys.argv[1:] else SECONDS))
