"""The kinds of objects that services keep, each in a snapshot and in a file."""

from __future__ import annotations

import ipaddress
import itertools
import re
import threading
import uuid
import weakref
from collections import Counter, OrderedDict, defaultdict, deque
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from dateutil import tz
from freezegun import freeze_time
from moto.backends import get_backend
from moto.s3.models import FakeAcl
from requests.structures import CaseInsensitiveDict

from moto_cks import Cks


def kept(value: Any = None) -> Any:
    """What a service keeps, which is this from now on."""
    backend: Any = get_backend("sqs")["123456789012"]["us-east-1"]
    if value is not None:
        backend.kept = value
    return backend.kept


@pytest.fixture(params=["in memory", "in a file"])
def again(request: pytest.FixtureRequest, world: Cks, tmp_path: Path) -> Any:
    """Gives what is there of something in a restored world."""

    def restored(value: Any) -> Any:
        kept(value)
        if request.param == "in a file":
            world.save(tmp_path / "a.world")
            world.load(tmp_path / "a.world")
        else:
            world.restore(world.snapshot())
        return kept()

    return restored


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 1, 31, 12, 0, 0, 5),
        datetime(2026, 1, 31, 12, tzinfo=timezone.utc),
        datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=2))),
        datetime(2026, 1, 31, 12, tzinfo=tz.tzutc()),
        datetime(2026, 1, 31, 12, tzinfo=tz.tzlocal()),
        date(2026, 1, 31),
        timedelta(days=-3, microseconds=5),
        Decimal("1.10"),
        uuid.UUID(int=5),
        {"a": [1, 2.5, None, True, b"\x00", 10**30, {"nested"}, frozenset({1}), (1, (2,))]},
        OrderedDict(a=1),
        Counter("aab"),
        CaseInsensitiveDict({"Content-Type": "x"}),
        deque([1, 2], maxlen=2),
        bytearray(b"abc"),
        ipaddress.ip_address("10.0.0.1"),
        ipaddress.ip_network("10.0.0.0/16"),
        ipaddress.ip_address("::1"),
        ipaddress.ip_network("fd00::/8"),
        re.compile("a+", re.IGNORECASE),
    ],
    ids=lambda value: f"{type(value).__name__} {value}"[:40],
)
def test_values(again: Any, value: Any) -> None:
    found = again(value)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("factory", [None, list, dict, int, set, str, float, bool, OrderedDict])
def test_dicts_with_a_default(again: Any, factory: Any) -> None:
    value: Any = defaultdict(factory, a=1)
    found = again(value)
    assert (found, found.default_factory) == (value, factory)


def test_frozen_moments_are_moments(again: Any) -> None:
    with freeze_time("2026-03-01T12:00:00Z"):
        frozen = [datetime.now(timezone.utc), date.today()]
        found = again(frozen)
    assert found == [datetime(2026, 3, 1, 12, tzinfo=timezone.utc), date(2026, 3, 1)]


def test_counts_go_on(again: Any) -> None:
    count = itertools.count(7)
    next(count)
    found = again(count)
    assert next(found) == next(count) == 8


def test_locks_are_new_and_events_as_they_were(again: Any) -> None:
    lock, happened = threading.Lock(), threading.Event()
    lock.acquire()
    happened.set()
    parts = [lock, threading.RLock(), threading.Condition(), happened, threading.Event()]
    found = again(parts)
    assert all(part.acquire() for part in found[:3])
    assert [event.is_set() for event in found[3:]] == [True, False]


def test_what_is_one_thing_stays_one_thing(again: Any) -> None:
    owner = FakeAcl([])
    values: Any = weakref.WeakValueDictionary(a=owner)
    own, same, reference, proxy, values = again(
        [owner, owner, weakref.ref(owner), weakref.proxy(owner), values]
    )
    assert own is same is reference() is values["a"]
    assert proxy.grants is own.grants


def _certificate() -> tuple[x509.Certificate, x509.CertificateSigningRequest]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "example")])
    begin = datetime(2026, 1, 1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, begin, begin)
    request = x509.CertificateSigningRequestBuilder().subject_name(name)
    return builder.sign(key, hashes.SHA256()), request.sign(key, hashes.SHA256())


def test_keys_and_certificates(again: Any) -> None:
    keys: list[Any] = [
        rsa.generate_private_key(65537, 2048),
        ec.generate_private_key(ec.SECP384R1()),
        ed25519.Ed25519PrivateKey.generate(),
    ]
    signed = _certificate()
    found_keys, found_public, found_signed = again(
        [keys, [key.public_key() for key in keys], list(signed)]
    )
    for key, private, public in zip(keys, found_keys, found_public, strict=True):
        written = [
            one.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            for one in (key.public_key(), private.public_key(), public)
        ]
        assert len(set(written)) == 1
    assert found_signed == list(signed)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (lambda: 1, r"function tests\.snapshots"),
        (print, "builtins.builtin_function_or_method"),
        (FakeAcl([]).to_config_dict, "method moto.s3.models.FakeAcl.to_config_dict"),
        (FakeAcl, "class moto.s3.models.FakeAcl"),
        (threading.Thread(), "threading.Thread"),
        (itertools.count(0, 2), "itertools.count with steps"),
        (weakref.ref(FakeAcl([])), "dead weak reference"),
        (defaultdict(lambda: 1), "defaultdict of tests"),
        (hashes.SHA256(), "hashes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_saved(world: Cks, tmp_path: Path, value: Any, kind: str) -> None:
    kept(value)
    if "hashes" in kind:  # only a file needs its bytes
        with pytest.raises(TypeError, match=kind):
            world.save(tmp_path / "a.world")
    else:
        with pytest.warns(UserWarning, match=kind):
            world.snapshot()
