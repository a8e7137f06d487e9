"""TLS as clients see it: versions, suites, certificates of both sides; OpenSSL's client, too."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from moto_cks.xks_proxy.certificates import Authority, Issued, Subject
from moto_cks.xks_proxy.proxy import XksProxy
from tests.xks_proxy.asking import (
    CARRIERS,
    HEALTH,
    MemoryClient,
    client_context,
    context_at_any_time,
    reachable,
    signed,
)
from tests.xks_proxy.clock import Clock

KMS = "cks.kms.us-east-1.amazonaws.com"


def presenting(context: ssl.SSLContext, issued: Issued, folder: Path) -> ssl.SSLContext:
    file = folder / "client.pem"
    file.write_text(issued.key + issued.chain)
    context.load_cert_chain(file)
    return context


def asked(proxy: XksProxy, context: ssl.SSLContext, carrier: str = "memory") -> int:
    client = CARRIERS[carrier](proxy, context)
    try:
        return client.ask(signed(proxy, "/health", HEALTH))[0]
    finally:
        client.close()


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_x41_both_versions_are_spoken(version: str) -> None:
    proxy = XksProxy()
    proxy.tls(minimum=version, maximum=version)
    context = client_context(proxy)
    assert asked(proxy, context) == 200


@pytest.mark.parametrize("suite", ["ECDHE-ECDSA-AES256-GCM-SHA384"])
def test_x41_the_suites_that_kms_offers(suite: str) -> None:
    proxy = XksProxy()
    proxy.tls(maximum="TLSv1.2")
    context = client_context(proxy)
    context.set_ciphers(suite)
    assert asked(proxy, context) == 200


def test_x58_old_versions_are_there_to_be_refused() -> None:
    proxy = XksProxy()
    proxy.tls(minimum="TLSv1", maximum="TLSv1.1")
    with pytest.raises(ssl.SSLError, match=r"(?i)protocol"):
        asked(proxy, client_context(proxy))
    old = client_context(proxy)
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.minimum_version = ssl.TLSVersion.TLSv1
    old.set_ciphers("ALL:@SECLEVEL=0")
    assert asked(proxy, old) == 200


def test_x58_suites_can_be_chosen_with_an_old_version() -> None:
    proxy = XksProxy()
    proxy.tls(minimum="TLSv1.1", ciphers="ECDHE+AES128")
    with pytest.raises(ssl.SSLError):
        asked(proxy, client_context(proxy))


def test_x42_a_client_certificate_of_the_right_ca_and_name(tmp_path: Path) -> None:
    proxy, trust = XksProxy(), Authority("Amazon Trust Services")
    commented = f"Hauptzertifikat für alle\n{trust.certificate}"
    proxy.require_client_certificate(ca=commented, subject=KMS)
    context = client_context(proxy)
    presenting(context, trust.issue(Subject(KMS), client=True), tmp_path)
    for carrier in CARRIERS:
        with reachable(proxy, carrier):
            assert asked(proxy, context, carrier) == 200


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
@pytest.mark.parametrize("wrong", ["none", "subject", "alternative name", "CA", "purpose"])
def test_x42_any_other_is_refused_by_an_alert(
    wrong: str, version: str, carrier: str, tmp_path: Path
) -> None:
    proxy, trust = XksProxy(), Authority("Amazon Trust Services")
    proxy.tls(minimum=version, maximum=version)
    proxy.require_client_certificate(ca=trust.certificate, subject=KMS)
    context = client_context(proxy)
    issuer = Authority("Other") if wrong == "CA" else trust
    subject = Subject(
        "cks.kms.eu-west-1.amazonaws.com" if wrong == "subject" else KMS,
        ("cks.kms.eu-west-1.amazonaws.com",) if wrong == "alternative name" else (),
    )
    if wrong != "none":
        issued = issuer.issue(subject, client=wrong != "purpose")
        presenting(context, issued, tmp_path)
    with reachable(proxy, carrier), pytest.raises(ssl.SSLError, match=r"(?i)alert") as refused:
        asked(proxy, context, carrier)
    assert not isinstance(refused.value, ssl.SSLEOFError)
    assert (proxy.log[-1].message or "").startswith("TLS handshake failed: ")


def test_x42_without_a_name_any_client_of_the_ca_may_come(tmp_path: Path) -> None:
    proxy, trust = XksProxy(), Authority()
    with proxy.require_client_certificate(ca=trust.certificate):
        context = client_context(proxy)
        presenting(context, trust.issue(Subject("any"), client=True), tmp_path)
        assert asked(proxy, context) == 200
        with pytest.raises(ssl.SSLError):
            asked(proxy, client_context(proxy))
    assert asked(proxy, client_context(proxy)) == 200


def test_x42_the_dates_of_a_client_s_certificate(tmp_path: Path, clock: Clock) -> None:
    trust = Authority()
    proxy, simulated = XksProxy(), XksProxy(clock=clock)
    past = proxy.now() - timedelta(days=1)
    expired = trust.issue(Subject("client", not_after=past), client=True)
    for each in (proxy, simulated):
        each.require_client_certificate(ca=trust.certificate)
    with pytest.raises(ssl.SSLError, match=r"(?i)expired"):
        asked(proxy, presenting(client_context(proxy), expired, tmp_path))
    # By a simulated clock OpenSSL cannot judge, so it does not.
    context = presenting(context_at_any_time(simulated), expired, tmp_path)
    assert asked(simulated, context) == 200


# The proxy's own certificate ----------------------------------------------------------------------


def shown(proxy: XksProxy) -> dict[str, object]:
    """The certificate that a client sees."""
    client = MemoryClient(proxy, context_at_any_time(proxy))
    certificate: dict[str, object] = client.peer_certificate()
    return certificate


def test_x58_what_a_certificate_says(proxy: XksProxy, clock: Clock) -> None:
    said = shown(proxy)
    assert said["subject"] == ((("commonName", "xks.example.com"),),)
    assert said["subjectAltName"] == (("DNS", "xks.example.com"),)
    assert said["notBefore"] == "Mar  4 12:00:00 2031 GMT"
    assert said["notAfter"] == "Jun  2 12:00:00 2031 GMT"
    assert proxy.certificate.expires == clock.now + timedelta(days=90)


def test_x58_it_is_renewed_by_the_proxy_s_clock(proxy: XksProxy, clock: Clock) -> None:
    clock.advance(days=100)
    assert proxy.certificate.expires < clock.now
    proxy.certificate.renew(days=7)
    assert proxy.certificate.expires == clock.now + timedelta(days=7)
    assert str(shown(proxy)["notAfter"]).startswith("Jun 19")


def test_x58_names_of_other_hosts(proxy: XksProxy) -> None:
    proxy.certificate.renew(cn="*.example.com")
    assert shown(proxy)["subjectAltName"] == (("DNS", "*.example.com"),)
    proxy.certificate.renew(cn="anything", san=("a.example.com", proxy.host, "127.0.0.1"))
    assert shown(proxy)["subjectAltName"] == (
        ("DNS", "a.example.com"),
        ("DNS", "xks.example.com"),
        ("IP Address", "127.0.0.1"),
    )
    proxy.certificate.renew(san=())
    assert "subjectAltName" not in shown(proxy)


def test_x58_a_host_too_long_for_a_common_name() -> None:
    proxy = XksProxy("a" * 60 + ".example.com")
    assert shown(proxy)["subject"] == ()
    assert shown(proxy)["subjectAltName"] == (("DNS", proxy.host),)


def test_x58_two_proxies_of_one_authority() -> None:
    authority = Authority("One for all")
    first, second = (XksProxy(f"{name}.example.com", authority=authority) for name in "ab")
    assert first.certificate.authority is authority
    assert first.certificate.pem != second.certificate.pem
    assert asked(second, client_context(first)) == 200
    second.certificate.renew(issuer=Authority("Another"))
    with pytest.raises(ssl.SSLError):
        asked(second, client_context(first))


def test_x58_a_certificate_from_elsewhere() -> None:
    authority = Authority("Elsewhere")
    issued = authority.issue(Subject("xks.example.com", ("xks.example.com",)))
    proxy = XksProxy(authority=authority)
    proxy.certificate.load(issued.chain, issued.key)
    assert proxy.certificate.expires == issued.expires
    assert asked(proxy, client_context(proxy)) == 200
    other = authority.issue(Subject("other"))
    with pytest.raises(ValueError, match="not that of the certificate"):
        proxy.certificate.load(issued.chain, other.key)
    assert asked(proxy, client_context(proxy)) == 200


def test_x56_no_private_key_is_shown() -> None:
    proxy = XksProxy()
    issued = proxy.certificate.issued
    secret = issued.key.splitlines()[1]
    for thing in (proxy, proxy.certificate, issued, proxy.certificate.authority):
        assert secret not in repr(thing) + str(thing)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl here")
def test_x58_openssl_s_client_connects_and_sees_the_chain(tmp_path: Path) -> None:
    proxy = XksProxy()
    ca = tmp_path / "ca.pem"
    ca.write_text(proxy.certificate.authority.certificate)

    def said() -> str:
        host, port = proxy.address or ("", 0)
        options = ("-servername", proxy.host, "-verify_hostname", proxy.host)
        return subprocess.run(
            ["openssl", "s_client", "-connect", f"{host}:{port}", "-CAfile", str(ca), *options],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        ).stdout

    with reachable(proxy, "tcp"):
        assert "Verification: OK" in said()
        assert "moto_cks XKS Root CA, intermediate" in said()
        proxy.certificate.renew(chain=False)
        assert "Verification: OK" not in said()
