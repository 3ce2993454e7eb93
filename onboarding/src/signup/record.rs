//! The stored record of one signup: one JSON row of its Run object. Secrets are stored sealed only.

pub use super::sealed_names::{code_record_name, token_record_name, verification_record_name};
use super::state::{
    AccountUpdates, AuthorizationCode, CallbackOverrideState, ClaimState, CreditState,
    ExchangeState, HandoffState, HostedState, InspectState, OutboxEntry, RegisterState,
    ReportState, SubscribeState, SyncState,
};
pub use super::state::{Admission, AdmissionState};
use crate::retention::Retention;
use crate::time::UnixMillis;
use crate::workflow::RetryState;
use core::time::Duration;
use embark_protocol::granted::GrantedIds;
use embark_protocol::requests::{EndedRequest, SessionInfoIds};
use embark_protocol::site_events::CustomerReference;
use embark_protocol::{AppKey, Problem, ProblemCode, SignupId, SignupStatus, SiteId, Step, WabaId};
use serde::{Deserialize, Serialize};

/// One signup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signup {
    /// Chosen by the Worker with the launch document.
    pub id: SignupId,
    /// The site it belongs to.
    pub site: SiteId,
    /// The Meta app it runs under.
    pub app: AppKey,
    /// The origin of the page with the tag, as the grant states it.
    #[serde(rename = "host")]
    pub page_origin: String,
    /// Whose signup it is, as its first launch said. `None`: nobody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<CustomerReference>,
    /// When the row was created.
    #[serde(rename = "started")]
    pub started_at: UnixMillis,
    /// When a person last did something in this signup.
    #[serde(rename = "touched")]
    pub last_user_activity_at: UnixMillis,
    /// Sequence number of the snapshot: grows with every change that a person can see.
    #[serde(default)]
    pub seq: u32,
    /// The status of the last event about the signup itself. `None`: there was none.
    #[serde(rename = "told", default, skip_serializing_if = "Option::is_none")]
    pub reported_status: Option<SignupStatus>,
    /// SHA-256 of the last snapshot, without what changes by itself.
    #[serde(rename = "shown", default)]
    pub last_snapshot_digest: String,
    /// Launched, running or ended.
    pub stage: Stage,
    /// First connection or renewal.
    #[serde(default)]
    pub kind: Kind,
    /// The account that this signup renews; another one is refused. `None` for a first connection.
    #[serde(rename = "bound", default)]
    pub bound_waba: Option<WabaId>,
    /// What the Site object said of this signup.
    #[serde(flatten)]
    pub admission: AdmissionState,
    /// How often Meta's popup was opened, as the pages count it.
    #[serde(rename = "attempt", default)]
    pub launch_count: u32,
    /// A wait that is long enough to be shown.
    #[serde(rename = "hold", default)]
    pub visible_wait: Option<VisibleWait>,
    /// The authorization code of the current launch.
    #[serde(rename = "sent", default)]
    pub authorization_code: Option<AuthorizationCode>,
    /// How the token is fetched where there is no code. `None`: a page posts a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosted: Option<HostedState>,
    /// How often the steps were reset for another authorization code.
    #[serde(rename = "rewinds", default)]
    pub launch_generation: u32,
    /// SHA-256 of the codes of earlier launches, oldest first.
    #[serde(rename = "spent", default)]
    pub spent_code_digests: Vec<String>,
    /// What the page reported of Meta's popup.
    #[serde(flatten)]
    pub popup: PopupReport,
    /// The states of the steps.
    #[serde(flatten)]
    pub steps: StepStates,
    /// The windows that this signup was handed over to, in the order of the handovers.
    #[serde(rename = "holders", default)]
    pub window_holders: Vec<String>,
    /// What did not go as it should without ending the signup, as words of the snapshot.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// A launch ended because a permission was not granted.
    #[serde(
        rename = "scope_refused",
        default,
        skip_serializing_if = "embark_protocol::serialization::is_default"
    )]
    pub scope_was_missing: bool,
    /// When an operator cancelled it. `None`: nobody did, or it was connected by then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_requested_at: Option<UnixMillis>,
    /// What Meta reported of the account since it was connected.
    #[serde(default, skip_serializing_if = "AccountUpdates::is_empty")]
    pub account_updates: AccountUpdates,
    /// Messages to other objects that were not acknowledged yet.
    #[serde(rename = "owed", default)]
    pub outbox: Vec<OutboxEntry>,
    /// The number of the next outbox message.
    #[serde(rename = "owed_next", default)]
    pub next_outbox_number: u32,
    /// When the workflow must run again. Computed by each poll, not stored.
    #[serde(skip)]
    pub next_wake_at: Option<UnixMillis>,
}

