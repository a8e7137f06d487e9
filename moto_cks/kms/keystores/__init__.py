"""Custom key stores: what they have in common, and a folder for each kind.

A kind subclasses :class:`moto_cks.kms.keystores.base.KeyStore` and has its row in
:data:`moto_cks.kms.keystores.kinds.KINDS`; nothing else in KMS knows it.

Nothing is imported here: a handle that only wants to know what the types are called gets no more.
"""
