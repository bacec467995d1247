#!/usr/bin/env bash
# deps.sh GROUP…: installs the Debian packages of these groups that are missing; asks and does nothing when all are there.
# docs/dependencies.md says what each is for.
set -euo pipefail

run=(gcc libc6-dev make meson ninja-build pkg-config libexpat1-dev libzip-dev libdeflate-dev libjansson-dev libssl-dev libpcre2-dev libhunspell-dev libmicrohttpd-dev libgnutls28-dev
    hunspell-en-us libutf8proc-dev libsqlite3-dev libcurl4-openssl-dev zlib1g-dev)
test=(git python3 openssl libcmocka-dev clang libclang-rt-14-dev binutils clang-format python3-docx python3-jsonschema python3-yaml
    libreoffice-writer-nogui python3-uno chromium fonts-liberation nginx wrk gunicorn python3-gevent python3-flask curl)
lint=(clang-tidy cppcheck)
bench=(nginx wrk gunicorn python3-gevent python3-flask python3-docx)
rehearse=(python3 python3-yaml nginx util-linux curl)

wanted=()
for group in "$@"; do
    case $group in
    run) wanted+=("${run[@]}") ;;
    test) wanted+=("${test[@]}") ;;
    lint) wanted+=("${lint[@]}") ;;
    bench) wanted+=("${bench[@]}") ;;
    rehearse) wanted+=("${rehearse[@]}") ;;
    *)
        echo "deps.sh: no group \"$group\" (run, test, lint, bench, rehearse)" >&2
        exit 2
        ;;
    esac
done

missing=()
for package in "${wanted[@]}"; do
    state=$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null || true)
    [[ $state == ii* || $state == hi* ]] || missing+=("$package")
done
# the pages are built with node and npm, which may come from elsewhere than Debian (and then exclude Debian's)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "missing packages, and neither root nor sudo to install them: ${missing[*]}" >&2
        exit 1
    }
    as_root=(sudo)
fi
echo "installing: ${missing[*]}"
# nginx is wanted as a program: no service of it is to start, now or at the next boot
if [[ " ${missing[*]} " == *" nginx "* ]]; then
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
        trap '"${as_root[@]}" rm -f $policy' EXIT
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
        "${as_root[@]}" chmod 755 $policy
    fi
    [ ! -d /run/systemd/system ] || "${as_root[@]}" systemctl mask nginx.service # undone by: systemctl unmask nginx
fi
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null </dev/null
