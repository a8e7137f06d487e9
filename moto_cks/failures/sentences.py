"""What is said of each thing that stands in the way, from its facts: one table.

The first sentence is a clause: it can stand behind a colon. No sentence has a full stop.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from moto_cks.failures.telling import Say, Sentences, Told, at, count
from moto_cks.kms.findings import Facts

PORTS = "TCP 2223-2225"


# The connection ----------------------------------------------------------------------------------


def _disconnected(told: Told) -> Sentences:
    if not told.facts["ever_connected"]:
        return ["it has not been connected yet"]
    return [f"it was disconnected{told.ago(told.since)}"]


def _slow(told: Told) -> Sentences:
    doing = "connecting" if told.facts["state"] == "CONNECTING" else "disconnecting"
    until = told.facts["until"]
    end = "" if until is None else f" and will be over at {at(until)}"
    return [f"{doing} takes its time: it began{told.ago(told.since)}{end}"]


def _mended(told: Told) -> Sentences:
    return ["what KMS came upon is not there any more"]


def _internal(told: Told) -> Sentences:
    if "times" in told.facts:
        return [_injected(told)]
    return ["nothing that anybody could see has caused it"]


def _injected(told: Told) -> str:
    times = told.facts["times"]
    return f"a fault is injected for {count(times, 'more attempt')} to connect"


def _network_errors(told: Told) -> Sentences:
    if told.facts.get("mended"):
        return ["the network trouble is over"]
    if "times" in told.facts:
        return [_injected(told)]
    if "cluster" not in told.facts:
        return ["KMS cannot reach what backs the key store"]
    return _unreachable(told)


def _quota(told: Told) -> Sentences:
    rate = told.facts["requests_per_second"]
    return [f"its request quota of {rate:g} a second is used up"]


def _call_fault(told: Told) -> Sentences:
    calls = count(told.facts["times"], "more call")
    return [f"a fault is injected: {calls} of {told.facts['operation']} will end in {told.error}"]


# The cluster and its network ---------------------------------------------------------------------


def _unreachable(told: Told) -> Sentences:
    return [f"KMS cannot reach {told.facts['cluster']}"]


def _replaced(told: Told) -> Sentences:
    lost = f"AWS has replaced {told.facts['hsm']} of {told.facts['cluster']}"
    return [f"{lost}, and what KMS did on it is lost: the next request fails, once"]


def _no_session(told: Told) -> Sentences:
    calls = count(told.facts["times"], "more operation")
    return [f"no PKCS #11 session is free in {told.facts['cluster']}, for {calls}"]


def _busy(told: Told) -> Sentences:
    times = told.facts["times"]
    for_how_many = "until it is ended" if times is None else f"for {count(times, 'more command')}"
    return [f"the HSMs of {told.facts['cluster']} are busy, {for_how_many}"]


def _ports(told: Told) -> Sentences:
    group = told.facts["group"]
    if not told.facts["exists"]:
        return [f"the group {group} does not exist any more"]
    rules = " and ".join(f"no {direction} rule" for direction in told.facts["directions"])
    return [f"the group {group} has {rules} for {PORTS}"]


def _acls(told: Told) -> Sentences:
    return [" and ".join(map(_acl, told.facts["acls"]))]


def _acl(denial: Facts) -> str:
    if denial["rule"] is None:
        return f"{denial['acl']} has no {denial['direction']} rule that allows {PORTS}"
    return f"rule {denial['rule']} of {denial['acl']} denies {denial['direction']} {PORTS}"


def _no_cluster(told: Told) -> Sentences:
    return [f"{told.facts['cluster']} does not exist any more", *_newest_backup(told)]


def _newest_backup(told: Told) -> Sentences:
    facts = told.facts
    if facts.get("backup") is None:
        return ["There is no backup of it"]
    made = told.ago(facts["backup_made"])
    newest = f"The newest backup is {facts['backup']} (made{made}){_deleted(facts)}"
    younger = facts["younger_keys"]
    if not younger:
        return [newest]
    verb = "is" if younger == 1 else "are"
    return [newest, f"{count(younger, 'key')} {verb} not in it: a backup is made with a new HSM"]


def _deleted(facts: Facts) -> str:
    """Whether a backup was deleted, and what it has."""
    deleted = ", but was deleted" if facts["backup_state"] == "PENDING_DELETION" else ""
    return f"{deleted}; {_password(facts)}"


def _password(facts: Facts) -> str:
    if facts["password_known"]:
        return "its password is the one that KMS holds"
    return "its kmsuser does not have the password that KMS holds"


def _no_subnet(told: Told) -> Sentences:
    subnets = told.facts["subnets_gone"]
    does = "does" if len(subnets) == 1 else "do"
    gone = f"{' and '.join(subnets)} of {told.facts['cluster']} {does} not exist any more"
    return [gone, *_newest_backup(told)]


def _subnet_full(told: Told) -> Sentences:
    subnets = told.facts["subnets_full"]
    has = "has" if len(subnets) == 1 else "have"
    return [f"{' and '.join(subnets)} {has} no free IP address"]


def _no_hsm(told: Told) -> Sentences:
    others = [f"{hsm_id} is {state}" for hsm_id, state in told.facts["hsms"].items()]
    rest = f": {', '.join(others)}" if others else ""
    return [f"{told.facts['cluster']} has no active HSM{rest}"]


def _one_zone(told: Told) -> Sentences:
    zones = ", ".join(told.facts["hsm_zones"])
    return [f"{told.facts['cluster']} has active HSMs in only one Availability Zone: {zones}"]


def _one_subnet(told: Told) -> Sentences:
    zones = ", ".join(told.facts["subnet_zones"])
    return [f"{told.facts['cluster']} has subnets in only one Availability Zone: {zones}"]


def _not_active(told: Told) -> Sentences:
    return [f"{told.facts['cluster']} is {told.facts['state']}; that began{told.ago(told.since)}"]


def _migrating(told: Told) -> Sentences:
    return [
        f"the type of the HSMs of {told.facts['cluster']} is being changed, which is "
        f"{told.facts['state']}; that began{told.ago(told.since)}",
        "Meanwhile they take no new keys and no changes of users, and KMS cannot connect anew",
    ]


def _full(told: Told) -> Sentences:
    keys = f"{told.facts['cluster']} has {count(told.facts['keys'], 'key')} {told.on_hsms}"
    return [f"{keys}, which is all that {told.facts['hsm_type']} holds"]


def _not_activated(told: Told) -> Sentences:
    return [f"{told.facts['cluster']} is {told.facts['state']}, and has to be activated first"]


def _mtls(told: Told) -> Sentences:
    facts = told.facts
    where = f"{told.on_hsms} of {facts['cluster']}"
    return [f"mutual TLS is enforced {where}, and KMS has no client certificate"]


def _quorum_on_users(told: Told) -> Sentences:
    facts = told.facts
    signing = f"{facts['signing']} of {count(facts['officers'], 'officer')}"
    has = "has" if facts["signing"] == 1 else "have"
    return [
        f"creating kmsuser, and setting its password, takes the approval of {facts['quorum']} "
        f"officers; {signing} {has} registered a key to sign with"
    ]


# kmsuser -----------------------------------------------------------------------------------------


def _credentials(told: Told) -> Sentences:
    changed = f"{_how_changed(told)} {told.on_hsms}"
    return [f"{_known(told)}; kmsuser's was {changed}", *_lock_ahead(told)]


def _credentials_on_some(told: Told) -> Sentences:
    hsms = f"{told.on_hsms} ({', '.join(told.facts['hsms'])})"
    changed = f"it was {_how_changed(told)}"
    return [f"{_known(told)}; kmsuser has another one {hsms}: {changed}", *_lock_ahead(told)]


def _old_backup(told: Told) -> Sentences:
    facts = told.facts
    origin = f"{facts['cluster']} was made from {facts['source_backup']}"
    older = f"whose kmsuser has an older one, {_how_changed(told)}"
    return [f"{_known(told)}; {origin}, {older}", *_lock_ahead(told)]


def _known(told: Told) -> str:
    how = "it set" if told.facts["known_by"] == "setting" else "it was told"
    return f"KMS holds the password {how}{told.ago(told.facts['known_since'])}"


def _how_changed(told: Told) -> str:
    facts = told.facts
    by = f" by {facts['by']}" if facts["by"] else ""
    later = facts["changed"] is not None and facts["changed"] > facts["known_since"]
    return f"{'changed' if later else 'set'}{told.ago(facts['changed'])}{by}"


def _lock_ahead(told: Told) -> Sentences:
    left = told.facts["attempts_left"]
    if not left:
        return []
    return [f"{count(left, 'more failed attempt')} lock{'s' * (left == 1)} kmsuser"]


def _locked_out(told: Told) -> Sentences:
    facts = told.facts
    logins = count(facts["failures"], "wrong login")
    last = "" if facts["last"] is None else f", the last{told.ago(facts['last'])}"
    return [f"{logins} as {facts.get('user', 'kmsuser')} {told.on_hsms}{last}"]


def _logged_in(told: Told) -> Sentences:
    return [f"somebody is logged in as kmsuser {told.on_hsms}, which keeps KMS out"]


def _not_found(told: Told) -> Sentences:
    return [f"there is no kmsuser {told.on_hsms}: {', '.join(told.facts['hsms'])}"]


def _second_factor(told: Told) -> Sentences:
    return [f"{told.on_hsms}, kmsuser logs in with a second factor, which KMS does not have"]


# External key store proxies -----------------------------------------------------------------------


def _not_asked(told: Told) -> Sentences:
    where = f"the proxy at {told.facts['endpoint']} is outside of the simulated world"
    why = f"{where}, and is not asked, for it would notice"
    if told.facts["asked"] is None:
        return [why, "KMS has not asked it yet"]
    return [why, f"KMS asked it{told.ago(told.facts['asked'])}: {told.facts['came']}"]


def _of_proxy(what: str) -> Say:
    """What has come of asking a proxy, or what would come of it now."""

    def say(told: Told) -> Sentences:
        names = ("endpoint", "path", "access_key_id", "external_key")
        facts = {name: told.facts.get(name, "") for name in names}
        who = "What KMS would come upon now" if told.facts.get("foreseen") else "What KMS came upon"
        return [what.format(**facts), f"{who}: {told.facts['outcome']}"]

    return say


# Keys --------------------------------------------------------------------------------------------


def _disabled(told: Told) -> Sentences:
    return ["it is disabled"]


def _pending_deletion(told: Told) -> Sentences:
    deletion = told.facts["deletion"]
    when = "" if deletion is None else f", and is deleted at {at(deletion)}"
    return [f"it is pending deletion{when}"]


def _pending_import(told: Told) -> Sentences:
    if told.facts["imported_before"]:
        return ["its imported key material has expired or was deleted"]
    return ["no key material has been imported"]


def _unavailable(told: Told) -> Sentences:
    when = "KMS looks for it again when the key store connects"
    return [f"KMS did not find its key material when it was used last; {when}"]


def _other_state(told: Told) -> Sentences:
    return [f"its state is {told.facts['state']}"]


def _material(told: Told) -> str:
    facts = told.facts
    where = f"none of the {count(facts['of'], 'HSM')} of {facts['cluster']}"
    return f"its key material (handle {facts['handle']}) is in {where}"


def _material_deleted(told: Told) -> Sentences:
    facts = told.facts
    made = told.ago(facts["backup_made"])
    return [_material(told), f"{facts['backup']} (made{made}) has it{_deleted(facts)}"]


def _material_lost(told: Told) -> Sentences:
    return [_material(told), "No backup has it"]


def _deleted_key(told: Told) -> Sentences:
    return [f"it was deleted{told.ago(told.since)}, at the end of its waiting period"]


def _deleted_key_of_store(told: Told) -> Sentences:
    facts = told.facts
    material = f"its key material (handle {facts['handle']})"
    what = f"KMS has deleted {material}, too"
    if not facts["material_deleted"]:
        what = f"KMS tried to delete {material}, and could not say that it has"
    return [*_deleted_key(told), what]


def _orphans(told: Told) -> Sentences:
    facts = told.facts
    material = ", ".join(
        f"of key {key_id} (handle {handle})"
        for key_id, handle in zip(facts["keys"], facts["handles"], strict=True)
    )
    deleted = "was" if len(facts["keys"]) == 1 else "were"
    return [f"key material {material}, which {deleted} deleted, is left {told.on_hsms}"]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table.

    Attributes:
        say: what is said.
        beyond_aws: whether AWS would not tell that.
    """

    say: Say
    beyond_aws: bool = False


