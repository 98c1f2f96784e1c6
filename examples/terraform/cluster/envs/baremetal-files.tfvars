control_plane = {
  cp-01 = "192.168.30.31"
  cp-02 = "192.168.30.32"
  cp-03 = "192.168.30.33"
}

load_balancers = {
  lb-01 = { address = "192.168.30.21/24", interface = "eth0" }
  lb-02 = { address = "192.168.30.22/24", interface = "eth0" }
}

vip = "192.168.30.30"
