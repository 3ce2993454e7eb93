//! The stored record of one signup. Additive: a field that is new has a default, so that the rows of an
//! older release open. Secrets stand here sealed only.

use super::claim::Claim;
use super::credit::Credit;
use super::exchange::Exchange;
use super::handoff::Handoff;
use super::inspect::Inspect;
use super::owed::Owed;
use super::register::Register;
use super::report::Report;
use super::subscribe::Subscribe;
use super::sync::Sync;
use super::view;
use crate::graph::Redirect;
use crate::run::{Ms, Pace};
use crate::seal::{Sealed, sha256_hex};
use crate::site;
use embark_protocol::partner::{Policy, Terms};
use embark_protocol::post::{CodeSource, Ended, Ids};
use embark_protocol::{AppKey, Code, Problem, SignupId, SiteId, WabaId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signup {
    pub id: SignupId,
    pub site: SiteId,
    pub app: AppKey,
    /// Origin of the page that carries the tag, as the grant proved it.
    pub host: String,
    pub started: Ms,
    /// When a person last did something here.
    pub touched: Ms,
    /// Moves with every change a person could see.
    #[serde(default)]
    pub seq: u32,
    /// Digest of what was last shown.
    #[serde(default)]
    pub shown: String,
    pub stage: Stage,
    #[serde(default)]
    pub kind: Kind,
    /// The account a renewal is for; any other is refused.
    #[serde(default)]
    pub bound: Option<WabaId>,
    /// The partner solution the site's signups belong to.
    #[serde(default)]
    pub solution: Option<String>,
    /// What the site's policy needs to know.
    #[serde(default)]
    pub terms: Terms,
    #[serde(default)]
    pub admission: Admission,
    /// When the site is asked again.
    #[serde(default)]
    pub admit_pace: Pace,
    /// How often Meta's popup was opened, as the pages count.
    #[serde(default)]
    pub attempt: u32,
    /// A pause that Meta asked for, long enough to tell a person about.
    #[serde(default)]
    pub hold: Option<Hold>,
    /// The code that is being used, or was.
    #[serde(default)]
    pub sent: Option<Sent>,
    /// How often another code came after an end.
    #[serde(default)]
    pub rewinds: u32,
    /// SHA-256 of the codes of earlier launches.
    #[serde(default)]
    pub spent: Vec<String>,
    /// The browser's hints, and a person's choices.
    #[serde(default)]
    pub ids: Ids,
    #[serde(default)]
    pub ids_came: bool,
    #[serde(default)]
    pub event: Option<String>,
    #[serde(default)]
    pub left: Option<Ended>,
    #[serde(default)]
    pub exchange: Exchange,
    #[serde(default)]
    pub inspect: Inspect,
    #[serde(default)]
    pub claim: Claim,
    #[serde(default)]
    pub subscribe: Subscribe,
    #[serde(default)]
    pub credit: Credit,
    #[serde(default)]
    pub register: Register,
    #[serde(default)]
    pub sync: Sync,
    #[serde(default)]
    pub handoff: Handoff,
    #[serde(default)]
    pub report: Report,
    /// Windows that this signup was handed over to, in the order of the handovers; see `handover`.
    #[serde(default)]
    pub holders: Vec<String>,
    #[serde(default)]
    pub warnings: Vec<String>,
    #[serde(default)]
    pub owed: Vec<Owed>,
    #[serde(default)]
    pub owed_next: u32,
    /// When to be driven again; worked out anew by every `next`.
    #[serde(skip)]
    pub wake: Option<Ms>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    #[default]
    Signup,
    /// Of an account that is connected: by invitation, or found out while claiming it.
    Renew,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Meta's popup was opened; no code yet.
    Launched,
    Running,
    Ended {
        end: End,
        at: Ms,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    Connected { without_number: bool },
    Relaunch(Problem),
    Failed(Problem),
    Abandoned,
}

/// What the site said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Admission {
    #[default]
    Unknown,
    Yes(Policy),
    No(Code),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub until: Ms,
    pub problem: Problem,
}

/// A code on its way to be exchanged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Sealed under `code_name`; gone once it was exchanged.
    pub code: Option<Sealed>,
    pub digest: String,
    pub source: CodeSource,
    pub redirect_uri: Option<String>,
    pub at: Ms,
    /// The rung of the ladder that was tried first, and the one that Meta took.
    #[serde(default)]
    pub first: Redirect,
    #[serde(default)]
    pub taken: Option<Redirect>,
}

