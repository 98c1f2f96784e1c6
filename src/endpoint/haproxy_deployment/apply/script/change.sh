# Takes staged files into use: swap, reload, verify; and back to the old ones where that fails, or where nobody confirms it in time. It goes
# on without the connection that started it. Variables: run, service, files, gone, originals, units, dropped, action, expected, ports,
# socket, vips, confirm_limit (seconds), boot (that of the run's lock); `action` is start, restart, reload or none.

state=/run/talosendpoint/$run-$service
previous=$previous_all/$service

copy() { # FROM FOLDER NAME, whole or not at all
    cp -p "$1" "$2/.$3" && sync "$2/.$3" && mv -f "$2/.$3" "$2/$3"
}

save() { # what is there now: for the way back from this change, and what is to be kept for the end
    rm -rf "$previous" && mkdir -p -m 0700 "$previous" "$kept" || return 1
    saved=
    for path in $files $gone; do
        [ -e "$path" ] || continue
        flatten "$path"
        cp -p "$path" "$previous/$flat" || return 1
        saved="$saved $previous/$flat"
    done
    for path in $originals; do
        flatten "$path"
        [ -e "$kept/$flat" ] || continue
        # What an earlier deployment kept comes back where this change is taken back.
        cp -p "$kept/$flat" "$previous/original$flat" || return 1
        saved="$saved $previous/original$flat"
    done
    [ -z "$saved" ] || sync $saved || return 1
    for path in $originals; do
        flatten "$path"
        copy "$path" "$kept" "$flat" || return 1
    done
}

swap() {
    for path in $files; do
        staged "$path"
        mv -f "$new" "$path" || return 1
        command -v restorecon > /dev/null 2>&1 && restorecon "$path"
    done
    for path in $gone; do
        rm -f "$path" || return 1
    done
}

restore() {
    for path in $files $gone; do
        flatten "$path"
        if [ -e "$previous/$flat" ]; then
            staged "$path"
            cp -p "$previous/$flat" "$new" && mv -f "$new" "$path" || return 1
            command -v restorecon > /dev/null 2>&1 && restorecon "$path"
        else
            rm -f "$path"
        fi
    done
    # What was kept for the end was kept for nothing.
    for path in $originals; do
        flatten "$path"
        if [ -e "$previous/original$flat" ]; then
            copy "$previous/original$flat" "$kept" "$flat" || return 1
        else
            rm -f "$kept/$flat"
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

holds_vip() {
    for vip in $vips; do
        [ -z "$(ip -o address show to "$vip" 2> /dev/null)" ] || return 0
    done
    false
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
            ! holds_vip || systemctl stop keepalived || return 1
            systemctl restart "$service"
            ;;
        reload) systemctl reload "$service" ;;
    esac
}

