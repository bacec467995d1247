#!/usr/bin/env bash
# Reviews the sample report that the build makes from samples/report, prints the findings, and says where the results lie.
set -euo pipefail
cd "$(dirname "$0")/.."

out=$PWD/build/sample
mkdir -p "$out"
cp build/release/tools/report.docx "$out/report.docx"

# 1 means "findings": what a sample is for
review() { build/prism review "$out/report.docx" "$@" || [ $? -eq 1 ]; }
review --summary --track-changes -o "$out/report-reviewed.docx"
review --report "$out/report.html" >/dev/null

cat <<END

The report as it was written:    $out/report.docx
Reviewed, with Word comments:    $out/report-reviewed.docx
The findings as one HTML page:   $out/report.html
END
