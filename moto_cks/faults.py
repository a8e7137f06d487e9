"""Faults that are injected: for what has no cause that a person could bring about.

Everything else that fails here fails because of what somebody did to a cluster, a network or a
user. What is left: KMS's own errors, a network that drops out for a while, HSMs without a free
session, quotas, and whatever else an operation documents.

Each question that the services ask is answered at once while there are no faults at all.

AWS pages: "Troubleshooting a custom key store", "Throttling AWS KMS requests" and "Request quotas"
in the AWS KMS Developer Guide; the "Errors" sections and the common errors of the API References.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ContextDecorator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from moto.cloudhsmv2.models import cloudhsmv2_backends
from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.utils import get_service_model
from moto.kms.models import kms_backends

from moto_cks import clock
from moto_cks.kms.connection import ConnectionErrorCode
from moto_cks.kms.exceptions import KMSInternalException, ThrottlingException
from moto_cks.locking import WORLD

CONNECTION_ERRORS = (ConnectionErrorCode.INTERNAL_ERROR, ConnectionErrorCode.NETWORK_ERRORS)
"""The connection errors that can come from nowhere; the others have causes."""

THROTTLED_OPERATIONS = frozenset(
    {
        "Decrypt",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateRandom",
        "ReEncrypt",
    }
)
"""What counts towards the request quota of a key store: all that its HSMs can do."""

REQUEST_QUOTA = 1800
"""Requests per second of an AWS CloudHSM key store."""

THROTTLED = (
    "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."
)
NO_FREE_SESSION = (
    "KMS could not complete the request because all PKCS #11 sessions of the CloudHSM cluster "
    "are in use. Retry your request."
)

SERVICES = ("kms", "cloudhsmv2")

COMMON_ERRORS = {
    "AccessDeniedException": "You do not have sufficient access to perform this action.",
    "ThrottlingException": THROTTLED,
    "ValidationException": (
        "The input fails to satisfy the constraints specified by an AWS service."
    ),
}
"""The errors that every operation can end with, and what they say."""

STATUSES = {
    "CloudHsmInternalFailureException": 500,
    "DependencyTimeoutException": 503,
    "KMSInternalException": 500,
    "KeyUnavailableException": 500,
}
"""The HTTP statuses that are not 400; the service models do not have them."""

_BAD_REQUEST = 400
_FIRST_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


@dataclass(eq=False)
class ConnectionFault:
    """Connection attempts that fail.

    Attributes:
        times: how many are left.
        key_store: the custom key store ID, or ``None`` for any.
    """

    times: int
    code: ConnectionErrorCode
    key_store: str | None


@dataclass(eq=False)
class SessionFault:
    """Operations that find no free session in the HSMs of a cluster.

    Attributes:
        times: how many are left.
    """

    times: int
    cluster_id: str


@dataclass(eq=False)
class CallFault:
    """Calls that end with an exception.

    Attributes:
        times: how many are left.
        status: the HTTP status.
        account_id: of which account, or ``None`` for any.
        region: in which Region, or ``None`` for any.
    """

    times: int
    service: str
    operation: str
    code: str
    message: str
    status: int
    account_id: str | None
    region: str | None


@dataclass(eq=False)
class Outage:
    """A cluster that KMS cannot reach."""

    cluster_id: str


@dataclass(eq=False)
class Throttle:
    """A token bucket for every key store; it holds what a second brings, but one at least.

    Attributes:
        rate: tokens a second of the simulated clock.
        buckets: by custom key store ID, the tokens that there were at a moment.
    """

    rate: float
    buckets: dict[str, tuple[float, datetime]] = field(default_factory=dict)

    def take(self, key_store_ids: Iterable[str]) -> bool:
        """Take a token for each key store, or none where one of them has none."""
        now = clock.now()
        tokens = {key_store_id: self._tokens(key_store_id, now) for key_store_id in key_store_ids}
        enough = all(count >= 1 for count in tokens.values())
        for key_store_id, count in tokens.items():
            self.buckets[key_store_id] = (count - 1 if enough else count, now)
        return enough

    def _tokens(self, key_store_id: str, now: datetime) -> float:
        size = max(self.rate, 1)
        tokens, then = self.buckets.get(key_store_id, (size, now))
        # Time can run backwards when another tool has moved it.
        return min(size, tokens + max((now - then).total_seconds(), 0) * self.rate)


class FaultsBackend(BaseBackend):
    """The faults that are to come, those that were injected first before the others.

    A backend, so that moto's reset forgets them.

    Attributes:
        armed: whether there may be faults; while there are none, this is all that is looked at.
    """

    armed: ClassVar[bool] = False

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.connections: list[ConnectionFault] = []
        self.sessions: list[SessionFault] = []
        self.calls: list[CallFault] = []
        self.outages: list[Outage] = []
        self.throttles: list[Throttle] = []

    @property
    def empty(self) -> bool:
        """Whether there are no faults."""
        return not (
            self.connections or self.sessions or self.calls or self.outages or self.throttles
        )


fault_backends = BackendDict(
    FaultsBackend, "cks", use_boto3_regions=False, additional_regions=["aws"]
)


def _backend() -> FaultsBackend:
    return fault_backends[DEFAULT_ACCOUNT_ID]["aws"]


def _faults() -> FaultsBackend | None:
    """The faults, where there are any."""
    if not FaultsBackend.armed:
        return None
    backend = _backend()
    FaultsBackend.armed = not backend.empty  # moto's reset may have emptied it
    return backend if FaultsBackend.armed else None


_Counted = TypeVar("_Counted", ConnectionFault, SessionFault, CallFault)


def _take(faults: list[_Counted], concerns: Callable[[_Counted], bool]) -> _Counted | None:
    """The first fault that concerns somebody, counted."""
    fault = next(filter(concerns, faults), None)
    if fault is not None:
        fault.times -= 1
        if not fault.times:
            faults.remove(fault)
    return fault


# What the services ask; all of it with the WORLD locked ------------------------------------------


def connection_error_of(key_store_id: str) -> ConnectionErrorCode | None:
    """How the connection attempt that a key store makes now must end; counts it."""
    faults = _faults()
    if faults is None:
        return None
    fault = _take(faults.connections, lambda fault: fault.key_store in (None, key_store_id))
    return fault.code if fault is not None else None


def out_of_reach(cluster_id: str) -> bool:
    """Whether KMS cannot reach a cluster."""
    faults = _faults()
    return faults is not None and any(outage.cluster_id == cluster_id for outage in faults.outages)


def require_session(cluster_id: str) -> None:
    """Find a free session in the HSMs of a cluster; counts a failure.

    Raises:
        KMSInternalException: there is none.
    """
    faults = _faults()
    if faults is not None and _take(faults.sessions, lambda f: f.cluster_id == cluster_id):
        raise KMSInternalException(NO_FREE_SESSION)


def count_request(operation: str, key_stores_of: Callable[[], set[str]]) -> None:
    """Count a request towards the quota of the key stores that it uses.

    Args:
        operation: the operation of KMS.
        key_stores_of: finds the custom key store IDs; only asked where there is a quota.

    Raises:
        ThrottlingException: the quota of one of them is used up.
    """
    faults = _faults()
    if faults is None or not faults.throttles or operation not in THROTTLED_OPERATIONS:
        return
    if not faults.throttles[-1].take(key_stores_of()):
        raise ThrottlingException(THROTTLED)


def call_fault(service: str, operation: str, account_id: str, region: str) -> CallFault | None:
    """What a call must end with, if not with its own answer; counts it."""
    faults = _faults()
    if faults is None:
        return None
    return _take(
        faults.calls,
        lambda fault: (
            (fault.service, fault.operation) == (service, operation)
            and fault.account_id in (None, account_id)
            and fault.region in (None, region)
        ),
    )


# What tests say ----------------------------------------------------------------------------------


class Faults:
    """The faults as the tests see them (``cks.faults``).

    They last until they are used up, until their context ends, or until moto's reset or the end of
    the mock.
    """

    def connection_error(self, code: str, *, times: int = 1, key_store: str | None = None) -> None:
        """Let the next connection attempts end FAILED, whatever they would have come upon.

        The repair is the documented one: disconnect, connect. See "How to fix a connection
        failure" in the AWS KMS Developer Guide.

        Args:
            code: INTERNAL_ERROR or NETWORK_ERRORS.
            times: how many attempts.
            key_store: the custom key store ID; by default those of any key store.

        Raises:
            ValueError: another code, which has a cause to bring about; or ``times`` below 1.
            KeyError: there is no such key store in any account and Region.
            RuntimeError: the mock is not on.
        """
        _require_mock()
        if code not in CONNECTION_ERRORS:
            possible = " or ".join(error.value for error in CONNECTION_ERRORS)
            raise ValueError(f"A connection error is {possible}, not {code!r}: that has a cause.")
        _require_times(times)
        with WORLD:
            if key_store is not None:
                _require_key_store(key_store)
            _arm().connections.append(ConnectionFault(times, ConnectionErrorCode(code), key_store))

    def unreachable(self, cluster_id: str) -> AbstractContextManager[None]:
        """A context in which KMS cannot reach a cluster; such contexts nest.

        Cryptographic operations and CreateKey end with KMSInvalidStateException, connection
        attempts with NETWORK_ERRORS; key material is not deleted.

        Args:
            cluster_id: the ID of the cluster.

        Raises:
            KeyError: there is no such cluster in any account and Region.
            RuntimeError: the mock is not on.
        """
        _require_mock()
        with WORLD:
            _require_cluster(cluster_id)
        return _During(lambda faults: faults.outages, lambda: Outage(cluster_id))

    def pkcs11_sessions_exhausted(self, cluster_id: str, *, times: int = 1) -> None:
        """Let the next cryptographic operations find no free PKCS #11 session in a cluster.

        They end with KMSInternalException, HTTP status 500, after which AWS recommends to retry.
        See "Throttling AWS KMS requests" in the AWS KMS Developer Guide.

        Args:
            cluster_id: the ID of the cluster.
            times: how many operations.

        Raises:
            ValueError: ``times`` below 1.
            KeyError: there is no such cluster in any account and Region.
            RuntimeError: the mock is not on.
        """
        _require_mock()
        _require_times(times)
        with WORLD:
            _require_cluster(cluster_id)
            _arm().sessions.append(SessionFault(times, cluster_id))

    def throttle(self, requests_per_second: float = REQUEST_QUOTA) -> AbstractContextManager[None]:
        """A context in which the request quota of every key store is in force.

        Cryptographic operations on keys of a key store, and GenerateRandom in it, past the quota
        end with ThrottlingException. Of nested contexts the innermost counts. See "Request quotas"
        in the AWS KMS Developer Guide.

        Args:
            requests_per_second: the quota of each key store, by the simulated clock; that many can
                come at once.

        Raises:
            ValueError: the quota is not a number above 0.
            RuntimeError: the mock is not on.
        """
        _require_mock()
        check_quota(requests_per_second)
        return _During(lambda faults: faults.throttles, lambda: Throttle(requests_per_second))

    def fail(
        self,
        operation: str,
        code: str,
        *,
        message: str | None = None,
        times: int = 1,
        account_id: str | None = None,
        region: str | None = None,
    ) -> None:
        """Let the next calls of an operation end with an exception, and do nothing else.

        Args:
            operation: an operation of KMS or CloudHSM, as ``Encrypt`` or ``cloudhsmv2:CreateHsm``.
            code: an exception that its page lists, or one of :data:`COMMON_ERRORS`.
            message: what it says; by default what AWS's documentation says of it.
            times: how many calls.
            account_id: of which account; by default of any.
            region: in which Region; by default in any.

        Raises:
            ValueError: there is no such operation, or both services have it and none is named; the
                operation does not document the exception; or ``times`` below 1.
            RuntimeError: the mock is not on.
        """
        _require_mock()
        service, name = _operation(operation)
        documented = _documented_errors(service, name)
        if code not in documented:
            possible = ", ".join(sorted(documented))
            raise ValueError(f"{service}:{name} does not document {code!r}, but {possible}.")
        _require_times(times)
        fault = CallFault(
            times,
            service,
            name,
            code,
            documented[code] if message is None else message,
            STATUSES.get(code, _BAD_REQUEST),
            account_id,
            region,
        )
        with WORLD:
            _arm().calls.append(fault)


def _arm() -> FaultsBackend:
    FaultsBackend.armed = True
    return _backend()


_Lasting = TypeVar("_Lasting", Outage, Throttle)


class _During(Generic[_Lasting], AbstractContextManager[None], ContextDecorator):
    """A fault that lasts from entering to leaving; dropped in between, it simply goes on."""

    def __init__(
        self,
        faults_of: Callable[[FaultsBackend], list[_Lasting]],
        make: Callable[[], _Lasting],
    ) -> None:
        self._faults_of: Callable[[FaultsBackend], list[_Lasting]] = faults_of
        self._make: Callable[[], _Lasting] = make
        self._begun: list[_Lasting] = []

    def __enter__(self) -> None:
        _require_mock()
        fault = self._make()
        with WORLD:
            self._faults_of(_arm()).append(fault)
            self._begun.append(fault)

    def __exit__(self, *exc_info: object) -> None:
        with WORLD:
            fault = self._begun.pop()
            faults = self._faults_of(_backend())
            if fault in faults:  # a reset of moto has forgotten it
                faults.remove(fault)


def _require_mock() -> None:
    # Imported late: the plugin's services ask this module.
    from moto_cks.plugin import switch  # noqa: PLC0415

    if not switch.on:
        raise RuntimeError("mock_cks is not on in this process.")


def check_quota(requests_per_second: float) -> None:
    """Check a request quota.

    Raises:
        ValueError: it is not a number above 0.
    """
    if not 0 < requests_per_second < math.inf:
        raise ValueError(f"requests_per_second must be above 0, not {requests_per_second}.")


def _require_times(times: int) -> None:
    if not isinstance(times, int) or times < 1:
        raise ValueError(f"times must be a number of at least 1, not {times!r}.")


def _require_cluster(cluster_id: str) -> None:
    backends: Iterable[Any] = (backend for *_, backend in cloudhsmv2_backends.iter_backends())
    if all(backend.find_cluster(cluster_id) is None for backend in backends):
        raise KeyError(f"There is no cluster {cluster_id}")


def _require_key_store(key_store_id: str) -> None:
    backends: Iterable[Any] = (backend for *_, backend in kms_backends.iter_backends())
    known = (store.custom_key_store_id for backend in backends for store in backend.key_stores)
    if key_store_id not in known:
        raise KeyError(f"There is no custom key store {key_store_id}")


def _operation(operation: str) -> tuple[str, str]:
    """The service and the name of an operation.

    Raises:
        ValueError: there is none, or more than one.
    """
    service, colon, name = operation.rpartition(":")
    having = [
        candidate
        for candidate in SERVICES
        if (not colon or candidate == service)
        and name in get_service_model(candidate).operation_names
    ]
    if not having:
        raise ValueError(f"There is no operation {operation!r} in {' or '.join(SERVICES)}.")
    if len(having) > 1:
        possible = " or ".join(f"{candidate}:{name}" for candidate in having)
        raise ValueError(f"Say which {name}: {possible}.")
    return having[0], name


def _documented_errors(service: str, operation: str) -> dict[str, str]:
    """The exceptions that an operation can end with, and what AWS says of each."""
    shapes = get_service_model(service).operation_model(operation).error_shapes
    return {**COMMON_ERRORS, **{shape.name: _first_paragraph(shape) for shape in shapes}}


def _first_paragraph(shape: Any) -> str:
    documentation = shape.documentation or ""
    found = _FIRST_PARAGRAPH.search(documentation)
    text = _TAG.sub("", found[1] if found else documentation)
    return " ".join(html.unescape(text).split())
