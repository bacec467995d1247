#!/bin/sh
# Before anything is built or moved: can this instance run the program at all? What is wrong fails the deployment here, with a sentence.
set -eu
say() { echo "prism: $1" >&2; exit 1; }
cd "$(dirname "$0")/../../.." || say "the bundle is not where its hooks are"

[ "$(uname -m)" = x86_64 ] || say "this instance is a $(uname -m); the bundle is for x86_64. Choose an instance type of the t3 class."
for file in bin/prism lib/prism lib/ld-linux-x86-64.so.2; do
    [ -x "$file" ] || say "$file is missing or cannot be executed: the bundle was packed again without its modes. Upload the file that \"prism bundle\" has written."
done
./bin/prism version || say "the program does not start on this instance (above is why)"
