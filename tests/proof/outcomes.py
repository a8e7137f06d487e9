"""The model's table of what KMS makes of what is wrong with an external key store proxy (X46)."""

from __future__ import annotations

from typing import NamedTuple

UNREACHABLE = "XksProxyUriUnreachableException"
RESPONSE = "XksProxyInvalidResponseException"
STATE = "CustomKeyStoreInvalidStateException"
KEY = "XksKeyInvalidConfigurationException"
ADMINISTRATOR = (
    " If you see this error repeatedly, report it to your external key store proxy administrator."
)
REJECTED = "The external key store proxy rejected the request because "
ASSOCIATED = "The external key associated with this KMS key in an external key store "


class Outcome(NamedTuple):
    """What comes of a trouble. Of what does not come up, and of what AWS does not say, nothing.

    Attributes:
        message: of each exception; empty where AWS does not say it whole.
        key_store: the exception of CreateCustomKeyStore and UpdateCustomKeyStore.
        create_key: the exception of CreateKey.
        code: ConnectionErrorCode.
    """

    message: str
    key_store: str | None = None
    create_key: str | None = STATE
    code: str | None = None


OUTCOMES = {
    "unreachable": Outcome(
        "AWS KMS cannot communicate with the external key store proxy. This might be a transient "
        "network issue. If you see this error repeatedly, verify that your external key store "
        "proxy is active and is connected to the network, and that its endpoint URI is correct in "
        "your external key store.",
        UNREACHABLE,
        code="XKS_PROXY_NOT_REACHABLE",
    ),
    "no TLS": Outcome(
        "AWS KMS cannot establish a TLS connection to the external key store proxy. Verify the "
        "TLS configuration, including its certificate.",
        UNREACHABLE,
        code="XKS_PROXY_INVALID_TLS_CONFIGURATION",
    ),
    "late": Outcome(
        "AWS KMS rejected the request because the external key store proxy did not respond in "
        "time. Retry the request." + ADMINISTRATOR,
        UNREACHABLE,
        code="XKS_PROXY_TIMED_OUT",
    ),
    "DependencyTimeoutException": Outcome(
        "The external key store proxy did not respond to the request in the time allotted. Retry "
        "the request." + ADMINISTRATOR,
        UNREACHABLE,
        code="XKS_PROXY_TIMED_OUT",
    ),
    "all UNAVAILABLE": Outcome(
        "The external key store proxy is in an unhealthy state. If you see this message "
        "repeatedly, notify your external key store proxy administrator.",
        UNREACHABLE,
        code="XKS_PROXY_NOT_REACHABLE",
    ),
    "InternalException": Outcome(
        REJECTED + "it cannot communicate with the external key manager. Verify that the external "
        "key store proxy configuration is correct and that the external key manager is available.",
        RESPONSE,
    ),
    "malformed": Outcome(
        "AWS KMS cannot interpret the response from the external key store proxy." + ADMINISTRATOR,
        RESPONSE,
        code="XKS_PROXY_INVALID_RESPONSE",
    ),
    "InvalidUriPathException": Outcome(
        REJECTED + "of an invalid URI path. Verify the URI path for your external key store and "
        "update if necessary.",
        "XksProxyInvalidConfigurationException",
        code="XKS_PROXY_INVALID_CONFIGURATION",
    ),
    "AuthenticationFailedException": Outcome(
        REJECTED + "it could not authenticate AWS KMS. Verify the XKS proxy authentication "
        "credentials for your external key store and update if necessary.",
        "XksProxyIncorrectAuthenticationCredentialException",
        code="INVALID_CREDENTIALS",
    ),
    "AccessDeniedException": Outcome(
        "The external key store proxy denied access to the operation. Verify that the user and "
        "the external key are both authorized for this operation, and try the request again.",
        code="XKS_PROXY_ACCESS_DENIED",
    ),
    "UnsupportedOperationException": Outcome(
        REJECTED + "it does not support the requested operation." + ADMINISTRATOR
    ),
    "KeyNotFoundException": Outcome(
        ASSOCIATED + "was not found in its external key manager. If the external key ID "
        "associated with this KMS key is incorrect, create a new KMS key with the correct "
        "external key ID.",
        create_key="XksKeyNotFoundException",
    ),
    "InvalidStateException": Outcome(
        ASSOCIATED + "is not enabled in the external key manager. Enable the external key in the "
        "external key manager and retry the request."
    ),
    "InvalidKeyUsageException": Outcome(
        ASSOCIATED + "does not support the requested operation. Enable the operation on the key "
        "in your external key manager, and try the request again."
    ),
    "InvalidCiphertextException": Outcome(
        REJECTED + "the specified ciphertext or additional authenticated data is corrupted, "
        "missing, or otherwise invalid."
    ),
    "other bytes": Outcome(
        "The ciphertext that the external key store proxy submitted for decryption, or the "
        "encryption context, is corrupted, missing, or otherwise invalid."
    ),
    "key spec": Outcome(
        "The key spec of the external key must be AES_256. The key spec of specified external key "
        "is RSA_2048.",
        create_key=KEY,
    ),
    "key status": Outcome(
        "The status of the external key must be ENABLED. The status of specified external key is "
        "DISABLED.",
        create_key=KEY,
    ),
    "key usage": Outcome(
        "",  # how several usages are written, AWS does not say
        create_key=KEY,
    ),
}
"""By what is wrong: what a proxy answers is named after its ``errorName``."""

NOT_CONNECTED = (
    "This KMS key is in a custom key store that is not connected to its external key store proxy. "
    "Connect the external key store and try the request again."
)
