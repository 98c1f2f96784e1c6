# Keeps other runs away from this host: until standard input ends or falls silent for half a minute, this run alone may change it.
# What a run that was cut off has begun goes on or is taken back first. Variables: patience (seconds).

lock() {
    [ "$(id -u)" = 0 ] || { echo 'talosendpoint unprivileged'; return; }
    command -v flock > /dev/null 2>&1 || { echo 'talosendpoint flock'; return; }
    mkdir -p -m 0700 /run/talosendpoint || { echo 'talosendpoint failed'; return; }
    exec 8> /run/talosendpoint/lock
    flock -w "$patience" 8 || { echo 'talosendpoint busy'; return; }
    exec 9> /run/talosendpoint/change.lock
    flock -w "$patience" 9 || { echo 'talosendpoint busy'; return; }
    exec 9>&-
    # Nobody asks any more how the changes of other runs ended.
    rm -f /run/talosendpoint/*-haproxy.* /run/talosendpoint/*-keepalived.*
    echo 'talosendpoint locked'
    while beat=$(timeout 30 head -c 1) && [ -n "$beat" ]; do :; done
}
