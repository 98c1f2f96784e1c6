# Asks who has an address, by ARP (RFC 5227) or Neighbor Discovery (RFC 4861): python3 -c TEXT DEVICE ADDRESS. Prints the hardware address of
# each other machine that answers, also where this one has the address itself.
import socket
import struct
import sys
import time

ARP, IPV6 = 0x0806, 0x86DD
ATTEMPTS, WAIT = 3, 0.5  # and seconds


def arp_probe(address, own):
    header = b"\xff" * 6 + own + struct.pack("!H", ARP)
    return header + struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + own + bytes(4) + bytes(6) + address


def arp_answer(frame, address):
    is_reply = frame[20:22] == b"\x00\x02"
    return frame[22:28] if is_reply and frame[28:32] == address else None


def solicitation(address, own, source):
    # From an address of this host, so that the answer comes to it alone: all would learn that to a probe of RFC 4862.
    group = bytes.fromhex("ff0200000000000000000001ff") + address[13:]

    def message(checksum):
        return struct.pack("!BBHI", 135, 0, checksum, 0) + address + b"\x01\x01" + own

    total = sum(struct.unpack("!36H", source + group + struct.pack("!II", 32, 58) + message(0)))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    header = b"\x33\x33" + group[12:] + own + struct.pack("!H", IPV6)
    return header + struct.pack("!IHBB", 0x60000000, 32, 58, 255) + source + group + message(~total & 0xFFFF)


def advertisement(frame, address):
    is_icmp = frame[20:22] == b"\x3a\xff"  # from this link only: nothing has lowered the hop limit
    return frame[6:12] if is_icmp and frame[54:55] == b"\x88" and frame[62:78] == address else None


def link_local(device):
    with open("/proc/net/if_inet6") as addresses:
        lines = [line.split() for line in addresses]
    return next(bytes.fromhex(line[0]) for line in lines if line[5] == device and line[3] == "20")


def main(device, text):
    kind = IPV6 if ":" in text else ARP
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(kind))
    sock.bind((device, kind))
    own = sock.getsockname()[4]
    if kind == ARP:
        address, answer = socket.inet_pton(socket.AF_INET, text), arp_answer
        request = arp_probe(address, own)
    else:
        address, answer = socket.inet_pton(socket.AF_INET6, text), advertisement
        request = solicitation(address, own, link_local(device))
    found = set()
    for _ in range(ATTEMPTS):
        sock.send(request)
        end = time.monotonic() + WAIT
        while time.monotonic() < end:
            sock.settimeout(max(0.01, end - time.monotonic()))
            try:
                found.add(answer(sock.recv(1500), address))
            except OSError:
                break
    for one in sorted(found - {None, own}):
        print(":".join("%02x" % byte for byte in one))


if len(sys.argv) == 3:
    main(*sys.argv[1:])
