// Command controlplane is a whole Kubernetes control plane with its two clients in one program.
//
// It holds etcd (embedded), kube-apiserver, kube-controller-manager, kube-scheduler, kubectl and helm,
// taken from their projects as ordinary Go modules. Which of them runs is told by the program's own
// name (a symlink called kubectl) or by the first argument (controlplane kubectl …).
//
// Two small helpers beside them, `tether` and `guard`, are in package lifetime.
//
// Assumptions: Linux. Each component runs as its own process, since their global flags and metrics clash.
// Failure: a message on stderr and a non-zero exit code.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	_ "appconfig.dev/controlplane/lifetime"
	helm "helm.sh/helm/v4/pkg/cmd"
	"helm.sh/helm/v4/pkg/kube"
	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"
	kubectlutil "k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

func main() {
	name := applet()
	switch name {
	case "kube-apiserver":
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "kube-controller-manager":
		os.Exit(cli.Run(controllermanager.NewControllerManagerCommand()))
	case "kube-scheduler":
		os.Exit(cli.Run(scheduler.NewSchedulerCommand()))
	case "etcd":
		os.Exit(cli.Run(newEtcdCommand()))
	case "kubectl":
		runKubectl()
	case "helm":
		runHelm()
	default:
		fail(fmt.Errorf("unknown program %q: give one of etcd, kube-apiserver, kube-controller-manager, "+
			"kube-scheduler, kubectl, helm", name))
	}
}

// applet finds which program is meant and leaves os.Args as that program expects them.
func applet() string {
	name := filepath.Base(os.Args[0])
	if name == "kubectl" || name == "helm" || len(os.Args) < 2 {
		return name
	}
	os.Args = os.Args[1:]
	return os.Args[0]
}

func runKubectl() {
	command := kubectl.NewDefaultKubectlCommand()
	if err := cli.RunNoErrOutput(command); err != nil {
		// Pretty-prints the error and exits with kubectl's own exit codes (`kubectl diff` uses them).
		kubectlutil.CheckErr(err)
	}
}

func runHelm() {
	// Without it the field manager would be named after this program's file.
	kube.ManagedFieldsManager = "helm"
	command, err := helm.NewRootCmd(os.Stdout, os.Args[1:], helm.SetupLogging)
	if err != nil {
		fail(err)
	}
	if err := command.Execute(); err != nil {
		// helm has printed the error itself.
		var coded helm.CommandError
		if errors.As(err, &coded) {
			os.Exit(coded.ExitCode)
		}
		os.Exit(1)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "Error:", err)
	os.Exit(1)
}
