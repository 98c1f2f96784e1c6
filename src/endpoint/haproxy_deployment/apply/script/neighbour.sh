# Finds out which other machines have one of the virtual IPs. Variables: vips, address (the host's own, by which peers reach it).

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
        # IPv4: an ARP probe (RFC 5227). IPv6: a solicitation from an address of this host (RFC 4861), which is answered to this host alone;
        # one without, as for RFC 4862, would have everybody learn the answer.
        "$python" -c 'import socket, struct, sys, time
device, kind = sys.argv[1], 0x86dd if ":" in sys.argv[2] else 0x0806
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(kind))
s.bind((device, kind))
own = s.getsockname()[4]
if kind == 0x0806:
    address = socket.inet_aton(sys.argv[2])
    request = b"\xff" * 6 + own + b"\x08\x06\x00\x01\x08\x00\x06\x04\x00\x01" + own + bytes(10) + address
    def answers(frame): return frame[20:22] == b"\x00\x02" and frame[28:32] == address and frame[22:28]
else:
    address = socket.inet_pton(socket.AF_INET6, sys.argv[2])
    lines = [line.split() for line in open("/proc/net/if_inet6")]
    source = [bytes.fromhex(line[0]) for line in lines if line[5] == device and line[3] == "20"]
    if not source: sys.exit(1)
    group = bytes.fromhex("ff0200000000000000000001ff") + address[13:]
    def solicitation(checksum): return struct.pack("!BBHI", 135, 0, checksum, 0) + address + b"\x01\x01" + own
    total = sum(struct.unpack("!36H", source[0] + group + struct.pack("!II", 32, 58) + solicitation(0)))
    total = (total & 0xffff) + (total >> 16)
    packet = solicitation(~((total & 0xffff) + (total >> 16)) & 0xffff)
    request = b"\x33\x33" + group[12:] + own + b"\x86\xdd" + struct.pack("!IHBB", 0x60000000, 32, 58, 255) + source[0] + group + packet
    def answers(frame): return frame[20:22] == b"\x3a\xff" and frame[54:55] == b"\x88" and frame[62:78] == address and frame[6:12]
found = set()
for attempt in range(3):
    s.send(request)
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        s.settimeout(max(0.01, end - time.monotonic()))
        try: found.add(answers(s.recv(1500)))
        except OSError: break
for one in sorted(found - {False, own}): print(":".join("%02x" % byte for byte in one))' "$1" "$2" && return
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
    [ -z "$(ip -o address show to "$1" 2> /dev/null)" ] || echo "has $1"
    device=$(device_of "$1")
    [ -n "$device" ] || device=$(device_of "$address")
    [ -n "$device" ] || return 0
    for by in $(probe "$device" "$1"); do
        # Another interface of this host in the same segment answers too.
        ip -o link show | grep -q "link/ether $by " || echo "answers $1 $by"
    done
}

claims() { # who else has an address, and whether this host has it
    for vip in $vips; do
        claim "$vip" &
    done
    wait
}
