"""The forms of credentials, and what is refused."""

from __future__ import annotations

import pytest

from moto_cks.xks_proxy.credentials import ACCESS_KEY_ID, SECRET_ACCESS_KEY, Credential
from moto_cks.xks_proxy.proxy import XksProxy

ID, SECRET = "A" * 20, "s" * 43


def test_x49_3_what_is_made_has_the_form_that_kms_accepts() -> None:
    for made in (Credential.generate() for _ in range(50)):
        assert ACCESS_KEY_ID.fullmatch(made.access_key_id)
        assert SECRET_ACCESS_KEY.fullmatch(made.secret_access_key)


@pytest.mark.parametrize(
    ("access_key_id", "secret", "reason"),
    [
        ("A" * 19, SECRET, "20 to 30 characters"),
        ("A" * 31, SECRET, "20 to 30 characters"),
        ("A" * 19 + "1", SECRET, "A to Z and 2 to 7"),
        (ID.lower(), SECRET, "A to Z and 2 to 7"),
        (f"{ID}\n", SECRET, "A to Z and 2 to 7"),
        (ID, "s" * 42, "43 to 64 characters"),
        (ID, "s" * 65, "43 to 64 characters"),
        (ID, "-" * 43, "letters, digits"),
    ],
)
def test_x49_3_another_form_is_refused_and_nothing_changes(
    proxy: XksProxy, access_key_id: str, secret: str, reason: str
) -> None:
    before = list(proxy.credentials)
    with pytest.raises(ValueError, match=reason) as refused:
        proxy.credentials.add(access_key_id, secret)
    assert secret not in str(refused.value)
    assert list(proxy.credentials) == before


@pytest.mark.parametrize(("length", "size"), [(20, 43), (30, 64)])
def test_x49_3_the_limits_are_within(proxy: XksProxy, length: int, size: int) -> None:
    added = proxy.credentials.add("B" * length, "s" * size)
    assert proxy.credential == added


def test_x49_3_an_access_key_id_is_one_secret_s(proxy: XksProxy) -> None:
    taken = proxy.credential
    with pytest.raises(ValueError, match=f"There is a credential {taken.access_key_id} already"):
        proxy.credentials.add(taken.access_key_id, SECRET)
    assert list(proxy.credentials) == [taken]


def test_x49_3_what_is_not_there_cannot_be_removed(proxy: XksProxy) -> None:
    with pytest.raises(ValueError, match="There is no credential AAAA"):
        proxy.credentials.remove("AAAA")


def test_x49_3_they_are_a_sequence(proxy: XksProxy) -> None:
    second = proxy.credentials.add()
    assert proxy.credentials[1] == second
    assert proxy.credentials[:1] == [proxy.credentials[0]]
    assert len(proxy.credentials) == 2


def test_x56_no_secret_is_shown(proxy: XksProxy) -> None:
    secret = proxy.credential.secret_access_key
    for thing in (proxy, proxy.credential, proxy.credentials, proxy.main, proxy.log):
        assert secret not in repr(thing)
        assert secret not in str(thing)
