control_plane = {
  cp-01 = { address = "192.168.30.31/24" }
  cp-02 = { address = "192.168.30.32/24" }
  cp-03 = { address = "192.168.30.33/24" }
}

workers = {
  worker-01 = { address = "192.168.30.41" }
}

vip           = "192.168.30.30"
gateway       = "192.168.30.1"
talos_version = "v1.12"
