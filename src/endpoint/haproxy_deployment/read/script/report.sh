# Reports what is on this host, a line for each thing; changes nothing. It runs as root.
# Variables: paths, services, socket.

word() { # the word, or a hyphen for none
    printf '%s' "${1:--}"
}

conffiles() { # the files of dpkg's packages that may be edited, and the MD5 of each as it came: asked once, it reads its whole database
    command -v dpkg-query > /dev/null 2>&1 && dpkg-query -W -f='${Conffiles}\n' 'haproxy*' 'keepalived*' 2> /dev/null
}

origin() { # whose a file is: of a package as it came, or somebody's
    if [ -n "$shipped" ]; then
        present=$(md5sum < "$1")
        case "$shipped" in
            *" $1 ${present%% *}"*) echo package ;;
            *) echo nobody ;;
        esac
    elif command -v rpm > /dev/null 2>&1 && rpm -qf "$1" > /dev/null 2>&1 &&
        ! rpm -Vf --nodeps --noscripts "$1" 2> /dev/null |
            awk -v path="$1" '$NF == path && ($1 ~ /5/ || $1 == "missing") { found = 1 } END { exit !found }'; then
        echo package
    else
        echo nobody
    fi
}

ask() { # what HAProxy's socket answers; no client of it is on every distribution
    [ -S "$1" ] || return 0
    if command -v socat > /dev/null 2>&1; then
        echo "$2" | socat -t 2 - "UNIX-CONNECT:$1"
        return
    fi
    # It starts faster than Python does.
    perl -MSocket -e '$SIG{ALRM} = sub { exit 1 }; alarm 2;
socket(S, PF_UNIX, SOCK_STREAM, 0) and connect(S, sockaddr_un($ARGV[0])) or exit 1;
syswrite(S, "$ARGV[1]\n"); print while <S>' "$1" "$2" 2> /dev/null
    case $? in
        2 | 127) ;; # its own exit status without that module, and the shell's without Perl
        *) return ;;
    esac
    for python in python3 /usr/libexec/platform-python; do
        if command -v "$python" > /dev/null 2>&1; then
            "$python" -c 'import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(2)
s.connect(sys.argv[1])
s.sendall((sys.argv[2] + "\n").encode())
while True:
    d = s.recv(65536)
    if not d: break
    sys.stdout.buffer.write(d)' "$1" "$2"
            return
        fi
    done
    if command -v curl > /dev/null 2>&1; then
        # HAProxy reads the line up to the semicolon as its command, and doesn't know the rest.
        curl -q -s --http0.9 --max-time 2 --unix-socket "$1" -X "$2;" http://localhost
    fi
}

live() { # the fingerprint of the haproxy.cfg that runs
    ask "$socket" "show info" 2> /dev/null | sed -n 's/^[Dd]escription:.*sha256:\([0-9a-f]*\).*/\1/p' | head -n 1
}

report() {
    (. /etc/os-release 2> /dev/null && echo "os $(word "${ID:-}") $(word "${VERSION_ID:-}")")
    command -v systemctl > /dev/null 2>&1 && echo systemd
    for program in curl ss flock ip awk; do
        command -v "$program" > /dev/null 2>&1 && echo "$program"
    done
    for client in socat perl python3 /usr/libexec/platform-python curl; do
        command -v "$client" > /dev/null 2>&1 && { echo python3; break; }
    done
    command -v haproxy > /dev/null 2>&1 && echo "haproxy $(haproxy -v 2> /dev/null | head -n 1)"
    command -v keepalived > /dev/null 2>&1 && echo "keepalived $(keepalived --version 2>&1 | head -n 1)"
    for manager in apt-get dnf zypper; do
        command -v "$manager" > /dev/null 2>&1 && echo "packages $manager"
    done
    shipped=$(conffiles)
    for path in $paths; do
        if [ -L "$path" ]; then
            echo "link $path"
        elif [ -f "$path" ]; then
            found=$(stat -c '%a %U:%G %s' "$path")
            hash=$(sha256sum < "$path")
            text=-
            [ "${found##* }" -gt 262144 ] || text="=$(base64 -w 0 < "$path")"
            echo "file $path ${found% *} ${hash%% *} $(origin "$path") $text"
        elif [ -e "$path" ]; then
            echo "other $path"
        fi
    done
    for record in /var/lib/talosendpoint/*.json; do
        [ -f "$record" ] && echo "record $record $(base64 -w 0 < "$record")"
    done
    for service in $services; do
        enabled=$(systemctl is-enabled "$service" 2> /dev/null)
        active=$(systemctl is-active "$service" 2> /dev/null)
        echo "service $service $(word "$enabled") $(word "$active")"
    done
    echo "live $(word "$(live)")"
    ip -o address show 2> /dev/null | awk '{ split($4, address, "/"); print "address", address[1] }'
    ss -Hltnp 2> /dev/null | awk '{
        port = $4
        sub(/.*:/, "", port)
        program = $0
        if (sub(/.*users:\(\("/, "", program)) sub(/".*/, "", program)
        else program = "-"
        print "listens", port, program
    }'
    true
}
