use proptest::prelude::*;

use super::*;

fn upstream(key: &str) -> Upstream {
    Upstream::OpenAi {
        base_url: None,
        api_key: SecretName::new(key).unwrap(),
        organization: None,
        project: None,
    }
}

fn ring(count: usize, now: Instant) -> Arc<Ring> {
    let each: Vec<(EndpointName, Upstream)> = (0..count)
        .map(|n| {
            (
                format!("e{n}").parse().unwrap(),
                upstream(&format!("KEY_{n}")),
            )
        })
        .collect();
    let each = each.iter().map(|(name, upstream)| (name, upstream));
    Arc::new(Ring::new(each, now))
}

const SECOND: Duration = Duration::from_secs(1);

/// A call while some endpoints are dead: which it tried, in order. The last one answered it, or none did.
fn call(ring: &Arc<Ring>, dead: &[usize], now: Instant) -> Vec<usize> {
    let mut turns = ring.turns(None);
    let mut tried = vec![];
    while let Some(attempt) = turns.next(now) {
        tried.push(attempt.index());
        if dead.contains(&attempt.index()) {
            attempt.failed(now, "answered 503", None);
        } else {
            attempt.answered(now);
            break;
        }
    }
    tried
}

#[test]
fn each_has_its_turn() {
    let now = Instant::now();
    let ring = ring(3, now);
    let order: Vec<_> = (0..6).map(|_| call(&ring, &[], now)).collect();
    assert_eq!(order, [[0], [1], [2], [0], [1], [2]]);
}

#[test]
fn a_dead_one_is_passed_over_longer_each_time_and_comes_back_by_itself() {
    let mut now = Instant::now();
    let ring = ring(3, now);
    assert_eq!(call(&ring, &[0], now), [0, 1]);
    for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
        now += Duration::from_secs(wait) - Duration::from_millis(1);
        assert_eq!(call(&ring, &[0], now).len(), 1, "before {wait} s");
        now += Duration::from_millis(1);
        assert_eq!(call(&ring, &[0], now).len(), 2, "after {wait} s");
    }
    let health = ring.health();
    assert_eq!(health[0].failed_in_a_row, 9);
    let (until, why) = health[0].passed_over.clone().unwrap();
    assert_eq!((until, why.as_str()), (now + 60 * SECOND, "answered 503"));
    now += 60 * SECOND;
    assert_eq!(call(&ring, &[], now), [0], "its trial");
    assert_eq!(ring.health()[0].passed_over, None);
    assert_eq!(ring.health()[0].since, now);
    assert_eq!(call(&ring, &[0], now).len(), 1);
    let next: Vec<_> = (0..3).flat_map(|_| call(&ring, &[], now)).collect();
    assert!(next.contains(&0), "{next:?}");
}

#[test]
fn what_it_asks_for_counts_within_bounds() {
    let now = Instant::now();
    for (asked, waits) in [(0, 1), (7, 7), (300, 300), (86_400, 300)] {
        let ring = ring(2, now);
        let attempt = ring.turns(None).next(now).unwrap();
        attempt.failed(now, "answered 429", Some(Duration::from_secs(asked)));
        let (until, _) = ring.health()[0].passed_over.clone().unwrap();
        assert_eq!(until - now, Duration::from_secs(waits), "{asked}");
    }
}

#[test]
fn one_call_at_a_time_tries_whether_it_is_back() {
    let mut now = Instant::now();
    let ring = ring(2, now);
    assert_eq!(call(&ring, &[0], now), [0, 1]);
    now += SECOND;
    let trial = ring.turns(None).next(now).unwrap();
    assert_eq!(trial.index(), 0);
    assert_eq!(call(&ring, &[], now), [1], "the trial is under way");
    let slow = ring.turns(None).next(now + SECOND).unwrap();
    assert_eq!(slow.index(), 0, "for long");
    assert_eq!(call(&ring, &[], now + 2 * SECOND), [1]);
    drop((trial, slow));
    now += 2 * SECOND;
    assert_eq!(call(&ring, &[], now), [1], "nobody knows what came of it");
    let again = ring.turns(None).next(now + SECOND).unwrap();
    assert_eq!(again.index(), 0, "as long again");
    again.answered(now);
    assert_eq!(ring.health()[0].passed_over, None);
}

#[test]
fn of_calls_that_were_under_way_the_first_decides() {
    let now = Instant::now();
    let ring = ring(2, now);
    let mut begun: Vec<Attempt> = (0..40).filter_map(|_| ring.turns(None).next(now)).collect();
    begun.retain(|attempt| attempt.index() == 0);
    let late = begun.split_off(10);
    for attempt in begun {
        attempt.failed(now, "answered 500", None);
    }
    for attempt in late {
        attempt.answered(now);
    }
    let health = ring.health();
    let (until, _) = health[0].passed_over.clone().unwrap();
    assert_eq!((until - now, health[0].failed_in_a_row), (SECOND, 10));
}

#[test]
fn where_all_are_dead_a_call_tries_each_once_and_later_the_first_to_end() {
    let now = Instant::now();
    let ring = ring(3, now);
    assert_eq!(call(&ring, &[0, 1, 2], now), [0, 1, 2]);
    let later = now + SECOND / 2;
    for _ in 0..20 {
        assert_eq!(call(&ring, &[0, 1, 2], later), [0]);
    }
    let health = ring.health().into_iter();
    let until: Vec<_> = health.map(|health| health.passed_over.unwrap().0).collect();
    // However many calls come meanwhile, none of them makes the time longer.
    assert_eq!(until, [now + SECOND; 3]);
    assert_eq!(call(&ring, &[], later), [0], "and it is back");
    assert_eq!(call(&ring, &[], later), [0]);
}

