#!/usr/bin/env bash
# root.sh PROGRAM FOLDER: makes FOLDER the root of an image: the program, the libraries that it loads, its dictionary, the certificates of authorities, a user of
# its own, and nothing else: no shell, no package manager. The Dockerfile runs it, and a test, which then starts the program in that root.
set -euo pipefail
program=$1 root=$2
[ ! -e "$root" ] || {
    echo "root.sh: $root is there already; give a folder that is not" >&2
    exit 1
}

put() { # put FILE MODE: to the same place below the root; of a link what it leads to
    [ -e "$1" ] || {
        echo "root.sh: $1 is missing here, and the image needs it" >&2
        exit 1
    }
    install -D -m "$2" "$(realpath "$1")" "$root$1"
}

install -D -m 755 "$program" "$root/bin/prism"
# what the dynamic linker says it would load, itself included
ldd "$program" | grep -oE '/[^ ]+' | sort -u | while read -r library; do put "$library" 755; done
put /usr/share/hunspell/en_US.aff 644
put /usr/share/hunspell/en_US.dic 644
put /etc/ssl/certs/ca-certificates.crt 644

mkdir -p "$root/etc"
echo 'prism:x:10001:10001::/data:/sbin/nologin' >"$root/etc/passwd"
echo 'prism:x:10001:' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
install -d -m 700 "$root/data"
install -d -m 1777 "$root/tmp"
[ "$(id -u)" -ne 0 ] || chown 10001:10001 "$root/data"
