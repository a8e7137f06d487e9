"""cloudhsm-cli: mutual TLS, and what comes of it for everybody else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from moto_cks import Cks, Cluster, HsmError, KeyStore
from moto_cks.hsm import ReturnCode
from moto_cks.tools.client_tls import CERTIFICATE_VARIABLE, KEY_VARIABLE
from moto_cks.tools.cloudhsm_cli import CloudHsmCli
from tests.aws import client, error_of
from tests.certificates import Identity
from tests.faults import UNREACHABLE
from tests.tools.cloudhsm_cli.world import data, log_in_as_admin, of_today, refusal, state

ENFORCE = "cluster mtls set-enforcement --level cluster"
LIFT = "cluster mtls set-enforcement --level none"
NO_CONNECTION = "Unable to connect to the cluster"

SET_HELP = """Set mtls enforcement policy in the cluster

Usage: cluster mtls set-enforcement [OPTIONS] --level [<LEVEL>...]

Options:
      --cluster-id <CLUSTER_ID>  Unique Id to choose which of the clusters in the config file to run the operation against. If not provided, will fall back to the value provided when interactive mode was started, or error
      --level <LEVEL>            Level to be set for mtls in the cluster [possible values: none, cluster]
      --approval <APPROVAL>      Filepath of signed quorum token file to approve operation
  -h, --help                     Print help
"""  # noqa: E501

Start = Callable[[Identity | None], CloudHsmCli]


@pytest.fixture
def cluster(world: Cks) -> Cluster:
    return of_today(world.create_cluster())


@pytest.fixture(scope="module")
def root() -> Identity:
    return Identity("mtls_ca_root_1")


@pytest.fixture
def start(world: Cks, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Starts the tool, configured with a client certificate or without."""

    def with_certificate(identity: Identity | None) -> CloudHsmCli:
        files: dict[str, str] = {}
        if identity is not None:
            for variable, text in (
                (CERTIFICATE_VARIABLE, identity.chain),
                (KEY_VARIABLE, identity.key_pem),
            ):
                path = tmp_path / f"{variable}.pem"
                path.write_text(text)
                files[variable] = str(path)
        for variable in (CERTIFICATE_VARIABLE, KEY_VARIABLE):
            monkeypatch.setenv(variable, files.get(variable, ""))
        return world.cloudhsm_cli(cluster)

    return with_certificate


def register(cli: CloudHsmCli, tmp_path: Path, anchor: str, *approval: str) -> Any:
    path = tmp_path / "anchor.crt"
    path.write_text(anchor)
    return data(cli, " ".join(["cluster mtls register-trust-anchor --path", str(path), *approval]))


def enforce(start: Start, cluster: Cluster, root: Identity) -> CloudHsmCli:
    """Enforce mutual TLS; gives the tool that can connect."""
    cluster.register_trust_anchor(root.pem)
    cli = start(Identity("ssl-client", root))
    log_in_as_admin(cli, cluster)
    data(cli, ENFORCE)
    return cli


def test_w8_as_documented(start: Start, cluster: Cluster, root: Identity, tmp_path: Path) -> None:
    plain = start(None)
    log_in_as_admin(plain, cluster)
    assert data(plain, "cluster mtls list-trust-anchors") == {"trust_anchors": []}
    assert data(plain, "cluster mtls get-enforcement") == {"mtls-enforcement-level": "none"}
    anchor = {
        "certificate-reference": "0x01",
        "certificate": root.pem,
        "cluster-coverage": "full",
    }
    assert register(plain, tmp_path, root.pem) == {"trust_anchor": anchor}
    assert data(plain, "cluster mtls list-trust-anchors") == {"trust_anchors": [anchor]}
    # Only over a connection with mutual TLS, and only by the user named admin.
    assert refusal(plain, ENFORCE) == "Operation requires a mutual TLS connection"
    cli = start(Identity("ssl-client", root))
    log_in_as_admin(cli, cluster)
    assert data(cli, ENFORCE) == {"message": "Mtls enforcement level set to Cluster successfully"}
    assert data(cli, "cluster mtls get-enforcement") == {"mtls-enforcement-level": "cluster"}
    # Existing connections without it are dropped, and there are no new ones.
    assert refusal(plain, "user list") == NO_CONNECTION
    assert refusal(start(None), "login --username admin --role admin", "x") == NO_CONNECTION
    assert data(cli, LIFT) == {"message": "Mtls enforcement level set to None successfully"}
    log_in_as_admin(start(None), cluster)
    deregister = "cluster mtls deregister-trust-anchor --certificate-reference"
    assert data(cli, f"{deregister} 0x01") == {
        "message": "Trust anchor with reference 0x01 deregistered successfully"
    }
    # The connection for which it has vouched is dropped, too.
    assert refusal(cli, "cluster mtls get-enforcement") == NO_CONNECTION
    assert data(cli, "cluster mtls list-trust-anchors") == {"trust_anchors": []}


