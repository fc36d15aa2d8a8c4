#!/usr/bin/env bash
# The same as `cargo xtask verify`; options are passed on.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
exec cargo xtask verify "$@"
