#!/bin/sh
# Dibuat oleh sopkit bundle: perintah sopkit, misalnya  sh sopkit.sh explain W02
for python in python{version} python3 none; do
    "$python" -c 'import sys; sys.exit(sys.version_info[:2] != tuple(map(int, "{version}".split("."))))' 2>/dev/null && break
done
if [ "$python" = none ]; then
    echo 'Python {version} tidak ditemukan. Baca BACA-SAYA.txt, bagian "Bila Python belum ada".'
    exit 3
fi
PYTHONPATH="$(cd "$(dirname "$0")" && pwd)/site" PYTHONNOUSERSITE=1 exec "$python" -X utf8 -m "${SOPKIT_MODULE:-sopkit}" "$@"
