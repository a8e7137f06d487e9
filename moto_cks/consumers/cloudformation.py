"""CloudFormation with resources of KMS that are as AWS's.

Imported when CloudFormation is in use.
"""

from __future__ import annotations

from typing import Any

from moto.cloudformation import parsing

from moto_cks.consumers.stack_resources import RESOURCES


def engage() -> None:
    """Put the resources into moto's table of them."""
    models: dict[str, Any] = parsing.get_model_map()
    models.update(RESOURCES)


def disengage() -> None:
    """Leave moto's table as moto makes it."""
    parsing.get_model_map.cache_clear()
