#!/bin/sh
# {name}: dibuat oleh sopkit bundle; {word} adalah pekerjaannya di sopkit.cli.desk.
SOPKIT_HERE=$PWD
export SOPKIT_HERE
cd "$(dirname "$0")" || exit 3
for python in python{version} python3 none; do
    "$python" -c 'import sys; sys.exit(sys.version_info[:2] != tuple(map(int, "{version}".split("."))))' 2>/dev/null && break
done
if [ "$python" = none ]; then
    echo 'Python {version} tidak ditemukan. Baca BACA-SAYA.txt, bagian "Bila Python belum ada".'
    code=3
else
    PYTHONPATH="$PWD/site" PYTHONNOUSERSITE=1 "$python" -X utf8 -m sopkit.cli.desk {word} "$@"
    code=$?
fi
if [ -t 0 ]; then
    printf '\nTekan Enter untuk menutup jendela ini. '
    read -r _
fi
exit "$code"
