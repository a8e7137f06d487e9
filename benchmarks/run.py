"""What mock_cks costs, against moto in the same process.

    python benchmarks/run.py

Prints one row for each limit and exits with 1 when a limit is missed. Almost every figure is a
ratio, so it does not depend on the machine. The two sides of a ratio are measured in turn, in small
batches and in changing order, and the median of the ratios counts: what else the machine does
meanwhile meets both sides. Takes a few minutes, most of them to make 20,000 keys.
"""

import gc
import json
import os
import subprocess
import sys
import sysconfig
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import boto3
from botocore.awsrequest import AWSResponse
from moto import mock_aws
from moto.core.botocore_stubber import MockRawResponse

from moto_cks import mock_cks
from moto_cks.frontend.calls import Deed, announce
from moto_cks.kms.keystores.external.tls import TlsConnection
from moto_cks.kms.metering import Meter
from moto_cks.pytest_plugin.worlds import TestWorld
from moto_cks.xks_proxy.proxy import XksProxy

FEW_KEYS = 20
MANY_KEYS = 20_000
MEMORY_KEYS = 2_000
MEMORY_CALLS = 5_000
FEW_EVENTS = 100
MANY_EVENTS = 100_000
DUE_KEYS = 10_000
EXTERNAL_STORES = 10
FOREIGN = "foreign.example.com"
FOREIGN_CALLS = 2_000
THREADS = 16

DESCRIPTIONS = 60
"""A key store in a new mock may take as long as so many DescribeKey of moto."""
FIXTURE_DESCRIPTIONS = 70
"""And a test's fixture as long as so many, with the mock around it."""
RESTORE_DESCRIPTIONS = 30
"""And going back to a snapshot of such a world."""
FIRST_PROCESSES = 9
FIRST = """
import time
from moto_cks import mock_cks

with mock_cks() as cks:
    start = time.process_time()
    cks.create_key_store()
    first = time.process_time() - start

from run import describe, on_moto_key

print(first / on_moto_key(describe)())
"""

# One session, made before any mock is on: both sides use the very same clients.
SESSION = boto3.session.Session(aws_access_key_id="benchmark", aws_secret_access_key="benchmark")
KMS: Any = SESSION.client("kms", region_name="us-east-1")
SIGNING = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}
UNKNOWN_KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"

# A batch prepares its own world, for leaving a mock forgets it, and gives the seconds of one call.
Batch = Callable[[], float]


@dataclass(frozen=True)
class Row:
    name: str
    value: float
    limit: float
    unit: str
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def seconds(call: Callable[[], object], *, calls: int, repeats: int = 1) -> float:
    """The seconds of one call, in the best of some repeats.

    Of processor time: what else the machine does meanwhile does not count.
    """
    gc.collect()
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        for _ in range(calls):
            call()
        best = min(best, time.process_time() - start)
    return best / calls


def ratio(ours: Batch, moto: Batch, *, rounds: int) -> float:
    """How long ours takes, with moto as 1."""
    # What is loaded and cached at the first call belongs to neither side.
    ours()
    moto()
    ratios = []
    for turn in range(rounds):
        if turn % 2:
            first = ours()
            ratios.append(first / moto())
        else:
            first = moto()
            ratios.append(ours() / first)
    return median(ratios)


def encrypt(key_id: str) -> float:
    return seconds(lambda: KMS.encrypt(KeyId=key_id, Plaintext=b"x" * 32), calls=20, repeats=5)


def decrypt(key_id: str) -> float:
    blob = KMS.encrypt(KeyId=key_id, Plaintext=b"x" * 32)["CiphertextBlob"]
    return seconds(lambda: KMS.decrypt(CiphertextBlob=blob), calls=20, repeats=5)


def generate_data_key(key_id: str) -> float:
    return seconds(
        lambda: KMS.generate_data_key(KeyId=key_id, KeySpec="AES_256"), calls=20, repeats=5
    )


def sign(key_id: str) -> float:
    call = {"KeyId": key_id, "Message": b"x" * 32, "SigningAlgorithm": "ECDSA_SHA_256"}
    return seconds(lambda: KMS.sign(**call), calls=20, repeats=5)


