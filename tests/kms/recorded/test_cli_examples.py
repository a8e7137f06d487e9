"""Every example page of the AWS CLI has its documented members (G1, G5).

The pages come with the AWS CLI, of which version 1 is a package of Python. Its version 1.46 has
pages of kms, and none of cloudhsmv2: where there are some, they are looked for as well. It can be
installed in an environment of its own; without it, the tests are skipped, or fail if
MOTO_CKS_AWS_CLI says so.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from botocore import xform_name

from moto_cks.kms.keys.material import families
from moto_cks.kms.specs import SPECS
from tests.aws import REGION, client

from .cli_examples import EXAMPLES, LEFT_OUT, REGIONS
from .cli_pages import Page, pages
from .not_yet import EXAMPLES_NOT_YET
from .rows import Scene

PAGES = pages()

needs_pages = pytest.mark.skipif(
    not PAGES and os.environ.get("MOTO_CKS_AWS_CLI") != "required",
    reason="the AWS CLI, whose pages these are, is not installed",
)


def operation_of(page: Page) -> str:
    """The name in the API of what is a command in the CLI."""
    names = client(page.service).meta.service_model.operation_names
    return {xform_name(name, "-"): name for name in names}[page.command]


def missing(documented: Any, found: Any, shape: Any, at: str = "") -> Iterator[str]:
    """The members that are documented and were not answered.

    Keys of maps are no members, and an old botocore does not know all that there are.
    """
    if shape is None or shape.type_name not in ("structure", "list"):
        return
    if shape.type_name == "list":
        if documented and not found:
            yield f"{at}[]"
        for entry in documented if found else ():
            yield from missing(entry, found[0], shape.member, f"{at}[]")
        return
    for name, value in documented.items():
        if name in found:
            yield from missing(value, found[name], shape.members[name], f"{at}.{name}")
        elif name in shape.members:
            yield f"{at}.{name}"


def marked(page: Page) -> Any:
    if reason := LEFT_OUT.get(page.id):
        return pytest.param(page, id=page.id, marks=pytest.mark.skip(reason=reason))
    if page.id in EXAMPLES_NOT_YET:
        mark = pytest.mark.xfail(strict=True, reason="not yet")
        return pytest.param(page, id=page.id, marks=mark)
    return pytest.param(page, id=page.id)


@needs_pages
@pytest.mark.parametrize("page", [marked(page) for page in PAGES])
def test_g1_g5_the_example_of_the_cli_has_its_documented_members(world: Any, page: Page) -> None:
    steps, request = EXAMPLES[page.id]
    scene = Scene(world)
    for step in steps:
        step(scene)
    operation = operation_of(page)
    key_spec = request.get("KeySpec")
    if operation == "CreateKey" and key_spec and not families.available(SPECS[key_spec]):
        pytest.skip(f"this cryptography does not know {key_spec}")
    answer = scene.call(operation, page.service, REGIONS.get(page.id, REGION), request)
    shape = client(page.service).meta.service_model.operation_model(operation).output_shape
    assert list(missing(page.output or {}, answer, shape)) == []


@needs_pages
def test_there_is_an_example_for_every_page() -> None:
    names = {page.id for page in PAGES}
    assert names - EXAMPLES.keys() - LEFT_OUT.keys() == set()
    assert len({page.command for page in PAGES if page.service == "kms"}) >= 51
    assert sum(page.output is not None for page in PAGES) >= 46


def test_examples_are_told_apart() -> None:
    assert EXAMPLES.keys() & LEFT_OUT.keys() == set()
    assert EXAMPLES.keys() >= EXAMPLES_NOT_YET
