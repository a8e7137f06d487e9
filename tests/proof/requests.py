"""Requests made up from botocore's service models: right ones, and ones with something wrong.

They are JSON in which ``@name@`` stands for something that a world has: see ``sites``.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from moto.core.utils import get_service_model

from tests.kms import POLICY
from tests.proof import external_requests
from tests.proof.tally import SERVICES, model
from tests.wrong_values import RAW, WRONG

KEYS = (
    *("@symmetric@", "@arn of symmetric@", "alias/mine", "@arn of alias@", "@stored@", "@ecc@"),
    *("@mac@", "@agreeing@", "@external@", "@primary@", "@disabled@", "@pending@", "@closed@"),
    *external_requests.KEYS,
    *("1234abcd-12ab-34cd-56ef-1234567890ab", "alias/none", "mrk-0", "nonsense"),
)
CLUSTERS = ("@cluster@", "@cluster@", "@other cluster@", "cluster-aaaaaaaaaaa")
BACKUPS = ("@backup@", "@backup@", "@other backup@", "backup-aaaaaaaaaaa")
SMALL_KEYS = (
    *("SYMMETRIC_DEFAULT", "ECC_NIST_P256", "ECC_NIST_P521", "ECC_SECG_P256K1", "HMAC_224"),
    *("HMAC_512", "ECC_NIST_EDWARDS25519", "SM2", "RSA_2048", "ML_KEM_512", "ML_DSA_44"),
)
"""Key specs of each kind; making larger RSA keys would take most of the time."""

POOLS: dict[str, tuple[Any, ...]] = {
    **external_requests.POOLS,
    **dict.fromkeys(("KeyId", "SourceKeyId", "DestinationKeyId", "TargetKeyId"), KEYS),
    **dict.fromkeys(("ClusterId", "CloudHsmClusterId"), CLUSTERS),
    **dict.fromkeys(("BackupId", "SourceBackupId"), BACKUPS),
    **dict.fromkeys(("KeySpec", "CustomerMasterKeySpec", "KeyPairSpec"), SMALL_KEYS),
    "AliasName": ("alias/mine", "alias/new", "alias/aws/s3", "mine"),
    "AvailabilityZone": ("us-east-1a", "us-east-1c", "us-east-1f"),
    "BackupArn": BACKUPS,
    "CiphertextBlob": (
        *("@sealed@", "@sealed in the store@", "@sealed in the closed store@"),
        *("@sealed in the external store@", "@sealed in the closed external store@"),
    ),
    "CustomKeyStoreId": (
        *("@store@", "@store@", "@closed store@", "cks-0123456789abcdef0"),
        *external_requests.STORES,
    ),
    "CustomKeyStoreName": ("ExampleKeyStore", "Closed", "New", "New", "External"),
    "DestinationRegion": ("eu-west-1", "us-east-1", "xx-none-1"),
    "GrantId": ("@grant@", "1"),
    "GrantToken": ("@token@", "nonsense"),
    "GranteePrincipal": ("arn:aws:iam::123456789012:role/grantee", "nobody"),
    "HsmId": ("@hsm@", "hsm-aaaaaaaaaaa"),
    "HsmType": ("hsm1.medium", "hsm2m.medium"),
    "ImportToken": ("@import token@",),
    "KeyStorePassword": ("kmsPswd1", "tempPassword"),
    "Limit": (1, 10, 100),
    "Marker": ("nonsense",),
    "MaxResults": (1, 5, 25),
    "NewCustomKeyStoreName": ("ExampleKeyStore", "Closed", "New"),
    "NextToken": ("nonsense",),
    "Policy": (POLICY, "{}", "no JSON"),
    "PolicyName": ("default", "other"),
    "PrimaryRegion": ("eu-west-1", "us-east-1"),
    "ReplicaRegion": ("eu-west-1", "us-east-1"),
    "ResourceId": (*CLUSTERS, *BACKUPS),
    "RetiringPrincipal": ("arn:aws:iam::123456789012:role/grantee",),
    "SignedCert": ("@certificate@",),
    "SubnetIds": (["@subnet@"], ["@subnet@", "@other subnet@"], ["subnet-00000000"]),
    "TrustAnchor": ("@certificate@",),
    "TrustAnchorCertificate": ("@certificate@",),
    "WrappingKeySpec": ("RSA_2048",),
}
"""Values of members of which a value by the model alone would never be a good one."""

FILTERS = {
    "clusterIds": ["@cluster@"],
    "vpcIds": ["vpc-00000000"],
    "states": ["ACTIVE", "READY"],
    "backupIds": ["@backup@"],
    "sourceBackupIds": ["@backup@"],
    "neverExpires": ["true"],
    "nonsense": ["x"],
}
TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
LONG = 40


@dataclass(frozen=True)
class Request:
    """A request; its body has placeholders."""

    service: str
    operation: str
    body: str


def value_of(shape: Any, name: str = "") -> st.SearchStrategy[Any]:
    """Values that an SDK could send."""
    if name in POOLS:
        return st.sampled_from(POOLS[name])
    make = {
        "structure": structure,
        "list": lambda shape: st.lists(
            value_of(shape.member, name.removesuffix("s")),
            min_size=shape.metadata.get("min", 0),
            max_size=shape.metadata.get("min", 0) + 2,
        ),
        "map": lambda shape: _map(name),
        "string": _string,
        "blob": lambda shape: st.binary(min_size=shape.metadata.get("min", 0), max_size=LONG).map(
            lambda value: base64.b64encode(value).decode()
        ),
        "boolean": lambda shape: st.booleans(),
        "timestamp": lambda shape: st.sampled_from([0, 1_700_000_000, 4_000_000_000, 1.5]),
    }.get(shape.type_name, _integer)
    return make(shape)


def _map(name: str) -> st.SearchStrategy[Any]:
    if name == "Filters":
        chosen = st.lists(st.sampled_from(sorted(FILTERS)), max_size=2, unique=True)
        return chosen.map(lambda names: {each: FILTERS[each] for each in names})
    return st.dictionaries(TEXT, TEXT, max_size=2)


def _string(shape: Any) -> st.SearchStrategy[str]:
    limits = shape.metadata
    if "enum" in limits:
        return st.sampled_from(limits["enum"])
    pattern = limits.get("pattern")
    longest = limits.get("max", 64)
    if pattern is not None and "\\p" not in pattern and longest <= 64:
        found = re.compile(pattern, re.ASCII)
        return st.from_regex(found, fullmatch=True).filter(lambda text: len(text) <= longest)
    least = limits.get("min", 0)
    return st.text(
        st.characters(min_codepoint=32, max_codepoint=126), min_size=least, max_size=least + 20
    )


def _integer(shape: Any) -> st.SearchStrategy[int]:
    limits = shape.metadata
    return st.integers(limits.get("min", 0), limits.get("max", 1000))


def structure(shape: Any, most: int = 3) -> st.SearchStrategy[dict[str, Any]]:
    """What is required, and up to some of what is not."""
    optional = sorted(set(shape.members) - set(shape.required_members))
    chosen = (
        st.lists(st.sampled_from(optional), max_size=most, unique=True) if optional else st.just([])
    )
    return chosen.flatmap(
        lambda names: st.fixed_dictionaries(
            {
                name: st.deferred(lambda name=name: value_of(shape.members[name], name))
                for name in (*shape.required_members, *names)
            }
        )
    )


@st.composite
def of_external(draw: Any, operation: str, shape: Any) -> dict[str, Any]:
    """What is required, and the members that go together for external key stores."""
    parameters = draw(structure(shape, most=draw(st.sampled_from([0, 0, 1]))))
    also = draw(st.sampled_from(external_requests.SOMETIMES[operation]))
    together = {**dict.fromkeys(also), **external_requests.TOGETHER[operation]}
    for name, values in together.items():
        free = values is None
        parameters[name] = draw(
            value_of(shape.members[name], name) if free else st.sampled_from(values)
        )
    return dict(parameters)


WRONG_VALUES = st.one_of(
    st.sampled_from(WRONG),
    st.sampled_from([f"@raw {raw}@" for raw in RAW]),
    st.sampled_from(["x" * 9000, "é", "\x00", "cks-\n", 2**31, -(2**63), [1] * 60]),
    TEXT,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where values are in a request, as paths."""
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for step, inner in entries:
        yield (*path, step)
        if isinstance(inner, (dict, list)):
            yield from places(inner, (*path, step))


