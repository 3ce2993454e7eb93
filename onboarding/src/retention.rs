//! How long a deployment keeps things: its variables.

use core::time::Duration;

/// How long a deployment keeps what its variables are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Signups that a token came of, from their end on: `EMBARK_KEEP_SIGNUPS_DAYS`.
    pub signups: Duration,
    /// Events of a site: `EMBARK_KEEP_EVENTS_DAYS`.
    pub events: Duration,
    /// Events that have messages of customers: `EMBARK_KEEP_MESSAGES_DAYS`.
    pub messages: Duration,
    /// The audit logs, and the counts of signups: `EMBARK_KEEP_AUDIT_DAYS`.
    pub audit: Duration,
}

/// A variable that sets a time, in days.
struct Variable {
    name: &'static str,
    default: u32,
    least: u32,
}

/// Longer than Meta repeats a webhook and a delivery is tried; an owner who is asked for something has 14 days.
const VARIABLES: [Variable; 4] = [
    Variable {
        name: "EMBARK_KEEP_SIGNUPS_DAYS",
        default: 90,
        least: 30,
    },
    Variable {
        name: "EMBARK_KEEP_EVENTS_DAYS",
        default: 90,
        least: 14,
    },
    Variable {
        name: "EMBARK_KEEP_MESSAGES_DAYS",
        default: 14,
        least: 8,
    },
    Variable {
        name: "EMBARK_KEEP_AUDIT_DAYS",
        default: 400,
        least: 30,
    },
];
/// Ten years.
const MOST_DAYS: u32 = 3_650;

impl Default for Retention {
    fn default() -> Self {
        Self::of(&VARIABLES.map(|variable| variable.default))
    }
}

impl Retention {
    /// Reads the variables, which `get` returns by name. One that is absent or empty has its default.
    ///
    /// # Errors
    /// The name of the first one that is no whole number of days, or out of bounds.
    pub fn parse(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, &'static str> {
        let mut days = [0; VARIABLES.len()];
        for (days, variable) in days.iter_mut().zip(VARIABLES) {
            let is_allowed = |days: &u32| (variable.least..=MOST_DAYS).contains(days);
            let set = get(variable.name).filter(|text| !text.trim().is_empty());
            *days = match set {
                None => variable.default,
                Some(text) => text
                    .trim()
                    .parse()
                    .ok()
                    .filter(is_allowed)
                    .ok_or(variable.name)?,
            };
        }
        Ok(Self::of(&days))
    }

    /// In the order of the variables.
    fn of(days: &[u32; VARIABLES.len()]) -> Self {
        let [signups, events, messages, audit] = days.map(|days| DAY * days);
        Self {
            signups,
            events,
            messages,
            audit,
        }
    }
}

const DAY: Duration = Duration::from_hours(24);

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str, value: &str) -> Result<Retention, &'static str> {
        Retention::parse(&|other| (other == name).then(|| value.to_owned()))
    }

    #[test]
    fn variables_set_the_times_within_their_bounds() {
        let default = Retention::default();
        assert_eq!(Retention::parse(&|_| None), Ok(default));
        type Get = fn(&Retention) -> Duration;
        let all: [(&str, Get, u32, u32); 4] = [
            ("EMBARK_KEEP_SIGNUPS_DAYS", |r| r.signups, 90, 30),
            ("EMBARK_KEEP_EVENTS_DAYS", |r| r.events, 90, 14),
            ("EMBARK_KEEP_MESSAGES_DAYS", |r| r.messages, 14, 8),
            ("EMBARK_KEEP_AUDIT_DAYS", |r| r.audit, 400, 30),
        ];
        for (name, get, days, least) in all {
            assert_eq!(get(&default), DAY * days, "{name}");
            assert_eq!(parse(name, " "), Ok(default), "{name}");
            for days in [least, 31, 3_650] {
                let set = parse(name, &format!(" {days} ")).unwrap();
                assert_eq!(get(&set), DAY * days, "{name}");
            }
            let (below, above) = ((least - 1).to_string(), "3651".to_owned());
            for value in ["x", "-30", "30.5", "4294967296", &below, &above] {
                assert_eq!(parse(name, value), Err(name), "{value}");
            }
        }
    }
}
