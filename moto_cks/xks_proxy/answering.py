"""The way of a request: step after step, the first that refuses decides.

The order is partly that of AWS's test client; where it leaves the order open it is a choice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from moto_cks.xks_proxy import errors, protocol, signature
from moto_cks.xks_proxy.defects import Defect
from moto_cks.xks_proxy.errors import XksError
from moto_cks.xks_proxy.instances import Instance
from moto_cks.xks_proxy.keys import ExternalKey, Sealed
from moto_cks.xks_proxy.manager import KeyManager
from moto_cks.xks_proxy.messages import Message, read
from moto_cks.xks_proxy.prefixes import PathPrefix
from moto_cks.xks_proxy.protocol import Api
from moto_cks.xks_proxy.wire import Answer, Request

VENDOR, MODEL = "moto_cks", "moto_cks XKS proxy"
"""What GetHealthStatus says of the proxy, and, with its own models, of the key manager."""


class Exchange:
    """A request on its way.

    Args:
        request: as it was received.
        now: the time of the proxy's clock.
        prefixes: the path prefixes of the proxy.
        manager: its external key manager.
        unsupported: the names of the APIs that it does not implement.
        defects: what is wrong with it.

    Attributes:
        request: the request.
        prefix: of the client, once it is known.
        api: that is asked for, once it is known.
        external_key: the external key ID of the path.
        message: the body, once it is read.
        rule: which authorization rule denied it.
        instance: which instance of the key manager serves it.
        delay: the seconds that the key manager takes, or the proxy waits for it.
    """

    def __init__(
        self,
        request: Request,
        now: datetime,
        prefixes: Mapping[str, PathPrefix],
        manager: KeyManager,
        unsupported: frozenset[str],
        defects: list[Defect],
    ) -> None:
        self.request = request
        self.prefix: PathPrefix | None = None
        self.api: Api | None = None
        self.external_key: str | None = None
        self.message: Message | None = None
        self.rule: str | None = None
        self.instance: Instance | None = None
        self.delay = 0.0
        self._now = now
        self._prefixes = prefixes
        self._manager = manager
        self._unsupported = unsupported
        self._defects = defects
        self._key: ExternalKey | None = None

    def run(self) -> Answer:
        """Take all steps.

        Raises:
            XksError: one of them refuses.
        """
        if self.request.method != "POST":
            return Answer(HTTPStatus.METHOD_NOT_ALLOWED.value, headers=(("Allow", "POST"),))
        try:
            for step in STEPS:
                step(self)
            members = _OPERATIONS[self.the_api.name](self)
        except XksError as error:
            for defect in self._defects:
                error = defect.error(error)
            raise error from None
        return Answer(HTTPStatus.OK.value, self._written(members))

    @property
    def the_api(self) -> Api:
        """The API that is asked for, after :meth:`find_path`."""
        assert self.api is not None
        return self.api

    @property
    def the_prefix(self) -> PathPrefix:
        """The path prefix, after :meth:`find_path`."""
        assert self.prefix is not None
        return self.prefix

    @property
    def the_message(self) -> Message:
        """The body, after :meth:`read_body`."""
        assert self.message is not None
        return self.message

    @property
    def the_key(self) -> ExternalKey:
        """The external key, after :meth:`find_key`."""
        assert self._key is not None
        return self._key

    def find_path(self) -> None:
        """InvalidUriPathException: nothing of the proxy is at the path."""
        before, end, behind = self.request.target.rpartition(protocol.PATH_END)
        found = protocol.api_at(behind) if end else None
        self.prefix = self._prefixes.get(before) if end else None
        if found is None or self.prefix is None:
            raise XksError(errors.INVALID_URI_PATH)
        self.api, self.external_key = found

    def authenticate(self) -> None:
        """AuthenticationFailedException: nobody who may ask has signed it."""
        said = signature.authorization(self.request)
        prefix = self.the_prefix
        credential = prefix.credentials.find(said.access_key_id)
        if credential is None:
            raise XksError(
                errors.AUTHENTICATION_FAILED, detail="The access key ID is not a valid one."
            )
        secret = credential.secret_access_key
        for defect in self._defects:
            secret = defect.secret(secret)
        signature.check(self.request, said, credential, secret, prefix.region, self._now)

    def read_body(self) -> None:
        """ValidationException: the body is not JSON, or a member is wrong."""
        self.message = read(self.the_api, self.request.body)

    def authorize(self) -> None:
        """AccessDeniedException: the rules say no."""
        rules = self.the_prefix.authorization
        if self.the_api is protocol.HEALTH and not rules.apply_to_health_checks:
            return
        self.rule = rules.refusal(self.the_message.metadata, self.external_key)
        if self.rule is not None:
            raise XksError(errors.ACCESS_DENIED)

    def throttle(self) -> None:
        """ThrottlingException: the quota of the path prefix is used up."""
        if not self.the_prefix.request_quota.passes(self._now):
            raise XksError(errors.THROTTLING)

    def look_at_prefix(self) -> None:
        """InvalidStateException: the path prefix is out of use."""
        if self.the_prefix.blocked:
            raise XksError(errors.INVALID_STATE, "The key store is blocked.")

    def find_implementation(self) -> None:
        """UnsupportedOperationException: the API is not implemented."""
        if self.the_api.name in self._unsupported:
            raise XksError(errors.UNSUPPORTED_OPERATION)

    def reach_key_manager(self) -> None:
        """InternalException or DependencyTimeoutException: no instance can be used."""
        if self.the_api.of_key:
            self._is_served()
            self._manager.require(self.instance)

    def _is_served(self) -> None:
        self.instance = self._manager.instances.best()
        if self.instance is not None:
            self.delay = min(self.instance.delay, self._manager.timeout)

    def find_key(self) -> None:
        """KeyNotFoundException: there is no such external key."""
        if self.external_key is not None:
            self._key = self.the_prefix.keys.get(self.external_key)
            if self._key is None:
                raise XksError(errors.KEY_NOT_FOUND)

    def look_at_state(self) -> None:
        """InvalidStateException: the external key is disabled."""
        if self.the_api.usage is not None and not self.the_key.enabled:
            raise XksError(errors.INVALID_STATE)

    def look_at_usage(self) -> None:
        """InvalidKeyUsageException: the external key is not for that."""
        if self.the_api.usage is not None:
            self._needs(self.the_api.usage)

    def _needs(self, usage: str) -> None:
        if usage not in self.the_key.usage or not self.the_key.computes:
            raise XksError(errors.INVALID_KEY_USAGE)

    def get_health_status(self) -> dict[str, Any]:
        """What GetHealthStatus answers."""
        seen = self._manager.cached(self._now)
        if seen is None:
            self._is_served()
            seen = self._manager.look(self._now)
        return {
            "xksProxyFleetSize": 1,
            "xksProxyVendor": VENDOR,
            "xksProxyModel": MODEL,
            "ekmVendor": VENDOR,
            "ekmFleetDetails": [
                {"id": each.id, "model": each.model, "healthStatus": each.health} for each in seen
            ],
        }

    def get_key_metadata(self) -> dict[str, Any]:
        """What GetKeyMetadata answers."""
        return {
            "keySpec": self.the_key.spec,
            "keyUsage": list(self.the_key.usage),
            "keyStatus": "ENABLED" if self.the_key.enabled else "DISABLED",
        }

    def encrypt(self) -> dict[str, Any]:
        """What Encrypt answers."""
        data = self.the_message.data
        aad = data.get("additionalAuthenticatedData", b"")
        metadata = self._manager.metadata_of(self.the_key)
        for defect in self._defects:
            metadata = defect.metadata(metadata)
        sealed = self.the_key.seal(
            data["plaintext"], self._authenticated(aad, metadata), self._manager.vector_size
        )
        members: dict[str, Any] = {
            "authenticationTag": sealed.tag,
            "ciphertext": sealed.ciphertext,
            "initializationVector": sealed.vector,
        }
        if metadata is not None:
            members["ciphertextMetadata"] = metadata
        if "ciphertextDataIntegrityValueAlgorithm" in self.the_message.named:
            self._vouch(members, sealed, aad, metadata)
        return members

    def _vouch(
        self, members: dict[str, Any], sealed: Sealed, aad: bytes, metadata: bytes | None
    ) -> None:
        # In the order of "Appendix C": encrypt, compute, decrypt, answer.
        value: bytes | None = protocol.integrity_value(
            aad, metadata or b"", sealed.vector, sealed.ciphertext, sealed.tag
        )
        self._needs(protocol.DECRYPT)
        self._open(sealed, aad, metadata)
        for defect in self._defects:
            value = defect.integrity(value, aad, members)
        if value is not None:
            members["ciphertextDataIntegrityValue"] = value

    def decrypt(self) -> dict[str, Any]:
        """What Decrypt answers."""
        data = self.the_message.data
        sealed = Sealed(data["ciphertext"], data["initializationVector"], data["authenticationTag"])
        aad = data.get("additionalAuthenticatedData", b"")
        return {"plaintext": self._open(sealed, aad, data.get("ciphertextMetadata"))}

    def _open(self, sealed: Sealed, aad: bytes, metadata: bytes | None) -> bytes:
        version = self._manager.version_in(metadata)
        plaintext = self.the_key.open(sealed, self._authenticated(aad, metadata), version)
        if plaintext is None:
            raise XksError(errors.INVALID_CIPHERTEXT)
        return plaintext

    def _authenticated(self, aad: bytes, metadata: bytes | None) -> bytes:
        for defect in self._defects:
            aad = defect.authenticated(aad)
        return protocol.authenticated_data(aad, metadata or b"")

    def _written(self, members: dict[str, Any]) -> bytes:
        encode = _SOUND.encode
        for defect in self._defects:
            members = defect.answer(members)
            if encode == _SOUND.encode and type(defect).encode is not Defect.encode:
                encode = defect.encode
        return _json(
            {
                name: encode(value) if isinstance(value, bytes) else value
                for name, value in members.items()
            }
        )


STEPS: tuple[Callable[[Exchange], None], ...] = (
    Exchange.find_path,
    Exchange.authenticate,
    Exchange.read_body,
    Exchange.authorize,
    Exchange.throttle,
    Exchange.look_at_prefix,
    Exchange.find_implementation,
    Exchange.reach_key_manager,
    Exchange.find_key,
    Exchange.look_at_state,
    Exchange.look_at_usage,
)
"""What is asked of a request, in this order."""

_OPERATIONS: Mapping[str, Callable[[Exchange], dict[str, Any]]] = {
    protocol.HEALTH.name: Exchange.get_health_status,
    protocol.METADATA.name: Exchange.get_key_metadata,
    protocol.ENCRYPTING.name: Exchange.encrypt,
    protocol.DECRYPTING.name: Exchange.decrypt,
}

_SOUND = Defect()

_WRITER = json.JSONEncoder(separators=(",", ":"))
"""One for all answers: to make one takes longer than to write with it."""


def refusal(error: XksError) -> Answer:
    """The answer that says that a request is refused."""
    body = _json({"errorName": error.kind.name, "errorMessage": error.message})
    return Answer(error.kind.status, body)


def _json(members: Mapping[str, Any]) -> bytes:
    return _WRITER.encode(members).encode()
