//! What is under way: Graph calls and messages to other objects. Each lands, or does not, and is heard, or
//! is not; both at moments of their own.

use crate::exec::{Life, Slot, Wait};
use crate::meta::Asker;
use crate::weather::{down, fair, foul};
use crate::world::{Down, Event, World};
use embark_edge::graph::{Heard, Request, Unheard};
use embark_edge::run::{Answer, Ask, Ms};
use std::rc::Rc;

pub struct CallFlight {
    life: Rc<Life>,
    request: Request,
    /// The run a register call is for.
    run: String,
    /// By the caller's own clock: a leap ends its patience.
    begun: Ms,
    /// The same by the world's own clock, which nobody puts back.
    truly: Ms,
    /// What will be heard: Meta's answer once it landed, unless the weather says something else.
    heard: Option<Heard>,
    said: Option<Heard>,
    slot: Rc<Slot<Heard>>,
    left: u8,
}

pub struct AskFlight {
    life: Rc<Life>,
    ask: Option<Ask>,
    slot: Option<Rc<Slot<Option<Answer>>>>,
    answer: Option<Answer>,
}

impl World {
    /// Sends a Graph call for `life`.
    pub fn call(&self, life: &Rc<Life>, request: Request, run: &str) -> Wait<Heard> {
        let slot = Slot::new();
        if life.dead.get() || self.dies(life) {
            return Wait(slot);
        }
        let fate = if self.is_down(Down::Meta) {
            down(&self.dice)
        } else if self.befalls(self.weather.get().calls) {
            foul(request.name, &self.dice)
        } else {
            fair(&self.dice)
        };
        let deadline = Ms::from(request.deadline_ms);
        let mut heard = fate.heard;
        if fate.after > deadline {
            heard = Some(Err(Unheard::Timeout));
        }
        self.say(|| {
            let name = request.name;
            format!(
                "  {name} sent; lands {:?}, heard after {}",
                fate.lands,
                fate.after.min(deadline)
            )
        });
        if request.name == "register" && self.befalls(self.weather.get().crashes * 3) {
            let soon = self.dice.range(1, 300);
            self.after(soon, Event::Retire(life.clone()));
        }
        let at = self.calls.borrow().len();
        let left = 1 + u8::from(fate.lands.is_some());
        self.calls.borrow_mut().push(Some(CallFlight {
            life: life.clone(),
            request,
            run: run.to_owned(),
            begun: self.clock(),
            truly: self.now.get(),
            heard,
            said: None,
            slot: slot.clone(),
            left,
        }));
        if let Some(ms) = fate.lands {
            self.after(ms, Event::CallLands(at));
        }
        self.after(fate.after.min(deadline), Event::CallHeard(at));
        Wait(slot)
    }

    pub fn call_lands(&self, at: usize) {
        let mut calls = self.calls.borrow_mut();
        let Some(flight) = &mut calls[at] else { return };
        // A process that died took half of its unsent requests with it.
        if flight.life.dead.get() && self.dice.chance(500) {
            calls[at] = None;
            return;
        }
        let now = self.now.get();
        let deadline = Ms::from(flight.request.deadline_ms);
        let asker = Asker {
            run: flight.run.clone(),
            late: self.clock() > flight.begun + deadline || now > flight.truly + deadline,
        };
        let said = self.meta.borrow_mut().handle(&flight.request, &asker, now);
        self.say(|| format!("  {} landed: {}", flight.request.name, shown(&said)));
        flight.said = Some(said);
        flight.left -= 1;
        if flight.left == 0 {
            calls[at] = None;
        }
    }

    pub fn call_heard(&self, at: usize) {
        let mut calls = self.calls.borrow_mut();
        let Some(flight) = &mut calls[at] else { return };
        flight.left -= 1;
        let heard = flight.heard.take().or(flight.said.take());
        let heard = heard.unwrap_or(Err(Unheard::Timeout));
        let (slot, dead) = (flight.slot.clone(), flight.life.dead.get());
        self.say(|| format!("  {} heard: {}", flight.request.name, shown(&heard)));
        if flight.left == 0 {
            calls[at] = None;
        }
        drop(calls);
        if !dead {
            slot.fill(heard);
        }
    }

    /// Sends a message to another object for `life`.
    pub fn ask(&self, life: &Rc<Life>, ask: Ask) -> Wait<Option<Answer>> {
        let slot = Slot::new();
        if life.dead.get() || self.dies(life) {
            return Wait(slot);
        }
        let at = self.asks.borrow().len();
        self.say(|| format!("  ask {} sent", ask.name()));
        let lost = self.befalls(self.weather.get().asks);
        let is_down = match &ask {
            Ask::Site(..) => self.is_down(Down::Sites),
            Ask::Waba(..) | Ask::Phone(..) => self.is_down(Down::Accounts),
            _ => false,
        };
        self.asks.borrow_mut().push(Some(AskFlight {
            life: life.clone(),
            ask: Some(ask),
            slot: Some(slot.clone()),
            answer: None,
        }));
        // Lost on its way: refused at once, or silence. Delivered very late, now and then.
        let kind = self.dice.below(4);
        match (lost || is_down, if is_down { 0 } else { kind }) {
            (true, 0) => self.after(self.dice.range(1, 30), Event::AskTold(at)),
            (true, 1) => self.after(self.dice.range(20_000, 90_000), Event::AskLands(at)),
            (true, 2) => {}
            _ => self.after(self.dice.range(1, 40), Event::AskLands(at)),
        }
        self.after(PATIENCE_MS, Event::AskTold(at));
        Wait(slot)
    }

    pub fn ask_lands(self: &Rc<Self>, at: usize) {
        let taken = self.asks.borrow_mut()[at].as_mut().and_then(|flight| {
            let ask = flight.ask.take()?;
            Some((ask, flight.life.clone()))
        });
        let Some((ask, life)) = taken else { return };
        if life.dead.get() && self.dice.chance(500) {
            return;
        }
        match ask {
            Ask::Phone(id, ask) => self.phone_asked(&id, *ask, at),
            // The object dies over it, before the deed or after.
            ask if self.befalls(self.weather.get().crashes) => {
                if self.dice.chance(500) {
                    self.peers.serve(self, ask);
                }
                self.after(self.dice.range(1, 30), Event::AskTold(at));
            }
            ask => {
                let answer = self.peers.serve(self, ask);
                self.answered(at, answer);
            }
        }
    }

    /// The object has answered; the answer may still be lost.
    pub fn answered(&self, at: usize, answer: Option<Answer>) {
        if self.befalls(self.weather.get().asks) {
            return;
        }
        if let Some(flight) = self.asks.borrow_mut()[at].as_mut() {
            flight.answer = answer;
        }
        self.after(self.dice.range(1, 40), Event::AskTold(at));
    }

    pub fn ask_told(&self, at: usize) {
        let taken = self.asks.borrow_mut()[at].as_mut().and_then(|flight| {
            let slot = flight.slot.take()?;
            Some((slot, flight.answer.take(), flight.life.dead.get()))
        });
        if let Some((slot, answer, false)) = taken {
            slot.fill(answer);
        }
    }
}

fn shown(heard: &Heard) -> String {
    match heard {
        Ok(reply) => {
            let body = String::from_utf8_lossy(&reply.body);
            format!(
                "{} {}",
                reply.status,
                body.chars().take(150).collect::<String>()
            )
        }
        Err(unheard) => format!("{unheard:?}"),
    }
}

const PATIENCE_MS: Ms = 45_000;
