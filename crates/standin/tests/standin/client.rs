//! A small HTTP client and a reader of server-sent events, for the tests.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use weir_standin::{Settings, Standin};

pub(crate) type Headers<'h> = &'h [(&'h str, &'h str)];

const PATIENCE: Duration = Duration::from_millis(1500);

/// A stand-in and a client for it.
pub(crate) struct Bench {
    pub(crate) standin: Standin,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// An answer, as far as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) frames: Vec<Bytes>,
    pub(crate) end: End,
}

/// How an answer ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    Clean,
    Broken,
    /// Nothing came for [`PATIENCE`].
    Hanging,
}

/// An event of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) name: Option<String>,
    pub(crate) data: String,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        Self {
            standin: Standin::start(settings).await.unwrap(),
            client: Client::builder(TokioExecutor::new()).build_http(),
        }
    }

    pub(crate) async fn with_http2() -> Self {
        Self {
            client: Client::builder(TokioExecutor::new())
                .http2_only(true)
                .build_http(),
            ..Self::new().await
        }
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        let response = self.client.request(request).await.unwrap();
        let (parts, mut body) = response.into_parts();
        let mut frames = Vec::new();
        let end = loop {
            match tokio::time::timeout(PATIENCE, body.frame()).await {
                Err(_) => break End::Hanging,
                Ok(None) => break End::Clean,
                Ok(Some(Err(_))) => break End::Broken,
                Ok(Some(Ok(frame))) => frames.extend(frame.into_data()),
            }
        };
        Answer {
            status: parts.status,
            headers: parts.headers,
            frames,
            end,
        }
    }

    pub(crate) fn request(
        &self,
        method: Method,
        path: &str,
        headers: Headers<'_>,
        body: &str,
    ) -> Request<Full<Bytes>> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.standin.base_url()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request
            .body(Full::from(Bytes::copy_from_slice(body.as_bytes())))
            .unwrap()
    }

    /// The chunks of an answer as they are on the wire: a client may see them in other pieces.
    pub(crate) async fn chunks(&self, path: &str, body: &str, headers: Headers<'_>) -> Vec<Bytes> {
        let mut head = format!(
            "POST {path} HTTP/1.1\r\nhost: standin\r\nconnection: close\r\ncontent-length: {}\r\n\
             anthropic-version: 2023-06-01\r\n",
            body.len()
        );
        if !headers.iter().any(|(name, _)| *name == "x-goog-api-key") {
            head.push_str("authorization: Bearer sk-a\r\n");
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let mut stream = TcpStream::connect(self.standin.address()).await.unwrap();
        let request = format!("{head}\r\n{body}");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let end_of_head = find(&answer, b"\r\n\r\n");
        chunks(&answer[end_of_head + 4..])
    }

    /// With a credential as OpenAI's clients send it.
    pub(crate) async fn openai(&self, path: &str, body: &str, headers: Headers<'_>) -> Answer {
        let mut all = vec![("authorization", "Bearer sk-a")];
        all.extend_from_slice(headers);
        self.send(self.request(method(body), path, &all, body))
            .await
    }

    /// With a credential and version as Anthropic's clients send them.
    pub(crate) async fn anthropic(&self, path: &str, body: &str, headers: Headers<'_>) -> Answer {
        let mut all = vec![("x-api-key", "sk-ant"), ("anthropic-version", "2023-06-01")];
        all.retain(|(name, _)| !headers.iter().any(|(given, _)| given == name));
        all.extend_from_slice(headers);
        self.send(self.request(method(body), path, &all, body))
            .await
    }

    /// With a key as Google's clients send it.
    pub(crate) async fn google(&self, path: &str, body: &str, headers: Headers<'_>) -> Answer {
        let mut all = vec![("x-goog-api-key", "AIza-a")];
        all.extend_from_slice(headers);
        self.send(self.request(method(body), path, &all, body))
            .await
    }
}

fn chunks(mut body: &[u8]) -> Vec<Bytes> {
    let mut chunks = Vec::new();
    loop {
        let line = find(body, b"\r\n");
        let size = std::str::from_utf8(&body[..line]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            return chunks;
        }
        let start = line + 2;
        chunks.push(Bytes::copy_from_slice(&body[start..start + size]));
        body = &body[start + size + 2..];
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
        .unwrap()
}

/// GET without a body, POST with one.
fn method(body: &str) -> Method {
    if body.is_empty() {
        Method::GET
    } else {
        Method::POST
    }
}

impl Answer {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.frames.concat()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.bytes()).unwrap()
    }

    /// Of an answer that must be 200 and whole.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        self.any_json()
    }

    pub(crate) fn any_json(&self) -> Value {
        assert_eq!(self.end, End::Clean);
        assert_eq!(self.header("content-type"), "application/json");
        serde_json::from_slice(&self.bytes()).unwrap()
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        events(&self.text())
    }

    /// The data of all events that are JSON.
    pub(crate) fn event_json(&self) -> Vec<Value> {
        self.events()
            .iter()
            .filter(|event| event.data != "[DONE]")
            .map(|event| serde_json::from_str(&event.data).unwrap())
            .collect()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

/// Reads events whose lines end with LF; comments are skipped.
pub(crate) fn events(text: &str) -> Vec<Event> {
    let mut events = Vec::new();
    for block in text.split_terminator("\n\n") {
        let mut event = Event {
            name: None,
            data: String::new(),
        };
        for line in block.lines() {
            if let Some(name) = line.strip_prefix("event: ") {
                event.name = Some(name.to_owned());
            } else if let Some(data) = line.strip_prefix("data: ") {
                event.data.push_str(data);
            } else {
                assert!(line.starts_with(':'), "{line}");
            }
        }
        if event.name.is_some() || !event.data.is_empty() {
            events.push(event);
        }
    }
    events
}
