//! Moments as clock and calendar of the time zone tell them that admins chose for reports.
//!
//! A page carries its zone: parts that show a moment take it from there with [`Zone::here`]. Wherever a
//! time stands alone, the zone's abbreviation stands behind it.

use std::sync::Arc;

use admin::usage::ReportZone;
use domain::Timestamp;
use jiff::{
    Zoned,
    civil::{DateTime, Time},
};
use leptos::prelude::{provide_context, use_context};

/// A time zone. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Zone(Arc<ReportZone>);

impl Zone {
    /// The zone that reports are for.
    pub(crate) const fn of(zone: Arc<ReportZone>) -> Self {
        Self(zone)
    }

    /// The zone of the page that is being made; UTC where none is.
    pub(crate) fn here() -> Self {
        use_context().unwrap_or_else(|| Self(Arc::new(ReportZone::utc())))
    }

    /// Lets the parts of the page that is being made find it.
    pub(crate) fn provide(self) {
        provide_context(self);
    }

    /// The zone itself, for asking admin.
    pub(crate) fn report(&self) -> &ReportZone {
        &self.0
    }

    /// Its IANA name: `Europe/Berlin`.
    pub(crate) fn name(&self) -> &str {
        self.0.name()
    }

    /// What it is called for short at a moment: `CET`, `UTC`, and where it has no such name `UTC+05:45`.
    pub(crate) fn short(&self, moment: Timestamp) -> String {
        short(&self.0.local(moment))
    }

    /// What it is called at all of these moments: for short, unless clocks were put forward or back among
    /// them.
    pub(crate) fn short_of_all(&self, moments: impl Iterator<Item = Timestamp>) -> String {
        let mut names = moments.map(|moment| self.short(moment));
        match names.next() {
            Some(first) if names.all(|name| name == first) => first,
            _ => self.name().to_owned(),
        }
    }

    /// To the second: `2026-11-19 13:20:51 UTC`.
    pub(crate) fn exact(&self, moment: Timestamp) -> String {
        let local = self.0.local(moment);
        format!("{} {}", local.strftime("%Y-%m-%d %H:%M:%S"), short(&local))
    }

    /// To the millisecond: `2026-11-19 13:20:51.870 UTC`.
    pub(crate) fn exact_to_millis(&self, moment: Timestamp) -> String {
        let local = self.0.local(moment);
        let told = local.strftime("%Y-%m-%d %H:%M:%S%.3f");
        format!("{told} {}", short(&local))
    }

    /// The clock, and the tenth of a second apart: `("15:31:56", ".8")`.
    pub(crate) fn clock(&self, moment: Timestamp) -> (String, String) {
        let tenth = moment.subsec_millisecond().unsigned_abs() / 100;
        let clock = self.0.local(moment).strftime("%H:%M:%S").to_string();
        (clock, format!(".{tenth}"))
    }

    /// The day: `19 Nov`, with the year where it is another than that of `now`.
    pub(crate) fn day(&self, moment: Timestamp, now: Timestamp) -> String {
        let (local, today) = (self.0.local(moment), self.0.local(now));
        let same_year = local.year() == today.year();
        local
            .strftime(if same_year { "%-d %b" } else { "%-d %b %Y" })
            .to_string()
    }

    /// From one moment up to another, which is not in it: `6 Nov to 19 Nov`, with the clock where it does not begin
    /// and end with a day.
    pub(crate) fn range(&self, from: Timestamp, to: Timestamp, now: Timestamp) -> String {
        let is_midnight = |moment| self.0.local(moment).time() == Time::midnight();
        if is_midnight(from) && is_midnight(to) {
            return self.days(from, to, now);
        }
        let told = |moment: Timestamp| {
            let clock = self.0.local(moment).strftime("%H:%M").to_string();
            format!("{} {clock}", self.day(moment, now))
        };
        format!("{} to {}", told(from), told(to))
    }

    /// The first and the last day of a range, whose end is not in it.
    pub(crate) fn days(&self, from: Timestamp, to: Timestamp, now: Timestamp) -> String {
        let last = Timestamp::from_microsecond(to.as_microsecond().saturating_sub(1));
        let (first, last) = (self.day(from, now), self.day(last.unwrap_or(to), now));
        if first == last {
            first
        } else {
            format!("{first} to {last}")
        }
    }

    /// Where the day begins that comes after the one of a moment. `None`: beyond the calendar.
    pub(crate) fn end_of_day(&self, moment: Timestamp) -> Option<Timestamp> {
        let next = self.0.local(moment).date().tomorrow().ok()?;
        self.0.moment(next.to_datetime(Time::midnight()))
    }

    /// As a field for date and time holds it: `2026-11-19T13:20:51`. What the clock says a second time, when
    /// clocks are put back, no field can hold: that is told in UTC, and says so.
    pub(crate) fn of_field(&self, moment: Timestamp) -> String {
        let local = self.0.local(moment);
        let told = local.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let whole = Timestamp::from_second(moment.as_second()).unwrap_or(moment);
        if self.moment(&told) == Some(whole) {
            told
        } else {
            whole.to_string()
        }
    }

