//! The whole behaviour of the widget as a pure function: `(State, Event) -> (State, Effects)`. The
//! driver does what the effects say and brings back what happened as events; it decides nothing.
//!
//! Reading order: the words (here), starting and launching (`launch`), what the popup brings (`attempt`),
//! what we owe the edge (`outbox`), following the run (`follow`), answering it (`input`), how the connection
//! stands (`report`), and keeping the launch document fresh (`renew`).

mod attempt;
mod follow;
mod input;
mod launch;
mod outbox;
mod renew;
mod report;
pub mod snapshot;
#[cfg(test)]
pub mod tests;

use crate::{
    announce::Announcement,
    config::{Launch, Saved},
    error::{Fault, Problem},
    listen::Message,
};
use alloc::{boxed::Box, string::String, vec::Vec};
pub use attempt::{Attempt, Note};
pub use follow::Following;
pub use input::Form;
use snapshot::Snapshot;

pub struct State {
    pub launch: Launch,
    pub sdk: Sdk,
    pub phase: Phase,
    /// The edge does not answer; we go on asking.
    pub trouble: u8,
    /// Time of the last event, in milliseconds.
    pub now: u64,
    follow: follow::Follow,
    outbox: outbox::Outbox,
    renewal: renew::Renewal,
    /// Number of the last launch of this page.
    pub attempts: u32,
    /// Moves with every change of signup; answers for an older one are dropped.
    pub epoch: u32,
    /// This page goes on with a signup that another page waits for.
    handed_over: bool,
    /// The page's own signup, while an earlier one is looked at.
    spare: Option<Saved>,
    /// The code went out without ids; they may still come.
    ids_wanted: bool,
    announced_ready: bool,
}

/// Meta's SDK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sdk {
    Loading,
    Ready,
    Blocked,
}

/// What the widget waits for.
pub enum Phase {
    /// A first word about a signup that was started earlier.
    Resuming,
    /// The click.
    Idle,
    /// What the popup brings.
    Popup(Attempt),
    /// The edge's receipt for the code.
    Sending,
    /// The run's next snapshot.
    Following(Following),
    /// The person: no run can be followed.
    Stopped(Problem),
}

pub enum Event {
    Start(Option<Saved>),
    SdkReady,
    SdkFailed,
    Act(Action),
    /// `FB.login` returned.
    LoginCalled {
        window: Window,
        redirect_uri: Option<String>,
    },
    /// `FB.login`'s callback.
    Callback {
        attempt: u32,
        code: Option<String>,
    },
    WindowClosed,
    Message(Message),
    Posted {
        epoch: u32,
        kind: Kind,
        reply: Result<Snapshot, Fault>,
    },
    Polled {
        epoch: u32,
        reply: Result<Snapshot, Fault>,
    },
    Renewed(Result<Box<Launch>, Fault>),
    Fired(Timer),
    /// The page is looked at again.
    Woke,
    Online,
    /// The page goes away.
    PageHidden,
}

/// What a person does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Opens Meta's window, for the first time or again.
    Launch,
    /// Begins anew with another signup.
    Anew,
    /// Has the edge look again how the connection stands.
    Check,
    /// Loads the SDK again, or asks the edge again at once.
    Retry,
    ShowWindow,
    /// Goes to Meta in this very window.
    Here,
    /// The host's own button opened the hosted page.
    Elsewhere,
    Submit(String),
    /// Asks for another verification code, by `SMS` or `VOICE`.
    Resend(&'static str),
}

impl Action {
    /// The action of this word, a button's `data-act`.
    pub fn of(act: &str) -> Option<Self> {
        Some(match act {
            "launch" => Self::Launch,
            "anew" => Self::Anew,
            "check" => Self::Check,
            "retry" => Self::Retry,
            "show" => Self::ShowWindow,
            "here" => Self::Here,
            "elsewhere" => Self::Elsewhere,
            "sms" => Self::Resend("SMS"),
            "voice" => Self::Resend("VOICE"),
            _ => return None,
        })
    }
}

/// What `window.open` gave inside `FB.login`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    Opened,
    /// It returned null: blocked, or severed from us.
    Refused,
    /// It was never called.
    Unseen,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    LoadSdk,
    /// Calls `FB.login`, in this very turn: it needs the person's gesture.
    Login,
    /// Goes to Meta's dialog in this very window.
    Leave(String),
    ShowWindow,
    /// Reports `WindowClosed` once the popup is closed.
    Watch,
    Unwatch,
    Post(Kind, String),
    /// Asks for the next snapshot.
    Poll,
    /// Asks for a fresh launch document.
    Renew,
    After(Timer, u32),
    Stop(Timer),
    /// Keeps signup and grant for a reload of this tab.
    Remember,
    Forget,
    Announce(Announcement),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Launched,
    Outcome,
    Assets,
    Ended,
    Input,
    Report,
}

impl Kind {
    /// Where it is posted, below the signup.
    pub fn path(self) -> &'static str {
        match self {
            Self::Launched => "/launched",
            Self::Outcome => "/outcome",
            Self::Assets => "/assets",
            Self::Ended => "/ended",
            Self::Input => "/input",
            Self::Report => "/report",
        }
    }

    pub const ALL: [Self; 6] = [
        Self::Launched,
        Self::Outcome,
        Self::Assets,
        Self::Ended,
        Self::Input,
        Self::Report,
    ];

    /// The kind of this number, as `kind as u32` gave it.
    pub fn of(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u32 == number)
    }
}

