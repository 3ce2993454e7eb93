//! One signup's Durable Object: its record in memory, and the events that reach it. Models
//! `edge/src/durable_objects/run/`; the drive of the workflow is in `run_drive`.

use crate::executor::Incarnation;
use crate::invariants;
use crate::page_post::PagePost;
use crate::run_drive::DRIVE_DIED_AFTER;
use crate::state::event::Event;
use crate::state::peers::SITES;
use crate::state::run::{RunMemory, RunObject, SharedSignup};
use crate::state::world::{CALLBACK_URI, World};
use core::time::Duration;
use embark_onboarding::signup::{Signup, Stage, commands, snapshot};
use embark_onboarding::time::UnixMillis;
use embark_onboarding::workflow::CommitError;
use embark_protocol::requests::LaunchedRequest;
use embark_protocol::{AppKey, Problem, ProblemCode, SiteId, Snapshot};
use std::cell::RefCell;
use std::rc::Rc;

impl RunObject {
    fn receive(&self, world: &World) -> Rc<RunMemory> {
        self.incarnations.receive(world, &self.storage)
    }

    /// The stored record.
    pub fn stored(&self, world: &World) -> Option<Signup> {
        self.storage.load(world)
    }

    /// Stores the record. `by_post`: a post changed it, not the workflow.
    pub fn commit(
        &self,
        world: &World,
        incarnation: &Rc<Incarnation>,
        signup: &Signup,
        by_post: bool,
    ) -> Result<(), CommitError> {
        let number = incarnation.number;
        let posted_to = by_post.then_some(number);
        let check = || invariants::after_signup_commit(world, self, signup, posted_to);
        self.storage.commit(world, incarnation, signup, check)
    }

    /// A record whose popup was just opened.
    fn new_signup(&self, now: UnixMillis) -> Signup {
        let (site, page_origin) = SITES[self.site];
        Signup::launched(
            self.id.clone(),
            SiteId::parse(site).unwrap(),
            AppKey::parse("main").unwrap(),
            page_origin.to_owned(),
            now,
        )
    }
}

impl RunMemory {
    /// The record. `None`: nothing is stored.
    pub fn signup(&self, world: &World, object: &RunObject) -> Option<SharedSignup> {
        let mut signup = self.signup.borrow_mut();
        if signup.is_none() {
            let stored = object.storage.load_by(world, &self.incarnation);
            *signup = stored.map(|stored| Rc::new(RefCell::new(stored)));
        }
        signup.clone()
    }

    /// Stores what was made of the record outside the workflow, and lets the workflow look at it. `current`: the record
    /// that it replaces, `None` for a new one.
    pub fn replace(
        &self,
        world: &World,
        object: &RunObject,
        mut changed: Signup,
        current: Option<SharedSignup>,
        by_post: bool,
    ) -> Result<(), CommitError> {
        changed.bump_seq_if_changed(world.clock());
        let committed = object.commit(world, &self.incarnation, &changed, by_post);
        // Superseded: a workflow that still has the record cannot store it either.
        committed.inspect_err(|_| self.forget())?;
        match current {
            Some(signup) => *signup.borrow_mut() = changed,
            None => *self.signup.borrow_mut() = Some(Rc::new(RefCell::new(changed))),
        }
        self.idle_until.set(None);
        self.credential_failures.set(0);
        self.changes.set(self.changes.get() + 1);
        for waker in self.change_wakers.borrow_mut().drain(..) {
            waker.wake();
        }
        Ok(())
    }

    /// Drops the record from memory: the next access reads what is stored.
    pub fn forget(&self) {
        *self.signup.borrow_mut() = None;
    }
}

impl World {
    /// A browser's post reaches the object. Ignored once the page's grant has expired.
    pub fn run_receives_post(self: &Rc<Self>, index: usize, post: PagePost) {
        let object = self.run(index);
        let now = self.clock();
        let expires_at = object.grant_expires_at.get().unwrap_or(now + GRANT_PERIOD);
        object.grant_expires_at.set(Some(expires_at));
        if now > expires_at {
            return;
        }
        let memory = object.receive(self);
        let reply = self.apply_post(&object, &memory, post.clone());
        self.log(|| {
            let reply = reply
                .as_ref()
                .map(|snapshot| (snapshot.seq, snapshot.status));
            let reply = reply.map_err(|problem| problem.code);
            format!("signup {index}: {post} -> {reply:?}")
        });
        self.spawn_drive(&object, &memory);
    }

