"""Any sequence of calls on the connection of a key store (C3)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moto_cks import HsmError
from tests.kms import state_of

DESCRIPTIONS = 2
"""How many of them CONNECTING and DISCONNECTING take."""


class Expected:
    """What a key store, and kmsuser on the first HSM, should be like after the same calls."""

    def __init__(self) -> None:
        self.state = "DISCONNECTED"
        self.ticks = 0
        self.logged_in = False  # KMS, as kmsuser
        self.knows_password = True  # KMS
        self.password = "password0"  # the last one that a crypto officer has set
        self.rotated = False  # by KMS, since then
        self.failures = 0
        self._numbers = itertools.count(1)

    def connect(self) -> bool:
        if self.state == "DISCONNECTED":
            self.state, self.ticks = "CONNECTING", 0
        return self.state in ("CONNECTING", "CONNECTED")

    def disconnect(self) -> bool:
        if self.state in ("DISCONNECTED", "DISCONNECTING"):
            return False
        self.state, self.ticks = "DISCONNECTING", 0
        return True

    def tell(self) -> bool:
        if self.state != "DISCONNECTED":
            return False
        self.knows_password = not self.rotated
        return True

    def change(self) -> bool:
        if self.logged_in:
            return False
        self.password = f"password{next(self._numbers)}"
        self.knows_password, self.rotated, self.failures = False, False, 0
        return True

    def describe(self) -> bool:
        self.ticks += 1
        if self.ticks >= DESCRIPTIONS and self.state == "DISCONNECTING":
            self.state, self.logged_in = "DISCONNECTED", False
        elif self.ticks >= DESCRIPTIONS and self.state == "CONNECTING":
            self._log_in()
        return True

    def _log_in(self) -> None:
        if self.failures >= 5:
            self.state = "FAILED USER_LOCKED_OUT"
        elif not self.knows_password:
            self.state = "FAILED INVALID_CREDENTIALS"
            self.failures += 1
        else:
            self.state, self.logged_in, self.rotated, self.failures = "CONNECTED", True, True, 0


CYCLE = ["connect", "describe", "describe", "disconnect", "describe", "describe"]
STEPS = st.lists(
    st.sampled_from(
        [[step] for step in ("connect", "disconnect", "describe", "change", "tell")]
        + [CYCLE, CYCLE * 3]
    ),
    max_size=12,
).map(lambda parts: list(itertools.chain.from_iterable(parts)))


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_c3_any_sequence_of_calls(store: Any, kms: Any, transition: Any, steps: list[str]) -> None:
    key_store = {"CustomKeyStoreId": store.id}
    expected = Expected()
    transition("cks::connection", progression="immediate")
    if state_of(store)[0] != "DISCONNECTED":
        kms.disconnect_custom_key_store(**key_store)
    store.cluster.change_password("CU", "kmsuser", expected.password)
    kms.update_custom_key_store(**key_store, KeyStorePassword=expected.password)
    transition("cks::connection", progression="manual", times=DESCRIPTIONS)

    calls: dict[str, Callable[[], Any]] = {
        "connect": lambda: kms.connect_custom_key_store(**key_store),
        "disconnect": lambda: kms.disconnect_custom_key_store(**key_store),
        "tell": lambda: kms.update_custom_key_store(
            **key_store, KeyStorePassword=expected.password
        ),
        "change": lambda: store.cluster.change_password("CU", "kmsuser", expected.password) or True,
        "describe": lambda: state_of(store),
    }
    for step in steps:
        accepted = getattr(expected, step)()
        try:
            seen = calls[step]()
        except (ClientError, HsmError):
            seen = None
        assert (seen is not None) is accepted, step
        if step == "describe":
            assert " ".join(filter(None, seen)) == expected.state
