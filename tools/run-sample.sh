#!/usr/bin/env bash
# Reviews the sample report that the build makes from samples/report, prints the findings, and says where the results lie.
set -euo pipefail
cd "$(dirname "$0")/.."

out=build/sample
mkdir -p "$out"
cp build/release/tools/report.docx "$out/report.docx"

# 1 means "findings": what a sample is for
review() { build/prism review "$@" || [ $? -eq 1 ]; }
review "$out/report.docx" -o "$out/reviewed.docx" --summary
review "$out/report.docx" --format html >"$out/report.html"

cat <<EOF

The report as it was written:    $out/report.docx
Reviewed, with Word comments:    $out/reviewed.docx
The findings as one HTML page:   $out/report.html
EOF
