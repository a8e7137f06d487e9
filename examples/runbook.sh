#!/usr/bin/env bash
# The commands of "Troubleshooting a custom key store" (AWS KMS Developer Guide), typed as they stand
# there: the AWS CLI and cloudhsm-cli, against a server that this script starts. One section is typed
# once more with cloudhsm_mgmt_util and key_mgmt_util, for runbooks that are older.
#
#     pip install '.[server]' awscli && bash examples/runbook.sh
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/server.sh"
require aws cloudhsm-cli cloudhsm_mgmt_util key_mgmt_util

section() { printf '\n== %s\n' "$*"; }
# What the tools read is what somebody would type.
cli() { cloudhsm-cli interactive; }
mgmt() { cloudhsm_mgmt_util /opt/cloudhsm/etc/cloudhsm_mgmt_util.cfg; }
state() { aws kms describe-custom-key-stores --custom-key-store-name ExampleKeyStore; }

store=$(control POST /key-stores '{"name": "ExampleKeyStore"}')
id=$(field id <<<"$store")
cluster=$(field cluster_id <<<"$store")
admin=$(control GET "/clusters/$cluster/admin-password" | field admin_password)
key=$(aws kms create-key --origin AWS_CLOUDHSM --custom-key-store-id "$id" \
    --query KeyMetadata.KeyId --output text)
printf secret >"$scratch/plaintext"
aws kms encrypt --key-id "$key" --plaintext "fileb://$scratch/plaintext" \
    --query CiphertextBlob --output text | base64 -d >"$scratch/ciphertext"
decrypt() {
    aws kms decrypt --ciphertext-blob "fileb://$scratch/ciphertext" --query Plaintext --output text \
        | base64 -d
}

set_password() {
    cli <<END
login --username admin --role admin
$admin
user change-password --username kmsuser --role crypto-user
tempPassword
tempPassword
logout
quit
END
}

fails() { ! "$@" 2>&1; }

section 'How to disconnect and log in'
aws kms disconnect-custom-key-store --custom-key-store-id "$id"
fails decrypt | expect_in 'is unavailable.'
set_password | expect_in '"username": "kmsuser"'

section 'How to fix invalid kmsuser credentials'
aws kms connect-custom-key-store --custom-key-store-id "$id"
state | expect_in '"ConnectionErrorCode": "INVALID_CREDENTIALS"'
aws kms disconnect-custom-key-store --custom-key-store-id "$id"

section 'USER_LOCKED_OUT'
for attempt in 1 2 3 4 5; do
    printf '%s\n' 'login --username kmsuser --role crypto-user' "wrongPassword$attempt"
done | cli
aws kms connect-custom-key-store --custom-key-store-id "$id"
state | expect_in '"ConnectionErrorCode": "USER_LOCKED_OUT"'
aws kms disconnect-custom-key-store --custom-key-store-id "$id"
set_password

section 'How to log out and reconnect'
cli <<END | expect_in '"data": "Logout successful"'
login --username kmsuser --role crypto-user
tempPassword
logout
quit
END
aws kms update-custom-key-store --custom-key-store-id "$id" --key-store-password tempPassword
aws kms connect-custom-key-store --custom-key-store-id "$id"
state | expect_in '"ConnectionState": "CONNECTED"'
decrypt | expect_in secret

section 'How to delete orphaned key material'
aws kms schedule-key-deletion --key-id "$key" --pending-window-in-days 7
aws kms disconnect-custom-key-store --custom-key-store-id "$id"
control POST /clock/advance '{"days": 7}'
aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=DeleteKey \
    --query 'Events[0].CloudTrailEvent' --output text | tee "$scratch/event" \
    | expect_in '\"deletionStatus\":\"FAILURE\"'
backing_key_id=$(python3 - "$scratch/event" <<'END'
import json, sys
data = json.load(open(sys.argv[1]))["additionalEventData"]
print(json.loads(data["backingKeysDeletionStatus"])[0]["backingKeyId"])
END
)
set_password
id_hex=$(printf %s "$backing_key_id" | od -An -v -tx1 | tr -d ' \n') # what xxd -p prints
cli <<END | expect_in 'Key deleted successfully'
login --username kmsuser --role crypto-user
tempPassword
key delete --filter attr.id=0x$id_hex
logout
quit
END

section 'How to recover deleted key material for a KMS key'
aws kms update-custom-key-store --custom-key-store-id "$id" --key-store-password tempPassword
aws kms connect-custom-key-store --custom-key-store-id "$id"
key=$(aws kms create-key --origin AWS_CLOUDHSM --custom-key-store-id "$id" \
    --query KeyMetadata.KeyId --output text)
aws kms encrypt --key-id "$key" --plaintext "fileb://$scratch/plaintext" \
    --query CiphertextBlob --output text | base64 -d >"$scratch/ciphertext"
control POST /clock/advance '{"days": 1}' # the daily backup
handle=$(control GET "/clusters/$cluster" | python3 -c 'import json, sys
print(json.load(sys.stdin)["hsms"][0]["keys"][-1]["handle"])')
control DELETE "/clusters/$cluster/keys/$handle"
fails decrypt | expect_in KMSInvalidStateException
aws cloudhsmv2 describe-backups --filters "clusterIds=$cluster"
backup=$(aws cloudhsmv2 describe-backups --filters "clusterIds=$cluster" \
    --query 'sort_by(Backups, &CreateTimestamp)[-1].BackupId' --output text)
read -ra subnets < <(aws cloudhsmv2 describe-clusters --filters "clusterIds=$cluster" \
    --query 'Clusters[0].SubnetMapping.*' --output text)
copy=$(aws cloudhsmv2 create-cluster --hsm-type hsm2m.medium --mode FIPS --subnet-ids "${subnets[@]}" \
    --source-backup-id "$backup" --query Cluster.ClusterId --output text)
read -ra zones < <(aws cloudhsmv2 describe-clusters --filters "clusterIds=$copy" \
    --query 'keys(Clusters[0].SubnetMapping)' --output text)
aws cloudhsmv2 create-hsm --cluster-id "$copy" --availability-zone "${zones[0]}"
aws cloudhsmv2 create-hsm --cluster-id "$copy" --availability-zone "${zones[1]}"
aws kms disconnect-custom-key-store --custom-key-store-id "$id"
aws kms update-custom-key-store --custom-key-store-id "$id" --cloud-hsm-cluster-id "$copy"
aws kms connect-custom-key-store --custom-key-store-id "$id"
state | expect_in '"ConnectionState": "CONNECTED"'
decrypt | expect_in secret

section 'How to fix invalid kmsuser credentials, with the tools of Client SDK 3'
aws kms disconnect-custom-key-store --custom-key-store-id "$id"
export MOTO_CKS_CLUSTER=$copy
mgmt <<END | expect_in 'Changing password for kmsuser(CU) on 2 nodes'
loginHSM CO admin $admin
changePswd CU kmsuser tempPassword
y
logoutHSM
quit
END
key_mgmt_util <<END | expect_in 'Cfm3LogoutHSM returned: 0x00 : HSM Return: SUCCESS'
loginHSM -u CU -s kmsuser -p tempPassword
logoutHSM
exit
END
aws kms update-custom-key-store --custom-key-store-id "$id" --key-store-password tempPassword
aws kms connect-custom-key-store --custom-key-store-id "$id"
state | expect_in '"ConnectionState": "CONNECTED"'
decrypt | expect_in secret
echo 'The runbook holds.'
