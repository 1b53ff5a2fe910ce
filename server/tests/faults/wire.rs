//! A client's end of a connection, byte by byte.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::program::PATIENCE;

/// A connection to Weir.
pub struct Client {
    pub stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer with a content length, or without a body.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            buffer: Vec::new(),
        }
    }

    /// Sends bytes. Whether they could be.
    pub async fn say(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        let said = timeout(PATIENCE, self.stream.write_all(bytes.as_ref())).await;
        said.expect("the server takes what is sent or closes")
            .is_ok()
    }

    /// Waits for bytes. `false`: the connection is closed.
    pub async fn more(&mut self) -> bool {
        let mut piece = [0; 16 << 10];
        let read = timeout(PATIENCE, self.stream.read(&mut piece)).await;
        match read.expect("the server sends or closes") {
            Ok(0) | Err(_) => false,
            Ok(read) => {
                self.buffer.extend_from_slice(&piece[..read]);
                true
            }
        }
    }

    /// The next answer. `None`: the connection was closed before it was whole.
    pub async fn answer(&mut self) -> Option<Answer> {
        loop {
            if let Some(end) = memchr::memmem::find(&self.buffer, b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&self.buffer[..end]).to_lowercase();
                let length = crate::upstream::value(&head, "content-length");
                let length = length.map_or(0, |text| text.parse().unwrap());
                if self.buffer.len() >= end + 4 + length {
                    let rest = self.buffer.split_off(end + 4 + length);
                    let body = self.buffer.split_off(end + 4);
                    self.buffer = rest;
                    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
                    return Some(Answer { status, head, body });
                }
            }
            if !self.more().await {
                return None;
            }
        }
    }

    /// Everything until the server closes.
    pub async fn rest(mut self) -> Vec<u8> {
        while self.more().await {}
        self.buffer
    }

    /// What came and was not taken yet.
    pub fn pending(&self) -> &[u8] {
        &self.buffer
    }

    /// Waits until the server has closed, for as long as it sends something.
    pub async fn is_closed_within(&mut self, patience: Duration) -> bool {
        let closed = async { while self.more().await {} };
        timeout(patience, closed).await.is_ok()
    }

    /// Leaves with a reset instead of a close.
    pub fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }
}
