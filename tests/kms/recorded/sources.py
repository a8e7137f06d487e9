"""Where the answers were recorded, and where AWS documents them."""

from __future__ import annotations

REVISION = "8b9a79f"


def localstack(test: str, service: str = "kms/test_kms") -> str:
    """An answer of AWS that LocalStack has recorded, by the name of the test."""
    return f"localstack/localstack@{REVISION} tests/aws/services/{service}.snapshot.json {test}"


def localstack_test(test: str) -> str:
    """What a test of LocalStack asserts that was run against AWS, without a recording."""
    return f"localstack/localstack@{REVISION} tests/aws/services/kms/test_kms.py {test}"


def reported(issue: str) -> str:
    """What people report that AWS has answered them: owner/repository#number."""
    repository, number = issue.split("#")
    return f"https://github.com/{repository}/issues/{number}"


def reference(operation: str) -> str:
    """AWS KMS API Reference, as botocore's service model has it."""
    return f"https://docs.aws.amazon.com/kms/latest/APIReference/API_{operation}.html"


def example(operation: str) -> str:
    """The example of an operation in the AWS KMS API Reference (botocore's examples-1.json)."""
    return f"botocore data/kms/2014-11-01/examples-1.json {operation}"


def guide(page: str) -> str:
    """AWS KMS Developer Guide."""
    return f"https://docs.aws.amazon.com/kms/latest/developerguide/{page}.html"


def measured(test: str) -> str:
    """What a test of floci pins that its author has measured against AWS in us-east-1, in 2026."""
    return f"floci-io/floci KmsIntegrationTest.java {test}; floci-io/floci#3025, #3038"
