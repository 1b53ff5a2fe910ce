//! The stand-in as a program of its own, for tests that run Weir as another process.
//!
//! `weir-standin [ADDRESS] [KEY]` listens on the address (a free port of 127.0.0.1 unless named), takes
//! only the key where one is named, prints where it is, and ends with its standard input.

use std::io::{self, Read, Write};

use weir_standin::{Settings, Standin};

#[tokio::main]
async fn main() -> io::Result<()> {
    let mut words = std::env::args().skip(1);
    let mut settings = Settings::default();
    if let Some(address) = words.next() {
        settings.listen = address.parse().map_err(io::Error::other)?;
    }
    settings.required_key = words.next();
    let standin = Standin::start(settings).await?;
    writeln!(io::stdout(), "{}", standin.base_url())?;
    let ended =
        tokio::task::spawn_blocking(|| io::copy(&mut io::stdin().by_ref(), &mut io::sink()));
    ended.await.map_err(io::Error::other)??;
    standin.stop().await;
    Ok(())
}
