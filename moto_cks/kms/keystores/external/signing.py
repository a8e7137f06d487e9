"""The signature of what KMS sends to a proxy: AWS Signature Version 4.

AWS KMS External Key Store Proxy API Specification 1.0.3, appendix A. botocore's signer makes the
canonical request of a request's headers, and derives the key anew each time; that takes longer than
all the rest of what KMS does here. The tests hold this against it.
"""

from __future__ import annotations

import hmac
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from urllib.parse import quote

from botocore.utils import normalize_url_path

from moto_cks.kms.keystores.external.credential import Credential

ALGORITHM = "AWS4-HMAC-SHA256"
SERVICE = "kms-xks-proxy"
SIGNED = "host;x-amz-date"
_END = "aws4_request"


def signed_headers(
    host: str, path: str, body: bytes, credential: Credential, region: str, date: datetime
) -> dict[str, str]:
    """The headers of a signed POST: the host and the date are signed, and with them the body.

    Args:
        host: the host's name.
        path: what is asked for there.
        body: what is sent.
        credential: what it is signed with.
        region: the Region of KMS.
        date: the date of the signature, in UTC.
    """
    text = date.isoformat(timespec="seconds")  # strftime takes longer than a signature
    day = text[:4] + text[5:7] + text[8:10]
    moment = f"{day}T{text[11:13]}{text[14:16]}{text[17:19]}Z"
    canonical = (
        f"POST\n{_canonical(path)}\n\nhost:{host}\nx-amz-date:{moment}\n\n{SIGNED}\n"
        f"{sha256(body).hexdigest()}"
    )
    scope = f"{day}/{region}/{SERVICE}/{_END}"
    to_sign = f"{ALGORITHM}\n{moment}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(_key(credential.secret, day, region), to_sign.encode(), "sha256").hex()
    return {
        "Host": host,
        "X-Amz-Date": moment,
        "Authorization": f"{ALGORITHM} Credential={credential.access_key_id}/{scope}, "
        f"SignedHeaders={SIGNED}, Signature={signature}",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
    }


@lru_cache(maxsize=256)
def _key(secret: str, day: str, region: str) -> bytes:
    """What a secret signs with on a day in a Region."""
    key = f"AWS4{secret}".encode()
    for step in (day, region, SERVICE, _END):
        key = hmac.digest(key, step.encode(), "sha256")
    return key


@lru_cache(maxsize=1024)
def _canonical(path: str) -> str:
    return quote(normalize_url_path(path), safe="/~")
