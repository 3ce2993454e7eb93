//! Updates of the account of a connected signup: from the Waba object, which reads Meta's webhooks, and from pages that
//! wait for something that the customer does at Meta.

use super::record::{Admission, End, Signup, Stage};
use super::state::Reported;
use super::steps::report::{ReportInput, WARNINGS};
use crate::meta::webhook::HistoryPart;
use crate::resources::waba::{AccountUpdate, AccountUpdateKind};
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::WabaId;
use embark_protocol::granted::{GrantedAsset, GrantedAssets};
use embark_protocol::report::{CheckItem, NextAction};

impl Signup {
    /// Takes an update in. One of another account, or older than the last of its kind, changes nothing.
    pub fn on_account_update(&mut self, waba: &WabaId, update: AccountUpdate) {
        let verified = self.steps.inspect.verified.as_ref();
        let is_of_account = verified.is_some_and(|verified| verified.waba.id == *waba);
        if !is_of_account || self.connected_at().is_none() {
            return;
        }
        let is_newer =
            |reported: Option<Reported>| reported.is_none_or(|reported| reported.at <= update.at);
        match update.kind {
            AccountUpdateKind::Token { refused } if is_newer(self.account_updates.token) => {
                self.account_updates.token = Some(Reported {
                    at: update.at,
                    is: refused,
                });
            }
            AccountUpdateKind::Presence { offboarded }
                if is_newer(self.account_updates.offboarded) =>
            {
                if self.coexisting_number().is_some() {
                    self.account_updates.offboarded = Some(Reported {
                        at: update.at,
                        is: offboarded,
                    });
                }
            }
            AccountUpdateKind::History(part) => {
                let before = self.account_updates.history.unwrap_or(part);
                self.account_updates.history = Some(before.and(part));
            }
            AccountUpdateKind::Changed => self.reread_report(),
            AccountUpdateKind::Token { .. } | AccountUpdateKind::Presence { .. } => {}
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
        match self.account_updates.history? {
            HistoryPart::Progress(part) => u8::try_from(part).ok().filter(|part| *part < 100),
            HistoryPart::Declined => None,
        }
    }

    /// Whether the customer must renew the token.
    pub(in crate::signup) fn is_renewal_due(&self) -> bool {
        self.account_updates
            .token
            .is_some_and(|reported| reported.is)
    }

    /// Whether the number has left the API.
    pub(in crate::signup) fn is_offboarded(&self) -> bool {
        self.account_updates
            .offboarded
            .is_some_and(|reported| reported.is)
    }

    /// The site's settings of messages may have changed, or an address may be accepted by now: they are applied anew.
    pub fn apply_messages(&mut self) {
        if self.admission.decision != Admission::Unknown {
            self.steps.callback_override.ask_again();
        }
    }

    /// Those of the steps, and what was reported of the account since.
    pub(in crate::signup) fn shown_warnings(&self) -> Vec<String> {
        let reported = [
            (self.is_renewal_due(), "token_refused"),
            (self.is_offboarded(), "number_offboarded"),
            (
                self.steps.callback_override.has_failed(),
                "messages_override_failed",
            ),
        ];
        let reported = reported.iter().filter(|(is, _)| *is);
        let reported = reported.map(|(_, word)| (*word).to_owned());
        self.warnings.iter().cloned().chain(reported).collect()
    }

    /// What the customer granted besides, as Meta's event named it, each confirmed where the token lists it.
    pub(in crate::signup) fn granted_assets(&self) -> GrantedAssets {
        let info = self.steps.inspect.token_info.as_ref();
        let is_listed = |id: &str| {
            let id = id.strip_prefix("act_").unwrap_or(id);
            let mut targets = info.iter().flat_map(|info| &info.target_ids);
            targets.any(|target| target.strip_prefix("act_").unwrap_or(target) == id)
        };
        self.popup.granted.map(|id| GrantedAsset {
            id: id.clone(),
            confirmed: is_listed(id),
        })
    }

    /// The warnings of a report that was complete before, and that something was read again of.
    pub(in crate::signup) fn renew_report_warnings(&mut self) {
        let Some(verified) = &self.steps.inspect.verified else {
            return;
        };
        if self.steps.report.complete {
            let report = ReportInput {
                verified,
                solution_id: self.admission.solution_id.as_deref(),
                leaves_webhooks: self.leaves_webhooks(),
            };
            let warnings = self.steps.report.warnings(report);
            self.warnings
                .retain(|word| !WARNINGS.contains(&word.as_str()));
            self.warnings
                .extend(warnings.into_iter().map(str::to_owned));
        }
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