def test_w8_help_as_documented(start: Start) -> None:
    assert start(None).run("help cluster mtls set-enforcement") == SET_HELP


def test_w8_two_trust_anchors_at_most(
    start: Start, cluster: Cluster, root: Identity, tmp_path: Path
) -> None:
    cli = start(None)
    log_in_as_admin(cli, cluster)
    roots = [root, Identity("mtls_ca_root_2"), Identity("mtls_ca_root_3")]
    references = [
        register(cli, tmp_path, one.pem)["trust_anchor"]["certificate-reference"]
        for one in roots[:2]
    ]
    assert references == ["0x01", "0x02"]
    path = tmp_path / "third.crt"
    path.write_text(roots[2].pem)
    third = f"cluster mtls register-trust-anchor --path {path}"
    assert refusal(cli, third) == "Maximum number of trust anchors is registered"
    path.write_text(root.pem)
    assert refusal(cli, third) == "Trust anchor is already registered"
    data(cli, "cluster mtls deregister-trust-anchor --certificate-reference 1")
    assert register(cli, tmp_path, roots[2].pem)["trust_anchor"]["certificate-reference"] == "0x01"
    missing = "cluster mtls deregister-trust-anchor --certificate-reference"
    assert refusal(cli, f"{missing} 0x07") == "Trust anchor does not exist"
    assert cli.run(f"{missing} one").startswith("error: invalid value 'one' for")


def test_w8_intermediate_certificates(start: Start, cluster: Cluster, root: Identity) -> None:
    middle = Identity("intermediate", root)
    cluster.register_trust_anchor(middle.chain)
    stranger = Identity("another root")
    admitted = [
        Identity("client", middle),
        Identity("client", Identity("below", middle)),
    ]
    others = [Identity("client", root), Identity("client", stranger), Identity("client")]
    cluster.set_mtls_enforcement("cluster")
    for identity in admitted:
        log_in_as_admin(start(identity), cluster)
    for identity in [*others, None, middle]:
        cli = start(identity)
        assert refusal(cli, "login --username admin --role admin", "x") == NO_CONNECTION


@pytest.mark.parametrize(
    "bad",
    ["", "no certificate", "upside down", "not to the root", "too long", "a key of another kind"],
)
def test_w8_what_is_no_trust_anchor(
    start: Start, cluster: Cluster, root: Identity, tmp_path: Path, bad: str
) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    middle = Identity("intermediate", root)
    anchors = {
        "upside down": root.pem + middle.pem,
        "not to the root": middle.pem,
        "too long": root.pem * 20,
        "a key of another kind": Identity("k1", key=ec.generate_private_key(ec.SECP256K1())).pem,
    }
    path = tmp_path / "anchor.crt"
    path.write_text(anchors.get(bad, bad))
    cli = start(None)
    log_in_as_admin(cli, cluster)
    command = f"cluster mtls register-trust-anchor --path {path}"
    assert refusal(cli, command) == "Trust anchor is not valid"
    path.unlink()
    assert refusal(cli, command) == f"Unable to read file {path}"
    assert [hsm.policies.trust_anchors for hsm in cluster.hsms] == [{}, {}]


def test_w8_who_may(start: Start, cluster: Cluster, root: Identity, tmp_path: Path) -> None:
    cluster.register_trust_anchor(root.pem)
    cluster.create_user("CO", "admin2", "adminPswd2")
    identity = Identity("ssl-client", root)
    other = start(identity)
    data(other, "login --username admin2 --role admin", "adminPswd2")
    not_permitted = "User does not have permission to perform this operation"
    assert refusal(other, ENFORCE) == not_permitted
    assert data(other, "cluster mtls get-enforcement") == {"mtls-enforcement-level": "none"}
    kmsuser = start(identity)
    path = tmp_path / "anchor.crt"
    path.write_text(root.pem)
    commands = (
        ENFORCE,
        f"cluster mtls register-trust-anchor --path {path}",
        "cluster mtls deregister-trust-anchor --certificate-reference 1",
    )
    for command in (*commands, "cluster mtls get-enforcement"):
        assert refusal(kmsuser, command) == "User is not logged in"
    data(kmsuser, "login --username kmsuser --role crypto-user", "kmsPswd1")
    for command in commands:
        assert refusal(kmsuser, command) == not_permitted
    assert data(kmsuser, "cluster mtls get-enforcement") == {"mtls-enforcement-level": "none"}
    assert [hsm.policies.mtls_enforced for hsm in cluster.hsms] == [False, False]


