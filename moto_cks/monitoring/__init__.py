"""What CloudWatch and CloudWatch Logs show of key stores, keys and HSMs."""
