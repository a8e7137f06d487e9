"""An external key store proxy (XKS proxy), version 1 of AWS's specification, in Python.

It knows neither AWS APIs nor moto, and imports nothing else of this package. What is where:

- ``protocol``, ``errors``: the specification as data; ``messages`` reads requests by it.
- ``keys``, ``manager``, ``instances``: the external key manager.
- ``credentials``, ``signature``: who may ask; ``authorization``, ``quota``: what, and how often;
  ``prefixes``: path prefixes, each with its own of all that.
- ``certificates``, ``tls``: what clients see of it before they ask.
- ``answering``: the way of a request, step by step; ``log``: what is kept of it.
- ``causes``, ``latency``, ``fronting``, ``defects``: how it breaks.
- ``wire``, ``channels``, ``carriers``, ``connection``: bytes in, bytes out; ``memory`` and
  ``serving`` carry them.
- ``proxy``: all of it in one object.

See the "AWS KMS External Keystore (XKS) Proxy API Specification", version 1.0.3.
"""
