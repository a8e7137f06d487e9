"""cloudhsm-cli: quorum authentication, as far as kmsuser is concerned."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from moto_cks import Cks, Cluster, HsmError, KeyStore
from moto_cks.hsm import ReturnCode
from moto_cks.tools.cloudhsm_cli import CloudHsmCli
from tests.aws import client
from tests.tools.cloudhsm_cli.officers import Officer, ask, register, signed
from tests.tools.cloudhsm_cli.world import (
    admin_password,
    data,
    kms_client,
    log_in_as_admin,
    names,
    of_today,
    refusal,
    row,
    state,
)

NEEDED = "Quorum approval is required for this operation"
SET = "quorum token-sign set-quorum-value --service user --value"
CREATE = "user create --username user1 --role crypto-user --password user1Pswd"
RESET = "user change-password --username kmsuser --role crypto-user --password tempPassword"
ENABLED = [{"strategy": "token-sign", "status": "enabled"}]


@pytest.fixture
def cluster(world: Cks) -> Cluster:
    return of_today(world.create_cluster())


@pytest.fixture
def officers(world: Cks, cluster: Cluster, tmp_path: Path) -> list[Officer]:
    """Three admins who have registered their keys."""
    found = [Officer(name) for name in ("admin", "admin2", "admin3")]
    for officer in found:
        password = admin_password(cluster)
        if officer.name != "admin":
            password = "officerPswd"
            cluster.create_user("CO", officer.name, password)
        with world.cloudhsm_cli(cluster) as cli:
            data(cli, f"login --username {officer.name} --role admin", password)
            register(cli, officer, tmp_path)
    return found


def test_w7_as_documented(
    cli: CloudHsmCli, cluster: Cluster, officers: list[Officer], tmp_path: Path
) -> None:
    path = tmp_path / "admin.token"
    log_in_as_admin(cli, cluster)
    assert row(cli, "admin3")["quorum"] == ENABLED
    assert row(cli, "kmsuser")["quorum"] == []
    values = "quorum token-sign list-quorum-values"
    assert data(cli, values) == {"user": 1, "quorum": 1, "cluster": 1}
    assert data(cli, f"{SET} 2") == "Set quorum value successful"
    assert data(cli, values) == {"user": 2, "quorum": 1, "cluster": 1}
    for command in (CREATE, "user delete --username kmsuser --role crypto-user", RESET):
        assert refusal(cli, command) == NEEDED
    file = ask(cli, path)
    assert list(file) == ["version", "service", "approval_data", "token", "signatures"]
    assert (file["version"], file["service"]) == ("2.0", "user-management")
    raw = base64.b64decode(file["approval_data"])
    assert base64.b64decode(file["token"]) == hashlib.sha256(raw).digest()
    (listed,) = data(cli, "quorum token-sign list")["tokens"]
    assert 590 <= listed.pop("token-timeout-seconds") <= 600
    assert listed == {
        "username": "admin",
        "service": "user",
        "approvals-required": 2,
        "number-of-approvals": 0,
        "cluster-coverage": "full",
    }
    approval = signed(file, path, officers[0], officers[2])  # one's own signature counts
    assert data(cli, f"{CREATE} {approval}") == {"username": "user1", "role": "crypto-user"}
    assert row(cli, "user1")["cluster-coverage"] == "full"
    # The token is used up.
    assert data(cli, "quorum token-sign list") == {"tokens": []}
    for command in ("user delete --username user1 --role crypto-user", RESET):
        assert refusal(cli, f"{command} {approval}") == NEEDED
    assert all("user1" in users for users in names(cluster))


@pytest.mark.parametrize(
    "wrong",
    ["too few", "twice the same", "of a stranger", "of a crypto user", "of something else"],
)
def test_w7_signatures_that_do_not_do(
    cli: CloudHsmCli, cluster: Cluster, officers: list[Officer], tmp_path: Path, wrong: str
) -> None:
    path = tmp_path / "admin.token"
    cluster.set_quorum_value("user", 2)
    log_in_as_admin(cli, cluster)
    file = ask(cli, path)
    first, second, _ = officers
    stranger = Officer("stranger")
    alias = Officer("kmsuser")
    approvers = {
        "too few": [first],
        "twice the same": [first, first],
        "of a stranger": [first, stranger],
        "of a crypto user": [first, alias],
        "of something else": [first, second],
    }
    approval = signed(file, path, *approvers[wrong])
    if wrong == "of something else":
        file["signatures"][1]["signature"] = second.sign(base64.b64encode(bytes(32)).decode())
        path.write_text(json.dumps(file))
    assert refusal(cli, f"{CREATE} {approval}") == NEEDED
    assert all("user1" not in users for users in names(cluster))
    # The token still waits.
    assert data(cli, f"{CREATE} {signed(file, path, first, second)}")["username"] == "user1"


def test_w7_a_token_lives_ten_minutes(
    world: Cks, cli: CloudHsmCli, cluster: Cluster, officers: list[Officer], tmp_path: Path
) -> None:
    path = tmp_path / "admin.token"
    cluster.set_quorum_value("user", 2)
    log_in_as_admin(cli, cluster)
    approval = signed(ask(cli, path), path, *officers)
    again = f"quorum token-sign generate --service user --token {path}.2"
    assert refusal(cli, again) == "Quorum token already exists for this service"
    world.clock.advance(minutes=10)
    assert refusal(cli, f"{CREATE} {approval}") == NEEDED
    assert data(cli, "quorum token-sign list") == {"tokens": []}
    approval = signed(ask(cli, path), path, *officers)
    world.clock.advance(minutes=9)
    assert data(cli, f"{CREATE} {approval}")["username"] == "user1"


def test_w7_a_token_is_of_one_login(
    world: Cks, cli: CloudHsmCli, cluster: Cluster, officers: list[Officer], tmp_path: Path
) -> None:
    path = tmp_path / "admin.token"
    cluster.set_quorum_value("user", 2)
    log_in_as_admin(cli, cluster)
    approval = signed(ask(cli, path), path, *officers)
    with world.cloudhsm_cli(cluster) as other:
        data(other, "login --username admin2 --role admin", "officerPswd")
        assert refusal(other, f"{CREATE} {approval}") == NEEDED
        (token,) = data(other, "quorum token-sign list")["tokens"]
        assert token["username"] == "admin"
    data(cli, "logout")
    log_in_as_admin(cli, cluster)
    assert refusal(cli, f"{CREATE} {approval}") == NEEDED
    assert data(cli, "quorum token-sign list") == {"tokens": []}


def test_w7_tokens_are_deleted(
    world: Cks, cli: CloudHsmCli, cluster: Cluster, officers: list[Officer], tmp_path: Path
) -> None:
    done = "Deletion of quorum token(s) successful"
    cluster.set_quorum_value("user", 2)
    log_in_as_admin(cli, cluster)
    ask(cli, tmp_path / "admin.token")
    with world.cloudhsm_cli(cluster) as other:
        data(other, "login --username admin2 --role admin", "officerPswd")
        ask(other, tmp_path / "admin2.token")
        assert data(other, "quorum token-sign delete --scope user") == done
        (left,) = data(cli, "quorum token-sign list")["tokens"]
        assert left["username"] == "admin"
        assert data(other, "quorum token-sign delete --scope all") == done
    assert data(cli, "quorum token-sign list") == {"tokens": []}


def test_w7_the_quorum_of_quorum_values(
    cli: CloudHsmCli, cluster: Cluster, officers: list[Officer], tmp_path: Path
) -> None:
    path = tmp_path / "admin.token"
    log_in_as_admin(cli, cluster)
    data(cli, "quorum token-sign set-quorum-value --service quorum --value 3")
    assert refusal(cli, f"{SET} 2") == NEEDED
    wrong = signed(ask(cli, path, "quorum"), path, *officers[:2])
    assert refusal(cli, f"{SET} 2 {wrong}") == NEEDED
    approval = signed(json.loads(path.read_text()), path, *officers)
    assert data(cli, f"{SET} 2 {approval}") == "Set quorum value successful"
    of_another_service = signed(ask(cli, path, "quorum"), path, *officers)
    assert refusal(cli, f"{CREATE} {of_another_service}") == NEEDED


@pytest.mark.parametrize("value", [0, 4, 9, 100])
def test_w7_values_that_cannot_be(
    cli: CloudHsmCli, cluster: Cluster, officers: list[Officer], value: int
) -> None:
    log_in_as_admin(cli, cluster)
    message = "Quorum value must be between 1 and 8 and not exceed the number of admins"
    assert refusal(cli, f"{SET} {value}") == message
    with pytest.raises(HsmError) as refused:
        cluster.set_quorum_value("user", value)
    assert refused.value.code is ReturnCode.INVALID_QUORUM_VALUE
    assert all(not hsm.policies.quorums for hsm in cluster.hsms)


def test_w7_who_may(
    world: Cks, cli: CloudHsmCli, cluster: Cluster, officers: list[Officer], tmp_path: Path
) -> None:
    path = tmp_path / "token"
    generate = f"quorum token-sign generate --service user --token {path}"
    for command in (f"{SET} 2", generate, "quorum token-sign list"):
        assert refusal(cli, command) == "User is not logged in"
    data(cli, "login --username kmsuser --role crypto-user", "kmsPswd1")
    permission = "User does not have permission to perform this operation"
    for command in (f"{SET} 2", generate, "quorum token-sign delete --scope all"):
        assert refusal(cli, command) == permission
    assert data(cli, "quorum token-sign list") == {"tokens": []}
    data(cli, "logout")
    log_in_as_admin(cli, cluster)
    assert refusal(cli, generate) == "Quorum is not enabled for this service"
    assert not path.exists()
    cluster.set_quorum_value("user", 2)
    nowhere = tmp_path / "no folder" / "token"
    bad = f"quorum token-sign generate --service user --token '{nowhere}'"
    assert refusal(cli, bad) == f"Unable to write file {nowhere}"


@pytest.mark.parametrize(
    "text", ["", "no JSON", "[]", "{}", '{"approval_data": 1, "signatures": []}', '{"tokens": []}']
)
def test_w7_what_is_no_token_file(
    cli: CloudHsmCli, cluster: Cluster, officers: list[Officer], tmp_path: Path, text: str
) -> None:
    path = tmp_path / "token"
    path.write_text(text)
    cluster.set_quorum_value("user", 2)
    log_in_as_admin(cli, cluster)
    for command in (
        f"{CREATE} --approval {path}",
        f"user change-quorum token-sign register --public-key {path} --signed-token {path}",
    ):
        assert refusal(cli, command) == "Quorum token file is not valid"
    path.unlink()
    assert refusal(cli, f"{CREATE} --approval {path}") == f"Unable to read file {path}"


def test_w7_a_key_is_registered_by_who_has_it(
    cli: CloudHsmCli, cluster: Cluster, tmp_path: Path
) -> None:
    log_in_as_admin(cli, cluster)
    mine, other = Officer("admin"), Officer("stranger")
    assert register(cli, mine, tmp_path) == {"username": "admin", "role": "admin"}
    token, key = tmp_path / "registration.token", tmp_path / "admin.pub"
    command = f"user change-quorum token-sign register --public-key {key} --signed-token {token}"
    short = rsa.generate_private_key(65537, 1024).public_key()
    form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    for wrong in (other.public_key, "no key", short.public_bytes(*form).decode()):
        key.write_text(wrong)
        assert refusal(cli, command) == "Token signature is not valid"
    assert row(cli, "admin")["quorum"] == ENABLED
    # Their password changes, and the key is no longer theirs, if they ask for that.
    password = admin_password(cluster)
    change = f"user change-password --username admin --role admin --password {password}"
    data(cli, f"{change} --deregister-quorum")
    assert row(cli, "admin")["quorum"] == []
    register(cli, mine, tmp_path)
    who = "user change-mfa token-sign --username admin --role admin --deregister --change-quorum"
    data(cli, who, password, password)
    assert row(cli, "admin")["quorum"] == []


def test_w7_one_s_own_password_needs_nobody(cli: CloudHsmCli, cluster: Cluster) -> None:
    cluster.create_user("CO", "admin2", "officerPswd")
    cluster.set_quorum_value("user", 2)
    data(cli, "login --username kmsuser --role crypto-user", "kmsPswd1")
    data(cli, RESET)
    data(cli, "logout")
    log_in_as_admin(cli, cluster)
    password = admin_password(cluster)
    data(cli, f"user change-password --username admin --role admin --password {password}")


def test_w7_kms_sets_kmsuser_s_password_and_people_need_a_quorum(
    world: Cks, cli: CloudHsmCli, cluster: Cluster, officers: list[Officer], tmp_path: Path
) -> None:
    kms = kms_client()
    store: KeyStore = world.create_key_store(cluster=cluster)
    key_id = store.create_key()
    cluster.set_quorum_value("user", 3)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)  # its own password: no quorum
    assert state(kms, store) == ("CONNECTED", None)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    log_in_as_admin(cli, cluster)
    assert refusal(cli, RESET) == NEEDED
    with world.cloudhsm_mgmt_util(cluster) as older:
        older.run(f"loginHSM CO admin {admin_password(cluster)}")
        shown = older.run("changePswd CU kmsuser tempPassword", "y", "A")
        assert f"HSM Error: {NEEDED}" in shown
    path = tmp_path / "admin.token"
    data(cli, f"{RESET} {signed(ask(cli, path), path, *officers)}")
    kms.update_custom_key_store(CustomKeyStoreId=store.id, KeyStorePassword="tempPassword")
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    kms.encrypt(KeyId=key_id, Plaintext=b"x")


def test_w7_backups_and_hsms_that_join_have_it(
    cli: CloudHsmCli, cluster: Cluster, officers: list[Officer]
) -> None:
    cluster.set_quorum_value("user", 2, hsms=cluster.hsms[:1])
    assert data(cli, "quorum token-sign list-quorum-values")["user"] == "inconsistent"
    cluster.set_quorum_value("user", 2)
    zone = cluster.hsms[0].availability_zone
    client("cloudhsmv2").create_hsm(ClusterId=cluster.id, AvailabilityZone=zone)
    log_in_as_admin(cli, cluster)
    assert refusal(cli, CREATE) == NEEDED
    assert row(cli, "admin2")["quorum"] == ENABLED
    with pytest.raises(ValueError, match="not a valid Service"):
        cluster.set_quorum_value("keys", 2)  # type: ignore[arg-type]
