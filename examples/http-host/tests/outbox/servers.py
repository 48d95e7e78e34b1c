"""What a run kills and stops: processes, and the servers of the stores, each on free loopback ports and with its data below
a folder.

Each has `kill`, which ends it at once and has it run again, `stop` and `go_on`, and `end`.
"""

import glob
import os
import random
import shutil
import signal
import socket
import subprocess
import time


def free_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


class Program:
    """One process."""

    def __init__(self, command, log, **options):
        self.command, self.options = command, options
        self.log = open(log, "a")
        self.start()

    def start(self):
        output = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": self.log}
        self.process = subprocess.Popen(self.command, **output, **self.options)

    def kill(self):
        self.end()
        self.start()

    def stop(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def end(self):
        self.process.kill()
        self.process.wait()


class Postgres(Program):
    """A server with a cluster of its own. It is killed with all its processes, or one of those that serve connections is,
    which makes it recover; it is stopped as a whole, or only those stand still that serve connections."""

    def __init__(self, folder):
        found = glob.glob("/usr/lib/postgresql/*/bin/postgres")
        if not found:
            raise SystemExit("there is no PostgreSQL: install Debian's package `postgresql`")
        newest = max(found, key=lambda path: int(path.split("/")[4]))
        # Who is root, whom it refuses, runs it as its own user.
        options = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
        data, self.port = folder + "/data", free_port()
        os.mkdir(folder)
        if options:
            shutil.chown(folder, "postgres", "postgres")
        options["cwd"] = folder
        initdb = newest.removesuffix("postgres") + "initdb"
        made = [initdb, "--no-sync", "--auth=trust", "--username=host", "--encoding=UTF8", "--locale=C", "-D", data]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL, **options)
        settings = ["listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", "fsync=on", "shared_buffers=64MB"]
        command = [newest, "-D", data, "-p", str(self.port)]
        super().__init__(command + [word for setting in settings for word in ("-c", setting)], folder + "/log", **options)

    def storage(self):
        return f"postgres:postgresql://host@127.0.0.1:{self.port}/postgres"

    def children(self):
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as children:
            return [int(child) for child in children.read().split()]

    def backends(self):
        """Those that serve connections."""
        return [child for child in self.children() if b"127.0.0.1" in title(child)]

    def kill(self):
        backends = self.backends()
        if backends and random.random() < 0.3:
            return send(signal.SIGKILL, random.sample(backends, 1))
        self.end()
        self.start()

    def stop(self):
        # The first process is stopped first, so that it makes no further ones.
        everyone = [self.process.pid]
        if random.random() < 0.5:
            send(signal.SIGSTOP, everyone)
            send(signal.SIGSTOP, self.children())
        else:
            send(signal.SIGSTOP, self.backends())

    def go_on(self):
        send(signal.SIGCONT, [*self.children(), self.process.pid])

    def end(self):
        send(signal.SIGSTOP, [self.process.pid])
        children = self.children()
        send(signal.SIGKILL, [self.process.pid, *children])
        self.process.wait()
        while any(title(child) for child in children):
            time.sleep(0.01)


class Etcd:
    """Three nodes, of which one or all are killed or stopped."""

    def __init__(self, folder):
        os.mkdir(folder)
        peers = [f"http://127.0.0.1:{free_port()}" for _ in range(3)]
        self.clients = [f"http://127.0.0.1:{free_port()}" for _ in range(3)]
        members = ",".join(f"n{node}={peer}" for node, peer in enumerate(peers))
        self.nodes, self.chosen = [], []
        for node, (peer, client) in enumerate(zip(peers, self.clients)):
            command = ["etcd", "--name", f"n{node}", "--data-dir", f"{folder}/n{node}", "--initial-cluster", members]
            command += ["--listen-client-urls", client, "--advertise-client-urls", client]
            command += ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--logger", "zap"]
            self.nodes.append(Program([*command, "--log-level", "warn"], f"{folder}/log"))

    def storage(self):
        return "etcd:" + ",".join(self.clients)

    def choose(self):
        self.chosen = self.nodes if random.random() < 0.3 else [random.choice(self.nodes)]
        return self.chosen

    def kill(self):
        for node in self.choose():
            node.end()
        for node in self.chosen:
            node.start()

    def stop(self):
        for node in self.choose():
            node.stop()

    def go_on(self):
        for node in self.chosen:
            node.go_on()

    def end(self):
        for node in self.nodes:
            node.end()


def send(name, processes):
    """Some of them may have ended meanwhile."""
    for process in processes:
        try:
            os.kill(process, name)
        except ProcessLookupError:
            pass


def title(process):
    """How a process is called; nothing if it has ended."""
    try:
        with open(f"/proc/{process}/cmdline", "rb") as words:
            return words.read()
    except (FileNotFoundError, ProcessLookupError):
        return b""
