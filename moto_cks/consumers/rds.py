"""Databases whose key cannot be used.

Amazon RDS User Guide: "Encrypting Amazon RDS resources", "Viewing Amazon RDS DB instance status".
Imported when RDS is in use.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from moto.rds.models import DBCluster, DBInstance, RDSBackend

from moto_cks.consumers.asking import refusal
from moto_cks.consumers.finders import key_of_database
from moto_cks.consumers.table import DATABASE_USE, RDS
from moto_cks.world import clock

AVAILABLE, STOPPED = "available", "stopped"
RECOVERABLE = "inaccessible-encryption-credentials-recoverable"
LOST = "inaccessible-encryption-credentials"

RECOVERABLE_FOR = timedelta(days=7)
"""How long a database can be started again when its key is back."""


class Databases(RDSBackend):
    """RDS, which stops databases whose keys are inaccessible; starting them again recovers them.

    AWS finds that out by and by; here it is whenever somebody looks.
    """

    def describe_db_instances(self, *args: Any, **kwargs: Any) -> list[DBInstance]:
        """DescribeDBInstances."""
        return [self._looked_at(one) for one in super().describe_db_instances(*args, **kwargs)]

    def describe_db_clusters(self, *args: Any, **kwargs: Any) -> list[DBCluster]:
        """DescribeDBClusters."""
        return [self._looked_at(one) for one in super().describe_db_clusters(*args, **kwargs)]

    def start_db_instance(self, db_instance_identifier: str) -> DBInstance:
        """StartDBInstance, which is possible for one that has been stopped for its key."""
        _stop(self.databases.get(db_instance_identifier))
        return super().start_db_instance(db_instance_identifier)

    def start_db_cluster(self, cluster_identifier: str) -> DBCluster:
        """StartDBCluster, likewise."""
        _stop(self.clusters.get(cluster_identifier))
        return super().start_db_cluster(cluster_identifier)

    def _looked_at(self, database: Any) -> Any:
        now = clock.now()
        if database.status == RECOVERABLE and now >= database.inaccessible_until:
            database.status = LOST
        if database.status == AVAILABLE:
            arguments = {"kms_key_id": key_of_database(database)}
            if refusal(RDS, self, DATABASE_USE, arguments) is not None:
                database.status = RECOVERABLE
                database.inaccessible_until = now + RECOVERABLE_FOR
        return database


def _stop(database: Any) -> None:
    if database is not None and database.status == RECOVERABLE:
        database.status = STOPPED
