"""A client that rides out a cluster without free PKCS #11 sessions, and a key store's quota.

botocore retries in three modes: legacy, standard and adaptive. Each of them has to decrypt a batch
of data keys while the HSMs are busy, and then while KMS throttles a crowd of workers. A client
without retries shows what there is to ride out. Run it: python examples/retry_storm.py
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, TypeAlias

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from moto_cks import KeyStore, mock_cks

REGION = "us-east-1"
Mode: TypeAlias = Literal["legacy", "standard", "adaptive"]
MODES: tuple[Mode, ...] = ("legacy", "standard", "adaptive")
ATTEMPTS = 8

BUSY = 3  # operations that find no free session
WORKERS, REQUESTS = 4, 12
REQUESTS_PER_SECOND = 8


class Client:
    """A client of KMS that decrypts, and counts what it takes.

    Attributes:
        outcomes: how many requests were answered, and how many ended with which error.
        retries: how often botocore has tried again.
    """

    def __init__(self, store: KeyStore, mode: Mode, attempts: int) -> None:
        self.kms = boto3.client(
            "kms",
            region_name=REGION,
            config=Config(retries={"mode": mode, "total_max_attempts": attempts}),
        )
        key_id = store.create_key()
        data_key = self.kms.generate_data_key(KeyId=key_id, KeySpec="AES_256")
        self.data_key: bytes = data_key["Plaintext"]
        self.ciphertext: bytes = data_key["CiphertextBlob"]
        self.outcomes: Counter[str] = Counter()
        self.retries = 0

    def decrypt(self, requests: int, workers: int) -> bool:
        """Decrypt the data key, many times; whether all requests got through."""
        self.outcomes.clear()
        self.retries = 0
        begin = time.monotonic()
        with ThreadPoolExecutor(workers) as pool:
            answers = list(pool.map(self._decrypt_once, range(requests)))
        for outcome, retries in answers:
            self.outcomes[outcome] += 1
            self.retries += retries
        seconds = time.monotonic() - begin
        shown = ", ".join(f"{count} {outcome}" for outcome, count in sorted(self.outcomes.items()))
        print(f"{shown}; {self.retries} retries, {seconds:.1f} s")
        return self.outcomes == {"decrypted": requests}

    def _decrypt_once(self, _: int) -> tuple[str, int]:
        try:
            answer = self.kms.decrypt(CiphertextBlob=self.ciphertext)
        except ClientError as error:
            metadata = error.response["ResponseMetadata"]
            return error.response["Error"]["Code"], metadata["RetryAttempts"]
        outcome = "decrypted" if answer["Plaintext"] == self.data_key else "garbled"
        return outcome, answer["ResponseMetadata"]["RetryAttempts"]


def ride_out(cks: Any, store: KeyStore, mode: Mode, attempts: int = ATTEMPTS) -> bool:
    """Go through both storms; whether all requests got through."""
    client = Client(store, mode, attempts)
    print(f"   {BUSY} times no free session: ", end="", flush=True)
    cks.faults.pkcs11_sessions_exhausted(store.cluster.id, times=BUSY)
    survived = client.decrypt(BUSY, workers=BUSY)
    print(f"   {REQUESTS_PER_SECOND} requests per second:   ", end="", flush=True)
    with cks.faults.throttle(REQUESTS_PER_SECOND):
        survived &= client.decrypt(REQUESTS, WORKERS)
    return survived


def main() -> int:
    """Let a client without retries fail, and those with retries get through.

    Returns:
        The exit status: 0 where it went like that.
    """
    with mock_cks() as cks:
        store = cks.create_key_store()
        print("Without retries")
        if ride_out(cks, store, "standard", attempts=1):
            print("There was nothing to ride out.")
            return 1
        for mode in MODES:
            print(f"Retry mode {mode}, at most {ATTEMPTS} attempts")
            if not ride_out(cks, store, mode):
                print("The client did not get through.")
                return 1
    print("Every request got through.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
