//! What Meta's changes mean for the signups that connected an account, and for its numbers: messages to the Run and the
//! Phone objects, kept until they are acknowledged.

use super::record::WabaRecord;
use super::signups::{AccountNews, ClaimedNumber, ConnectedSignup, NewsKind, PendingNews};
use super::webhook_events::event_type;
use crate::meta::webhook::AccountEvent;
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::site_events::SiteEventType;
use embark_protocol::{AppKey, PhoneNumberId, SignupId, SiteId};

impl WabaRecord {
    /// Notes which signup connected the account, with which number. Of two of a site with the same number the newer one
    /// counts.
    pub(super) fn note_signup(&mut self, noted: ConnectedSignup) {
        let is_same = |other: &ConnectedSignup| {
            let number = |signup: &ConnectedSignup| signup.number.as_ref().map(|it| it.id.clone());
            let same_number = number(other) == number(&noted);
            other.signup == noted.signup
                || (same_number && other.site == noted.site && other.app == noted.app)
        };
        let mut same = self.signups.iter().filter(|other| is_same(other));
        if same.any(|other| other.issued_at > noted.issued_at) {
            return;
        }
        self.signups.retain(|other| !is_same(other));
        self.signups.push(noted);
        let surplus = self.signups.len().saturating_sub(MAX_SIGNUPS);
        self.signups.drain(..surplus);
    }

    /// What an event means for signups and numbers. `key`: that of its change.
    pub(super) fn spread(&mut self, event: &AccountEvent, key: &str, at: UnixMillis) {
        let event_type = event_type(event);
        let kind = match event_type {
            SiteEventType::NumberOffboarded => NewsKind::Presence { offboarded: true },
            // The customer disconnected a number.
            SiteEventType::AccountRemoved if event.number.is_some() => {
                NewsKind::Presence { offboarded: true }
            }
            SiteEventType::NumberReconnected => NewsKind::Presence { offboarded: false },
            _ => match event.history {
                Some(part) => NewsKind::History(part),
                None if says_nothing_of_readiness(event_type) => return,
                None => NewsKind::Changed,
            },
        };
        let named = NamedNumber::of(event);
        let concerned = |signup: &&ConnectedSignup| match (&signup.number, &named) {
            (Some(number), Some(named)) => named.is(number),
            (None, _) => kind == NewsKind::Changed,
            (Some(_), None) => true,
        };
        let concerned: Vec<ConnectedSignup> =
            self.signups.iter().filter(concerned).cloned().collect();
        for signup in &concerned {
            self.tell(&signup.signup, AccountNews { at, kind });
            if let NewsKind::Presence { .. } = kind {
                // The report shows the number as it is now.
                let kind = NewsKind::Changed;
                self.tell(&signup.signup, AccountNews { at, kind });
            }
        }
        if event_type == SiteEventType::NumberNameReviewed && named.is_some() {
            self.note_name_approval(event, &concerned, key, at);
        }
    }

    /// Tells the signups of an app and a site, or of all sites, whether the token is refused. `except`: the signup that
    /// says so.
    pub(super) fn tell_of_token(
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
            let kind = NewsKind::Token { refused };
            self.tell(signup, AccountNews { at, kind });
        }
    }

    /// Enqueues news for a signup. Of each kind the newest is sent, of a history the largest part.
    pub(super) fn tell(&mut self, signup: &SignupId, news: AccountNews) {
        let is_same = |entry: &&mut PendingNews| {
            let same_kind =
                core::mem::discriminant(&entry.news.kind) == core::mem::discriminant(&news.kind);
            entry.signup == *signup && same_kind
        };
        match self.news.iter_mut().find(is_same) {
            Some(entry) => match (entry.news.kind, news.kind) {
                (NewsKind::History(before), NewsKind::History(part)) => {
                    entry.news.kind = NewsKind::History(before.and(part));
                }
                _ if entry.news.at > news.at => {}
                _ => entry.news = news,
            },
            None => self.news.push(PendingNews {
                signup: signup.clone(),
                news,
                not_before: UnixMillis::default(),
            }),
        }
    }

    /// A signup has taken these news in. `gone`: there is no such signup any more.
    pub fn on_told(&mut self, told: &PendingNews, gone: bool) {
        let is_told = |entry: &PendingNews| entry.signup == told.signup && entry.news == told.news;
        self.news.retain(|entry| !is_told(entry));
        // Its number may have its name approved long after the signup is forgotten.
        if gone {
            self.news.retain(|entry| entry.signup != told.signup);
        }
    }

    /// A signup did not reply.
    pub fn on_not_told(&mut self, untold: &PendingNews, now: UnixMillis) {
        for entry in &mut self.news {
            if entry.signup == untold.signup {
                entry.not_before = now + AGAIN_AFTER;
            }
        }
    }

    /// When news or an approval are due. `None`: there are none.
    pub(super) fn next_news_at(&self) -> Option<UnixMillis> {
        let news = self.news.iter().map(|entry| entry.not_before);
        let approvals = self.name_approvals.iter().map(|it| it.not_before);
        news.chain(approvals).min()
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

/// How many signups of an account are told what happens. Meta lets an account have fewer numbers.
const MAX_SIGNUPS: usize = 200;
/// How long after no reply a message is sent again.
pub(super) const AGAIN_AFTER: Duration = Duration::from_mins(1);
