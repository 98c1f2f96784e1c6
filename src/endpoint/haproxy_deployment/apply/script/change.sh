# Takes staged files into use: swap, reload, verify; and back to the old ones where that fails, or where nobody confirms it in time. It goes
# on without the connection that started it. Variables: run, service, files, gone, originals, units, dropped, action, expected, ports,
# socket, release, confirm_limit; `action` is start, restart, reload or none.

state=/run/talosendpoint/$run-$service
previous=/var/lib/talosendpoint/previous/$service
kept=/var/lib/talosendpoint/originals

flat() { # a path as the name of a file
    printf '%s' "$1" | tr / %
}

copy() { # FROM FOLDER NAME, whole or not at all
    cp -p "$1" "$2/.$3" && sync "$2/.$3" && mv -f "$2/.$3" "$2/$3"
}

save() { # what is there now: for the way back from this change, and what is to be kept for the end
    rm -rf "$previous" && mkdir -p -m 0700 "$previous" "$kept" || return 1
    for path in $files $gone; do
        [ ! -e "$path" ] || copy "$path" "$previous" "$(flat "$path")" || return 1
    done
    for path in $originals; do
        name=$(flat "$path")
        # What an earlier deployment kept comes back where this change is taken back.
        [ ! -e "$kept/$name" ] || copy "$kept/$name" "$previous" "original$name" || return 1
        copy "$path" "$kept" "$name" || return 1
    done
}

swap() {
    for path in $files; do
        mv -f "$(staged "$path")" "$path" || return 1
        command -v restorecon > /dev/null 2>&1 && restorecon "$path"
    done
    for path in $gone; do
        rm -f "$path" || return 1
    done
}

restore() {
    for path in $files $gone; do
        old=$previous/$(flat "$path")
        if [ -e "$old" ]; then
            new=$(staged "$path")
            cp -p "$old" "$new" && mv -f "$new" "$path" || return 1
            command -v restorecon > /dev/null 2>&1 && restorecon "$path"
        else
            rm -f "$path"
        fi
    done
    # What was kept for the end was kept for nothing.
    for path in $originals; do
        name=$(flat "$path")
        if [ -e "$previous/original$name" ]; then
            copy "$previous/original$name" "$kept" "$name" || return 1
        else
            rm -f "$kept/$name"
        fi
    done
    unstage $files
}

is_active() {
    systemctl --quiet is-active "$1" > /dev/null
}

refresh() { # what reads unit files and folders
    systemctl daemon-reload || return 1
    [ "$service" != haproxy ] || [ ! -e /etc/tmpfiles.d/talosendpoint.conf ] ||
        systemd-tmpfiles --create /etc/tmpfiles.d/talosendpoint.conf
}

activate() {
    refresh || return 1
    for unit in $units; do
        systemctl --quiet enable "$unit" || return 1
        case "$unit" in
            *.timer) systemctl restart "$unit" || return 1 ;;
        esac
    done
    case "$action" in
        none) return 0 ;;
        start)
            systemctl reset-failed "$service" 2> /dev/null
            systemctl start "$service"
            ;;
        restart)
            # The virtual IP goes to another host first, and comes back when HAProxy serves again.
            [ -z "$release" ] || systemctl stop keepalived || return 1
            systemctl restart "$service"
            ;;
        reload) systemctl reload "$service" ;;
    esac
}

listens() {
    ss -Hltn 2> /dev/null | awk -v wanted="$1" '{ port = $4; sub(/.*:/, "", port); if (port == wanted) found = 1 } END { exit !found }'
}

router_id() { # of the keepalived.conf that runs; empty where this build doesn't report it
    pid=$(systemctl show --property MainPID --value keepalived 2> /dev/null)
    [ "${pid:-0}" != 0 ] || return 0
    for dump in "/proc/$pid/root/tmp/keepalived.data" "/proc/$pid/root/run/keepalived/keepalived.data"; do
        rm -f "$dump"
    done
    kill -USR1 "$pid" 2> /dev/null
    for i in 1 2 3 4 5 6 7 8 9 10; do
        sleep 0.1
        for dump in "/proc/$pid/root/tmp/keepalived.data" "/proc/$pid/root/run/keepalived/keepalived.data"; do
            if grep -q 'Router ID' "$dump" 2> /dev/null; then
                sed -n 's/.*Router ID = *//p' "$dump" | head -n 1
                return
            fi
        done
    done
}

is_live() {
    is_active "$service" || { reason="$service is not active"; return 1; }
    case "$service" in
        haproxy)
            [ "$(live)" = "$expected" ] || { reason="HAProxy still runs another file"; return 1; }
            for port in $ports; do
                listens "$port" || { reason="nothing listens on port $port"; return 1; }
            done
            ;;
        keepalived)
            running=$(router_id)
            [ -z "$running" ] || [ "$running" = "$expected" ] || { reason="Keepalived still runs another file"; return 1; }
            ;;
    esac
}

