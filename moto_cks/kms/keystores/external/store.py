"""An external key store: what KMS asks the proxy of an external key manager."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar

from moto.kms.exceptions import InvalidCiphertextException
from moto.kms.models import kms_backends
from moto.moto_api._internal import mock_random

from moto_cks.frontend.current import current_request, look_again
from moto_cks.kms.exceptions import UnsupportedOperationException
from moto_cks.kms.keystores.base import KeyStore, Request, Unwrap
from moto_cks.kms.keystores.connection import (
    USE,
    ConnectionErrorCode,
    ConnectionState,
)
from moto_cks.kms.keystores.external import blobs, displays, messages, metadata, protocol, requests
from moto_cks.kms.keystores.external.addresses import Address, require_free
from moto_cks.kms.keystores.external.credential import Credential
from moto_cks.kms.keystores.external.displays import Seen
from moto_cks.kms.keystores.external.endpoint_service import refusal_of
from moto_cks.kms.keystores.external.exceptions import (
    XksKeyAlreadyInUseException,
    XksKeyInvalidConfigurationException,
)
from moto_cks.kms.keystores.external.foresight import ForeseeingKeyStore
from moto_cks.kms.keystores.external.metadata import ExternalKey
from moto_cks.kms.keystores.external.outcomes import ProxyError
from moto_cks.kms.keystores.external.protocol import KeyMetadata, Question, UnavailableError
from moto_cks.kms.keystores.external.requests import CREDENTIAL, KEY_ID
from moto_cks.kms.keystores.types import KeyStoreType
from moto_cks.world import clock
from moto_cks.world.outside import outside

Result = TypeVar("Result")

CHECK_INTERVAL = timedelta(minutes=5)
"""How often KMS asks a connected proxy how it is: "once every few minutes", it is specified."""

WITH_INTEGRITY = frozenset({"GenerateDataKey", "GenerateDataKeyWithoutPlaintext"})
"""The operations that ask for the ciphertext data integrity value. The specification gives data
keys as its reason, and does not say that others do not."""

NECESSARY_USAGE = ("ENCRYPT", "DECRYPT")
NECESSARY_SPEC = "AES_256"


class ExternalKeyStore(ForeseeingKeyStore):
    """A key store whose keys are in an external key manager, behind a proxy.

    KMS encrypts with material of its own first, and has the proxy encrypt the result. So the proxy
    never sees what is a caller's, and KMS alone can decrypt nothing.

    Attributes:
        address: where the proxy is.
    """

    key_store_type = KeyStoreType.EXTERNAL_KEY_STORE
    parameters = requests.PARAMETERS
    changes = requests.CHANGES
    keeps_own_material: ClassVar[bool] = True
    throttle_metric = "ExternalKeyStoreThrottle"

    check_creation = staticmethod(requests.check_creation)
    check_new_key = staticmethod(requests.check_new_key)

    def __init__(
        self,
        account_id: str,
        region: str,
        name: str,
        address: Address,
        credential: Credential,
    ) -> None:
        super().__init__(account_id, region, name)
        self.address = address
        self._credential = credential
        self._external_keys: dict[str, str] = {}
        self._request_id = ""
        self._came_upon = ""
        self._next_check: clock.Appointment | None = None
        self._seen = Seen(clock.timestamp())

    def __repr__(self) -> str:
        return f"<ExternalKeyStore {self.custom_key_store_id} at {self.address.endpoint}>"

    def describe(self) -> dict[str, Any]:
        """The entry of DescribeCustomKeyStores."""
        configuration = {**self.address.described(), "AccessKeyId": self.access_key_id}
        return {**super().describe(), "XksProxyConfiguration": configuration}

    # Its requests ----------------------------------------------------------------------------

    def is_creation_again(self, request: Request) -> bool:
        """Never: AWS says of CloudHSM key stores only that an equal request is a retry."""
        return False

    @classmethod
    def create(
        cls, account_id: str, region: str, request: Request, others: Iterable[KeyStore]
    ) -> ExternalKeyStore:
        """Make the key store that a CreateCustomKeyStore asks for, if its proxy answers.

        Raises:
            XksProxyUriInUseException, XksProxyUriEndpointInUseException,
            XksProxyVpcEndpointServiceInUseException, XksProxyVpcEndpointServiceNotFoundException,
            XksProxyVpcEndpointServiceInvalidConfigurationException
            KmsException: see :data:`moto_cks.kms.keystores.external.outcomes.OUTCOMES`.
        """
        address = Address.of(request, account_id)
        store = cls(
            account_id,
            region,
            request["CustomKeyStoreName"],
            address,
            Credential.of(request[CREDENTIAL]),
        )
        store._require_free(address)
        store._require_endpoint_service(address)
        if address.public:
            store._require_health("CreateCustomKeyStore", address, store._credential)
            store._require_free(address)  # KMS may have waited
        return store

    def check_change(self, request: Request) -> None:
        """Check that an UpdateCustomKeyStore has what it needs.

        Raises:
            ValidationException
        """
        requests.check_change(request, self.address.connectivity)

    def change(self, request: Request) -> None:
        """Go to another address, or sign with another credential, if the proxy answers there.

        Raises:
            XksProxyUriInUseException, XksProxyUriEndpointInUseException,
            XksProxyVpcEndpointServiceInUseException
            KmsException: see :data:`moto_cks.kms.keystores.external.outcomes.OUTCOMES`.
        """
        if not any(request.get(name) for name in request if name.startswith(self.parameters)):
            return
        given = request.get(CREDENTIAL)
        while True:
            before = self.address, self._credential
            address = self.address.changed(request, self.account_id)
            credential = self._credential if given is None else Credential.of(given)
            self._require_possible(address)
            self._require_health("UpdateCustomKeyStore", address, credential)
            self._require_possible(address)  # KMS may have waited
            if (self.address, self._credential) == before:
                break  # else another request has changed what this one leaves as it is
        given_at = self._seen.credential_given if given is None else clock.timestamp()
        # Nothing is called from here on: no interruption comes in between.
        self.address, self._credential, self._seen.credential_given = address, credential, given_at
        if self.connected:
            self._show()

    def _require_possible(self, address: Address) -> None:
        self._require_free(address)
        self._require_endpoint_service(address)

    def _require_free(self, address: Address) -> None:
        """Refuse an address that another key store has."""
        others = [
            store
            for _, region, backend in kms_backends.iter_backends()
            for store in getattr(backend, "key_stores", ())
            if isinstance(store, ExternalKeyStore) and region == self.region and store is not self
        ]
        own = [store.address for store in others if store.account_id == self.account_id]
        require_free(address, own, [store.address for store in others])

    def _require_endpoint_service(self, address: Address) -> None:
        """Refuse a VPC endpoint service through which KMS cannot reach the proxy."""
        refusal = refusal_of(address, self.account_id, self.region)
        if refusal is not None:
            raise refusal.error(refusal.message)

    def _require_health(self, operation: str, address: Address, credential: Credential) -> None:
        question = protocol.health(metadata.of_health_check(operation, metadata.request_id()))
        try:
            fleet = self._ask(question, address, credential, answering=True)
        except ProxyError as error:
            raise error.of_key_store() from None
        else:
            self._seen.fleet = fleet
        finally:
            if not self.connected:
                self._hang_up()

    # The connection --------------------------------------------------------------------------

    def connect(self) -> None:
        """Begin to connect; the attempt, whenever it is made, is this request's."""
        if self.connection.state is ConnectionState.DISCONNECTED:
            self._request_id = metadata.request_id()
        super().connect()

    def check_before_connecting(self) -> None:
        """Nothing is seen to be wrong before the attempt."""

    def attempt_connection(self) -> ConnectionErrorCode | None:
        """Ask the proxy how it is."""
        refusal = refusal_of(self.address, self.account_id, self.region)
        if refusal is not None:
            self._came_upon = refusal.message.removesuffix(".")
            return refusal.code
        asked = metadata.of_health_check("ConnectCustomKeyStore", self._request_id)
        try:
            self._seen.fleet = self._ask(protocol.health(asked), self.address, self._credential)
        except ProxyError as error:
            self._came_upon = error.outcome.name
            return error.code()
        if self.connection.state is ConnectionState.CONNECTING:  # still, after KMS may have waited
            self._show()
            self._check_at(clock.now() + CHECK_INTERVAL)
        return None

    def tear_down_connection(self) -> None:
        """Ask no more, and close the connections to the proxy."""
        self._check_at(None)
        self._hang_up()
        if self.meter is not None:
            displays.show_nothing(self.meter, self.custom_key_store_id, clock.now())

    def _check_at(self, due: datetime | None) -> None:
        """Ask the proxy next at a moment, and at no other one; ``None`` for never."""
        # The old one last: where this is interrupted, that is kept again.
        before = self._next_check
        self._next_check = None if due is None else clock.at(due, self._check_again)
        if before is not None:
            before.cancel()

    def _check_again(self) -> None:
        """Ask the proxy how it is, of KMS's own accord; whatever comes of it, nothing changes.

        However far the clock goes in one step, it is asked once.
        """
        if not self.connected:
            return
        passed = clock.reached() - clock.now()
        self._check_at(clock.now() + CHECK_INTERVAL * (passed // CHECK_INTERVAL + 1))
        asked = metadata.of_health_check(metadata.HEALTH_CHECK, str(mock_random.uuid4()))
        # What comes of it is noted; the connection state says only that there was a connection.
        try:
            self._seen.fleet = self._ask(protocol.health(asked), self.address, self._credential)
        except ProxyError as error:
            self._seen.fleet = error.fleet if isinstance(error, UnavailableError) else ()
        if self.connected:
            self._show()

    # Keys ------------------------------------------------------------------------------------

    def check_before_creating_key(self, request: Request) -> None:
        """Refuse a CreateKey whose external key is taken.

        Raises:
            CustomKeyStoreInvalidStateException: the key store is not connected.
            XksKeyAlreadyInUseException: another KMS key of this key store has the external key.
        """
        self.connection.require(USE)
        if request[KEY_ID] in self._external_keys:
            raise XksKeyAlreadyInUseException(
                f"The external key {request[KEY_ID]} is in use by another KMS key in the custom "
                f"key store {self.custom_key_store_id}."
            )

    def create_key_material(self, key_arn: str, request: Request) -> ExternalKey:
        """Take the external key that CreateKey names, if it is one that KMS can use.

        Raises:
            XksKeyInvalidConfigurationException: it is not.
            XksKeyAlreadyInUseException, CustomKeyStoreInvalidStateException: as it is by now.
            KmsException: see :data:`moto_cks.kms.keystores.external.outcomes.OUTCOMES`.
        """
        key_id = request[KEY_ID]
        question = protocol.key_metadata(key_id, metadata.of_request("CreateKey"))
        try:
            found = self._ask(question, self.address, self._credential, answering=True)
        except ProxyError as error:
            raise error.of_new_key() from None
        _require_usable(found)
        self.check_before_creating_key(request)  # KMS may have waited
        self._external_keys[key_id] = key_arn
        return ExternalKey(key_id, key_arn)

    def key_metadata(self, backing_key: ExternalKey) -> dict[str, Any]:
        """What DescribeKey adds; the proxy is not asked."""
        return {"XksKeyConfiguration": {"Id": backing_key.id}}

    def encrypt(
        self, backing_key: ExternalKey, plaintext: bytes, authenticated_data: bytes
    ) -> bytes:
        """Have the external key encrypt.

        Raises:
            DryRunOperationException: it was only to be seen whether it could be asked.
            KMSInvalidStateException: the proxy does not do it.
        """
        data = _digest(authenticated_data)
        asked = metadata.of_request("Encrypt", backing_key)
        with_integrity = asked["kmsOperation"] in WITH_INTEGRITY
        question = protocol.encrypt(backing_key.id, asked, plaintext, data, with_integrity)
        try:
            return blobs.pack(self._use(question))
        except ProxyError as error:
            raise error.of_use() from None

    def decrypt(self, backing_key: ExternalKey, sealed: bytes, authenticated_data: bytes) -> bytes:
        """Have the external key decrypt.

        Raises:
            InvalidCiphertextException: KMS sees itself that it has not made that.
            DryRunOperationException, KMSInvalidStateException: as for :meth:`encrypt`.
        """
        return self.decrypt_wrapped(backing_key, sealed, authenticated_data, bytes)

    def decrypt_wrapped(
        self, backing_key: ExternalKey, sealed: bytes, authenticated_data: bytes, unwrap: Unwrap
    ) -> bytes:
        """Have the external key decrypt; other bytes than KMS has encrypted are no answer.

        Raises:
            InvalidCiphertextException, DryRunOperationException, KMSInvalidStateException: as for
                :meth:`decrypt`.
        """
        found = blobs.unpack(sealed)
        if found is None:
            raise InvalidCiphertextException
        data = _digest(authenticated_data)
        asked = metadata.of_request("Decrypt", backing_key)
        question = protocol.decrypt(backing_key.id, asked, found, data, unwrap)
        try:
            return self._use(question)
        except ProxyError as error:
            raise error.of_use() from None

    def random(self, number_of_bytes: int) -> bytes:
        """There are none, whether or not it is connected.

        Raises:
            UnsupportedOperationException
        """
        raise UnsupportedOperationException(
            "GenerateRandom is not supported for an external key store."
        )

    def discard_key_material(self, key_arn: str) -> None:
        """Let another KMS key have the external key of one that was not created after all."""
        taken = self._external_keys.items()
        self._external_keys = {key_id: arn for key_id, arn in taken if arn != key_arn}

    def delete_key_material(self, backing_key: ExternalKey) -> None:
        """Leave the external key where it is."""

    def forget_key(self, key_id: str, backing_key: ExternalKey) -> None:
        """Have one KMS key less: another one can use its external key."""
        super().forget_key(key_id, backing_key)
        self._external_keys.pop(backing_key.id, None)

    # The proxy -------------------------------------------------------------------------------

    def _use(self, question: Question[Result]) -> Result:
        request = current_request()
        if request is not None:
            request.end_dry_run()
        return self._ask(question, self.address, self._credential, answering=True)

    def _ask(
        self,
        question: Question[Result],
        address: Address,
        credential: Credential,
        *,
        answering: bool = False,
    ) -> Result:
        """Ask the proxy; where it is outside of the world, others have the world meanwhile.

        Args:
            question: what.
            address: where.
            credential: what is signed with.
            answering: whether that is part of answering a request, which has to be possible still.

        Raises:
            ProxyError: nothing has come of it.
            KmsException: the request is not possible any more.
        """
        from moto_cks.kms.keystores.external import asking  # noqa: PLC0415 - with the first

        ask = asking.prepared(
            self.custom_key_store_id,
            self.region,
            question,
            address,
            credential,
            reachable=refusal_of(address, self.account_id, self.region) is None,
        )
        exchange = ask() if ask.embedded else outside(ask)
        asking.report(exchange, self.custom_key_store_id, self.meter)
        if exchange.certificate is not None:
            self._seen.certificate = exchange.certificate
            if self.connected:
                self._show()
        if exchange.error is not None:
            raise exchange.error
        if answering and not ask.embedded:
            look_again()
        (answer,) = exchange.answers
        return answer

    def _show(self) -> None:
        """Have CloudWatch show what KMS has seen of the proxy."""
        if self.meter is not None:
            displays.show(self.meter, self.custom_key_store_id, self._seen, clock.now())

    def _hang_up(self) -> None:
        """Close the connections to the proxy."""
        from moto_cks.kms.keystores.external.connections import connections  # noqa: PLC0415

        connections().end(self.custom_key_store_id)

    # What CloudTrail's records say of it -----------------------------------------------------

    def trail_data(self) -> dict[str, str]:
        """Nothing backs it that AWS knows."""
        return {}

    def creation_data(self, key_arn: str, backing_key: ExternalKey) -> dict[str, str]:
        """Of CreateKey: the request and its answer say it all."""
        return {}

    def key_use_data(self, key_arn: str, backing_key: ExternalKey) -> dict[str, str]:
        """Of a cryptographic operation: the key store and the external key."""
        return self.material_data(key_arn, backing_key)

    def material_data(self, key_arn: str, backing_key: ExternalKey) -> dict[str, str]:
        """Of ScheduleKeyDeletion: the same."""
        return {"customKeyStoreId": self.custom_key_store_id, "xksKeyId": backing_key.id}

    def deletion_data(
        self, key_arn: str, backing_key: ExternalKey, deleted: bool | None
    ) -> dict[str, str]:
        """Of DeleteKey: the same; the external key is not deleted."""
        return self.material_data(key_arn, backing_key)


def _digest(authenticated_data: bytes) -> bytes:
    """What the proxy is to authenticate: of a KMS key and a context, however long that is."""
    return hashlib.sha256(authenticated_data).digest()


def _require_usable(found: KeyMetadata) -> None:
    """Refuse an external key that KMS cannot use.

    Raises:
        XksKeyInvalidConfigurationException
    """
    if found.spec != NECESSARY_SPEC:
        raise XksKeyInvalidConfigurationException(messages.KEY_SPEC.format(found.spec))
    if found.status != protocol.ENABLED:
        raise XksKeyInvalidConfigurationException(messages.KEY_STATUS.format(found.status))
    if not set(NECESSARY_USAGE) <= set(found.usage):
        usage = f"[{', '.join(found.usage)}]"
        raise XksKeyInvalidConfigurationException(messages.KEY_USAGE.format(usage))
