//! Upstreams over TLS and HTTP/2 that are written frame by frame.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::split,
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use crate::{
    frames::{
        ACK, CANCEL, DATA, END_HEADERS, END_STREAM, HEADERS, INITIAL_WINDOW_SIZE, INTERNAL_ERROR,
        MAX_CONCURRENT_STREAMS, PING, PREFACE, REFUSED_STREAM, RST_STREAM, SETTINGS, WINDOW_UPDATE,
        block, frame, goaway, read, reset, say, settings,
    },
    upstream::{PLAIN, TEXT_EVENT},
    upstream_tls::Certificates,
};

/// What an upstream does with its connections.
#[derive(Clone, Copy, PartialEq)]
pub enum Manner {
    /// The first connection goes away before its second request is looked at.
    GoesAwayBefore,
    /// Each connection goes away while it answers its first request, and answers that to its end.
    GoesAwayDuring,
    ResetsBeforeHead,
    ResetsInStream,
    /// Every fourth request is refused without being looked at.
    RefusesSome,
    /// Every request is; they are counted all the same.
    RefusesAll,
    /// One stream at a time.
    OneAtATime,
    /// A hundred streams at a time; after the first one none is answered until 250 more have come, over
    /// whatever connections.
    Gathers,
    /// No byte of a body can be sent.
    NoWindow,
    /// A stream that does not end where it is asked for, as fast as the window lets it; else a plain answer.
    Endless,
}

/// An upstream over TLS and HTTP/2. Counts the requests that it answered or reset.
pub struct Upstream {
    pub port: u16,
    pub handled: Arc<AtomicUsize>,
    pub connections: Arc<AtomicUsize>,
}

pub async fn upstream(certificates: &Certificates, manner: Manner) -> Upstream {
    let acceptor = certificates.acceptor("localhost", false, true, true);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let handled = Arc::new(AtomicUsize::new(0));
    let connections = Arc::new(AtomicUsize::new(0));
    let counts = (Arc::clone(&handled), Arc::clone(&connections));
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            let handled = Arc::clone(&counts.0);
            let number = counts.1.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(connection(acceptor, stream, manner, handled, number));
        }
    });
    Upstream {
        port,
        handled,
        connections,
    }
}

