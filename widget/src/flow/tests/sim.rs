//! Runs the flow without a browser: a `WidgetSim` feeds it events, lets time pass and records its effects.

pub use crate::{
    error::ApiError,
    flow::{
        effect::{Effect, Timer},
        event::{Action, Event, PopupResult},
        post_request::PostKind,
        state::{Phase, State},
    },
    launch_document::{
        LaunchDocument,
        tests::{SIGNUP, document, launch, read},
    },
    session::{Session, SessionSource},
};
use crate::{meta_message, view_model::model};
pub use embark_protocol::SignupId;
pub use embark_view::model::{DialogMode, Following, Form, Snapshot};
pub use serde_json::{Value, json};

pub struct WidgetSim {
    pub state: State,
    now: u64,
    timers: Vec<(u64, Timer)>,
    /// All effects but those of timers.
    pub effects: Vec<Effect>,
}

impl WidgetSim {
    pub fn new() -> Self {
        Self::with(launch(), None)
    }

    pub fn with(launch: LaunchDocument, session: Option<Session>) -> Self {
        Self::with_dialog_mode(DialogMode::Popup, launch, session)
    }

    /// In a browser in which only this way works.
    pub fn with_dialog_mode(
        dialog_mode: DialogMode,
        launch: LaunchDocument,
        session: Option<Session>,
    ) -> Self {
        let mut sim = Self {
            state: State::new(launch, dialog_mode, 0),
            now: 0,
            timers: Vec::new(),
            effects: Vec::new(),
        };
        sim.feed(Event::Start(session));
        sim
    }

    /// The SDK is ready.
    pub fn ready() -> Self {
        let mut sim = Self::new();
        sim.feed(Event::SdkReady);
        sim
    }

    /// The popup is open, and the Worker has accepted `launched`.
    pub fn popup() -> Self {
        let mut sim = Self::ready();
        sim.click(PopupResult::Opened);
        sim.posted(PostKind::Launched, snapshot(1, "launched"));
        sim
    }

    /// The Worker has accepted the code, and the signup is running.
    pub fn running() -> Self {
        let mut sim = Self::popup();
        sim.code("AQ1");
        sim.posted(PostKind::Outcome, snapshot(2, "running"));
        sim
    }

    pub fn feed(&mut self, event: Event) -> &mut Self {
        for effect in self.state.step(self.now, event).0 {
            match effect {
                Effect::StartTimer(timer, ms) => {
                    self.timers.retain(|(_, other)| *other != timer);
                    self.timers.push((self.now + u64::from(ms), timer));
                }
                Effect::StopTimer(timer) => self.timers.retain(|(_, other)| *other != timer),
                effect => self.effects.push(effect),
            }
        }
        self
    }

    /// Advances the clock; timers fire in order.
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
            self.feed(Event::TimerFired(next.1));
        }
        self.now = end;
        self
    }

    pub fn action(&mut self, action: Action) -> &mut Self {
        self.feed(Event::Action(action))
    }

    /// Presses the button. If `FB.login` is called for it, it returns with this result.
    pub fn click(&mut self, popup: PopupResult) -> &mut Self {
        let before = self.count(|effect| *effect == Effect::Login);
        self.action(Action::Launch);
        if self.count(|effect| *effect == Effect::Login) > before {
            let redirect_uri = Some("https://x/xd_arbiter".to_owned());
            self.feed(Event::LoginReturned {
                popup,
                redirect_uri,
            });
        }
        self
    }

    pub fn code(&mut self, code: &str) -> &mut Self {
        let attempt = self.state.attempts;
        self.feed(Event::LoginCallback {
            attempt,
            code: Some(code.to_owned()),
        })
    }

    pub fn callback_without_code(&mut self) -> &mut Self {
        let attempt = self.state.attempts;
        self.feed(Event::LoginCallback {
            attempt,
            code: None,
        })
    }

    pub fn message(&mut self, event: &str, data: Value) -> &mut Self {
        let doc = json!({"type": "WA_EMBEDDED_SIGNUP", "event": event, "data": data});
        let message = meta_message::parse(&doc.to_string()).unwrap();
        self.feed(Event::MetaMessage(message))
    }

    pub fn posted(&mut self, kind: PostKind, reply: Result<Box<Snapshot>, ApiError>) -> &mut Self {
        let signup_generation = self.state.signup_generation;
        self.feed(Event::Posted {
            signup_generation,
            kind,
            reply,
        })
    }

    pub fn polled(&mut self, reply: Result<Box<Snapshot>, ApiError>) -> &mut Self {
        let signup_generation = self.state.signup_generation;
        self.feed(Event::Polled {
            signup_generation,
            reply,
        })
    }

    /// Asserts the current panel (`data-state`).
    #[track_caller]
    pub fn shows(&mut self, name: &str) -> &mut Self {
        assert_eq!(model(&self.state).state_name(), name);
        self
    }

    pub fn count(&self, matches: impl Fn(&Effect) -> bool) -> usize {
        self.effects.iter().filter(|effect| matches(effect)).count()
    }

    pub fn posts(&self, kind: PostKind) -> Vec<Value> {
        let body = |effect: &Effect| match effect {
            Effect::Post(request) if request.kind() == kind => {
                Some(serde_json::to_value(request).unwrap())
            }
            _ => None,
        };
        self.effects.iter().filter_map(body).collect()
    }

    pub fn polls(&self) -> usize {
        self.count(|effect| *effect == Effect::Poll)
    }

    /// Details of the host events of this name.
    pub fn announced(&self, name: &str) -> Vec<Value> {
        let detail = |effect: &Effect| match effect {
            Effect::Announce(event) if event.name() == name => {
                Some(serde_json::to_value(event).unwrap())
            }
            _ => None,
        };
        self.effects.iter().filter_map(detail).collect()
    }

    /// Whether the session is stored for a reload.
    pub fn session_is_saved(&self) -> bool {
        let last = self
            .effects
            .iter()
            .rfind(|effect| matches!(effect, Effect::SaveSession | Effect::ClearSession));
        last == Some(&Effect::SaveSession)
    }
}

pub fn snapshot(seq: u32, status: &str) -> Result<Box<Snapshot>, ApiError> {
    snapshot_with(seq, status, json!({}))
}

/// A snapshot with more fields.
pub fn snapshot_with(seq: u32, status: &str, more: Value) -> Result<Box<Snapshot>, ApiError> {
    let mut doc =
        json!({"id": SIGNUP, "seq": seq, "status": status, "steps": [], "poll_after_ms": 0});
    doc.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    Ok(Box::new(serde_json::from_value(doc).unwrap()))
}

pub fn refused(status: u16, code: &str, remedy: &str) -> ApiError {
    let problem = json!({"code": code, "remedy": remedy});
    ApiError::Refused {
        status,
        problem: Box::new(serde_json::from_value(problem).unwrap()),
    }
}

pub fn ids() -> Value {
    json!({"waba_id": "5000000000000001", "phone_number_id": "6000000000000001"})
}
