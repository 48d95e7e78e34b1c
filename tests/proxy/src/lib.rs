//! Stands between a store and its server, on the loopback, and does to the answers what networks do to them: loses,
//! delays and repeats them. What the store sends is always passed on, so whatever it asks for is done.
//!
//! It also counts round trips, for benchmarks.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// What becomes of the answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// They are passed on.
    Pass,
    /// They are never passed on, and the connection stays open: the client waits.
    Lose,
    /// They are not passed on, and the connection is cut when one comes: the client learns that it has none.
    Cut,
    /// They come so much later, in order.
    Delay(Duration),
    /// They come twice.
    Repeat,
}

/// A proxy, which runs until the test's process ends.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    answers: Mutex<Answers>,
    round_trips: AtomicUsize,
    /// Both ends of each connection.
    open: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    /// A proxy on a free port, before a server.
    ///
    /// # Errors
    /// When the loopback gives no port.
    pub fn before(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let answers = Mutex::new(Answers::Pass);
        let shared = Arc::new(Shared { answers, round_trips: AtomicUsize::new(0), open: Mutex::default() });
        let connections = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming() {
                // A server that is not there refuses the client, too: its connection is dropped.
                let _ = client.and_then(|client| connections.connect(client, server));
            }
        });
        Ok(Proxy { address, shared })
    }

    /// Where clients connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What becomes of the answers from now on, those of open connections too.
    pub fn set(&self, answers: Answers) {
        *lock(&self.shared.answers) = answers;
    }

    /// Cuts all connections.
    pub fn cut(&self) {
        for end in lock(&self.shared.open).drain(..) {
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    /// How often a client said something after an answer, or as its first word. With one request at a time on a
    /// connection, that is the number of round trips.
    pub fn round_trips(&self) -> usize {
        self.shared.round_trips.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn connect(self: &Arc<Self>, client: TcpStream, server: SocketAddr) -> io::Result<()> {
        let server = TcpStream::connect(server)?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        lock(&self.open).extend([client.try_clone()?, server.try_clone()?]);
        let (from_client, to_server) = (client.try_clone()?, server.try_clone()?);
        let answered = Arc::new(AtomicBool::new(true));
        let (shared, asks) = (Arc::clone(self), Arc::clone(&answered));
        thread::spawn(move || {
            pass(from_client, to_server, |_| {
                if asks.swap(false, Ordering::SeqCst) {
                    shared.round_trips.fetch_add(1, Ordering::SeqCst);
                }
                1
            });
        });
        let shared = Arc::clone(self);
        thread::spawn(move || {
            pass(server, client, |client| {
                answered.store(true, Ordering::SeqCst);
                let answers = *lock(&shared.answers);
                match answers {
                    Answers::Pass => 1,
                    Answers::Lose => 0,
                    Answers::Cut => {
                        let _ = client.shutdown(Shutdown::Both);
                        0
                    }
                    Answers::Delay(by) => {
                        thread::sleep(by);
                        1
                    }
                    Answers::Repeat => 2,
                }
            });
        });
        Ok(())
    }
}

/// Passes on what comes, as often as is said, until one of the ends closes.
fn pass(mut from: TcpStream, mut to: TcpStream, how_often: impl Fn(&TcpStream) -> usize) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        let Some(read) = buffer.get(..read) else { break };
        if (0..how_often(&to)).any(|_| to.write_all(read).is_err()) {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Read);
    let _ = to.shutdown(Shutdown::Write);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
