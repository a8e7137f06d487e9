"""An explanation as text: what cannot be used and why, what lies behind that, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from moto_cks.handle.protocols.explanation import Reason, Step
from moto_cks.kms.findings import Kind, Situation, When

CONNECT = "connect"
"""The step that comes last."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A reason, and the sentences of which its text is made.

    Attributes:
        reason: the reason.
        sentences: without full stops; the first is a clause.
    """

    reason: Reason
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        """The sentences, to stand behind a colon."""
        return ". ".join(self.sentences)


def written(situation: Situation, told: Sequence[Spoken]) -> str:
    """The text, without an end of line.

    Args:
        situation: of what.
        told: what stands in the way, in order.
    """
    deciding = next((each for each in told if each.reason.decides), None)
    unknown = next((each for each in told if each.reason.when == When.UNKNOWN), None)
    behind = [each for each in told if each not in (deciding, unknown)]
    lines = [] if unknown else [f"{_title(situation)} can be used."]
    if deciding is not None:
        lines = [_headline(situation, deciding), *_details(situation, deciding)]
    if unknown is not None:
        lines += _not_known(situation, unknown, deciding)
    if situation.kind is Kind.CLUSTER and "store" in situation.surroundings:
        lines.append(_key_store(situation))
    lines += [_behind(situation, each, deciding is unknown is None) for each in behind]
    return "\n".join([*lines, *_steps(situation, [each.reason for each in told])])


# What decides ------------------------------------------------------------------------------------


def _headline(situation: Situation, deciding: Spoken) -> str:
    state = _state(situation, deciding.reason)
    if state is not None:
        return f"{_title(situation)} cannot be used: {state}."
    clause = deciding.sentences[0]
    if situation.kind is Kind.KEY_STORE:
        name = situation.surroundings["name"]
        return f"Key store {name} is CONNECTED, but its keys cannot be used: {clause}."
    return f"{_title(situation)} cannot be used: {clause}."


def _details(situation: Situation, deciding: Spoken) -> Iterator[str]:
    """What the headline has not said."""
    reason, rest = deciding.reason, deciding.sentences[1:]
    if _state(situation, reason) is not None:
        yield f"{capital(deciding.sentences[0])}."
    elif reason.when == When.NEXT_USE:
        shown = situation.state
        states = f"{shown['KeyState']}, the key store {shown['ConnectionState']}"
        yield f"The key still reads {states}; the next use will fail with {reason.error}."
    yield from (f"{sentence}." for sentence in rest)


def _not_known(situation: Situation, unknown: Spoken, deciding: Spoken | None) -> Iterator[str]:
    """That nobody knows whether something is in the way, or something else."""
    title = _title(situation)
    whether = f"Whether {title[:1].lower()}{title[1:]} can be used"
    if deciding is not None:
        whether = "Whether it can be used when that is mended"
    yield f"{whether} is not known: {unknown.sentences[0]}."
    yield from (f"{sentence}." for sentence in unknown.sentences[1:])


def _title(situation: Situation) -> str:
    if situation.kind is Kind.KEY_STORE:
        return f"Key store {situation.surroundings['name']} ({situation.id})"
    return f"{situation.kind.value.capitalize()} {situation.id}"


def _state(situation: Situation, deciding: Reason) -> str | None:
    """What is said of a key store that is not connected, where that decides."""
    if "store" not in deciding.facts:
        return None
    if situation.kind is not Kind.KEY_STORE:
        return f"its {_key_store(situation).removeprefix('Its ').removesuffix('.')}"
    code = situation.state.get("ConnectionErrorCode")
    return f"it is {deciding.facts['state']}" if code is None else f"connect failed: {code}"


def _key_store(situation: Situation) -> str:
    """How the key store of a key or a cluster is."""
    around, state = situation.surroundings, situation.state["ConnectionState"]
    code = situation.state.get("ConnectionErrorCode")
    states = state if code is None else f"{state}: {code}"
    return f"Its key store {around['name']} ({around['store']}) is {states}."


# What lies behind it -----------------------------------------------------------------------------


def _behind(situation: Situation, told: Spoken, first: bool) -> str:
    reason, start = told.reason, "But" if first else "Behind it,"
    if reason.when == When.NEXT_CONNECT:
        connecting = situation.state.get("ConnectionState") == "CONNECTING"
        when = "when connecting ends" if connecting else "at the next connect"
        return f"{start} {when}: {_with_error(told)}."
    if reason.when == When.LOGIN:
        return f"{start} for who logs in: {_with_error(told)}."
    if reason.when == When.NEVER:
        return f"Besides, {told.text}."
    if reason.when == When.CREATION:
        operation = "CreateKey" if "store" in situation.surroundings else "CreateCustomKeyStore"
        return f"{start} {operation} is refused: {told.text}."
    return f"{start.removesuffix(',')}: {_state(situation, reason) or told.text}."


def _with_error(told: Spoken) -> str:
    """What KMS says, and why."""
    return f"{told.reason.error}{',' if told.text[:1].isdigit() else ':'} {told.text}"


# What to do --------------------------------------------------------------------------------------


def _steps(situation: Situation, reasons: Sequence[Reason]) -> Iterator[str]:
    """The steps of all reasons, each once, under headings."""
    plan = _plan(reasons)
    if not plan and reasons and reasons[0].failure is not None:
        yield f"There is no way to mend that ({_section(reasons[0])})."
    width = max((len(step.text) for _, step in plan), default=0)
    heading = ""
    for number, (reason, step) in enumerate(plan, start=1):
        wanted = f"{_moment(situation, reason)} ({_section(reason)}):"
        if wanted != heading:
            asking = reason.when == When.UNKNOWN
            to = "To find out" if asking else "Then" if heading else "To mend"
            yield f"{to}{wanted}"
            heading = wanted
        yield from _lines(number, step, width)


def _plan(reasons: Sequence[Reason]) -> list[tuple[Reason, Step]]:
    """The steps in order, each once; the key store is connected when all before that is done."""
    plan: dict[tuple[str, tuple[str, ...]], tuple[Reason, Step]] = {}
    for reason in reasons:
        steps = {(step.name, step.commands): (reason, step) for step in reason.steps}
        if steps.keys() <= plan.keys():
            continue
        for named in [named for named in steps if named[0] == CONNECT]:
            plan.pop(named, None)
        for named, step in steps.items():
            plan.setdefault(named, step)
    return list(plan.values())


def _moment(situation: Situation, reason: Reason) -> str:
    """When it is to be done, where that is not now."""
    connected = situation.state.get("ConnectionState") == "CONNECTED"
    if reason.when != When.NEXT_CONNECT or not connected:
        return ""
    disconnects = any(step.name == "disconnect" for step in reason.steps)
    return ", when you disconnect next" if disconnects else ", before you disconnect"


def _section(reason: Reason) -> str:
    return reason.page.rpartition("/")[2]


OLDER_TOOLS = ("cloudhsm_mgmt_util: ", "key_mgmt_util: ")
"""What they do, cloudhsm-cli does as well."""


def _lines(number: int, step: Step, width: int) -> Iterator[str]:
    start = f"{number:3}. {step.text:{width}}"
    if not step.commands:
        yield start.rstrip()
    for place, command in enumerate(step.commands):
        instead = "or " if place and command.startswith(OLDER_TOOLS) else ""
        yield f"{start}  {instead}{command}"
        start = " " * len(start)


def capital(clause: str) -> str:
    """A clause as a sentence; IDs are written as they are."""
    return clause if "-" in clause.partition(" ")[0] else clause[:1].upper() + clause[1:]
