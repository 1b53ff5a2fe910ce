//! Clients that abuse HTTP/2: resets, headers that never end, pings, and more streams than there may be.

use std::time::Duration;

use tokio::{
    io::{AsyncWriteExt, split},
    net::TcpStream,
    time::timeout,
};

use crate::{
    frames::{
        CANCEL, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PING, PREFACE,
        RST_STREAM, block, frame, read, reset, say, settings, window_update,
    },
    program::{MIB, PATIENCE, Program},
    support::a_chat,
};

/// The header block of a chat.
fn chat_head(program: &Program, length: usize) -> Vec<u8> {
    block(&[
        (":method", "POST"),
        (":scheme", "http"),
        (":authority", "weir"),
        (":path", "/llm/v1/providers/well/chat/completions"),
        ("x-weir-token", &program.token),
        ("content-type", "application/json"),
        ("content-length", &length.to_string()),
    ])
}

async fn connect(program: &Program) -> TcpStream {
    let mut stream = TcpStream::connect(program.address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    assert!(say(&mut stream, &[PREFACE, &settings(&[])].concat()).await);
    stream
}

/// Writes the same thing again and again; gives how often it could be, `most` at most.
async fn flood(stream: &mut TcpStream, each: &[u8], most: usize) -> usize {
    let (mut reader, mut writer) = stream.split();
    let mut written = 0;
    let flooding = async {
        while written < most
            && timeout(PATIENCE, writer.write_all(each))
                .await
                .is_ok_and(|it| it.is_ok())
        {
            written += 1;
        }
    };
    let mut went_away = false;
    tokio::select! {
        () = flooding => {}
        () = async {
            while let Some(frame) = read(&mut reader).await {
                went_away |= frame.kind == GOAWAY;
            }
        } => {}
    }
    println!("figure: {written} written, told to go away: {went_away}");
    written
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rapid_resets_are_stopped_and_every_call_among_them_has_its_row() {
    let program = Program::start(&[]).await;
    program.others_are_answered().await;
    let before = program.forget_peak();
    let body = a_chat().to_string();
    let head = chat_head(&program, body.len());
    let mut all = Vec::new();
    for number in 0..5_000 {
        let stream = 2 * number + 1;
        all.extend(frame(HEADERS, END_HEADERS, stream, &head));
        all.extend(frame(DATA, END_STREAM, stream, body.as_bytes()));
        all.extend(reset(stream, CANCEL));
    }
    let mut stream = connect(&program).await;
    let (mut reader, mut writer) = stream.split();
    let mut went_away = false;
    let sending = async {
        let _cut_off = writer.write_all(&all).await;
    };
    let reading = async {
        while let Some(frame) = read(&mut reader).await {
            went_away |= frame.kind == GOAWAY;
        }
    };
    let closed = async { tokio::join!(sending, reading) };
    let closed = timeout(PATIENCE, closed).await.is_ok();
    assert!(closed && went_away, "the connection is ended");
    drop(stream);
    program.others_are_answered().await;
    let grown = program.grown(before);
    // What was accepted before it was reset has a row each.
    let rows = program.rows_at_last().await;
    println!(
        "figure: rapid resets: {} rows of 5,000 streams, memory grew by {grown}",
        rows.len()
    );
    assert!(
        rows.iter().all(|row| row["price_state"] == "priced"),
        "{rows:#?}"
    );
    assert!(grown < 32 * MIB, "{grown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_that_never_end_are_cut_off() {
    let program = Program::start(&[]).await;
    program.others_are_answered().await;
    let before = program.forget_peak();
    let mut stream = connect(&program).await;
    let head = chat_head(&program, 0);
    assert!(say(&mut stream, &frame(HEADERS, 0, 1, &head)).await);
    let more = block(&[("x-more", &"y".repeat(1000))]).repeat(16);
    let written = flood(&mut stream, &frame(CONTINUATION, 0, 1, &more), 10_000).await;
    assert!(written < 10_000, "160 MB of headers were taken");
    assert!(
        program.grown(before) < 16 * MIB,
        "{}",
        program.grown(before)
    );
    program.others_are_answered().await;
    program.books(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pings_that_nobody_reads_the_answers_of_do_not_pile_up() {
    let program = Program::start(&[]).await;
    program.others_are_answered().await;
    let before = program.forget_peak();
    let mut stream = connect(&program).await;
    let pings = frame(PING, 0, 0, b"12345678").repeat(1_000);
    let empty_settings = settings(&[]).repeat(1_000);
    for flood in [pings, empty_settings] {
        // Half a million of them, or as many as the server takes without being read.
        for _ in 0..500 {
            let written = timeout(Duration::from_millis(500), stream.write_all(&flood)).await;
            if !matches!(written, Ok(Ok(()))) {
                break;
            }
        }
    }
    let grown = program.grown(before);
    println!("figure: pings: memory grew by {grown}");
    assert!(grown < 16 * MIB, "{grown}");
    program.others_are_answered().await;
    program.books(2).await;
}

/// The frames of so many chats.
fn chats(program: &Program, first: u32, count: u32) -> Vec<u8> {
    let body = a_chat().to_string();
    let head = chat_head(program, body.len());
    let mut all = Vec::new();
    for number in first..first + count {
        let stream = 2 * number + 1;
        all.extend(frame(HEADERS, END_HEADERS, stream, &head));
        all.extend(frame(DATA, END_STREAM, stream, body.as_bytes()));
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_streams_of_one_connection_are_answered_two_hundred_at_once() {
    let program = Program::start(&[]).await;
    program.others_are_answered().await;
    let before = program.forget_peak();
    let (mut reader, mut writer) = split(connect(&program).await);
    for wave in 0..5 {
        assert!(say(&mut writer, &chats(&program, wave * 200, 200)).await);
        let mut answered = 0;
        while answered < 200 {
            let frame = timeout(PATIENCE, read(&mut reader)).await.unwrap();
            let frame = frame.expect("the connection stays");
            assert_ne!(frame.kind, RST_STREAM);
            if matches!(frame.kind, DATA | HEADERS) && frame.flags & END_STREAM != 0 {
                answered += 1;
            }
            if frame.kind == DATA && !frame.payload.is_empty() {
                let taken = u32::try_from(frame.payload.len()).unwrap();
                assert!(say(&mut writer, &window_update(0, taken)).await);
            }
        }
    }
    let rows = program.books(1_001).await;
    assert!(rows.iter().all(|row| row["outcome"] == "ok"));
    assert!(
        program.grown(before) < 64 * MIB,
        "{}",
        program.grown(before)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_streams_at_once_are_refused_and_every_call_among_them_has_its_row() {
    let program = Program::start(&[]).await;
    program.others_are_answered().await;
    let before = program.forget_peak();
    let (mut reader, mut writer) = split(connect(&program).await);
    let all = chats(&program, 0, 1_000);
    let sending = tokio::spawn(async move {
        let _cut_off = writer.write_all(&all).await;
        writer
    });
    let (mut answered, mut refused) = (0, 0);
    while answered + refused < 1_000 {
        match timeout(PATIENCE, read(&mut reader)).await.unwrap() {
            None => break,
            Some(frame) if frame.kind == RST_STREAM => refused += 1,
            Some(frame) => {
                let ended = matches!(frame.kind, DATA | HEADERS) && frame.flags & END_STREAM != 0;
                answered += usize::from(ended);
            }
        }
    }
    drop(sending);
    program.others_are_answered().await;
    let rows = program.rows_at_last().await;
    println!(
        "figure: 1,000 streams at once: {answered} answered, {refused} refused, {} rows",
        rows.len()
    );
    assert!(refused > 0 && rows.len() <= 202);
    assert!(rows.iter().all(|row| row["price_state"] == "priced"));
    assert!(
        program.grown(before) < 64 * MIB,
        "{}",
        program.grown(before)
    );
}
