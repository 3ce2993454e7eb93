//! One run: takes posts, drives the procedure, holds polls, sleeps by alarm.

use super::published::{access, put_app_redirect};
use super::shell::{Shell, World, desk};
use super::{SITE, answer, read};
use crate::fault;
use crate::grant::Grant;
use crate::host;
use crate::provider::infobip::News;
use crate::readiness::advice;
use crate::run::{Ms, Superseded, drive};
use crate::signup::{End, Signup, accept, handoff, handover, view};
use crate::site;
use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::task::Poll;
use embark_protocol::post::{Assets, Ended, Input, Launched, Outcome};
use embark_protocol::report::Report;
use embark_protocol::{Code, InvitationId, Problem, SiteId, Snapshot};
use futures_util::future::{Either, select};
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

/// What a run is asked.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunAsk {
    Post {
        grant: Box<Grant>,
        post: Box<Post>,
    },
    Get {
        grant: Box<Grant>,
        after: u32,
    },
    /// Go on, if there is anything to do.
    Poke,
    /// What Infobip says of an account, to a run of this site.
    News {
        site: SiteId,
        news: News,
    },
    /// How the connection stands; read anew, or as it was read last.
    Report {
        again: bool,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Post {
    Launched(Launched),
    Outcome(Outcome),
    Assets(Assets),
    Ended(Ended),
    Input(Input),
    /// The readiness report is wanted anew.
    Report,
}

#[durable_object]
pub struct Run {
    inner: Rc<Inner>,
}

struct Inner {
    shell: Shell,
    /// Read from storage when it is first wanted; from then on the truth in memory, committed at once.
    record: RefCell<Option<Rc<RefCell<Signup>>>>,
    /// Driven to where nothing is wanted before this time; cleared by every post.
    parked: Cell<Option<Ms>>,
}

impl DurableObject for Run {
    fn new(state: State, env: Env) -> Self {
        let (record, parked) = (RefCell::new(None), Cell::new(None));
        Self {
            inner: Rc::new(Inner {
                shell: Shell::new(state, env),
                record,
                parked,
            }),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        crate::pulse::beat();
        let (_, ask) = read::<RunAsk>(request).await?;
        let response = match ask {
            RunAsk::Post { grant, post } => told(self.inner.post(*grant, *post).await),
            RunAsk::Get { grant, after } => told(self.inner.hold(&grant, after).await),
            RunAsk::Poke => told(self.inner.look()),
            RunAsk::News { site, news } => told(self.inner.news(&site, news)),
            RunAsk::Report { again } => told(self.inner.report(again)),
        };
        // Whatever touches a stranded run makes it go on.
        self.inner.clone().go();
        response
    }

    async fn alarm(&self) -> Result<Response> {
        crate::pulse::beat();
        if self.inner.shell.is_busy() {
            // What is under way may still die: come back then.
            self.inner.shell.alarm_in(DEAD_MAN_MS).await;
        }
        self.inner.drive().await;
        Response::ok("")
    }
}

impl Inner {
    fn record(&self) -> core::result::Result<Option<Rc<RefCell<Signup>>>, Problem> {
        if self.record.borrow().is_none() {
            let stored = self
                .shell
                .load::<Signup>()
                .map_err(|_| fault::problem(Code::Internal))?;
            *self.record.borrow_mut() = stored.map(|run| Rc::new(RefCell::new(run)));
        }
        Ok(self.record.borrow().clone())
    }

    /// Notes a post and commits it before it is answered.
    async fn post(&self, grant: Grant, post: Post) -> core::result::Result<Snapshot, Problem> {
        let settings = self
            .shell
            .settings()
            .ok_or_else(|| fault::problem(Code::AppMisconfigured))?;
        let desk = desk(&settings);
        if matches!(post, Post::Report) && self.record()?.is_none() {
            // Asking begins nothing, and uses no invitation up.
            return Err(fault::problem(Code::NotLaunched));
        }
        if let (None, Some(invitation)) = (self.record()?, &grant.invitation) {
            self.redeem(invitation, &grant).await?;
        }
        // Read after the last await: another post may have begun the row meanwhile.
        let held = self.record()?;
        // Worked on a copy: a post that is refused, or cannot be committed, changes nothing.
        let mut changed = match &held {
            Some(run) => run.borrow().clone(),
            // `launched` is not awaited by the page and may be lost: any post with a grant begins the row.
            None => begin(&grant, desk.now),
        };
        handover::take(&mut changed, &grant)?;
        match post {
            Post::Launched(post) => accept::launched(&mut changed, post, &desk),
            Post::Outcome(post) => {
                accept::outcome(&mut changed, post, &settings.callback(), &desk)?
            }
            Post::Assets(post) => accept::assets(&mut changed, post, &desk)?,
            Post::Ended(post) => accept::ended(&mut changed, post, &desk),
            Post::Input(post) => accept::input(&mut changed, post, &desk)?,
            Post::Report => changed.read_again(desk.now),
        }
        self.keep(changed.clone(), held, desk.now)?;
        Ok(view::page(&changed, &grant, &desk, &settings.origin))
    }

    /// Commits a changed record, and lets a drive that is under way see it.
    fn keep(
        &self,
        mut changed: Signup,
        held: Option<Rc<RefCell<Signup>>>,
        now: Ms,
    ) -> core::result::Result<(), Problem> {
        changed.settle(now);
        self.shell.posted();
        self.shell
            .commit(&changed)
            .map_err(|Superseded| fault::problem(Code::Conflict))?;
        self.parked.set(None);
        match held {
            Some(run) => *run.borrow_mut() = changed,
            None => *self.record.borrow_mut() = Some(Rc::new(RefCell::new(changed))),
        }
        Ok(())
    }

    /// A provider's news, if they are for this run at all.
    fn news(&self, site: &SiteId, news: News) -> core::result::Result<Snapshot, Problem> {
        let held = self.record()?;
        let settings = self
            .shell
            .settings()
            .ok_or_else(|| fault::problem(Code::AppMisconfigured))?;
        let desk = desk(&settings);
        if let Some(run) = held.filter(|run| run.borrow().site == *site) {
            let mut changed = run.borrow().clone();
            handoff::news(&mut changed, news, &desk);
            self.keep(changed, Some(run), desk.now)?;
        }
        self.look()
    }

    /// Every line, with its advice.
    fn report(&self, again: bool) -> core::result::Result<Report, Problem> {
        let run = self
            .record()?
            .ok_or_else(|| fault::problem(Code::NotLaunched))?;
        let now = host::now();
        if again {
            let mut changed = run.borrow().clone();
            changed.read_again(now);
            self.keep(changed, Some(run.clone()), now)?;
        }
        let run = run.borrow();
        let mut lines = run.readiness(now).unwrap_or_default();
        for line in &mut lines {
            line.advice = line.next.map(|next| advice(next).to_owned());
        }
        let at = run.report.at;
        let senders = run.handoff.senders.clone();
        Ok(Report { at, lines, senders })
    }

    /// Whoever comes first uses an invitation up. A signup that has begun needs it no more.
    async fn redeem(
        &self,
        invitation: &InvitationId,
        grant: &Grant,
    ) -> core::result::Result<(), Problem> {
        let ask = site::Ask::Redeem {
            id: invitation.clone(),
            signup: grant.signup.clone(),
        };
        site::Answer::noted(super::post(&self.shell.env, SITE, grant.site.as_str(), &ask).await)
    }

    /// The run as it is, without waiting.
    fn look(&self) -> core::result::Result<Snapshot, Problem> {
        let run = self
            .record()?
            .ok_or_else(|| fault::problem(Code::NotLaunched))?;
        Ok(view::render(&run.borrow(), host::now()))
    }

    /// Answers when `seq` moves past `after`, at once where nothing will move by itself, or after 20 s.
    async fn hold(
        self: &Rc<Self>,
        grant: &Grant,
        after: u32,
    ) -> core::result::Result<Snapshot, Problem> {
        let Some(run) = self.record()? else {
            return Err(fault::problem(Code::NotLaunched));
        };
        handover::check(&run.borrow(), grant)?;
        self.clone().go();
        let moved = poll_fn(|cx| {
            let shown = view::render(&run.borrow(), host::now());
            if shown.seq > after || shown.poll_after_ms > 0 {
                return Poll::Ready(());
            }
            self.shell.wake_later(cx.waker());
            Poll::Pending
        });
        match select(Box::pin(moved), Box::pin(host::sleep(HOLD_MS))).await {
            Either::Left(_) | Either::Right(_) => {}
        }
        // Another window may have taken it over meanwhile.
        let run = run.borrow();
        handover::check(&run, grant)?;
        Ok(match self.shell.settings() {
            Some(settings) => view::page(&run, grant, &desk(&settings), &settings.origin),
            None => view::render(&run, host::now()),
        })
    }

    /// Drives in the background; the object's work outlives the request that began it.
    fn go(self: Rc<Self>) {
        if self.parked.get().is_some_and(|until| host::now() < until) {
            return;
        }
        let inner = self.clone();
        self.shell
            .state
            .wait_until(async move { inner.drive().await });
    }

    async fn drive(&self) {
        let Ok(Some(run)) = self.record() else { return };
        if !self.shell.begin() {
            return;
        }
        let erase = self.turn(&run).await;
        self.shell.finish();
        if erase {
            self.erase().await;
            return;
        }
        // Last of all: when to wake next.
        let now = host::now();
        let next = run.borrow().rises(now);
        if let Some(at) = next {
            self.parked.set(Some(at));
            self.shell.alarm_in(at.saturating_sub(now)).await;
        }
    }

    /// One drive to where the run parks. `true`: the run is over and old enough to be erased.
    async fn turn(&self, run: &Rc<RefCell<Signup>>) -> bool {
        let Some(settings) = self.shell.settings() else {
            return false;
        };
        let now = host::now();
        let (app, done) = {
            let run = run.borrow();
            let expired = run.expires().is_some_and(|at| now >= at) && run.owed.is_empty();
            (run.app.clone(), expired)
        };
        if done {
            return true;
        }
        self.shell.alarm_in(DEAD_MAN_MS).await;
        match access(&self.shell.env, &settings, &app).await {
            Some(access) => {
                let (known, had_token) = (access.redirect, run.borrow().has_token());
                let world = World {
                    shell: &self.shell,
                    settings: &settings,
                    access,
                };
                if drive(run, &world).await.is_err() {
                    // Another incarnation has newer rows: forget ours.
                    *self.record.borrow_mut() = None;
                }
                let taken = run.borrow().sent.as_ref().and_then(|sent| sent.taken);
                if let Some(taken) = taken.filter(|taken| *taken != known && !had_token) {
                    put_app_redirect(&self.shell.env, &app, taken).await;
                }
            }
            None => self.unconfigured(run, now),
        }
        false
    }

    /// App or secret is not set up. A code in hand cannot wait for an operator.
    fn unconfigured(&self, run: &Rc<RefCell<Signup>>, now: Ms) {
        let mut run = run.borrow_mut();
        if matches!(run.stage, crate::signup::Stage::Running) {
            run.end(End::Failed(fault::problem(Code::AppMisconfigured)), now);
            run.settle(now);
            let _ = self.shell.commit(&*run);
        }
        run.wake = None;
    }

    async fn erase(&self) {
        *self.record.borrow_mut() = None;
        let storage = self.shell.state.storage();
        // Left undone, the next alarm or request tries again.
        let _ = storage.delete_alarm().await;
        let _ = storage.delete_all().await;
    }
}

/// The door passes status and text on as they are.
fn told<T: Serialize>(result: core::result::Result<T, Problem>) -> Result<Response> {
    match result {
        Ok(said) => answer(&said),
        Err(problem) => Ok(answer(&problem)?.with_status(problem.status)),
    }
}

/// A row as its grant describes it.
fn begin(grant: &Grant, now: Ms) -> Signup {
    let grant = grant.clone();
    let mut run = Signup::launched(grant.signup, grant.site, grant.app, grant.host, now);
    run.bind(grant.bound);
    run
}

const HOLD_MS: u32 = 20_000;
/// Short enough for a code that lives 30 s. (An alarm that fails is not retried where it had set another.)
const DEAD_MAN_MS: Ms = 20_000;