/// The states of the steps, reset together for another authorization code.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each field is named after its step")]
pub struct StepStates {
    pub exchange: ExchangeState,
    pub inspect: InspectState,
    pub claim: ClaimState,
    pub subscribe: SubscribeState,
    #[serde(skip_serializing_if = "CallbackOverrideState::is_default")]
    pub callback_override: CallbackOverrideState,
    pub credit: CreditState,
    pub register: RegisterState,
    pub sync: SyncState,
    pub handoff: HandoffState,
    pub report: ReportState,
}

/// What the page reported of Meta's popup: hints until the inspect step has read them with the token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PopupReport {
    /// The ids of Meta's session-info event, or those the customer chose.
    pub ids: SessionInfoIds,
    /// Whether the page posted ids.
    #[serde(rename = "ids_came")]
    pub ids_received: bool,
    /// Other assets that Meta's event named.
    #[serde(skip_serializing_if = "GrantedIds::is_empty")]
    pub granted: GrantedIds,
    /// The name of Meta's event, e.g. `FINISH`.
    pub event: Option<String>,
    /// How the popup ended without a code.
    #[serde(rename = "left")]
    pub ended: Option<EndedRequest>,
    /// Who reported that: the [`bearer`](crate::auth::grant::Grant::bearer) of the grant. `None`: nobody did, or a
    /// version before this field stored it.
    #[serde(rename = "left_by", skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<String>,
}

/// What a signup is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A first connection.
    #[default]
    Signup,
    /// A fresh token for an account that is connected already: by a renewal link, or as the claim step found.
    Renew,
}

/// Where a signup stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Meta's popup was opened; no code was posted yet.
    Launched,
    /// A code was posted; the steps run.
    Running,
    /// It is over, unless another launch follows.
    Ended {
        /// How.
        end: End,
        /// When.
        at: UnixMillis,
    },
}

/// How a signup ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// All steps of the plan are done.
    Connected {
        /// The account has no number.
        without_number: bool,
    },
    /// The customer must go through Meta's popup again.
    Relaunch(Problem),
    /// It cannot succeed.
    Failed(Problem),
    /// The customer left the popup without a code.
    Abandoned,
}

impl End {
    /// Whether Meta refused the customer's business token. The credit step also uses others.
    pub(in crate::signup) fn is_token_refused(&self) -> bool {
        matches!(self, Self::Relaunch(problem)
            if problem.code == ProblemCode::TokenInvalid && problem.step != Some(Step::Credit))
    }
}

/// A wait that the page shows, with its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisibleWait {
    /// When it ends.
    pub until: UnixMillis,
    /// Why it is.
    pub problem: Problem,
}

impl Signup {
    /// A signup whose popup was just opened.
    pub fn launched(
        id: SignupId,
        site: SiteId,
        app: AppKey,
        page_origin: String,
        now: UnixMillis,
    ) -> Self {
        Self {
            id,
            site,
            app,
            page_origin,
            reference: None,
            started_at: now,
            last_user_activity_at: now,
            seq: 0,
            reported_status: None,
            last_snapshot_digest: String::new(),
            stage: Stage::Launched,
            kind: Kind::Signup,
            bound_waba: None,
            admission: AdmissionState::default(),
            launch_count: 0,
            visible_wait: None,
            authorization_code: None,
            hosted: None,
            launch_generation: 0,
            spent_code_digests: vec![],
            popup: PopupReport::default(),
            steps: StepStates::default(),
            window_holders: vec![],
            warnings: vec![],
            scope_was_missing: false,
            cancel_requested_at: None,
            account_updates: AccountUpdates::default(),
            outbox: vec![],
            next_outbox_number: 0,
            next_wake_at: None,
        }
    }

    /// Makes this the renewal of one account, if there is one.
    pub fn bind(&mut self, waba: Option<WabaId>) {
        if waba.is_some() {
            self.kind = Kind::Renew;
            self.bound_waba = waba;
        }
    }

