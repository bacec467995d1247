# To be read by the scripts of this folder, in it: installs the packages of package-lock.json when they are not there, or skips the test.
if ! ../../tools/npm_install.sh .; then
    echo "skip: the packages of package-lock.json cannot be installed here"
    exit 77
fi
