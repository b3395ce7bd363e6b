//! What `time.mktime` makes of a date and a time that a zip archive keeps without a zone.
//!
//! In: the two numbers of an archive's entry, and the process's zone: `TZ`, else `/etc/localtime`. Out: seconds since 1970,
//! or that they cannot be known.
//!
//! **Invariant:** the zone is the C library's (`tzset`), read from the same files; where a clock showed that time twice, or
//! never, both instants are returned, as `mktime` may take either.

use camino::{Utf8Path, Utf8PathBuf};
use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};

use crate::system::{Cause, System};

/// Where the C library looks for zones by name, unless `TZDIR` says otherwise.
const ZONES: &str = "/usr/share/zoneinfo";

/// The zone of a process without `TZ`.
const OF_THE_MACHINE: &str = "/etc/localtime";

/// The largest real one has less than 4 KiB.
const LARGEST_ZONE: u64 = 256 * 1024;

/// What `time.mktime` makes of a month 0 and a day 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zeros {
    /// The month or the day before the first one.
    CarriedOver,
    /// PyPy takes them for the first ones (`_gettmarg` of `pypy/module/time/interp_time.py`).
    Ones,
}

/// The local time zone, as a process of the user would have it; `None` where it cannot be known.
#[derive(Debug)]
pub(super) struct LocalTime(Option<TimeZone>);

impl LocalTime {
    pub(super) fn of(system: &dyn System) -> Self {
        // Windows keeps the rules of its zones in its registry.
        LocalTime(if system.platform().is_windows() { None } else { zone(system) })
    }

    /// Returns the instants that a date and a time in the format of MS-DOS may stand for (`zipimport._parse_dostime`).
    pub(super) fn instants(&self, date: u16, time: u16, zeros: Zeros) -> Option<Vec<i64>> {
        let zone = self.0.as_ref()?;
        let shown = shown_by_a_clock(date, time, zeros)?;
        let offsets = match zone.to_ambiguous_timestamp(shown).offset() {
            AmbiguousOffset::Unambiguous { offset } => vec![offset],
            AmbiguousOffset::Gap { before, after } | AmbiguousOffset::Fold { before, after } => vec![before, after],
        };
        offsets.into_iter().map(|offset| Some(offset.to_timestamp(shown).ok()?.as_second())).collect()
    }
}

/// Takes the numbers apart as `_parse_dostime` does: what no calendar has, such as a day 0, is carried over by `mktime`.
fn shown_by_a_clock(date: u16, time: u16, zeros: Zeros) -> Option<DateTime> {
    let least = u16::from(zeros == Zeros::Ones);
    let month = i16::try_from((date >> 5 & 0xf).max(least)).ok()? - 1;
    let year = i16::try_from(date >> 9).ok()? + 1980 + month.div_euclid(12);
    let first = Date::new(year, i8::try_from(month.rem_euclid(12)).ok()? + 1, 1).ok()?;
    let days = i64::from((date & 0x1f).max(least)) - 1;
    let seconds = i64::from(time >> 11) * 3600 + i64::from(time >> 5 & 0x3f) * 60 + i64::from(time & 0x1f) * 2;
    first.at(0, 0, 0, 0).checked_add(SignedDuration::from_secs(days * 86400 + seconds)).ok()
}

fn zone(system: &dyn System) -> Option<TimeZone> {
    let Some(named) = system.variable("TZ") else { return from_file(system, OF_THE_MACHINE.into()) };
    let name = named.strip_prefix(':').unwrap_or(&named);
    if name.is_empty() {
        return Some(TimeZone::UTC);
    }
    let zones = system.variable("TZDIR").filter(|it| !it.is_empty()).unwrap_or_else(|| ZONES.to_owned());
    let file = Utf8PathBuf::from(zones).join(name);
    if system.is_file(&file) {
        return from_file(system, &file);
    }
    // `Europe/Berlin` on a machine without zones is no rule of POSIX either, and then the clock shows UTC.
    if name.bytes().any(|it| it.is_ascii_digit()) { TimeZone::posix(name).ok() } else { Some(TimeZone::UTC) }
}

