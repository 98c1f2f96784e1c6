package main

import (
	"fmt"

	network "github.com/siderolabs/talos/pkg/machinery/api/resource/definitions/network"
	"github.com/siderolabs/talos/pkg/machinery/cel"
	"github.com/siderolabs/talos/pkg/machinery/cel/celenv"
)

// known is what a link selector is tried on: two of virtio, which have no PCI id, and two of another that are in a bond.
var known = []struct {
	name   string
	status *network.LinkStatusSpec
}{
	{"eth0", device(0xbc, 0x24, 0x11, 0, 0, 1, "0000:00:12.0", "", "virtio_net")},
	{"eth1", device(0xbc, 0x24, 0x11, 0, 0, 2, "0000:00:13.0", "", "virtio_net")},
	{"eth2", device(0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, "0000:01:00.0", "8086:1521", "igb")},
	{"eth3", member(device(0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0x01, "0000:01:00.1", "8086:1521", "igb"))},
}

// member is a device in the bond of eth2, which has given it its hardware address.
func member(status *network.LinkStatusSpec) *network.LinkStatusSpec {
	status.HardwareAddr = []byte{0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}
	return status
}

func device(a, b, c, d, e, f byte, bus, pci, driver string) *network.LinkStatusSpec {
	address := []byte{a, b, c, d, e, f}
	return &network.LinkStatusSpec{
		HardwareAddr: address, PermanentAddr: address, BusPath: bus, Pciid: pci, Driver: driver,
	}
}

// devices is which of them the selector of a link alias finds, by the library that the node uses.
func devices(selector any) []string {
	found := []string{}
	expression, ok := selector.(cel.Expression)
	if !ok {
		panic(fmt.Sprintf("%T is no expression", selector))
	}
	for _, one := range known {
		matches, err := expression.EvalBool(celenv.LinkLocator(), map[string]any{"link": one.status})
		if err != nil {
			panic(err)
		}
		if matches {
			found = append(found, one.name)
		}
	}
	return found
}