def test_w8_w6_what_differs_between_hsms_is_completed(
    start: Start, cluster: Cluster, root: Identity, tmp_path: Path
) -> None:
    first, second = cluster.hsms
    cluster.register_trust_anchor(root.pem, hsms=[second])
    cli = start(Identity("ssl-client", root))
    log_in_as_admin(cli, cluster)
    (anchor,) = data(cli, "cluster mtls list-trust-anchors")["trust_anchors"]
    assert anchor["cluster-coverage"] == "inconsistent"
    assert register(cli, tmp_path, root.pem)["trust_anchor"]["cluster-coverage"] == "full"
    cluster.set_mtls_enforcement("cluster", hsms=[first])
    assert data(cli, "user list")["users"]
    level = {"mtls-enforcement-level": "inconsistent"}
    cli = start(Identity("ssl-client", root))
    log_in_as_admin(cli, cluster)
    assert data(cli, "cluster mtls get-enforcement") == level
    data(cli, ENFORCE)
    assert [hsm.policies.mtls_enforced for hsm in cluster.hsms] == [True, True]


def test_w8_the_older_tools_cannot_connect(
    world: Cks, start: Start, cluster: Cluster, root: Identity
) -> None:
    officer = world.cloudhsm_mgmt_util(cluster)
    officer.run(f"loginHSM CO admin {cluster.admin_password}")
    kmsuser = world.key_mgmt_util(cluster)
    kmsuser.run("loginHSM -u CU -s kmsuser -p kmsPswd1")
    enforce(start, cluster, root)
    assert "Server in cluster is unavailable" in officer.run("listUsers")
    assert "Server in cluster is unavailable" in kmsuser.run("findKey")
    late = world.cloudhsm_mgmt_util(cluster)
    assert late.greeting.endswith("\nConnection to one of servers failed, exiting...\n")
    assert late.closed
    assert world.key_mgmt_util(cluster).closed
    with pytest.raises(HsmError) as refused:
        cluster.login("CU", "kmsuser", "kmsPswd1")
    assert refused.value.code is ReturnCode.NO_HSM
    assert all(user.login_failures == 0 for hsm in cluster.hsms for user in hsm.users)


def test_w8_hsms_that_join_and_clusters_from_backups_have_it(
    world: Cks, start: Start, cluster: Cluster, root: Identity
) -> None:
    enforce(start, cluster, root)
    zone = cluster.hsms[0].availability_zone
    client("cloudhsmv2").create_hsm(ClusterId=cluster.id, AvailabilityZone=zone)
    assert len(cluster.hsms) == 3
    assert all(hsm.policies.mtls_enforced for hsm in cluster.hsms)
    assert all(hsm.policies.trust_anchors == {1: root.pem} for hsm in cluster.hsms)
    moment = world.snapshot()
    cluster.set_mtls_enforcement("none")
    world.restore(moment)
    assert all(hsm.policies.mtls_enforced for hsm in cluster.hsms)


def test_w8_older_hsms_do_not_know_it(world: Cks) -> None:
    older = world.create_cluster(hsms=1, hsm_type="hsm1.medium")
    cli = world.cloudhsm_cli(older)
    log_in_as_admin(cli, older)
    for command in (
        "cluster mtls list-trust-anchors",
        "cluster mtls get-enforcement",
        ENFORCE,
        "quorum token-sign set-quorum-value --service cluster --value 1",
    ):
        assert refusal(cli, command) == "Operation is not supported on hsm1.medium"
    assert data(cli, "quorum token-sign list-quorum-values") == {"user": 1, "quorum": 1}
    for act in (
        lambda: older.set_mtls_enforcement("cluster"),
        lambda: older.register_trust_anchor("x"),
        lambda: older.set_quorum_value("cluster", 1),
    ):
        with pytest.raises(ValueError, match="without mutual TLS"):
            act()


# The tool's own certificate ---------------------------------------------------------------------