def describe(key_id: str, client: Any = KMS) -> float:
    return seconds(lambda: client.describe_key(KeyId=key_id), calls=20, repeats=5)


def on_moto_key(measure: Callable[[str], float], **kind: str) -> Batch:
    def batch() -> float:
        with mock_aws():
            return measure(KMS.create_key(**kind)["KeyMetadata"]["KeyId"])

    return batch


def on_store_key(measure: Callable[[str], float]) -> Batch:
    def batch() -> float:
        with mock_cks() as cks:
            return measure(cks.create_key_store().create_key())

    return batch


def on_ordinary_key(measure: Callable[[str], float], **kind: str) -> Batch:
    def batch() -> float:
        with mock_cks():
            return measure(KMS.create_key(**kind)["KeyMetadata"]["KeyId"])

    return batch


def on_external_key(measure: Callable[[str], float]) -> Batch:
    def batch() -> float:
        with mock_cks() as cks:
            return measure(cks.create_external_key_store().create_key())

    return batch


def canned() -> Batch:
    """The floor: a client outside of any mock, with an answer that is always the same."""
    client: Any = SESSION.client("kms", region_name="us-east-1")
    body = json.dumps(
        {
            "CiphertextBlob": "A" * 148,
            "KeyId": f"arn:aws:kms:us-east-1:123456789012:key/{UNKNOWN_KEY}",
            "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        }
    ).encode()
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-requestid": UNKNOWN_KEY}

    def answer(request: Any, **_: Any) -> AWSResponse:
        return AWSResponse(request.url, 200, headers, MockRawResponse(body))

    client.meta.events.register("before-send.kms.Encrypt", answer)
    return lambda: seconds(
        lambda: client.encrypt(KeyId=UNKNOWN_KEY, Plaintext=b"x" * 32), calls=20, repeats=5
    )


def create_moto_key() -> float:
    with mock_aws():
        return seconds(KMS.create_key, calls=5)


def create_ordinary_key() -> float:
    with mock_cks():
        return seconds(KMS.create_key, calls=20)


def create_store_key() -> float:
    with mock_cks() as cks:
        store = cks.create_key_store()
        return seconds(lambda: create_in(store.id), calls=20)


def create_key_store() -> float:
    """In a new mock each time; what the mock itself takes is another row."""
    with mock_cks() as cks:
        return seconds(cks.create_key_store, calls=1)


def create_external_key_store() -> float:
    """In a new mock each time, with its proxy, connected."""
    with mock_cks() as cks:
        return seconds(cks.create_external_key_store, calls=1)


def days_with_external_key_stores() -> float:
    """The milliseconds of thirty days with ten connected external key stores."""
    with mock_cks() as cks:
        for number in range(EXTERNAL_STORES):
            cks.create_external_key_store(f"Number {number}")
        return seconds(lambda: cks.clock.advance(days=30), calls=1, repeats=5) * 1000


def fixture_key_store() -> float:
    """All that the fixture cks_key_store does for a test, from the new world to its end."""

    def once() -> None:
        world = TestWorld(())
        with world.entered():
            world.create_key_store(world.create_cluster())

    return seconds(once, calls=1)


def restoring() -> float:
    """Of a snapshot that has a connected key store with two HSMs."""
    with mock_cks() as cks:
        cks.create_key_store().create_key()
        snapshot = cks.snapshot()
        return seconds(lambda: cks.restore(snapshot), calls=5, repeats=3)


def pytest_starting(*arguments: str) -> Batch:
    """pytest with no test to run, and with no plugins but those of the arguments."""
    nothing = ["-c", os.devnull, "--noconftest", "-qq", "--collect-only", "--ignore-glob=*"]
    nothing += ["-p", "no:cacheprovider"]
    starts = process(sys.executable, "-c", STARTS, *nothing, *arguments, str(Path(__file__).parent))

    def batch() -> float:
        environment = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": ""}
        with patch.dict(os.environ, environment):
            return starts()

    return batch


def matrix() -> Batch:
    """A service at each failure that can be repaired, with two processes of pytest-xdist."""
    vault = Path(__file__).parent / "vault"
    quietly = ("-q", "-n", "2", "-c", os.devnull, "-p", "no:cacheprovider", "-p", "no:asyncio")
    return process(sys.executable, "-m", "pytest", *quietly, str(vault))


STARTS = """
import sys
import pytest

sys.exit(pytest.main(sys.argv[1:]) != pytest.ExitCode.NO_TESTS_COLLECTED)
"""


def first_key_store() -> float:
    """In a new process each time, with one DescribeKey of moto in it as 1."""
    command = [sys.executable, "-c", FIRST]
    return median(
        float(subprocess.check_output(command, cwd=Path(__file__).parent))
        for _ in range(FIRST_PROCESSES)
    )


def create_in(store_id: str) -> None:
    KMS.create_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=store_id)