_ROWS: Mapping[str, Row] = {
    # The connection
    "store-disconnected": Row(_disconnected),
    "slow-connection": Row(_slow),
    "internal-error": Row(_internal, beyond_aws=True),
    "network-errors": Row(_network_errors, beyond_aws=True),
    "request-quota-exceeded": Row(_quota, beyond_aws=True),
    "injected-failure": Row(_call_fault, beyond_aws=True),
    # The cluster and its network
    "all-hsms-deleted": Row(_no_hsm),
    "insufficient-cloudhsm-hsms": Row(_no_hsm),
    "one-hsm-left": Row(_one_zone),
    "subnets-in-one-zone": Row(_one_subnet),
    "cluster-deleted": Row(_no_cluster, beyond_aws=True),
    "cluster-not-found": Row(_no_cluster, beyond_aws=True),
    "cluster-not-active": Row(_not_active),
    "cluster-not-activated": Row(_not_activated),
    "cluster-not-ready": Row(_not_active),
    "migration-under-way": Row(_migrating),
    "cluster-full": Row(_full, beyond_aws=True),
    "cluster-unreachable": Row(_unreachable, beyond_aws=True),
    "hsm-replaced": Row(_replaced, beyond_aws=True),
    "pkcs11-sessions-exhausted": Row(_no_session, beyond_aws=True),
    "hsms-busy": Row(_busy, beyond_aws=True),
    "hsm-ports-closed": Row(_ports),
    "hsm-ports-closed-before-connecting": Row(_ports),
    "network-acl-denies": Row(_acls),
    "mtls-enforced": Row(_mtls, beyond_aws=True),
    "subnet-not-found": Row(_no_subnet, beyond_aws=True),
    "insufficient-free-addresses-in-subnet": Row(_subnet_full),
    # kmsuser
    "invalid-credentials": Row(_credentials, beyond_aws=True),
    "password-changed-on-one-hsm": Row(_credentials_on_some, beyond_aws=True),
    "restored-from-old-backup": Row(_old_backup, beyond_aws=True),
    "kmsuser-second-factor": Row(_second_factor),
    "user-locked-out": Row(_locked_out, beyond_aws=True),
    "user-logged-in": Row(_logged_in, beyond_aws=True),
    "user-not-found": Row(_not_found),
    "quorum-on-users": Row(_quorum_on_users, beyond_aws=True),
    "hsm-user-locked-out": Row(_locked_out, beyond_aws=True),
    # External key store proxies
    "xks-invalid-credentials": Row(
        _of_proxy("the proxy at {endpoint} does not accept what KMS signs as {access_key_id}")
    ),
    "xks-proxy-access-denied": Row(
        _of_proxy("the authorization rules of the proxy at {endpoint} deny KMS its health check")
    ),
    "xks-proxy-invalid-configuration": Row(
        _of_proxy("the proxy at {endpoint} does not know the path {path}")
    ),
    "xks-proxy-invalid-response": Row(
        _of_proxy("KMS cannot interpret what the proxy at {endpoint} answers")
    ),
    "xks-proxy-invalid-tls-configuration": Row(
        _of_proxy("KMS cannot establish a TLS connection to the proxy at {endpoint}")
    ),
    "xks-proxy-not-reachable": Row(
        _of_proxy("KMS cannot reach the proxy at {endpoint}, or no key manager behind it is there")
    ),
    "xks-proxy-timed-out": Row(
        _of_proxy("the proxy at {endpoint} does not answer within a quarter of a second")
    ),
    "xks-connection-cut": Row(_of_proxy("the proxy at {endpoint} cuts the connection")),
    "xks-key-disabled": Row(_of_proxy("the external key {external_key} is not enabled")),
    "xks-key-not-found": Row(
        _of_proxy("the proxy at {endpoint} does not know the external key {external_key}")
    ),
    "xks-key-usage": Row(
        _of_proxy("the external key {external_key} cannot both encrypt and decrypt")
    ),
    "xks-key-access-denied": Row(
        _of_proxy(
            "the authorization rules of the proxy at {endpoint} deny the account the use of "
            "the external key {external_key}"
        )
    ),
    "xks-wrong-bytes": Row(
        _of_proxy("the proxy at {endpoint} decrypts to other bytes than it has encrypted")
    ),
    "xks-proxy-not-asked": Row(_not_asked, beyond_aws=True),
    "xks-vpc-endpoint-service-not-found": Row(
        _of_proxy("KMS does not find the VPC endpoint service, or may not connect to it")
    ),
    "xks-vpc-endpoint-service-invalid-configuration": Row(
        _of_proxy("the VPC endpoint service is not as KMS needs it")
    ),
    # Keys
    "deletion-pending-while-disconnected": Row(_pending_deletion),
    "key-pending-deletion": Row(_pending_deletion),
    "key-pending-replica-deletion": Row(_pending_deletion),
    "key-disabled": Row(_disabled),
    "key-pending-import": Row(_pending_import),
    "key-unavailable": Row(_unavailable, beyond_aws=True),
    "key-material-deleted": Row(_material_deleted, beyond_aws=True),
    "key-material-lost": Row(_material_lost, beyond_aws=True),
    "backup-deleted": Row(_material_deleted, beyond_aws=True),
    "key-deleted": Row(_deleted_key_of_store),
    "ordinary-key-deleted": Row(_deleted_key),
    "orphaned-key-material": Row(_orphans),
}

SENTENCES: Mapping[str, Row] = MappingProxyType(_ROWS)
"""What is said, by the cause."""

_OTHER_STATE = Row(_other_state)
_OTHER_ERROR = Row(lambda told: [f"KMS came upon {told.error}"])


def row_of(cause: str, facts: Facts) -> Row:
    """The row of a cause; those without one of their own are states, or codes of other kinds."""
    row = SENTENCES.get(cause)
    if row is None:
        row = _OTHER_STATE if "state" in facts and "key" in facts else _OTHER_ERROR
    if facts.get("mended") and row.say not in (_internal, _network_errors):
        return Row(_mended, beyond_aws=True)
    return replace(row, beyond_aws=True) if facts.get("foreseen") else row
