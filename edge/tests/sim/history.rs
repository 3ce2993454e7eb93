//! One history: bad weather, then calm, then people who do everything right.

use crate::browser::{Act, outcome};
use crate::kv::SETTLED_MS;
use crate::meta::Grants;
use crate::posted::Posted;
use crate::run_object::RunObject;
use crate::weather::Weather;
use crate::world::{Event, Object, Operation, World};
use embark_edge::run::Ms;
use embark_edge::signup::view;
use embark_protocol::{Code, SiteId, Status};
use std::rc::Rc;

/// Plays the history of a seed. `Err`: what must not have happened.
pub fn play(seed: u64, loud: bool) -> Result<(), String> {
    let world = Rc::new(World::new(seed, loud));
    world.set_up();
    world.say(|| format!("{:?}, calm at {}", world.weather.get(), world.calm_at));
    let done = world.bad_weather().and_then(|()| world.calm());
    world.clear();
    done
}

impl World {
    fn step(self: &Rc<Self>, event: Event) -> Result<(), String> {
        match event {
            Event::CallLands(at) => self.call_lands(at),
            Event::CallHeard(at) => self.call_heard(at),
            Event::AskLands(at) => self.ask_lands(at),
            Event::AskTold(at) => self.ask_told(at),
            Event::Wakes(slot) => slot.fill(()),
            Event::Alarm(run, n) => {
                if self.runs.borrow()[run].store.alarm.get() == n {
                    self.say(|| format!("run {run}: its alarm"));
                    self.run_touched(run, true);
                }
            }
            Event::Posted(run, post) => self.run_posted(run, *post),
            Event::Polled(tab) => {
                let run = self.tabs.borrow()[tab].run;
                let shown = self
                    .run_polled(run)
                    .filter(|_| !self.befalls(self.weather.get().posts));
                match shown {
                    Some(shown) => {
                        let saw = Event::Tab(tab, Act::Saw(Box::new(shown)));
                        self.after(self.dice.range(5, 300), saw);
                    }
                    None => self.after(4_000, Event::Tab(tab, Act::Poll)),
                }
            }
            Event::Poked(run) => self.run_touched(run, false),
            Event::Tab(tab, act) => self.tab_acts(tab, act),
            Event::Crash(_) if self.is_calm() => {}
            Event::Crash(Object::Run(run)) => self.runs.borrow()[run].crash(self),
            Event::Crash(Object::Phone(phone)) => self.phones[phone].crash(self),
            Event::Retire(life) => self.kill(&life),
            Event::Leap(ms) => {
                self.say(|| format!("the clock leaps by {ms} ms"));
                self.skew.set(self.skew.get() + ms);
            }
            Event::Operator(operation) => self.operate(operation),
        }
        self.tasks.settle();
        if self.died.replace(false) {
            self.tasks.reap();
        }
        self.found().map_or(Ok(()), Err)
    }

    fn bad_weather(self: &Rc<Self>) -> Result<(), String> {
        while let Some(event) = self.next(self.calm_at) {
            self.step(event)?;
        }
        self.now.set(self.calm_at);
        self.weather.set(Weather::default());
        self.say(|| "calm".into());
        Ok(())
    }

    /// Nothing fails any more: every run settles, and whoever comes back is served.
    fn calm(self: &Rc<Self>) -> Result<(), String> {
        for tab in self.tabs.borrow_mut().iter_mut() {
            tab.gone = true;
        }
        // What browsers had sent is still on its way.
        let rest = self.calm_at + 130_000;
        while let Some(event) = self.next(rest) {
            self.step(event)?;
        }
        self.settle()?;
        self.check_end();
        self.check_newest();
        self.found().map_or(Ok(()), Err)?;
        if self.dice.chance(400) {
            self.heal()?;
            self.check_end();
        }
        self.found().map_or(Ok(()), Err)
    }

    /// Goes on until nothing moves by itself any more.
    fn settle(self: &Rc<Self>) -> Result<(), String> {
        let until = self.now.get() + 40 * 86_400_000;
        while let Some(run) = self.unsettled() {
            let Some(event) = self.next(until) else {
                return Err(format!("run {run}: sleeps for ever, {}", self.state(run)));
            };
            self.step(event)?;
            self.check_patience()?;
        }
        Ok(())
    }

    fn unsettled(&self) -> Option<usize> {
        let runs = self.runs.borrow();
        let open = |object: &&Rc<RunObject>| object.is_stored() && !object.seen.borrow().settled;
        runs.iter().find(open).map(|object| object.at)
    }

    /// A run that works by itself gets there soon.
    fn check_patience(&self) -> Result<(), String> {
        let now = self.now.get();
        for object in self.runs.borrow().iter() {
            let seen = object.seen.borrow();
            let since = seen.running_since.max(self.calm_at);
            let late = now > since + RUNNING_MS + self.skew.get().unsigned_abs().min(3_600_000);
            if seen.status == Some(Status::Running) && late && object.is_stored() {
                return Err(format!(
                    "run {}: runs for too long, {}",
                    object.at,
                    self.state(object.at)
                ));
            }
        }
        Ok(())
    }

