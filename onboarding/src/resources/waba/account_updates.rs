//! What Meta's changes mean for the signups that connected an account, and for its numbers: messages to the Run and the
//! Phone objects, kept until they are acknowledged.

use super::record::WabaRecord;
use super::signups::{
    AccountUpdate, AccountUpdateKind, ClaimedNumber, ConnectedSignup, PendingAccountUpdate,
};
use super::webhook_events::event_type;
use crate::meta::webhook::AccountEvent;
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::site_events::SiteEventType;
use embark_protocol::{AppKey, PhoneNumberId, SignupId, SiteId};

impl WabaRecord {
    /// Notes which signup connected the account, with which number. Of two of a site with the same number the newer one
    /// counts.
    pub(super) fn add_signup(&mut self, connected: ConnectedSignup) {
        let is_same = |other: &ConnectedSignup| {
            let number = |signup: &ConnectedSignup| signup.number.as_ref().map(|it| it.id.clone());
            let same_number = number(other) == number(&connected);
            other.signup == connected.signup
                || (same_number && other.site == connected.site && other.app == connected.app)
        };
        let mut same = self.signups.iter().filter(|other| is_same(other));
        if same.any(|other| other.issued_at > connected.issued_at) {
            return;
        }
        self.signups.retain(|other| !is_same(other));
        self.signups.push(connected);
        let surplus = self.signups.len().saturating_sub(MAX_SIGNUPS);
        self.signups.drain(..surplus);
    }

    /// What an event means for signups and numbers. `key`: that of its change.
    pub(super) fn spread(&mut self, event: &AccountEvent, key: &str, at: UnixMillis) {
        let event_type = event_type(event);
        let kind = match event_type {
            SiteEventType::NumberOffboarded => AccountUpdateKind::Presence { offboarded: true },
            // The customer disconnected a number.
            SiteEventType::AccountRemoved if event.number.is_some() => {
                AccountUpdateKind::Presence { offboarded: true }
            }
            SiteEventType::NumberReconnected => AccountUpdateKind::Presence { offboarded: false },
            _ => match event.history {
                Some(part) => AccountUpdateKind::History(part),
                None if says_nothing_of_readiness(event_type) => return,
                None => AccountUpdateKind::Changed,
            },
        };
        let named = NamedNumber::of(event);
        let concerned = |signup: &&ConnectedSignup| match (&signup.number, &named) {
            (Some(number), Some(named)) => named.is(number),
            (None, _) => kind == AccountUpdateKind::Changed,
            (Some(_), None) => true,
        };
        let concerned: Vec<ConnectedSignup> =
            self.signups.iter().filter(concerned).cloned().collect();
        for signup in &concerned {
            self.enqueue_update(&signup.signup, AccountUpdate { at, kind });
            if let AccountUpdateKind::Presence { .. } = kind {
                // The report shows the number as it is now.
                let kind = AccountUpdateKind::Changed;
                self.enqueue_update(&signup.signup, AccountUpdate { at, kind });
            }
        }
        if event_type == SiteEventType::NumberNameReviewed && named.is_some() {
            self.note_name_approval(event, &concerned, key, at);
        }
    }

    /// Tells the signups of an app and a site, or of all sites, whether the token is refused. `except`: the signup that
    /// says so.
    pub(super) fn enqueue_token_update(
        &mut self,
        app: &AppKey,
        site: Option<&SiteId>,
        except: Option<&SignupId>,
        refused: bool,
        at: UnixMillis,
    ) {
        let concerned = |signup: &&ConnectedSignup| {
            let is_of_site = site.is_none_or(|site| signup.site == *site);
            signup.app == *app && is_of_site && Some(&signup.signup) != except
        };
        let signups = self.signups.iter().filter(concerned);
        let signups: Vec<SignupId> = signups.map(|signup| signup.signup.clone()).collect();
        for signup in &signups {
            let kind = AccountUpdateKind::Token { refused };
            self.enqueue_update(signup, AccountUpdate { at, kind });
        }
    }

