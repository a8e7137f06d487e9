#!/usr/bin/env bash
# An external key store proxy is asked as AWS KMS would ask it, by curl: for its health, for a key, to encrypt and to
# decrypt. Then the signature is wrong.
#
#     pip install '.[server]' && bash examples/xks_proxy.sh
set -euo pipefail
for program in moto-cks-xks-proxy curl python3; do
    command -v "$program" >/dev/null || { echo "This example needs $program." >&2; exit 1; }
done

scratch=$(mktemp -d)
moto-cks-xks-proxy --port 0 >"$scratch/said" &
proxy=$!
trap 'kill $proxy; wait $proxy || true; rm -rf "$scratch"' EXIT
until grep -q '^Log: ' "$scratch/said"; do
    kill -0 $proxy
    sleep 0.1
done
url=$(head -n 1 "$scratch/said")
ca=$(sed -n 's/^CA: //p' "$scratch/said")
file=$(sed -n 's/^Configuration file for the console: //p' "$scratch/said")
echo "The proxy is at $url"

# member NAME …: what is at the end of a path through the JSON on the standard input.
member() {
    python3 -c 'import functools, json, sys
print(functools.reduce(lambda value, name: value[name], sys.argv[1:], json.load(sys.stdin)))' "$@"
}
id=$(member XksProxyAuthenticationCredential AccessKeyId <"$file")
secret=$(member XksProxyAuthenticationCredential RawSecretAccessKey <"$file")

metadata='"requestMetadata": {"awsPrincipalArn": "arn:aws:iam::123456789012:user/Alice",
    "kmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "kmsOperation": "Encrypt", "kmsRequestId": "4112f4d6-db54-4af4-ae30-c55a22a8dfae"}'

# ask PATH MEMBERS: sends a signed request. The secret is not among the arguments, which others can see.
ask() {
    curl -sS --noproxy '*' --cacert "$ca" --aws-sigv4 aws:amz:us-east-1:kms-xks-proxy --config - \
        -H 'Content-Type: application/json' --data "{$metadata$2}" "$url$1" <<<"user = \"$id:$secret\""
}

ask /health ''; echo
ask /keys/external-key-1/metadata ''; echo
encrypted=$(ask /keys/external-key-1/encrypt ', "plaintext": "SGVsbG8gV29ybGQh", "encryptionAlgorithm": "AES_GCM"')
echo "$encrypted"
decrypted=$(ask /keys/external-key-1/decrypt ', "encryptionAlgorithm": "AES_GCM", '"${encrypted:1:-1}")
echo "$decrypted"
[[ $(member plaintext <<<"$decrypted") == SGVsbG8gV29ybGQh ]]

secret=$(printf '%043d' 0)  # another one
refused=$(ask /health '')
echo "$refused"
[[ $(member errorName <<<"$refused") == AuthenticationFailedException ]]
echo "In the proxy's log: $(tail -n 1 "$(sed -n 's/^Log: //p' "$scratch/said")")"
