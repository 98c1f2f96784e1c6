# Keeps other runs away from this host: until standard input ends or falls silent for half a minute, this run alone may change it.
# What a run that was cut off has begun goes on or is taken back first. Variables: run, patience (seconds), boot (the boot in which the run
# had the lock before, where it goes on only if nobody else had it since).

lock() {
    [ "$(id -u)" = 0 ] || { echo 'talosendpoint unprivileged'; return; }
    command -v flock > /dev/null 2>&1 || { echo 'talosendpoint flock'; return; }
    # A redirection that fails would end the shell.
    reason=$(mkdir -p -m 0700 /run/talosendpoint 2>&1 && touch /run/talosendpoint/lock /run/talosendpoint/change.lock 2>&1) ||
        { echo "talosendpoint failed $reason"; return; }
    exec 8> /run/talosendpoint/lock
    flock -w "$patience" 8 || { echo 'talosendpoint busy'; return; }
    exec 9> /run/talosendpoint/change.lock
    flock -w "$patience" 9 || { echo 'talosendpoint busy'; return; }
    exec 9>&-
    read_boot
    if [ -n "$boot" ] && [ "$boot" != "$current" ]; then
        echo 'talosendpoint restarted'
        return
    fi
    if [ -n "$boot" ] && ! is_holder; then
        echo 'talosendpoint busy'
        return
    fi
    # Nobody asks any more how the changes of other runs ended.
    [ -n "$boot" ] || rm -f /run/talosendpoint/*-haproxy.* /run/talosendpoint/*-keepalived.* /run/talosendpoint/*-removed*
    # A run whose lock fell without its knowledge, such as that of a computer that slept, changes nothing any more.
    reason=$(env printf '%s\n' "$run" 2>&1 > /run/talosendpoint/run) || { echo "talosendpoint failed $reason"; return; }
    echo "talosendpoint locked $current"
    while beat=$(timeout 30 head -c 1) && [ -n "$beat" ]; do :; done
}
