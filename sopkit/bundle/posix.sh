#!/bin/sh
# {name}: dibuat oleh sopkit bundle; {word} adalah pekerjaannya di sopkit.cli.desk.
SOPKIT_HERE=$PWD
SOPKIT_MODULE=sopkit.cli.desk
export SOPKIT_HERE SOPKIT_MODULE
cd "$(dirname "$0")" || exit 3
sh ./sopkit.sh {word} "$@"
code=$?
if [ -t 0 ]; then
    printf '\nTekan Enter untuk menutup jendela ini. '
    read -r _
fi
exit "$code"
