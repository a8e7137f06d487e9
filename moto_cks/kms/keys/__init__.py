"""KMS keys: their kinds, states, ciphertexts and imported material."""
