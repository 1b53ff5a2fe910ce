//! A connection kept alive, with one request at a time on it.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::body::Body;
use super::head::{self, Head};

const BUFFER_BYTES: usize = 64 << 10;

/// Why there is no whole answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    /// The system said no.
    #[error("the connection failed: {0}")]
    Io(#[from] io::Error),
    /// The head is none.
    #[error("the answer is not HTTP: {0}")]
    Head(#[from] httparse::Error),
    /// The head is larger than the buffer.
    #[error("the head of the answer is too long")]
    HeadTooLong,
    /// `content-length` is no number.
    #[error("the answer's length is no number")]
    Length,
    /// The size of a chunk is no number.
    #[error("the answer's chunks are damaged")]
    Chunk,
    /// The connection ended before the answer did.
    #[error("the connection ended before the answer did")]
    CutShort,
}

/// Whoever takes an answer as it comes in.
pub(crate) trait Receive {
    /// The head is there.
    fn head(&mut self, head: &Head);
    /// A piece of the body's content.
    fn content(&mut self, piece: &[u8]);
    /// All pieces that had come have been handed over.
    fn arrived(&mut self) {}
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Box<[u8]>,
    open: bool,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: vec![0; BUFFER_BYTES].into_boxed_slice(),
            open: true,
        })
    }

    /// Whether another request can be sent: the last answer ended well, and the server has not closed
    /// the connection since.
    pub(crate) fn is_open(&self) -> bool {
        let waiting = |result: io::Result<usize>| {
            result.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
        };
        self.open && waiting(self.stream.try_read(&mut [0]))
    }

    /// Sends a request, head and body, and reads the answer to its end.
    pub(crate) async fn exchange(
        &mut self,
        request: &[u8],
        receive: &mut impl Receive,
    ) -> Result<(), HttpError> {
        // Until the answer has ended well, nothing else can go over this connection.
        self.open = false;
        self.stream.write_all(request).await?;
        let (head, mut from, mut filled) = self.head().await?;
        receive.head(&head);
        let mut body = Body::new(head.framing);
        loop {
            let bytes = self.buffer.get(from..filled).unwrap_or_default();
            if !bytes.is_empty() {
                body.take(bytes, |piece| receive.content(piece))?;
                receive.arrived();
            }
            if body.is_over() {
                break;
            }
            (from, filled) = (0, self.stream.read(&mut self.buffer).await?);
            if filled == 0 {
                if body.may_end_now() {
                    return Ok(());
                }
                return Err(HttpError::CutShort);
            }
        }
        self.open = !head.closes;
        Ok(())
    }

    /// The head of the answer, and which part of the buffer follows it.
    async fn head(&mut self) -> Result<(Head, usize, usize), HttpError> {
        let (mut from, mut filled) = (0, 0);
        loop {
            let free = self.buffer.get_mut(filled..).unwrap_or_default();
            if free.is_empty() {
                return Err(HttpError::HeadTooLong);
            }
            let got = self.stream.read(free).await?;
            if got == 0 {
                return Err(HttpError::CutShort);
            }
            filled += got;
            while let Some((head, length)) =
                head::read(self.buffer.get(from..filled).unwrap_or_default())?
            {
                from += length;
                // 1xx only announces the answer.
                if head.status >= 200 {
                    return Ok((head, from, filled));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::TcpListener;

    use super::*;

    #[derive(Default)]
    struct Body(Vec<u8>);

    impl Receive for Body {
        fn head(&mut self, _: &Head) {}
        fn content(&mut self, piece: &[u8]) {
            self.0.extend_from_slice(piece);
        }
    }

    /// Answers each request with `answer` and closes the connection after `requests` of them.
    async fn server(requests: usize, answer: &'static [u8]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            for _ in 0..requests {
                let mut request = [0; 64];
                assert!(stream.read(&mut request).await.unwrap() > 0);
                stream.write_all(answer).await.unwrap();
            }
        });
        address
    }

    #[tokio::test]
    async fn a_connection_that_the_server_closed_is_not_used_again() {
        let address = server(2, b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await;
        let mut connection = Connection::open(address).await.unwrap();
        for _ in 0..2 {
            assert!(connection.is_open());
            let mut body = Body::default();
            connection.exchange(b"GET /", &mut body).await.unwrap();
            assert_eq!(body.0, b"hi");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(!connection.is_open());
    }

    #[tokio::test]
    async fn an_answer_without_its_end_is_an_error() {
        let address = server(1, b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi").await;
        let mut connection = Connection::open(address).await.unwrap();
        let result = connection.exchange(b"GET /", &mut Body::default()).await;
        assert!(matches!(result, Err(HttpError::CutShort)));
        assert!(!connection.is_open());
    }
}
