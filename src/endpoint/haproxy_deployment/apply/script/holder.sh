# Which run has this host, and since which boot of it. Variables: run.

is_holder() { # whether nobody else has had the lock since
    holder=
    [ ! -e /run/talosendpoint/run ] || read -r holder < /run/talosendpoint/run
    [ "$holder" = "$run" ]
}

read_boot() { # sets `current`; where a container restarts its kernel goes on, and its first process is another one
    read -r kernel < /proc/sys/kernel/random/boot_id
    read -r first < /proc/1/stat
    # Behind the program's name, which may hold anything, the twentieth is when it began.
    set -- ${first##*) }
    current=$kernel-${20}
}