    fn state(&self, run: usize) -> String {
        let record = self.runs.borrow()[run].stored(self);
        record.map_or(String::new(), |run| serde_json::to_string(&run).unwrap())
    }

    fn operate(self: &Rc<Self>, operation: Operation) {
        self.say(|| format!("{operation:?}"));
        match operation {
            Operation::Enable(site, enabled) => {
                self.peers.sites[site].enable(enabled, self.now.get());
            }
            Operation::Rotate => self.put_app("app-secret-1"),
            Operation::Transfer(at) => {
                let object = &self.phones[at];
                let owner = object.owner.borrow().clone();
                let Some(from) = owner else { return };
                let to = if from == "acme" { "rival" } else { "acme" };
                let (from, to) = (SiteId::parse(&from).unwrap(), SiteId::parse(to).unwrap());
                self.moving.set(true);
                self.transfer(object, from, to);
                self.moving.set(false);
            }
            Operation::Deregister(at) => {
                let number = &mut self.meta.borrow_mut().numbers[at];
                number.connected = false;
                number.disturbed = self.now.get();
                number.accepted.clear();
            }
            Operation::Outage(what, ms) => self.down.set(Some((what, self.now.get() + ms))),
            Operation::Revoke => {
                for token in &mut self.meta.borrow_mut().tokens {
                    token.valid = false;
                }
            }
        }
    }

    /// People come back and do everything right, as often as they are asked.
    fn heal(self: &Rc<Self>) -> Result<(), String> {
        self.say(|| "people come back".into());
        for tab in 0..self.tabs.borrow().len() {
            self.heal_one(tab)?;
        }
        Ok(())
    }

    fn heal_one(self: &Rc<Self>, tab: usize) -> Result<(), String> {
        let mut run = self.tabs.borrow()[tab].run;
        let (account, number) = (
            self.tabs.borrow()[tab].account,
            self.tabs.borrow()[tab].number,
        );
        let mut last = String::new();
        for round in 0..14 {
            let object = self.runs.borrow()[run].clone();
            let Some(stored) = object.stored(self) else {
                if round == 0 {
                    // Nobody ever came back, and the record is erased: another click is another signup.
                    return Ok(());
                }
                return Err(format!("run {run}: its record is gone"));
            };
            // They come by a resume link.
            object.submit_by.set(Ms::MAX);
            let (status, code) = (object.seen.borrow().status, object.seen.borrow().code);
            last = format!("{status:?} {code:?}");
            match status {
                Some(Status::Connected | Status::ConnectedWithoutNumber) => return Ok(()),
                Some(Status::NeedsInput) => {
                    let need = view::render(&stored, self.clock()).input.unwrap();
                    let found = stored.inspect.found.and_then(|found| found.phone);
                    let asked = found.and_then(|phone| {
                        let numbers = &self.meta.borrow().numbers;
                        numbers.iter().position(|n| n.id == phone.id.as_str())
                    });
                    let answer = self.right_answer(&need, account, asked.or(number));
                    self.run_posted(run, Posted::Input(answer));
                }
                // The new secret has not arrived everywhere: later.
                Some(Status::Failed)
                    if code == Some(Code::AppMisconfigured)
                        && self.now.get() < self.rotated.get() + SETTLED_MS =>
                {
                    self.now.set(self.rotated.get() + SETTLED_MS);
                }
                Some(Status::Failed) if self.excused(&object, code) => return Ok(()),
                Some(Status::Failed) if round > 8 => break,
                status => {
                    if status == Some(Status::Failed) {
                        // "Start again" is a signup of its own.
                        run = self.runs.borrow().len();
                        self.runs
                            .borrow_mut()
                            .push(RunObject::new(run, object.site));
                    }
                    self.run_posted(run, Posted::Launched(100 + round));
                    let grants = Grants {
                        accounts: vec![account],
                        listed: true,
                        messaging: true,
                    };
                    let code = self.meta.borrow_mut().mint(self.now.get(), None, grants);
                    let ids = self.ids(account, number);
                    self.run_posted(run, outcome(100 + round, code, Some(ids)));
                }
            }
            self.tasks.settle();
            self.settle()?;
        }
        Err(format!(
            "run {run}: an honest customer is never connected: {last}, {}",
            self.state(run)
        ))
    }

    /// An end that no customer can do anything about.
    fn excused(&self, object: &RunObject, code: Option<Code>) -> bool {
        let site = &self.peers.sites[object.site];
        match code {
            Some(Code::OwnedElsewhere) => {
                let elsewhere = |owner: &Option<String>| owner.as_deref() != Some(site.id.as_str());
                self.phones
                    .iter()
                    .any(|phone| elsewhere(&phone.owner.borrow()))
            }
            Some(Code::SiteDisabled) => !site.is_enabled(),
            _ => false,
        }
    }
}

/// How long a run may work by itself in calm weather, a lost alarm included.
const RUNNING_MS: Ms = 20 * 60_000;
