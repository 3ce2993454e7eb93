//! The phases of one history: first with faults; then without, until every signup is settled; then, in some, with
//! customers who come back and do everything right.

use crate::fault_model::FaultRates;
use crate::invariants::{after_settling, token_of_record_is_newest};
use crate::state::event::{CrashTarget, Event};
use crate::state::run::RunObject;
use crate::state::world::World;
use crate::violation::{Check, ensure};
use core::time::Duration;
use embark_protocol::SignupStatus;
use std::rc::Rc;

/// Plays the history of a seed. `verbose`: prints every event.
///
/// # Errors
/// The first violation.
pub fn play(seed: u64, verbose: bool) -> Check {
    let world = Rc::new(World::new(seed, verbose));
    world.set_up();
    world.log(|| format!("{:?}", world.fault_rates.get()));
    let result = world.play_phases();
    world.clear();
    result
}

impl World {
    fn play_phases(self: &Rc<Self>) -> Check {
        self.run_with_faults()?;
        self.begin_quiescence()?;
        self.run_until_settled()?;
        after_settling(self);
        self.enforce(token_of_record_is_newest(self));
        self.verdict()?;
        self.run_until_copied()?;
        if self.random.chance(400) {
            self.customers_return()?;
            after_settling(self);
        }
        self.verdict()
    }

    fn run_with_faults(self: &Rc<Self>) -> Check {
        while let Some(event) = self.next_event(self.quiescent_from) {
            self.process(event)?;
        }
        self.now.set(self.quiescent_from);
        self.fault_rates.set(FaultRates::default());
        self.log(|| "quiescence".into());
        Ok(())
    }

    /// All tabs close. What they had sent still arrives.
    fn begin_quiescence(self: &Rc<Self>) -> Check {
        for tab in self.tabs.borrow_mut().iter_mut() {
            tab.closed = true;
        }
        let all_arrived = self.quiescent_from + LONGEST_DELIVERY;
        while let Some(event) = self.next_event(all_arrived) {
            self.process(event)?;
        }
        Ok(())
    }

    /// Processes events until every signup is settled: it has ended or waits for a person, and its outbox is empty.
    ///
    /// # Errors
    /// A violation; two are checked here. `signup_settles`: a signup that is not settled has something scheduled.
    /// `running_signup_ends`: a signup works by itself for a limited time.
    pub fn run_until_settled(self: &Rc<Self>) -> Check {
        let until = self.now.get() + Duration::from_hours(40 * 24);
        while let Some(object) = self.first_unsettled() {
            let event = self.next_event(until);
            ensure(event.is_some(), "signup_settles", || {
                format!("signup {}: {}", object.index, self.stored_json(&object))
            })?;
            let Some(event) = event else { break };
            self.process(event)?;
            for object in self.runs.borrow().iter() {
                self.running_signup_ends(object)?;
            }
        }
        Ok(())
    }

    fn first_unsettled(&self) -> Option<Rc<RunObject>> {
        let runs = self.runs.borrow();
        let unsettled = |object: &&Rc<RunObject>| {
            object.is_stored() && !object.observations.last_commit().settled
        };
        runs.iter().find(unsettled).cloned()
    }

    fn running_signup_ends(&self, object: &RunObject) -> Check {
        let last = object.observations.last_commit();
        let since = last.status_since.max(self.quiescent_from);
        let skew = Duration::from_millis(self.clock_skew_ms.get().unsigned_abs());
        let deadline = since + LONGEST_RUNNING + skew.min(Duration::from_hours(1));
        let late = self.now.get() > deadline;
        let running = last.status == Some(SignupStatus::Running) && object.is_stored();
        ensure(!(running && late), "running_signup_ends", || {
            format!("signup {}: {}", object.index, self.stored_json(object))
        })
    }

    /// The stored record, for the text of a violation.
    pub fn stored_json(&self, object: &RunObject) -> String {
        let signup = object.stored(self);
        signup.map_or(String::new(), |signup| {
            serde_json::to_string(&signup).unwrap()
        })
    }

    /// Lets an event happen, and everything that follows from it at once.
    pub fn process(self: &Rc<Self>, event: Event) -> Check {
        self.dispatch(event);
        self.tasks.run_until_stalled();
        if self.incarnation_ended.replace(false) {
            self.tasks.drop_ended();
        }
        self.verdict()
    }

    fn dispatch(self: &Rc<Self>, event: Event) {
        match event {
            Event::CallTakesEffect(call) => self.call_takes_effect(call),
            Event::CallResponds(call) => self.call_responds(call),
            Event::PeerRequestArrives(request) => self.peer_request_arrives(request),
            Event::PeerRequestEnds(request) => self.peer_request_ends(request),
            Event::WabaStores(id, record) => {
                self.peers.wabas.borrow_mut().insert(id, *record);
            }
            Event::OrderEnds(key) => self.order_ends(&key),
            Event::Webhook(run, webhook) => self.run_receives_webhook(run, *webhook),
            Event::SleepEnds(slept) => slept.complete(()),
            Event::Alarm(run, number) => {
                if self.run(run).storage.alarm.get() == number {
                    self.log(|| format!("signup {run}: alarm"));
                    self.run_alarm_fires(run);
                }
            }
            Event::Post(run, post) => self.run_receives_post(run, *post),
            Event::Poll(tab) => self.answer_poll(tab),
            Event::Sweep(run) => self.run_receives_wake(run),
            Event::Tab(tab, action) => self.tab_acts(tab, action),
            Event::Crash(_) if self.is_quiescent() => {}
            Event::Crash(CrashTarget::Run(run)) => self.run(run).incarnations.crash(self),
            Event::Crash(CrashTarget::Phone(phone)) => self.phones[phone].incarnations.crash(self),
            Event::Evict(incarnation) => self.end_incarnation(&incarnation),
            Event::ClockJump(ms) => {
                self.log(|| format!("the clock jumps by {ms} ms"));
                self.clock_skew_ms.set(self.clock_skew_ms.get() + ms);
            }
            Event::CopyPutEnds(put, acknowledged) => self.copy_put_ends(&put, acknowledged),
            Event::KvTakes(key, value) => self.kv_takes(&key, value),
            Event::CopiesAlarm(owner, at) => self.copies_alarm_fires(owner, at),
            Event::Operation(operation) => self.operate(operation),
        }
    }
}

/// The longest time that a post takes to arrive: after seven attempts, slow and repeated.
const LONGEST_DELIVERY: Duration = Duration::from_secs(130);
/// How long a signup may work by itself without faults, an alarm that was lost before included.
const LONGEST_RUNNING: Duration = Duration::from_mins(20);
