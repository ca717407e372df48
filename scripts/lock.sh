#!/usr/bin/env bash
# Pins every dependency, with the hashes of all its files, for every platform and every
# Python from 3.11 on. uv is used because pip-compile resolves only for the machine it runs on.
# Extras stay with their pins: pip before 23.3 would take the newest of `name[extra]`, pin or not.
set -euo pipefail
cd "$(dirname "$0")/.."

tool=build/lock-tool
[ -x "$tool/bin/uv" ] || { python3 -m venv "$tool" && "$tool/bin/pip" install --quiet uv; }

compile() {
    "$tool/bin/uv" pip compile pyproject.toml --quiet --universal --python-version 3.11 \
        --generate-hashes --no-strip-extras --no-emit-index-url --no-emit-find-links --no-header "$@"
}
# All of it first: what serves must agree with what the planner (an extra) and the tests need.
compile --group dev --extra planner --output-file requirements-dev.lock
compile --constraint requirements-dev.lock --output-file requirements.lock
