"""Tables of DynamoDB whose key cannot be used.

Amazon DynamoDB API Reference: TableDescription, SSEDescription. Imported when DynamoDB is in use.
"""

from __future__ import annotations

from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.parsing.partiql import get_query_metadata

from moto_cks.consumers.asking import refusal, require
from moto_cks.consumers.table import DYNAMODB, TABLE_USE
from moto_cks.world import clock

INACCESSIBLE = "INACCESSIBLE_ENCRYPTION_CREDENTIALS"


class Tables(DynamoDBBackend):
    """DynamoDB, which says of a table that its key is inaccessible.

    AWS finds that out after 13 to 75 minutes; here it is whenever somebody looks.
    """

    def describe_table(self, name: str) -> dict[str, Any]:
        """DescribeTable."""
        description: dict[str, Any] = super().describe_table(name)
        table = self.get_table(name)
        if refusal(DYNAMODB, self, TABLE_USE, {"name": name}) is None:
            table.inaccessible_since = None  # type: ignore[attr-defined]
            return description
        if getattr(table, "inaccessible_since", None) is None:
            table.inaccessible_since = clock.timestamp()  # type: ignore[attr-defined]
        shown = description["Table"]
        shown["TableStatus"] = INACCESSIBLE
        shown["SSEDescription"]["InaccessibleEncryptionDateTime"] = table.inaccessible_since  # type: ignore[attr-defined]
        return description

    def transact_write_items(self, transact_items: list[dict[str, Any]]) -> None:
        """TransactWriteItems, of which moto would hide why it fails."""
        for item in transact_items:
            for operation in item.values():
                self._require(operation.get("TableName"))
        super().transact_write_items(transact_items)

    def execute_statement(
        self, statement: str, parameters: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """ExecuteStatement, whose tables its text names."""
        for name in get_query_metadata(statement).get_table_names():
            self._require(name.strip('"'))
        answer: list[dict[str, Any]] = super().execute_statement(statement, parameters)
        return answer

    def _require(self, name: str | None) -> None:
        require(DYNAMODB, self, TABLE_USE, {"name": name})
