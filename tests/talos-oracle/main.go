// The oracle: merges machine configuration patches with Talos' own library, validates the result as a node does, and says what Talos
// then sees.
//
//	oracle secrets        writes the secrets of a cluster, which every version reads
//	oracle answer SECRETS reads a JSON list of cases on standard input and writes a JSON list of answers
//
// The file is shared by one module for each Talos minor. What some minors lack is asked for by the shape of a document's methods, so
// that one source compiles against all of them.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/config/configpatcher"
	"github.com/siderolabs/talos/pkg/machinery/config/encoder"
	"github.com/siderolabs/talos/pkg/machinery/config/generate"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/config/validation"
	"github.com/siderolabs/talos/pkg/machinery/constants"
)

// Case is one node's configuration to be made.
type Case struct {
	Name     string `json:"name"`
	Contract string `json:"contract"` // as `talos_version` of the generator
	Worker   bool   `json:"worker"`
	Endpoint string `json:"endpoint"` // of the cluster
	// Base is what the user's own base configuration says beyond the generated one.
	Base    []string `json:"base"`
	Patches []string `json:"patches"`
}

// Answer is what becomes of a case.
type Answer struct {
	Name string `json:"name"`
	// Stage is where it failed: generate, load, merge, reload, validate; empty where it didn't.
	Stage    string   `json:"stage,omitempty"`
	Error    string   `json:"error,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
	View     *View    `json:"view,omitempty"`
}

// metal is the mode of a node on hardware or in a virtual machine.
type metal struct{}

func (metal) String() string        { return "metal" }
func (metal) RequiresInstall() bool { return true }
func (metal) InContainer() bool     { return false }

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	switch {
	case len(arguments) == 1 && arguments[0] == "secrets":
		// Making the keys takes seconds, and any will do.
		bundle, err := secrets.NewBundle(secrets.NewClock(), config.TalosVersionCurrent)
		if err != nil {
			return err
		}
		text, err := encoder.NewEncoder(bundle).Encode()
		if err != nil {
			return err
		}
		_, err = os.Stdout.Write(text)
		return err
	case len(arguments) == 2 && arguments[0] == "answer":
		bundle, err := secrets.LoadBundle(arguments[1])
		if err != nil {
			return err
		}
		var cases []Case
		if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
			return err
		}
		answers := make([]Answer, 0, len(cases))
		for _, one := range cases {
			answers = append(answers, answer(one, bundle))
		}
		output := json.NewEncoder(os.Stdout)
		output.SetEscapeHTML(false)
		return output.Encode(answers)
	default:
		return fmt.Errorf("usage: oracle secrets | oracle answer SECRETS")
	}
}

func answer(one Case, bundle *secrets.Bundle) (result Answer) {
	result.Name = one.Name
	stage := "generate"
	defer func() {
		if panicked := recover(); panicked != nil {
			result.Stage, result.Error = stage, fmt.Sprintf("panic: %v", panicked)
		}
	}()
	fail := func(err error) Answer {
		return Answer{Name: one.Name, Stage: stage, Error: strings.TrimSpace(err.Error())}
	}
	base, err := base(one, bundle)
	if err != nil {
		return fail(err)
	}
	stage = "load"
	patches, err := configpatcher.LoadPatches(one.Patches)
	if err != nil {
		return fail(err)
	}
	stage = "merge"
	merged, err := patched(base, patches)
	if err != nil {
		return fail(err)
	}
	// The node is sent text and reads it anew, refusing what it doesn't know.
	stage = "reload"
	base, err = configloader.NewFromBytes(mustBytes(base))
	if err != nil {
		return fail(err)
	}
	merged, err = configloader.NewFromBytes(mustBytes(merged))
	if err != nil {
		return fail(err)
	}
	stage = "validate"
	usual, err := base.Validate(metal{})
	if err != nil {
		return fail(fmt.Errorf("the base: %w", err))
	}
	warnings, err := merged.Validate(metal{})
	if err != nil {
		return fail(err)
	}
	result.Warnings = without(warnings, usual)
	result.View = view(merged, base)
	return result
}

// base is the configuration that `talosctl gen config` and the talos provider make.
func base(one Case, bundle *secrets.Bundle) (config.Provider, error) {
	contract, err := config.ParseContractFromVersion(one.Contract)
	if err != nil {
		return nil, err
	}
	input, err := generate.NewInput("oracle", one.Endpoint, constants.DefaultKubernetesVersion,
		generate.WithVersionContract(contract), generate.WithSecretsBundle(bundle), generate.WithInstallDisk("/dev/sda"))
	if err != nil {
		return nil, err
	}
	kind := machine.TypeControlPlane
	if one.Worker {
		kind = machine.TypeWorker
	}
	generated, err := input.Config(kind)
	if err != nil || len(one.Base) == 0 {
		return generated, err
	}
	own, err := configpatcher.LoadPatches(one.Base)
	if err != nil {
		return nil, err
	}
	return patched(generated, own)
}

func patched(base config.Provider, patches []configpatcher.Patch) (config.Provider, error) {
	output, err := configpatcher.Apply(configpatcher.WithConfig(base), patches)
	if err != nil {
		return nil, err
	}
	return output.Config()
}

func mustBytes(of config.Provider) []byte {
	bytes, err := of.Bytes()
	if err != nil {
		panic(err)
	}
	return bytes
}

func without(all, taken []string) []string {
	var left []string
	for _, one := range all {
		known := false
		for _, other := range taken {
			known = known || one == other
		}
		if !known {
			left = append(left, one)
		}
	}
	return left
}

var _ validation.RuntimeMode = metal{}
