#!/bin/sh
# After the new version has taken over: a deployment is done when the program answers through nginx, with store and files in use.
# For rehearsals: PROXY_URL (http://localhost).
set -eu
say() { echo "prism: $1" >&2; exit 1; }
url=${PROXY_URL:-http://localhost}

# first until the program takes connections: what nginx tries before that stands in its log as an error
if [ -n "${PORT:-}" ] && [ ! -f Dockerfile ]; then
    tries=300
    until curl -s -m 5 -o /dev/null "http://127.0.0.1:$PORT/health" || [ $? -ne 7 ] || [ "$tries" -le 0 ]; do
        tries=$((tries - 1))
        sleep 0.2
    done
fi

tries=60
until curl -fsS -m 5 -o /dev/null "$url/ready" 2>/dev/null; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || say "$url/ready did not answer 200 within a minute: $(curl -sS -m 5 "$url/ready" 2>&1 | head -c 500 || true) (web.stdout.log and nginx/error.log tell more)"
    sleep 1
done
curl -fsS -m 5 "$url/health" | grep -q '"status":"healthy"' || say "$url/health does not answer as the load balancer expects"
