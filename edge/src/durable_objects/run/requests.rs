//! The requests of a Run object.

use super::state::RunState;
use crate::clock;
use crate::durable_objects::rpc;
use crate::telemetry;
use core::time::Duration;
use embark_onboarding::auth::grant::Grant;
use embark_onboarding::providers::infobip::RegistrationWebhook;
use embark_onboarding::resources::deadlines;
use embark_onboarding::resources::key_rotation::{RunResealed, reseal};
use embark_onboarding::resources::phone_number::{PhoneReply, PhoneRequest};
use embark_onboarding::resources::run::{HostedSignup, PagePost};
use embark_onboarding::resources::site::SiteRequest;
use embark_onboarding::resources::users::Withdrawal;
use embark_onboarding::resources::waba::AccountUpdate;
use embark_onboarding::signup::readiness::{is_ready, operator_hint};
use embark_onboarding::signup::{Signup, calls, commands, handover, link, snapshot};
use embark_onboarding::time::UnixMillis;
use embark_protocol::backend::{SignupLink, SignupRetry};
use embark_protocol::report::ReadinessReport;
use embark_protocol::signup_calls::SignupCalls;
use embark_protocol::{Problem, ProblemCode, SignupId, SiteId, Snapshot, WabaId};
use futures_util::future::select;
use std::rc::Rc;

impl RunState {
    /// Applies a post, stores the record, and returns the snapshot. The first post of a signup creates the record:
    /// `launched` may have been lost, as pages do not await its response.
    ///
    /// # Errors
    /// The post is refused, or the record could not be stored. Nothing changed.
    pub async fn post(&self, grant: Grant, post: PagePost) -> Result<Snapshot, Problem> {
        let settings = self.settings()?;
        if matches!(post, PagePost::Report) && self.signup()?.is_none() {
            // Reading a report starts no signup, and uses no invitation and no session up.
            return Err(Problem::new(ProblemCode::NotLaunched));
        }
        let expense = match self.signup()? {
            Some(signup) => commands::expense(&grant.signup, Some(&*signup.borrow()), &post),
            None => commands::expense(&grant.signup, None, &post),
        };
        if let Some(key) = expense {
            rpc::spend(self.storage.env(), &grant.site, &key).await?;
        }
        if self.signup()?.is_none() {
            for redemption in SiteRequest::redemptions(&grant) {
                self.redeem(&grant.site, &redemption).await?;
            }
        }
        let cx = settings.context();
        // Read after the last await: another post may have created the record meanwhile.
        let current = self.signup()?;
        let mut changed = match &current {
            Some(signup) => signup.borrow().clone(),
            None => new_signup(&grant, cx.now),
        };
        handover::acquire(&mut changed, &grant)?;
        match post {
            PagePost::Launched(post) => commands::launched(&mut changed, post, &cx),
            PagePost::Outcome(post) => {
                commands::outcome(&mut changed, post, &settings.callback(), &cx)?
            }
            PagePost::Assets(post) => commands::assets(&mut changed, post, &cx)?,
            PagePost::Ended(post) => commands::ended(&mut changed, post, grant.bearer(), &cx),
            PagePost::Input(post) => commands::input(&mut changed, post, &cx)?,
            PagePost::Report => commands::refresh_report(&mut changed, cx.now),
        }
        // The state that the post led to, under its own `seq`.
        changed.bump_seq_if_changed(cx.now);
        let snapshot = snapshot::render_for_page(&changed, &grant, &cx, &settings.origin);
        self.commit(changed, current, cx.now)?;
        Ok(snapshot)
    }

