#!/usr/bin/env bash
# run.sh [doc|serve|models [ARGUMENT…]]: our times beside the peers', in one run. doc: documents beside python-docx (bench.py); serve: the server beside
# nginx (serve.py); models: many reviews by a model at once (models.py); without a word all, one after the other. Arguments go to that program (doc --times N, serve --people N).
set -euo pipefail
cd "$(dirname "$0")/.."

which=${1:-all}
[ $# -eq 0 ] || shift
tools/setup.sh release
ninja -C build/release --quiet bench/bench_doc src/prism tools/report.docx

case $which in
doc) exec python3 bench/bench.py "$@" ;;
serve) exec python3 bench/serve.py "$@" ;;
models) exec python3 bench/models.py "$@" ;;
all)
    status=0
    python3 bench/bench.py || status=1
    echo
    python3 bench/serve.py || status=1
    echo
    python3 bench/models.py || status=1
    exit $status
    ;;
*)
    echo "run.sh: no bench \"$which\" (doc, serve, models)" >&2
    exit 2
    ;;
esac
