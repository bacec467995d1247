#!/usr/bin/env bash
# Our times beside the peer's, in one run: bench.py with the programs it needs. Arguments go to bench.py (--times N).
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh release
ninja -C build/release --quiet bench/bench_doc src/prism
exec python3 bench/bench.py "$@"
