"""The tests of moto that cannot pass with mock_cks, each with its reason.

What a reason says was recorded is the ID of a row in tests/kms/recorded.

Each is expected to fail: one that passes, or that no longer exists, fails the suite, so the table
stays true. A key is a pytest id as the suite prints it.
"""

NO_SUCH_RESOURCE = "tags 'cluster-1234', which is not a cluster ID that AWS accepts"
NO_SUCH_SUBNET = "creates a cluster in subnets that EC2 does not know"
PENDING_DELETION = "tags a key that is pending deletion, which the key state table forbids"
NO_POLICY = "gives a key the policy 'my policy', which is none: MalformedPolicyDocumentException"
LOCKED_OUT = "locks itself out of a key by its policy (recorded: put-policy-that-locks-out)"
ALIAS_DATES = "aliases have dates (recorded: list-aliases-of-a-key)"
PREFIX = "says what is said of the prefix (recorded: create-alias-without-prefix)"
RESERVED = "expects an empty message, which nobody recorded"
QUOTED = "quotes the key ID that it finds invalid (recorded: describe-invalid-fake-key-id)"
OTHER_ACCOUNT = "names keys of account 012345678912, which are none of the caller's (G4)"
DIGEST = (
    "a digest is signed as it is, and has the length of the algorithm's (recorded: "
    "sign-wrong-digest-…, verify-the-message-by-the-signature-of-its-digest-…)"
)
USAGE = "answers InvalidKeyUsageException (recorded: sign-with-an-encrypting-key, G2)"
MODEL_WORDS = "says what AWS says of a value that the service model does not have"
ONE_VIOLATION = "is told of a value that is too short in AWS's words"
KEY_ARN = "is answered the key ID; AWS gives the key ARN (recorded: cancel-deletion)"
OTHER_KEY = "another key is an IncorrectKeyException (G3)"
NO_TOKEN = "has grant tokens that are none: InvalidGrantTokenException"
WRONG_SIGNATURE = (
    "a wrong signature is a KMSInvalidSignatureException (recorded: verify-another-s-signature-…)"
)
NO_SUCH_KEY = "makes a key of a usage that its key spec does not have"
NO_MARKER = "is answered NextMarker: null (recorded: ListKeys-last-page has none)"
WAITED_LONG_ENOUGH = "schedules a deletion in 2015 and looks for the key today: it is gone (O1)"

_CLOUDHSM = "tests/test_cloudhsmv2/test_cloudhsmv2.py::"
_CORE = "tests/test_core/"
_KMS = "tests/test_kms/test_kms.py::"
_ALL_OF_KMS = "tests/test_kms/"

