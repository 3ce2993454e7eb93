//! When Meta stops serving versions of the Graph API (<https://developers.facebook.com/docs/graph-api/changelog/versions/>)
//! and of Embedded Signup
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/versions>).

use super::{ok, to_do};
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::doctor::{DoctorCheck, DoctorItem};
use time::{Date, Month};

/// Whether Meta serves the version of the Graph API for long enough. `screen`: where it is set.
pub(super) fn graph_version(version: &str, screen: &str, now: UnixMillis) -> DoctorCheck {
    let item = DoctorItem::GraphVersion;
    let fix = format!("Set the graph version to {LATEST_GRAPH_VERSION}, and try one signup.");
    let is_older = number(version) < GRAPH_VERSIONS.first().map_or(0, |(name, _)| number(name));
    if is_older {
        let finding =
            format!("Meta has stopped serving {version}, and serves calls with another version.");
        return to_do(item, finding, fix, screen);
    }
    match until(GRAPH_VERSIONS, version) {
        None => ok(
            item,
            format!("Meta has not announced until when it serves {version}."),
        ),
        Some(date) if days_left(date, now) == 0 => to_do(
            item,
            format!(
                "Meta stopped serving {version} on {date}, and serves calls with another version."
            ),
            fix,
            screen,
        ),
        Some(date) if days_left(date, now) <= SOON => to_do(
            item,
            format!("Meta serves {version} until {date}."),
            fix,
            screen,
        ),
        Some(date) => ok(item, format!("Meta serves {version} until {date}.")),
    }
}

/// Whether Meta serves the site's version of Embedded Signup. `None`: the login configuration decides.
pub(super) fn embedded_signup_version(version: Option<&str>, now: UnixMillis) -> DoctorCheck {
    let item = DoctorItem::EmbeddedSignupVersion;
    let Some(version) = version else {
        return ok(
            item,
            "The site names no version: the login configuration at Meta decides.",
        );
    };
    match until(SIGNUP_VERSIONS, version) {
        None => ok(
            item,
            format!("Meta has not announced until when it serves {version}."),
        ),
        Some(date) if days_left(date, now) > SOON => {
            ok(item, format!("Meta serves {version} until {date}."))
        }
        Some(date) => to_do(
            item,
            format!("Meta has announced that it stops serving {version} on {date}."),
            "Set the version to v4, and try one signup.",
            "embark site add <site> --more <file> with {\"es_version\": \"v4\"}; the site's page of the console, Change others",
        ),
    }
}

fn until(versions: &[(&str, Date)], version: &str) -> Option<Date> {
    let known = versions.iter().find(|(name, _)| *name == version);
    known.map(|(_, until)| *until)
}

fn days_left(date: Date, now: UnixMillis) -> u64 {
    let at = date.midnight().assume_utc().unix_timestamp();
    let at = UnixMillis::from_secs(u64::try_from(at).unwrap_or_default());
    now.until(at).as_secs().div_ceil(DAY.as_secs())
}

/// The number before the dot; 0 for text of another form.
fn number(version: &str) -> u32 {
    let digits = version
        .strip_prefix('v')
        .and_then(|rest| rest.split('.').next());
    digits
        .and_then(|digits| digits.parse().ok())
        .unwrap_or_default()
}

const fn date(year: i32, month: Month, day: u8) -> Date {
    match Date::from_calendar_date(year, month, day) {
        Ok(date) => date,
        Err(_) => Date::MIN,
    }
}

/// Those that Meta has announced an end of, the oldest first. Older ones are not served any more.
const GRAPH_VERSIONS: &[(&str, Date)] = &[
    ("v21.0", date(2027, Month::January, 21)),
    ("v22.0", date(2027, Month::May, 20)),
    ("v23.0", date(2027, Month::October, 8)),
    ("v24.0", date(2028, Month::February, 18)),
    ("v25.0", date(2028, Month::July, 29)),
];
const LATEST_GRAPH_VERSION: &str = "v26.0";
const SIGNUP_VERSIONS: &[(&str, Date)] = &[
    ("v2", date(2026, Month::October, 15)),
    ("v2-public-preview", date(2026, Month::October, 15)),
    ("v3", date(2026, Month::October, 15)),
    ("v3-public-preview", date(2026, Month::October, 15)),
];
const DAY: Duration = Duration::from_hours(24);
/// In days.
const SOON: u64 = 90;

#[cfg(test)]
mod tests {
    use super::*;
    use embark_protocol::doctor::DoctorState;

    #[test]
    fn graph_version_is_to_be_changed_before_its_end() {
        let day = |year, month, day| {
            let at = date(year, month, day).midnight().assume_utc();
            UnixMillis::from_secs(u64::try_from(at.unix_timestamp()).unwrap())
        };
        let today = day(2026, Month::November, 29);
        for (version, now, state) in [
            ("v20.0", today, DoctorState::ToDo),
            ("v21.0", today, DoctorState::ToDo),
            ("v22.0", today, DoctorState::Ok),
            ("v22.0", day(2027, Month::February, 18), DoctorState::Ok),
            ("v22.0", day(2027, Month::February, 19), DoctorState::ToDo),
            ("v22.0", day(2028, Month::January, 1), DoctorState::ToDo),
            ("v26.0", today, DoctorState::Ok),
            ("v99.0", today, DoctorState::Ok),
        ] {
            let check = graph_version(version, "the app", now);
            assert_eq!(check.state, state, "{version} at {now:?}: {check:?}");
            assert_eq!(check.fix.is_some(), state == DoctorState::ToDo);
        }
        for (version, state) in [
            (None, DoctorState::Ok),
            (Some("v4"), DoctorState::Ok),
            (Some("v3"), DoctorState::ToDo),
            (Some("v2-public-preview"), DoctorState::ToDo),
        ] {
            let check = embedded_signup_version(version, today);
            assert_eq!(check.state, state, "{version:?}");
        }
    }
}
