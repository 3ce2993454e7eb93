//! The whole behaviour, played without a browser: a `Play` feeds events, lets time pass and remembers what
//! was to be done. Faults first, happy paths last.

mod follow;
mod launch;
mod outcome;
mod renew;
mod report;
mod window;

use super::*;
use crate::{
    config::tests::{SIGNUP, launch},
    doc::Doc,
    listen,
    view::state_name,
};
use serde_json::{Value, json};

/// A widget at play.
pub struct Play {
    pub state: State,
    now: u64,
    timers: Vec<(u64, Timer)>,
    /// Everything that was to be done, but for timers.
    pub done: Vec<Effect>,
}

impl Play {
    pub fn new() -> Self {
        Self::with(launch(), None)
    }

    pub fn with(launch: Launch, saved: Option<Saved>) -> Self {
        let mut play = Self {
            state: State::new(launch, 0),
            now: 0,
            timers: Vec::new(),
            done: Vec::new(),
        };
        play.feed(Event::Start(saved));
        play
    }

    /// With the SDK there.
    pub fn ready() -> Self {
        let mut play = Self::new();
        play.feed(Event::SdkReady);
        play
    }

    /// With the popup open, and `launched` received.
    pub fn popup() -> Self {
        let mut play = Self::ready();
        play.click(Window::Opened);
        play.posted(Kind::Launched, snapshot(1, "launched"));
        play
    }

    /// With the code received and the run under way.
    pub fn running() -> Self {
        let mut play = Self::popup();
        play.code("AQ1");
        play.posted(Kind::Outcome, snapshot(2, "running"));
        play
    }

    pub fn feed(&mut self, event: Event) -> &mut Self {
        for effect in self.state.step(self.now, event).0 {
            match effect {
                Effect::After(timer, ms) => {
                    self.timers.retain(|(_, other)| *other != timer);
                    self.timers.push((self.now + u64::from(ms), timer));
                }
                Effect::Stop(timer) => self.timers.retain(|(_, other)| *other != timer),
                effect => self.done.push(effect),
            }
        }
        self
    }

    /// Lets time pass; timers fire in order.
    pub fn pass(&mut self, ms: u64) -> &mut Self {
        let end = self.now + ms;
        while let Some(next) = self
            .timers
            .iter()
            .filter(|(at, _)| *at <= end)
            .min_by_key(|(at, _)| *at)
            .copied()
        {
            self.timers.retain(|timer| *timer != next);
            self.now = next.0;
            self.feed(Event::Fired(next.1));
        }
        self.now = end;
        self
    }

    pub fn act(&mut self, action: Action) -> &mut Self {
        self.feed(Event::Act(action))
    }

    /// Presses the button; the SDK opens its window, or not.
    pub fn click(&mut self, window: Window) -> &mut Self {
        let before = self.count(|effect| *effect == Effect::Login);
        self.act(Action::Launch);
        if self.count(|effect| *effect == Effect::Login) > before {
            let redirect_uri = Some("https://x/xd_arbiter".to_owned());
            self.feed(Event::LoginCalled {
                window,
                redirect_uri,
            });
        }
        self
    }

    pub fn code(&mut self, code: &str) -> &mut Self {
        let attempt = self.state.attempts;
        self.feed(Event::Callback {
            attempt,
            code: Some(code.to_owned()),
        })
    }

    pub fn no_code(&mut self) -> &mut Self {
        let attempt = self.state.attempts;
        self.feed(Event::Callback {
            attempt,
            code: None,
        })
    }

    pub fn message(&mut self, event: &str, data: Value) -> &mut Self {
        let doc = json!({"type": "WA_EMBEDDED_SIGNUP", "event": event, "data": data});
        let message = listen::read(&Doc(doc)).unwrap();
        self.feed(Event::Message(message))
    }

    pub fn posted(&mut self, kind: Kind, reply: Result<Snapshot, Fault>) -> &mut Self {
        let epoch = self.state.epoch;
        self.feed(Event::Posted { epoch, kind, reply })
    }

    pub fn polled(&mut self, reply: Result<Snapshot, Fault>) -> &mut Self {
        let epoch = self.state.epoch;
        self.feed(Event::Polled { epoch, reply })
    }

    /// `data-state` of what is shown.
    #[track_caller]
    pub fn shows(&mut self, name: &str) -> &mut Self {
        assert_eq!(state_name(&self.state), name);
        self
    }

    pub fn count(&self, is_it: impl Fn(&Effect) -> bool) -> usize {
        self.done.iter().filter(|effect| is_it(effect)).count()
    }

    pub fn posts(&self, kind: Kind) -> Vec<Value> {
        let body = |effect: &Effect| match effect {
            Effect::Post(posted, body) if *posted == kind => {
                Some(serde_json::from_str(body).unwrap())
            }
            _ => None,
        };
        self.done.iter().filter_map(body).collect()
    }

    pub fn polls(&self) -> usize {
        self.count(|effect| *effect == Effect::Poll)
    }

    /// Details of the announcements of this name.
    pub fn told(&self, name: &str) -> Vec<Value> {
        let detail = |effect: &Effect| match effect {
            Effect::Announce(told) if told.name == name => {
                Some(serde_json::from_str(&told.detail).unwrap())
            }
            _ => None,
        };
        self.done.iter().filter_map(detail).collect()
    }

    /// Whether signup and grant are kept for a reload.
    pub fn remembers(&self) -> bool {
        let last = self
            .done
            .iter()
            .rfind(|effect| matches!(effect, Effect::Remember | Effect::Forget));
        last == Some(&Effect::Remember)
    }
}

pub fn snapshot(seq: u32, status: &str) -> Result<Snapshot, Fault> {
    with(seq, status, json!({}))
}

/// A snapshot with more fields.
pub fn with(seq: u32, status: &str, more: Value) -> Result<Snapshot, Fault> {
    let mut doc =
        json!({"id": SIGNUP, "seq": seq, "status": status, "steps": [], "poll_after_ms": 0});
    doc.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    Ok(Snapshot::read(Doc(doc)).unwrap())
}

pub fn refused(status: u32, code: &str, remedy: &str) -> Fault {
    Fault::Refused {
        status,
        problem: Problem::ours(code, remedy),
    }
}

pub fn ids() -> Value {
    json!({"waba_id": "5000000000000001", "phone_number_id": "6000000000000001"})
}
