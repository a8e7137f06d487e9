"""What mends something: the steps of the documented repair, as the world is now.

The one place where a thing that stands in the way is held against the documented repairs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from moto_cks.cloudhsmv2.settings import DEFAULT_MODE, HSM_TYPE
from moto_cks.failures.placeholders import fill
from moto_cks.failures.repairs import (
    APPROVAL,
    CANCEL_DELETION,
    CONNECT,
    DISCONNECT,
    ENABLE_KEY,
    OPEN_INBOUND,
    OPEN_OUTBOUND,
    REPAIRS,
    SET_PASSWORD,
    TELL_PASSWORD,
    WITH_QUORUM,
    Repair,
    Step,
)
from moto_cks.failures.shapes import CLOUDHSM_GUIDE, page
from moto_cks.failures.steps import APPROVED
from moto_cks.hsm.policies import NO_QUORUM
from moto_cks.kms.findings import Facts
from moto_cks.kms.keystores.cloudhsm.backing_keys import as_cloudhsm_cli_shows_it

_INITIALIZE = Step(
    "initialize",
    "Initialize the cluster with a certificate for its CSR.",
    (
        "aws cloudhsmv2 initialize-cluster --cluster-id <cluster> "
        "--signed-cert file://<cluster>_CustomerHsmCertificate.crt "
        "--trust-anchor file://customerCA.crt",
    ),
    'cloudhsm.initialize_cluster(ClusterId="<cluster>", SignedCert=…, TrustAnchor=…)',
)
_WAIT = Step(
    "wait",
    "Wait until that is over.",
    ("aws cloudhsmv2 describe-clusters --filters clusterIds=<cluster>",),
    "cks.clock.advance(minutes=10)",
)
_ACTIVATE = Step(
    "activate",
    "Activate the cluster: set the password of the first crypto officer.",
    (
        "cloudhsm-cli: cluster activate",
        "cloudhsm_mgmt_util: loginHSM PRECO admin password; changePswd PRECO admin "
        "<admin-password>; y; logoutHSM; quit",
    ),
    "cluster.activate(admin_password)",
)
_IMPORT = Step(
    "import-key-material",
    "Import the key material.",
    (
        "aws kms get-parameters-for-import --key-id <key> "
        "--wrapping-algorithm RSAES_OAEP_SHA_256 --wrapping-key-spec RSA_2048",
        "aws kms import-key-material --key-id <key> --encrypted-key-material fileb://material "
        "--import-token fileb://token --expiration-model KEY_MATERIAL_DOES_NOT_EXPIRE",
    ),
    'kms.import_key_material(KeyId="<key>", …)',
)
_UNLOCK = Step(
    "unlock",
    "Have another crypto officer set a new password, which unlocks the user.",
    (
        "cloudhsm-cli: user change-password --username <user-name> --role <user-role>",
        "cloudhsm_mgmt_util: changePswd <user> <password>; y",
    ),
    "cluster.change_password(user_type, name, password)",
)
_TOKEN, _SIGNATURES = APPROVAL
_WITH_QUORUM: Mapping[str, Sequence[Step]] = {
    **WITH_QUORUM,
    _UNLOCK.name: (
        replace(
            _TOKEN,  # admin may be the one who is locked out
            commands=tuple(
                line.replace("--username admin", "--username <officer>") for line in _TOKEN.commands
            ),
        ),
        _SIGNATURES,
        replace(
            _UNLOCK,
            text="Set a new password, with the approval, which unlocks the user.",
            commands=(
                "cloudhsm-cli: user change-password --username <user-name> --role <user-role>"
                f"{APPROVED}; logout",
            ),
        ),
    ),
}
"""What is done instead of a step where nobody can change users alone."""

_RETRY = Step(
    "retry",
    "Back off, and retry the request; add HSMs to the cluster.",
    python="time.sleep(60), and the same call again",
)

_TELL_CREDENTIAL = Step(
    "tell-credential",
    "Tell KMS the credential that the proxy accepts.",
    (
        "aws kms update-custom-key-store --custom-key-store-id <store> "
        "--xks-proxy-authentication-credential AccessKeyId=<access key id>,"
        "RawSecretAccessKey=<secret>",
    ),
    'kms.update_custom_key_store(CustomKeyStoreId="<store>", XksProxyAuthenticationCredential=…)',
)
_TELL_PATH = Step(
    "tell-path",
    "Tell KMS the path of the proxy.",
    ("aws kms update-custom-key-store --custom-key-store-id <store> --xks-proxy-uri-path <path>",),
    'kms.update_custom_key_store(CustomKeyStoreId="<store>", XksProxyUriPath=proxy.path)',
)
_ALLOW = Step(
    "allow-health-checks",
    "Have the proxy's authorization rules allow KMS its health checks.",
    python="proxy.authorization.clear()",
)
_CORRECT_ANSWERS = Step(
    "correct-answers",
    "Have the administrator of the proxy see to what it answers.",
)
_RENEW = Step(
    "renew-certificate",
    "Renew the certificate of the proxy, or correct its TLS settings.",
    python="proxy.certificate.renew()",
)
_START = Step(
    "start-proxy",
    "Start the proxy, see to its external key manager, or correct the endpoint.",
    python="proxy.start()",
)
_QUICKEN = Step(
    "quicken-proxy",
    "Have the proxy and its external key manager answer within a quarter of a second.",
)

_STOP_CUTTING = Step(
    "mend-network",
    "Find out who cuts the connections between KMS and the proxy.",
)
_ENABLE_EXTERNAL_KEY = Step(
    "enable-external-key",
    "Enable the external key in the external key manager.",
    python='proxy.key("<external-key>").enable()',
)
_RECOVER_EXTERNAL_KEY = Step(
    "recover-external-key",
    "Recover the external key from a backup of the external key manager, under the same ID.",
    python='proxy.create_key("<external-key>", material=…)',
)
_ALLOW_USES = Step(
    "allow-uses",
    "Have the external key encrypt and decrypt, in the external key manager.",
    python='proxy.key("<external-key>").usage = ["ENCRYPT", "DECRYPT"]',
)
_ALLOW_USERS = Step(
    "allow-users",
    "Have the proxy's authorization rules allow what is to be done with the key.",
    python="proxy.authorization.clear()",
)

_USE_A_KEY = Step(
    "use-a-key",
    "Use a key: what KMS comes upon is in the timeline, of the kind proxy.",
    ("aws kms encrypt --key-id <key> --plaintext eA==",),
    'kms.encrypt(KeyId="<key>", Plaintext=b"x")',
)
_CORRECT_SERVICE = Step(
    "correct-endpoint-service",
    "Correct the VPC endpoint service, or tell KMS of another one.",
    (
        "aws kms update-custom-key-store --custom-key-store-id <store> "
        "--xks-proxy-vpc-endpoint-service-name <service>",
    ),
    'kms.update_custom_key_store(CustomKeyStoreId="<store>", XksProxyVpcEndpointServiceName=…)',
)


_EXTERNAL = "xks-troubleshooting"


def _of_proxy(anchor: str, *steps: Step) -> Repair:
    """What the guide's page on external key stores has; the fix can be made while disconnected."""
    return Repair(page(anchor, _EXTERNAL), (DISCONNECT, *steps, CONNECT))