fn from_file(system: &dyn System, file: &Utf8Path) -> Option<TimeZone> {
    let bytes = match system.read(file, LARGEST_ZONE) {
        Ok(bytes) => bytes,
        Err(failure) if failure.cause == Cause::NotFound => return Some(TimeZone::UTC),
        Err(_) => return None,
    };
    // Zones that count leap seconds (`right/…`) have instants of their own.
    let counts_leap_seconds = bytes.get(28..32).is_none_or(|it| it.iter().any(|byte| *byte != 0));
    if counts_leap_seconds { None } else { TimeZone::tzif(file.as_str(), &bytes).ok() }
}

#[cfg(test)]
mod tests {
    use super::{LocalTime, Zeros};
    use crate::system::memory::MemorySystem;

    fn date(year: u16, month: u16, day: u16) -> u16 {
        (year - 1980) << 9 | month << 5 | day
    }

    fn time(hour: u16, minute: u16, second: u16) -> u16 {
        (hour << 11) | (minute << 5) | (second / 2)
    }

    fn instants(zone: &str, date: u16, time: u16) -> Option<Vec<i64>> {
        LocalTime::of(MemorySystem::default().set_variable("TZ", zone)).instants(date, time, Zeros::CarriedOver)
    }

    #[test]
    fn a_rule_of_posix_is_the_zone() {
        let rule = "CET-1CEST,M3.5.0,M10.5.0/3";
        assert_eq!(instants(rule, date(2021, 1, 15), time(12, 0, 0)), Some(vec![1_610_708_400]));
        assert_eq!(instants(rule, date(2021, 7, 15), time(12, 0, 0)), Some(vec![1_626_343_200]));
        assert_eq!(instants(rule, date(2021, 10, 31), time(2, 30, 0)), Some(vec![1_635_640_200, 1_635_643_800]));
        assert_eq!(instants(rule, date(2021, 3, 28), time(2, 30, 0)).map(|it| it.len()), Some(2));
    }

    #[test]
    fn a_name_without_a_file_is_utc_and_a_rule_that_is_none_is_not_known() {
        let noon = Some(vec![1_626_350_400]);
        for zone in ["", "Europe/Berlin", ":nonsense", "UTC0"] {
            assert_eq!(instants(zone, date(2021, 7, 15), time(12, 0, 0)), noon, "{zone}");
        }
        assert_eq!(instants("CET-1CEST", date(2021, 7, 15), time(12, 0, 0)), None);
    }

    #[test]
    fn what_no_calendar_has_is_carried_over() {
        assert_eq!(instants("UTC0", 0, 0), Some(vec![312_768_000]), "the thirtieth of November 1979");
        let system = MemorySystem::default();
        let of_pypy = |date| LocalTime::of(&system).instants(date, time(1, 0, 0), Zeros::Ones);
        assert_eq!(of_pypy(0), Some(vec![315_536_400]), "the first of January 1980");
        assert_eq!(of_pypy(date(1980, 3, 0)), Some(vec![320_720_400]), "the first of March");
        assert_eq!(instants("UTC0", date(2021, 13, 1), time(24, 60, 62)), Some(vec![1_641_085_262]));
    }

    #[test]
    fn a_machine_without_a_zone_shows_utc_and_windows_has_another() {
        let noon = (date(2021, 7, 15), time(12, 0, 0));
        assert_eq!(
            LocalTime::of(&MemorySystem::default()).instants(noon.0, noon.1, Zeros::CarriedOver),
            Some(vec![1_626_350_400])
        );
        let windows = MemorySystem::of(crate::system::Platform::Windows);
        assert_eq!(LocalTime::of(&windows).instants(noon.0, noon.1, Zeros::CarriedOver), None);
        let mut torn = MemorySystem::default();
        torn.write("/etc/localtime", "no zone");
        assert_eq!(LocalTime::of(&torn).instants(noon.0, noon.1, Zeros::CarriedOver), None);
    }
}
