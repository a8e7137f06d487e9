"""The commands of cloudhsm-cli that are about quorum, second factors and mutual TLS.

See :mod:`moto_cks.tools.cloudhsm_cli.grammar`.
"""

from __future__ import annotations

from moto_cks.tools.cloudhsm_cli.shapes import (
    APPROVAL,
    CLUSTER_ID,
    ROLE,
    Asks,
    Command,
    Group,
    Option,
    Takes,
)

NONE, CLUSTER_LEVEL = "none", "cluster"
"""The levels of enforcement of mutual TLS."""

MTLS = Group(
    ("cluster", "mtls"),
    "Manage mtls in the cluster",
    (
        Command(
            ("cluster", "mtls", "deregister-trust-anchor"),
            "Deregister a trust anchor for mtls",
            (
                Option(
                    "certificate-reference",
                    "A hexadecimal or decimal certificate reference",
                    takes=Takes.REFERENCE,
                    required=True,
                ),
                CLUSTER_ID,
                APPROVAL,
            ),
            usage="cluster mtls deregister-trust-anchor [OPTIONS] --certificate-reference "
            "[<CERTIFICATE_REFERENCE>...]",
            needs_login=True,
        ),
        Command(
            ("cluster", "mtls", "get-enforcement"),
            "Get the status of mtls enforcement in the cluster",
            (CLUSTER_ID,),
            needs_login=True,
        ),
        Command(
            ("cluster", "mtls", "list-trust-anchors"),
            "List all trust anchors for mtls",
            (CLUSTER_ID,),
        ),
        Command(
            ("cluster", "mtls", "register-trust-anchor"),
            "Register a trust anchor for mtls",
            (
                CLUSTER_ID,
                Option(
                    "path",
                    "Filepath of the trust anchor to register",
                    takes=Takes.FILE,
                    required=True,
                ),
                APPROVAL,
            ),
            usage="cluster mtls register-trust-anchor [OPTIONS] --path [<PATH>...]",
            needs_login=True,
        ),
        Command(
            ("cluster", "mtls", "set-enforcement"),
            "Set mtls enforcement policy in the cluster",
            (
                CLUSTER_ID,
                Option(
                    "level",
                    "Level to be set for mtls in the cluster",
                    required=True,
                    values={NONE: "", CLUSTER_LEVEL: ""},
                ),
                APPROVAL,
            ),
            usage="cluster mtls set-enforcement [OPTIONS] --level [<LEVEL>...]",
            needs_login=True,
        ),
    ),
)

CHANGE_MFA = Group(
    ("user", "change-mfa"),
    "Change a user's Mfa Strategy",
    (
        Command(
            ("user", "change-mfa", "token-sign"),
            "Register or Deregister a public key using token-sign mfa strategy",
            (
                CLUSTER_ID,
                Option("username", "Username of the user that will be modified", required=True),
                ROLE,
                Option(
                    "change-password",
                    "Optional: Plaintext user's password. If you do not include this argument you "
                    "will be prompted for it",
                ),
                Option(
                    "token",
                    "Filepath where the unsigned token file will be written. Required for enabling "
                    "MFA for a user",
                    simulated=False,
                ),
                APPROVAL,
                Option(
                    "deregister",
                    "Deregister the MFA public key, if present",
                    takes=Takes.NOTHING,
                    alias="disable",
                ),
                Option(
                    "change-quorum",
                    "Change the Quorum public key along with the MFA key",
                    takes=Takes.NOTHING,
                ),
            ),
            usage="user change-mfa token-sign [OPTIONS] --username <USERNAME> --role <ROLE> "
            "<--token <TOKEN>|--deregister>",
            asks=Asks.NEW_PASSWORD,
            password="change-password",
            one_of=("token", "deregister"),
            needs_login=True,
        ),
    ),
)

CHANGE_QUORUM = Group(
    ("user", "change-quorum"),
    "Change a user's quorum strategy",
    (
        Group(
            ("user", "change-quorum", "token-sign"),
            "Manage the token-sign quorum strategy of a user",
            (
                Command(
                    ("user", "change-quorum", "token-sign", "register"),
                    "Register a user for quorum authentication with a public key",
                    (
                        CLUSTER_ID,
                        Option(
                            "public-key",
                            "Filepath to public key PEM file",
                            takes=Takes.FILE,
                            required=True,
                        ),
                        Option(
                            "signed-token",
                            "Filepath with token signed by user private key",
                            takes=Takes.FILE,
                            required=True,
                        ),
                    ),
                    needs_login=True,
                ),
            ),
        ),
    ),
)

_SERVICES = {
    "user": "User management service is used for executing quorum authenticated user management "
    "operations",
    "quorum": "Quorum management service is used for setting quorum values for any quorum service",
    "cluster": "Cluster management service is used for executing quorum for cluster wide "
    "configuration managements like mtls enforcement, mtls registration and mtls deregistration",
}
REGISTRATION = "registration"

QUORUM = Group(
    ("quorum",),
    "Manage Quorum",
    (
        Group(
            ("quorum", "token-sign"),
            "Manage token-sign quorum tokens and values",
            (
                Command(
                    ("quorum", "token-sign", "delete"),
                    "Delete one or more Quorum Tokens",
                    (
                        CLUSTER_ID,
                        Option(
                            "scope",
                            "Scope of which token(s) will be deleted",
                            required=True,
                            values={
                                "user": "Deletes all token(s) of currently logged in user",
                                "all": "Deletes all token(s) on the HSM",
                            },
                        ),
                    ),
                    needs_login=True,
                ),
                Command(
                    ("quorum", "token-sign", "generate"),
                    "Generate a token",
                    (
                        CLUSTER_ID,
                        Option(
                            "service",
                            "Service the token will be used for",
                            required=True,
                            values={
                                **_SERVICES,
                                REGISTRATION: "Registration service is used for registering a "
                                "public key for quorum authentication",
                            },
                        ),
                        Option(
                            "token",
                            "Filepath where the unsigned token file will be written",
                            required=True,
                        ),
                    ),
                    needs_login=True,
                ),
                Command(
                    ("quorum", "token-sign", "list"),
                    "List the token-sign tokens in your cluster",
                    (CLUSTER_ID,),
                    needs_login=True,
                ),
                Command(
                    ("quorum", "token-sign", "list-quorum-values"),
                    "List current quorum values",
                    (CLUSTER_ID,),
                ),
                Command(
                    ("quorum", "token-sign", "set-quorum-value"),
                    "Set a quorum value",
                    (
                        CLUSTER_ID,
                        Option(
                            "service",
                            "Service the token will be used for",
                            required=True,
                            values=_SERVICES,
                        ),
                        Option(
                            "value",
                            "Value to set for service",
                            takes=Takes.NUMBER,
                            required=True,
                        ),
                        APPROVAL,
                    ),
                    needs_login=True,
                ),
            ),
        ),
    ),
)
