"""P7, X8, X30, X56: of external key stores, nothing that is shown has a secret in it, or plaintext.

All that is watched of key stores in HSMs is watched here, too, and beside it the log of the proxy,
and what it was sent: the plaintext is nobody's but the caller's, the proxy's neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from freezegun import freeze_time
from moto.kms.models import kms_backends

from moto_cks import mock_cks
from tests.aws import REGION

from .calls import NOON, PLAINTEXT
from .watch import Watch, everything_noted, look, make_trail_and_rule

SHORT, WRONG = "s" * 43, "RawSecretAccessKeyOfNobody0000000000000000000"
OPERATIONS = ("Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey")


def use_key_store(watch: Watch) -> Any:
    """Make, use, change and break an external key store."""
    kms, world = watch.client("kms"), watch.world
    store = world.create_external_key_store(connect=False)
    proxy, it = store.proxy, {"CustomKeyStoreId": store.id}
    watch.ends_badly(
        kms.create_custom_key_store,
        CustomKeyStoreName="another",
        CustomKeyStoreType="EXTERNAL_KEY_STORE",
        XksProxyConnectivity="PUBLIC_ENDPOINT",
        XksProxyUriEndpoint="https://nobody.example.com",
        XksProxyUriPath="/kms/xks/v1",
        XksProxyAuthenticationCredential={"AccessKeyId": "A" * 20, "RawSecretAccessKey": WRONG},
    )
    kms.connect_custom_key_store(**it)
    key_id = store.create_key()
    use_key(watch, key_id)
    refused = {"AccessKeyId": proxy.credential.access_key_id, "RawSecretAccessKey": WRONG}
    watch.ends_badly(kms.update_custom_key_store, **it, XksProxyAuthenticationCredential=refused)
    for secret in (WRONG + "!", WRONG[:20]):
        bad = {**refused, "RawSecretAccessKey": secret}
        watch.ends_badly(kms.update_custom_key_store, **it, XksProxyAuthenticationCredential=bad)
    added = proxy.credentials.add("B" * 20, SHORT)
    kms.update_custom_key_store(
        **it,
        XksProxyAuthenticationCredential={
            "AccessKeyId": added.access_key_id,
            "RawSecretAccessKey": added.secret_access_key,
        },
    )
    sealed = kms.encrypt(KeyId=key_id, Plaintext=PLAINTEXT)["CiphertextBlob"]
    for begin in (
        proxy.stop,
        lambda: proxy.clock_skew(400),
        lambda: proxy.latency(1),
        lambda: proxy.defect("wrong-plaintext"),
        lambda: proxy.reverse_proxy(host="inner"),
        proxy.plain_http,
        proxy.cut_connections,
    ):
        with begin():
            watch.ends_badly(kms.decrypt, CiphertextBlob=sealed)
            watch.note("explanations", str(world.explain(store)), str(world.explain(key_id)))
    proxy.certificate.renew(issuer="unknown")
    watch.ends_badly(kms.decrypt, CiphertextBlob=sealed)
    proxy.certificate.renew()
    proxy.key(key_of(kms, key_id)).rotate()
    use_key(watch, key_id)
    kms.describe_custom_key_stores(**it)
    kms.disconnect_custom_key_store(**it)
    return store


def key_of(kms: Any, key_id: str) -> str:
    return str(kms.describe_key(KeyId=key_id)["KeyMetadata"]["XksKeyConfiguration"]["Id"])


def use_key(watch: Watch, key_id: str) -> None:
    kms = watch.client("kms")
    sealed = kms.encrypt(KeyId=key_id, Plaintext=PLAINTEXT)["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == PLAINTEXT
    watch.ends_badly(kms.decrypt, CiphertextBlob=sealed, EncryptionContext={"a": "b"})
    kms.re_encrypt(CiphertextBlob=sealed, DestinationKeyId=key_id)
    kms.generate_data_key(KeyId=key_id, KeySpec="AES_256")


def know_what_is_kept(watch: Watch, store: Any) -> None:
    """Add the secrets that no API tells: this test alone reaches for them."""
    proxy = store.proxy
    for credential in proxy.credentials:
        watch.secrets.add("a secret access key", credential.secret_access_key)
    for key in proxy.keys.values():
        for material in key._materials.values():
            watch.secrets.add("the material of an external key", material)
    authority = proxy.certificate.authority
    watch.secrets.add("the key of a certificate", proxy.certificate.issued.key.splitlines()[1])
    watch.handles += [store, proxy, proxy.credentials, *proxy.credentials, proxy.credential]
    watch.handles += [*proxy.keys.values(), proxy.certificate, proxy.certificate.issued, authority]
    watch.handles += [proxy.manager, proxy.main, proxy.authorization, *proxy.requests, *proxy.log]
    for _, _, backend in kms_backends.iter_backends():
        for key in backend.keys.values():
            watch.secrets.add("KMS's own material", key.materials.current.to_bytes())  # type: ignore[attr-defined]
            watch.handles.append(key)
        watch.handles += [*backend.key_stores]  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def watch() -> Iterator[Watch]:
    with freeze_time(NOON), mock_cks() as world:
        watch = Watch(world)
        watch.secrets.add("a plaintext", PLAINTEXT)
        watch.secrets.add("a credential that is refused", WRONG)
        with everything_noted(watch):
            make_trail_and_rule(watch)
            store = use_key_store(watch)
            know_what_is_kept(watch, store)
            look(watch)
            watch.note("proxy's log", *(entry.to_json() for entry in store.proxy.log))
        yield watch


PLACES = (
    *("answers", "dashboard", "exceptions", "explanations", "handles", "history", "log"),
    *("log files", "output", "proxy's log", "rule-queue", "timeline", "trail handle"),
)


def test_x8_everything_was_looked_into(watch: Watch) -> None:
    assert set(PLACES) <= watch.seen.keys()
    kinds = {"a secret access key", "the material of an external key", "the key of a certificate"}
    assert kinds | {"a plaintext", "KMS's own material"} <= watch.secrets.names
    assert {(name, "done") for name in OPERATIONS} <= watch.called
    assert any("UpdateCustomKeyStore" in str(each) for each in watch.seen["trail handle"])
    assert any("wrong bytes" in str(each) for each in watch.seen["explanations"])


@pytest.mark.parametrize("place", PLACES)
def test_p7_x8_x56_no_secret_is_seen(watch: Watch, place: str) -> None:
    found = {name: seen for seen in watch.seen[place] for name in watch.secrets.found_in(seen)}
    assert found == {}


def test_x30_the_proxy_is_sent_no_plaintext_and_no_secret(watch: Watch) -> None:
    (proxy,) = watch.world.xks_proxies.values()
    sent = [each for each in proxy.requests if REGION in (each.header("authorization") or "")]
    assert len(sent) > 15
    for request in sent:
        assert watch.secrets.found_in(request.body) == set()
        assert watch.secrets.found_in(str(request.headers)) == set()