def _of_external_key(anchor: str, step: Step) -> Repair:
    """What is mended behind the proxy, whatever the key store does."""
    return Repair(page(anchor, _EXTERNAL), (step,))


def _elsewhere(steps: tuple[Step, ...], document: str) -> Repair:
    """A repair that another page tells."""
    return Repair(page(document=document), steps)


QUORUM_PAGE = "https://docs.aws.amazon.com/cloudhsm/latest/userguide/quorum-auth-chsm-cli.html"

OTHERS: Mapping[str, Repair] = MappingProxyType(
    {
        "key-disabled": _elsewhere((ENABLE_KEY,), "enabling-keys"),
        "key-pending-deletion": _elsewhere((CANCEL_DELETION, ENABLE_KEY), "deleting-keys"),
        "key-pending-replica-deletion": _elsewhere(
            (CANCEL_DELETION, ENABLE_KEY), "multi-region-keys-delete"
        ),
        "key-pending-import": _elsewhere((_IMPORT,), "importing-keys"),
        "ordinary-key-deleted": _elsewhere((), "deleting-keys"),
        "key-unavailable": Repair(page("fix-cmk-failed"), (DISCONNECT, CONNECT)),
        "cluster-not-ready": _elsewhere((_WAIT,), "create-keystore"),
        "cluster-not-activated": _elsewhere((_INITIALIZE, _ACTIVATE), "create-keystore"),
        "hsm-user-locked-out": Repair(page("fix-keystore-password"), (_UNLOCK,)),
        "hsms-busy": Repair(
            page(document="troubleshoot-hsm-throttling", guide=CLOUDHSM_GUIDE), (_RETRY,)
        ),
        "quorum-on-users": Repair(QUORUM_PAGE, ()),
        "xks-invalid-credentials": _of_proxy("fix-xks-credentials", _TELL_CREDENTIAL),
        "xks-proxy-access-denied": _of_proxy("fix-xks-authorization", _ALLOW),
        "xks-proxy-invalid-configuration": _of_proxy("fix-xks-gen-configuration", _TELL_PATH),
        "xks-proxy-invalid-response": _of_proxy("fix-xks-proxy", _CORRECT_ANSWERS),
        "xks-proxy-invalid-tls-configuration": _of_proxy("fix-xks-gen-configuration", _RENEW),
        "xks-proxy-not-reachable": _of_proxy("fix-xks-latency", _START),
        "xks-proxy-timed-out": _of_proxy("fix-xks-latency", _QUICKEN),
        "xks-connection-cut": _of_proxy("fix-xks-connection", _STOP_CUTTING),
        "xks-proxy-not-asked": Repair(page(document="xks-monitoring"), (_USE_A_KEY,)),
        "xks-vpc-endpoint-service-not-found": _of_proxy(
            "fix-xks-vpc-configuration", _CORRECT_SERVICE
        ),
        "xks-vpc-endpoint-service-invalid-configuration": _of_proxy(
            "fix-xks-vpc-configuration", _CORRECT_SERVICE
        ),
        "xks-key-disabled": _of_external_key("fix-external-key-crypto", _ENABLE_EXTERNAL_KEY),
        "xks-key-not-found": _of_external_key("fix-external-key-crypto", _RECOVER_EXTERNAL_KEY),
        "xks-key-usage": _of_external_key("fix-external-key-crypto", _ALLOW_USES),
        "xks-key-access-denied": _of_external_key("fix-xks-authorization", _ALLOW_USERS),
        "xks-wrong-bytes": _of_external_key("fix-xks-decrypt", _CORRECT_ANSWERS),
        "injected-failure": _elsewhere((), "programming-exceptions"),
    }
)
"""How other things are mended that are not among the documented failures of key stores."""


