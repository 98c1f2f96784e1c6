# Keeps other runs away from this host: until standard input ends or falls silent for half a minute, this run alone may change it.
# What a run that was cut off has begun goes on or is taken back first. Variables: run, patience (seconds), again (whether the run had the
# lock before, and goes on only if nobody else had it since).

lock() {
    [ "$(id -u)" = 0 ] || { echo 'talosendpoint unprivileged'; return; }
    command -v flock > /dev/null 2>&1 || { echo 'talosendpoint flock'; return; }
    mkdir -p -m 0700 /run/talosendpoint || { echo 'talosendpoint failed'; return; }
    exec 8> /run/talosendpoint/lock
    flock -w "$patience" 8 || { echo 'talosendpoint busy'; return; }
    exec 9> /run/talosendpoint/change.lock
    flock -w "$patience" 9 || { echo 'talosendpoint busy'; return; }
    exec 9>&-
    if [ -n "$again" ] && [ "$(cat /run/talosendpoint/run 2> /dev/null)" != "$run" ]; then
        echo 'talosendpoint busy'
        return
    fi
    # A run whose lock fell without its knowledge, such as that of a computer that slept, changes nothing any more.
    printf '%s\n' "$run" > /run/talosendpoint/run
    # Nobody asks any more how the changes of other runs ended.
    rm -f /run/talosendpoint/*-haproxy.* /run/talosendpoint/*-keepalived.*
    echo 'talosendpoint locked'
    while beat=$(timeout 30 head -c 1) && [ -n "$beat" ]; do :; done
}
