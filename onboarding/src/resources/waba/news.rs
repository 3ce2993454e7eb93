//! What Meta's changes mean for the signups that connected an account, and for its numbers: messages to the Run and the
//! Phone objects, kept until they are acknowledged.

use super::record::WabaRecord;
use super::webhook_events::event_type;
use crate::meta::webhook::{AccountEvent, HistoryPart};
use crate::resources::phone_number::{ApplyNameRequest, PhoneOwner, PhoneReply, RegisterRequest};
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::site_events::SiteEventType;
use embark_protocol::{
    AppKey, PhoneNumberId, Problem, ProblemCode, SignupId, SiteId, Step, WabaId,
};
use serde::{Deserialize, Serialize};

/// A signup that connected the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectedSignup {
    /// The signup.
    #[serde(rename = "run")]
    pub signup: SignupId,
    /// Its site.
    pub site: SiteId,
    /// Its app.
    pub app: AppKey,
    /// When its token was issued.
    #[serde(rename = "issued")]
    pub issued_at: UnixMillis,
    /// The number that it claimed. `None`: the account had none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<ClaimedNumber>,
}

/// A number of the account that a signup claimed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimedNumber {
    /// The number's id.
    pub id: PhoneNumberId,
    /// Its digits with the country code: Meta's changes name numbers by them. `None`: Meta did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digits: Option<String>,
    /// Whether the policy of the site has this service register numbers.
    #[serde(default)]
    pub registers: bool,
}

/// What a signup is told of its account. One that comes again, or late, changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountNews {
    /// When it happened.
    pub at: UnixMillis,
    /// What.
    pub kind: NewsKind,
}

/// What happened to the account or the number of a signup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NewsKind {
    /// Whether the site's token of the account is refused: the customer must renew it.
    Token {
        /// `false`: another signup renewed it.
        refused: bool,
    },
    /// Whether the number has left the API and is used in the WhatsApp Business app alone.
    Presence {
        /// `false`: it is connected again.
        offboarded: bool,
    },
    /// A part of the number's chats was sent.
    History(HistoryPart),
    /// What the readiness report reads may have changed.
    Changed,
}

/// News that a signup has not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingNews {
    /// The signup.
    #[serde(rename = "run")]
    pub signup: SignupId,
    /// What it is told.
    pub news: AccountNews,
    /// Not sent earlier.
    #[serde(default)]
    pub not_before: UnixMillis,
}

