"""The tests of moto that cannot pass with mock_cks, each with its reason.

Each is expected to fail: one that passes, or that no longer exists, fails the suite, so the table
stays true. A key is a pytest id as the suite prints it. Where AWS was recorded to answer otherwise,
the reason names the row of `tests/kms/recorded/` that the test contradicts.
"""

import itertools

NO_SUCH_RESOURCE = "tags 'cluster-1234', which is not a cluster ID that AWS accepts"
NOT_A_KEY = "gives a trail the KMS key 'kki', which is none: KmsKeyNotFoundException (G13)"
NO_SUCH_SUBNET = "creates a cluster in subnets that EC2 does not know"
PENDING_DELETION = "tags a key that is pending deletion, which the key state table forbids"
WAITED_LONG_ENOUGH = "schedules a deletion in 2015 and looks for the key today: it is gone (O1)"

ENUM = "has its own words for an unknown value of an enumeration: create-unknown-spec"
QUOTES = "has no quotes around a key ID that is none: describe-invalid-fake-key-id"
OTHER_ACCOUNT = "names a key of the account by the ARN of another account (G4)"
WRONG_KEY = (
    "wants AccessDeniedException for another key than the ciphertext's: decrypt-with-an-hmac-key"
)
WRONG_USAGE = "wants ValidationException for a key of another usage: sign-with-an-encrypting-key"
WRONG_ALGORITHM = (
    "wants ValidationException for an algorithm of another key spec: generate-mac-another-size"
)
LENGTH = "spells the member with a capital, which AWS does not: encrypt-too-long"
NOT_VALID = (
    "wants SignatureValid false, where AWS raises: verify-another-s-signature-"
    "RSA_2048-RSASSA_PSS_SHA_256"
)
DIGEST = (
    "signs a digest of SHA-256 whatever the algorithm: "
    "sign-wrong-digest-RSA_2048-RSASSA_PSS_SHA_384"
)
SIGNED_AS_RAW = (
    "verifies as RAW what was signed as DIGEST: verify-the-message-by-the-signature-of-its-digest-"
    "RSA_2048-RSASSA_PSS_SHA_256"
)
NO_OPERATION = "grants DECRYPT, which is none of the operations of the service model"
ARN = "wants the key ID where AWS gives the key ARN: generate-mac-512"
NO_SUCH_USAGE = (
    "creates a key of a usage that its key spec does not have: create-rsa-for-key-agreement"
)

NO_POLICY = "gives a key a policy that is none, 'my policy': MalformedPolicyDocumentException (G10)"
LOCKED_OUT = "locks itself out of its key: put-policy-that-locks-out"
ALIAS_DATES = "has no dates of aliases: list-aliases-of-a-key"
KEY_ARN = "wants the key ID where AWS gives the key ARN: cancel-deletion"
RESERVED = "wants an error without a message, which nobody recorded"
PREFIX = "has its own words for a wrong prefix: create-alias-without-prefix"
NO_TOKEN = "has grant tokens that are none: InvalidGrantTokenException (G10)"
NO_MARKER = "wants NextMarker null: ListKeys-last-page"

_CLOUDHSM = "tests/test_cloudhsmv2/test_cloudhsmv2.py::"
_CLOUDTRAIL = "tests/test_cloudtrail/test_cloudtrail.py::"
_CLOUDTRAIL_TAGS = "tests/test_cloudtrail/test_cloudtrail_tags.py::"
_CORE = "tests/test_core/"
_KMS = "tests/test_kms/test_kms.py::"
_MAC = "tests/test_kms/test_kms_mac.py::"
_ELSEWHERE = "arn:aws:kms:us-east-1:012345678912"
_ECDSA = {
    "ECC_NIST_P256": "ECDSA_SHA_256",
    "ECC_SECG_P256K1": "ECDSA_SHA_256",
    "ECC_NIST_P384": "ECDSA_SHA_384",
    "ECC_NIST_P521": "ECDSA_SHA_512",
}

