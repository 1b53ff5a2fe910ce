//! Connections are used again, exchanged when the other end has closed them, and never make a request twice.

use std::{sync::Arc, time::Duration};

use http_body::Body as _;
use http_body_util::BodyExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Mutex,
};

use super::*;
use crate::{address::AddressPolicy, connect};

/// An upstream whose connections the test holds in its hands.
struct Server {
    listener: TcpListener,
    address: String,
}

impl Server {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/v1", listener.local_addr().unwrap());
        Self { listener, address }
    }

    async fn accept(&self) -> TcpStream {
        self.listener.accept().await.unwrap().0
    }
}

fn client() -> UpstreamClient {
    let settings = connect::ConnectSettings {
        addresses: AddressPolicy::default(),
        ..connect::ConnectSettings::default()
    };
    UpstreamClient::new(connect::connector(&settings, Duration::from_secs(5)).unwrap())
}

fn request(address: &str, body: &'static str) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(Bytes::from_static(body.as_bytes())));
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = address.parse().unwrap();
    request
}

/// Reads one request, up to the end of its body.
async fn heard(stream: &mut TcpStream, body: &str) -> String {
    let mut heard = Vec::new();
    while !heard.ends_with(body.as_bytes()) {
        let read = stream.read_buf(&mut heard).await.unwrap();
        assert!(
            read > 0,
            "closed after {:?}",
            String::from_utf8_lossy(&heard)
        );
    }
    String::from_utf8(heard).unwrap()
}

const PLAIN: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

async fn text(response: Response<UpstreamBody>) -> String {
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.into()).unwrap()
}

