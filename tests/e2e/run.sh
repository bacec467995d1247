#!/usr/bin/env bash
# run.sh PRISM SAMPLE.docx [PATTERN…]: drives the page of this program in Chromium; only the cases whose names have one of the patterns. Prints TAP.
# Installs the packages of package-lock.json when they are not there. Without Chromium or node it says so and skips.
set -euo pipefail
prism=$(realpath "$1")
sample=$(realpath "$2")
shift 2
cd "$(dirname "$0")"
for tool in node npm chromium; do
    command -v "$tool" >/dev/null || {
        echo "1..0 # SKIP $tool is not installed (make deps)"
        exit 0
    }
done
../../tools/npm_install.sh .
../../tools/npm_install.sh ../peers || true # without them, the cases with a model say that they are skipped
exec node main.mjs "$prism" "$sample" "$@"
