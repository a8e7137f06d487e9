"""The signature of what KMS sends to a proxy: AWS Signature Version 4, as botocore makes it.

AWS KMS External Key Store Proxy API Specification 1.0.3, appendix A.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from types import SimpleNamespace
from urllib.parse import quote

from botocore.auth import SigV4Auth
from botocore.credentials import Credentials
from botocore.utils import normalize_url_path

from moto_cks.kms.keystores.external.credential import Credential

SERVICE = "kms-xks-proxy"
SIGNED = "host;x-amz-date"


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
    # What add_auth does, but with another date than the machine's. Of the request it needs the
    # date alone, where the canonical request is made beforehand; to make that of headers takes
    # botocore longer than everything else.
    signer = _signer(credential, region)
    moment = f"{date:%Y%m%dT%H%M%SZ}"
    request = SimpleNamespace(context={"timestamp": moment})
    canonical = (
        f"POST\n{_canonical(path)}\n\nhost:{host}\nx-amz-date:{moment}\n\n{SIGNED}\n"
        f"{sha256(body).hexdigest()}"
    )
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    return {
        "Host": host,
        "X-Amz-Date": moment,
        "Authorization": f"AWS4-HMAC-SHA256 Credential={signer.scope(request)}, "
        f"SignedHeaders={SIGNED}, Signature={signature}",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
    }


@lru_cache(maxsize=256)
def _signer(credential: Credential, region: str) -> SigV4Auth:
    return SigV4Auth(Credentials(credential.access_key_id, credential.secret), SERVICE, region)


@lru_cache(maxsize=1024)
def _canonical(path: str) -> str:
    return quote(normalize_url_path(path), safe="/~")
