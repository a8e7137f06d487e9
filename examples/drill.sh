#!/usr/bin/env bash
# Starts a server and runs examples/node/drill.mjs against it: the AWS SDK for JavaScript v3.
#
#     pip install '.[server]' && bash examples/drill.sh
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/server.sh"
require node npm
npm install --prefix "$here/node" --no-audit --no-fund --no-package-lock --loglevel error
node "$here/node/drill.mjs"
