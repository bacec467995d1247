#!/usr/bin/env bash
# screenshots.sh PRISM SAMPLE.docx FOLDER: pictures of every screen of the page; they are made anew, never kept in the repository.
set -euo pipefail
prism=$(realpath "$1")
sample=$(realpath "$2")
mkdir -p "$3"
folder=$(realpath "$3")
cd "$(dirname "$0")"
../../tools/npm_install.sh .
node screenshots.mjs "$prism" "$sample" "$folder"
echo "The pictures are in $folder"
