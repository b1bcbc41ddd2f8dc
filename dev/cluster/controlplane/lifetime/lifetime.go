// Package lifetime ties processes and files to the life of the process that started them.
//
// Importing it is enough: when the first argument is `tether` or `guard`, the program does that and
// nothing else. It happens in init, before the hundreds of packages of Kubernetes initialise (Go does
// that in the order of import paths, and this one depends on little and sorts early): a tethered start
// then costs 10 ms, not 110 ms, and a waiting guard holds few pages.
//
// Guarantees: `tether` needs no cooperation from the program; `guard` works however its parent ends.
// Assumptions: Linux.
// Failure: a message on stderr and exit code 1.
package lifetime

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

func init() {
	if len(os.Args) < 2 {
		return
	}
	switch os.Args[1] {
	case "tether":
		exit(tether(os.Args[2:]))
	case "guard":
		exit(guard(os.Args[2:]))
	}
}

func exit(err error) {
	if err != nil {
		os.Stderr.WriteString("Error: " + err.Error() + "\n")
		os.Exit(1)
	}
	os.Exit(0)
}

// tether replaces this process by another program that the kernel kills as soon as its parent dies,
// however the parent dies. Arguments: the parent's process id, then the program and its arguments.
// The process id stays the same, so signals reach the program itself.
func tether(args []string) error {
	if len(args) < 2 {
		return errors.New("usage: tether PARENT-PID PROGRAM [ARGUMENT…]")
	}
	parent, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	program, err := exec.LookPath(args[1])
	if err != nil {
		return err
	}
	// The setting belongs to a thread and is kept by an execve from that same thread.
	runtime.LockOSThread()
	if err := killWithParent(); err != nil {
		return err
	}
	if os.Getppid() != parent {
		return errors.New("the parent is gone already")
	}
	return syscall.Exec(program, args[1:], os.Environ())
}

func killWithParent() error {
	const prSetParentDeathSignal = 1 // PR_SET_PDEATHSIG, prctl(2)
	_, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, prSetParentDeathSignal, uintptr(syscall.SIGKILL), 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// guard waits until stdin ends, which is when the process at its other end is gone, and removes a folder.
func guard(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: guard FOLDER")
	}
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	return removeUntilGone(args[0])
}

// removeUntilGone deletes a folder in which dying processes may still be writing.
func removeUntilGone(folder string) error {
	var err error
	for attempt := 0; attempt < 50; attempt++ {
		if err = os.RemoveAll(folder); err == nil {
			if _, statErr := os.Stat(folder); os.IsNotExist(statErr) {
				return nil
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}
