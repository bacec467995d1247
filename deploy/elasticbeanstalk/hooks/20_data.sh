#!/bin/sh
# Before the new version takes over: the data folder, outside of /var/app, which each deployment replaces; room for connections; and the settings,
# asked of the program itself. Run again, it changes nothing. For rehearsals: WEB_USER (webapp), SYSTEM_ROOT (the root folder).
set -eu
say() { echo "prism: $1" >&2; exit 1; }
cd "$(dirname "$0")/../../.." || say "the bundle is not where its hooks are"

data=${PRISM_DATA:-}
case $data in
/*) ;;
*) say "PRISM_DATA is not set, or is no path from the root. It stands in .ebextensions/00_environment.config; look whether the environment's own configuration overrides it." ;;
esac
case $data/ in
/var/app/*) say "PRISM_DATA is $data: each deployment replaces /var/app, and records would go with it. Choose a folder elsewhere, such as /var/lib/prism." ;;
esac

if [ -f Dockerfile ]; then
    owner=10001:10001 # of the Dockerfile
else
    user=${WEB_USER:-webapp}
    id -u "$user" >/dev/null 2>&1 || say "there is no user $user on this instance, who runs the program"
    owner=$user:$(id -g "$user")
fi
mkdir -p "$data" || say "the folder $data could not be made"
chown "$owner" "$data" || say "the folder $data could not be given to $owner"
chmod 0700 "$data" || say "the modes of $data could not be set"

if [ ! -f Dockerfile ]; then
    # systemd gives a service 1,024 open files at first; the program raises that to what is allowed here
    unit=${SYSTEM_ROOT:-}/etc/systemd/system/web.service.d
    mkdir -p "$unit" || say "the folder $unit could not be made"
    printf '[Service]\nLimitNOFILE=65536\nTimeoutStopSec=90\nUMask=0077\n' >"$unit/prism.conf.new" || say "$unit/prism.conf could not be written"
    mv "$unit/prism.conf.new" "$unit/prism.conf"
    if [ -z "${SYSTEM_ROOT:-}" ] && [ -d /run/systemd/system ]; then
        systemctl daemon-reload || say "systemd did not read its units again"
    fi
fi

./bin/prism conf >/dev/null || say "the settings of the program are wrong (above is which); they are environment properties of Elastic Beanstalk"