def enter_and_leave(mock: Callable[[], Any]) -> Batch:
    def once() -> None:
        with mock():
            pass

    return lambda: seconds(once, calls=5, repeats=3)


def process(*command: str) -> Batch:
    """The seconds of a process from its start to its end, by the clock on the wall."""

    def batch() -> float:
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start

    return batch


def python(program: str) -> Batch:
    return process(sys.executable, "-c", program)


def script(name: str, *arguments: str) -> Batch:
    """A console script of the environment that this runs in."""
    return process(str(Path(sysconfig.get_path("scripts"), name)), *arguments)


def among_many_keys() -> Iterator[Row]:
    """The times among many keys, with those among few as 1; each Region is its own world."""
    few: Any = SESSION.client("kms", region_name="us-west-1")
    many: Any = SESSION.client("kms", region_name="us-west-2")
    keys: dict[Any, str] = {}
    with mock_cks():
        for client, count in ((few, FEW_KEYS), (many, MANY_KEYS)):
            for number in range(count):
                key_id = client.create_key()["KeyMetadata"]["KeyId"]
                client.create_alias(AliasName=f"alias/{number}", TargetKeyId=key_id)
                keys[client] = keys.get(client, key_id)
                client.create_grant(
                    KeyId=keys[client],
                    GranteePrincipal=PRINCIPAL,
                    RetiringPrincipal=PRINCIPAL,
                    Operations=["Encrypt"],
                )
            client.tag_resource(KeyId=keys[client], Tags=[{"TagKey": "a", "TagValue": "b"}])
        # The last one made, which a scan would find last.
        value = ratio(
            lambda: describe(f"alias/{MANY_KEYS - 1}", many),
            lambda: describe(f"alias/{FEW_KEYS - 1}", few),
            rounds=20,
        )
        yield Row(f"lookup by alias, {MANY_KEYS:,} keys", value, 1.2, f"x {FEW_KEYS} keys")
        for operation, parameters in LISTS.items():
            value = ratio(
                page(many, operation, keys[many], parameters),
                page(few, operation, keys[few], parameters),
                rounds=20,
            )
            yield Row(f"{operation}, {MANY_KEYS:,} entries", value, 1.25, f"x {FEW_KEYS} entries")


PRINCIPAL = "arn:aws:iam::123456789012:role/example"
LISTS: dict[str, dict[str, str]] = {
    "list_keys": {},
    "list_aliases": {},
    "list_grants": {"KeyId": ""},
    "list_retirable_grants": {"RetiringPrincipal": PRINCIPAL},
    "list_resource_tags": {"KeyId": ""},
}


def page(client: Any, operation: str, key_id: str, parameters: dict[str, str]) -> Batch:
    """A page of a list, the last that has so many entries."""
    given = {name: value or key_id for name, value in parameters.items()}
    call = getattr(client, operation)
    return lambda: seconds(lambda: call(**given, Limit=10), calls=20, repeats=5)


def kib_of_a_key() -> float:
    with mock_cks() as cks:
        store_id = cks.create_key_store().id
        for _ in range(50):
            create_in(store_id)
        tracemalloc.start()
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(MEMORY_KEYS):
            create_in(store_id)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return (after - before) / MEMORY_KEYS / 1024


