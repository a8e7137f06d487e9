"""What requests about external key stores and their keys are made of: members that go together."""

from __future__ import annotations

from typing import Any

STORES = ("@external store@", "@closed external store@")
KEYS = ("@external key@", "@closed external key@")
"""KMS keys in external key stores."""

POOLS: dict[str, tuple[Any, ...]] = {
    "AccessKeyId": ("@access key@",) * 5 + ("NOBODY2222222222222A", "ABCDE12345670EXAMPLE"),
    "RawSecretAccessKey": ("@secret@",) * 5 + ("x" * 43, "x" * 42),
    "XksKeyId": ("external-key-1", *("external-key-2",) * 3, "disabled", "none", "no key/ID"),
    "XksProxyUriEndpoint": (
        *("https://free.example.com",) * 4,
        *("https://xks.example.com", "https://nowhere.example.com", "https://xks.example.com:443"),
    ),
    "XksProxyUriPath": ("/example/kms/xks/v1",) * 4 + ("/kms/xks/v1", "/example"),
    "XksProxyVpcEndpointServiceName": (
        *("com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0", ""),
    ),
    "XksProxyVpcEndpointServiceOwner": ("123456789012", "111122223333"),
}
"""Values of members, as in ``requests``."""

TOGETHER: dict[str, dict[str, tuple[Any, ...] | None]] = {
    "CreateCustomKeyStore": {
        "CustomKeyStoreName": ("New",) * 4 + ("External",),
        "CustomKeyStoreType": ("EXTERNAL_KEY_STORE",),
        "XksProxyConnectivity": ("PUBLIC_ENDPOINT",) * 5 + ("VPC_ENDPOINT_SERVICE",),
        "XksProxyUriEndpoint": None,
        "XksProxyUriPath": None,
        "XksProxyAuthenticationCredential": None,
    },
    "UpdateCustomKeyStore": {
        "CustomKeyStoreId": STORES,
        "XksProxyUriEndpoint": None,
        "XksProxyUriPath": None,
        "XksProxyAuthenticationCredential": None,
    },
    "CreateKey": {
        "Origin": ("EXTERNAL_KEY_STORE",),
        "CustomKeyStoreId": ("@external store@",) * 3 + ("@closed external store@",),
        "XksKeyId": None,
    },
}
"""By operation, the members without which nothing comes of it for external key stores: from what
their values are, or ``None``: from the same as elsewhere."""

CONNECTIVITY = "XksProxyConnectivity"
SERVICE, OWNER = "XksProxyVpcEndpointServiceName", "XksProxyVpcEndpointServiceOwner"

SOMETIMES: dict[str, tuple[tuple[str, ...], ...]] = {
    "CreateCustomKeyStore": ((),) * 5 + ((SERVICE,), (SERVICE, OWNER)),
    "UpdateCustomKeyStore": ((),) * 4 + ((CONNECTIVITY,), (CONNECTIVITY, SERVICE)),
    "CreateKey": ((),),
}
"""What goes with these sometimes."""
