//! Clocks that jump: Weir runs with a clock of its own (`clock.c`), which is changed in the middle.

use std::{fs, path::PathBuf, process::Command};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    console::{Person, failed_sign_in},
    files::missing,
    place::Place,
    weir::{ADMIN_TOKEN, Weir},
};

const HOUR: i64 = 3_600;
pub const DAY: i64 = 24 * HOUR;

/// A clock for the program alone. Its steady clock stays the system's, as with a jump of a real one.
pub struct Clock(PathBuf);

impl Clock {
    /// `None`: there is no compiler for C, and it was said that a test is not run.
    pub fn of(place: &mut Place) -> Option<Self> {
        let library = place.folder.path().join("clock.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/disasters/clock.c");
        let words = ["-shared", "-fPIC", "-o"];
        let Ok(made) = Command::new("cc")
            .args(words)
            .arg(&library)
            .arg(source)
            .status()
        else {
            missing("cc is missing (Debian: gcc)");
            return None;
        };
        assert!(made.success());
        let file = place.folder.path().join("clock");
        fs::write(&file, "0").unwrap();
        for (name, path) in [("LD_PRELOAD", &library), ("WEIR_TEST_CLOCK", &file)] {
            place
                .env
                .push((name.to_owned(), path.display().to_string()));
        }
        Some(Self(file))
    }

    /// Goes so many seconds from the system's time.
    pub fn set(&self, seconds: i64) {
        // Nobody is to read half of it.
        let next = self.0.with_extension("next");
        fs::write(&next, seconds.to_string()).unwrap();
        fs::rename(next, &self.0).unwrap();
    }
}

#[tokio::test]
async fn a_clock_that_jumps_an_hour_back_and_forward_costs_no_call_and_no_session() {
    let mut place = Place::new().await;
    let Some(clock) = Clock::of(&mut place) else {
        return;
    };
    let weir = place.start().await;
    let person = Person::signed_in(&place, &weir).await;
    let mut notes = place.calls(&weir, 20).await;
    for offset in [-HOUR, 0, HOUR, -HOUR, HOUR, 0] {
        clock.set(offset);
        notes.add(place.calls(&weir, 20).await);
        assert!(
            person.page(&weir, "/providers").await.contains("OpenAI"),
            "{offset}"
        );
    }
    assert_eq!(notes.refused, 0);
    let rows = place.books_balance(&weir, &notes).await;
    let quarters: std::collections::HashSet<_> = rows
        .iter()
        .map(|row| row["started_at"].as_str().unwrap()[..13].to_owned())
        .collect();
    assert!(quarters.len() >= 3, "the clock did jump: {quarters:?}");
    weir.kill();
    clock.set(-HOUR);
    let weir = place.start().await;
    place.books_balance(&weir, &notes).await;
    assert!(person.page(&weir, "/providers").await.contains("OpenAI"));
    // Who has failed too often waits by the steady clock: a jump does not let anybody in earlier.
    let mut tries = 0;
    while failed_sign_in(&place, &weir).await != 429 {
        tries += 1;
        assert!(tries < 12, "failed sign-ins are slowed");
    }
    clock.set(HOUR);
    assert_eq!(failed_sign_in(&place, &weir).await, 429);
}

#[tokio::test]
async fn a_clock_that_is_a_year_ahead_deletes_nothing_and_the_right_one_goes_on() {
    let mut place = Place::new().await;
    let weir = place.start().await;
    let keep = json!({ "keep_calls_days": 30, "keep_sums_days": 60, "keep_transcripts_days": 30 });
    place
        .api(&weir, Method::PATCH, "/api/v1/settings", keep)
        .await;
    let mut notes = place.calls(&weir, 40).await;
    let recorded = notes.delivered.clone();
    place
        .until(&weir, |system| system["transcripts"]["waiting"] == 0)
        .await;
    assert!(weir.stop().await.success());
    let Some(clock) = Clock::of(&mut place) else {
        return;
    };
    // A machine that starts with the wrong time, and then asks for the right one.
    clock.set(370 * DAY);
    let weir = place.start().await;
    weir.says("more than a day ahead").await;
    notes.add(place.calls(&weir, 20).await);
    place.books_balance(&weir, &notes).await;
    clock.set(0);
    notes.add(place.calls(&weir, 20).await);
    // And one that jumps while Weir runs.
    clock.set(400 * DAY);
    let warnings = |weir: &Weir| weir.said().matches("more than a day ahead").count();
    let before = warnings(&weir);
    let began = std::time::Instant::now();
    while warnings(&weir) == before {
        assert!(began.elapsed() < crate::weir::PATIENCE, "{}", weir.said());
        notes.add(place.calls(&weir, 2).await);
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    assert!(weir.stop().await.success());
    place.env.clear();
    let weir = place.start().await;
    notes.add(place.calls(&weir, 20).await);
    place.books_balance(&weir, &notes).await;
    for id in &recorded {
        let path = format!("http://{}/api/v1/transcripts/{id}", weir.address);
        let kept = place
            .client
            .get(path)
            .bearer_auth(ADMIN_TOKEN)
            .send()
            .await
            .unwrap();
        assert_eq!(kept.status(), 200);
    }
    let system = place.get(&weir, "/api/v1/system").await;
    assert_eq!(
        system["storage"]["calls_from"],
        Value::Null,
        "nothing is deleted: {system}"
    );
}