survives() { # PID BIT: whether the process has a use for the signal of that bit; one that has none yet is ended by it
    while read -r name mask; do
        case "$name" in
            # Keepalived blocks its signals, and reads them.
            SigBlk: | SigIgn: | SigCgt:) [ $((0x${mask#????????????} & $2)) = 0 ] || return 0 ;;
        esac
    done 2> /dev/null < "/proc/$1/status"
    false
}

router_id() { # of the keepalived.conf that runs; empty where this build doesn't report it
    pid=$(systemctl show --property MainPID --value keepalived 2> /dev/null)
    [ "${pid:-0}" != 0 ] || return 0
    # To systemd a service of the simple type is active before its program has begun: Ubuntu's Keepalived is one.
    tries=0
    until survives "$pid" 0x200; do # SIGUSR1
        tries=$((tries + 1))
        [ "$tries" -lt 50 ] || return 0
        sleep 0.1
    done
    for dump in "/proc/$pid/root/tmp/keepalived.data" "/proc/$pid/root/run/keepalived/keepalived.data"; do
        rm -f "$dump"
    done
    kill -USR1 "$pid" 2> /dev/null
    for i in 1 2 3 4 5 6 7 8 9 10; do
        sleep 0.1
        for dump in "/proc/$pid/root/tmp/keepalived.data" "/proc/$pid/root/run/keepalived/keepalived.data"; do
            if grep -q 'Router ID' "$dump" 2> /dev/null; then
                sed -n '/Router ID = /{s/.*Router ID = *//p;q;}' "$dump"
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
            listening=$(ss -Hltn 2> /dev/null)
            for port in $ports; do
                case "$listening" in
                    *":$port "*) ;;
                    *) reason="nothing listens on port $port"; return 1 ;;
                esac
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

say() { # how far this change is; whoever waits for that goes on
    # Over what is there, as wide as that: it needs no room.
    printf '%-60s\n' "$1" 1<> "$state.status"
    flock -u 7
}

journal() { # the last words of the service
    command -v journalctl > /dev/null 2>&1 && journalctl --no-pager -q -n 5 -o cat -u "$service" 2> /dev/null
    true
}

take_back() {
    # It waits no more: who asks how far it is gets an answer when that is over.
    flock 7
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
    ended=reverted
    if [ -n "$was_keepalived" ] && ! is_active keepalived && ! systemctl start keepalived; then
        echo "Keepalived doesn't start again"
        ended=lost
    fi
    for unit in $was_dropped; do
        { systemctl --quiet enable "$unit" && systemctl start "$unit"; } || { echo "$unit doesn't start again"; ended=lost; }
    done
    for unit in $newly_enabled; do
        systemctl --quiet disable "$unit"
        case "$unit" in
            *.timer) systemctl stop "$unit" ;;
        esac
    done
    say "$ended $1"
}

change() {
    # What arrives there before it is read is kept.
    exec 5<> "$state.orders"
    exec 9> /run/talosendpoint/change.lock
    flock -w 90 9 || { say "refused busy"; return; }
    if ! has_lock; then
        unstage $files
        say "refused overtaken"
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
    # A system that shuts down ends the wait: it would be held up.
    trap : TERM
    order=$(timeout -s KILL "$confirm_limit" head -n 1 <&5)
    trap '' TERM
    if [ "$order" = confirm ]; then
        say "done"
    else
        take_back unconfirmed
    fi
}

await() { # LOCK: until what goes on in the background lets go of it, then how far the change is; sets `status`
    exec 6< "$1"
    if flock -s -w 120 6; then
        # Where another run has the host by now, that has cleared it away.
        status="refused overtaken"
        [ ! -e "$state.status" ] || read -r status < "$state.status"
        # It has ended without a word.
        [ "$status" != begun ] || status=lost
    else
        status=silent
    fi
    exec 6<&-
    cat "$state.log" >&2
}

begin() {
    rm -f "$state".*
    # The shell's own printf doesn't say that there is no room.
    if ! env printf '%-60s\n' begun > "$state.status" || ! mkfifo "$state.orders" || ! touch "$state.log"; then
        unstage $files
        echo "refused room"
        return
    fi
    # Held by what goes on in the background, until there is something to say.
    exec 7>> "$state.log"
    flock 7
    (
        trap '' HUP PIPE TERM INT
        leave_session "Change of $service by talosendpoint_haproxy_deployment"
        change
    ) < /dev/null >> "$state.log" 2>&1 3>&- &
    exec 7>&-
    await "$state.log"
    echo "$status"
}

is_in_place() { # PATH: the new file, and not one that is still beside it, or that of before again
    staged "$1"
    flatten "$1"
    [ ! -e "$new" ] && ! cmp -s "$1" "$previous/$flat"
}

unknown() { # ANSWER, where nothing is left of the change in /run; a host that restarted tells which files it came back with
    read_boot
    if [ "$current" = "$boot" ]; then
        echo "$1"
        return
    fi
    which=
    for path in $files; do
        if is_in_place "$path"; then which=$which+; else which=$which-; fi
    done
    for path in $gone; do
        if [ ! -e "$path" ]; then which=$which+; else which=$which-; fi
    done
    case "$which" in
        *-*+* | *+*-*) echo "restarted mixed" ;;
        *+*) echo "restarted new" ;;
        *) echo "restarted old" ;;
    esac
}

resume() { # how far it is, where the connection that began it has ended
    [ -e "$state.log" ] || { unknown absent; return; }
    await "$state.log"
    echo "$status"
}

settle() { # confirm or abort; it may be asked twice
    # Another run that has the lock now has cleared it away.
    [ -p "$state.orders" ] || { unknown "refused overtaken"; return; }
    # Where the change is over, nobody reads it.
    echo "$1" 1<> "$state.orders"
    # Held until the change is over.
    await /run/talosendpoint/change.lock
    [ "$status" != verified ] || status=lost
    echo "$status"
}
