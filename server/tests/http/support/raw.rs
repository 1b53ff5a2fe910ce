//! Requests as bytes on a socket, for what a client library would not send or not show.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// An answer as it came over the wire.
#[derive(Debug)]
pub struct RawAnswer {
    pub status: u16,
    pub head: String,
}

/// Sends bytes and reads until the server closes (the request should ask for that).
pub async fn raw(address: SocketAddr, request: &[u8]) -> RawAnswer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 << 10];
    loop {
        let read = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut buffer)).await;
        match read.expect("the server answers in time") {
            Ok(0) | Err(_) => break,
            Ok(read) => {
                bytes.extend_from_slice(&buffer[..read]);
            }
        }
    }
    let end = bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .expect("a whole head");
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    RawAnswer { status, head }
}
