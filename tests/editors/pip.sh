#!/usr/bin/env bash
# Installs or uninstalls a distribution that brings a module `yaml`, with the real pip, into ./.venv. Usage: pip.sh install
#
# PIP names the Python whose pip it is. The wheel is made here, so that nothing has to be downloaded.
set -euo pipefail

if [ "$1" = uninstall ]; then
    "$PIP" -m pip --quiet --disable-pip-version-check --python .venv/bin/python uninstall --yes PyYAML
    exit
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
/usr/bin/python3 - "$work/PyYAML-9.9-py3-none-any.whl" <<'PYTHON'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    wheel.writestr("yaml/__init__.py", "")
    wheel.writestr("PyYAML-9.9.dist-info/METADATA", "Metadata-Version: 2.1\nName: PyYAML\nVersion: 9.9\n")
    wheel.writestr("PyYAML-9.9.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr("PyYAML-9.9.dist-info/RECORD", "")
PYTHON
"$PIP" -m pip --quiet --disable-pip-version-check --python .venv/bin/python install --no-index --ignore-installed \
    "$work/PyYAML-9.9-py3-none-any.whl"
