//! The state of a site's partner solution at Meta. With one that is not active, Embedded Signup shows customers an error
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/multi-partner-solutions>):
//! the site's pages then show no button.

use super::site::SiteRecord;
use super::site_event::SiteEvent;
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::SiteId;
use embark_protocol::admin::SiteSettings;
use embark_protocol::site_events::{SiteEventType, SolutionStatus};

pub use super::site_solution::SiteSolution;

/// What a status means for signups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SolutionUse {
    /// Signups work. So do those of a status that is not known here.
    Works,
    /// Signups work, until the other partner agrees that they end.
    Ends,
    /// Meta shows customers an error.
    Refused,
}

impl SolutionUse {
    /// `status`: as Meta's node has it.
    pub fn of(status: &str) -> Self {
        match status {
            "PENDING_DEACTIVATION" => Self::Ends,
            "DRAFT" | "INITIATED" | "PENDING" | "PENDING_ACTIVATION" | "INACTIVE" | "REJECTED"
            | "DEACTIVATED" => Self::Refused,
            _ => Self::Works,
        }
    }
}

/// Whether Meta would refuse a signup with these settings: those of the site, or with the options of a tag.
pub fn is_refused(settings: &SiteSettings, solution: Option<&SiteSolution>) -> bool {
    solution.is_some_and(|read| {
        settings.solution_id.as_ref() == Some(&read.id)
            && SolutionUse::of(&read.status) == SolutionUse::Refused
    })
}

impl SiteRecord {
    /// The solution whose state is to be read now. `None`: the site has none, or it was read within [`READ_EVERY`].
    pub fn solution_to_read(&self, now: UnixMillis) -> Option<&str> {
        let due_at = self.solution_due_at()?;
        let id = self.config.as_ref()?.solution_id.as_deref();
        id.filter(|_| now >= due_at)
    }

    /// When the state is to be read next. `None`: never, the site has no solution or is switched off.
    pub fn solution_due_at(&self) -> Option<UnixMillis> {
        let config = self.config.as_ref().filter(|config| config.enabled)?;
        let id = config.solution_id.as_ref()?;
        let read = self.solution.as_ref().filter(|read| read.id == *id);
        Some(read.map_or_else(UnixMillis::default, |read| read.read_at + READ_EVERY))
    }

    /// Meta was asked for the state of a solution. `status`: `None` if it did not say; what it said before remains. Returns
    /// the event for the site's owner, if the state is another one; the first is worth one only if signups are refused or
    /// are to end.
    pub fn on_solution_read(
        &mut self,
        site: &SiteId,
        id: &str,
        status: Option<String>,
        now: UnixMillis,
    ) -> Option<SiteEvent> {
        let config = self.config.as_ref()?;
        if config.solution_id.as_deref() != Some(id) {
            return None;
        }
        let known = self.solution.as_ref().filter(|read| read.id == id);
        let known = known.map(|read| read.status.clone());
        let status = status.or_else(|| known.clone()).unwrap_or_default();
        let before = known.as_deref().map_or(SolutionUse::Works, SolutionUse::of);
        let is_event = SolutionUse::of(&status) != before;
        self.solution = Some(SiteSolution {
            id: id.to_owned(),
            status: status.clone(),
            read_at: now,
        });
        is_event.then(|| {
            let number = now.0.to_string();
            let event = [id, "/", &status, "/", &number].concat();
            SiteEvent {
                solution: Some(SolutionStatus {
                    id: id.to_owned(),
                    status,
                }),
                ..SiteEvent::new(event, site.clone(), SiteEventType::SolutionStatus, now)
            }
        })
    }
}