impl Signup {
    pub fn launched(id: SignupId, site: SiteId, app: AppKey, host: String, now: Ms) -> Self {
        Self {
            id,
            site,
            app,
            host,
            started: now,
            touched: now,
            seq: 0,
            shown: String::new(),
            stage: Stage::Launched,
            kind: Kind::Signup,
            bound: None,
            solution: None,
            terms: Terms::default(),
            admission: Admission::Unknown,
            admit_pace: Pace::default(),
            attempt: 0,
            hold: None,
            sent: None,
            rewinds: 0,
            spent: vec![],
            ids: Ids::default(),
            ids_came: false,
            event: None,
            left: None,
            exchange: Exchange::default(),
            inspect: Inspect::default(),
            claim: Claim::default(),
            subscribe: Subscribe::default(),
            credit: Credit::default(),
            register: Register::default(),
            sync: Sync::default(),
            handoff: Handoff::default(),
            report: Report::default(),
            holders: vec![],
            warnings: vec![],
            owed: vec![],
            owed_next: 0,
            wake: None,
        }
    }

    /// Makes this the renewal of one account.
    pub fn bind(&mut self, waba: Option<WabaId>) {
        if waba.is_some() {
            self.kind = Kind::Renew;
            self.bound = waba;
        }
    }

    /// Forgets what browsers said of an earlier launch. What Meta handed out stays until a new code is here.
    pub fn reopen(&mut self) {
        self.ids = Ids::default();
        self.ids_came = false;
        self.event = None;
        self.left = None;
        self.stage = Stage::Launched;
    }

    /// Puts every step back to its start, for another code under the same id.
    pub fn rewind(&mut self) {
        self.rewinds += 1;
        if let Some(sent) = self.sent.take() {
            self.spent.push(sent.digest);
            let surplus = self.spent.len().saturating_sub(20);
            self.spent.drain(..surplus);
        }
        self.exchange = Exchange::default();
        self.inspect = Inspect::default();
        self.claim = Claim::default();
        self.subscribe = Subscribe::default();
        self.credit = Credit::default();
        self.register = Register::default();
        self.sync = Sync::default();
        self.handoff = Handoff::default();
        self.report = Report::default();
        self.admission = Admission::Unknown;
        self.admit_pace = Pace::default();
        self.hold = None;
        if self.bound.is_none() {
            self.kind = Kind::Signup;
        }
        self.warnings.clear();
    }

    pub fn code_name(&self) -> String {
        ["run/", self.id.as_str(), "/code"].concat()
    }

    pub fn token_name(&self) -> String {
        ["run/", self.id.as_str(), "/token"].concat()
    }

    /// Whether Meta's token is here, sealed.
    pub fn has_token(&self) -> bool {
        matches!(self.exchange, Exchange::Done { .. })
    }

    pub fn refusal(&self) -> Option<Code> {
        match self.admission {
            Admission::No(code) => Some(code),
            _ => None,
        }
    }

    /// The first end counts: what else was in flight may fail later.
    pub fn end(&mut self, end: End, at: Ms) {
        if !matches!(self.stage, Stage::Ended { .. }) {
            self.stage = Stage::Ended { end, at };
        }
    }

    /// When this record erases itself: a day after a silent launch, ninety days after an end.
    pub fn expires(&self) -> Option<Ms> {
        match &self.stage {
            Stage::Ended {
                end: End::Abandoned,
                ..
            } if self.sent.is_none() => Some(self.touched + super::SILENT_MS),
            Stage::Ended { at, .. } => Some(at + KEPT_MS),
            _ => None,
        }
    }

    /// When to be driven again. A record that is due to be erased waits for what it owes, at that pace.
    pub fn rises(&self, now: Ms) -> Option<Ms> {
        let erased = self.expires();
        let erased = erased.filter(|at| self.owed.is_empty() || *at > now);
        self.wake.into_iter().chain(erased).min()
    }

    /// Whether something is still to be done without a person.
    pub fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Running) || self.wake.is_some() || !self.owed.is_empty()
    }

    /// Asks to be driven again at `at`, at the latest.
    pub fn wake_by(&mut self, at: Ms) {
        self.wake = Some(self.wake.map_or(at, |wake| wake.min(at)));
    }

    /// Moves `seq` if a person would see a difference, and owes the site its index row.
    pub fn settle(&mut self, now: Ms) {
        let mut view = view::render(self, now);
        view.seq = 0;
        // A countdown is no news: the page counts by itself.
        view.wait_ms = view.wait_ms.map(|_| 0);
        view.poll_after_ms = 0;
        let shown = sha256_hex(serde_json::to_string(&view).unwrap_or_default().as_bytes());
        if shown == self.shown {
            return;
        }
        self.shown = shown;
        self.seq += 1;
        let reason = match &self.stage {
            Stage::Ended {
                end: End::Relaunch(problem) | End::Failed(problem),
                ..
            } => Some(problem.code.word().to_owned()),
            Stage::Ended {
                end: End::Abandoned,
                ..
            } => self
                .left
                .as_ref()
                .and_then(|left| left.current_step.clone().or(left.error_code.clone())),
            _ => None,
        };
        let row = site::Row {
            run: self.id.clone(),
            seq: self.seq,
            status: view.status,
            at: now,
            reason,
        };
        self.owe_index(row);
    }
}

const KEPT_MS: Ms = 90 * 24 * 3_600_000;