def recording() -> float:
    """The time of an Encrypt that is recorded, with one that is not as 1; both in one world."""
    with mock_cks() as cks:
        key_id = cks.create_key_store().create_key()

        def unrecorded() -> float:
            with patch("moto_cks.frontend.calls.observers", []):
                return encrypt(key_id)

        return ratio(lambda: encrypt(key_id), unrecorded, rounds=40)


def metrics() -> float:
    """The time of an Encrypt by an external key, with one that no metric counts as 1."""
    with mock_cks() as cks:
        key_id = cks.create_external_key_store().create_key()

        def uncounted() -> float:
            with patch.multiple(Meter, count=lambda *_: None, measure=lambda *_: None):
                return encrypt(key_id)

        return ratio(lambda: encrypt(key_id), uncounted, rounds=40)


def handshakes() -> float:
    """How many there are for a thousand calls with one external key store."""
    made = []
    real = TlsConnection.shake_hands

    def counted(*arguments: Any) -> None:
        made.append(real(*arguments))

    with mock_cks() as cks:
        key_id = cks.create_external_key_store().create_key()
        KMS.encrypt(KeyId=key_id, Plaintext=b"x")
        with patch.object(TlsConnection, "shake_hands", counted):
            for _ in range(1000):
                KMS.encrypt(KeyId=key_id, Plaintext=b"x")
    return len(made)


@contextmanager
def foreign_proxy() -> Iterator[tuple[str, str]]:
    """A proxy in another process; an external key of it, and one of an embedded proxy."""
    with TemporaryDirectory() as folder, mock_cks() as cks:
        proxy = XksProxy(FOREIGN)
        credential, issued = proxy.credential, proxy.certificate.issued
        files = {
            "cert": issued.chain,
            "key": issued.key,
            "config": json.dumps(
                {
                    "path_prefix": proxy.main.path_prefix,
                    "credentials": [
                        {
                            "access_key_id": credential.access_key_id,
                            "secret_access_key": credential.secret_access_key,
                        }
                    ],
                    "keys": [{"id": "foreign"}],
                }
            ),
        }
        options = []
        for name, content in files.items():
            Path(folder, name).write_text(content)
            options += [f"--{name}", str(Path(folder, name))]
        command = [sys.executable, "-m", "moto_cks.executables.xks_proxy", "--port", "0"]
        with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            address = urlsplit(process.stdout.readline().strip()).netloc
            try:
                ca = proxy.certificate.authority.certificate
                cks.route_xks(proxy.endpoint, to=address, ca=ca)
                yield key_behind(proxy), cks.create_external_key_store().create_key()
            finally:
                process.terminate()


def key_behind(proxy: XksProxy) -> str:
    """A KMS key in a new key store of a proxy that is outside."""
    store_id = KMS.create_custom_key_store(
        CustomKeyStoreName="Foreign",
        CustomKeyStoreType="EXTERNAL_KEY_STORE",
        XksProxyConnectivity="PUBLIC_ENDPOINT",
        XksProxyUriEndpoint=proxy.endpoint,
        XksProxyUriPath=proxy.path,
        XksProxyAuthenticationCredential={
            "AccessKeyId": proxy.credential.access_key_id,
            "RawSecretAccessKey": proxy.credential.secret_access_key,
        },
    )["CustomKeyStoreId"]
    KMS.connect_custom_key_store(CustomKeyStoreId=store_id)
    answer = KMS.create_key(
        Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=store_id, XksKeyId="foreign"
    )
    return str(answer["KeyMetadata"]["KeyId"])


