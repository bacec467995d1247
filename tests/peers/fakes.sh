#!/usr/bin/env bash
# The fakes of the model providers against the providers' own clients (test_fakes.mjs).
set -euo pipefail
cd "$(dirname "$0")"
. ./packages.sh
# The SDK tells of node versions to come, on every start.
NODE_NO_WARNINGS=1 node test_fakes.mjs
