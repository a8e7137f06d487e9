"""Random histories: things are done to a simulated world and to the model, and both compared."""

from __future__ import annotations

from tests.proof.story_rules import StoryRules


class Histories(StoryRules):
    """Two key stores, and all that can befall them."""