#[tokio::test]
async fn a_connection_is_used_again_after_the_answer() {
    let (server, client) = (Server::start().await, client());
    let serve = async {
        let mut stream = server.accept().await;
        for body in ["one", "two", "three"] {
            let head = heard(&mut stream, body).await;
            assert!(head.starts_with("POST /v1 HTTP/1.1\r\n"), "{head}");
            let host = server
                .address
                .trim_start_matches("http://")
                .trim_end_matches("/v1");
            assert!(head.contains(&format!("host: {host}\r\n")), "{head}");
            let answer = match body {
                "two" => {
                    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
                }
                "three" => "HTTP/1.1 204 No Content\r\n\r\n",
                _ => PLAIN,
            };
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        stream
    };
    let call = async {
        for (body, answer) in [("one", "ok"), ("two", "ok"), ("three", "")] {
            let response = client
                .request(request(&server.address, body))
                .await
                .unwrap();
            assert_eq!(text(response).await, answer);
        }
    };
    tokio::join!(serve, call);
}

#[tokio::test]
async fn a_body_whose_length_is_known_need_not_be_asked_for_its_end() {
    let (server, client) = (Server::start().await, client());
    let serve = async {
        let mut stream = server.accept().await;
        for body in ["one", "two"] {
            heard(&mut stream, body).await;
            stream.write_all(PLAIN.as_bytes()).await.unwrap();
        }
    };
    let call = async {
        for sent in ["one", "two"] {
            let mut body = client
                .request(request(&server.address, sent))
                .await
                .unwrap()
                .into_body();
            let piece = body.frame().await.unwrap().unwrap().into_data().unwrap();
            assert_eq!(
                (piece.as_ref(), body.is_end_stream()),
                (b"ok".as_slice(), true)
            );
        }
    };
    tokio::join!(serve, call);
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_is_exchanged() {
    let (server, client) = (Server::start().await, client());
    let serve = async {
        let mut stream = server.accept().await;
        heard(&mut stream, "one").await;
        stream.write_all(PLAIN.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        // The client's end is closed when the pool has seen it.
        let mut stream = server.accept().await;
        heard(&mut stream, "two").await;
        stream.write_all(PLAIN.as_bytes()).await.unwrap();
    };
    let call = async {
        let first = client
            .request(request(&server.address, "one"))
            .await
            .unwrap();
        assert_eq!(text(first).await, "ok");
        tokio::time::sleep(Duration::from_millis(50)).await;
        let second = client
            .request(request(&server.address, "two"))
            .await
            .unwrap();
        assert_eq!(text(second).await, "ok");
    };
    tokio::join!(serve, call);
}

#[tokio::test]
async fn a_connection_that_closes_just_when_it_is_taken_leaves_the_request_unsent() {
    let (server, client) = (Server::start().await, client());
    let first = request(&server.address, "one");
    let origin = Origin::of(first.uri()).unwrap();
    let (mut stream, response) = tokio::join!(
        async {
            let mut stream = server.accept().await;
            heard(&mut stream, "one").await;
            stream.write_all(PLAIN.as_bytes()).await.unwrap();
            stream
        },
        client.request(first)
    );
    assert_eq!(text(response.unwrap()).await, "ok");
    let pool = &client.shared.pool;
    let taken = pool.take(&origin).unwrap();
    stream.shutdown().await.unwrap();
    // The close is there when the request is sent.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let sent = taken.send(request(&server.address, "two"), pool);
    let sent = tokio::time::timeout(Duration::from_secs(5), sent).await;
    let Ok(Err(SendFailure::Unsent(unsent))) = sent else {
        panic!("it waits, or was sent");
    };
    assert_eq!(unsent.uri(), server.address.as_str());
}

#[tokio::test]
async fn what_may_have_been_heard_is_not_sent_again() {
    let (server, client) = (Server::start().await, client());
    let requests = Arc::new(Mutex::new(Vec::new()));
    let serve = async {
        let mut stream = server.accept().await;
        heard(&mut stream, "one").await;
        stream.write_all(PLAIN.as_bytes()).await.unwrap();
        requests.lock().await.push(heard(&mut stream, "two").await);
        drop(stream);
        let more = tokio::time::timeout(Duration::from_millis(300), server.accept()).await;
        assert!(more.is_err(), "another connection was made");
    };
    let call = async {
        let first = client
            .request(request(&server.address, "one"))
            .await
            .unwrap();
        assert_eq!(text(first).await, "ok");
        let second = client.request(request(&server.address, "two")).await;
        assert!(matches!(second, Err(UpstreamFailure::Exchange(_))));
    };
    tokio::join!(serve, call);
    assert_eq!(requests.lock().await.len(), 1);
}

#[tokio::test]
async fn an_upstream_that_closes_at_once_fails_the_request_at_once() {
    let (server, client) = (Server::start().await, client());
    let serve = async {
        for _ in 0..50 {
            drop(server.accept().await);
        }
    };
    let call = async {
        for _ in 0..50 {
            let asked = client.request(request(&server.address, "one"));
            let answer = tokio::time::timeout(Duration::from_secs(5), asked).await;
            assert!(answer.expect("it waits").is_err());
        }
    };
    tokio::join!(serve, call);
}

#[tokio::test]
async fn an_answer_may_come_before_the_request_is_through() {
    let (server, client) = (Server::start().await, client());
    let (done, is_done) = tokio::sync::oneshot::channel::<()>();
    let serve = async {
        let mut stream = server.accept().await;
        heard(&mut stream, "x").await;
        stream.write_all(PLAIN.as_bytes()).await.unwrap();
        is_done.await.unwrap();
        // The rest is never read, and the connection not used for the next request.
        let mut second = server.accept().await;
        heard(&mut second, "two").await;
        second.write_all(PLAIN.as_bytes()).await.unwrap();
    };
    let call = async {
        let mut large = request(&server.address, "");
        *large.body_mut() = Full::new(Bytes::from(vec![b'x'; 32 << 20]));
        let first = client.request(large).await.unwrap();
        assert_eq!(text(first).await, "ok");
        done.send(()).unwrap();
        let second = client
            .request(request(&server.address, "two"))
            .await
            .unwrap();
        assert_eq!(text(second).await, "ok");
    };
    tokio::join!(serve, call);
}

#[tokio::test]
async fn an_answer_that_is_left_closes_its_connection() {
    let (server, client) = (Server::start().await, client());
    let serve = async {
        let mut stream = server.accept().await;
        heard(&mut stream, "one").await;
        let begun = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf";
        stream.write_all(begun.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        // Reset or closed, as the system likes.
        let _closed = stream.read_to_end(&mut rest).await;
        assert!(rest.is_empty());
        let mut stream = server.accept().await;
        heard(&mut stream, "two").await;
        stream.write_all(PLAIN.as_bytes()).await.unwrap();
    };
    let call = async {
        let response = client
            .request(request(&server.address, "one"))
            .await
            .unwrap();
        drop(response);
        let second = client
            .request(request(&server.address, "two"))
            .await
            .unwrap();
        assert_eq!(text(second).await, "ok");
    };
    tokio::join!(serve, call);
}

#[tokio::test]
async fn pieces_that_are_there_together_are_joined_and_none_waits_for_the_next() {
    let (server, client) = (Server::start().await, client());
    let (go_on, go) = tokio::sync::oneshot::channel::<()>();
    let serve = async {
        let mut stream = server.accept().await;
        heard(&mut stream, "one").await;
        let begun = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\
                     3\r\nab \r\n3\r\ncd \r\n3\r\nef \r\n";
        stream.write_all(begun.as_bytes()).await.unwrap();
        go.await.unwrap();
        let large = "x".repeat(40_000);
        let rest = format!(
            "3\r\ngh \r\n{:x}\r\n{large}\r\n2\r\nij\r\n0\r\n\r\n",
            large.len()
        );
        stream.write_all(rest.as_bytes()).await.unwrap();
        stream
    };
    let call = async {
        let mut body = client
            .request(request(&server.address, "one"))
            .await
            .unwrap()
            .into_body();
        let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(first, "ab cd ef ");
        go_on.send(()).unwrap();
        let mut rest = Vec::new();
        while let Some(frame) = body.frame().await {
            rest.extend_from_slice(&frame.unwrap().into_data().unwrap());
        }
        assert_eq!(rest.len(), 3 + 40_000 + 2);
        assert!(rest.starts_with(b"gh xxx") && rest.ends_with(b"xxij"));
    };
    tokio::join!(serve, call);
}

#[tokio::test]
async fn connections_that_a_crowd_leaves_are_closed_soon_and_the_others_later() {
    const CROWD: usize = 70;
    let (server, client) = (Server::start().await, client());
    let serve = async {
        let mut streams = Vec::new();
        for _ in 0..CROWD {
            streams.push(server.accept().await);
        }
        for stream in &mut streams {
            heard(stream, "one").await;
            stream.write_all(PLAIN.as_bytes()).await.unwrap();
        }
        streams
    };
    let calls = async {
        let calls = (0..CROWD).map(|_| async {
            let response = client
                .request(request(&server.address, "one"))
                .await
                .unwrap();
            assert_eq!(text(response).await, "ok");
        });
        futures_util::future::join_all(calls).await;
    };
    let (mut streams, _) = tokio::join!(serve, calls);
    let pool = &client.shared.pool;
    let now = tokio::time::Instant::now();
    pool.tidy(now);
    assert_eq!(pool.unused(), CROWD);
    pool.tidy(now + Duration::from_secs(6));
    assert_eq!(pool.unused(), 64);
    // One that the other end closes goes at once.
    while pool.unused() == 64 {
        streams.pop();
        tokio::time::sleep(Duration::from_millis(5)).await;
        pool.tidy(now);
    }
    assert!(pool.unused() < 64);
    pool.tidy(now + Duration::from_secs(91));
    assert_eq!(pool.unused(), 0);
}
