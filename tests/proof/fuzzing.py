"""Requests, right and wrong ones, to every operation of KMS and CloudHSM.

Every answer has the members of the operation's output shape, or is an error that the operation
documents, and what is refused changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from tests.kms.test_answers import faults
from tests.proof.requests import Request
from tests.proof.sites import SITES, Answer, Look, Site
from tests.proof.tally import DONE, documented, model

LOOKING = (
    *("Describe", "List", "Get", "Encrypt", "Decrypt", "ReEncrypt", "Generate", "Verify", "Sign"),
    *("Derive", "Encapsulate", "Decapsulate"),
)
"""Beginnings of the names of operations that change nothing that is looked at."""

OK, SERVER_ERROR = 200, 500


class UndocumentedAnswerError(AssertionError):
    """An answer that AWS does not give."""


def problems(request: Request, answer: Answer) -> Iterator[str]:
    """What is wrong with an answer."""
    status, body = answer
    said = json.loads(body or b"{}")
    shape = model(request.service, request.operation).output_shape
    if status == OK and shape is None:
        if said:
            yield f"an answer of an operation that has none: {said}"
    elif status == OK:
        yield from faults(shape, said)
    elif status >= SERVER_ERROR:
        yield f"status {status}: {said}"
    elif said.get("__type") not in documented(request.service, request.operation):
        yield f"an error that is not documented: {said}"


def exchange(site: Site, request: Request) -> bool:
    """Send a request, and look at the answer; whether it was done."""
    DONE[f"requests, {next(name for name, kind in SITES.items() if type(site) is kind)}"] += 1
    try:
        answer = site.send(request)
    except Exception as error:
        raise UndocumentedAnswerError(f"{request} raises {error!r}") from error
    found = list(problems(request, answer))
    if site.names["secret"].encode() in answer[1]:
        found.append(f"the answer shows a secret: {answer[1]!r}")
    if found:
        raise UndocumentedAnswerError(f"{request}: {found}")
    DONE["requests that were done" if answer[0] == OK else "requests that were refused"] += 1
    return answer[0] == OK


def play(name: str, requests: Sequence[Request]) -> None:
    """Send some requests to a new world."""
    with ExitStack() as stack:
        site = SITES[name](stack)
        look = Look(site)
        for request in requests:
            look.before(request)
            if exchange(site, request) and not request.operation.startswith(LOOKING):
                look.forget()
                continue
            changes = look.changes(request)
            assert not changes, f"{request} was refused, or only looks, and changed {changes}"