    /// The snapshot, once its `seq` exceeds `after`; at once if the signup does not change by itself, and after
    /// 20 s in any case.
    ///
    /// # Errors
    /// `not_launched`, or `grant_used` if another window holds the handover.
    pub async fn long_poll(
        self: &Rc<Self>,
        grant: &Grant,
        after: u32,
    ) -> Result<Snapshot, Problem> {
        let signup = self.launched_signup()?;
        handover::check_may_read(&signup.borrow(), grant)?;
        self.watch();
        self.spawn_drive();
        // Looked up at each change: a record that could not be stored is read again, as another one in memory.
        let is_due = || match self.launched_signup() {
            Ok(signup) => {
                let current = snapshot::render(&signup.borrow(), clock::now());
                current.seq > after || current.poll_after_ms > 0
            }
            Err(_) => true,
        };
        let held = (!is_due()).then(|| self.hold_poll());
        if let Some(number) = held {
            let answered = || is_due() || self.is_displaced(number);
            let answered = self.changes.until(answered);
            select(Box::pin(answered), Box::pin(clock::sleep(LONG_POLL))).await;
        }
        let signup = self.launched_signup()?;
        let signup = signup.borrow();
        // Another window may hold the handover by now.
        handover::check_may_read(&signup, grant)?;
        let mut snapshot = match self.storage.settings() {
            Some(settings) => {
                let cx = settings.context();
                snapshot::render_for_page(&signup, grant, &cx, &settings.origin)
            }
            None => snapshot::render(&signup, clock::now()),
        };
        if held.is_some_and(|number| self.is_displaced(number)) {
            snapshot.poll_after_ms = snapshot.poll_after_ms.max(DISPLACED_POLL_AFTER_MS);
        }
        Ok(snapshot)
    }

    /// Numbers a long poll that is held from now on: the oldest is answered, if there are too many. A client that is gone
    /// holds one as well.
    fn hold_poll(&self) -> u32 {
        let number = self.polls.get().wrapping_add(1);
        self.polls.set(number);
        self.changes.notify();
        number
    }

    fn is_displaced(&self, number: u32) -> bool {
        self.polls.get().wrapping_sub(number) >= MAX_POLLS
    }

    /// The snapshot as it is, without links or grants.
    ///
    /// # Errors
    /// `not_launched`.
    pub fn snapshot(&self) -> Result<Snapshot, Problem> {
        let signup = self.launched_signup()?;
        Ok(snapshot::render(&signup.borrow(), clock::now()))
    }

    /// Takes a registration webhook in, unless the signup is of another site.
    ///
    /// # Errors
    /// `not_launched`, or the record could not be stored.
    pub fn infobip_webhook(
        &self,
        site: &SiteId,
        webhook: RegistrationWebhook,
    ) -> Result<Snapshot, Problem> {
        let settings = self.settings()?;
        let signup = self.launched_signup()?;
        if signup.borrow().site == *site {
            let cx = settings.context();
            let mut changed = signup.borrow().clone();
            commands::infobip_webhook(&mut changed, webhook, &cx);
            self.commit(changed, Some(signup), cx.now)?;
        }
        self.snapshot()
    }

    /// Starts a signup that has no page. One that was started goes on.
    ///
    /// # Errors
    /// The record could not be stored.
    pub fn start_hosted(&self, id: &SignupId, hosted: HostedSignup) -> Result<Snapshot, Problem> {
        if self.signup()?.is_none() {
            let (now, origin) = (clock::now(), self.settings()?.origin);
            let (site, app) = (hosted.site.clone(), hosted.app.clone());
            let mut signup = Signup::launched(id.clone(), site, app, origin, now);
            signup.start_hosted(hosted);
            self.commit(signup, None, now)?;
        }
        self.snapshot()
    }

    /// Takes in what happened to the account.
    ///
    /// # Errors
    /// `not_launched`, or the record could not be stored.
    pub fn account_update(
        &self,
        waba: &WabaId,
        update: AccountUpdate,
    ) -> Result<Snapshot, Problem> {
        let signup = self.launched_signup()?;
        let mut changed = signup.borrow().clone();
        changed.on_account_update(waba, update);
        let is_newer = *signup.borrow() != changed;
        if is_newer {
            self.commit(changed, Some(signup), clock::now())?;
        }
        self.snapshot()
    }