    /// Enqueues an update for a signup. Of each kind the newest is sent, of a history the largest part.
    pub(super) fn enqueue_update(&mut self, signup: &SignupId, update: AccountUpdate) {
        let is_same = |entry: &&mut PendingAccountUpdate| {
            let same_kind = core::mem::discriminant(&entry.update.kind)
                == core::mem::discriminant(&update.kind);
            entry.signup == *signup && same_kind
        };
        match self.account_updates.iter_mut().find(is_same) {
            Some(entry) => match (entry.update.kind, update.kind) {
                (AccountUpdateKind::History(before), AccountUpdateKind::History(part)) => {
                    entry.update.kind = AccountUpdateKind::History(before.and(part));
                }
                _ if entry.update.at > update.at => {}
                _ => entry.update = update,
            },
            None => self.account_updates.push(PendingAccountUpdate {
                signup: signup.clone(),
                update,
                not_before: UnixMillis::default(),
            }),
        }
    }

    /// A signup has taken this update in. `gone`: there is no such signup any more.
    pub fn on_acknowledged(&mut self, sent: &PendingAccountUpdate, gone: bool) {
        let is_acknowledged = |entry: &PendingAccountUpdate| {
            entry.signup == sent.signup && entry.update == sent.update
        };
        self.account_updates.retain(|entry| !is_acknowledged(entry));
        // Its number may have its name approved long after the signup is forgotten.
        if gone {
            self.account_updates
                .retain(|entry| entry.signup != sent.signup);
        }
    }

    /// A signup did not reply.
    pub fn on_unacknowledged(&mut self, unsent: &PendingAccountUpdate, now: UnixMillis) {
        for entry in &mut self.account_updates {
            if entry.signup == unsent.signup {
                entry.not_before = now + AGAIN_AFTER;
            }
        }
    }

    /// When an update or an approval is due. `None`: there are none.
    pub(super) fn next_account_update_at(&self) -> Option<UnixMillis> {
        let updates = self.account_updates.iter().map(|entry| entry.not_before);
        let approvals = self.name_approvals.iter().map(|it| it.not_before);
        updates.chain(approvals).min()
    }
}

/// The number that a change names.
enum NamedNumber {
    Id(PhoneNumberId),
    Digits(String),
}

impl NamedNumber {
    /// `None`: it names none.
    fn of(event: &AccountEvent) -> Option<Self> {
        let text = |member: &str| event.meta.pointer(member).and_then(|text| text.as_str());
        if let Some(id) = text("/value/metadata/phone_number_id") {
            return PhoneNumberId::parse(id).ok().map(Self::Id);
        }
        let displayed = text("/value/display_phone_number").map(digits);
        event.number.clone().or(displayed).map(Self::Digits)
    }

    fn is(&self, number: &ClaimedNumber) -> bool {
        match self {
            Self::Id(id) => number.id == *id,
            Self::Digits(digits) => number.digits.as_ref() == Some(digits),
        }
    }
}

/// The digits of a number as Meta displays it.
pub fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

/// Whether what happened cannot show in the readiness report.
fn says_nothing_of_readiness(event_type: SiteEventType) -> bool {
    matches!(
        event_type,
        SiteEventType::AccountAdded
            | SiteEventType::AccountAppInstalled
            | SiteEventType::AccountRemoved
            | SiteEventType::AccountAdAccountLinked
            | SiteEventType::AccountAuthPricingChanged
            | SiteEventType::AccountPricingTierChanged
            | SiteEventType::AccountMarketingTermsSigned
            | SiteEventType::AccountSolutionChanged
            | SiteEventType::TemplateCategoryChanged
            | SiteEventType::TemplateComponentsChanged
            | SiteEventType::TemplateQualityChanged
            | SiteEventType::TemplateStatusChanged
    )
}

/// How many signups of an account are sent what happens. Meta lets an account have fewer numbers.
const MAX_SIGNUPS: usize = 200;
/// How long after no reply a message is sent again.
pub(super) const AGAIN_AFTER: Duration = Duration::from_mins(1);
