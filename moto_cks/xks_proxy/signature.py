"""Checks AWS Signature Version 4 of requests, as "Appendix A" of the specification describes it.

Written here, and not taken from botocore: that leaves out some headers that a client may have
signed, and believes a hash of the body that the client sends along. Tests hold it against
signatures of botocore and curl.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple, NoReturn

from moto_cks.xks_proxy.credentials import Credential
from moto_cks.xks_proxy.errors import AUTHENTICATION_FAILED, XksError
from moto_cks.xks_proxy.names import REGION
from moto_cks.xks_proxy.protocol import SIGNED_SERVICE
from moto_cks.xks_proxy.wire import Request

ALGORITHM = "AWS4-HMAC-SHA256"
TOLERANCE = timedelta(minutes=5)
"""How far the date of a request may be off, either way."""

ALWAYS_SIGNED = frozenset({"host", "x-amz-date"})
"""The headers that a signature has to cover."""

_AUTHORIZATION = re.compile(
    rf"{ALGORITHM} Credential=(?P<id>[^/,\s]+)/(?P<date>\d{{8}})/(?P<region>[^/,\s]+)"
    r"/(?P<service>[^/,\s]+)/aws4_request, ?"
    r"SignedHeaders=(?P<headers>[^,\s]+), ?Signature="
)
_SIGNATURE_LENGTH = 64
_DIGITS = frozenset("0123456789abcdef")
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII)


class Authorization(NamedTuple):
    """What the Authorization header of a request says."""

    access_key_id: str
    date: str
    region: str
    service: str
    headers: tuple[str, ...]
    signature: str


def authorization(request: Request) -> Authorization:
    """Read the Authorization header of a request.

    Raises:
        XksError: AuthenticationFailedException; there is none that can be used.
    """
    value = request.header("authorization") or ""
    scope = _scope(value[:-_SIGNATURE_LENGTH])
    signature = value[-_SIGNATURE_LENGTH:]
    if scope is None or not _DIGITS.issuperset(signature):
        _refuse("There is no Authorization header of Signature Version 4.")
    return Authorization(*scope, signature)


@lru_cache(maxsize=256)
def _scope(text: str) -> tuple[str, str, str, str, tuple[str, ...]] | None:
    """What comes before the signature, which for a day is all the same; ``None`` for nonsense."""
    found = _AUTHORIZATION.fullmatch(text)
    if found is None:
        return None
    headers = tuple(found["headers"].split(";"))
    return found["id"], found["date"], found["region"], found["service"], headers


def check(
    request: Request,
    said: Authorization,
    credential: Credential,
    secret: str,
    region: str | None,
    now: datetime,
) -> None:
    """Check what a request is signed with.

    Args:
        request: as it was received.
        said: its Authorization header.
        credential: the one that it names.
        secret: what the proxy takes for its secret.
        region: the Region that has to be signed; ``None`` for any.
        now: the time of the proxy.

    Raises:
        XksError: AuthenticationFailedException; the log says why.
    """
    if said.service != SIGNED_SERVICE:
        _refuse(f"The signature is for another service than {SIGNED_SERVICE}.")
    if not REGION.fullmatch(said.region):
        _refuse("The signature names no Region.")
    if region is not None and said.region != region:
        _refuse(f"The signature is for the Region {said.region}, not {region}.")
    signed = _signed_headers(request, said)
    _check_date(signed["x-amz-date"], said.date, now)
    ours = signature(request, said, signed, secret)
    if not hmac.compare_digest(ours, said.signature):
        _refuse(f"The signature is not that of {credential.access_key_id} over this request.")


def _signed_headers(request: Request, said: Authorization) -> Mapping[str, str]:
    if missing := ALWAYS_SIGNED.difference(said.headers):
        _refuse(f"The signature does not cover {' and '.join(sorted(missing))}.")
    signed = {}
    for name in said.headers:
        value = request.header(name)
        if value is None:
            _refuse("A header that is signed is not there.")
        signed[name] = " ".join(value.split())
    return signed


def _check_date(date: str, day: str, now: datetime) -> None:
    sent = _moment(date)
    if sent is None:
        _refuse("X-Amz-Date is no date.")
    if date[: len(day)] != day:
        _refuse("X-Amz-Date is not of the day that the credential names.")
    if abs(now - sent) > TOLERANCE:
        seconds = round((sent - now).total_seconds())
        _refuse(f"X-Amz-Date is {seconds:+d} seconds off this proxy's clock.")


@lru_cache(maxsize=64)
def _moment(date: str) -> datetime | None:
    """What a date means, if it is one. What strptime does takes longer than the signature."""
    found = _DATE.fullmatch(date)
    if found is None:
        return None
    year, month, of_month, hour, minute, second = map(int, found.groups())
    try:
        return datetime(year, month, of_month, hour, minute, second, tzinfo=timezone.utc)
    except ValueError:
        return None


def signature(
    request: Request, said: Authorization, headers: Mapping[str, str], secret: str
) -> str:
    """The signature of a request, in hexadecimal digits.

    Args:
        request: the request; its path has nothing in it to encode or to shorten.
        said: its Authorization header.
        headers: the headers that are signed, names in lower case.
        secret: the secret access key.
    """
    canonical = "\n".join(
        (
            request.method,
            request.target,
            "",
            *(f"{name}:{headers[name]}" for name in sorted(headers)),
            "",
            ";".join(sorted(headers)),
            hashlib.sha256(request.body).hexdigest(),
        )
    )
    scope = f"{said.date}/{said.region}/{said.service}/aws4_request"
    hashed = hashlib.sha256(canonical.encode("latin-1")).hexdigest()
    to_sign = f"{ALGORITHM}\n{headers['x-amz-date']}\n{scope}\n{hashed}"
    key = signing_key(secret, said.date, said.region, said.service)
    return hmac.digest(key, to_sign.encode(), "sha256").hex()


@lru_cache(maxsize=256)
def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """What a secret signs with on one day, in one Region, for one service."""
    key = f"AWS4{secret}".encode()
    for step in (date, region, service, "aws4_request"):
        key = hmac.digest(key, step.encode(), "sha256")
    return key


def _refuse(detail: str) -> NoReturn:
    raise XksError(AUTHENTICATION_FAILED, detail=detail)
