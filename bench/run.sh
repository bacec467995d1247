#!/usr/bin/env bash
# run.sh [doc|serve|models|people|capacity [ARGUMENT…]]: our times beside the peers', in one run. doc: documents beside python-docx (bench.py); serve: the
# server beside nginx (serve.py); models: many reviews by a model at once (models.py); people: 500 people at work and 10,000 idle connections beside gunicorn,
# gevent and Flask (people.py); capacity: what each thing costs, and how many instances so many people need (capacity/capacity.py); without a word all,
# one after the other. Arguments go to that program (doc --times N, serve --people N).
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
people) exec python3 bench/people.py "$@" ;;
capacity) exec python3 bench/capacity/capacity.py "$@" ;;
all)
    status=0
    python3 bench/bench.py || status=1
    echo
    python3 bench/serve.py || status=1
    echo
    python3 bench/models.py || status=1
    echo
    python3 bench/people.py || status=1
    echo
    python3 bench/capacity/capacity.py || status=1
    exit $status
    ;;
*)
    echo "run.sh: no bench \"$which\" (doc, serve, models, people, capacity)" >&2
    exit 2
    ;;
esac
