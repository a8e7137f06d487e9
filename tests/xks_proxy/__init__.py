"""The external key store proxy by itself, without KMS and without moto."""
