"""What the services of moto that encrypt under KMS keys see of those keys."""
