"""The certificate with which cloudhsm-cli connects, where mutual TLS is set up for it.

The configure tool of the real one takes ``--client-cert-hsm-tls-file`` and
``--client-key-hsm-tls-file``; here two variables in the environment name the files. The key stays
where it is: that it belongs to the certificate is all that is asked of it.
See "Set up mutual TLS between client and AWS CloudHSM" in the AWS CloudHSM User Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

CERTIFICATE_VARIABLE = "MOTO_CKS_CLIENT_CERT"
KEY_VARIABLE = "MOTO_CKS_CLIENT_KEY"
"""The environment variables that name the files."""


def client_certificate(environment: Mapping[str, str], load: Callable[[str], str]) -> str:
    """The certificate chain of the client, PEM; ``""`` where the environment names none.

    Args:
        environment: the environment.
        load: reads a file.

    Raises:
        ValueError: it names one file of the two, one cannot be read, or they do not go together.
    """
    paths = [environment.get(name, "") for name in (CERTIFICATE_VARIABLE, KEY_VARIABLE)]
    if not any(paths):
        return ""
    if not all(paths):
        raise ValueError(f"{CERTIFICATE_VARIABLE} and {KEY_VARIABLE} go together.")
    try:
        chain, key = map(load, paths)
    except OSError as error:
        raise ValueError(f"{error.filename} cannot be read.") from None
    if not _belong_together(chain, key):
        raise ValueError(f"{paths[1]} is not the private key of the certificate in {paths[0]}.")
    return chain


def _belong_together(chain: str, key: str) -> bool:
    # Late: an executable has its prompt before it loads what takes its time.
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    try:
        certificate = x509.load_pem_x509_certificates(chain.encode())[0]
        public = serialization.load_pem_private_key(key.encode(), None).public_key()
    except (ValueError, TypeError):  # a key with a password is a TypeError
        return False
    form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return certificate.public_key().public_bytes(*form) == public.public_bytes(*form)