/// How often the state is read.
pub const READ_EVERY: Duration = Duration::from_hours(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::site::tests::config;

    const ID: &str = "7000000000000001";

    fn record() -> SiteRecord {
        let config = SiteSettings {
            solution_id: Some(ID.to_owned()),
            ..config()
        };
        SiteRecord {
            config: Some(config),
            ..SiteRecord::default()
        }
    }

    fn site() -> SiteId {
        SiteId::parse("acme").unwrap()
    }

    #[test]
    fn status_says_whether_signups_work() {
        use SolutionUse::{Ends, Refused, Works};
        for (status, expected) in [
            ("ACTIVE", Works),
            ("", Works),
            ("A_NEW_ONE", Works),
            ("PENDING_DEACTIVATION", Ends),
            ("DRAFT", Refused),
            ("INITIATED", Refused),
            ("PENDING", Refused),
            ("PENDING_ACTIVATION", Refused),
            ("INACTIVE", Refused),
            ("REJECTED", Refused),
            ("DEACTIVATED", Refused),
        ] {
            assert_eq!(SolutionUse::of(status), expected, "{status}");
        }
    }

    #[test]
    fn state_is_read_at_once_then_every_hour() {
        let start = UnixMillis(1_764_000_000_000);
        let mut record = record();
        assert_eq!(record.solution_to_read(start), Some(ID));
        record.on_solution_read(&site(), ID, Some("ACTIVE".to_owned()), start);
        assert_eq!(record.solution_due_at(), Some(start + READ_EVERY));
        assert_eq!(record.solution_to_read(start + READ_EVERY / 2), None);
        assert_eq!(record.solution_to_read(start + READ_EVERY), Some(ID));
        let config = record.config.as_mut().unwrap();
        config.solution_id = Some("7000000000000002".to_owned());
        assert_eq!(record.solution_to_read(start), Some("7000000000000002"));
        let config = record.config.as_mut().unwrap();
        config.enabled = false;
        assert_eq!(record.solution_due_at(), None);
        assert_eq!(SiteRecord::default().solution_due_at(), None);
    }

    #[test]
    fn owner_gets_an_event_when_signups_cease_to_work_and_when_they_work_again() {
        let mut record = record();
        for (n, (status, is_event)) in [
            (Some("ACTIVE"), false),
            (None, false),
            (Some("PENDING_DEACTIVATION"), true),
            (Some("PENDING_DEACTIVATION"), false),
            (Some("DEACTIVATED"), true),
            (None, false),
            (Some("REJECTED"), false),
            (Some("ACTIVE"), true),
        ]
        .into_iter()
        .enumerate()
        {
            let now = UnixMillis(u64::try_from(n).unwrap());
            let event = record.on_solution_read(&site(), ID, status.map(str::to_owned), now);
            assert_eq!(event.is_some(), is_event, "{n}");
            let read = event.and_then(|event| event.solution);
            assert_eq!(
                read.map(|read| read.status).as_deref(),
                status.filter(|_| is_event)
            );
        }
        assert_eq!(record.solution.unwrap().status, "ACTIVE");
    }

    #[test]
    fn state_of_another_solution_changes_nothing() {
        let mut record = record();
        let refused = Some("REJECTED".to_owned());
        let event = record.on_solution_read(&site(), "7000000000000009", refused, UnixMillis(1));
        assert_eq!((event, record.solution), (None, None));
    }

    #[test]
    fn only_signups_with_the_solution_are_refused() {
        let read = |status: &str| SiteSolution {
            id: ID.to_owned(),
            status: status.to_owned(),
            read_at: UnixMillis(1),
        };
        let with = |id: Option<&str>| SiteSettings {
            solution_id: id.map(str::to_owned),
            ..config()
        };
        assert!(is_refused(&with(Some(ID)), Some(&read("DRAFT"))));
        assert!(!is_refused(&with(Some(ID)), Some(&read("ACTIVE"))));
        assert!(!is_refused(&with(Some(ID)), None));
        assert!(!is_refused(&with(None), Some(&read("DRAFT"))));
        assert!(!is_refused(&with(Some("8")), Some(&read("DRAFT"))));
    }
}
