package main

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/config"
	talos "github.com/siderolabs/talos/pkg/machinery/config/config"
	"github.com/siderolabs/talos/pkg/machinery/nethelpers"
)

// View is what Talos' controllers read from a configuration, in both forms.
type View struct {
	VIPs      []VIP     `json:"vips"`
	Addresses []Address `json:"addresses"`
	Routes    []Route   `json:"routes"`
	// DHCP names the links for which it is switched on explicitly.
	DHCP []string `json:"dhcp"`
	// DefaultDHCP is false where a document ends DHCP on every link that isn't configured; before 1.12 there are no documents.
	DefaultDHCP any `json:"default_dhcp"`
	// Links names everything that is declared as a link, with which its default addressing ends.
	Links   []string `json:"links"`
	VLANs   []VLAN   `json:"vlans"`
	Aliases []Alias  `json:"aliases"`
	// MachineSANs and APIServerSANs hold what was added to the base configuration.
	MachineSANs   []string `json:"machine_cert_sans"`
	APIServerSANs []string `json:"api_server_cert_sans"`
	// Hosts are the entries of the node's own host table.
	Hosts []Host `json:"hosts,omitempty"`
}

// Host is a line of the host table.
type Host struct {
	IP    string   `json:"ip"`
	Names []string `json:"names"`
}

// VIP is a virtual address and the link that carries it.
type VIP struct {
	IP   string `json:"ip"`
	Link string `json:"link"`
	Form string `json:"form"`
}

// Address is a node's own.
type Address struct {
	Link    string `json:"link"`
	Address string `json:"address"`
}

// Route is one of a link.
type Route struct {
	Link        string `json:"link"`
	Destination string `json:"destination"`
	Gateway     string `json:"gateway"`
	// Metric is 0 where Talos' own serves.
	Metric uint32 `json:"metric"`
}

// VLAN is a link that is declared as one, with the link under it.
type VLAN struct {
	Link   string `json:"link"`
	ID     uint16 `json:"id"`
	Parent string `json:"parent"`
}

// Alias is a name for the link that a CEL expression finds.
type Alias struct {
	Name  string `json:"name"`
	Match string `json:"match"`
	// Devices are those of a known machine that the expression finds: an alias is given where it is exactly one.
	Devices []string `json:"devices"`
}

func view(of, base config.Provider) *View {
	seen := &View{
		VIPs: []VIP{}, Addresses: []Address{}, Routes: []Route{}, DHCP: []string{}, Links: []string{}, VLANs: []VLAN{},
		Aliases:       []Alias{},
		MachineSANs:   added(of.Machine().Security().CertSANs(), base.Machine().Security().CertSANs()),
		APIServerSANs: added(apiServerSANs(of), apiServerSANs(base)),
	}
	seen.DefaultDHCP, _ = call(of, "RunDefaultDHCPOperators")
	seen.Hosts = hosts(of)
	for _, device := range of.Machine().Network().Devices() {
		seen.device(device)
	}
	for _, document := range of.Documents() {
		seen.document(document)
	}
	return seen
}

// device is the form of `machine.network.interfaces`.
func (seen *View) device(device talos.Device) {
	link := device.Interface()
	if selector := device.Selector(); selector != nil && !reflect.ValueOf(selector).IsNil() {
		link = selected(selector)
	}
	seen.part(link, device.DHCP(), device.Addresses(), device.Routes(), device.VIPConfig())
	for _, vlan := range device.Vlans() {
		name := nethelpers.VLANLinkName(link, vlan.ID())
		if strings.HasPrefix(link, "{") {
			name = fmt.Sprintf("%s.%d", link, vlan.ID()) // the device's own name is known on the node only
		}
		seen.VLANs = append(seen.VLANs, VLAN{name, vlan.ID(), link})
		seen.part(name, vlan.DHCP(), vlan.Addresses(), vlan.Routes(), vlan.VIPConfig())
	}
}

func (seen *View) part(link string, dhcp bool, addresses []string, routes []talos.Route, vip talos.VIPConfig) {
	seen.Links = append(seen.Links, link)
	if dhcp {
		seen.DHCP = append(seen.DHCP, link)
	}
	for _, address := range addresses {
		seen.Addresses = append(seen.Addresses, Address{link, address})
	}
	for _, route := range routes {
		seen.Routes = append(seen.Routes, Route{link, route.Network(), route.Gateway(), route.Metric()})
	}
	if vip != nil && !reflect.ValueOf(vip).IsNil() {
		seen.VIPs = append(seen.VIPs, VIP{vip.IP(), link, "legacy"})
	}
}

