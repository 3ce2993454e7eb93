//! What a connected signup hears of its account: from the Waba object, which reads Meta's webhooks, and from pages that
//! wait for something that the customer does at Meta.

use super::record::{End, Signup, Stage};
use super::steps::report::ReportInput;
use crate::meta::webhook::HistoryPart;
use crate::resources::waba::{AccountNews, NewsKind};
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::WabaId;
use embark_protocol::report::{CheckItem, NextAction};
use serde::{Deserialize, Serialize};

/// What was heard since the signup was connected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HeardNews {
    /// Whether the site's token of the account is refused, and since when that is so. `None`: not heard of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Heard>,
    /// Whether the number has left the API, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offboarded: Option<Heard>,
    /// How much of the number's chats was sent. `None`: nothing yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<HistoryPart>,
}

/// Something that is so or not, since the last news of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// When it happened.
    pub at: UnixMillis,
    /// Whether it is so.
    pub is: bool,
}

impl HeardNews {
    /// Whether nothing was heard.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Signup {
    /// Takes news in. Those of another account, and those of before others, change nothing.
    pub fn hear(&mut self, waba: &WabaId, news: AccountNews) {
        let verified = self.steps.inspect.verified.as_ref();
        let is_of_account = verified.is_some_and(|verified| verified.waba.id == *waba);
        if !is_of_account || self.connected_at().is_none() {
            return;
        }
        let is_news = |heard: Option<Heard>| heard.is_none_or(|heard| heard.at <= news.at);
        match news.kind {
            NewsKind::Token { refused } if is_news(self.heard.token) => {
                self.heard.token = Some(Heard {
                    at: news.at,
                    is: refused,
                });
            }
            NewsKind::Presence { offboarded } if is_news(self.heard.offboarded) => {
                if self.coexisting_number().is_some() {
                    self.heard.offboarded = Some(Heard {
                        at: news.at,
                        is: offboarded,
                    });
                }
            }
            NewsKind::History(part) => {
                let before = self.heard.history.unwrap_or(part);
                self.heard.history = Some(before.and(part));
            }
            NewsKind::Changed => self.reread_report(),
            NewsKind::Token { .. } | NewsKind::Presence { .. } => {}
        }
    }

    /// A page polls, with the customer in front of it who has something left to do at Meta: reads it again now and then.
    /// Returns whether the record has changed.
    pub fn on_page_polled(&mut self, now: UnixMillis) -> bool {
        let report = &self.steps.report;
        let last_at = report.reread_at.max(report.completed_at).min(now);
        let is_due = report.rereads.is_empty() && now.since(last_at) >= READ_FOR_PAGE_AFTER;
        if !is_due || !self.awaits_payment(now) {
            return false;
        }
        self.reread_report();
        !self.steps.report.rereads.is_empty()
    }

    /// Whether a page is worth polling although the signup is connected: a payment method is left to add, or chats are being
    /// sent. For an hour after it was connected.
    pub(in crate::signup) fn is_watched(&self, now: UnixMillis) -> bool {
        let is_recent = |at: UnixMillis| now.since(at) < WATCHED_FOR;
        let sends_chats = self.history_percent().is_some();
        self.connected_at().is_some_and(is_recent) && (sends_chats || self.awaits_payment(now))
    }

    /// How much of the number's chats was sent, in per cent, while they are being sent.
    pub(in crate::signup) fn history_percent(&self) -> Option<u8> {
        self.coexisting_number()?;
        match self.heard.history? {
            HistoryPart::Progress(part) => u8::try_from(part).ok().filter(|part| *part < 100),
            HistoryPart::Declined => None,
        }
    }

    /// Whether the customer must renew the token.
    pub(in crate::signup) fn is_renewal_due(&self) -> bool {
        self.heard.token.is_some_and(|heard| heard.is)
    }

    /// Whether the number has left the API.
    pub(in crate::signup) fn is_offboarded(&self) -> bool {
        self.heard.offboarded.is_some_and(|heard| heard.is)
    }

    fn awaits_payment(&self, now: UnixMillis) -> bool {
        let checks = self.readiness_checks(now).unwrap_or_default();
        checks.iter().any(|check| {
            check.item == CheckItem::Payment && check.next_action == Some(NextAction::AddPayment)
        })
    }

    fn reread_report(&mut self) {
        let leaves_webhooks = self.leaves_webhooks();
        if let Some(verified) = &self.steps.inspect.verified {
            self.steps.report.reread(ReportInput {
                verified,
                solution_id: self.admission.solution_id.as_deref(),
                leaves_webhooks,
            });
        }
    }

    /// `None`: it is not connected.
    fn connected_at(&self) -> Option<UnixMillis> {
        match &self.stage {
            Stage::Ended {
                end: End::Connected { .. },
                at,
            } => Some(*at),
            _ => None,
        }
    }
}

/// How often account and number are read again for a page that polls.
const READ_FOR_PAGE_AFTER: Duration = Duration::from_mins(1);
/// For how long a page polls after the signup was connected.
const WATCHED_FOR: Duration = Duration::from_hours(1);