def of_a_foreign_proxy() -> Iterator[Row]:
    """By the clock on the wall: what another process does counts."""
    with foreign_proxy() as (foreign, embedded):

        def milliseconds(key_id: str) -> float:
            start = time.perf_counter()
            KMS.encrypt(KeyId=key_id, Plaintext=b"x" * 32)
            return (time.perf_counter() - start) * 1000

        for _ in range(50):
            milliseconds(foreign)
            milliseconds(embedded)
        more = [milliseconds(foreign) - milliseconds(embedded) for _ in range(500)]
        yield Row("Encrypt by a foreign proxy", median(more), 1, "ms more than embedded")

        def succeeds(key_id: str) -> bool:
            try:
                milliseconds(key_id)
            except KMS.exceptions.KMSInvalidStateException:
                return False  # KMS has waited for 250 ms
            return True

        start = time.perf_counter()
        with ThreadPoolExecutor(THREADS) as pool:
            done = list(pool.map(succeeds, [foreign] * FOREIGN_CALLS))
        rate = FOREIGN_CALLS / (time.perf_counter() - start)
        yield Row(f"the same, {THREADS} threads", rate, 200, "calls a second", at_least=True)
        yield Row("of those, calls given up", done.count(False), 0, f"of {FOREIGN_CALLS:,}")


def kib_of_a_recorded_call() -> float:
    with mock_cks() as cks:
        key_id = cks.create_key_store().create_key()
        context = {"EncryptionContext": {"department": "finance"}}
        for _ in range(50):
            KMS.encrypt(KeyId=key_id, Plaintext=b"x", **context)
        tracemalloc.start()
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(MEMORY_CALLS):
            KMS.encrypt(KeyId=key_id, Plaintext=b"x", **context)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return (after - before) / MEMORY_CALLS / 1024


def first_page_of_events() -> float:
    """The time among many events, with the time among few as 1."""
    regions = {"us-west-1": FEW_EVENTS, "us-west-2": MANY_EVENTS}
    with mock_cks():
        few, many = (
            SESSION.client("cloudtrail", region_name=region).lookup_events for region in regions
        )
        for region, count in regions.items():
            for _ in range(count):
                announce(Deed("kms", "DeleteKey", "123456789012", region))
        return ratio(lambda: seconds(many, calls=5), lambda: seconds(few, calls=5), rounds=20)


def milliseconds_of_a_deletion() -> float:
    """Of one of many keys that fall due in one advance, with their material and their records."""
    with mock_cks() as cks:
        store_id = cks.create_key_store().id
        for _ in range(DUE_KEYS):
            answer = KMS.create_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=store_id)
            KMS.schedule_key_deletion(KeyId=answer["KeyMetadata"]["KeyId"])
        start = time.perf_counter()
        cks.clock.advance(days=30)
        passed = time.perf_counter() - start
        deleted = cks.trail.events(event_name="DeleteKey")
    if len(deleted) != DUE_KEYS:
        raise SystemExit(f"{len(deleted)} keys were deleted, and not {DUE_KEYS}.")
    return passed / DUE_KEYS * 1000


def milliseconds_of_a_daily_backup() -> float:
    """Of one of those that ten clusters make in 90 days, in one advance."""
    with mock_cks() as cks:
        for _ in range(10):
            cks.create_cluster()
        start = time.perf_counter()
        cks.clock.advance(days=90)
        return (time.perf_counter() - start) / 900 * 1000


