# Finds out which other machines have one of the virtual IPs. Variables: vips, address (the host's own, by which peers reach it), and
# program, which asks.

device_of() { # the interface of an address, held or on the link; empty where there is none
    held=$(ip -o address show to "$1" 2> /dev/null | awk '$2 != "lo" { print $2; exit }')
    [ -z "$held" ] || { echo "$held"; return; }
    # Where there is no route, older kernels answer with the loopback interface.
    ip -o route get "$1" 2> /dev/null | awk '!/ via / && !/ dev lo / && $1 != "local" {
        for (i = 1; i < NF; i++) if ($i == "dev") { print $(i + 1); exit }
    }'
}

probe() { # DEVICE ADDRESS: the hardware addresses of all other machines that answer to it, also where this one has it
    for python in python3 /usr/libexec/platform-python; do
        command -v "$python" > /dev/null 2>&1 || continue
        "$python" -c "$program" "$1" "$2" && return
    done
    asked "$1" "$2"
}

asked() { # the same without Python, or where that may not ask: the kernel asks, learns of one machine at most, and of none where this one has the address
    [ -z "$(ip -o address show to "$2" 2> /dev/null)" ] || return 0
    # What was known before says nothing about now.
    ip neigh del "$2" dev "$1" 2> /dev/null
    ip neigh replace "$2" dev "$1" use 2> /dev/null || return 0
    for second in 1 2 3; do
        sleep 1
        ip neigh show to "$2" dev "$1" | grep -q lladdr && break
    done
    ip neigh show to "$2" dev "$1" | sed -n 's/.*lladdr \([0-9a-f:]*\).*/\1/p'
    ip neigh del "$2" dev "$1" 2> /dev/null
    true
}

claim() { # ADDRESS
    device=$(device_of "$1")
    [ -n "$device" ] || device=$(device_of "$address")
    [ -n "$device" ] || return 0
    for by in $(probe "$device" "$1"); do
        echo "answers $1 $by"
    done
}

claims() { # who has an address, and the hardware addresses of this host, which may answer at another interface
    ip -o link show | awk '{ for (i = 1; i < NF; i++) if ($i == "link/ether") print "own", $(i + 1) }'
    for vip in $vips; do
        claim "$vip" &
    done
    wait
}
