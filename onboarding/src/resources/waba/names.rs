//! Display names that Meta approved: the numbers are registered again, each by its Phone object.

use super::account_updates::AGAIN_AFTER;
use super::record::WabaRecord;
use super::signups::{ConnectedSignup, NameApproval};
use crate::meta::response::PhoneNumber;
use crate::meta::webhook::AccountEvent;
use crate::resources::phone_number::{ApplyNameRequest, PhoneOwner, PhoneReply, RegisterRequest};
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::site_events::SiteEventType;
use embark_protocol::{Problem, ProblemCode, Step, WabaId};

impl WabaRecord {
    /// The numbers of these signups that the service registers are registered again, once per approval.
    pub(super) fn note_name_approval(
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
                    seen: PhoneNumber::unread(approval.number.clone()),
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
}

/// For how long an approved name is tried.
const GIVEN_UP_AFTER: Duration = Duration::from_hours(14 * 24);
