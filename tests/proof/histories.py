"""Random histories: things are done to a simulated world and to the model, and both compared."""

from __future__ import annotations

from tests.proof.external_story_rules import ExternalStoryRules


class Histories(ExternalStoryRules):
    """Key stores of both kinds, and all that can befall them."""