    /// A page of a connected signup polls: what the customer may have done at Meta is read again. If that cannot be stored,
    /// the next poll does it.
    fn watch(&self) {
        let Ok(Some(signup)) = self.signup() else {
            return;
        };
        let now = clock::now();
        let mut changed = signup.borrow().clone();
        if changed.on_page_polled(now) && self.commit(changed, Some(signup), now).is_err() {
            let subject = self
                .signup()
                .ok()
                .flatten()
                .map(|signup| signup.borrow().subject());
            telemetry::failure("read_report", &"not stored", &subject.unwrap_or_default());
        }
    }

    /// The link by which the customer goes on with the signup, as its site's back end asks for it.
    ///
    /// # Errors
    /// `not_launched`, or as [`link::resume_link`].
    pub fn link(&self, site: &SiteId) -> Result<SignupLink, Problem> {
        let settings = self.settings()?;
        let signup = self.launched_signup()?;
        link::resume_link(
            &signup.borrow(),
            site,
            &settings.context(),
            &settings.origin,
        )
    }

    /// Cancels the signup, and waits a few seconds for it to end: a call may be under way.
    ///
    /// # Errors
    /// `not_launched`, or as [`Signup::cancel`]; the record could not be stored.
    pub async fn cancel(self: &Rc<Self>, site: &SiteId) -> Result<Snapshot, Problem> {
        let signup = self.launched_signup()?;
        let now = clock::now();
        let mut changed = signup.borrow().clone();
        changed.cancel(site, now)?;
        self.commit(changed, Some(signup), now)?;
        self.drive_until(|signup| snapshot::status_of(signup).is_terminal())
            .await;
        self.snapshot()
    }

    /// Has the signup tried again, and waits a few seconds for what comes of it.
    ///
    /// # Errors
    /// `not_launched`, or as [`Signup::retry`]; the record could not be stored.
    pub async fn retry(self: &Rc<Self>, site: &SiteId) -> Result<SignupRetry, Problem> {
        let settings = self.settings()?;
        let cx = settings.context();
        let signup = self.launched_signup()?;
        let mut changed = signup.borrow().clone();
        changed.retry(site, &cx)?;
        self.commit(changed, Some(signup), cx.now)?;
        self.drive_until(|signup| !signup.is_being_retried()).await;
        Ok(self.launched_signup()?.borrow().retried(clock::now()))
    }

    /// Runs the workflow in the background, and waits a few seconds for the record to be so.
    async fn drive_until(self: &Rc<Self>, is_so: impl Fn(&Signup) -> bool) {
        self.spawn_drive();
        let is_over = || match self.launched_signup() {
            Ok(signup) => is_so(&signup.borrow()),
            Err(_) => true,
        };
        if !is_over() {
            let over = self.changes.until(is_over);
            select(Box::pin(over), Box::pin(clock::sleep(DRIVE_WAIT))).await;
        }
    }

    /// The calls that the signup made, and those that the object of its number made for it, as far as the journals have them.
    ///
    /// # Errors
    /// `not_launched`: the site has no such signup. `internal`: the storage refused it.
    pub async fn calls(&self, site: &SiteId) -> Result<SignupCalls, Problem> {
        let signup = self.launched_signup()?;
        if signup.borrow().site != *site {
            return Err(Problem::new(ProblemCode::NotLaunched));
        }
        let lines = self.storage.journal_lines();
        let lines = lines.map_err(|_| Problem::new(ProblemCode::Internal))?;
        let own = calls::of_journal(&lines);
        let number = signup.borrow().calls_of_number(clock::now());
        let Some((number, from, until)) = number else {
            return Ok(own);
        };
        let request = PhoneRequest::Calls { from, until };
        let env = self.storage.env();
        match rpc::call_within(env, &number, &request, deadlines::ORIGINAL).await {
            Ok(PhoneReply::Calls(of_number)) => Ok(calls::merged(own, of_number)),
            // Its own are better than none.
            _ => Ok(own),
        }
    }

