//! Upstreams behind the operator's own proxy.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use crate::support::{a_chat, call_id, streamed, world_with};

/// A proxy that tunnels to where it is asked to, if it is shown `authorization`; what it was asked.
async fn proxy(authorization: &'static str) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(tunnel(stream, authorization, Arc::clone(&log)));
        }
    });
    (port, asked)
}

async fn tunnel(stream: TcpStream, authorization: &str, log: Arc<Mutex<Vec<String>>>) {
    let mut stream = BufReader::new(stream);
    let (mut head, mut line) = (Vec::new(), String::new());
    while stream.read_line(&mut line).await.unwrap() > 2 {
        head.push(line.trim_end().to_owned());
        line.clear();
    }
    log.lock().unwrap().push(head[0].clone());
    let shown = head.iter().any(|line| {
        line.to_ascii_lowercase()
            .starts_with("proxy-authorization:")
            && line.ends_with(authorization)
    });
    if !shown {
        let answer = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).await.unwrap();
        return;
    }
    let target = head[0].split(' ').nth(1).unwrap();
    let mut upstream = TcpStream::connect(target).await.unwrap();
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    // It ends when either side does; how is not of interest here.
    let _ended = copy_bidirectional(&mut stream, &mut upstream).await;
}

#[tokio::test]
async fn calls_go_through_the_proxy_with_its_own_credential() {
    // "Basic " and the Base64 of "weir:p@ss".
    let (port, asked) = proxy("Basic d2VpcjpwQHNz").await;
    let address = format!("http://weir:p%40ss@127.0.0.1:{port}");
    let world = world_with(&["--upstream-proxy", &address]).await;
    for body in [a_chat(), streamed(a_chat())] {
        let response = world.chat(&body).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let id = call_id(response.headers());
        response.bytes().await.unwrap();
        assert_eq!(world.row(&id).await["outcome"], "ok");
    }
    let upstream = world.upstream.base_url();
    let upstream = upstream.strip_prefix("http://").unwrap();
    let asked = asked.lock().unwrap().clone();
    assert!(!asked.is_empty(), "nothing went through the proxy");
    for line in asked {
        assert_eq!(line, format!("CONNECT {upstream} HTTP/1.1"));
    }
}

#[tokio::test]
async fn a_proxy_that_refuses_or_is_away_is_a_502_that_says_so() {
    let (port, _) = proxy("Basic of somebody else").await;
    let refusing = format!("http://weir:wrong@127.0.0.1:{port}");
    let away = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://127.0.0.1:{}", away.local_addr().unwrap().port());
    drop(away);
    for address in [refusing, nobody] {
        let world = world_with(&["--upstream-proxy", &address]).await;
        let response = world.chat(&a_chat()).send().await.unwrap();
        assert_eq!(response.status(), 502);
        let answer = response.text().await.unwrap();
        assert!(
            answer.contains("the proxy set by --upstream-proxy"),
            "{answer}"
        );
        assert!(!answer.contains("wrong"), "{answer}");
    }
}
