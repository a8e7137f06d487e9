"""Which files a command names that a tool in a server has to be given."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moto_cks.tools.files import files_named, words_of


@pytest.mark.parametrize(
    ("command", "files"),
    [
        ("user list", []),
        ("user delete --approval a.token", ["a.token"]),
        ("cluster mtls register-trust-anchor --path='my root.crt'", ["my root.crt"]),
        ("x --public-key a --signed-token b", ["a", "b"]),
        ("quorum token-sign generate --service user --token t", []),  # is written, not read
        ("cluster mtls register-trust-anchor --path", []),
        ("user create --username 'bob", []),  # a quote that is not closed
    ],
)
def test_w7_w8_files_that_are_read(command: str, files: list[str]) -> None:
    assert list(files_named(words_of(command))) == files


@given(path=st.text(min_size=1), equals=st.booleans())
def test_w8_any_path(path: str, equals: bool) -> None:
    words = [f"--path={path}"] if equals else ["--path", path]
    assert list(files_named(words_of(shlex.join(words)))) == [path]
