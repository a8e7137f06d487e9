"""To whom nothing is sent (X67), and who vouches for whom (X41, X42)."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from moto_cks.kms.keystores.external.authorities import Authorities
from moto_cks.kms.keystores.external.outcomes import OUTCOMES, SUCCEEDED
from moto_cks.kms.keystores.external.routes import host_of, refusal_to_send

REMOTE = "10.0.0.1 is not on this machine; allow_remote=True sends to it."
NO_TLS = "Without TLS, nothing is sent to another machine."


def nobody(address: str) -> str:
    return f"Nothing is sent to {address}: no proxy is there."


@pytest.mark.parametrize(
    ("address", "tls", "allowed", "refusal"),
    [
        ("127.0.0.1", True, False, None),
        ("127.0.0.1", False, False, None),
        ("127.255.0.9", False, True, None),
        ("10.0.0.1", True, True, None),
        ("10.0.0.1", True, False, REMOTE),
        ("10.0.0.1", False, False, REMOTE),
        ("10.0.0.1", False, True, NO_TLS),
        *(
            (address, True, True, nobody(address))
            for address in ("169.254.169.254", "224.0.0.1", "0.0.0.0")
        ),
        *(
            (address, True, True, f"{address!r} is no IPv4 address.")
            for address in ("localhost", "::1", "", "127.0.0.256")
        ),
    ],
)
def test_x67_to_whom_nothing_is_sent(
    address: str, tls: bool, allowed: bool, refusal: str | None
) -> None:
    assert refusal_to_send(address, tls, allowed) == refusal


def test_x3_the_host_of_an_endpoint() -> None:
    assert host_of("https://XKS.Example.com") == "xks.example.com"
    assert host_of("https://xks.example.com/path") == "xks.example.com"


def subject(certificate: x509.Certificate) -> list[object]:
    return [each.value for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]


def test_x41_x42_the_authorities() -> None:
    known = Authorities("us-east-1", "123456789012")
    public, amazon = (
        x509.load_pem_x509_certificate(each.certificate.encode())
        for each in (known.public, known.amazon)
    )
    assert subject(public) == ["Stand-in for the public CAs"]
    assert subject(amazon) == ["Stand-in for Amazon Trust Services"]
    shown = known.certificate_of_kms("eu-west-1")
    assert known.certificate_of_kms("eu-west-1") == shown
    assert known.certificate_of_kms("us-east-1") != shown
    certificate, *above = x509.load_pem_x509_certificates(shown.encode())
    assert subject(certificate) == ["cks.kms.eu-west-1.amazonaws.com"]
    assert amazon.subject in [each.issuer for each in (certificate, *above)]
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["cks.kms.eu-west-1.amazonaws.com"]
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert ExtendedKeyUsageOID.CLIENT_AUTH in usage
    assert "PRIVATE KEY" in shown
    again = Authorities("us-east-1", "123456789012")  # another world
    assert again.amazon is known.amazon
    assert again.public.certificate != known.public.certificate


COUNTED = {
    "ValidationException": "Non-retryable errors",
    "InvalidStateException": "Non-retryable errors",
    "InvalidCiphertextException": "Non-retryable errors",
    "InvalidKeyUsageException": "Non-retryable errors",
    "AuthenticationFailedException": "Non-retryable errors",
    "AccessDeniedException": "Non-retryable errors",
    "KeyNotFoundException": "Non-retryable errors",
    "InvalidUriPathException": "Non-retryable errors",
    "UnsupportedOperationException": "Non-retryable errors",
    "DependencyTimeoutException": "Retryable errors",
    "ThrottlingException": "Retryable errors",
    "InternalException": "Retryable errors",
}
UNREACHABLE = ("Retryable errors", "XksProxyUnreachableException")
NO_RESPONSE = ("Non-retryable errors", "XksProxyInvalidResponseException")


def test_x46_x64_the_whole_table_and_what_cloudwatch_counts() -> None:
    assert SUCCEEDED == ("N/A", "None")
    assert [(row.name, row.counted_as) for row in OUTCOMES] == [
        *((name, (kind, name)) for name, kind in COUNTED.items()),
        ("no TCP connection", UNREACHABLE),
        ("no TLS connection", UNREACHABLE),
        ("no whole answer in time", UNREACHABLE),
        ("the connection is cut within the exchange", UNREACHABLE),
        ("all external key manager instances are UNAVAILABLE", SUCCEEDED),
        ("malformed response", NO_RESPONSE),
        ("wrong bytes from decrypt", NO_RESPONSE),
    ]
