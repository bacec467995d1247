# To be read by the scripts of this folder, in it: installs the packages of package-lock.json when they are not there, or skips the test.
if ! command -v npm >/dev/null || ! { [ node_modules/.package-lock.json -nt package-lock.json ] || { npm ci --silent && touch node_modules/.package-lock.json; }; }; then
    echo "skip: the packages of package-lock.json cannot be installed here"
    exit 77
fi
