//! A small HTTP server that plays STS and the metadata services, and a proxy before them.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Such as `GET /path`.
    pub(crate) line: String,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    /// A header's value; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map_or("", |(_, value)| value)
    }
}

/// Status and body.
pub(crate) type Answer = (u16, String);

/// A server on a free port; it lives as long as the test program.
pub(crate) struct Fake {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Fake {
    pub(crate) fn new(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        Self::start(None, answer)
    }

    pub(crate) fn with_tls(
        tls: ServerConfig,
        answer: impl Fn(&Request) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::start(Some(Arc::new(tls)), answer)
    }

    fn start(
        tls: Option<Arc<ServerConfig>>,
        answer: impl Fn(&Request) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                match &tls {
                    None => serve(BufReader::new(stream), &seen, &answer),
                    Some(tls) => serve(BufReader::new(secured(tls, stream)), &seen, &answer),
                }
            }
        });
        Self { address, requests }
    }

    /// A proxy that leads to the one address, whatever it is asked for.
    pub(crate) fn tunnel_to(address: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let proxy = Self {
            address: listener.local_addr().unwrap(),
            requests: requests.clone(),
        };
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = BufReader::new(stream.unwrap());
                requests.lock().unwrap().push(read(&mut stream).unwrap());
                let mut near = stream.into_inner();
                near.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
                let mut far = TcpStream::connect(address).unwrap();
                let (mut from, mut to) = (near.try_clone().unwrap(), far.try_clone().unwrap());
                thread::spawn(move || copy(&mut from, &mut to));
                thread::spawn(move || copy(&mut far, &mut near));
            }
        });
        proxy
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All that came, in order.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

/// Hands on one direction of a connection until it ends.
fn copy(from: &mut TcpStream, to: &mut TcpStream) {
    // Either side may break it; that is the end as well.
    let _ = io::copy(from, to);
    let _ = to.shutdown(Shutdown::Write);
}

fn secured(tls: &Arc<ServerConfig>, stream: TcpStream) -> StreamOwned<ServerConnection, TcpStream> {
    StreamOwned::new(ServerConnection::new(tls.clone()).unwrap(), stream)
}

/// Serves a connection until the client closes or breaks it.
fn serve<S: Read + Write>(
    mut stream: BufReader<S>,
    seen: &Mutex<Vec<Request>>,
    answer: &impl Fn(&Request) -> Answer,
) {
    while let Some(request) = read(&mut stream) {
        seen.lock().unwrap().push(request.clone());
        let (status, body) = answer(&request);
        let length = body.len();
        let answer = format!(
            // The life of a session, which instance metadata says in its header.
            "HTTP/1.1 {status} X\r\nx-aws-ec2-metadata-token-ttl-seconds: 21600\r\n\
             content-length: {length}\r\n\r\n{body}"
        );
        let stream = stream.get_mut();
        if stream.write_all(answer.as_bytes()).is_err() || stream.flush().is_err() {
            return;
        }
    }
}

fn read(stream: &mut impl BufRead) -> Option<Request> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        let read = stream.read_line(&mut line).ok()?;
        match line.trim_end() {
            "" if read == 0 => return None,
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let headers: Vec<_> = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let mut request = Request {
        line: lines[0].trim_end_matches(" HTTP/1.1").to_owned(),
        headers,
        body: String::new(),
    };
    let length = request.header("content-length").parse().unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    request.body = String::from_utf8(body).unwrap();
    Some(request)
}
