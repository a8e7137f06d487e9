"""External key stores (XKS): keys of an external key manager, which KMS asks through a proxy.

AWS KMS Developer Guide: "External key stores"; AWS KMS External Key Store Proxy API Specification.
"""