    /// A page's poll reaches the object. `None`: nothing is stored.
    pub fn run_receives_poll(self: &Rc<Self>, index: usize) -> Option<Snapshot> {
        let object = self.run(index);
        let memory = object.receive(self);
        let signup = memory.signup(self, &object)?;
        let snapshot = snapshot::render(&signup.borrow(), self.clock());
        self.spawn_drive(&object, &memory);
        Some(snapshot)
    }

    /// The site's sweep: it reaches the object if the signup is open and should have changed by itself by now.
    pub fn run_receives_wake(self: &Rc<Self>, index: usize) {
        let object = self.run(index);
        if object.is_stored() && object.observations.is_idle(self.now.get()) {
            let memory = object.receive(self);
            memory.idle_until.set(None);
            self.spawn_drive(&object, &memory);
        }
    }

    /// A change of the record that neither a page nor the workflow makes.
    pub fn run_receives_change(
        self: &Rc<Self>,
        index: usize,
        change: impl FnOnce(&mut Signup, &World),
    ) {
        let object = self.run(index);
        let memory = object.receive(self);
        let Some(current) = memory.signup(self, &object) else {
            return;
        };
        let mut changed = current.borrow().clone();
        change(&mut changed, self);
        let replaced = memory.replace(self, &object, changed, Some(current), false);
        if replaced.is_ok() {
            self.spawn_drive(&object, &memory);
        }
    }

    /// The object's alarm fires.
    pub fn run_alarm_fires(self: &Rc<Self>, index: usize) {
        let object = self.run(index);
        if !object.is_stored() {
            return;
        }
        let memory = object.receive(self);
        memory.idle_until.set(None);
        if memory.lock.is_held(self.clock()) {
            // The drive that runs may still die.
            self.set_alarm(&object, DRIVE_DIED_AFTER);
        }
        self.spawn_drive(&object, &memory);
    }

    /// Sets the object's alarm in place of an earlier one. It may be lost.
    pub fn set_alarm(&self, object: &RunObject, delay: Duration) {
        let number = object.storage.alarm.get() + 1;
        object.storage.alarm.set(number);
        if self.fault_occurs(self.fault_rates.get().alarms) {
            self.log(|| format!("signup {}: an alarm is lost", object.index));
            return;
        }
        let delay = delay.max(Duration::from_millis(1));
        self.schedule(delay, Event::Alarm(object.index, number));
    }

    /// Applies a post to a copy of the record and commits it. The first post of a signup creates the record.
    fn apply_post(
        &self,
        object: &RunObject,
        memory: &RunMemory,
        post: PagePost,
    ) -> Result<Snapshot, Problem> {
        let cx = self.context();
        let current = memory.signup(self, object);
        let mut changed = match &current {
            Some(signup) => signup.borrow().clone(),
            None => object.new_signup(cx.now),
        };
        let had_ended = matches!(changed.stage, Stage::Ended { .. });
        match post.clone() {
            PagePost::Launched(launch) => {
                let attempt = Some(u32::from(launch));
                commands::launched(&mut changed, LaunchedRequest { attempt }, &cx);
            }
            PagePost::Outcome(_, post) => {
                commands::outcome(&mut changed, post, CALLBACK_URI, &cx)?;
            }
            PagePost::Assets(post) => commands::assets(&mut changed, post, &cx)?,
            PagePost::Ended(post) => commands::ended(&mut changed, post, "page/".into(), &cx),
            PagePost::Input(post) => commands::input(&mut changed, post, &cx)?,
        }
        memory
            .replace(self, object, changed, current, true)
            .map_err(|_| Problem::new(ProblemCode::Conflict))?;
        self.enforce(invariants::late_launch_undoes_no_end(
            object, &post, had_ended,
        ));
        let signup = memory.signup(self, object);
        let signup = signup.expect("the record was just stored");
        let snapshot = snapshot::render(&signup.borrow(), cx.now);
        Ok(snapshot)
    }
}

/// How long a page's grant accepts posts: `SUBMIT_PERIOD` of the library's grants.
const GRANT_PERIOD: Duration = Duration::from_hours(24);