/// One connection of an upstream: answers what has come whole.
async fn connection(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    manner: Manner,
    handled: Arc<AtomicUsize>,
    number: usize,
) -> Option<()> {
    let stream: TlsStream<TcpStream> = acceptor.accept(stream).await.ok()?;
    let (mut reader, mut writer) = split(stream);
    let mut preface = [0; PREFACE.len()];
    tokio::io::AsyncReadExt::read_exact(&mut reader, &mut preface)
        .await
        .ok()?;
    let (out, mut outgoing) = mpsc::channel::<Vec<u8>>(1);
    tokio::spawn(async move {
        while let Some(bytes) = outgoing.recv().await {
            if !say(&mut writer, &bytes).await {
                return;
            }
        }
    });
    let own = match manner {
        Manner::OneAtATime => settings(&[(MAX_CONCURRENT_STREAMS, 1)]),
        Manner::Gathers => settings(&[(MAX_CONCURRENT_STREAMS, 100)]),
        Manner::NoWindow => settings(&[(INITIAL_WINDOW_SIZE, 0)]),
        _ => settings(&[]),
    };
    out.send(own).await.ok()?;
    let mut room: HashMap<u32, mpsc::UnboundedSender<usize>> = HashMap::new();
    let mut bodies: HashMap<u32, Vec<u8>> = HashMap::new();
    let mut running = 0;
    while let Some(got) = read(&mut reader).await {
        match got.kind {
            SETTINGS if got.flags & ACK == 0 => {
                out.send(frame(SETTINGS, ACK, 0, &[])).await.ok()?
            }
            PING if got.flags & ACK == 0 => {
                out.send(frame(PING, ACK, 0, &got.payload)).await.ok()?;
            }
            HEADERS if manner == Manner::GoesAwayBefore && number == 0 && got.stream == 3 => {
                // Only the first one was looked at.
                out.send(goaway(1)).await.ok()?;
                return Some(());
            }
            RST_STREAM => {
                room.remove(&got.stream);
            }
            WINDOW_UPDATE => {
                let bytes: [u8; 4] = got.payload.try_into().unwrap();
                let more = usize::try_from(u32::from_be_bytes(bytes)).unwrap();
                if let Some(stream) = room.get(&got.stream) {
                    let _ended = stream.send(more);
                }
            }
            HEADERS | DATA => {
                let body = bodies.entry(got.stream).or_default();
                if got.kind == DATA {
                    body.extend_from_slice(&got.payload);
                }
                if got.flags & END_STREAM == 0 {
                    continue;
                }
                let refused = match manner {
                    Manner::RefusesSome => got.stream % 8 == 3,
                    Manner::RefusesAll => true,
                    _ => false,
                };
                if !refused || manner == Manner::RefusesAll {
                    handled.fetch_add(1, Ordering::Relaxed);
                }
                if refused {
                    out.send(reset(got.stream, REFUSED_STREAM)).await.ok()?;
                    continue;
                }
                let endless = manner == Manner::Endless
                    && memchr::memmem::find(body, b"\"stream\":true").is_some();
                if endless {
                    let (more, window) = mpsc::unbounded_channel();
                    room.insert(got.stream, more);
                    tokio::spawn(endless_stream(out.clone(), got.stream, window));
                    continue;
                }
                if manner == Manner::Gathers {
                    let (out, handled, stream) = (out.clone(), Arc::clone(&handled), got.stream);
                    tokio::spawn(async move {
                        while (2..251).contains(&handled.load(Ordering::Relaxed)) {
                            tokio::time::sleep(Duration::from_millis(10)).await;
                        }
                        answer(&out, manner, stream).await
                    });
                    continue;
                }
                if manner == Manner::GoesAwayDuring {
                    out.send(goaway(got.stream)).await.ok()?;
                }
                assert!(manner != Manner::OneAtATime || running == 0);
                running += 1;
                answer(&out, manner, got.stream).await?;
                running -= 1;
            }
            _ => {}
        }
    }
    Some(())
}

async fn answer(out: &mpsc::Sender<Vec<u8>>, manner: Manner, stream: u32) -> Option<()> {
    if manner == Manner::ResetsBeforeHead {
        return out.send(reset(stream, INTERNAL_ERROR)).await.ok();
    }
    let kind = if manner == Manner::ResetsInStream {
        "text/event-stream"
    } else {
        "application/json"
    };
    let head = block(&[(":status", "200"), ("content-type", kind)]);
    out.send(frame(HEADERS, END_HEADERS, stream, &head))
        .await
        .ok()?;
    if manner == Manner::ResetsInStream {
        let event = frame(DATA, 0, stream, TEXT_EVENT.as_bytes());
        out.send(event).await.ok()?;
        // What was sent is read before the stream is gone.
        tokio::time::sleep(Duration::from_millis(200)).await;
        return out.send(reset(stream, CANCEL)).await.ok();
    }
    out.send(frame(DATA, END_STREAM, stream, PLAIN.as_bytes()))
        .await
        .ok()
}

/// Sends as much as the stream's window lets it; that of the connection is left to Weir to keep open.
async fn endless_stream(
    out: mpsc::Sender<Vec<u8>>,
    stream: u32,
    mut window: mpsc::UnboundedReceiver<usize>,
) -> Option<()> {
    let head = block(&[(":status", "200"), ("content-type", "text/event-stream")]);
    out.send(frame(HEADERS, END_HEADERS, stream, &head))
        .await
        .ok()?;
    // What Weir says in its settings; what it takes is told as it takes it.
    let mut room: usize = 256 << 10;
    let piece = TEXT_EVENT.repeat(64);
    loop {
        while room < piece.len() {
            room += window.recv().await?;
        }
        room -= piece.len();
        out.send(frame(DATA, 0, stream, piece.as_bytes()))
            .await
            .ok()?;
    }
}
