"""A service of twenty lines that seals data, and its one test at each documented failure."""

import boto3
from botocore.exceptions import ClientError


class TemporarilyUnavailable(Exception):
    """The vault cannot be used now."""


class Vault:
    def __init__(self, key_id):
        self._kms = boto3.client("kms", region_name="us-east-1")
        self._key_id = key_id

    def _ask(self, operation, **parameters):
        try:
            return operation(**parameters)
        except ClientError as error:
            raise TemporarilyUnavailable(error.response["Error"]["Code"]) from error

    def seal(self, data):
        return self._ask(self._kms.encrypt, KeyId=self._key_id, Plaintext=data)["CiphertextBlob"]

    def open(self, sealed):
        return self._ask(self._kms.decrypt, CiphertextBlob=sealed)["Plaintext"]


def test_the_vault_survives(cks_key_store, cks_failure):
    vault = Vault(cks_key_store.create_key())
    card = vault.seal(b"4111 1111 1111 1111")
    with cks_failure:
        try:
            vault.seal(b"5500 0000 0000 0004")
            assert vault.open(card) == b"4111 1111 1111 1111"
        except TemporarilyUnavailable:  # said so, did not crash
            pass
    assert vault.open(card) == b"4111 1111 1111 1111"
