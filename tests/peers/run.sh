#!/usr/bin/env bash
# run.sh PRISM DOCX…: other people's programs judge what prism writes of these documents: ajv the JSON and the frameworks by our published schemas and the SARIF by its
# own, OpenAPI's schema the description of the interface, axe-core in Chromium the HTML report. Installs the packages of package-lock.json when they are not there.
set -euo pipefail
prism=$(realpath "$1")
shift
docs=()
for doc in "$@"; do docs+=("$(realpath "$doc")"); done
cd "$(dirname "$0")"
. ./packages.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# 1: there are findings
review() { "$prism" review --format "$1" "${@:3}" >"$2" || [ $? -eq 1 ]; }
review json "$work/review.json" "${docs[@]}"
review sarif "$work/review.sarif" "${docs[@]}"
review html "$work/review.html" "${docs[0]}"

status=0
node schema.mjs reviews "$work/review.json" || status=1
node schema.mjs sarif "$work/review.sarif" || status=1
node schema.mjs framework ../../frameworks/general.json ../../frameworks/hawkeye.json || status=1
node openapi.mjs ../../docs/openapi.yaml || status=1
if command -v chromium >/dev/null; then
    node axe.mjs "$work/review.html" || status=1
else
    echo "skip axe: chromium is not installed"
fi
exit $status