@st.composite
def spoilt(draw: Any, parameters: dict[str, Any]) -> Any:
    """Another value somewhere, a member less, or one more."""
    copied = json.loads(json.dumps(parameters))
    found = list(places(copied))
    how = draw(st.sampled_from(["wrong", "wrong", "less", "more"])) if found else "more"
    if how == "more":
        copied[draw(st.sampled_from(["KeyId", "keyId", "Unknown", ""]))] = draw(WRONG_VALUES)
        return copied
    path = draw(st.sampled_from(found))
    inner = copied
    for step in path[:-1]:
        inner = inner[step]
    if how == "less":
        del inner[path[-1]]
    else:
        inner[path[-1]] = draw(WRONG_VALUES)
    return copied


OPERATIONS = [
    (service, name, False)
    for service in SERVICES
    for name in get_service_model(service).operation_names
] + [("kms", name, True) for name in external_requests.TOGETHER] * 4
"""Each with whether it is for an external key store."""


@st.composite
def requests(draw: Any) -> Request:
    """Any request to KMS or CloudHSM: half of them are as an SDK would send them."""
    service, operation, external = draw(st.sampled_from(OPERATIONS))
    shape = model(service, operation).input_shape
    if external:
        parameters = draw(of_external(operation, shape))
    else:
        parameters = draw(structure(shape)) if shape is not None else {}
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 1, 2]))):
        parameters = draw(spoilt(parameters))
    return Request(service, operation, json.dumps(parameters))