_MANAGEMENT: dict[str, tuple[str, ...]] = {
    NO_POLICY: (
        "test_kms.py::test_create_key_without_description",
        "test_kms.py::test_create_key",
        "test_kms.py::test_create_multi_region_key",
        "test_kms.py::test_create_multi_region_configuration_key",
        "test_kms.py::test_non_multi_region_keys_should_not_have_multi_region_properties",
        "test_kms.py::test_replicate_key",
        "test_kms.py::test_get_key_policy[KeyId]",
        "test_kms.py::test_get_key_policy[Arn]",
        "test_kms.py::test_put_key_policy[KeyId]",
        "test_kms.py::test_put_key_policy[Arn]",
        "test_kms_cloudformation.py::test_alias_create_and_delete",
        "test_kms_cloudformation.py::test_alias_create_and_update_with_arn",
        "test_kms_grants.py::test_revoke_grant_raises_when_grant_does_not_exist",
        "test_kms_key_rotation.py::test_rotate_key_on_demand_with_existing_key",
        "test_kms_key_rotation.py::test_list_key_rotations_are_empty_on_new_key",
        "test_kms_key_rotation.py::test_list_key_rotations_returns_one_rotation",
        "test_kms_key_rotation.py::test_list_key_rotations_returns_truncated_and_next_marker",
        "test_kms_key_rotation.py::test_list_key_rotations_pagination",
        "test_kms_mac.py::test_verify_mac_fails_for_another_key_id",
    ),
    LOCKED_OUT: (
        "test_kms_policy_enforcement.py::TestKMSPolicyEnforcement::test_policy__deny_based_on_actions"
        "[actions0]",
        "test_kms_policy_enforcement.py::TestKMSPolicyEnforcement::test_policy__deny_based_on_actions"
        "[actions1]",
        "test_kms_policy_enforcement.py::TestKMSPolicyEnforcement::test_policy__deny_based_on_actions"
        "[actions2]",
        "test_kms_policy_enforcement.py::TestKMSPolicyEnforcement::test_policy__deny_based_on_actions"
        "[actions3]",
        "test_kms_policy_enforcement.py::TestKMSPolicyEnforcement::test_policy__allow_based_on_actions"
        "[actions0]",
        "test_kms_policy_enforcement.py::TestKMSPolicyEnforcement::test_policy__allow_based_on_actions"
        "[actions1]",
    ),
    ALIAS_DATES: (
        "test_kms.py::test__create_alias__can_create_multiple_aliases_for_same_key_id",
        "test_kms.py::test_list_aliases_for_key_id",
        "test_kms.py::test_list_aliases_for_key_arn",
    ),
    KEY_ARN: ("test_kms.py::test_cancel_key_deletion",),
    RESERVED: (
        "test_kms.py::test__create_alias__raises_if_reserved_alias[alias/aws/ebs]",
        "test_kms.py::test__create_alias__raises_if_reserved_alias[alias/aws/s3]",
        "test_kms.py::test__create_alias__raises_if_reserved_alias[alias/aws/redshift]",
        "test_kms.py::test__create_alias__raises_if_reserved_alias[alias/aws/rds]",
    ),
    PREFIX: (
        "test_kms.py::test__create_alias__raises_if_wrong_prefix",
        "test_kms.py::test__delete_alias__raises_if_wrong_prefix",
    ),
    NO_TOKEN: ("test_kms.py::test_sign_and_verify_ignoring_grant_tokens",),
    NO_MARKER: ("test_server.py::test_list_keys",),
}
"""Tests of what belongs to keys, by the reasons why they cannot pass."""

