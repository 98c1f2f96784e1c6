#!/bin/sh
# Keeps the addresses of the servers that haproxy.cfg has by DNS name, for a start of HAProxy while DNS doesn't answer.
# HAProxy's own "show servers state" won't do: it holds ports too, and HAProxy would use the old ones after a change of the file.
# Arguments: another haproxy.cfg, if it isn't the usual one.
set -eu
export LC_ALL=C

config=${1:-/etc/haproxy/haproxy.cfg}
state=$(awk '$1 == "server-state-file" { print $2 }' "$config")
[ -n "$state" ] || exit 0

# The address of a name; of several, one of the family that HAProxy prefers.
resolved() {
    timeout 10 getent ahosts "$1" | awk -v family="$2" '
        index($1, "%") { next }
        { six = index($1, ":") > 0 }
        any == "" { any = $1 }
        best == "" && six == (family == "ipv6") { best = $1 }
        END { print best == "" ? any : best }'
}

# The state files of earlier haproxy.cfg, which end in another hash of eight hexadecimal digits. Nobody else's begins with the version.
earlier() {
    hex='[0-9a-f]'
    for file in "${state%-*}"-$hex$hex$hex$hex$hex$hex$hex$hex; do
        [ "$file" != "$state" ] && [ -f "$file" ] && [ ! -L "$file" ] || continue
        [ "$(head -n 1 "$file")" != 1 ] || printf '%s\n' "$file"
    done
}

# The address that the present file has for a name, or an earlier one.
remembered() {
    { [ ! -e "$state" ] || printf '%s\n' "$state"; earlier; } | while read -r file; do
        awk -v name="$1" '$18 == name { print $5 }' "$file"
    done | head -n 1
}

# BACKEND SERVER NAME PORT FAMILY
servers=$(awk '
    $1 == "backend" { backend = $2 }
    $1 == "server" && / resolvers / {
        split($3, at, ":")
        family = ""
        for (i = 4; i < NF; i++) if ($i == "resolve-prefer") family = $(i + 1)
        print backend, $2, at[1], at[2], family
    }' "$config")

addresses=$(printf '%s\n' "$servers" | awk 'NF { print $3, $5 }' | sort -u | while read -r name family; do
    address=$(resolved "$name" "$family")
    [ -n "$address" ] || address=$(remembered "$name")
    [ -z "$address" ] || echo "$name $family $address"
done)

# A server that is up, with the weight of the file; HAProxy's first checks say how it really is.
text=$({ printf '%s\n\n' "$addresses"; printf '%s\n' "$servers"; } | awk '
    BEGIN { print 1 }
    !NF { of_servers = 1; next }
    !of_servers { address[$1 " " $2] = $3; next }
    ($3 " " $5) in address { print 0, $1, 0, $2, address[$3 " " $5], "2 0 1 1 0 0 0 0 0 0 0 0", $3, $4, "-" }')

[ "$text" != "$(cat "$state" 2> /dev/null)" ] || exit 0
new=$(mktemp "$state.XXXXXX")
trap 'rm -f "$new"' EXIT
printf '%s\n' "$text" > "$new"
chmod 0644 "$new"
mv -f "$new" "$state"
earlier | while read -r file; do
    rm -f "$file"
done
