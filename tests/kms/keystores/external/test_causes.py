"""What KMS makes of each cause and each defect of a proxy: in memory and over TCP the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest
from botocore.exceptions import ClientError

from moto_cks import mock_cks
from moto_cks.kms.keystores.external import client
from moto_cks.kms.keystores.external.connections import connections
from moto_cks.kms.keystores.external.routes import TcpRoute, routes
from moto_cks.world.lock import WORLD
from moto_cks.xks_proxy.certificates import Authority
from moto_cks.xks_proxy.defects import DEFECTS
from moto_cks.xks_proxy.proxy import XksProxy
from tests.kms.keystores.external import Owner, creation, credential
from tests.kms.keystores.external.scripted import PATIENCE

MESSAGES = {
    "malformed": "AWS KMS cannot interpret the response",
    "not enabled": "The external key associated with this KMS key in an external key store is not",
    "usage": "The external key associated with this KMS key in an external key store does not",
    "not found": "The external key associated with this KMS key in an external key store was not",
    "authentication": "The external key store proxy rejected the request because it could not au",
    "access": "The external key store proxy denied access",
    "path": "The external key store proxy rejected the request because of an invalid URI path",
    "unsupported": "The external key store proxy rejected the request because it does not support",
    "dependency": "The external key store proxy did not respond",
    "throttled": "The external key store proxy rejected the request due to a very high",
    "internal": "The external key store proxy rejected the request because it cannot communicate",
    "unreachable": "AWS KMS cannot communicate with the external key store proxy",
    "TLS": "AWS KMS cannot establish a TLS connection",
    "timeout": "AWS KMS rejected the request because the external key store proxy did not",
    "ciphertext": "The external key store proxy rejected the request because the specified",
    "inner layer": "The ciphertext that the external key store proxy submitted",
    "key spec": "The key spec of the external key must be AES_256. The key spec of specified",
    "key status": "The status of the external key must be ENABLED. The status of specified",
    "key usage": "The key usage of the external key must include ENCRYPT and DECRYPT. The key",
}
"""How the messages begin, by the names that the contract has for them."""

WORKS = "works"
QUICK = 0.15
"""In seconds: how long KMS waits where something is to be too slow; real time over TCP."""


def word_for(call: Callable[[], Any]) -> str:
    """What a call ends in, in a word."""
    try:
        call()
    except ClientError as error:
        said = error.response["Error"]["Message"]
        (word,) = (name for name, begins in MESSAGES.items() if said.startswith(begins))
        return word
    return WORKS


class Seen(NamedTuple):
    """What is seen of a cause: what each use ends in, and the attempt to connect anew."""

    encrypt: str
    decrypt: str
    data_key: str
    create_key: str
    connection: str


def hang_up(owner: Owner) -> None:
    """Have KMS connect anew, as it would in the long run: so it meets what is new."""
    with WORLD:
        connections().of(owner.store.id).drop()


def seen_by(owner: Owner) -> Seen:
    """Use everything."""
    hang_up(owner)
    encrypt, decrypt = word_for(owner.encrypt), word_for(owner.decrypt)
    data_key = word_for(lambda: owner.kms.generate_data_key(KeyId=owner.key_id, KeySpec="AES_256"))
    create_key = word_for(lambda: owner.store.create_key("external-key-2"))
    state, code = owner.reconnect()
    return Seen(encrypt, decrypt, data_key, create_key, code or state)


class Case(NamedTuple):
    """A cause, and what is to be seen of it.

    Attributes:
        cause: brings it about; what it returns takes it back.
        seen: what is to be seen.
        slow: whether it is a matter of time.
    """

    cause: Callable[[XksProxy], Any]
    seen: Seen
    slow: bool = False


def always(word: str, code: str) -> Seen:
    return Seen(word, word, word, word, code)


def of_keys(word: str, create_key: str | None = None) -> Seen:
    """What is seen where only the use of keys fails."""
    return Seen(word, word, word, WORKS if create_key is None else create_key, "CONNECTED")


def both_keys(change: Callable[[Any], Any]) -> Callable[[XksProxy], None]:
    def change_both(proxy: XksProxy) -> None:
        for key in proxy.keys.values():
            change(key)

    return change_both


def health(value: str) -> Callable[[XksProxy], None]:
    def set_all(proxy: XksProxy) -> None:
        for instance in proxy.instances:
            instance.health = value

    return set_all


def slow_manager(proxy: XksProxy) -> Any:
    proxy.manager.timeout = 0.01
    return proxy.instances[0].slow(1)


def closed_to_health_checks(proxy: XksProxy) -> Any:
    proxy.authorization.apply_to_health_checks = True
    return proxy.authorization.deny()


AUTHENTICATION = always("authentication", "INVALID_CREDENTIALS")
TLS = always("TLS", "XKS_PROXY_INVALID_TLS_CONFIGURATION")
TIMED_OUT = "XKS_PROXY_TIMED_OUT"

CAUSES: dict[str, Case] = {
    "stopped": Case(lambda p: p.stop(), always("unreachable", "XKS_PROXY_NOT_REACHABLE")),
    "slow": Case(lambda p: p.latency(2 * QUICK), always("timeout", TIMED_OUT), slow=True),
    "slow for a key": Case(
        lambda p: p.latency(2 * QUICK, key="external-key-1"), of_keys("timeout"), slow=True
    ),
    "slow for an API": Case(
        lambda p: p.latency(2 * QUICK, api="Decrypt"),
        Seen(WORKS, "timeout", WORKS, WORKS, "CONNECTED"),
        slow=True,
    ),
    "slow handshake": Case(
        lambda p: p.latency(2 * QUICK, api="handshake"), always("timeout", TIMED_OUT), slow=True
    ),
    "slow key manager": Case(slow_manager, always("dependency", TIMED_OUT)),
    "key manager not reached": Case(
        lambda p: p.instances[0].unreachable(), always("internal", "XKS_PROXY_INVALID_RESPONSE")
    ),
    "DEGRADED": Case(health("DEGRADED"), always(WORKS, "CONNECTED")),
    "UNAVAILABLE": Case(health("UNAVAILABLE"), always("internal", "XKS_PROXY_NOT_REACHABLE")),
    "key disabled": Case(
        both_keys(lambda key: key.disable()), of_keys("not enabled", "key status")
    ),
    "key deleted": Case(both_keys(lambda key: key.delete()), of_keys("not found", "not found")),
    "key of another spec": Case(
        both_keys(lambda key: setattr(key, "spec", "RSA_2048")), of_keys("usage", "key spec")
    ),
    "key of another usage": Case(
        both_keys(lambda key: setattr(key, "usage", ["ENCRYPT"])),
        # The integrity value is computed, the ciphertext decrypted again, by a key that may not.
        Seen(WORKS, "usage", "usage", "key usage", "CONNECTED"),
    ),
    "key ID reassigned": Case(
        both_keys(lambda key: key.reassign()), Seen(WORKS, "ciphertext", WORKS, WORKS, "CONNECTED")
    ),
    "credential rotated": Case(lambda p: p.credentials.rotate(), AUTHENTICATION),
    "credential removed": Case(
        lambda p: p.credentials.remove(p.credential.access_key_id), AUTHENTICATION
    ),
    "clock fast": Case(lambda p: p.clock_skew(400), AUTHENTICATION),
    "clock slow": Case(lambda p: p.clock_skew(-400), AUTHENTICATION),
    "rules": Case(lambda p: p.authorization.deny(), of_keys("access", "access")),
    "rules for an operation": Case(
        lambda p: p.authorization.deny(operation="Decrypt"),
        Seen(WORKS, "access", WORKS, WORKS, "CONNECTED"),
    ),
    "rules for health checks, too": Case(
        closed_to_health_checks, always("access", "XKS_PROXY_ACCESS_DENIED")
    ),
    "quota": Case(
        lambda p: p.quota(1), Seen(WORKS, *("throttled",) * 3, "XKS_PROXY_NOT_REACHABLE")
    ),
    "prefix moved": Case(
        lambda p: p.move("/moved"), always("path", "XKS_PROXY_INVALID_CONFIGURATION")
    ),
    "prefix out of use": Case(
        lambda p: p.block(), always("not enabled", "XKS_PROXY_NOT_REACHABLE")
    ),
    "certificate expired": Case(lambda p: p.certificate.renew(starts=-90, days=-1), TLS),
    "certificate not yet valid": Case(lambda p: p.certificate.renew(starts=1), TLS),
    "certificate of another name": Case(
        lambda p: p.certificate.renew(cn="other.example.com", san=["other.example.com"]), TLS
    ),
    "certificate signed by itself": Case(lambda p: p.certificate.renew(issuer="self"), TLS),
    "certificate of an unknown CA": Case(lambda p: p.certificate.renew(issuer="unknown"), TLS),
    "no intermediate": Case(lambda p: p.certificate.renew(chain=False), TLS),
    "TLS 1.1": Case(lambda p: p.tls(maximum="TLSv1.1"), TLS),
    "other suites": Case(lambda p: p.tls(ciphers="ECDHE+AES128"), TLS),
    "plain HTTP": Case(lambda p: p.plain_http(), TLS),
    "client certificate of another CA": Case(
        lambda p: p.require_client_certificate(ca=Authority("Other").certificate), TLS
    ),
    "Host rewritten": Case(lambda p: p.reverse_proxy(host="inner:8080"), AUTHENTICATION),
    "bad gateway": Case(
        lambda p: p.reverse_proxy(bad_gateway=True),
        always("malformed", "XKS_PROXY_INVALID_RESPONSE"),
    ),
    "connection cut": Case(lambda p: p.cut_connections(), always("unreachable", "NETWORK_ERRORS")),
    "no Encrypt": Case(
        lambda p: p.unsupported("Encrypt"),
        Seen("unsupported", WORKS, "unsupported", WORKS, "CONNECTED"),
    ),
    "no GetKeyMetadata": Case(
        lambda p: p.unsupported("GetKeyMetadata"),
        Seen(WORKS, WORKS, WORKS, "unsupported", "CONNECTED"),
    ),
    "no GetHealthStatus": Case(
        lambda p: p.unsupported("GetHealthStatus"),
        Seen(WORKS, WORKS, WORKS, WORKS, "XKS_PROXY_INVALID_RESPONSE"),
    ),
}


def not_found_for_internal(proxy: XksProxy) -> Any:
    proxy.defect("key-not-found-for-internal")
    return proxy.instances[0].unreachable()


def encrypting(word: str) -> Seen:
    """What is seen where only what Encrypt answers is wrong."""
    return Seen(word, WORKS, word, WORKS, "CONNECTED")


DEFECTIVE: dict[str, Case] = {
    "tag-left-on-ciphertext": Case(
        lambda p: p.defect("tag-left-on-ciphertext"), encrypting("malformed")
    ),
    "metadata-too-long": Case(lambda p: p.defect("metadata-too-long"), encrypting("malformed")),
    "integrity-value-of-another-order": Case(
        lambda p: p.defect("integrity-value-of-another-order"),
        Seen(WORKS, WORKS, "malformed", WORKS, "CONNECTED"),
    ),
    "integrity-value-missing": Case(
        lambda p: p.defect("integrity-value-missing"),
        Seen(WORKS, WORKS, "malformed", WORKS, "CONNECTED"),
    ),
    "key-spec-rsa-0": Case(
        lambda p: p.defect("key-spec-rsa-0"), Seen(WORKS, WORKS, WORKS, "key spec", "CONNECTED")
    ),
    "key-not-found-for-internal": Case(
        not_found_for_internal, always("not found", "XKS_PROXY_INVALID_RESPONSE")
    ),
    "url-safe-base64": Case(
        lambda p: p.defect("url-safe-base64"),
        Seen(*("malformed",) * 3, WORKS, "CONNECTED"),
    ),
    "wrong-plaintext": Case(
        lambda p: p.defect("wrong-plaintext"),
        Seen(WORKS, "inner layer", WORKS, WORKS, "CONNECTED"),
    ),
    "additional-data-ignored": Case(
        lambda p: p.defect("additional-data-ignored"),
        # What was encrypted before has data that the proxy leaves out now.
        Seen(WORKS, "ciphertext", WORKS, WORKS, "CONNECTED"),
    ),
}


@contextmanager
def over_tcp(proxy: XksProxy) -> Iterator[None]:
    """Have KMS reach the proxy at a port of its own."""
    address = proxy.serve()
    with WORLD:
        before, routes().by_host[proxy.host] = routes().by_host[proxy.host], TcpRoute(address)
    try:
        with patch.object(client, "SECONDS", PATIENCE):
            yield
    finally:
        with WORLD:
            routes().by_host[proxy.host] = before
        proxy.close()


CARRIERS: dict[str, Callable[[XksProxy], Any]] = {
    "memory": lambda proxy: nullcontext(),
    "TCP": over_tcp,
}


def played(case: Case, carrier: str) -> Seen:
    """What is seen of a cause over a carrier; taken back, everything works."""
    with mock_cks() as cks:
        owner = Owner(cks.create_external_key_store())
        owner.proxy.create_key("external-key-2")
        with CARRIERS[carrier](owner.proxy):
            cause = case.cause(owner.proxy)
            with patch.object(client, "SECONDS", QUICK) if case.slow else nullcontext():
                seen = seen_by(owner)
            if hasattr(cause, "undo"):
                cause.undo()
                if seen.connection != "CONNECTED":
                    assert owner.reconnect() == ("CONNECTED", None)
                if not owner.proxy.defects:
                    assert owner.decrypt(owner.encrypt()) == owner.decrypt()
        return seen


PLAYS = [
    (name, carrier)
    for name, case in CAUSES.items()
    for carrier in CARRIERS
    # Over TCP time is real: on a busy machine what should work may be too slow, too.
    if not (case.slow and WORKS in case.seen and carrier == "TCP")
]


@pytest.mark.parametrize(("name", "carrier"), PLAYS)
def test_x58_what_kms_makes_of_a_cause(name: str, carrier: str) -> None:
    assert played(CAUSES[name], carrier) == CAUSES[name].seen


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("name", DEFECTIVE)
def test_x59_what_kms_makes_of_a_defect(name: str, carrier: str) -> None:
    assert played(DEFECTIVE[name], carrier) == DEFECTIVE[name].seen


@pytest.mark.parametrize("carrier", CARRIERS)
def test_x59_a_secret_that_is_too_long_for_the_proxy(world: Any, carrier: str) -> None:
    owner = Owner(world.create_external_key_store())
    for length in (43, 44):
        added = owner.proxy.credentials.add("B" * (length - 20), "s" * length)
        change = {
            "XksProxyAuthenticationCredential": {
                "AccessKeyId": added.access_key_id,
                "RawSecretAccessKey": added.secret_access_key,
            }
        }
        with CARRIERS[carrier](owner.proxy), owner.proxy.defect("long-secret-not-understood"):
            if length == 43:
                owner.update(**change)
                assert owner.works()
            else:
                code, _ = owner.cannot_update(**change)
                assert code == "XksProxyIncorrectAuthenticationCredentialException"


@pytest.mark.parametrize("carrier", CARRIERS)
def test_x59_a_connection_limit(world: Any, carrier: str) -> None:
    """One key store has the only connection, and the other one gets none."""
    first = Owner(world.create_external_key_store())
    prefix = first.proxy.add_prefix("/other", keys=["external-key-1"])
    given = {
        "XksProxyUriPath": prefix.path,
        "XksProxyAuthenticationCredential": credential(prefix),
    }
    with CARRIERS[carrier](first.proxy):
        created = creation(first.proxy, "second", **given)
        second_id = first.kms.create_custom_key_store(**created)["CustomKeyStoreId"]
        assert first.works()
        with first.proxy.defect("connection-limit"):
            first.kms.connect_custom_key_store(CustomKeyStoreId=second_id)
            found = first.kms.describe_custom_key_stores(CustomKeyStoreId=second_id)
            assert found["CustomKeyStores"][0]["ConnectionErrorCode"] == "NETWORK_ERRORS"
            assert first.works()


NO_USE = [name for name, case in CAUSES.items() if WORKS not in (*case.seen[:3],)]


@pytest.mark.parametrize("name", NO_USE)
def test_x38_of_every_cryptographic_operation_it_is_the_same_exception(
    owner: Owner, name: str
) -> None:
    case = CAUSES[name]
    owner.proxy.create_key("external-key-2")
    case.cause(owner.proxy)
    hang_up(owner)
    calls = [
        lambda: owner.kms.re_encrypt(
            CiphertextBlob=owner.ciphertext, DestinationKeyId=owner.key_id
        ),
        lambda: owner.kms.generate_data_key_without_plaintext(KeyId=owner.key_id, NumberOfBytes=32),
    ]
    with patch.object(client, "SECONDS", QUICK) if case.slow else nullcontext():
        for call in calls:
            message = owner.why_not(call)
            assert message.startswith(MESSAGES[case.seen.decrypt])


def test_x59_no_defect_is_left_out() -> None:
    elsewhere = {"long-secret-not-understood", "connection-limit"}
    assert DEFECTIVE.keys() | elsewhere == DEFECTS.keys()
