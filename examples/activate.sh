#!/usr/bin/env bash
# A key store from nothing, as a shell script on AWS would build it: network, cluster, certificate, the
# first officer and kmsuser (by an expect script), key store. Only the CA is not a person's.
#
#     pip install '.[server]' awscli && apt-get install expect && bash examples/activate.sh
#
# The argument is another expect script: activate_client_sdk_3.exp does the same with cloudhsm_mgmt_util.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/server.sh"
require aws expect cloudhsm-cli cloudhsm_mgmt_util

vpc=$(aws ec2 create-vpc --cidr-block 10.0.0.0/16 --query Vpc.VpcId --output text)
subnet() {
    aws ec2 create-subnet --vpc-id "$vpc" --cidr-block "$1" --availability-zone "$2" \
        --query Subnet.SubnetId --output text
}
first=$(subnet 10.0.1.0/24 us-east-1a)
second=$(subnet 10.0.2.0/24 us-east-1b)
cluster=$(aws cloudhsmv2 create-cluster --hsm-type hsm2m.medium --mode FIPS --subnet-ids "$first" "$second" \
    --query Cluster.ClusterId --output text)
aws cloudhsmv2 create-hsm --cluster-id "$cluster" --availability-zone us-east-1a

signed=$(control POST "/clusters/$cluster/sign-csr")
field signed_certificate <<<"$signed" >"$scratch/cluster.crt"
field trust_anchor <<<"$signed" >"$scratch/customerCA.crt"
aws cloudhsmv2 initialize-cluster --cluster-id "$cluster" \
    --signed-cert "file://$scratch/cluster.crt" --trust-anchor "file://$scratch/customerCA.crt"

expect "$here/${1:-activate.exp}" adminPswd1 kmsPswd1
aws cloudhsmv2 describe-clusters --filters "clusterIds=$cluster" --query 'Clusters[0].State' \
    | expect_in ACTIVE
aws cloudhsmv2 create-hsm --cluster-id "$cluster" --availability-zone us-east-1b

id=$(aws kms create-custom-key-store --custom-key-store-name ExampleKeyStore \
    --cloud-hsm-cluster-id "$cluster" --key-store-password kmsPswd1 \
    --trust-anchor-certificate "file://$scratch/customerCA.crt" \
    --query CustomKeyStoreId --output text)
aws kms connect-custom-key-store --custom-key-store-id "$id"
aws kms describe-custom-key-stores --custom-key-store-id "$id" | expect_in '"CONNECTED"'
