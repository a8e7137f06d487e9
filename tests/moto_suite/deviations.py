"""The tests of moto that cannot pass with mock_cks, each with its reason.

Each is expected to fail: one that passes, or that no longer exists, fails the suite, so the table
stays true. A key is a pytest id as the suite prints it.
"""

NO_SUCH_RESOURCE = "tags 'cluster-1234', which is not a cluster ID that AWS accepts"
NO_SUCH_KEY = "gives a trail the KMS key 'kki', which is none: KmsKeyNotFoundException (G13)"
NO_SUCH_SUBNET = "creates a cluster in subnets that EC2 does not know"
PENDING_DELETION = "tags a key that is pending deletion, which the key state table forbids"
WAITED_LONG_ENOUGH = "schedules a deletion in 2015 and looks for the key today: it is gone (O1)"

_CLOUDHSM = "tests/test_cloudhsmv2/test_cloudhsmv2.py::"
_CLOUDTRAIL = "tests/test_cloudtrail/test_cloudtrail.py::"
_CLOUDTRAIL_TAGS = "tests/test_cloudtrail/test_cloudtrail_tags.py::"
_CORE = "tests/test_core/"
_KMS = "tests/test_kms/test_kms.py::"

DEVIATIONS: dict[str, str] = {
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
    f"{_CLOUDTRAIL}test_create_trail_advanced": NO_SUCH_KEY,
    f"{_CLOUDTRAIL}test_describe_trails_with_shadowtrails_false": NO_SUCH_KEY,
    f"{_CLOUDTRAIL}test_describe_trails_with_shadowtrails_true": NO_SUCH_KEY,
    f"{_CLOUDTRAIL}test_describe_trails_without_shadowtrails": NO_SUCH_KEY,
    f"{_CLOUDTRAIL}test_get_trail_status_multi_region_not_from_the_home_region": NO_SUCH_KEY,
    f"{_CLOUDTRAIL}test_list_trails_different_home_region_one_multiregion": NO_SUCH_KEY,
    f"{_CLOUDTRAIL}test_update_trail_full": NO_SUCH_KEY,
    f"{_CLOUDTRAIL_TAGS}test_create_trail_with_tags_and_list_tags": NO_SUCH_KEY,
    f"{_CLOUDTRAIL_TAGS}test_remove_tags": NO_SUCH_KEY,
    f"{_CORE}test_decorator_calls.py::test_context_decorator_exposes_bare_essentials[mock_aws]": (
        "`with mock_cks()` gives the handle, not the mock"
    ),
    f"{_KMS}test_tag_resource": PENDING_DELETION,
    f"{_KMS}test_list_resource_tags": PENDING_DELETION,
    f"{_KMS}test_list_resource_tags_with_arn": PENDING_DELETION,
    f"{_KMS}test_schedule_key_deletion": WAITED_LONG_ENOUGH,
    f"{_KMS}test_schedule_key_deletion_custom": WAITED_LONG_ENOUGH,
}
