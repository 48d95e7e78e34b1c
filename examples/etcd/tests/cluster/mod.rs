//! A cluster of real servers on this machine, for tests and benchmarks.

use std::fs::File;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use etcd_client::Client;
use service_end_etcd::EtcdStorage;
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

/// Nodes of one cluster, with their data in a scratch directory. Killed when dropped, by their ids.
#[derive(Debug)]
pub struct Cluster {
    nodes: Vec<Node>,
    directory: TempDir,
    arguments: Vec<String>,
    prefixes: AtomicU32,
}

#[derive(Debug)]
struct Node {
    client: String,
    peer: String,
    process: Option<Child>,
}

impl Cluster {
    /// Three nodes that answer.
    pub async fn start() -> Self {
        Cluster::start_with(3, &[]).await
    }

    /// Nodes with further arguments, which answer.
    pub async fn start_with(nodes: usize, arguments: &[&str]) -> Self {
        Cluster::start_in(&std::env::temp_dir(), nodes, arguments).await
    }

    /// Three nodes with their data in memory, where there is room: for tests that need no disk.
    pub async fn start_in_memory() -> Self {
        Cluster::start_in_memory_with(3, &[]).await
    }

    /// The same with so many nodes and further arguments.
    pub async fn start_in_memory_with(nodes: usize, arguments: &[&str]) -> Self {
        let memory = Path::new("/dev/shm");
        let directory = if memory.is_dir() { memory } else { &std::env::temp_dir() };
        Cluster::start_in(directory, nodes, arguments).await
    }

    /// How many bytes of memory a node has.
    pub fn memory(&self, node: usize) -> usize {
        let id = self.nodes[node].process.as_ref().expect("it runs").id();
        let pages = std::fs::read_to_string(format!("/proc/{id}/statm")).unwrap();
        pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
    }

    async fn start_in(directory: &Path, nodes: usize, arguments: &[&str]) -> Self {
        // A free port can be taken before the server takes it: then once more.
        for _ in 0..5 {
            let mut cluster = Cluster::on_free_ports(directory, nodes, arguments);
            (0..nodes).for_each(|node| cluster.run(node));
            if cluster.wait_for_leader(Duration::from_secs(20)).await.is_some() {
                return cluster;
            }
            cluster.show_logs();
        }
        panic!("no cluster came up");
    }

    fn on_free_ports(directory: &Path, nodes: usize, arguments: &[&str]) -> Self {
        let listeners: Vec<_> = (0..2 * nodes).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let urls: Vec<_> = listeners
            .iter()
            .map(|listener| format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port()))
            .collect();
        let nodes =
            urls.chunks(2).map(|urls| Node { client: urls[0].clone(), peer: urls[1].clone(), process: None });
        Cluster {
            nodes: nodes.collect(),
            directory: TempDir::with_prefix_in("service-end-etcd-", directory).unwrap(),
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
            prefixes: AtomicU32::new(0),
        }
    }

    /// Runs a node, with the data that it left.
    pub fn run(&mut self, node: usize) {
        let members: Vec<_> = self
            .nodes
            .iter()
            .enumerate()
            .map(|(node, Node { peer, .. })| format!("n{node}={peer}"))
            .collect();
        let data = self.directory.path().join(format!("n{node}"));
        let log = File::options().create(true).append(true).open(log(self.directory.path(), node)).unwrap();
        let Node { client, peer, process } = &mut self.nodes[node];
        assert!(process.is_none(), "it runs already");
        let child = Command::new("etcd")
            .args(["--name", &format!("n{node}"), "--data-dir"])
            .arg(data)
            .args(["--listen-client-urls", client, "--advertise-client-urls", client])
            .args(["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer])
            .args(["--initial-cluster", &members.join(","), "--logger", "zap", "--log-level", "warn"])
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        *process = Some(child.unwrap_or_else(|error| {
            panic!("the server `etcd` can't be run ({error}): install Debian's package `etcd-server`")
        }));
    }

    /// Kills a node and runs it with further arguments.
    pub fn run_with(&mut self, node: usize, arguments: &[&str]) {
        self.kill(node);
        let before = self.arguments.clone();
        self.arguments.extend(arguments.iter().map(|&argument| argument.to_owned()));
        self.run(node);
        self.arguments = before;
    }

    /// Kills a node (SIGKILL) and waits until it is gone.
    pub fn kill(&mut self, node: usize) {
        if let Some(mut process) = self.nodes[node].process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Has a node stand still (`STOP`) or go on (`CONT`).
    pub fn signal(&self, node: usize, signal: &str) {
        let id = self.nodes[node].process.as_ref().expect("it runs").id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status().unwrap();
        assert!(sent.success());
    }

    pub fn endpoints(&self) -> Vec<&str> {
        self.nodes.iter().map(|node| &*node.client).collect()
    }

    /// Which node leads, if the others, without one that must not count, know.
    pub async fn leader_but(&self, gone: Option<usize>) -> Option<usize> {
        let mut members = Vec::new();
        let mut leaders = Vec::new();
        for (node, Node { client, process, .. }) in self.nodes.iter().enumerate() {
            if process.is_none() || Some(node) == gone {
                continue;
            }
            let mut client = Client::connect([client], None).await.unwrap();
            let status = timeout(Duration::from_secs(1), client.status()).await.ok()?.ok()?;
            members.push((status.header()?.member_id(), node));
            leaders.push(status.leader());
        }
        let leader = *leaders.first()?;
        let agreed = leaders.iter().all(|other| *other == leader);
        members.into_iter().find(|(member, _)| agreed && *member == leader).map(|(_, node)| node)
    }

    /// Which node leads, as soon as all that run agree.
    pub async fn wait_for_leader(&self, patience: Duration) -> Option<usize> {
        let end = Instant::now() + patience;
        while Instant::now() < end {
            if let Some(leader) = self.leader_but(None).await {
                return Some(leader);
            }
            sleep(Duration::from_millis(50)).await;
        }
        None
    }

    /// A fresh store: a prefix that was not used before.
    pub async fn store(&self) -> EtcdStorage {
        let prefix = format!("test-{}/", self.prefixes.fetch_add(1, Ordering::Relaxed));
        self.store_at(&prefix).await
    }

    /// A store on a prefix, as another process would open it.
    pub async fn store_at(&self, prefix: &str) -> EtcdStorage {
        EtcdStorage::connect(&self.endpoints(), prefix).await.unwrap()
    }

    fn show_logs(&self) {
        for node in 0..self.nodes.len() {
            let log = std::fs::read_to_string(log(self.directory.path(), node)).unwrap_or_default();
            eprintln!("node {node}:\n{log}");
        }
    }
}

fn log(directory: &Path, node: usize) -> std::path::PathBuf {
    directory.join(format!("n{node}.log"))
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for node in &mut self.nodes {
            if let Some(process) = &mut node.process {
                // A node that stands still is killed all the same.
                let _ = process.kill();
                let _ = process.wait();
            }
        }
    }
}
