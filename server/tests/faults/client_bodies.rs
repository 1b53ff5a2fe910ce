//! Bodies that are too large, one of them or all together.

use serde_json::json;

use crate::{
    program::{MIB, Program},
    support::a_chat,
    wire::Client,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_over_its_limit_is_413_and_not_read_to_its_end() {
    let program = Program::start(&["--max-body-bytes", "64KiB"]).await;
    program.others_are_answered().await;
    let before = program.forget_peak();
    let head = program.chat_bytes("well", "", "");
    let head = String::from_utf8(head).unwrap();
    let announced = head.replace("content-length: 0", "content-length: 1000000000");
    let mut client = Client::connect(program.address).await;
    client.say(announced).await;
    let refused = client.answer().await.unwrap();
    assert_eq!(refused.status, 413, "nothing of it was sent");
    assert!(client.is_closed_within(crate::program::PATIENCE).await);

    let chunked = head.replace("content-length: 0", "transfer-encoding: chunked");
    let mut client = Client::connect(program.address).await;
    client.say(chunked).await;
    let chunk = format!("2000\r\n{}\r\n", "x".repeat(0x2000));
    let mut sent = 0;
    while sent < 100 * MIB && client.say(&chunk).await {
        sent += chunk.len() as u64;
    }
    println!("figure: 413 without a length: the client could send {sent} bytes of 100 MiB");
    assert!(sent < 32 * MIB, "{sent}");
    assert!(
        program.grown(before) < 16 * MIB,
        "{}",
        program.grown(before)
    );
    let rows = program.books(3).await;
    for row in &rows[..2] {
        assert_eq!(
            (&row["outcome"], &row["status"], &row["price_state"]),
            (&json!("rejected"), &json!(413), &json!("not_billed"))
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_over_the_limit_for_all_are_503_until_others_are_through() {
    let program =
        Program::start(&["--max-body-bytes", "1MiB", "--max-buffered-bytes", "1MiB"]).await;
    let mut chat = a_chat();
    chat["messages"][0]["content"] = json!("x".repeat(700 << 10));
    let body = chat.to_string();
    let request = program.chat_bytes("well", "", &body);
    let mut first = Client::connect(program.address).await;
    // All but the last byte: its share is taken while it waits for that.
    let begun = &request[..request.len() - 1];
    first.say(begun).await;
    let mut refused = 0;
    let began = std::time::Instant::now();
    while refused < 3 {
        let mut second = Client::connect(program.address).await;
        second.say(&request).await;
        match second.answer().await {
            Some(answer) if answer.status == 503 => {
                assert!(answer.head.contains("retry-after: 1"), "{}", answer.head);
                assert!(String::from_utf8_lossy(&answer.body).contains("buffers_full"));
                refused += 1;
            }
            // Its bytes came before those of the first one, which may have been refused instead.
            Some(answer) => {
                assert_eq!(answer.status, 200);
                refused = 0;
                first = Client::connect(program.address).await;
                first.say(begun).await;
            }
            // Closed while it was still being sent.
            None => {}
        }
        assert!(began.elapsed() < crate::program::PATIENCE);
    }
    program.others_are_answered().await;
    first.say(&request[request.len() - 1..]).await;
    assert_eq!(first.answer().await.unwrap().status, 200);
    let mut third = Client::connect(program.address).await;
    third.say(&request).await;
    assert_eq!(
        third.answer().await.unwrap().status,
        200,
        "its share came back"
    );
}