_OF_KMS: dict[str, tuple[str, ...]] = {
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
        "test_kms.py::test_put_key_policy_using_alias_shouldnt_work",
        "test_kms_cloudformation.py::test_alias_create_and_delete",
        "test_kms_cloudformation.py::test_alias_create_and_update_with_arn",
        "test_kms_grants.py::test_create_grant",
        "test_kms_grants.py::test_list_grants",
        "test_kms_grants.py::test_list_retirable_grants",
        "test_kms_grants.py::test_revoke_grant",
        "test_kms_grants.py::test_revoke_grant_raises_when_grant_does_not_exist",
        "test_kms_grants.py::test_retire_grant_by_token",
        "test_kms_grants.py::test_retire_grant_by_grant_id",
        "test_kms_key_rotation.py::test_rotate_key_on_demand_with_existing_key",
        "test_kms_key_rotation.py::test_list_key_rotations_are_empty_on_new_key",
        "test_kms_key_rotation.py::test_list_key_rotations_returns_one_rotation",
        "test_kms_key_rotation.py::test_list_key_rotations_returns_truncated_and_next_marker",
        "test_kms_key_rotation.py::test_list_key_rotations_pagination",
        "test_kms_mac.py::test_generate_mac",
        "test_kms_mac.py::test_generate_mac_supports_aliases_for_hmac_keys",
        "test_kms_mac.py::test_verify_mac",
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
    MODEL_WORDS: (
        "test_kms.py::test_create_key_with_invalid_key_spec",
        "test_kms.py::test_sign_invalid_signing_algorithm",
        "test_kms.py::test_verify_invalid_signing_algorithm",
    ),
    ALIAS_DATES: (
        "test_kms.py::test__create_alias__can_create_multiple_aliases_for_same_key_id",
        "test_kms.py::test_list_aliases_for_key_id",
        "test_kms.py::test_list_aliases_for_key_arn",
    ),
    QUOTED: (
        "test_kms.py::test_enable_key_rotation_with_alias_name_should_fail",
        "test_kms.py::test_unknown_tag_methods",
    ),
    KEY_ARN: ("test_kms.py::test_cancel_key_deletion",),
    OTHER_KEY: ("test_kms.py::test_decrypt_validates_key_id",),
    OTHER_ACCOUNT: (
        "test_kms.py::test_generate_data_key_all_valid_key_ids"
        "[arn:aws:kms:us-east-1:012345678912:alias/DoesExist-False]",
        "test_kms.py::test_generate_data_key_all_valid_key_ids"
        "[arn:aws:kms:us-east-1:012345678912:key/-True]",
    ),
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
    DIGEST: (
        "test_kms.py::test_sign_and_verify_digest_message_type_RSA[RSA_2048-RSASSA_PSS_SHA_256]",
        "test_kms.py::test_sign_and_verify_digest_message_type_RSA[RSA_2048-RSASSA_PSS_SHA_384]",
        "test_kms.py::test_sign_and_verify_digest_message_type_RSA[RSA_2048-RSASSA_PSS_SHA_512]",
        "test_kms.py::test_sign_and_verify_digest_message_type_RSA"
        "[RSA_2048-RSASSA_PKCS1_V1_5_SHA_256]",
        "test_kms.py::test_sign_and_verify_digest_message_type_RSA"
        "[RSA_2048-RSASSA_PKCS1_V1_5_SHA_384]",
        "test_kms.py::test_sign_and_verify_digest_message_type_RSA"
        "[RSA_2048-RSASSA_PKCS1_V1_5_SHA_512]",
        "test_kms.py::test_sign_and_verify_digest_message_type_RSA[RSA_3072-RSASSA_PSS_SHA_256]",
        "test_kms.py::test_sign_and_verify_digest_message_type_RSA[RSA_3072-RSASSA_PSS_SHA_384]",
        "test_kms.py::test_sign_and_verify_digest_message_type_RSA[RSA_3072-RSASSA_PSS_SHA_512]",
        "test_kms.py::test_sign_and_verify_digest_message_type_RSA"
        "[RSA_3072-RSASSA_PKCS1_V1_5_SHA_256]",
        "test_kms.py::test_sign_and_verify_digest_message_type_RSA"
        "[RSA_3072-RSASSA_PKCS1_V1_5_SHA_384]",
        "test_kms.py::test_sign_and_verify_digest_message_type_RSA"
        "[RSA_3072-RSASSA_PKCS1_V1_5_SHA_512]",
        "test_kms.py::test_sign_and_verify_digest_message_type_RSA[RSA_4096-RSASSA_PSS_SHA_256]",
        "test_kms.py::test_sign_and_verify_digest_message_type_RSA[RSA_4096-RSASSA_PSS_SHA_384]",
        "test_kms.py::test_sign_and_verify_digest_message_type_RSA[RSA_4096-RSASSA_PSS_SHA_512]",
        "test_kms.py::test_sign_and_verify_digest_message_type_RSA"
        "[RSA_4096-RSASSA_PKCS1_V1_5_SHA_256]",
        "test_kms.py::test_sign_and_verify_digest_message_type_RSA"
        "[RSA_4096-RSASSA_PKCS1_V1_5_SHA_384]",
        "test_kms.py::test_sign_and_verify_digest_message_type_RSA"
        "[RSA_4096-RSASSA_PKCS1_V1_5_SHA_512]",
        "test_kms.py::test_fail_verify_digest_message_type_RSA"
        "[RSASSA_PSS_SHA_256-RSASSA_PSS_SHA_384]",
        "test_kms.py::test_fail_verify_digest_message_type_RSA"
        "[RSASSA_PSS_SHA_256-RSASSA_PSS_SHA_512]",
        "test_kms.py::test_fail_verify_digest_message_type_RSA"
        "[RSASSA_PSS_SHA_384-RSASSA_PSS_SHA_512]",
        "test_kms.py::test_sign_and_verify_digest_message_type_ECDSA[ECC_NIST_P256-ECDSA_SHA_256]",
        "test_kms.py::test_sign_and_verify_digest_message_type_ECDSA"
        "[ECC_SECG_P256K1-ECDSA_SHA_256]",
        "test_kms.py::test_sign_and_verify_digest_message_type_ECDSA[ECC_NIST_P384-ECDSA_SHA_384]",
        "test_kms.py::test_sign_and_verify_digest_message_type_ECDSA[ECC_NIST_P521-ECDSA_SHA_512]",
        "test_kms.py::test_fail_verify_digest_message_type_ECDSA[ECC_NIST_P256-ECDSA_SHA_256]",
        "test_kms.py::test_fail_verify_digest_message_type_ECDSA[ECC_SECG_P256K1-ECDSA_SHA_256]",
        "test_kms.py::test_fail_verify_digest_message_type_ECDSA[ECC_NIST_P384-ECDSA_SHA_384]",
        "test_kms.py::test_fail_verify_digest_message_type_ECDSA[ECC_NIST_P521-ECDSA_SHA_512]",
    ),
    USAGE: (
        "test_kms.py::test_invalid_signing_algorithm_for_key_spec_type_ECDSA"
        "[ECC_NIST_P256-ECDSA_SHA_384-valid_signing_algorithms0]",
        "test_kms.py::test_invalid_signing_algorithm_for_key_spec_type_ECDSA"
        "[ECC_SECG_P256K1-ECDSA_SHA_512-valid_signing_algorithms1]",
        "test_kms.py::test_invalid_signing_algorithm_for_key_spec_type_ECDSA"
        "[ECC_NIST_P384-ECDSA_SHA_256-valid_signing_algorithms2]",
        "test_kms.py::test_invalid_signing_algorithm_for_key_spec_type_ECDSA"
        "[ECC_NIST_P521-ECDSA_SHA_384-valid_signing_algorithms3]",
        "test_kms.py::test_sign_invalid_key_usage",
    ),
    ONE_VIOLATION: (
        "test_kms.py::test_sign_invalid_message",
        "test_kms.py::test_verify_invalid_message",
        "test_kms.py::test_verify_empty_signature",
    ),
    WRONG_SIGNATURE: ("test_kms.py::test_verify_happy_with_invalid_signature",),
    NO_SUCH_KEY: (
        "test_kms_mac.py::test_generate_fails_for_invalid_key_usage",
        "test_kms_mac.py::test_generate_fails_for_invalid_key_spec",
    ),
    NO_MARKER: ("test_server.py::test_list_keys",),
}
"""Tests of KMS, by the reason why they cannot pass."""

DEVIATIONS: dict[str, str] = {
    **{f"{_ALL_OF_KMS}{name}": reason for reason, names in _OF_KMS.items() for name in names},
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
    f"{_CORE}test_decorator_calls.py::test_context_decorator_exposes_bare_essentials[mock_aws]": (
        "`with mock_cks()` gives the handle, not the mock"
    ),
    f"{_KMS}test_tag_resource": PENDING_DELETION,
    f"{_KMS}test_list_resource_tags": PENDING_DELETION,
    f"{_KMS}test_list_resource_tags_with_arn": PENDING_DELETION,
    f"{_KMS}test_schedule_key_deletion": WAITED_LONG_ENOUGH,
    f"{_KMS}test_schedule_key_deletion_custom": WAITED_LONG_ENOUGH,
}