def rows() -> Iterator[Row]:
    for operation, measure in {
        "Encrypt": encrypt,
        "Decrypt": decrypt,
        "GenerateDataKey": generate_data_key,
        "DescribeKey": describe,
    }.items():
        value = ratio(on_store_key(measure), on_moto_key(measure), rounds=20)
        if measure is encrypt:
            encrypting = value
        yield Row(f"{operation}, key in a key store", value, 0.55, "x moto")
        value = ratio(on_ordinary_key(measure), on_moto_key(measure), rounds=20)
        yield Row(f"{operation}, ordinary key", value, 0.55, "x moto")
        value = ratio(on_external_key(measure), on_moto_key(measure), rounds=20)
        # The proxy does its part, too; DescribeKey does not ask it.
        limit = 0.55 if measure is describe else 1.25
        yield Row(f"{operation}, external key", value, limit, "x moto")
    value = ratio(on_ordinary_key(sign, **SIGNING), on_moto_key(sign, **SIGNING), rounds=20)
    # The signature itself costs the same on both sides.
    yield Row("Sign, ordinary key", value, 0.6, "x moto")
    value = ratio(on_store_key(encrypt), canned(), rounds=20)
    yield Row("Encrypt, key in a key store", value, 1.7, "x a canned answer")
    value = ratio(create_store_key, create_moto_key, rounds=10)
    yield Row("CreateKey in a key store", value, 0.03, "x moto")
    value = 1 / ratio(create_ordinary_key, create_moto_key, rounds=10)
    yield Row("CreateKey, ordinary", value, 20, "x faster than moto", at_least=True)
    value = ratio(enter_and_leave(mock_cks), enter_and_leave(mock_aws), rounds=30)
    yield Row("entering and leaving", value, 1.1, "x mock_aws")
    ours = python("from moto_cks import mock_cks, cks")
    value = ratio(ours, python("from moto import mock_aws"), rounds=30)
    yield Row("import of mock_cks and cks", value, 1.15, "x import of mock_aws")
    value = ratio(script("cloudhsm-cli", "--version"), python("pass"), rounds=30)
    yield Row("cloudhsm-cli --version", value, 5, "x python -c pass")
    value = ratio(create_key_store, on_moto_key(describe), rounds=20)
    yield Row("create_key_store() in a new mock", value, DESCRIPTIONS, "x DescribeKey, moto")
    value = ratio(fixture_key_store, on_moto_key(describe), rounds=20)
    yield Row("cks_key_store, a test", value, FIXTURE_DESCRIPTIONS, "x DescribeKey, moto")
    value = ratio(restoring, on_moto_key(describe), rounds=20)
    yield Row("restoring a snapshot", value, RESTORE_DESCRIPTIONS, "x DescribeKey, moto")
    value = ratio(create_external_key_store, on_moto_key(describe), rounds=20)
    yield Row("create_external_key_store()", value, DESCRIPTIONS, "x DescribeKey, moto")
    value = days_with_external_key_stores()
    yield Row(f"30 days, {EXTERNAL_STORES} external key stores", value, 50, "ms")
    yield Row("TLS handshakes, 1,000 calls", handshakes(), 0, "besides the first")
    # Of what the call costs itself, with the metrics.
    yield Row("what metrics add to it", 1 - 1 / metrics(), 0.05, "x Encrypt, external key")
    yield from of_a_foreign_proxy()
    value = ratio(pytest_starting("-p", "moto_cks.pytest_plugin"), pytest_starting(), rounds=30)
    yield Row("the pytest plugin, unused", value, 1.05, "x start of pytest")
    value = ratio(matrix(), pytest_starting(), rounds=3)
    yield Row("resilience matrix, one service", value, 200, "x start of pytest")
    value = first_key_store()
    yield Row("the first in the process", value, 10 * DESCRIPTIONS, "x DescribeKey, moto")
    yield Row("memory of a key in a key store", kib_of_a_key(), 6, "KiB")
    # Of what an Encrypt costs in moto: the faster the call, the larger is its own share.
    value = encrypting * (1 - 1 / recording())
    yield Row("what recording adds to Encrypt", value, 0.05, "x Encrypt, moto")
    yield Row("memory of a recorded call", kib_of_a_recorded_call(), 0.6, "KiB")
    value = milliseconds_of_a_deletion()
    yield Row(f"deletion, {DUE_KEYS:,} keys due at once", value, 1, "ms a key")
    value = milliseconds_of_a_daily_backup()
    yield Row("daily backups, ten clusters", value, 5, "ms a backup")
    value = first_page_of_events()
    yield Row(f"LookupEvents, {MANY_EVENTS:,} events", value, 1.2, f"x {FEW_EVENTS} events")
    yield from among_many_keys()


def print_rows(rows: Iterator[Row]) -> int:
    """Print a table; returns 1 where a limit is missed."""
    print(f"{'what':32} {'measured':>9} {'limit':>9}  {'unit':20} verdict")
    missed = False
    for row in rows:
        missed |= not row.met
        limit = f"{'>=' if row.at_least else '<='} {row.limit:g}"
        verdict = "ok" if row.met else "MISSED"
        print(f"{row.name:32} {row.value:9.2f} {limit:>9}  {row.unit:20} {verdict}", flush=True)
    return int(missed)


if __name__ == "__main__":
    sys.exit(print_rows(rows()))
