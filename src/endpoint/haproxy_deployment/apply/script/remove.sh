# Ends what was deployed: the services stop, the files of before come back or ours go. It may run twice. Variables: run, services (as
# SERVICE:ENABLED:ACTIVE of before; Keepalived first), files, originals, units, record, left (the record's new text; empty where it goes).

is_active() {
    systemctl --quiet is-active "$1" > /dev/null
}

is_original() { # PATH: what is in its place once its copy is gone has been put back
    case " $originals " in *" $1 "*) true ;; *) false ;; esac
}

exists() { # UNIT: its package may be gone
    systemctl cat "$1" > /dev/null 2>&1
}

off() { # UNIT
    exists "$1" || return 0
    systemctl stop "$1" || { echo "failed to stop $1"; return 1; }
    systemctl --quiet disable "$1" 2> /dev/null
    true
}

forget() {
    if [ -n "$left" ]; then
        env printf '%s' "$left" > "$record.new" && sync "$record.new" && mv -f "$record.new" "$record"
    else
        rm -f "$record"
    fi
}

remove() {
    exec 9> /run/talosendpoint/change.lock
    flock -w 90 9 || { echo "failed busy"; return; }
    is_holder || { echo "failed busy"; return; }
    # Nothing is stopped where its record can't go in the end.
    [ ! -e "$record" ] || touch -c "$record" || { echo "failed $record"; return; }
    for unit in $units; do
        off "$unit" || return
    done
    for entry in $services; do
        case "${entry%%:*}" in
            # Its end hands the virtual IP over.
            keepalived) off keepalived || return ;;
        esac
    done
    for path in $files; do
        flatten "$path"
        if [ -e "$kept/$flat" ]; then
            new=${path%/*}/.${path##*/}.talosendpoint-$run
            { cp -p "$kept/$flat" "$new" && mv -f "$new" "$path"; } || { rm -f "$new"; echo "failed $path"; return; }
            command -v restorecon > /dev/null 2>&1 && restorecon "$path"
        elif ! is_original "$path"; then
            rm -f "$path" || { echo "failed $path"; return; }
        fi
        # What a run that was cut off had staged.
        rm -f "${path%/*}/.${path##*/}.talosendpoint-"*
        case "$path" in
            */haproxy.service.d/* | */keepalived.service.d/*) rmdir "${path%/*}" 2> /dev/null ;;
        esac
    done
    systemctl daemon-reload || { echo "failed daemon-reload"; return; }
    for entry in $services; do
        service=${entry%%:*}
        exists "$service" || continue
        before=${entry#*:}
        case "${before%:*}" in
            yes) systemctl --quiet enable "$service" ;;
            *) systemctl --quiet disable "$service" 2> /dev/null ;;
        esac
        case "${before#*:}" in
            yes)
                systemctl reset-failed "$service" 2> /dev/null
                if is_active "$service"; then systemctl restart "$service"; else systemctl start "$service"; fi ||
                    { echo "failed to start $service"; return; }
                ;;
            *) systemctl stop "$service" || { echo "failed to stop $service"; return; } ;;
        esac
    done
    # The record first: with the copies gone, it would take what has been put back for files of ours.
    forget || { echo "failed $record"; return; }
    for path in $files; do
        flatten "$path"
        rm -f "$kept/$flat" || { echo "failed $kept/$flat"; return; }
    done
    [ -n "$left" ] || rm -rf "$previous_all"
    rmdir "$kept" /var/lib/talosendpoint 2> /dev/null
    echo removed
}

begin() {
    ended=/run/talosendpoint/$run-removed
    # The shell's own echo doesn't say that there is no room.
    env echo begun > "$ended.log" || { rm -f "$ended.log"; echo "failed room"; return; }
    (
        trap '' HUP PIPE TERM INT
        leave_session "Removal by talosendpoint_haproxy_deployment"
        remove > "$ended"
    ) < /dev/null 2> "$ended.log" 3>&- &
    wait
    cat "$ended"
    cat "$ended.log" >&2
    rm -f "$ended" "$ended.log"
}
