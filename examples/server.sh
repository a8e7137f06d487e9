# Starts moto-cks-server for the scripts here, and stops it when they end. To be sourced.
#
# After it AWS_ENDPOINT_URL leads the AWS CLI to the server, and MOTO_CKS_ENDPOINT the HSMs' tools.

require() {
    for program in "$@"; do
        command -v "$program" >/dev/null || { echo "This example needs $program." >&2; exit 1; }
    done
}

# control METHOD PATH [JSON]: what no AWS API can do; see docs/server.md.
control() {
    curl -sS --fail-with-body -X "$1" "$MOTO_CKS_ENDPOINT/moto-api/cks$2" ${3:+-d "$3"}
}

# field NAME: a member of the JSON object on the standard input.
field() {
    python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

# expect_in TEXT: passes the standard input through; the script fails where TEXT is not in it.
expect_in() {
    local seen
    seen=$(cat)
    printf '%s\n' "$seen"
    [[ $seen == *"$1"* ]] || { echo "Not in the output: $1" >&2; return 1; }
}

require moto-cks-server curl
scratch=$(mktemp -d)
moto-cks-server -p 0 >"$scratch/server.log" 2>&1 &
server=$!
trap 'kill $server; wait $server || true; rm -rf "$scratch"' EXIT
until MOTO_CKS_ENDPOINT=$(grep -o -m 1 'http://[0-9.:]*' "$scratch/server.log"); do
    kill -0 $server || { cat "$scratch/server.log"; exit 1; }
    sleep 0.1
done
export MOTO_CKS_ENDPOINT AWS_ENDPOINT_URL=$MOTO_CKS_ENDPOINT
export AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing AWS_REGION=us-east-1
export AWS_DEFAULT_REGION=us-east-1 AWS_PAGER= AWS_EC2_METADATA_DISABLED=true