/// One pending call of each at a time; starting one again replaces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    Sdk,
    /// The rest of what Meta says about a cancelled launch.
    Settle,
    /// A code that comes just after the popup closed.
    Grace,
    /// The code that belongs to a FINISH.
    Silent,
    /// A popup that has been open for long.
    Slow,
    Poll,
    Tick,
    Renew,
    /// The next try of a post, one for each kind.
    ResendLaunched,
    ResendOutcome,
    ResendAssets,
    ResendEnded,
    ResendInput,
}

impl Timer {
    const ALL: [Self; 13] = [
        Self::Sdk,
        Self::Settle,
        Self::Grace,
        Self::Silent,
        Self::Slow,
        Self::Poll,
        Self::Tick,
        Self::Renew,
        Self::ResendLaunched,
        Self::ResendOutcome,
        Self::ResendAssets,
        Self::ResendEnded,
        Self::ResendInput,
    ];

    /// The timer of this number, as `timer as u32` gave it.
    pub fn of(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|timer| *timer as u32 == number)
    }

    fn resend(kind: Kind) -> Self {
        match kind {
            Kind::Launched => Self::ResendLaunched,
            Kind::Outcome => Self::ResendOutcome,
            Kind::Assets => Self::ResendAssets,
            Kind::Ended => Self::ResendEnded,
            // A report is not asked for again (see `report`).
            Kind::Input | Kind::Report => Self::ResendInput,
        }
    }
}

/// What is to be done, in order.
#[derive(Default)]
pub struct Effects(pub Vec<Effect>);

impl Effects {
    fn push(&mut self, effect: Effect) {
        self.0.push(effect);
    }

    fn after(&mut self, timer: Timer, ms: u32) {
        self.push(Effect::After(timer, ms));
    }

    fn stop(&mut self, timer: Timer) {
        self.push(Effect::Stop(timer));
    }

    fn announce(&mut self, told: Announcement) {
        self.push(Effect::Announce(told));
    }
}

impl State {
    pub fn new(launch: Launch, now: u64) -> Self {
        Self {
            renewal: renew::Renewal::new(now, launch.renew_in_ms()),
            launch,
            sdk: Sdk::Loading,
            phase: Phase::Idle,
            trouble: 0,
            now,
            follow: follow::Follow::default(),
            outbox: outbox::Outbox::default(),
            attempts: 0,
            epoch: 0,
            handed_over: false,
            spare: None,
            ids_wanted: false,
            announced_ready: false,
        }
    }

    /// The one rule: what an event does to the state, and what is to be done about it.
    pub fn step(&mut self, now: u64, event: Event) -> Effects {
        let mut effects = Effects::default();
        self.now = now;
        self.take(&mut effects, event);
        effects
    }

    fn take(&mut self, out: &mut Effects, event: Event) {
        match event {
            Event::Start(saved) => self.start(out, saved),
            Event::SdkReady => self.sdk_ready(out),
            Event::SdkFailed => self.sdk_failed(out),
            Event::Act(action) => self.act(out, action),
            Event::LoginCalled {
                window,
                redirect_uri,
            } => self.login_called(out, window, redirect_uri),
            Event::Callback {
                attempt,
                code: None,
            } => self.no_code(out, attempt),
            Event::Callback {
                code: Some(code), ..
            } => self.code(out, &code),
            Event::WindowClosed => self.window_closed(out),
            Event::Message(message) => self.message(out, message),
            Event::Posted { epoch, kind, reply } if epoch == self.epoch => {
                self.posted(out, kind, reply)
            }
            Event::Polled { epoch, reply } if epoch == self.epoch => self.polled(out, reply),
            Event::Posted { .. } | Event::Polled { .. } => {}
            Event::Renewed(reply) => self.renewed(out, reply),
            Event::Fired(timer) => self.fired(out, timer),
            Event::Woke => self.ask_now(out),
            Event::Online => self.online(out),
            Event::PageHidden => self.page_hidden(out),
        }
    }

    fn fired(&mut self, out: &mut Effects, timer: Timer) {
        match timer {
            Timer::Sdk => self.sdk_failed(out),
            Timer::Settle => self.settled(out),
            Timer::Grace => self.grace_over(out),
            Timer::Silent => self.silent(),
            Timer::Slow => self.slow(),
            Timer::Poll => self.ask(out),
            Timer::Tick => self.tick(out),
            Timer::Renew => self.renew_if_due(out),
            Timer::ResendLaunched => self.resend(out, Kind::Launched),
            Timer::ResendOutcome => self.resend(out, Kind::Outcome),
            Timer::ResendAssets => self.resend(out, Kind::Assets),
            Timer::ResendEnded => self.resend(out, Kind::Ended),
            Timer::ResendInput => self.resend(out, Kind::Input),
        }
    }

    fn online(&mut self, out: &mut Effects) {
        if self.sdk == Sdk::Blocked {
            self.load_sdk(out);
        }
        if self.trouble > 0 {
            self.ask_now(out);
        }
        self.renew_if_due(out);
    }
}

/// Milliseconds until try number `tries + 1`: doubling from half a second, never longer than `cap`.
fn backoff(tries: u8, cap: u32) -> u32 {
    (500u32 << tries.min(6)).min(cap)
}