def is_documented(cause: str) -> bool:
    """Whether something is one of the documented failures."""
    return cause in REPAIRS


def page_of(cause: str) -> str:
    """The section of AWS's page on it, as a URL; ``""`` where there is none."""
    repair = _repair(cause)
    return "" if repair is None else repair.page


def steps_of(cause: str, facts: Facts) -> tuple[Step, ...]:
    """The documented steps that mend something, with the commands filled in.

    Args:
        cause: the name of a documented failure, or another cause.
        facts: those of the finding, and of what is around it.

    Returns:
        The steps that are left to be done as things are.
    """
    repair = _repair(cause)
    if repair is None:
        return ()
    if facts.get("mended"):
        return tuple(_filled((DISCONNECT, CONNECT), facts))
    return tuple(_filled(_adapted(repair.steps, facts), facts))


def _repair(cause: str) -> Repair | None:
    return REPAIRS.get(cause) or OTHERS.get(cause)


def _adapted(steps: Sequence[Step], facts: Facts) -> Iterator[Step]:
    """The steps that are left to be done."""
    names = [step.name for step in steps]
    state = facts.get("connection_state")
    for step in steps:
        if step in (DISCONNECT, CONNECT) and not _reconnects(names, facts):
            continue
        if step.name in _DONE and _DONE[step.name](facts):
            continue
        if step in APPROVAL:
            continue  # they come with what is to be approved
        if step.name == "cluster-from-backup" and _deleted(facts) and RESTORE not in names:
            yield next(each for each in REPAIRS["backup-deleted"].steps if each.name == RESTORE)
        if step.name == CONNECT.name:
            if state == "FAILED" and DISCONNECT.name not in names:
                yield DISCONNECT
            if "point" in names and facts.get("password_known") is False:
                yield from (*_approved(SET_PASSWORD, facts), TELL_PASSWORD)
        yield from _approved(step, facts)