#[test]
fn a_call_in_the_meantime_does_not_cut_short_what_was_asked_for() {
    let now = Instant::now();
    let ring = ring(2, now);
    for _ in 0..2 {
        let attempt = ring.turns(None).next(now).unwrap();
        attempt.failed(now, "answered 429", Some(300 * SECOND));
    }
    assert_eq!(call(&ring, &[0, 1], now + SECOND), [0]);
    let waits = ring.health()[0].passed_over.clone().unwrap().0 - now;
    assert_eq!(waits, 300 * SECOND);
}

#[test]
fn what_only_one_of_them_has_is_asked_of_those_that_are_passed_over_too() {
    let now = Instant::now();
    let ring = ring(3, now);
    call(&ring, &[0, 1, 2], now);
    let mut turns = ring.turns_of_all();
    let asked: Vec<_> = std::iter::from_fn(|| Some(turns.next(now)?.index())).collect();
    assert_eq!(asked, [0, 1, 2]);
}

#[test]
fn a_call_that_must_go_somewhere_goes_there_first() {
    let now = Instant::now();
    let ring = ring(3, now);
    let second: EndpointName = "e1".parse().unwrap();
    let mut turns = ring.turns(Some(&second));
    let order: Vec<_> = std::iter::from_fn(|| Some(turns.next(now)?.index())).collect();
    assert_eq!(order, [1, 0, 2]);
    let gone: EndpointName = "gone".parse().unwrap();
    assert_eq!(ring.turns(Some(&gone)).next(now).unwrap().index(), 0);
}

#[test]
fn what_is_known_of_those_that_stay_is_kept() {
    let now = Instant::now();
    let before = ring(3, now);
    call(&before, &[0], now);
    before.answered().remember("resp_1", &"e2".parse().unwrap());
    let names: Vec<EndpointName> = ["e2", "e0", "new"].map(|n| n.parse().unwrap()).into();
    let upstreams = [upstream("KEY_2"), upstream("KEY_0"), upstream("NEW")];
    let after = Ring::new(names.iter().zip(&upstreams), now).following(&before, None);
    let passed: Vec<bool> = after
        .health()
        .iter()
        .map(|health| health.passed_over.is_some())
        .collect();
    assert_eq!(passed, [false, true, false]);
    assert_eq!(after.answered().by("resp_1"), Some("e2".parse().unwrap()));
    // Another key is another caller: it may not be limited.
    let changed = [upstream("KEY_2"), upstream("OTHER"), upstream("NEW")];
    let after = Ring::new(names.iter().zip(&changed), now).following(&before, None);
    let is_healthy = |health: &Health| health.passed_over.is_none();
    assert!(after.health().iter().all(is_healthy));
    // So is one whose key has another value.
    let renewed = SecretName::new("KEY_0").unwrap();
    let after = Ring::new(names.iter().zip(&upstreams), now).following(&before, Some(&renewed));
    assert!(after.health().iter().all(is_healthy));
}

proptest! {
    /// While the same endpoints are dead, the others' shares differ by one at most, no call fails that could
    /// succeed, and none tries an endpoint twice.
    #[test]
    fn shares_are_even_whoever_is_dead(
        count in 1_usize..=20,
        dead in proptest::collection::vec(any::<bool>(), 20),
        calls in 1_usize..200,
        step_ms in 0_u64..3_000,
    ) {
        let mut now = Instant::now();
        let ring = ring(count, now);
        let dead: Vec<usize> = (0..count).filter(|index| dead[*index]).collect();
        let mut shares = vec![0_usize; count];
        for _ in 0..calls {
            let tried = call(&ring, &dead, now);
            let mut once = tried.clone();
            once.sort_unstable();
            once.dedup();
            prop_assert_eq!(once.len(), tried.len());
            let last = *tried.last().unwrap();
            prop_assert_eq!(dead.contains(&last), dead.len() == count);
            shares[last] += 1;
            now += Duration::from_millis(step_ms);
        }
        let alive = (0..count).filter(|index| !dead.contains(index)).map(|index| shares[index]);
        let (least, most) = (alive.clone().min(), alive.max());
        if let (Some(least), Some(most)) = (least, most) {
            prop_assert!(most - least <= 1, "{shares:?}");
        }
    }

    /// Whatever calls tell, and in whatever order, those that may be tried are tried, and all are back when all
    /// answer again.
    #[test]
    fn all_come_back(
        count in 1_usize..=6,
        told in proptest::collection::vec((0_u8..4, 0_u64..2_000), 0..120),
    ) {
        let mut now = Instant::now();
        let ring = ring(count, now);
        let mut open: Vec<Attempt> = vec![];
        for (what, wait) in told {
            now += Duration::from_millis(wait);
            match what {
                0 => open.extend(ring.turns(None).next(now)),
                1 => if !open.is_empty() { open.remove(0).failed(now, "answered 500", None) },
                2 => if let Some(attempt) = open.pop() { attempt.answered(now) },
                _ => drop(open.pop()),
            }
            prop_assert!(ring.turns(None).next(now).is_some());
        }
        drop(open);
        now += LONGEST_ASKED;
        for _ in 0..count * 2 {
            call(&ring, &[], now);
        }
        prop_assert!(ring.health().iter().all(|health| health.passed_over.is_none()));
    }
}
