//! A place that speaks a little of OpenAI's API and can be switched: well, failing, closed.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

/// What a place does.
#[derive(Debug, Clone)]
pub enum Does {
    /// It answers, with its name.
    Answer,
    /// It answers with this status and these headers.
    Fail(u16, &'static str),
    /// It answers with this status, and its words do not come.
    Stall(u16),
    /// It answers with this status, and hangs up before the end of its words.
    CutOff(u16),
    /// It hangs up when it has the request.
    HangUp,
    /// It never answers.
    KeepSilent,
}

/// One endpoint's upstream.
pub struct Place {
    pub name: &'static str,
    address: SocketAddr,
    does: Arc<Mutex<Does>>,
    asked: Arc<AtomicUsize>,
    open: Option<JoinHandle<()>>,
}

impl Place {
    pub async fn open(name: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut place = Self {
            name,
            address: listener.local_addr().unwrap(),
            does: Arc::new(Mutex::new(Does::Answer)),
            asked: Arc::default(),
            open: None,
        };
        place.serve(listener);
        place
    }

    fn serve(&mut self, listener: TcpListener) {
        let (name, does, asked) = (self.name, Arc::clone(&self.does), Arc::clone(&self.asked));
        self.open = Some(tokio::spawn(async move {
            // They are closed with the listener.
            let mut connections = JoinSet::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let (does, asked) = (Arc::clone(&does), Arc::clone(&asked));
                connections.spawn(async move {
                    while let Some((path, request)) = read(&mut stream).await {
                        asked.fetch_add(1, Ordering::Relaxed);
                        let does = does.lock().unwrap().clone();
                        if !answer(&mut stream, name, does, &path, &request).await {
                            return;
                        }
                    }
                });
            }
        }));
    }

    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    pub fn does(&self, does: Does) {
        *self.does.lock().unwrap() = does;
    }

    /// How many requests it has had.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// Nothing listens there any more.
    pub async fn close(&mut self) {
        if let Some(open) = self.open.take() {
            open.abort();
            let _aborted = open.await;
        }
    }

    /// It is back at the same address.
    pub async fn open_again(&mut self) {
        self.serve(TcpListener::bind(self.address).await.unwrap());
    }
}

/// Answers a request. Whether the connection stays.
async fn answer(
    stream: &mut TcpStream,
    name: &str,
    does: Does,
    path: &str,
    request: &serde_json::Value,
) -> bool {
    let (head, body) = match does {
        Does::HangUp => return false,
        Does::KeepSilent => return std::future::pending().await,
        Does::Stall(status) | Does::CutOff(status) => {
            let head = format!("HTTP/1.1 {status} Not Well\r\ncontent-length: 100\r\n\r\n{{");
            let _gone = stream.write_all(head.as_bytes()).await;
            if let Does::Stall(_) = does {
                std::future::pending::<()>().await;
            }
            return false;
        }
        Does::Fail(status, headers) => {
            let body = json!({ "error": { "message": format!("{name} is not well"), "type": "server_error" } });
            (
                format!(
                    "HTTP/1.1 {status} Not Well\r\n{headers}content-type: application/json\r\n"
                ),
                body.to_string(),
            )
        }
        Does::Answer if path.starts_with("/v1/responses") => {
            let id = path.strip_prefix("/v1/responses/").unwrap_or_default();
            let previous = request["previous_response_id"].as_str().unwrap_or(id);
            // What another place has given out is not here.
            let (status, body) = if previous.is_empty() || previous.ends_with(name) {
                (
                    200,
                    json!({ "id": format!("resp_{name}"), "object": "response", "status": "completed", "model": "gpt-5-mini", "output": [],
                    "usage": { "input_tokens": 10, "output_tokens": 5, "total_tokens": 15 } }),
                )
            } else if id.is_empty() {
                (
                    400,
                    json!({ "error": { "message": "no such response", "code": "previous_response_not_found" } }),
                )
            } else {
                (404, json!({ "error": { "message": "no such response" } }))
            };
            (
                format!("HTTP/1.1 {status} As Asked\r\ncontent-type: application/json\r\n"),
                body.to_string(),
            )
        }
        Does::Answer if request["stream"] == true => {
            let chunk = json!({ "id": "c", "object": "chat.completion.chunk", "model": "gpt-5-mini", "choices": [{ "index": 0, "delta": { "content": name } }] });
            let usage = json!({ "id": "c", "object": "chat.completion.chunk", "model": "gpt-5-mini", "choices": [],
                "usage": { "prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15 } });
            (
                "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n".to_owned(),
                format!("data: {chunk}\n\ndata: {usage}\n\ndata: [DONE]\n\n"),
            )
        }
        Does::Answer => {
            let body = json!({ "id": "c", "object": "chat.completion", "model": "gpt-5-mini",
                "choices": [{ "index": 0, "message": { "role": "assistant", "content": name }, "finish_reason": "stop" }],
                "usage": { "prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15 } });
            (
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n".to_owned(),
                body.to_string(),
            )
        }
    };
    let head = format!("{head}content-length: {}\r\n\r\n", body.len());
    let whole = [head, body].concat();
    stream.write_all(whole.as_bytes()).await.is_ok()
}

async fn read(stream: &mut TcpStream) -> Option<(String, serde_json::Value)> {
    let mut bytes = vec![];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.trim().parse::<usize>().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                let path = head.split(' ').nth(1)?.to_owned();
                return Some((path, serde_json::from_str(body).unwrap_or_default()));
            }
        }
        let mut piece = [0; 4096];
        let read = stream
            .read(&mut piece)
            .await
            .ok()
            .filter(|read| *read > 0)?;
        bytes.extend_from_slice(&piece[..read]);
    }
}
