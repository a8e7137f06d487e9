"""P7: no password and no key material shows in cloudhsm-cli."""

from __future__ import annotations

import traceback

import pytest

from moto_cks import mock_cks
from moto_cks.tools.cloudhsm_cli import CloudHsmCli
from moto_cks.tools.session import UnansweredQuestionError
from tests.tools.cloudhsm_cli.world import admin_password

MARK = "Tr0ub4"
SECRET = f"secret{MARK}1"


def test_p7_nothing_shows_a_password() -> None:
    with mock_cks() as cks:
        store = cks.create_key_store(kmsuser_password=SECRET, connect=False)
        cluster = store.cluster
        shown: list[str] = []
        with cks.cloudhsm_cli(cluster.id) as cli:
            kmsuser = "--username kmsuser --role crypto-user"
            for command, answers in (
                (f"login {kmsuser}", [f"wrong{MARK}1"]),
                (f"login {kmsuser} --password wrong{MARK}1", []),
                (f"login {kmsuser} --role {kmsuser} --password {SECRET}", []),
                (f"login {kmsuser} --password", []),
                (f"login {kmsuser} --password={SECRET} --foo {SECRET}", []),
                (f"login {kmsuser} --password '{SECRET}", []),
                (f"login {kmsuser}", [SECRET]),
                (f"user change-password {kmsuser}", [f"other{MARK}2", f"other{MARK}2"]),
                (f"user change-password {kmsuser}", [f"other{MARK}2", f"another{MARK}"]),
                (f"user change-password {kmsuser} --password {MARK}", []),
                ("logout", []),
                ("login --username admin --role admin", [admin_password(cluster)]),
                (f"user create --username alice --role admin --password alice{MARK}", []),
                (f"user create --username alice --role admin --password alice{MARK}", []),
                ("key list --verbose", []),
                ("user list", []),
            ):
                shown += [cli.run(command, *answers), repr(cli), repr(vars(cli))]
            with pytest.raises(UnansweredQuestionError) as caught:
                cli.run(f"user change-password {kmsuser}", f"other{MARK}2")
            shown += traceback.format_exception(caught.value)
        shown += [in_a_process(cks.cloudhsm_cli(cluster.id), f"admin:{SECRET}")]
        shown += [in_a_process(cks.cloudhsm_cli(cluster.id), SECRET)]
        assert [text for text in shown if MARK in text] == []


def in_a_process(cli: CloudHsmCli, pin: str) -> str:
    variables = {"CLOUDHSM_ROLE": "admin", "CLOUDHSM_PIN": pin}
    turn = cli.begin_single(["user", "delete", "--username", "a", "--role", "admin"], variables)
    assert turn.status == 1
    return f"{turn.output}{cli!r}{turn!r}"
