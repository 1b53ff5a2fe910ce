use super::*;

fn address(text: &str) -> Option<IpAddr> {
    Some(text.parse().unwrap())
}

/// The wait in milliseconds, or the seconds for which the attempt is refused.
fn attempt(slowing: &Slowing, account: &str, from: Option<IpAddr>) -> Result<u128, u64> {
    slowing
        .begin(account, from)
        .map(|attempt| attempt.wait.as_millis())
        .map_err(|away| away.as_secs())
}

#[tokio::test(start_paused = true)]
async fn an_account_that_fails_is_slowed_more_and_more_but_never_shut() {
    let slowing = Slowing::default();
    let waits: Vec<u128> = (0..10)
        .map(|n| attempt(&slowing, "ada", address(&format!("10.0.0.{n}"))).unwrap())
        .collect();
    assert_eq!(
        waits,
        [0, 0, 0, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]
    );
    assert_eq!(
        attempt(&slowing, "bob", address("10.0.1.1")),
        Ok(0),
        "others are not slowed"
    );
}

#[tokio::test(start_paused = true)]
async fn an_address_that_fails_waits_in_line_and_is_then_refused() {
    let slowing = Slowing::default();
    let from = address("192.0.2.7");
    let mut at_once = 0;
    let mut refused = None;
    for n in 0..20 {
        match attempt(&slowing, &format!("name{n}"), from) {
            Ok(0) => at_once += 1,
            Ok(_) => {}
            Err(away) => refused = refused.or(Some(away)),
        }
    }
    assert_eq!(at_once, 5);
    assert!(refused.is_some_and(|away| away > 10), "{refused:?}");
    assert_eq!(
        attempt(&slowing, "someone", address("192.0.2.8")),
        Ok(0),
        "another address is not slowed"
    );
    tokio::time::advance(Duration::from_secs(301)).await;
    assert!(
        attempt(&slowing, "someone", from).is_ok(),
        "after the wait it is looked at again"
    );
}

#[tokio::test(start_paused = true)]
async fn attempts_at_once_gain_nothing() {
    let slowing = Slowing::default();
    let attempts: Vec<Attempt> = (0..6)
        .map(|_| slowing.begin("ada", None).unwrap())
        .collect();
    assert!(
        attempts[5].wait > Duration::from_secs(1),
        "none of them has ended, all of them count"
    );
}

#[tokio::test(start_paused = true)]
async fn success_forgets_the_failures() {
    let slowing = Slowing::default();
    let from = address("192.0.2.7");
    for _ in 0..4 {
        slowing.begin("ada", from).unwrap();
    }
    let last = slowing.begin("ada", from).unwrap();
    slowing.succeeded(&last);
    assert_eq!(attempt(&slowing, "ada", from), Ok(0));
}

#[tokio::test(start_paused = true)]
async fn a_quarter_of_an_hour_forgets_them_too() {
    let slowing = Slowing::default();
    for _ in 0..8 {
        slowing.begin("ada", None).unwrap();
    }
    tokio::time::advance(MEMORY + Duration::from_secs(1)).await;
    assert_eq!(attempt(&slowing, "ada", None), Ok(0));
}

#[tokio::test(start_paused = true)]
async fn ipv6_addresses_count_by_their_network_and_mapped_ones_as_ipv4() {
    let slowing = Slowing::default();
    for n in 0..6 {
        let _ = slowing.begin(&format!("name{n}"), address(&format!("2001:db8:1:2::{n}")));
    }
    assert!(attempt(&slowing, "ada", address("2001:db8:1:2:ffff::9")).unwrap() > 0);
    assert_eq!(attempt(&slowing, "bob", address("2001:db8:1:3::9")), Ok(0));
    for n in 0..6 {
        let _ = slowing.begin(&format!("other{n}"), address("::ffff:192.0.2.9"));
    }
    assert!(attempt(&slowing, "eve", address("192.0.2.9")).unwrap() > 0);
}

#[tokio::test(start_paused = true)]
async fn memory_is_bounded() {
    let slowing = Slowing::default();
    for n in 0..KEYS_MAX + 500 {
        let _ = slowing.begin(&format!("name{n}"), None);
    }
    assert_eq!(slowing.seen.lock().unwrap().accounts.len(), KEYS_MAX);
}
