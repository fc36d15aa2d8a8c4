#!/usr/bin/env bash
# Verifies this bundle without a network: the sources are those of the commit that the file COMMIT names, the packages of
# others are those that Cargo.lock names, and every suite runs. Arguments go to `cargo xtask verify`, such as `--only det`.
# Needs the Rust toolchain, cc, git and bash. A suite whose tool is missing is UNPROVEN in the table.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# Everything that cargo downloads comes from the folder vendor instead; cargo holds each package to its checksum.
export CARGO_HOME="$PWD/cargo" CARGO_NET_OFFLINE=true
cd source
[ -d .git ] || git init --quiet .
git add --all .
expected=$(sed -n 's/^tree //p' ../COMMIT)
found=$(git write-tree)
if [ "$found" != "$expected" ]; then
    echo "verify.sh: the folder source is not what was bundled: its tree is $found, and COMMIT names $expected" >&2
    exit 1
fi
exec cargo xtask verify "$@"
