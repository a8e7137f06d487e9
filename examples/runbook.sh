#!/usr/bin/env bash
# The commands of "Troubleshooting a custom key store" (AWS KMS Developer Guide), typed as they stand
# there: the AWS CLI, cloudhsm_mgmt_util and key_mgmt_util, against a server that this script starts.
#
#     pip install '.[server]' awscli && bash examples/runbook.sh
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/server.sh"
require aws cloudhsm_mgmt_util key_mgmt_util

section() { printf '\n== %s\n' "$*"; }
# What cloudhsm_mgmt_util and key_mgmt_util read is what somebody would type.
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

fails() { ! "$@" 2>&1; }

section 'How to disconnect and log in'
aws kms disconnect-custom-key-store --custom-key-store-id "$id"
fails decrypt | expect_in 'is unavailable.'
mgmt <<END | expect_in 'Changing password for kmsuser(CU) on 2 nodes'
loginHSM CO admin $admin
changePswd CU kmsuser tempPassword
y
logoutHSM
quit
END

section 'How to fix invalid kmsuser credentials'
aws kms connect-custom-key-store --custom-key-store-id "$id"
state | expect_in '"ConnectionErrorCode": "INVALID_CREDENTIALS"'
aws kms disconnect-custom-key-store --custom-key-store-id "$id"

section 'USER_LOCKED_OUT'
for attempt in 1 2 3 4 5; do echo "loginHSM CU kmsuser wrongPassword$attempt"; done | mgmt
aws kms connect-custom-key-store --custom-key-store-id "$id"
state | expect_in '"ConnectionErrorCode": "USER_LOCKED_OUT"'
aws kms disconnect-custom-key-store --custom-key-store-id "$id"
printf '%s\n' "loginHSM CO admin $admin" 'changePswd CU kmsuser tempPassword' y quit | mgmt

section 'How to log out and reconnect'
key_mgmt_util <<END | expect_in 'Cfm3LogoutHSM returned: 0x00 : HSM Return: SUCCESS'
loginHSM -u CU -s kmsuser -p tempPassword
logoutHSM
exit
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
handle=$(python3 - "$scratch/event" <<'END'
import json, sys
data = json.load(open(sys.argv[1]))["additionalEventData"]
print(json.loads(data["backingKeysDeletionStatus"])[0]["keyHandle"])
END
)
printf '%s\n' "loginHSM CO admin $admin" 'changePswd CU kmsuser tempPassword' y quit | mgmt
key_mgmt_util <<END | expect_in 'Cfm3DeleteKey returned: 0x00 : HSM Return: SUCCESS'
loginHSM -u CU -s kmsuser -p tempPassword
deleteKey -k $handle
logoutHSM
exit
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
echo 'The runbook holds.'
