"""The hardware: clusters of HSMs, their users, sessions, keys, backups and certificates.

Pure Python and ``cryptography``. Nothing in this package knows the AWS API, moto or HTTP;
it is the only place that holds key material, HSM users and login sessions.
"""

from moto_cks.hsm.backups import Snapshot
from moto_cks.hsm.certificates import CertificateError, Certificates
from moto_cks.hsm.client import ClusterSession, LoginRefused
from moto_cks.hsm.cluster import HsmCluster
from moto_cks.hsm.condition import CAPACITIES, Condition
from moto_cks.hsm.errors import HsmError, ReturnCode
from moto_cks.hsm.events import Action, HsmEvent
from moto_cks.hsm.hsm import Hsm, Session
from moto_cks.hsm.key_commands import EVERYBODY
from moto_cks.hsm.keys import AES_256_TOKEN_KEY, KeyObject, KeyTemplate
from moto_cks.hsm.logbook import Logbook, LogEntry, Opcode, Reading
from moto_cks.hsm.users import User, UserType, UserTypeName

__all__ = [
    "AES_256_TOKEN_KEY",
    "CAPACITIES",
    "EVERYBODY",
    "Action",
    "CertificateError",
    "Certificates",
    "ClusterSession",
    "Condition",
    "Hsm",
    "HsmCluster",
    "HsmError",
    "HsmEvent",
    "KeyObject",
    "KeyTemplate",
    "LogEntry",
    "Logbook",
    "LoginRefused",
    "Opcode",
    "Reading",
    "ReturnCode",
    "Session",
    "Snapshot",
    "User",
    "UserType",
    "UserTypeName",
]