    /// The moment that a field for a day, or for date and time, holds. `None`: it is no such text.
    pub(crate) fn moment(&self, text: &str) -> Option<Timestamp> {
        let local: DateTime = match text.len() {
            10 | 16 | 19 => text.parse().ok()?,
            _ => return None,
        };
        self.0.moment(local)
    }
}

fn short(local: &Zoned) -> String {
    let name = local.strftime("%Z").to_string();
    if name.starts_with(['+', '-']) {
        format!("UTC{}", local.strftime("%:z"))
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use admin::usage::ReportZone;
    use domain::Timestamp;

    use super::Zone;

    fn zone(name: &str) -> Zone {
        Zone::of(Arc::new(ReportZone::new(name).unwrap()))
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn moments_are_told_as_the_clock_on_the_wall_does_with_its_zone() {
        let moment = at("2026-11-19T23:31:56.870Z");
        for (name, exact, day) in [
            ("UTC", "2026-11-19 23:31:56 UTC", "19 Nov"),
            ("Europe/Berlin", "2026-11-20 00:31:56 CET", "20 Nov"),
            ("Asia/Kathmandu", "2026-11-20 05:16:56 UTC+05:45", "20 Nov"),
            (
                "America/Sao_Paulo",
                "2026-11-19 20:31:56 UTC-03:00",
                "19 Nov",
            ),
        ] {
            assert_eq!(zone(name).exact(moment), exact);
            assert_eq!(zone(name).day(moment, moment), day);
        }
        let berlin = zone("Europe/Berlin");
        assert_eq!(
            berlin.exact_to_millis(moment),
            "2026-11-20 00:31:56.870 CET"
        );
        assert_eq!(
            berlin.clock(moment),
            ("00:31:56".to_owned(), ".8".to_owned())
        );
        assert_eq!(berlin.short(at("2026-07-01T00:00:00Z")), "CEST");
        let new_year = at("2026-12-31T23:30:00Z");
        assert_eq!(berlin.day(moment, new_year), "20 Nov 2026");
        assert_eq!(
            zone("UTC").day(moment, new_year),
            "20 Nov".replace("20", "19")
        );
    }

    #[test]
    fn moments_on_both_sides_of_a_change_of_clocks_have_no_short_name_in_common() {
        let berlin = zone("Europe/Berlin");
        let (summer, winter) = (at("2026-07-01T00:00:00Z"), at("2026-11-19T00:00:00Z"));
        assert_eq!(berlin.short_of_all([summer, summer].into_iter()), "CEST");
        assert_eq!(
            berlin.short_of_all([winter, summer].into_iter()),
            "Europe/Berlin"
        );
        assert_eq!(berlin.short_of_all(std::iter::empty()), "Europe/Berlin");
    }

    #[test]
    fn a_range_is_told_by_its_days_and_where_it_cuts_one_by_the_clock() {
        let berlin = zone("Europe/Berlin");
        let told = |from, to| berlin.range(at(from), at(to), at("2026-11-20T12:00:00Z"));
        let midnight = "2026-11-05T23:00:00Z";
        assert_eq!(told(midnight, "2026-11-19T23:00:00Z"), "6 Nov to 19 Nov");
        assert_eq!(told(midnight, "2026-11-06T23:00:00Z"), "6 Nov");
        assert_eq!(
            told(midnight, "2026-11-06T11:30:00Z"),
            "6 Nov 00:00 to 6 Nov 12:30"
        );
        assert_eq!(
            told("2025-11-06T08:30:00Z", midnight),
            "6 Nov 2025 09:30 to 6 Nov 00:00"
        );
        // A day of 25 hours.
        let end = berlin.end_of_day(at("2026-10-25T00:30:00Z"));
        assert_eq!(end, Some(at("2026-10-25T23:00:00Z")));
    }

    #[test]
    fn what_a_field_holds_is_the_same_moment_again() {
        for name in ["UTC", "Europe/Berlin", "Asia/Kathmandu"] {
            let zone = zone(name);
            let moment = at("2026-11-19T23:31:56Z");
            assert_eq!(zone.moment(&zone.of_field(moment)), Some(moment), "{name}");
        }
        let berlin = zone("Europe/Berlin");
        assert_eq!(
            berlin.moment("2026-11-20"),
            Some(at("2026-11-19T23:00:00Z"))
        );
        assert_eq!(
            berlin.moment("2026-07-01T12:30"),
            Some(at("2026-07-01T10:30:00Z"))
        );
        // Half past two comes twice on this night.
        assert_eq!(
            berlin.of_field(at("2026-10-25T00:30:00Z")),
            "2026-10-25T02:30:00"
        );
        assert_eq!(
            berlin.of_field(at("2026-10-25T01:30:00Z")),
            "2026-10-25T01:30:00Z"
        );
        for text in ["", "yesterday", "2026-11-06T00:00:00Z", "2999-02-31"] {
            assert_eq!(berlin.moment(text), None, "{text}");
        }
    }
}
