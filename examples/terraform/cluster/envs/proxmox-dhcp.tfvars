# Nodes that a DHCP server addresses: one with a reserved address, two that are known by name.
control_plane = {
  cp-01 = { address = "192.168.30.31/24" }
  cp-02 = { endpoint = "cp-02.example.com" }
  cp-03 = { endpoint = "cp-03.example.com" }
}

vip               = "192.168.30.30"
static_addressing = false
dhcp              = true
talos_version     = "v1.12"