DEVIATIONS: dict[str, str] = {
    **{f"tests/test_kms/{name}": reason for reason, names in _MANAGEMENT.items() for name in names},
    f"{_CLOUDHSM}test_list_tags": NO_SUCH_RESOURCE,
    f"{_CLOUDHSM}test_tag_resource": NO_SUCH_RESOURCE,
    f"{_CLOUDHSM}test_untag_resource": NO_SUCH_RESOURCE,
    f"{_CLOUDHSM}test_list_tags_empty_resource": (
        "lists the tags of 'non-existent-resource', which is not an ID that AWS accepts"
    ),
    f"{_CLOUDHSM}test_create_cluster": NO_SUCH_SUBNET,
    f"{_CLOUDHSM}test_delete_cluster": NO_SUCH_SUBNET,
    f"{_CLOUDHSM}test_describe_clusters_with_filters": NO_SUCH_SUBNET,
    f"{_CLOUDHSM}test_describe_clusters_pagination": NO_SUCH_SUBNET,
    f"{_CLOUDHSM}test_get_resource_policy": NO_SUCH_SUBNET,
    f"{_CLOUDHSM}test_put_resource_policy": NO_SUCH_SUBNET,
    f"{_CLOUDHSM}test_describe_backups": NO_SUCH_SUBNET,
    f"{_CLOUDHSM}test_describe_backups_pagination": NO_SUCH_SUBNET,
    f"{_CLOUDTRAIL}test_create_trail_advanced": NOT_A_KEY,
    f"{_CLOUDTRAIL}test_describe_trails_with_shadowtrails_false": NOT_A_KEY,
    f"{_CLOUDTRAIL}test_describe_trails_with_shadowtrails_true": NOT_A_KEY,
    f"{_CLOUDTRAIL}test_describe_trails_without_shadowtrails": NOT_A_KEY,
    f"{_CLOUDTRAIL}test_get_trail_status_multi_region_not_from_the_home_region": NOT_A_KEY,
    f"{_CLOUDTRAIL}test_list_trails_different_home_region_one_multiregion": NOT_A_KEY,
    f"{_CLOUDTRAIL}test_update_trail_full": NOT_A_KEY,
    f"{_CLOUDTRAIL_TAGS}test_create_trail_with_tags_and_list_tags": NOT_A_KEY,
    f"{_CLOUDTRAIL_TAGS}test_remove_tags": NOT_A_KEY,
    f"{_CORE}test_decorator_calls.py::test_context_decorator_exposes_bare_essentials[mock_aws]": (
        "`with mock_cks()` gives the handle, not the mock"
    ),
    f"{_KMS}test_create_key_with_invalid_key_spec": ENUM,
    f"{_KMS}test_sign_invalid_signing_algorithm": ENUM,
    f"{_KMS}test_verify_invalid_signing_algorithm": ENUM,
    f"{_KMS}test_enable_key_rotation_with_alias_name_should_fail": QUOTES,
    f"{_KMS}test_unknown_tag_methods": QUOTES,
    f"{_KMS}test_put_key_policy_using_alias_shouldnt_work": QUOTES,
    f"{_KMS}test_generate_data_key_all_valid_key_ids[{_ELSEWHERE}:alias/DoesExist-False]": (
        OTHER_ACCOUNT
    ),
    f"{_KMS}test_generate_data_key_all_valid_key_ids[{_ELSEWHERE}:key/-True]": OTHER_ACCOUNT,
    f"{_KMS}test_decrypt_validates_key_id": WRONG_KEY,
    f"{_KMS}test_sign_invalid_key_usage": WRONG_USAGE,
    f"{_KMS}test_sign_invalid_message": LENGTH,
    f"{_KMS}test_verify_invalid_message": LENGTH,
    f"{_KMS}test_verify_empty_signature": LENGTH,
    f"{_KMS}test_verify_happy_with_invalid_signature": NOT_VALID,
    **{
        f"{_KMS}test_sign_and_verify_digest_message_type_RSA"
        f"[RSA_{size}-RSASSA_{scheme}_SHA_{bits}]": (SIGNED_AS_RAW if bits == 256 else DIGEST)
        for size in (2048, 3072, 4096)
        for scheme in ("PSS", "PKCS1_V1_5")
        for bits in (256, 384, 512)
    },
    **{
        f"{_KMS}test_fail_verify_digest_message_type_RSA[{one}-{other}]": NOT_VALID
        for one, other in itertools.combinations(
            [f"RSASSA_PSS_SHA_{bits}" for bits in (256, 384, 512)], 2
        )
    },
    **{
        f"{_KMS}test_sign_and_verify_digest_message_type_ECDSA[{spec}-{algorithm}]": (
            SIGNED_AS_RAW if algorithm.endswith("256") else DIGEST
        )
        for spec, algorithm in _ECDSA.items()
    },
    **{
        f"{_KMS}test_fail_verify_digest_message_type_ECDSA[{spec}-{algorithm}]": (
            NOT_VALID if algorithm.endswith("256") else DIGEST
        )
        for spec, algorithm in _ECDSA.items()
    },
    **{
        f"{_KMS}test_invalid_signing_algorithm_for_key_spec_type_ECDSA"
        f"[{case}-valid_signing_algorithms{number}]": WRONG_ALGORITHM
        for number, case in enumerate(
            (
                "ECC_NIST_P256-ECDSA_SHA_384",
                "ECC_SECG_P256K1-ECDSA_SHA_512",
                "ECC_NIST_P384-ECDSA_SHA_256",
                "ECC_NIST_P521-ECDSA_SHA_384",
            )
        )
    },
    **{
        f"tests/test_kms/test_kms_grants.py::test_{name}": NO_OPERATION
        for name in (
            "create_grant",
            "list_grants",
            "list_retirable_grants",
            "revoke_grant",
            "retire_grant_by_token",
            "retire_grant_by_grant_id",
        )
    },
    f"{_MAC}test_generate_mac": ARN,
    f"{_MAC}test_generate_mac_supports_aliases_for_hmac_keys": ARN,
    f"{_MAC}test_verify_mac": ARN,
    f"{_MAC}test_generate_fails_for_invalid_key_usage": NO_SUCH_USAGE,
    f"{_MAC}test_generate_fails_for_invalid_key_spec": NO_SUCH_USAGE,
    f"{_KMS}test_tag_resource": PENDING_DELETION,
    f"{_KMS}test_list_resource_tags": PENDING_DELETION,
    f"{_KMS}test_list_resource_tags_with_arn": PENDING_DELETION,
    f"{_KMS}test_schedule_key_deletion": WAITED_LONG_ENOUGH,
    f"{_KMS}test_schedule_key_deletion_custom": WAITED_LONG_ENOUGH,
}
