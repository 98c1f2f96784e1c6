#!/bin/sh
# Stands in for systemd on a host of a test: starts and stops the two services, remembers what is enabled, and writes down every call that
# changes something. /run/fail-VERB-UNIT makes one call fail, /run/drop-VERB-UNIT ends all SSH connections before it,
# /run/cut-VERB-UNIT the SSH server too, /run/at-VERB-UNIT is a script that runs before it, and /run/pause-VERB-UNIT holds it up for as long as that file is there.
units=/run/units
[ -d $units ] || mkdir -p $units
while case "$1" in --quiet) true ;; *) false ;; esac; do shift; done
verb=$1
shift
while case "${1:-}" in --quiet | --property | --value | MainPID) true ;; *) false ;; esac; do shift; done
unit=${1:-}

is_alive() {
    pid=$(cat "$units/$1.pid" 2> /dev/null) || return 1
    grep -q '^State:[[:space:]]*[^[:space:]ZX]' "/proc/$pid/status" 2> /dev/null
}

launch() { # UNIT COMMAND...: nothing of the caller's stays open in a service
    name=$1
    shift
    setsid "$@" < /dev/null >> "/run/$name.log" 2>&1 3>&- 5>&- 7>&- 8>&- 9>&- &
    echo $! > "$units/$name.pid"
    sleep 0.3
    is_alive "$name"
}

start() {
    case "$1" in
        haproxy) launch haproxy haproxy -Ws -f /etc/haproxy/haproxy.cfg -S /run/haproxy-master.sock ;;
        keepalived)
            [ -s /etc/keepalived/keepalived.conf ] || return 0 # ConditionFileNotEmpty
            launch keepalived keepalived --dont-fork --log-console --log-detail --no-syslog
            ;;
        *) : > "$units/$1.on" ;;
    esac
}

stop() {
    rm -f "$units/$1.on"
    is_alive "$1" || return 0
    kill -TERM "$pid"
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
        is_alive "$1" || { rm -f "$units/$1.pid"; return 0; }
        sleep 0.1
    done
    kill -KILL "$pid"
}

is_known() { # a unit that some package or the deployment brings
    case "$1" in
        haproxy | keepalived) command -v "$1" > /dev/null ;;
        *) [ -e "/etc/systemd/system/$1" ] ;;
    esac
}

case "$verb" in
    cat)
        is_known "$unit"
        exit
        ;;
    is-active)
        if is_alive "$unit" || [ -e "$units/$unit.on" ]; then echo active; else echo inactive; exit 3; fi
        exit
        ;;
    is-enabled)
        if [ -e "$units/$unit.enabled" ]; then echo enabled; else echo disabled; exit 1; fi
        exit
        ;;
    show)
        if is_alive "$unit"; then echo "$pid"; else echo 0; fi
        exit
        ;;
esac
echo "$verb${unit:+ $unit}" >> /run/calls
[ ! -e "/run/cut-$verb-$unit" ] || kill -KILL $(pidof sshd sshd-session)
[ ! -e "/run/drop-$verb-$unit" ] || kill -KILL $(pidof -o "$(cat /run/sshd.pid)" sshd sshd-session)
while [ -e "/run/pause-$verb-$unit" ]; do
    : > /run/paused
    sleep 0.05
done
[ ! -e "/run/at-$verb-$unit" ] || sh "/run/at-$verb-$unit"
[ ! -e "/run/fail-$verb-$unit" ] || exit 1
case "$verb" in
    daemon-reload | reset-failed) ;;
    enable) : > "$units/$unit.enabled" ;;
    disable) rm -f "$units/$unit.enabled" ;;
    start) is_alive "$unit" || start "$unit" ;;
    stop)
        is_known "$unit" || exit 5
        stop "$unit"
        ;;
    restart)
        stop "$unit"
        start "$unit"
        ;;
    reload)
        is_alive "$unit" || exit 1
        case "$unit" in
            haproxy) haproxy -c -q -f /etc/haproxy/haproxy.cfg && kill -USR2 "$pid" ;;
            keepalived) kill -HUP "$pid" ;;
        esac
        ;;
    *)
        echo "what is $verb?" >&2
        exit 64
        ;;
esac
