"""P7: no password and no key material in anything that leaves the mock, whatever is called.

Everything in one world is watched: a trail with digest files and a topic, a rule for all events,
a logger that hears all. Each operation of KMS and AWS CloudHSM is called there with secrets in all
the places where the service model has them, rightly and wrongly. Then all that was seen is searched
for each secret in each form in which it could have been written down.

tests/test_secrets.py looks at a small world more closely: nothing there may look like a secret.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from freezegun import freeze_time
from moto.core.utils import get_service_model

from moto_cks import mock_cks

from .calls import (
    ADMIN,
    CREDENTIAL,
    KMSUSER,
    MATERIAL,
    MESSAGE,
    NOON,
    OTHER,
    PLAINTEXT,
    REFUSED,
    WRONG,
    call_everything,
    call_rawly,
    import_material,
    names_of_resources,
    use_faults,
    use_keys,
    use_passwords,
)
from .search import Secrets, forms_of
from .watch import (
    SERVICES,
    Watch,
    add_handles,
    everything_noted,
    explain_everything,
    know_what_is_kept,
    look,
    make_trail_and_rule,
)


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
            explain_everything(watch)
            add_handles(watch, [store])
            call_rawly(watch)
            call_everything(watch, {"KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab"})
            call_everything(watch, known | names_of_resources(watch, store, known["KeyId"]))
            know_what_is_kept(watch)
            world.clock.advance(days=31)
            look(watch)
        yield watch


PLACES = {
    "answers",
    "dashboard",
    "digest files",
    "exceptions",
    "explanations",
    "handles",
    "history",
    "log",
    "log files",
    "output",
    "raw answers",
    "rule-queue",
    "timeline",
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
    for place in ("history", "log files", "rule-queue", "timeline", "trail handle"):
        text = b"".join(x if isinstance(x, bytes) else x.encode() for x in watch.seen[place])
        for name in (b"UpdateCustomKeyStore", b"ImportKeyMaterial", b"DeleteExpiredKeyMaterial"):
            assert name in text, (place, name)


def test_p7_there_is_a_secret_of_each_kind(watch: Watch) -> None:
    planted = {"kmsuser's password", "the officer's password", "a wrong password", "a plaintext"}
    answered = {f"{name} Plaintext" for name in ("GenerateDataKey", "GenerateRandom")}
    imported = {"imported material 0", "wrapped material 0", "a wrapping key"}
    kept = {"a symmetric key", "a private key", "key material in an HSM"}
    passwords = {"the rotated password", "the digest of a password"}
    assert planted | answered | imported | kept | passwords <= watch.secrets.names


@pytest.mark.parametrize("place", sorted(PLACES))
def test_p7_no_secret_is_seen(watch: Watch, place: str) -> None:
    found = {name: seen for seen in watch.seen[place] for name in watch.secrets.found_in(seen)}
    assert found == {}
