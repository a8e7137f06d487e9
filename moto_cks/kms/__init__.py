"""KMS with custom key stores, on top of moto's KMS."""
