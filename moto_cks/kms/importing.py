"""The operations on imported key material."""

from __future__ import annotations

import json

from moto_cks.kms.exceptions import UnsupportedOperationException
from moto_cks.kms.keys.imported_material import (
    EXPIRES,
    WRAPPING_ALGORITHMS,
    WRAPPING_KEY_SIZES,
    ImportedKey,
    moment,
)
from moto_cks.kms.request import KmsRequest, checked, encode


class ImportOperations(KmsRequest):
    """Requests to import and delete key material, and their answers."""

    @property
    def _imported_key(self) -> ImportedKey:
        key = self.key
        assert isinstance(key, ImportedKey)  # its origin has been checked
        return key

    @checked
    def get_parameters_for_import(self) -> str:
        """GetParametersForImport."""
        body = self.json_body
        algorithm, key_spec = body["WrappingAlgorithm"], body["WrappingKeySpec"]
        if algorithm not in WRAPPING_ALGORITHMS or key_spec not in WRAPPING_KEY_SIZES:
            raise UnsupportedOperationException  # SM2, outside of China
        key = self._imported_key
        parameters = key.parameters_for_import(algorithm, key_spec)
        return json.dumps(
            {
                "KeyId": key.arn,
                "ImportToken": encode(parameters.token),
                "PublicKey": encode(parameters.public_key),
                "ParametersValidTo": parameters.valid_to.timestamp(),
            }
        )

    @checked
    def import_key_material(self) -> str:
        """ImportKeyMaterial."""
        body = self.json_body
        key = self._imported_key
        key.import_material(
            self.blobs["ImportToken"],
            self.blobs["EncryptedKeyMaterial"],
            body.get("ExpirationModel", EXPIRES),
            moment(body.get("ValidTo")),
        )
        return json.dumps({"KeyId": key.arn})

    @checked
    def delete_imported_key_material(self) -> str:
        """DeleteImportedKeyMaterial."""
        key = self._imported_key
        key.delete_material()
        return json.dumps({"KeyId": key.arn})
