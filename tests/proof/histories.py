"""Random histories: things are done to a simulated world and to the model, and both compared."""

from __future__ import annotations

from tests.proof.cluster_rules import ClusterRules
from tests.proof.key_rules import KeyRules
from tests.proof.people_rules import PeopleRules
from tests.proof.store_rules import StoreRules


class Histories(StoreRules, KeyRules, ClusterRules, PeopleRules):
    """Two key stores, and all that can befall them."""