def _approved(step: Step, facts: Facts) -> Iterator[Step]:
    """A step, with what it takes where nobody can change users alone."""
    alone = facts.get("quorum", NO_QUORUM) == NO_QUORUM
    yield from (step,) if alone else _WITH_QUORUM.get(step.name, (step,))


RESTORE = "restore-backup"
"""The step without which a backup that was deleted cannot be used."""


def _deleted(facts: Facts) -> bool:
    return facts.get("backup_state") == "PENDING_DELETION"


def _reconnects(names: Sequence[str], facts: Facts) -> bool:
    """Whether the key store has to be connected anew."""
    stays = facts.get("connection_state") == "CONNECTED" and DISCONNECT.name not in names
    return bool(facts.get("reconnects", not stays))


_DONE: Mapping[str, Callable[[Facts], bool]] = {
    "look": lambda facts: True,  # who has this explained has looked
    "read-event": lambda facts: True,
    "disconnect": lambda facts: facts.get("connection_state") in ("DISCONNECTED", "DISCONNECTING"),
    "connect": lambda facts: facts.get("connection_state") == "CONNECTING",
    "find-backup": lambda facts: facts.get("backup") is not None,
    OPEN_INBOUND.name: lambda facts: "inbound" not in facts["directions"],
    OPEN_OUTBOUND.name: lambda facts: "outbound" not in facts["directions"],
}
"""The steps that need not be done, and when."""


def _filled(steps: Iterable[Step], facts: Facts) -> Iterator[Step]:
    values = _values(facts)
    materials = list(_materials(facts)) or [{}]
    for step in steps:
        commands = dict.fromkeys(
            fill(command, {**values, **material})
            for command in step.commands
            for material in materials
        )
        yield replace(
            step,
            text=fill(step.text, values),
            commands=tuple(commands),
            python=fill(step.python, {**values, **(materials[0] if len(materials) == 1 else {})}),
        )


def _materials(facts: Facts) -> Iterator[dict[str, str]]:
    """The names of key material that is to be deleted."""
    for handle, key_id in zip(facts.get("handles", ()), facts.get("ids", ()), strict=True):
        yield {"handle": str(handle), "id-hex": as_cloudhsm_cli_shows_it(key_id)}


def _values(facts: Facts) -> dict[str, str]:
    """The values of placeholders, as far as they are known."""
    values = {name: str(facts[name]) for name in _AS_THEY_ARE if facts.get(name) is not None}
    if "external_key" in facts:
        values["external-key"] = facts["external_key"]
    values |= {"hsm-type": HSM_TYPE, "mode": facts.get("mode", DEFAULT_MODE)}
    values |= {"sg": facts["group"]} if "group" in facts else {}
    for letter, zone in zip("ab", facts.get("zones", ()), strict=False):
        values[f"zone-{letter}"] = zone
    for letter, subnet in zip("ab", facts.get("subnets", ()), strict=False):
        values[f"subnet-{letter}"] = subnet
    if facts.get("free_zones"):
        values["zone"] = facts["free_zones"][0]
    if facts.get("subnets"):
        values["subnets"] = " ".join(facts["subnets"])
    return {**values, **_acl(facts), **_user(facts)}


_AS_THEY_ARE = ("store", "cluster", "backup", "key", "user", "owner")


def _user(facts: Facts) -> dict[str, str]:
    """Who is locked out, as cloudhsm-cli names users."""
    kind, _, name = facts.get("user", "").partition(" ")
    return {"user-name": name, "user-role": _ROLES[kind]} if kind in _ROLES else {}


_ROLES = {"CO": "admin", "CU": "crypto-user"}


def _acl(facts: Facts) -> dict[str, str]:
    denials = [denial for denial in facts.get("acls", ()) if denial["rule"] is not None]
    if not denials:
        return {}
    direction = "ingress" if denials[0]["direction"] == "inbound" else "egress"
    return {"acl": denials[0]["acl"], "rule": str(denials[0]["rule"]), "direction": direction}
