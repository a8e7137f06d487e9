"""Key material, and what is computed with it. Nothing here knows KMS, a request or a state."""