    /// Goes back to `Launched` and forgets what pages reported of the earlier launch. The token and what the
    /// steps stored are kept until another code is posted.
    pub fn forget_hints(&mut self) {
        self.popup = PopupReport::default();
        self.stage = Stage::Launched;
    }

    /// Resets all steps for another authorization code under the same signup id.
    pub fn reset_for_new_code(&mut self) {
        self.launch_generation += 1;
        if let Some(code) = self.authorization_code.take() {
            self.spent_code_digests.push(code.digest);
            let surplus = self
                .spent_code_digests
                .len()
                .saturating_sub(SPENT_CODES_KEPT);
            self.spent_code_digests.drain(..surplus);
        }
        self.steps = StepStates::default();
        // Solution and settings are kept until the site answers again.
        self.admission.decision = Admission::Unknown;
        self.admission.retry = RetryState::default();
        self.visible_wait = None;
        if self.bound_waba.is_none() {
            self.kind = Kind::Signup;
        }
        self.warnings.clear();
        self.account_updates = AccountUpdates::default();
    }

    /// Whether the authorization code was exchanged.
    pub fn has_token(&self) -> bool {
        matches!(self.steps.exchange, ExchangeState::Done { .. })
    }

    /// Whether the site's hand-off template leaves the account's webhooks to the provider alone.
    pub fn leaves_webhooks(&self) -> bool {
        self.admission
            .settings
            .handoff
            .as_ref()
            .is_some_and(|template| template.skip_subscribe)
    }

    /// Ends the signup. The first end counts: other effects in flight may fail later. One that is to be cancelled has no end
    /// that another launch could follow.
    pub fn end(&mut self, end: End, now: UnixMillis) {
        let end = match end {
            End::Relaunch(_) | End::Abandoned | End::Failed(_)
                if self.cancel_requested_at.is_some() =>
            {
                End::Failed(Problem::new(ProblemCode::SignupCancelled))
            }
            end => end,
        };
        if !matches!(self.stage, Stage::Ended { .. }) {
            self.scope_was_missing |= matches!(
                &end,
                End::Relaunch(problem) if problem.code == ProblemCode::ScopeMissing
            );
            self.stage = Stage::Ended { end, at: now };
        }
    }

    /// Until when a person is waited for: 14 days from the end of Meta's flow, which is when the code came. Nothing that
    /// the person does later extends that, because Meta's own deadline is not extended. Before a code: 14 days from the
    /// person's last action.
    pub fn person_awaited_until(&self) -> UnixMillis {
        let flow_ended_at = self.authorization_code.as_ref();
        flow_ended_at.map_or(self.last_user_activity_at, |code| code.received_at)
            + PERSON_AWAITED_FOR
    }

    /// When the record erases itself: a day after the last activity of a person if no token came of the signup,
    /// after the deployment's time for signups after any other end. `None`: not ended.
    pub fn expires_at(&self, retention: &Retention) -> Option<UnixMillis> {
        match &self.stage {
            Stage::Ended { .. } if !self.has_token() => {
                Some(self.last_user_activity_at + LAUNCH_WITHOUT_CODE)
            }
            Stage::Ended { at, .. } => Some(*at + retention.signups),
            _ => None,
        }
    }

    /// When the object must wake: for the workflow, or to erase the record. A record past its expiry whose
    /// outbox is not empty is woken for the outbox only.
    pub fn wake_at(&self, now: UnixMillis, retention: &Retention) -> Option<UnixMillis> {
        let erased = self
            .expires_at(retention)
            .filter(|at| self.outbox.is_empty() || *at > now);
        self.next_wake_at.into_iter().chain(erased).min()
    }

    /// Asks for the workflow to run again at `at`, or earlier.
    pub fn schedule_wake(&mut self, at: UnixMillis) {
        self.next_wake_at = Some(self.next_wake_at.map_or(at, |wake| wake.min(at)));
    }
}

/// A signup for which no code was posted ends after this time.
pub const LAUNCH_WITHOUT_CODE: Duration = Duration::from_hours(24);
/// A number must be registered within 14 days of Meta's flow
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/registration>):
/// nobody is waited for longer.
const PERSON_AWAITED_FOR: Duration = Duration::from_hours(14 * 24);
/// How many digests of earlier codes are kept.
const SPENT_CODES_KEPT: usize = 20;
