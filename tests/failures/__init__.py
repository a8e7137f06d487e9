"""The documented failures: each is brought about, looked at, repaired and proved."""
