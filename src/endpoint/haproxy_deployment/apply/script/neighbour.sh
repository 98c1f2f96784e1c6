# Finds out who has the virtual IPs. Variables: vips, address (the host's own, by which peers reach it).

neighbour() { # ADDRESS: the hardware address of a machine that has it
    # What was known before says nothing about now.
    ip neigh flush to "$1" 2> /dev/null
    if command -v ping > /dev/null 2>&1; then
        ping -c 1 -W 1 "$1"
    else
        case "$1" in *:*) url="http://[$1]:9/" ;; *) url="http://$1:9/" ;; esac
        curl -q -s --noproxy '*' --connect-timeout 1 "$url"
    fi > /dev/null 2>&1
    ip neigh show to "$1" | awk '/REACHABLE/ { for (i = 1; i < NF; i++) if ($i == "lladdr") print $(i + 1) }'
}

others() { # DEVICE ADDRESS, which this host has itself: the hardware addresses of other machines that answer to it (RFC 5227)
    for python in python3 /usr/libexec/platform-python; do
        command -v "$python" > /dev/null 2>&1 || continue
        "$python" -c 'import socket, sys, time
device, address = sys.argv[1], socket.inet_aton(sys.argv[2])
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
s.bind((device, 0x0806))
own = s.getsockname()[4]
request = b"\xff" * 6 + own + b"\x08\x06\x00\x01\x08\x00\x06\x04\x00\x01" + own + bytes(10) + address
found = set()
for attempt in range(3):
    s.send(request)
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        s.settimeout(max(0.01, end - time.monotonic()))
        try: frame = s.recv(1500)
        except OSError: break
        if frame[20:22] == b"\x00\x02" and frame[28:32] == address and frame[22:28] != own: found.add(frame[22:28])
for one in sorted(found): print(":".join("%02x" % byte for byte in one))' "$1" "$2"
        return
    done
}

claims() { # who has each address: this host, others
    device=$(ip -o address show to "$address" 2> /dev/null | awk '{ print $2; exit }')
    for vip in $vips; do
        if [ -z "$(ip -o address show to "$vip" 2> /dev/null)" ]; then
            found=$(neighbour "$vip")
        else
            echo "has $vip"
            # The kernel asks nobody for an address of its own, and neighbours by IPv6 aren't asked so.
            found=
            case "$vip" in *:*) ;; *) [ -z "$device" ] || found=$(others "$device" "$vip") ;; esac
        fi
        for by in $found; do
            echo "answers $vip $by"
        done
    done
}
