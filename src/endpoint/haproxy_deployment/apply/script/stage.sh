# Puts new files beside the ones that they are to replace, and lets the programs check them. Nothing that runs reads them.
# Variables: run.

staged() { # PATH: `new` is the place of a new file beside the old one: a rename is atomic within a file system only
    new=${1%/*}/.${1##*/}.talosendpoint-$run
}

put() { # PATH MODE; the text in base64 as input
    staged "$1"
    # What a run that was cut off has left; nobody else is at work here.
    rm -f "${1%/*}/.${1##*/}.talosendpoint-"*
    made=
    if [ ! -d "${1%/*}" ]; then
        mkdir -p "${1%/*}" >&2 || { echo "failed $1"; return 1; }
        made=yes
    fi
    if (umask 077 && base64 -d > "$new") && chmod "$2" "$new" && chown 0:0 "$new" && [ -s "$new" ]; then
        sync "$new" 2> /dev/null
        return 0
    fi
    rm -f "$new"
    [ -z "$made" ] || rmdir "${1%/*}" 2> /dev/null
    echo "failed $1"
    return 1
} 2>&3

check() { # SERVICE PATH
    staged "$2"
    case "$1" in
        # Names of servers are looked up, one after the other, as its unit lets it do.
        haproxy) said=$(RES_OPTIONS='timeout:1 attempts:1' timeout 100 haproxy -c -q -f "$new" 2>&1) ;;
        keepalived) said=$(timeout 60 keepalived -t -f "$new" 2>&1) ;;
    esac
    status=$?
    if [ "$status" != 0 ]; then
        echo "invalid $1 $status"
        [ "$status" != 124 ] || echo "The check didn't end in time. HAProxy looks up the servers' names for it: see the host's DNS." >&3
        printf '%s\n' "$said" | sed "s|$new|$2|g" >&3
    fi
    return "$status"
}

unstage() { # PATH...
    for path in "$@"; do
        staged "$path"
        rm -f "$new"
        case "$path" in
            */haproxy.service.d/* | */keepalived.service.d/*) rmdir "${path%/*}" 2> /dev/null ;;
        esac
    done
    true
}