func selected(selector talos.NetworkDeviceSelector) string {
	var fields []string
	for _, field := range []struct{ name, value string }{
		{"busPath", selector.Bus()},
		{"hardwareAddr", selector.HardwareAddress()},
		{"permanentAddr", selector.PermanentAddress()},
		{"pciID", selector.PCIID()},
		{"driver", selector.KernelDriver()},
	} {
		if field.value != "" {
			fields = append(fields, field.name+"="+field.value)
		}
	}
	if physical := selector.Physical(); physical != nil {
		fields = append(fields, fmt.Sprintf("physical=%t", *physical))
	}
	return "{" + strings.Join(fields, ",") + "}"
}

// document is the form of 1.12 and later. The documents' types exist only there, so they are known by their methods.
func (seen *View) document(document talos.Document) {
	named, ok := document.(talos.NamedDocument)
	if !ok {
		return
	}
	if vip, ok := document.(interface {
		Link() string
		VIP() netip.Addr
	}); ok {
		seen.VIPs = append(seen.VIPs, VIP{vip.VIP().String(), vip.Link(), "document"})
	}
	if _, ok := document.(interface{ NetworkDHCPConfig() }); ok {
		seen.DHCP = append(seen.DHCP, named.Name())
	}
	if selector, ok := call(document, "LinkSelector"); ok {
		seen.Aliases = append(seen.Aliases, Alias{named.Name(), fmt.Sprint(selector), devices(selector)})
	}
	if vlan, ok := document.(interface {
		VLANID() uint16
		ParentLink() string
	}); ok {
		seen.VLANs = append(seen.VLANs, VLAN{named.Name(), vlan.VLANID(), vlan.ParentLink()})
	}
	addresses, ok := call(document, "Addresses")
	routes, both := call(document, "Routes")
	if !ok || !both {
		return
	}
	seen.Links = append(seen.Links, named.Name())
	for _, item := range items(addresses) {
		address := item.(interface{ Address() netip.Prefix }).Address()
		seen.Addresses = append(seen.Addresses, Address{named.Name(), address.String()})
	}
	for _, item := range items(routes) {
		destination, _ := call(item, "Destination")
		gateway, _ := call(item, "Gateway")
		metric, _ := call(item, "Metric")
		seen.Routes = append(seen.Routes, Route{
			named.Name(), present[netip.Prefix](destination), present[netip.Addr](gateway), number(metric),
		})
	}
}

// hosts: from 1.12 on one accessor reads both forms.
func hosts(of config.Provider) []Host {
	entries, ok := call(of, "NetworkStaticHostConfig")
	if !ok {
		entries, _ = call(of.Machine().Network(), "ExtraHosts")
	}
	var all []Host
	for _, item := range items(entries) {
		entry := item.(interface {
			IP() string
			Aliases() []string
		})
		all = append(all, Host{entry.IP(), entry.Aliases()})
	}
	return all
}

// call gives the result of a method without parameters, if there is one.
func call(of any, method string) (any, bool) {
	found := reflect.ValueOf(of).MethodByName(method)
	if !found.IsValid() || found.Type().NumIn() != 0 || found.Type().NumOut() != 1 {
		return nil, false
	}
	return found.Call(nil)[0].Interface(), true
}

func items(list any) []any {
	all := make([]any, 0)
	for i := range reflect.ValueOf(list).Len() {
		all = append(all, reflect.ValueOf(list).Index(i).Interface())
	}
	return all
}

func present[T fmt.Stringer](optional any) string {
	if value, ok := optional.(interface{ Get() (T, bool) }); ok {
		if value, ok := value.Get(); ok {
			return value.String()
		}
	}
	return ""
}

func number(optional any) uint32 {
	if value, ok := optional.(interface{ Get() (uint32, bool) }); ok {
		value, _ := value.Get()
		return value
	}
	return 0
}

// apiServerSANs: from 1.14 on of a document of its own, before that of the cluster.
func apiServerSANs(of config.Provider) []string {
	var holder any = of.Cluster()
	if server, ok := call(of, "K8sAPIServerConfig"); ok {
		holder = server
	}
	if server, ok := holder.(interface{ CertSANs() []string }); ok {
		return server.CertSANs()
	}
	return nil // a worker of 1.14
}

// added is what follows the names of the base configuration; Talos appends.
func added(all, before []string) []string {
	if len(all) < len(before) || !slices.Equal(all[:len(before)], before) {
		panic(fmt.Sprintf("the names %v no longer begin with those of the base, %v", all, before))
	}
	return append([]string{}, all[len(before):]...)
}