verify() {
    reason=
    [ "$action" != none ] || return 0
    tries=0
    until is_live; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || return 1
        sleep 0.1
    done
    # It isn't one that starts, fails and starts again.
    sleep 0.3
    is_live
}

running() { # what the running program reports of its file
    case "$service" in
        haproxy) live ;;
        keepalived) router_id ;;
    esac
}

runs_as_before() {
    tries=0
    until is_active "$service" && [ "$(running)" = "$was_running" ]; do
        tries=$((tries + 1))
        [ "$tries" -lt 50 ] || return 1
        sleep 0.1
    done
}

say() { # the state of this change, and what there is to say of it
    printf '%s\n' "$1" > "$state.new" && mv -f "$state.new" "$state.status"
}

journal() { # the last words of the service
    command -v journalctl > /dev/null 2>&1 && journalctl --no-pager -q -n 5 -o cat -u "$service" 2> /dev/null
    true
}

take_back() {
    journal
    # A service that was off is off again before its file goes.
    [ -n "$was_active" ] || systemctl stop "$service"
    restore || { say "lost $1"; return; }
    refresh
    if [ -n "$was_active" ]; then
        # After a restart that failed there is nothing to reload.
        if [ "$action" = restart ] || ! is_active "$service"; then
            systemctl reset-failed "$service" 2> /dev/null
            systemctl restart "$service"
        elif [ "$action" != none ]; then
            systemctl reload "$service"
        fi
        # Where the reload failed that brought this about, the old file has been running all the time.
        runs_as_before || { say "lost $1"; return; }
    fi
    [ -z "$was_keepalived" ] || is_active keepalived || systemctl start keepalived
    for unit in $was_dropped; do
        systemctl --quiet enable "$unit"
        systemctl start "$unit"
    done
    for unit in $newly_enabled; do
        systemctl --quiet disable "$unit"
        case "$unit" in
            *.timer) systemctl stop "$unit" ;;
        esac
    done
    say "reverted $1"
}

change() {
    exec 9> /run/talosendpoint/change.lock
    flock -w 90 9 || { say "refused busy"; return; }
    if [ "$(cat /run/talosendpoint/run 2> /dev/null)" != "$run" ]; then
        unstage $files
        say "refused busy"
        return
    fi
    was_active=
    is_active "$service" && was_active=yes
    was_running=$(running)
    was_keepalived=
    [ "$service" != haproxy ] || ! is_active keepalived || was_keepalived=yes
    was_dropped=
    for unit in $dropped; do
        ! systemctl --quiet is-enabled "$unit" > /dev/null 2>&1 && ! is_active "$unit" || was_dropped="$was_dropped $unit"
    done
    newly_enabled=
    for unit in $units; do
        systemctl --quiet is-enabled "$unit" > /dev/null 2>&1 || newly_enabled="$newly_enabled $unit"
    done
    if ! save; then
        unstage $files
        say "refused backup"
        return
    fi
    # While their files are there.
    for unit in $was_dropped; do
        systemctl stop "$unit"
        systemctl --quiet disable "$unit"
    done
    if ! swap; then
        take_back swap
        return
    fi
    if ! activate; then
        take_back "$action"
        return
    fi
    if ! verify; then
        echo "$reason"
        take_back verify
        return
    fi
    if [ -n "$was_keepalived" ] && ! is_active keepalived && ! systemctl start keepalived; then
        echo "Keepalived doesn't start again"
        take_back verify
        return
    fi
    say verified
    tries=0
    while [ "$tries" -lt $((confirm_limit * 10)) ]; do
        if [ -e "$state.confirm" ]; then
            say "done"
            return
        fi
        if [ -e "$state.abort" ]; then
            break
        fi
        tries=$((tries + 1))
        sleep 0.1
    done
    take_back unconfirmed
}

await() { # STATE...: until the change is in one of these
    tries=0
    while [ "$tries" -lt 2400 ]; do
        status=$(cat "$state.status" 2> /dev/null)
        for wanted in "$@"; do
            case "$status" in
                "$wanted"*)
                    echo "$status"
                    cat "$state.log" >&2
                    return
                    ;;
            esac
        done
        tries=$((tries + 1))
        sleep 0.05
    done
    echo "silent"
    cat "$state.log" >&2
}

begin() {
    rm -f "$state".*
    # The shell's own echo doesn't say that there is no room.
    if ! env echo begun > "$state.log"; then
        unstage $files
        echo "refused room"
        return
    fi
    : > "$state.log"
    (
        trap '' HUP PIPE TERM INT
        change
    ) < /dev/null >> "$state.log" 2>&1 3>&- &
    await verified done reverted refused lost
}

resume() { # how far it is, where the connection that began it has ended
    [ -e "$state.log" ] || { echo absent; return; }
    await verified done reverted refused lost
}

settle() { # confirm or abort; it may be asked twice
    # Another run that has the lock now has cleared it away.
    [ -e "$state.log" ] || { echo "refused busy"; return; }
    : > "$state.$1"
    await done reverted refused lost
}
