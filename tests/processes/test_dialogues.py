"""The dialogues of other people's expect scripts: none waits in vain."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from moto_cks.tools.client_sdk import VARIABLE
from moto_cks.tools.client_tls import CERTIFICATE_VARIABLE, KEY_VARIABLE
from tests.certificates import Identity
from tests.processes.world import ADMIN, CLI, KMU, PASSWORD, KeyStore, World, program

SCRIPT = Path(__file__).with_name("dialogues.exp")
LATER = {VARIABLE: "3.4.4"}


def has(world: World, dialogue: str, *arguments: str, **more: str) -> int:
    """Have a dialogue; gives the exit status."""
    done = world.run(program("expect"), str(SCRIPT), dialogue, *arguments, **more)
    assert done.stderr == ""
    return done.returncode


def users(world: World, store: KeyStore) -> list[list[str]]:
    """The crypto users of each HSM."""
    return [
        [user["name"] for user in hsm["users"] if user["type"] == "CU"] for hsm in world.hsms(store)
    ]


def new_key(world: World, label: str) -> str:
    """Have kmsuser make a key; its handle."""
    login = f"loginHSM -u CU -s kmsuser -p {PASSWORD}"
    made = world.pipe(KMU, login, f"genSymKey -t 31 -s 32 -l {label}", "exit")
    return made.split("Key Handle: ")[1].split()[0]


def initialized_cluster(world: World) -> tuple[str, str]:
    """A cluster with one HSM that waits for its activation; and a zone for another one."""
    subnets = world.client("ec2").describe_subnets()["Subnets"]
    zones = {subnet["AvailabilityZone"]: subnet["SubnetId"] for subnet in subnets}
    first, second = sorted(zones)[:2]
    hsm = world.client("cloudhsmv2")
    made = hsm.create_cluster(
        HsmType="hsm2m.medium", Mode="FIPS", SubnetIds=[zones[first], zones[second]]
    )
    cluster_id = str(made["Cluster"]["ClusterId"])
    hsm.create_hsm(ClusterId=cluster_id, AvailabilityZone=first)
    signed = world.control.post("clusters", cluster_id, "sign-csr")
    hsm.initialize_cluster(
        ClusterId=cluster_id,
        SignedCert=signed["signed_certificate"],
        TrustAnchor=signed["trust_anchor"],
    )
    return cluster_id, second


@pytest.mark.parametrize("words", [{}, LATER], ids=["by default", "3.4.4"])
def test_l6_h4_activate_a_cluster_and_create_kmsuser(world: World, words: dict[str, str]) -> None:
    cluster_id, zone = initialized_cluster(world)
    assert has(world, "activate", ADMIN, **words) == 0
    assert world.control.get("clusters", cluster_id)["state"] == "ACTIVE"
    world.client("cloudhsmv2").create_hsm(ClusterId=cluster_id, AvailabilityZone=zone)
    assert has(world, "create-hidden", ADMIN, "kmsPswd1", **words) == 0
    assert has(world, "create", ADMIN, "kmsuser", "kmsPswd1", **words) == 2


@pytest.mark.parametrize("words", [{}, LATER], ids=["by default", "3.4.4"])
def test_l6_l7_users_come_and_keys_are_shared(
    world: World, tmp_path: Path, words: dict[str, str]
) -> None:
    store = world.key_store(connect=False)
    assert has(world, "create", ADMIN, "bob", "bobsPswd1", **words) == 0
    assert has(world, "create", ADMIN, "bob", "bobsPswd1", **words) == 2
    assert users(world, store) == [["kmsuser", "bob"]] * 2
    key = new_key(world, "old")
    kmsuser = ("kmsuser", PASSWORD)
    assert has(world, "label", *kmsuser, key, "old", "new", **words) == 0
    assert has(world, "share", "kmsuser", "wrongPswd1", key, "4", **words) == 3
    assert has(world, "share", *kmsuser, key, "4", **words) == 0
    assert has(world, "share", *kmsuser, key, "9", **words) == 2
    file = tmp_path / "keys.out"
    assert has(world, "list-keys", ADMIN, "4", str(file), **words) == 0
    lines = file.read_text().splitlines()
    assert (lines[1], lines[3]) == ("Number of keys found 1", f"{key}(s)")


def test_l7_delete_a_user_as_scripts_for_later_versions_do(world: World) -> None:
    store = world.key_store(connect=False)
    assert has(world, "delete", ADMIN, "kmsuser", **LATER) == 0
    assert users(world, store) == [[], []]


def test_l7_find_and_delete_keys_as_scripts_for_later_versions_do(world: World) -> None:
    world.key_store(connect=False)
    key = new_key(world, "one")
    kmsuser = ("kmsuser", PASSWORD)
    assert has(world, "key-find", "kmsuser", "wrongPswd1", "one", **LATER) == 3
    assert has(world, "key-find", *kmsuser, "one", **LATER) == 0
    assert has(world, "key-find", *kmsuser, "another", **LATER) == 2
    assert has(world, "key-delete", *kmsuser, key, **LATER) == 0
    assert has(world, "key-delete", *kmsuser, key, **LATER) == 2
    assert has(world, "key-delete", *kmsuser, '"key"', **LATER) == 2


def test_l6_a_wait_in_vain_is_noticed(world: World) -> None:
    world.key_store(connect=False)
    done = world.run(
        program("expect"), str(SCRIPT), "label", "kmsuser", PASSWORD, "5", "old", "new"
    )
    assert done.returncode == 1
    assert done.stderr.startswith('No "old" in what it said')


def test_l7_a_version_of_something_else_ends_a_tool_at_once(world: World) -> None:
    world.key_store(connect=False)
    done = world.run(*KMU, **{VARIABLE: "5.18"})
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "key_mgmt_util: '5.18' is no version of Client SDK 3, such as 3.1 or 3.4.4.\n"
    )


def test_l7_to_cloudhsm_cli_the_version_says_nothing(world: World) -> None:
    world.key_store(connect=False)
    done = world.run(*CLI, **{VARIABLE: "5.18"})
    assert (done.returncode, done.stderr) == (0, "")


def test_w8_files_are_read_where_cloudhsm_cli_runs(world: World, tmp_path: Path) -> None:
    store = world.key_store(connect=False)
    root = Identity("mtls_ca_root_1")
    client = Identity("ssl-client", root)
    texts = {"root.crt": root.pem, "client.pem": client.chain, "client.key": client.key_pem}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    officer = {"CLOUDHSM_ROLE": "admin", "CLOUDHSM_PIN": f"admin:{ADMIN}"}
    certificate = {
        CERTIFICATE_VARIABLE: str(tmp_path / "client.pem"),
        KEY_VARIABLE: str(tmp_path / "client.key"),
    }

    def says(*words: str, **more: str) -> Any:
        done = world.run("cloudhsm-cli", *words, **officer, **more)
        assert done.stderr == ""
        return json.loads(done.stdout)["data"]

    register = ("cluster", "mtls", "register-trust-anchor")
    missing = str(tmp_path / "none.crt")
    assert says(*register, "--path", missing) == f"Unable to read file {missing}"
    made = says(*register, f"--path={tmp_path / 'root.crt'}")
    assert made["trust_anchor"]["certificate-reference"] == "0x01"
    enforce = ("cluster", "mtls", "set-enforcement", "--level", "cluster")
    assert says(*enforce) == "Operation requires a mutual TLS connection"
    assert "successfully" in says(*enforce, **certificate)["message"]
    assert says("user", "list") == "Unable to connect to the cluster"
    assert world.connect(store) == "NETWORK_ERRORS"
    done = world.run("cloudhsm-cli", "user", "list", **{CERTIFICATE_VARIABLE: "x"})
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"cloudhsm-cli: {CERTIFICATE_VARIABLE} and {KEY_VARIABLE} go together.\n"