    /// The operator's readiness report: every check, with its hint. `refresh`: reads it from Meta again; this
    /// response is still the old one.
    ///
    /// # Errors
    /// `not_launched`, or the record could not be stored.
    pub fn report(&self, refresh: bool) -> Result<ReadinessReport, Problem> {
        let signup = self.launched_signup()?;
        let now = clock::now();
        if refresh {
            let mut changed = signup.borrow().clone();
            commands::refresh_report(&mut changed, now);
            changed.apply_messages();
            self.commit(changed, Some(signup.clone()), now)?;
        }
        let signup = signup.borrow();
        let mut checks = signup.readiness_checks(now).unwrap_or_default();
        for check in &mut checks {
            let hint = check.next_action.map(operator_hint);
            check.operator_hint = hint.map(str::to_owned);
        }
        Ok(ReadinessReport {
            read_at: signup.steps.report.completed_at.0,
            ready: Some(is_ready(&checks)),
            checks,
            senders: signup.steps.handoff.senders.clone(),
        })
    }

    /// Applies the site's settings of messages anew.
    ///
    /// # Errors
    /// `not_launched`, or the record could not be stored.
    pub fn apply_messages(&self) -> Result<Snapshot, Problem> {
        let signup = self.launched_signup()?;
        let mut changed = signup.borrow().clone();
        changed.apply_messages();
        self.commit(changed, Some(signup), clock::now())?;
        self.snapshot()
    }

    /// Erases what is sealed in the record, if this person granted it.
    ///
    /// # Errors
    /// `not_launched`, or the record could not be stored.
    pub fn erase_secrets(&self, withdrawal: &Withdrawal) -> Result<Snapshot, Problem> {
        let signup = self.launched_signup()?;
        let now = clock::now();
        let mut changed = signup.borrow().clone();
        changed.erase_secrets(withdrawal, now);
        self.commit(changed, Some(signup), now)?;
        self.snapshot()
    }

    /// Seals again what an older key sealed. Nothing else changes: the workflow has no more to do than before.
    ///
    /// # Errors
    /// `not_launched`; `internal`: this instance does not have the key yet, or the record could not be stored.
    pub fn reseal(&self, key: u32) -> Result<RunResealed, Problem> {
        let internal = |_| Problem::new(ProblemCode::Internal);
        let settings = self.storage.settings_with_key(key).map_err(internal)?;
        let signup = self.launched_signup()?;
        let mut resealed = signup.borrow().clone();
        let count = reseal(&mut resealed, "", &settings.context());
        let objects = resealed.reached_objects();
        if count.resealed > 0 {
            self.store(resealed, Some(signup), clock::now())?;
        }
        Ok(RunResealed { count, objects })
    }

    /// Uses an invitation or a session up for this signup; a repeated request of the same signup succeeds.
    async fn redeem(&self, site: &SiteId, redemption: &SiteRequest) -> Result<(), Problem> {
        let reply = rpc::call(self.storage.env(), site, redemption).await?;
        reply.into_accepted()
    }
}

/// A record as the grant describes it.
fn new_signup(grant: &Grant, now: UnixMillis) -> Signup {
    let grant = grant.clone();
    let mut signup = Signup::launched(grant.signup, grant.site, grant.app, grant.page_origin, now);
    signup.reference = grant.reference;
    signup.bind(grant.bound_waba);
    signup
}

/// How long the reply to an operator waits for what comes of a request.
const DRIVE_WAIT: Duration = Duration::from_secs(10);
const LONG_POLL: Duration = Duration::from_secs(20);
/// How many long polls one signup holds.
const MAX_POLLS: u32 = 8;
/// When a page polls again whose poll was answered in favour of others.
const DISPLACED_POLL_AFTER_MS: u32 = 2_000;
