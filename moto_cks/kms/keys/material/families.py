"""Which class computes with the keys of a family; the one table of them.

``cryptography`` has no SM2 and no ML-KEM-512, so there are no such keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from moto_cks.kms.keys.material.base import Material
from moto_cks.kms.keys.material.ecc import EccKeyPair
from moto_cks.kms.keys.material.eddsa import EdwardsKeyPair
from moto_cks.kms.keys.material.hmac_keys import HmacKey
from moto_cks.kms.keys.material.ml_dsa import MlDsaKeyPair
from moto_cks.kms.keys.material.ml_kem import MlKemKeyPair
from moto_cks.kms.keys.material.rsa_keys import RsaKeyPair
from moto_cks.kms.keys.material.symmetric import SymmetricKey
from moto_cks.kms.specs import Family, Spec

CLASSES: Mapping[Family, type[Material]] = MappingProxyType(
    {
        Family.SYMMETRIC: SymmetricKey,
        Family.HMAC: HmacKey,
        Family.RSA: RsaKeyPair,
        Family.ECC: EccKeyPair,
        Family.EDWARDS: EdwardsKeyPair,
        Family.ML_DSA: MlDsaKeyPair,
        Family.ML_KEM: MlKemKeyPair,
    }
)


def available(spec: Spec) -> bool:
    """Whether keys of that spec can be made here."""
    kind = CLASSES.get(spec.family)
    return kind is not None and kind.available(spec)


def generate(spec: Spec) -> Material:
    """New material of a spec that is available."""
    return CLASSES[spec.family].generate(spec)


def load(spec: Spec, data: bytes) -> Material:
    """The material of which these are the bytes.

    Raises:
        WrongInputError: it is no material of that spec.
    """
    return CLASSES[spec.family].load(spec, data)
