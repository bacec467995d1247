#!/usr/bin/env bash
# npm_install.sh FOLDER: installs what FOLDER/package-lock.json names into its node_modules, when it is not there or older; else does nothing.
# Says on stderr why it could not, and ends with a status other than 0.
set -euo pipefail
cd "$1"
command -v node >/dev/null && command -v npm >/dev/null || {
    echo "npm_install.sh: node and npm are missing. \"make deps\" installs them (Debian: nodejs, npm)." >&2
    exit 1
}
exec 9<package-lock.json && flock 9 # tests that run beside each other want the same folder
[ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ] || exit 0
npm ci --no-audit --no-fund --loglevel=error >&2 || {
    echo "npm_install.sh: npm could not install what $1/package-lock.json names (see above; it needs the network once)." >&2
    exit 1
}
touch node_modules/.package-lock.json
