"""The identity of a cluster: real X.509, and every certificate that does not fit."""

from __future__ import annotations

import datetime
import functools
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa, x25519
from cryptography.x509.oid import NameOID

from moto_cks.hsm import CertificateError, Certificates, certificates
from moto_cks.hsm.certificates import issued, sign_csr


@functools.cache
def manufactured(hsm_id: str = "hsm-1") -> Certificates:
    return Certificates.manufacture(hsm_id)


@functools.cache
def rsa_key(number: int = 0) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


CA = name("customerCA")


def issue(subject: x509.Name, public_key: Any, issuer: x509.Name, key: Any) -> str:
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime(2020, 1, 1))
        .not_valid_after(datetime.datetime(2040, 1, 1))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def self_signed(key: Any, subject: x509.Name = CA) -> str:
    return issue(subject, key.public_key(), subject, key)


def csr_of(certificates: Certificates) -> x509.CertificateSigningRequest:
    return x509.load_pem_x509_csr(certificates.csr.encode())


def certificate(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


def signed(certificates: Certificates, key: Any = None, **changes: Any) -> str:
    """A certificate for a CSR, as the user guide signs it."""
    csr = csr_of(certificates)
    values = {"subject": csr.subject, "public_key": csr.public_key(), "issuer": CA, **changes}
    return issue(key=key or rsa_key(), **values)


# What the first HSM makes -----------------------------------------------------------------------


def test_h3_the_csr_is_signed_with_its_own_key() -> None:
    csr = csr_of(manufactured())
    assert csr.is_signature_valid
    common_names = csr.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert [item.value for item in common_names] == ["HSM:hsm-1:PARTN:1, for FIPS mode"]


def test_h3_every_cluster_has_a_key_of_its_own() -> None:
    first, second = (csr_of(manufactured(hsm_id)) for hsm_id in ("hsm-1", "hsm-2"))
    assert first.public_key() != second.public_key()


def test_h3_the_hsm_certificate_has_the_key_and_subject_of_the_csr() -> None:
    hsm, csr = certificate(manufactured().hsm), csr_of(manufactured())
    assert hsm.public_key() == csr.public_key()
    assert hsm.subject == csr.subject


@pytest.mark.parametrize("hardware", ["aws_hardware", "manufacturer_hardware"])
def test_h3_both_hardware_certificates_vouch_for_the_hsm(hardware: str) -> None:
    issuer = certificate(getattr(manufactured(), hardware))
    certificate(manufactured().hsm).verify_directly_issued_by(issuer)  # or it raises
    with pytest.raises((ValueError, InvalidSignature)):
        issuer.verify_directly_issued_by(certificate(manufactured().hsm))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl")
@pytest.mark.parametrize("hardware", ["aws_hardware", "manufacturer_hardware"])
def test_h3_openssl_verifies_the_hsm_certificate(tmp_path: Path, hardware: str) -> None:
    (tmp_path / "hardware.crt").write_text(getattr(manufactured(), hardware))
    (tmp_path / "hsm.crt").write_text(manufactured().hsm)
    command = ["openssl", "verify", "-partial_chain", "-CAfile", "hardware.crt", "hsm.crt"]
    outcome = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert outcome.stdout == "hsm.crt: OK\n", outcome.stderr


def test_h3_aws_and_the_manufacturer_are_two_issuers_of_one_hardware_key() -> None:
    aws, manufacturer = (
        certificate(pem)
        for pem in (manufactured().aws_hardware, manufactured().manufacturer_hardware)
    )
    assert aws.issuer != manufacturer.issuer
    assert aws.public_key() == manufacturer.public_key()


# Claiming ---------------------------------------------------------------------------------------


def test_h3_a_certificate_for_the_csr_claims_the_cluster() -> None:
    assert not manufactured().claimed
    assert (manufactured().cluster, manufactured().trust_anchor) == ("", "")
    claimed = manufactured().claimed_by(signed(manufactured()), self_signed(rsa_key()))
    assert claimed.claimed
    assert certificate(claimed.cluster).public_key() == csr_of(manufactured()).public_key()
    assert claimed.trust_anchor == self_signed_in(claimed)
    assert not manufactured().claimed  # the one before is another object


def self_signed_in(claimed: Certificates) -> str:
    anchor = certificate(claimed.trust_anchor)
    anchor.verify_directly_issued_by(anchor)
    return anchor.public_bytes(serialization.Encoding.PEM).decode()


def test_h3_sign_csr_does_what_the_user_guide_does_with_openssl() -> None:
    signed_certificate, trust_anchor = sign_csr(manufactured().csr)
    claimed = manufactured().claimed_by(signed_certificate, trust_anchor)
    assert (claimed.cluster, claimed.trust_anchor) == (signed_certificate, trust_anchor)
    certificate(claimed.cluster).verify_directly_issued_by(certificate(claimed.trust_anchor))


def test_h3_text_around_the_certificates_does_not_matter() -> None:
    anchor = self_signed(rsa_key())
    claimed = manufactured().claimed_by(
        f"Certificate:\n    Data:\n{signed(manufactured())}\n", f"\n{anchor}\n\n"
    )
    assert claimed.trust_anchor == anchor


def elliptic_anchor() -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    return signed(manufactured(), key), self_signed(key)


def intermediate_anchor() -> tuple[str, str]:
    root, subject = name("root"), CA
    return signed(manufactured()), issue(subject, rsa_key().public_key(), root, rsa_key(1))


WRONG: dict[str, tuple[Callable[[], tuple[str, str]], str]] = {
    "of another CSR": (
        lambda: (signed(manufactured("hsm-2")), self_signed(rsa_key())),
        "The signed certificate was not made from the cluster CSR.",
    ),
    "of another key": (
        lambda: (
            signed(manufactured(), public_key=rsa_key(1).public_key()),
            self_signed(rsa_key()),
        ),
        "The signed certificate was not made from the cluster CSR.",
    ),
    "of another subject": (
        lambda: (signed(manufactured(), subject=name("mine")), self_signed(rsa_key())),
        "The subject of the signed certificate is not the CSR's.",
    ),
    "by another CA": (
        lambda: (signed(manufactured()), self_signed(rsa_key(1))),
        "The trust anchor did not sign the signed certificate.",
    ),
    "by a CA of another name": (
        lambda: (signed(manufactured()), self_signed(rsa_key(), name("someoneElse"))),
        "The trust anchor did not sign the signed certificate.",
    ),
    "anchor not self-signed": (intermediate_anchor, "The trust anchor must be self-signed."),
    "anchor with an elliptic curve": (elliptic_anchor, "The trust anchor must have an RSA key."),
    "certificate is garbage": (
        lambda: ("garbage", self_signed(rsa_key())),
        "The signed certificate is not a certificate in PEM format.",
    ),
    "certificate is empty": (
        lambda: ("", self_signed(rsa_key())),
        "The signed certificate is not a certificate in PEM format.",
    ),
    "anchor is garbage": (
        lambda: (signed(manufactured()), "gärbage"),
        "The trust anchor is not a certificate in PEM format.",
    ),
    "garbage in PEM": (
        lambda: (
            "-----BEGIN CERTIFICATE-----\nZ2FyYmFnZQ==\n-----END CERTIFICATE-----\n",
            self_signed(rsa_key()),
        ),
        "The signed certificate is not a certificate in PEM format.",
    ),
    "the CSR itself": (
        lambda: (manufactured().csr, self_signed(rsa_key())),
        "The signed certificate is not a certificate in PEM format.",
    ),
    "the other way round": (
        lambda: (self_signed(rsa_key()), signed(manufactured())),
        "The trust anchor must be self-signed.",
    ),
    "the hardware's own": (
        lambda: (manufactured().hsm, manufactured().aws_hardware),
        "The trust anchor must be self-signed.",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_h3_everything_else_is_refused(case: str) -> None:
    make, message = WRONG[case]
    with pytest.raises(CertificateError) as caught:
        manufactured().claimed_by(*make())
    assert str(caught.value) == message


def test_k1_the_trust_anchor_is_the_one_that_the_cluster_was_claimed_with() -> None:
    anchor = self_signed(rsa_key())
    claimed = manufactured().claimed_by(signed(manufactured()), anchor)
    assert claimed.is_anchored_by(anchor)
    assert claimed.is_anchored_by(f"\n{anchor}\n")
    assert not claimed.is_anchored_by(self_signed(rsa_key()))  # same CA, another certificate
    assert not claimed.is_anchored_by(claimed.cluster)
    assert not claimed.is_anchored_by("garbage")
    assert not manufactured().is_anchored_by(anchor)


def test_p7_certificates_show_neither_keys_nor_themselves() -> None:
    claimed = manufactured().claimed_by(*sign_csr(manufactured().csr))
    assert "BEGIN" not in repr(claimed)
    everything = "".join(
        (claimed.csr, claimed.hsm, claimed.aws_hardware, claimed.manufacturer_hardware)
    )
    assert "PRIVATE" not in everything + claimed.cluster + claimed.trust_anchor


# What the certificates say ----------------------------------------------------------------------

HSM_NAME = "CN=HSM:hsm-1:PARTN:1\\, for FIPS mode,L=SanJose,OU=N3FIPS,O=Cavium,ST=CA,C=US"
HARDWARE_NAME = "CN=HSM:3.0A0101-ICM000001\\, for FIPS mode,L=SanJose,OU=N3FIPS,O=Cavium,ST=CA,C=US"


NAMES = {
    "hsm": (HSM_NAME, HARDWARE_NAME),
    "aws_hardware": (HARDWARE_NAME, "CN=AWS CloudHSM Root G1,O=Amazon"),
    "manufacturer_hardware": (
        HARDWARE_NAME,
        "CN=localca.liquidsecurity.cavium.com,O=Cavium\\, Inc.,C=US",
    ),
    "cluster": (HSM_NAME, "CN=customerCA"),
    "trust_anchor": ("CN=customerCA", "CN=customerCA"),
}


def test_h3_the_subject_of_a_csr_is_that_of_the_user_guide() -> None:
    assert csr_of(manufactured()).subject.rfc4514_string() == HSM_NAME


@pytest.fixture
def made_anew(monkeypatch: pytest.MonkeyPatch) -> Certificates:
    """Certificates of a hardware that nobody has seen yet: a process has one of its own."""
    hardware = functools.cache(certificates._hardware.__wrapped__)
    monkeypatch.setattr(certificates, "_hardware", hardware)
    made = Certificates.manufacture("hsm-1")
    return made.claimed_by(*sign_csr(made.csr))


def test_h3_who_has_issued_what_for_whom(made_anew: Certificates) -> None:
    utc = datetime.timezone.utc
    for which, names in NAMES.items():
        shown = certificate(getattr(made_anew, which))
        assert (shown.subject.rfc4514_string(), shown.issuer.rfc4514_string()) == names
        constraints = shown.extensions.get_extension_for_class(x509.BasicConstraints)
        is_ca = which not in ("hsm", "cluster")
        assert (constraints.value.ca, constraints.value.path_length) == (is_ca, None)
        assert constraints.critical
        assert isinstance(shown.signature_hash_algorithm, hashes.SHA256)
        # Fixed, whatever the simulated time is.
        assert shown.not_valid_before_utc == datetime.datetime(2015, 1, 1, tzinfo=utc)
        assert shown.not_valid_after_utc == datetime.datetime(2065, 1, 1, tzinfo=utc)


def test_h3_the_same_certificates_are_shown_to_everybody() -> None:
    one = manufactured()
    for which in ("hsm", "aws_hardware", "manufacturer_hardware"):
        assert getattr(one, which) == getattr(one, which)
    assert one.aws_hardware == manufactured("hsm-2").aws_hardware
    assert repr(one) == "Certificates()"


def test_h3_a_certificate_of_a_key_that_signs_nothing_is_issued_by_nobody() -> None:
    exchange = x25519.X25519PrivateKey.generate().public_key()
    above = certificate(issue(name("above"), exchange, CA, rsa_key()))
    below = certificate(issue(name("below"), rsa_key().public_key(), name("above"), rsa_key()))
    assert issued(below, above) is False
