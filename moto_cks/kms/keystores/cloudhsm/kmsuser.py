"""The crypto user as which KMS is logged in to the HSMs of a key store.

See "The kmsuser crypto user" in the AWS KMS Developer Guide:
https://docs.aws.amazon.com/kms/latest/developerguide/keystore-cloudhsm.html
"""

from __future__ import annotations

import secrets
import string

from moto_cks.hsm import ClusterSession, HsmCluster, UserType

KMSUSER = "kmsuser"

ROTATED_PASSWORD_LENGTH = 32


def log_in(hsms: HsmCluster, password: str) -> ClusterSession:
    """Log in to every HSM as kmsuser, who is then nobody else's to use.

    Raises:
        HsmError: what the first HSM that refuses answers.
    """
    return ClusterSession(hsms, UserType.CU, KMSUSER, password, exclusive=True)


def rotate_password(session: ClusterSession) -> str:
    """Give kmsuser a password that only KMS knows; returns it."""
    alphabet = string.ascii_letters + string.digits
    password = "".join(secrets.choice(alphabet) for _ in range(ROTATED_PASSWORD_LENGTH))
    session.change_password(UserType.CU, KMSUSER, password)
    return password
