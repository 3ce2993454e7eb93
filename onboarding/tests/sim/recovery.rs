//! Customers come back after all faults and do everything right, as often as they are asked: each of them gets
//! connected, unless something that no customer can change is in the way.

use crate::browser::outcome_post;
use crate::input_answers::right_answer;
use crate::meta::state::Grants;
use crate::page_post::PagePost;
use crate::state::run::RunObject;
use crate::state::world::World;
use crate::violation::{Check, ensure};
use embark_onboarding::signup::{Signup, snapshot};
use embark_onboarding::time::UnixMillis;
use embark_protocol::{ProblemCode, SignupStatus};
use std::rc::Rc;

/// What a returning customer finds.
enum Progress {
    /// The customer is connected, or nothing can be done.
    Over,
    /// The customer did something.
    Continues,
    /// The signup has failed too often.
    GivenUp,
}

/// A customer who has come back.
struct ReturningCustomer {
    /// The position of the signup, which changes if the customer starts another one.
    signup: usize,
    /// The position of the account to connect.
    waba: usize,
    /// The position of the number to connect. `None`: any of the account.
    number: Option<usize>,
}

impl World {
    /// The customer of every tab comes back.
    ///
    /// # Errors
    /// `returning_customer_connects`: one of them does not get connected. Or another violation.
    pub fn customers_return(self: &Rc<Self>) -> Check {
        self.log(|| "customers return".into());
        for tab in 0..self.tabs.borrow().len() {
            let customer = {
                let tab = &self.tabs.borrow()[tab];
                ReturningCustomer {
                    signup: tab.signup,
                    waba: tab.waba,
                    number: tab.number,
                }
            };
            self.customer_returns(customer)?;
        }
        Ok(())
    }

    fn customer_returns(self: &Rc<Self>, mut customer: ReturningCustomer) -> Check {
        if !self.run(customer.signup).is_stored() {
            // The signup has expired: another click would be another signup.
            return Ok(());
        }
        for round in 0..MAX_ROUNDS {
            let object = self.run(customer.signup);
            // They come by a resume link.
            object.grant_expires_at.set(Some(UnixMillis::MAX));
            let stored = object.stored(self);
            ensure(stored.is_some(), "returning_customer_connects", || {
                format!("signup {}: its record is gone", customer.signup)
            })?;
            let Some(stored) = stored else { break };
            match self.take_part(&mut customer, &object, &stored, round) {
                Progress::Over => return Ok(()),
                Progress::Continues => {}
                Progress::GivenUp => break,
            }
            self.tasks.run_until_stalled();
            self.run_until_settled()?;
        }
        ensure(false, "returning_customer_connects", || {
            let object = self.run(customer.signup);
            format!("signup {}: {}", customer.signup, self.stored_json(&object))
        })
    }

    /// The customer does what the page offers.
    fn take_part(
        self: &Rc<Self>,
        customer: &mut ReturningCustomer,
        object: &RunObject,
        stored: &Signup,
        round: u8,
    ) -> Progress {
        let (status, code) = {
            let last = object.observations.last_commit();
            (last.status, last.problem_code)
        };
        match status {
            Some(SignupStatus::Connected | SignupStatus::ConnectedWithoutNumber) => {
                return Progress::Over;
            }
            Some(SignupStatus::NeedsInput) => self.answer_prompt(customer, stored),
            Some(SignupStatus::Failed) if self.no_customer_can_help(object, code) => {
                return Progress::Over;
            }
            Some(SignupStatus::Failed) if round > LAST_RESTART => return Progress::GivenUp,
            Some(SignupStatus::Failed) => {
                // "Start again" is another signup.
                customer.signup = self.runs.borrow().len();
                let run = RunObject::new(customer.signup, object.site);
                self.runs.borrow_mut().push(run);
                self.launch_and_complete(customer, round);
            }
            _ => self.launch_and_complete(customer, round),
        }
        Progress::Continues
    }

    fn answer_prompt(self: &Rc<Self>, customer: &ReturningCustomer, stored: &Signup) {
        let snapshot = snapshot::render(stored, self.clock());
        let prompt = snapshot
            .input
            .expect("a signup that needs input says which");
        let answer = {
            let meta = self.meta.borrow();
            // The signup may have settled on another number than the customer wants.
            let assets = stored.steps.inspect.verified.as_ref();
            let phone = assets.and_then(|assets| assets.phone.as_ref());
            let verified = phone.and_then(|phone| {
                let mut numbers = meta.numbers.iter();
                numbers.position(|number| number.id == phone.id.as_str())
            });
            right_answer(&meta, &prompt, customer.waba, verified.or(customer.number))
        };
        self.run_receives_post(customer.signup, PagePost::Input(answer));
    }

    /// The customer goes through Meta's popup once more and shares everything.
    fn launch_and_complete(self: &Rc<Self>, customer: &ReturningCustomer, round: u8) {
        let launch = FIRST_LAUNCH + round;
        self.run_receives_post(customer.signup, PagePost::Launched(launch));
        let grants = Grants {
            wabas: vec![customer.waba],
            wabas_listed: true,
            messaging: true,
        };
        let now = self.now.get();
        let code = self.meta.borrow_mut().issue_code(now, None, grants);
        let ids = self.session_info_ids(customer.waba, customer.number);
        let post = outcome_post(launch, code, Some(ids));
        self.run_receives_post(customer.signup, post);
    }

    /// The number belongs to another site, or the site is disabled.
    fn no_customer_can_help(&self, object: &RunObject, code: Option<ProblemCode>) -> bool {
        let site = &self.peers.sites[object.site];
        match code {
            Some(ProblemCode::OwnedElsewhere) => self
                .phones
                .iter()
                .any(|phone| phone.owner.borrow().as_deref() != Some(site.id.as_str())),
            Some(ProblemCode::SiteDisabled) => !site.is_enabled(),
            _ => false,
        }
    }
}

const MAX_ROUNDS: u8 = 14;
/// A signup that fails in a later round than this is not started again.
const LAST_RESTART: u8 = 8;
/// Higher than any launch of the tabs.
const FIRST_LAUNCH: u8 = 100;
