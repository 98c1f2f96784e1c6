# Variables: run.

has_lock() { # whether this run is the last one that had the lock
    last=
    [ ! -e /run/talosendpoint/run ] || read -r last < /run/talosendpoint/run
    [ "$last" = "$run" ]
}
