# What goes on without the connection that began it.

leave_session() { # DESCRIPTION: a systemd that ends a session kills what was begun there (logind's KillUserProcesses), but no scope of the system
    [ -d /run/systemd/system ] && command -v busctl > /dev/null 2>&1 || return 0
    # A subshell's own number; $$ is that of the shell around it.
    read -r pid rest < /proc/self/stat
    scope=talosendpoint-$run-$pid.scope
    timeout -s KILL 10 busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager \
        StartTransientUnit 'ssa(sv)a(sa(sv))' "$scope" fail 4 Description s "$1" Slice s system.slice \
        CollectMode s inactive-or-failed PIDs au 1 "$pid" 0 > /dev/null 2>&1 || return 0
    # The answer comes before the move.
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        while read -r group; do
            case "$group" in *"/$scope") return 0 ;; esac
        done < /proc/self/cgroup
        sleep 0.05
    done
}
