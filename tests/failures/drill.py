"""A key store with keys, to which a failure happens, and what can be seen of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from botocore.exceptions import ClientError
from moto.events.models import EventPattern

from moto_cks import Cks
from moto_cks.failures.expectations import Refusal
from moto_cks.failures.scene import PASSWORD
from moto_cks.failures.shapes import Need
from moto_cks.failures.table import FAILURES
from moto_cks.handle.protocols.failures import Happening
from moto_cks.kms.keys.states import KeyState
from tests.certificates import Identity
from tests.failures.person import Person
from tests.tools.cloudhsm_cli.officers import Officer, register, signed
from tests.tools.cloudhsm_cli.world import data

PLAINTEXT = b"the crown jewels"

CASES = [(failure.name, variant) for failure in FAILURES.values() for variant in failure.cases]
"""Every failure with every variant."""

CRYPTO = ("Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext")
CHANGES = ("TagResource", "UpdateKeyDescription")
MANAGEMENT = ("DescribeKey", "ListGrants", *CHANGES)


def outcome(call: Callable[[], Any]) -> Refusal | None:
    """What a call is refused with; ``None`` where it works."""
    try:
        call()
    except ClientError as error:
        answer = error.response
        return Refusal(
            answer["Error"]["Code"],
            answer["Error"]["Message"],
            answer["ResponseMetadata"]["HTTPStatusCode"],
        )
    return None


class Drill:
    """A key store with keys, unless the failure wants none.

    Args:
        world: the handle.
        client: makes a client of a service.
        name: the name of the failure.
        variant: the name of the variant.
        store: parameters of the key store.
    """

    def __init__(
        self,
        world: Cks,
        client: Callable[[str], Any],
        name: str,
        variant: str | None = None,
        **store: Any,
    ) -> None:
        self.world = world
        self.client = client
        self.failure = world.failures[name]
        self.case = FAILURES[name].case(variant)
        self.seen = self.case.seen
        self.kms = client("kms")
        if Need.OLDER_HSM_TYPE in self.case.needs:
            store = {"hsm_type": "hsm1.medium", **store}
        self.store = world.create_key_store(**store)
        self.cluster = self.store.cluster  # the one that it begins with
        self.named = {"CustomKeyStoreId": self.store.id}
        self.elsewhere = self.kms.create_key()["KeyMetadata"]["KeyId"]
        self.key_ids: list[str] = []
        self.ciphertexts: dict[str, bytes] = {}
        if Need.NO_KEY not in self.case.needs:
            self.key_ids = [self.store.create_key() for _ in range(2)]
        for key_id in self.key_ids:
            answer = self.kms.encrypt(KeyId=key_id, Plaintext=PLAINTEXT)
            self.ciphertexts[key_id] = answer["CiphertextBlob"]
        self.values = self._values()
        self._refused = False
        self._events = len(world.trail.events())

    def _values(self) -> dict[str, str]:
        cluster = self.cluster
        (shown,) = self.client("cloudhsmv2").describe_clusters(
            Filters={"clusterIds": [cluster.id]}
        )["Clusters"]
        return {"store": self.store.id, "cluster": cluster.id, "sg": shown["SecurityGroup"]}

    def happen(self) -> Happening:
        """Bring the failure about."""
        return self.failure.happen(self.store, variant=self.case.variant)

    # What is seen ----------------------------------------------------------------------------

    def entry(self) -> dict[str, Any]:
        """The key store in DescribeCustomKeyStores."""
        (entry,) = self.kms.describe_custom_key_stores(**self.named)["CustomKeyStores"]
        return dict(entry)

    def state(self) -> tuple[str, str | None]:
        """ConnectionState and ConnectionErrorCode."""
        entry = self.entry()
        return entry["ConnectionState"], entry.get("ConnectionErrorCode")

    def key_state(self, key_id: str) -> str:
        """KeyState."""
        return str(self.kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"])

    def calls(self, key_id: str) -> dict[str, Callable[[], Any]]:
        """The calls that a failure may have refused, in the order in which they are tried."""
        kms, blob = self.kms, self.ciphertexts[key_id]
        key = {"KeyId": key_id}
        return {
            "DescribeKey": lambda: kms.describe_key(**key),
            "TagResource": lambda: kms.tag_resource(
                **key, Tags=[{"TagKey": "team", "TagValue": "payments"}]
            ),
            "UpdateKeyDescription": lambda: kms.update_key_description(**key, Description="cards"),
            "ListGrants": lambda: kms.list_grants(**key),
            **self.calls_of_store(),
            "Encrypt": lambda: kms.encrypt(**key, Plaintext=PLAINTEXT),
            "Decrypt": lambda: kms.decrypt(CiphertextBlob=blob),
            "ReEncrypt": lambda: kms.re_encrypt(
                CiphertextBlob=blob, DestinationKeyId=self.elsewhere
            ),
            "GenerateDataKey": lambda: kms.generate_data_key(**key, KeySpec="AES_256"),
            "GenerateDataKeyWithoutPlaintext": lambda: kms.generate_data_key_without_plaintext(
                **key, KeySpec="AES_256"
            ),
        }

    def calls_of_store(self) -> dict[str, Callable[[], Any]]:
        """Those that are about the key store."""
        return {
            "CreateKey": self.store.create_key,
            "GenerateRandom": lambda: self.kms.generate_random(NumberOfBytes=8, **self.named),
        }

    def expected(self, operation: str, key_id: str | None = None) -> Refusal | None:
        """What the table says that a call is refused with."""
        refusal = self.seen.calls.get(operation)
        if refusal is None:
            return None
        return refusal.filled({**self.values, "key ARN": self.arn(key_id)})

    def arn(self, key_id: str | None) -> str:
        """The ARN of a key."""
        return f"arn:aws:kms:{self.store.region}:{self.store.cluster.account_id}:key/{key_id}"

    def look(self, happening: Happening) -> None:
        """Everything is as the table says."""
        code = self.seen.error_code
        shown = (self.seen.connection.value, None if code is None else code.value)
        assert self.state() == shown
        self._look_at_refusals(happening)
        if not self.key_ids:
            for operation, call in self.calls_of_store().items():
                assert outcome(call) == self.expected(operation), operation
        for key_id in self.key_ids:
            self._look_at_key(key_id)
        self._look_at_connecting()
        assert self.state() == shown
        self._look_at_events()

    def _look_at_refusals(self, happening: Happening) -> None:
        clusters = self.client("cloudhsmv2").describe_clusters()["Clusters"]
        deleted = self.world.trail.events(event_name="DeleteBackup")
        if len(clusters) > 1:
            self.values["other"] = clusters[-1]["ClusterId"]
        if deleted:
            self.values["backup"] = deleted[0]["requestParameters"]["backupId"]
        for operation, refusal in happening.refusals.items():
            if operation not in (*CRYPTO, "GenerateRandom"):
                assert refusal == self.expected(operation), operation
        of_the_cause = {"CreateCluster", "CreateCustomKeyStore", "UpdateCustomKeyStore"}
        assert of_the_cause & self.seen.calls.keys() <= happening.refusals.keys()

    def _look_at_key(self, key_id: str) -> None:
        exists = self.seen.key_state is not None
        if exists:
            assert self.key_state(key_id) == self.seen.key_state.value  # type: ignore[union-attr]
        for operation, call in self._in_order(self.calls(key_id)):
            if operation in CHANGES and self.seen.key_state is KeyState.PENDING_DELETION:
                continue  # refused by that state, whatever the key store does
            expected = self.expected(operation, key_id)
            if operation in MANAGEMENT and not exists:
                expected = self.expected("DescribeKey", key_id)
            if self.seen.once and self._refused:
                expected = None
            self._refused = self._refused or expected is not None
            assert outcome(call) == expected, operation
        if exists:
            after = self.seen.key_state_after_use
            assert after is not None
            assert self.key_state(key_id) == after.value
        else:
            cancelled = outcome(lambda: self.kms.cancel_key_deletion(KeyId=key_id))
            assert cancelled == self.expected("CancelKeyDeletion", key_id)

    def _in_order(self, calls: dict[str, Callable[[], Any]]) -> list[tuple[str, Any]]:
        """What is refused once is refused to somebody who uses a key."""
        return sorted(calls.items(), key=lambda call: self.seen.once and call[0] not in CRYPTO)

    def _look_at_connecting(self) -> None:
        expected = self.expected("ConnectCustomKeyStore")
        if self.seen.connection.value == "DISCONNECTED" and expected is None:
            return  # that would repair it
        assert outcome(lambda: self.kms.connect_custom_key_store(**self.named)) == expected

    def _look_at_events(self) -> None:
        records = self.world.trail.events()[self._events :]
        for pattern in self.seen.event_patterns(self.store.id):
            if self.key_ids or "Encrypt" not in pattern["detail"]["eventName"]:
                assert any(matches(pattern, record) for record in records), pattern

    # Repairs ---------------------------------------------------------------------------------

    def person(self) -> Person:
        """Somebody who types commands, and knows the password of the crypto officer."""
        password = self.cluster.admin_password
        assert password is not None
        anchor = self.cluster.trust_anchor
        other = self.values.get("other")
        if other is not None:
            anchor = self.world.cluster(other).trust_anchor
        return Person(
            self.world,
            self.client,
            lambda: str(self.entry()["CloudHsmClusterId"]),
            {"admin-password": password, "kmsuser-password": "kmsPswd1"},
            {"customerCA.crt": anchor or ""},
            self._have_signed,
            self._client(),
        )

    def _have_signed(self, text: str) -> str:
        """Have two officers sign a token, who register the keys that they need for it before."""
        passwords = {"admin": str(self.cluster.admin_password), "admin2": PASSWORD}
        officers = [Officer(name) for name in passwords]
        with TemporaryDirectory() as name:
            folder = Path(name)
            for officer in officers:
                with self.world.cloudhsm_cli(self.cluster) as cli:
                    login = f"login --username {officer.name} --role admin"
                    data(cli, login, passwords[officer.name])
                    register(cli, officer, folder)
            token = folder / "quorum.token"
            signed(json.loads(text), token, *officers)
            return token.read_text()

    def _client(self) -> Identity | None:
        """What cloudhsm-cli is configured with; the root is a second trust anchor."""
        if Need.MTLS not in self.case.needs:
            return None
        root = Identity("mtls_ca_root_2")
        self.cluster.register_trust_anchor(root.pem)
        return Identity("ssl-client", root)

    # Proof -----------------------------------------------------------------------------------

    def prove(self) -> None:
        """It is repaired, as far as it can be, and nothing of it is left."""
        assert self.state() == ("CONNECTED", None)
        for key_id, blob in self.ciphertexts.items():
            if self.failure.recoverable and self.seen.key_state is not None:
                assert self.key_state(key_id) == "Enabled"
                assert self.kms.decrypt(CiphertextBlob=blob)["Plaintext"] == PLAINTEXT
            else:
                refused = outcome(lambda blob=blob: self.kms.decrypt(CiphertextBlob=blob))
                assert refused == self.expected("Decrypt", key_id)
        key_id = self.store.create_key()
        sealed = self.kms.encrypt(KeyId=key_id, Plaintext=PLAINTEXT)["CiphertextBlob"]
        self.kms.disconnect_custom_key_store(**self.named)
        self.kms.connect_custom_key_store(**self.named)
        assert self.state() == ("CONNECTED", None)
        for _ in range(3):
            assert self.kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == PLAINTEXT
        for hsm in self.world.cluster(self.entry()["CloudHsmClusterId"]).hsms:
            (kmsuser,) = (user for user in hsm.users if user.name == "kmsuser")
            assert (kmsuser.login_failures, kmsuser.two_factor) == (0, False)


def matches(pattern: dict[str, Any], record: dict[str, Any]) -> bool:
    """Whether EventBridge would take a record of CloudTrail for what a pattern describes."""
    service = record["eventSource"].partition(".")[0]
    kind = "Service Event" if record["eventType"] == "AwsServiceEvent" else "API Call"
    event = {
        "source": f"aws.{service}",
        "detail-type": f"AWS {kind} via CloudTrail",
        "detail": record,
    }
    return bool(EventPattern(None, pattern).matches_event(event))
