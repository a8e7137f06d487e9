"""What other services see of KMS keys."""
