"""The world of this process, taken down and put in the place of another one."""

from __future__ import annotations

import io
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.core.base_backend import BackendDict, backend_lock
from moto.core.model_instances import model_data, reset_model_data
from moto.moto_api._internal import mock_random

from moto_cks.faults.pending import arm
from moto_cks.snapshots.errors import SnapshotError, UnsavableError
from moto_cks.snapshots.names import variable_of
from moto_cks.snapshots.reading import Reader, backends_named
from moto_cks.snapshots.writing import Writer
from moto_cks.world import clock
from moto_cks.world.aside import forget, hang_up, in_use, move_in
from moto_cks.world.backends import common_state
from moto_cks.world.botocore_session import shared_with_moto
from moto_cks.world.identity import identity
from moto_cks.world.journal import next_number, number_on
from moto_cks.world.lifecycle import LifeCycle
from moto_cks.world.lock import WORLD
from moto_cks.world.transitions import transitions_of_world

TRIES = 100
"""How often a world is written down while other threads change it below moto."""


@dataclass(frozen=True, eq=False)
class World:
    """A world as it was at a moment; it does not change.

    Attributes:
        time: the moment, on the simulated clock.
        text: what there was, as :class:`moto_cks.snapshots.writing.Writer` writes it.
        parts: what is not in the text.
        left_out: the services that are not in it, and why.
    """

    time: datetime
    text: bytes = field(repr=False)
    parts: tuple[Any, ...] = field(repr=False)
    left_out: Mapping[str, str]


# Taking it down -----------------------------------------------------------------------------------


def take(*, fork: bool = True) -> World:
    """The world as it is now, after what has fallen due.

    Services that cannot be saved are left out.

    Args:
        fork: whether it may go on beside those that are restored from it: then what is made in it
            from now on is not in those.
    """
    with WORLD, backend_lock:
        time = clock.keep_appointments()
        backends = [each for each in in_use() if getattr(each.backend, "in_snapshots", True)]
        left_out: dict[str, str] = {}
        number = next_number()
        behind = identity().fork() if fork else identity().moments
        while True:
            state = {
                "time": time,
                "moments": behind,
                "number": number,
                "changes": LifeCycle.changes,
                "random": mock_random.getstate(),
                "services": [_content(each) for each in backends],
            }
            try:
                text, parts = _written(state)
            except UnsavableError:
                found = _unsavable(backends)
                if not found:
                    raise
                left_out |= {_service(each): why for each, why in found}
                lost = {id(each) for each, _ in found}
                backends = [each for each in backends if id(each) not in lost]
            else:
                return World(time, text, parts, left_out)


def _content(backends: BackendDict[Any]) -> tuple[Any, ...]:
    accounts = [
        (account_id, region, backend)
        for account_id, account in list(dict.items(backends))
        for region, backend in list(dict.items(account))
    ]
    return variable_of(backends), common_state(backends), accounts


def _written(state: Any) -> tuple[bytes, tuple[Any, ...]]:
    for attempt in range(TRIES):
        file = io.BytesIO()
        writer = Writer(file)
        try:
            writer.dump(state)
        except RuntimeError:  # another thread has changed a dict, a set or a deque meanwhile
            if attempt + 1 == TRIES:
                raise
        else:
            break
    return file.getvalue(), tuple(writer.parts)


def _unsavable(backends: list[BackendDict[Any]]) -> list[tuple[BackendDict[Any], str]]:
    """The services that cannot be saved, for themselves or because they hold parts of others."""
    found = []
    for each in backends:
        try:
            _written(_content(each))
        except UnsavableError as error:
            found.append((each, error.kind))
    return found


def _service(backends: BackendDict[Any]) -> str:
    return str(backends.service_name)


# Putting it in place ------------------------------------------------------------------------------


def put(world: World, *, standing: bool = True) -> None:
    """Have this process be in a world, whatever it was in before.

    The dictionaries in which moto finds its backends stay, with what is in the snapshot in them. So
    clients go on, and nobody needs to be told.

    Args:
        world: the world.
        standing: whether its clock has stood still since; otherwise it has gone on.

    Raises:
        SnapshotError: it cannot be read. Then nothing has changed.
    """
    with WORLD, backend_lock, _models_forgotten():
        state = _read(world)
        transitions_of_world().reset()
        hang_up()
        forget()
        with shared_with_moto():
            for backends, common, accounts in state["services"]:
                _fill(backends, common, accounts)
        mock_random.setstate(state["random"])
        number_on(state["number"])
        # What was seen in the other world holds as little as what was seen in this one.
        LifeCycle.changes = max(LifeCycle.changes, state["changes"]) + 1
        if standing:
            clock.set_to(state["time"])
        identity().begin_anew(state["moments"])
        transitions_of_world().begin_anew()
        arm()
        move_in()


def _read(world: World) -> dict[str, Any]:
    """What is in the text.

    Raises:
        SnapshotError: it is not what a world is written as.
    """
    try:
        state = Reader(io.BytesIO(world.text), world.parts).load()
        services = [
            (backends_named(name), common, accounts) for name, common, accounts in state["services"]
        ]
        return {**state, "services": services}
    except SnapshotError:
        raise
    except Exception as error:  # whatever pickle makes of nonsense
        raise SnapshotError(f"This is no saved world: {error}") from None


def _fill(
    backends: BackendDict[Any], common: dict[str, Any], accounts: list[tuple[str, str, Any]]
) -> None:
    for name, entries in common_state(backends).items():
        entries.update(common[name])
    for account_id, region, backend in accounts:
        account = backends[account_id]
        if issubclass(account.backend, type(backend)):  # perhaps one in the place of that
            backend.__class__ = account.backend
        dict.__setitem__(account, region, backend)
        _register(backend)


def _register(backend: Any) -> None:
    """Let the Regions of EC2 find each other as they do when moto has made them."""
    for name in ("vpc_refs", "vpc_pcx_refs", "backend_refs"):
        references = getattr(type(backend), name, None)
        if references is not None:
            references[type(backend)].add(weakref.ref(backend))


@contextmanager
def _models_forgotten() -> Iterator[None]:
    """A context in which moto's dashboard forgets the models of before, unless it fails."""
    models: list[Any] = [one for each in model_data.values() for one in each.values()]
    kept = [model.instances_tracked for model in models]
    reset_model_data()
    try:
        yield
    except BaseException:
        for model, instances in zip(models, kept, strict=True):
            model.instances_tracked = instances
        raise
