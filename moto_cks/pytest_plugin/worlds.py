"""The world of one test, as its ``cks`` markers want it."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn
from unittest.mock import patch

import pytest
from dateutil.parser import isoparse
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_api import state_manager

from moto_cks.handle.modes import cks, remote
from moto_cks.handle.protocols.cks import DEFAULT_REGION, HSM_TYPE, Cks, HsmTypeName
from moto_cks.handle.protocols.cluster import Cluster
from moto_cks.handle.protocols.failures import LEFT_BY_ERROR
from moto_cks.handle.protocols.key_store import ExternalKeyStore, KeyStore
from moto_cks.handle.protocols.snapshots import Snapshot
from moto_cks.mock import mock_cks
from moto_cks.pytest_plugin.story import what_is_wrong
from moto_cks.pytest_plugin.trial import came_of
from moto_cks.world.aside import mocked, put_aside
from moto_cks.world.clock import pass_time
from moto_cks.world.lifecycle import MODELS

if TYPE_CHECKING:
    from moto_cks.xks_proxy.proxy import XksProxy

ARGUMENTS = ("region", "account_id", "hsms", "hsm_type", "transitions", "clock", "world")
"""What the marker ``cks`` takes, by name."""


class TestWorld:
    """The world of a test.

    Args:
        markers: the markers ``cks`` of the test, the closest first.
        folders: where the file of a saved world is looked for: beside the test, at the root.
        case: the failure that the test is to meet, and its variant, where there is one.

    Attributes:
        region: where clusters are built, and the Region of clients that name none where a marker
            names it.
        built: the number of the last entry of the timeline that fixtures are to blame for.
        left: the last error that left a failure, if one did, and what could not be used then.
    """

    __test__ = False

    def __init__(
        self,
        markers: Sequence[pytest.Mark],
        folders: Sequence[Path] = (),
        case: str | None = None,
    ) -> None:
        self._wanted = _arguments(markers)
        self._case = case
        self._folders = folders
        self.region: str = self._wanted.get("region", DEFAULT_REGION)
        self._account_id: str = self._wanted.get("account_id", DEFAULT_ACCOUNT_ID)
        self.built = -1
        self.left: tuple[BaseException, str] | None = None

    @contextmanager
    def entered(self) -> Iterator[Cks]:
        """The world, new, to be left with the test; its value is the handle on it."""
        with ExitStack() as stack:
            # Where a server has the world, its reset is all there is.
            stack.enter_context(put_aside() if mocked() and not remote() else nullcontext())
            stack.enter_context(patch.dict(os.environ, self._environment()))
            stack.enter_context(mock_cks())
            self._load()
            self._set_clock()
            self._set_transitions()
            LEFT_BY_ERROR.append(self._note)
            stack.callback(LEFT_BY_ERROR.remove, self._note)
            yield cks

    def _note(self, error: BaseException) -> None:
        # The repair takes away what the report of the test has to show. Of an error that leaves
        # several failures, what is wrong is known where it came up.
        if self.left is None or not came_of(error, self.left[0]):
            self.left = (error, what_is_wrong(cks))

    def _load(self) -> None:
        """Begin with the world that is saved in a file, if one is wanted."""
        if "world" not in self._wanted:
            return
        name = self._wanted["world"]
        paths = [folder / name for folder in self._folders]
        path = next((path for path in paths if path.is_file()), None)
        if path is None:
            _refuse(f"There is no world {', nor '.join(dict.fromkeys(map(str, paths)))}.")
        try:
            if remote():
                cks.load(path)
            else:
                cks.restore(_read(path, path.stat().st_mtime_ns))
        except ValueError as error:
            _refuse(f"{path}: {error}")
        self.built = max((entry.number for entry in cks.timeline), default=-1)

    def the_cluster(self) -> Cluster:
        """The cluster of the test: the one of its saved world, or a new one."""
        found = self._saved("cloudhsmv2", "describe_clusters", "Clusters", "ClusterId")
        return self.create_cluster() if found is None else cks.cluster(found)

    def the_key_store(self, cluster: Callable[[], Cluster]) -> KeyStore:
        """The key store of the test: the one of its saved world, or a new one on a cluster."""
        found = self._saved_key_store("AWS_CLOUDHSM")
        return self.create_key_store(cluster()) if found is None else cks.key_store(found)

    def the_proxy(self) -> XksProxy:
        """The proxy of the test: the one of its saved world, or a new one."""
        proxies = list(cks.xks_proxies.values())
        if len(proxies) > 1:
            _refuse(f"The saved world has {len(proxies)} proxies: take one by its host.")
        return proxies[0] if proxies else cks.xks_proxy()

    def the_external_key_store(self, proxy: Callable[[], XksProxy]) -> ExternalKeyStore:
        """The external key store of the test: that of its saved world, or a new one."""
        found = self._saved_key_store("EXTERNAL_KEY_STORE")
        if found is not None:
            return cks.external_key_store(found)
        with self._building():
            return cks.create_external_key_store(
                proxy=proxy(), region=self.region, account_id=self._account_id
            )

    def _saved_key_store(self, kind: str) -> str | None:
        return self._saved(
            *("kms", "describe_custom_key_stores", "CustomKeyStores", "CustomKeyStoreId"),
            only={"CustomKeyStoreType": kind},
        )

    def _saved(
        self,
        service: str,
        operation: str,
        member: str,
        name: str,
        only: Mapping[str, str] = MappingProxyType({}),
    ) -> str | None:
        """The ID of the only thing of a kind in the saved world, if there is a saved world."""
        if "world" not in self._wanted:
            return None
        import boto3  # noqa: PLC0415 - for those who have a saved world

        client = boto3.client(
            service,
            region_name=self.region,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        entries = getattr(client, operation)()[member]
        found = [entry[name] for entry in entries if only.items() <= entry.items()]
        if len(found) > 1:
            _refuse(f"The saved world has {len(found)} {member} in {self.region}: take one by ID.")
        return found[0] if found else None

    def create_cluster(self) -> Cluster:
        """Build the cluster of the test."""
        with self._building():
            return cks.create_cluster(
                hsms=self._wanted.get("hsms", 2),
                region=self.region,
                account_id=self._account_id,
                hsm_type=self._wanted.get("hsm_type") or self._hsm_type_for_failure(),
            )

    def _hsm_type_for_failure(self) -> HsmTypeName:
        if self._case is None:
            return HSM_TYPE
        from moto_cks.pytest_plugin.selection import hsm_type_for  # noqa: PLC0415

        return hsm_type_for(self._case)

    def create_key_store(self, cluster: Cluster) -> KeyStore:
        """Build the key store of the test, and connect it."""
        with self._building():
            return cks.create_key_store(cluster=cluster)

    @contextmanager
    def _building(self) -> Iterator[None]:
        """What is built in here is ready at once, and no part of what the test does."""
        set_before = {model: state_manager.get_transition(model) for model in MODELS}
        for model in self._wanted.get("transitions", ()):
            if model in set_before:
                state_manager.set_transition(model, {"progression": "immediate"})
        try:
            yield
        finally:
            for model in self._wanted.get("transitions", ()):
                if model in set_before:
                    state_manager.set_transition(model, set_before[model])
            self.built = max((entry.number for entry in cks.timeline), default=-1)

    def _environment(self) -> dict[str, str]:
        named = {"AWS_DEFAULT_REGION": "region", "MOTO_ACCOUNT_ID": "account_id"}
        return {
            variable: self._wanted[name] for variable, name in named.items() if name in self._wanted
        }

    def _set_clock(self) -> None:
        moment = self._wanted.get("clock")
        if isinstance(moment, timedelta):
            cks.clock.advance(seconds=moment.total_seconds())
        elif moment is not None and remote():
            cks.clock.advance_to(moment)
        elif moment is not None:
            # Before the test has begun, the clock can be turned back.
            pass_time(moment - cks.clock.now())

    def _set_transitions(self) -> None:
        for model, how in self._wanted.get("transitions", {}).items():
            state_manager.set_transition(model, how)


# The arguments of the markers ---------------------------------------------------------------------


def _arguments(markers: Sequence[pytest.Mark]) -> dict[str, Any]:
    """What the markers say; the closest has the last word."""
    wanted: dict[str, Any] = {}
    for marker in reversed(markers):
        unknown = [repr(one) for one in marker.args] + [*(marker.kwargs.keys() - set(ARGUMENTS))]
        if unknown:
            takes = ", ".join(ARGUMENTS)
            _refuse(f"The marker cks takes {takes}, by name, and not {', '.join(unknown)}.")
        wanted.update(marker.kwargs)
    return {name: _READ.get(name, _as_it_is)(value) for name, value in wanted.items()}


def _as_it_is(value: Any) -> Any:
    return value


def _moment(value: Any) -> datetime | timedelta:
    if isinstance(value, timedelta):
        return value
    try:
        moment = value if isinstance(value, datetime) else isoparse(value)
    except (TypeError, ValueError):
        _refuse(f"The clock of the marker cks is a moment or a timedelta, and not {value!r}.")
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _transitions(value: Any) -> dict[str, dict[str, Any]]:
    if remote():
        _refuse("The transitions of the marker cks are for a world in the test's own process.")
    known = state_manager.get_registered_models()
    for model in value:
        if model not in known:
            _refuse(f"moto has no state transition {model!r}.")
    return {model: _progression(how) for model, how in value.items()}


def _progression(how: Any) -> dict[str, Any]:
    """A transition as moto takes it; a number is so many seconds."""
    if isinstance(how, timedelta):
        how = how.total_seconds()
    if isinstance(how, (int, float)):
        return {"progression": "time", "seconds": how}
    return dict(how)


@functools.lru_cache(maxsize=8)
def _read(path: Path, changed: int) -> Snapshot:
    """The snapshot in a file, read once for all tests."""
    from moto_cks.handle import snapshots  # noqa: PLC0415 - for those who have a saved world

    return snapshots.from_bytes(path.read_bytes())


def _path(value: Any) -> str | os.PathLike[str]:
    if not isinstance(value, (str, os.PathLike)):
        _refuse(f"The world of the marker cks is the path of a file, and not {value!r}.")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        _refuse(f"Region and account of the marker cks are strings, and not {value!r}.")
    return str(value)


_READ: dict[str, Callable[[Any], Any]] = {
    "region": _text,
    "account_id": _text,
    "transitions": _transitions,
    "clock": _moment,
    "world": _path,
}
"""How an argument is read, where it is not taken as it is."""


def _refuse(message: str) -> NoReturn:
    pytest.fail(message, pytrace=False)
