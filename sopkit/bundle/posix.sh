#!/bin/sh
# {name}: dibuat oleh sopkit bundle; {word} adalah pekerjaannya di sopkit.cli.desk.
SOPKIT_HERE=$PWD
export SOPKIT_HERE
cd "$(dirname "$0")" || exit 3
SOPKIT_MODULE=sopkit.cli.desk sh ./sopkit.sh {word} "$@"
code=$?
if [ -t 0 ]; then
    printf '\nTekan Enter untuk menutup jendela ini. '
    read -r _
fi
exit "$code"
