//! Upstreams that are written byte by byte.

use std::{
    future::Future,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::program::PATIENCE;

pub const TEXT_EVENT: &str = "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n";
/// Ten tokens in, five out: 0.000020 dollars.
pub const USAGE_EVENT: &str = "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15}}\n\n";
pub const LAST_EVENT: &str = "data: [DONE]\n\n";
pub const PLAIN: &str = "{\"id\":\"c1\",\"object\":\"chat.completion\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"}}],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15}}";
/// The head of a stream whose end is that of the connection.
pub const STREAM_HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

/// A whole plain answer, after which the connection may be used again.
pub fn plain_answer() -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{PLAIN}",
        PLAIN.len()
    )
}

/// An upstream; gone when this is dropped.
pub struct Upstream {
    pub address: SocketAddr,
    counts: Arc<Counts>,
    accepting: JoinHandle<()>,
}

#[derive(Default)]
struct Counts {
    requests: AtomicUsize,
    sent: AtomicU64,
    open: AtomicUsize,
}

/// A connection of Weir's, and the means to answer on it.
pub struct Wire {
    pub stream: TcpStream,
    counts: Arc<Counts>,
    buffer: Vec<u8>,
}

/// An upstream that handles every request with this, on whose connection it came.
pub async fn upstream<F, A>(answer: F) -> Upstream
where
    F: Fn(Wire, String) -> A + Send + Sync + 'static,
    A: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let counts = Arc::new(Counts::default());
    let answer = Arc::new(answer);
    let shared = Arc::clone(&counts);
    let accepting = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            shared.open.fetch_add(1, Ordering::Relaxed);
            let (answer, counts) = (Arc::clone(&answer), Arc::clone(&shared));
            tokio::spawn(async move {
                let mut wire = Wire {
                    stream,
                    counts,
                    buffer: Vec::new(),
                };
                if let Some(request) = wire.request().await {
                    answer(wire, request).await;
                }
            });
        }
    });
    Upstream {
        address,
        counts,
        accepting,
    }
}

impl Upstream {
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Requests that came whole.
    pub fn requests(&self) -> usize {
        self.counts.requests.load(Ordering::Relaxed)
    }

    /// Bytes that were sent.
    pub fn sent(&self) -> u64 {
        self.counts.sent.load(Ordering::Relaxed)
    }

    /// Connections that are open.
    pub fn open(&self) -> usize {
        self.counts.open.load(Ordering::Relaxed)
    }

    /// Waits until so many requests have come.
    pub async fn asked(&self, requests: usize) {
        let began = Instant::now();
        while self.requests() < requests {
            assert!(
                began.elapsed() < PATIENCE,
                "{} of {requests} requests came",
                self.requests()
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until every connection is closed.
    pub async fn left(&self) {
        let began = Instant::now();
        while self.open() > 0 {
            assert!(
                began.elapsed() < PATIENCE,
                "{} connections are still open",
                self.open()
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Wire {
    /// The next whole request. `None`: the connection was closed first.
    pub async fn request(&mut self) -> Option<String> {
        loop {
            if let Some(end) = memchr::memmem::find(&self.buffer, b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&self.buffer[..end]).to_lowercase();
                let length = value(&head, "content-length").map_or(0, |text| text.parse().unwrap());
                if self.buffer.len() >= end + 4 + length {
                    let rest = self.buffer.split_off(end + 4 + length);
                    let request = std::mem::replace(&mut self.buffer, rest);
                    self.counts.requests.fetch_add(1, Ordering::Relaxed);
                    return Some(String::from_utf8_lossy(&request).into_owned());
                }
            }
            let mut piece = [0; 16 << 10];
            match self.stream.read(&mut piece).await {
                Ok(0) | Err(_) => return None,
                Ok(read) => self.buffer.extend_from_slice(&piece[..read]),
            }
        }
    }

    /// Sends bytes. Whether they could be.
    pub async fn say(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        let bytes = bytes.as_ref();
        let mut sent = 0;
        while sent < bytes.len() {
            match self.stream.write(&bytes[sent..]).await {
                Ok(0) | Err(_) => return false,
                Ok(more) => {
                    sent += more;
                    self.counts.sent.fetch_add(more as u64, Ordering::Relaxed);
                }
            }
        }
        true
    }

    /// One byte after the other. Whether they could be sent.
    pub async fn drip(&mut self, bytes: &str, pause: Duration) -> bool {
        for byte in bytes.as_bytes() {
            if !self.say([*byte]).await {
                return false;
            }
            tokio::time::sleep(pause).await;
        }
        true
    }

    /// Waits until Weir's side has taken everything that was sent: a reset throws away what has not been read.
    pub async fn is_read(&self) {
        let began = Instant::now();
        while self.unread() > 0 && began.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Bytes that wait in Weir's receive queue, as the kernel tells.
    fn unread(&self) -> u64 {
        let (ours, theirs) = (
            self.stream.local_addr().unwrap(),
            self.stream.peer_addr().unwrap(),
        );
        let (local, remote) = (
            format!(":{:04X}", theirs.port()),
            format!(":{:04X}", ours.port()),
        );
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        let found = table.lines().find_map(|line| {
            let mut fields = line.split_whitespace().skip(1);
            let is_it = fields.next()?.ends_with(&local) && fields.next()?.ends_with(&remote);
            let queues = is_it.then(|| fields.nth(1))??;
            u64::from_str_radix(queues.split_once(':')?.1, 16).ok()
        });
        found.unwrap_or(0)
    }

    /// Ends with a reset instead of a close.
    pub fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }

    /// Waits until Weir closes.
    pub async fn wait_for_close(mut self) {
        let mut piece = [0; 1024];
        while !matches!(self.stream.read(&mut piece).await, Ok(0) | Err(_)) {}
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.counts.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The value of a header, in lower case, where the head is.
pub fn value<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
        .map(str::trim)
}

/// What a request asks an upstream to do wrong.
pub fn fault(request: &str) -> &str {
    value(request, "x-fault").unwrap_or_default()
}
