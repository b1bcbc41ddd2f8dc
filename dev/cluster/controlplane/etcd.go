package main

import (
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/embed"
)

// newEtcdCommand is a single etcd member that listens on a unix socket only, so it has no port to clash.
func newEtcdCommand() *cobra.Command {
	var dataDir, socket string
	command := &cobra.Command{
		Use:          "etcd",
		SilenceUsage: true,
		RunE:         func(*cobra.Command, []string) error { return runEtcd(dataDir, socket) },
	}
	command.Flags().StringVar(&dataDir, "data-dir", "", "folder of the database")
	command.Flags().StringVar(&socket, "socket", "", "path of the unix socket for clients, at most 100 bytes")
	return command
}

func runEtcd(dataDir, socket string) error {
	server, err := embed.StartEtcd(etcdConfig(dataDir, socket))
	if err != nil {
		return err
	}
	defer server.Close()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	select {
	case err := <-server.Err():
		return err
	case <-stop:
		return nil
	}
}

func etcdConfig(dataDir, socket string) *embed.Config {
	config := embed.NewConfig()
	config.Dir = dataDir
	config.LogLevel = "warn"
	// The data is thrown away with the cluster: durability would only cost time.
	config.UnsafeNoFsync = true
	// Left at zero every single request would be logged as slow.
	config.WarningUnaryRequestDuration = embed.DefaultWarningUnaryRequestDuration
	config.ListenClientUrls = []url.URL{{Scheme: "unix", Path: socket}}
	config.ListenPeerUrls = []url.URL{{Scheme: "unix", Path: filepath.Join(filepath.Dir(socket), "p.sock")}}
	// Advertised URLs must look like host:port even though nothing listens there.
	advertised := []url.URL{{Scheme: "http", Host: "localhost:1"}}
	config.AdvertiseClientUrls = advertised
	config.AdvertisePeerUrls = advertised
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	return config
}
