# Where files of before are kept.

previous_all=/var/lib/talosendpoint/previous
kept=/var/lib/talosendpoint/originals

flatten() { # PATH: `flat` is the path as the name of a file
    IFS=/
    set -- $1
    IFS=%
    flat=$*
    unset IFS
}
