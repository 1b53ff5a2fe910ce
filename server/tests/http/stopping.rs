//! Stopping: how long it takes at most.

use std::time::{Duration, Instant};

use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::support::{a_chat, streamed, world_with};

#[tokio::test]
async fn running_calls_and_those_left_behind_have_one_time_to_end() {
    let world = world_with(&["--shutdown-timeout", "2s"]).await;
    let hanging = || {
        world
            .chat(&streamed(a_chat()))
            .header("x-standin-hang", "body")
            .send()
    };
    let running = hanging().await.unwrap();
    let left_behind = hanging().await.unwrap();
    drop(left_behind);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let began = Instant::now();
    world.weir.stop();
    world.weir.ended().await;
    let took = began.elapsed();
    drop(running);
    assert!(took >= Duration::from_secs(2), "{took:?}");
    assert!(took < Duration::from_millis(3_500), "{took:?}");
}

#[tokio::test]
async fn a_connection_that_never_asked_holds_nothing_up() {
    let world = world_with(&["--shutdown-timeout", "20s"]).await;
    let mut half = TcpStream::connect(world.weir.address).await.unwrap();
    half.write_all(b"GET / HT").await.unwrap();
    let silent = TcpStream::connect(world.weir.address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let began = Instant::now();
    world.weir.stop();
    world.weir.ended().await;
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
    drop((half, silent));
}
