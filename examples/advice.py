"""AWS's advice on key stores and their clusters, held against a cluster as it is.

AWS advises against key stores unless a rule demands them: they have no SLA, and are for low rates.
Who needs one can hold what a pipeline builds against the rest of the advice, in a test:

    assert advice(cks.cluster(cluster_id)) == []

"Key stores overview" in the AWS KMS Developer Guide; "Best practices for AWS CloudHSM" in the AWS
CloudHSM User Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from moto_cks import Cluster

HSMS, ADMINS, ZONES = 3, 2, 2


def few_hsms(cluster: Cluster) -> bool:
    """A new key is in the HSMs alone, until the next backup."""
    return len(cluster.hsms) < HSMS


def one_zone(cluster: Cluster) -> bool:
    """The HSMs of a zone can be lost together."""
    return len({hsm.availability_zone for hsm in cluster.hsms}) < ZONES


def one_admin(cluster: Cluster) -> bool:
    """Who is locked out is let in by another admin, or by nobody."""
    return any(
        sum(user.type == "CO" and not user.locked for user in hsm.users) < ADMINS
        for hsm in cluster.hsms
    )


def users_differ(cluster: Cluster) -> bool:
    """What is changed on some HSMs only shows when a key store connects."""
    return len({frozenset((user.type, user.name) for user in h.users) for h in cluster.hsms}) > 1


RULES: Mapping[str, Callable[[Cluster], bool]] = {
    f"at least {HSMS} HSMs, so that new keys are durable": few_hsms,
    f"HSMs in at least {ZONES} Availability Zones": one_zone,
    f"at least {ADMINS} admins who are not locked out": one_admin,
    "the same users on all HSMs": users_differ,
}
"""What AWS advises, and what is looked at."""


def advice(cluster: Cluster) -> list[str]:
    """The advice that a cluster does not follow."""
    return [text for text, breaks in RULES.items() if breaks(cluster)]


if __name__ == "__main__":
    from moto_cks import mock_cks

    with mock_cks() as cks:
        for text in advice(cks.create_cluster()):
            print(text)
