"""What KMS says of an external key store proxy and its external keys, to the letter.

AWS KMS External Key Store Proxy API Specification 1.0.3, "Error codes" (P), and AWS KMS Developer
Guide, "Troubleshooting external key stores" (G). Where they differ, a comment says which it is.
"""

from __future__ import annotations

MALFORMED = (  # P; G: "… repeatedly, consult your external key store proxy administrator."
    "AWS KMS cannot interpret the response from the external key store proxy. If you see this "
    "error repeatedly, report it to your external key store proxy administrator."
)
NOT_ENABLED = (  # P
    "The external key associated with this KMS key in an external key store is not enabled in the "
    "external key manager. Enable the external key in the external key manager and retry the "
    "request."
)
USAGE = (  # P
    "The external key associated with this KMS key in an external key store does not support the "
    "requested operation. Enable the operation on the key in your external key manager, and try "
    "the request again."
)
AUTHENTICATION = (  # P
    "The external key store proxy rejected the request because it could not authenticate AWS KMS. "
    "Verify the XKS proxy authentication credentials for your external key store and update if "
    "necessary."
)
ACCESS = (
    "The external key store proxy denied access to the operation. Verify that the user and the "
    "external key are both authorized for this operation, and try the request again."
)
NOT_FOUND = (  # P
    "The external key associated with this KMS key in an external key store was not found in its "
    "external key manager. If the external key ID associated with this KMS key is incorrect, "
    "create a new KMS key with the correct external key ID."
)
PATH = (
    "The external key store proxy rejected the request because of an invalid URI path. Verify the "
    "URI path for your external key store and update if necessary."
)
UNSUPPORTED = (  # P
    "The external key store proxy rejected the request because it does not support the requested "
    "operation. If you see this error repeatedly, report it to your external key store proxy "
    "administrator."
)
DEPENDENCY = (
    "The external key store proxy did not respond to the request in the time allotted. Retry the "
    "request. If you see this error repeatedly, report it to your external key store proxy "
    "administrator."
)
THROTTLED = (
    "The external key store proxy rejected the request due to a very high request rate. Reduce "
    "the frequency of your calls using KMS keys in this external key store."
)
INTERNAL = (
    "The external key store proxy rejected the request because it cannot communicate with the "
    "external key manager. Verify that the external key store proxy configuration is correct and "
    "that the external key manager is available."
)
UNREACHABLE = (  # G; P writes "keystore"
    "AWS KMS cannot communicate with the external key store proxy. This might be a transient "
    "network issue. If you see this error repeatedly, verify that your external key store proxy "
    "is active and is connected to the network, and that its endpoint URI is correct in your "
    "external key store."
)
TLS = (
    "AWS KMS cannot establish a TLS connection to the external key store proxy. Verify the TLS "
    "configuration, including its certificate."
)
TIMEOUT = (
    "AWS KMS rejected the request because the external key store proxy did not respond in time. "
    "Retry the request. If you see this error repeatedly, report it to your external key store "
    "proxy administrator."
)
UNHEALTHY = (  # G
    "The external key store proxy is in an unhealthy state. If you see this message repeatedly, "
    "notify your external key store proxy administrator."
)
CIPHERTEXT = (  # G, and its example of a CloudTrail record
    "The external key store proxy rejected the request because the specified ciphertext or "
    "additional authenticated data is corrupted, missing, or otherwise invalid."
)
INNER_LAYER = (
    "The ciphertext that the external key store proxy submitted for decryption, or the encryption "
    "context, is corrupted, missing, or otherwise invalid."
)
KEY_SPEC = (
    "The key spec of the external key must be AES_256. The key spec of specified external key is "
    "{}."
)
KEY_STATUS = (
    "The status of the external key must be ENABLED. The status of specified external key is {}."
)
KEY_USAGE = (
    "The key usage of the external key must include ENCRYPT and DECRYPT. The key use of specified "
    "external key is {}."
)
