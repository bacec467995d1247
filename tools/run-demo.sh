#!/usr/bin/env bash
# Serves with a model that is none: a fake of tests/peers that knows four patterns and one sentence (tests/peers/demo.json), to see how a review by a model
# and a talk look without an account. It calls itself "demo" wherever the page names a model. Settings of models in the environment are not read.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/npm_install.sh tests/peers
cp build/release/tools/report.docx build/demo.docx

# A fake ends when its standard input does: it is the other end of this pipe.
rm -f build/demo.port
exec 3> >(exec node tests/peers/fake_openai.mjs "$(cat tests/peers/demo.json)" >build/demo.port)
for _ in $(seq 100); do
    [ -s build/demo.port ] && break
    sleep 0.1
done
port=$(head -n 1 build/demo.port)
[ -n "$port" ] || {
    echo "run-demo.sh: the fake model did not start" >&2
    exit 1
}

cat <<END
This is a demo: the model "demo" is no language model. It is a fake that looks for four patterns and answers every question with one text.
A document to try it on: $PWD/build/demo.docx
END
unset BEDROCK_MODEL_ID AWS_BEARER_TOKEN_BEDROCK ANTHROPIC_API_KEY PRISM_OPENAI_KEY PRISM_FALLBACK_MODELS
PRISM_DATA=$PWD/build/demo PRISM_MODEL_PROVIDER=openai PRISM_OPENAI_URL=http://127.0.0.1:$port/v1 PRISM_OPENAI_MODEL=demo exec build/prism serve