@pytest.mark.parametrize("missing", [CERTIFICATE_VARIABLE, KEY_VARIABLE])
def test_certificate_and_key_go_together(
    world: Cks, start: Start, cluster: Cluster, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    start(Identity("ssl-client"))
    monkeypatch.delenv(missing)
    with pytest.raises(ValueError, match="go together"):
        world.cloudhsm_cli(cluster)


def test_the_key_must_be_that_of_the_certificate(
    world: Cks, start: Start, cluster: Cluster, tmp_path: Path
) -> None:
    start(Identity("ssl-client"))
    for wrong in (Identity("another").key_pem, "no key", ""):
        (tmp_path / f"{KEY_VARIABLE}.pem").write_text(wrong)
        with pytest.raises(ValueError, match="is not the private key of the certificate"):
            world.cloudhsm_cli(cluster)
    (tmp_path / f"{KEY_VARIABLE}.pem").unlink()
    with pytest.raises(ValueError, match="cannot be read"):
        world.cloudhsm_cli(cluster)
    assert world.cloudhsm_mgmt_util(cluster).greeting  # has nothing to do with it


# KMS --------------------------------------------------------------------------------------------


def test_y22_kms_is_cut_off_and_comes_back(
    world: Cks, start: Start, cluster: Cluster, root: Identity
) -> None:
    store = world.create_key_store(cluster=cluster)
    kms = client("kms")
    key_id = store.create_key()
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"secret")["CiphertextBlob"]
    cli = enforce(start, cluster, root)
    assert state(kms, store) == ("CONNECTED", None)
    assert error_of(kms.decrypt, CiphertextBlob=blob) == UNREACHABLE
    assert error_of(store.create_key)[0] == "DependencyTimeoutException"
    assert error_of(kms.generate_random, NumberOfBytes=1, CustomKeyStoreId=store.id)[0] == (
        "DependencyTimeoutException"
    )
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert state(kms, store) == ("FAILED", "NETWORK_ERRORS")
    data(cli, LIFT)
    assert state(kms, store) == ("FAILED", "NETWORK_ERRORS")
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"secret"
    # Where nobody disconnects, KMS connects anew by itself.
    data(cli, ENFORCE)
    assert error_of(kms.decrypt, CiphertextBlob=blob) == UNREACHABLE
    data(cli, LIFT)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"secret"
    store.create_key()
    assert [len(hsm.keys) for hsm in cluster.hsms] == [2, 2]


def test_y22_kms_does_not_come_back_with_a_password_that_was_changed(
    world: Cks, cluster: Cluster, root: Identity
) -> None:
    store = world.create_key_store(cluster=cluster)
    key_id = store.create_key()
    cluster.register_trust_anchor(root.pem)
    cluster.set_mtls_enforcement("cluster")
    cluster.change_password("CU", "kmsuser", "tempPassword")  # nobody is logged in as kmsuser
    cluster.set_mtls_enforcement("none")
    assert error_of(client("kms").encrypt, KeyId=key_id, Plaintext=b"x") == UNREACHABLE
    failures = [user.login_failures for hsm in cluster.hsms for user in hsm.users]
    assert sum(failures) == 2  # one attempt on each


def test_y22_one_hsm_is_enough_to_go_on_and_too_much_to_connect(
    world: Cks, cluster: Cluster, root: Identity
) -> None:
    store = world.create_key_store(cluster=cluster)
    kms = client("kms")
    key_id = store.create_key()
    cluster.register_trust_anchor(root.pem)
    cluster.set_mtls_enforcement("cluster", hsms=cluster.hsms[:1])
    kms.encrypt(KeyId=key_id, Plaintext=b"x")
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert state(kms, store) == ("FAILED", "NETWORK_ERRORS")


def test_y22_no_exception_names_it_when_a_store_is_created(
    world: Cks, cluster: Cluster, root: Identity
) -> None:
    cluster.register_trust_anchor(root.pem)
    cluster.set_mtls_enforcement("cluster")
    store: KeyStore = world.create_key_store(cluster=cluster, connect=False)
    kms = client("kms")
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert state(kms, store) == ("FAILED", "NETWORK_ERRORS")
    with pytest.raises(HsmError, match="no certificate chain"):
        cluster.register_trust_anchor("x")
    with pytest.raises(ValueError, match="The level is none or cluster, not 'all'"):
        cluster.set_mtls_enforcement("all")  # type: ignore[arg-type]
