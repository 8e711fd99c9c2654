// SPDX-License-Identifier: GPL-3.0-or-later
//! Times of logs, as this machine's wall clock shows them: seconds since 1970 without the offset of the time zone.
//!
//! dnsmasq writes `Nov 29 17:16:03`, without year and zone. lighttpd writes `2026-11-29T17:16:03+0100`.

use crate::types::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// The step of time zones.
const QUARTER: i64 = 900;
const DAY: i64 = 86_400;

/// A time on the wall clock.
pub(super) type Wall = i64;

/// `Nov 29 17:16:03` in this year.
pub(super) fn of_dnsmasq(text: &str, year: i32) -> Option<Wall> {
    let mut words = text.split_whitespace();
    let (month, day, time) = (words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let day: u8 = day.parse().ok()?;
    seconds(&format!("{year:04}-{month:02}-{day:02}T{time}Z"))
}

/// `2026-11-29T17:16:03+0100`.
pub(super) fn of_lighttpd(text: &str) -> Option<Wall> {
    seconds(&format!("{}Z", text.get(..19)?))
}

fn seconds(text: &str) -> Option<Wall> {
    let time: Timestamp = text.parse().ok()?;
    i64::try_from(time.as_unix()).ok()
}

/// The clock by which a log of dnsmasq is read: the year, and the offset of the zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) year: i32,
    offset: i64,
}

impl Clock {
    /// From the last line of a log, and when the file was last written: both are the same moment.
    pub(super) fn new(last_line: &str, written: SystemTime) -> Self {
        let written = unix(written);
        let year = |seconds: i64| {
            let text = Timestamp::from_unix(seconds).to_string();
            text.get(..4).and_then(|year| year.parse().ok()).unwrap_or(1970)
        };
        // Around New Year, zone and year are known only together.
        let near = [written, written - DAY, written + DAY].map(year);
        let offsets = near.into_iter().filter_map(|year| {
            let offset = of_dnsmasq(last_line, year)? - written;
            Some(Self { year, offset: (offset + QUARTER / 2).div_euclid(QUARTER) * QUARTER })
        });
        let nearest = offsets.min_by_key(|clock| clock.offset.abs());
        nearest.filter(|clock| clock.offset.abs() <= DAY).unwrap_or(Self { year: year(written), offset: 0 })
    }

    /// What the wall clock showed at this moment.
    pub(super) fn wall(self, moment: SystemTime) -> Wall {
        unix(moment) + self.offset
    }

    /// The moment that the wall clock showed this.
    pub(super) fn moment(self, wall: Wall) -> Timestamp {
        Timestamp::from_unix(wall - self.offset)
    }
}

fn unix(moment: SystemTime) -> i64 {
    moment.duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn at(text: &str) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(text.parse::<Timestamp>().unwrap().as_unix())
    }

    #[test]
    fn the_zone_is_known_by_the_last_line() {
        for (line, written, year, first) in [
            ("Nov 29 17:16:03", "2026-11-29T17:16:04Z", 2026, "2026-11-29T17:16:03Z"),
            ("Nov 29 18:16:03", "2026-11-29T17:16:03Z", 2026, "2026-11-29T17:16:03Z"),
            ("Nov  9 11:46:03", "2026-11-09T17:16:03Z", 2026, "2026-11-09T17:16:03Z"),
            ("Jan  1 00:30:00", "2026-12-31T23:30:00Z", 2027, "2026-12-31T23:30:00Z"),
            ("Dec 31 22:00:00", "2027-01-01T03:00:00Z", 2026, "2027-01-01T03:00:00Z"),
        ] {
            let clock = Clock::new(line, at(written));
            assert_eq!(clock.year, year, "{line}");
            assert_eq!(clock.moment(of_dnsmasq(line, clock.year).unwrap()).to_string(), first, "{line}");
        }
    }

    #[test]
    fn both_logs_show_one_clock() {
        assert_eq!(of_dnsmasq("Nov 29 17:16:03", 2026), of_lighttpd("2026-11-29T17:16:03+0100"));
        for bad in ["", "Foo 29 17:16:03", "Nov 32 17:16:03", "Nov 29", "Nov x 17:16:03"] {
            assert_eq!(of_dnsmasq(bad, 2026), None, "{bad}");
        }
        for bad in ["", "2026-11-29", "2026-11-29T17:16:6x+0100", "é026-11-29T17:16:03+0100"] {
            assert_eq!(of_lighttpd(bad), None, "{bad}");
        }
    }
}