/// Meta approved the display name of a number, which it shows once the number is registered again
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/registration>).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameApproval {
    /// The key of Meta's change.
    pub key: String,
    /// When it was approved.
    pub at: UnixMillis,
    /// The number.
    pub number: PhoneNumberId,
    /// The name. `None`: Meta did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Not applied earlier.
    #[serde(default)]
    pub not_before: UnixMillis,
}

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

    /// The numbers of these signups that the service registers are registered again, once per approval.
    fn note_name_approval(
        &mut self,
        event: &AccountEvent,
        concerned: &[ConnectedSignup],
        key: &str,
        at: UnixMillis,
    ) {
        let text = |member: &str| event.meta.pointer(member).and_then(|text| text.as_str());
        let is_approved = text("/value/decision")
            .is_some_and(|word| word.trim().eq_ignore_ascii_case("APPROVED"));
        if !is_approved {
            return;
        }
        for number in concerned.iter().filter_map(|it| it.number.as_ref()) {
            let mut known = self.name_approvals.iter();
            let is_superseded = known.any(|other| other.number == number.id && other.at > at);
            if !number.registers || is_superseded {
                continue;
            }
            self.name_approvals
                .retain(|other| other.number != number.id);
            self.name_approvals.push(NameApproval {
                key: key.to_owned(),
                at,
                number: number.id.clone(),
                name: text("/value/requested_verified_name").map(str::to_owned),
                not_before: UnixMillis::default(),
            });
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

    /// What the Phone object of a number whose name was approved is asked. `None`: no site that owns the account has a valid
    /// token of the app.
    pub fn name_request(
        &self,
        waba: &WabaId,
        approval: &NameApproval,
        now: UnixMillis,
    ) -> Option<ApplyNameRequest> {
        let is_of_number = |signup: &&ConnectedSignup| {
            let number = signup.number.as_ref();
            number.is_some_and(|number| number.id == approval.number && number.registers)
        };
        let of_number = self.signups.iter().rev().filter(is_of_number);
        let request = |signup: &ConnectedSignup| {
            let token = self.token_of_site(&signup.app, &signup.site)?;
            token.is_valid(now).then(|| ApplyNameRequest {
                key: approval.key.clone(),
                name: approval.name.clone(),
                register: RegisterRequest {
                    owner: PhoneOwner {
                        site: signup.site.clone(),
                        waba: waba.clone(),
                        signup: signup.signup.clone(),
                    },
                    app: signup.app.clone(),
                    token: token.token.clone(),
                    seen: crate::meta::response::PhoneNumber::unread(approval.number.clone()),
                    typed_pin: None,
                },
            })
        };
        of_number
            .filter(|it| self.owners.contains(&it.site))
            .find_map(request)
    }

    /// Takes in the reply of the Phone object. `None`: it did not reply, or could not be asked.
    pub fn on_name_reply(
        &mut self,
        waba: &WabaId,
        approval: &NameApproval,
        reply: Option<PhoneReply>,
        now: UnixMillis,
    ) {
        let later = match reply {
            None => Some(now + AGAIN_AFTER),
            Some(PhoneReply::Busy { until } | PhoneReply::Wait { until, .. }) => {
                Some(until.max(now + AGAIN_AFTER))
            }
            Some(PhoneReply::Retry) => Some(now + AGAIN_AFTER),
            Some(PhoneReply::NeedsPin { .. }) => {
                self.report_name(waba, approval, Problem::new(ProblemCode::PinMismatch), now);
                None
            }
            Some(PhoneReply::Failed {
                code: ProblemCode::TokenInvalid,
                ..
            }) => {
                self.refuse_token_for_name(waba, approval, now);
                Some(now + AGAIN_AFTER)
            }
            Some(PhoneReply::Failed {
                code,
                meta_code,
                fbtrace_id,
            }) => {
                let mut problem = Problem::new(code);
                problem.meta_code = meta_code;
                problem.fbtrace_id = fbtrace_id;
                self.report_name(waba, approval, problem, now);
                None
            }
            Some(_) => None,
        };
        let later = later.filter(|_| now.since(approval.at) < GIVEN_UP_AFTER);
        let is_same =
            |other: &NameApproval| other.number == approval.number && other.key == approval.key;
        match later {
            Some(at) => {
                for other in self.name_approvals.iter_mut().filter(|it| is_same(it)) {
                    other.not_before = at;
                }
            }
            None => self.name_approvals.retain(|other| !is_same(other)),
        }
    }

    /// Meta refused the token: the name is applied once it is renewed.
    fn refuse_token_for_name(&mut self, waba: &WabaId, approval: &NameApproval, now: UnixMillis) {
        let request = self.name_request(waba, approval, now);
        let Some(register) = request.map(|request| request.register) else {
            return;
        };
        let token = self.token_of_site(&register.app, &register.owner.site);
        if let Some(signup) = token.map(|token| token.signup.clone()) {
            self.refuse_token_of(waba, &register.app, Some(&signup), now);
        }
    }

    fn report_name(
        &mut self,
        waba: &WabaId,
        approval: &NameApproval,
        problem: Problem,
        now: UnixMillis,
    ) {
        let id = [approval.number.as_str(), "/name/", &approval.key].concat();
        let event_type = SiteEventType::NumberNameNotApplied;
        self.enqueue_event(waba, event_type, &id, now);
        let problem = problem.at_step(Step::Register);
        for event in self.outbox.iter_mut().filter(|event| event.id == id) {
            event.problem = Some(Box::new(problem.clone()));
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
const AGAIN_AFTER: Duration = Duration::from_mins(1);
/// For how long an approved name is tried.
const GIVEN_UP_AFTER: Duration = Duration::from_hours(14 * 24);
