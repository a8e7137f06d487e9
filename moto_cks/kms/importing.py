"""The operations on imported key material."""

from __future__ import annotations

import json
from datetime import datetime, timezone

from moto_cks.frontend.validation import SerializationException
from moto_cks.kms.keys.imported_material import EXPIRES, Import, ImportedKey
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
        body, key = self.json_body, self._imported_key
        parameters = key.parameters_for_import(body["WrappingAlgorithm"], body["WrappingKeySpec"])
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
        body, key = self.json_body, self._imported_key
        version = key.import_material(
            Import(
                self.blobs["ImportToken"],
                self.blobs["EncryptedKeyMaterial"],
                body.get("ExpirationModel") or EXPIRES,
                moment(body.get("ValidTo")),
                body.get("ImportType"),
                body.get("KeyMaterialId"),
                body.get("KeyMaterialDescription"),
            )
        )
        return _answer(key, version.id)

    @checked
    def delete_imported_key_material(self) -> str:
        """DeleteImportedKeyMaterial."""
        key = self._imported_key
        return _answer(key, key.delete_material(self.json_body.get("KeyMaterialId")))


def _answer(key: ImportedKey, material_id: str | None) -> str:
    """The key, and the key material where that has an ID."""
    answer = {"KeyId": key.arn}
    if material_id:
        answer["KeyMaterialId"] = material_id
    return json.dumps(answer)


def moment(seconds: float | None) -> datetime | None:
    """A timestamp of a request.

    Raises:
        SerializationException: it is no moment.
    """
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, timezone.utc)
    except (OverflowError, OSError, ValueError):
        raise SerializationException(None) from None
