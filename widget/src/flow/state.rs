//! The state of the flow. The rules that change it are in the sibling modules, as methods of `State`.

use super::outbox::Outbox;
use crate::{
    host_events::Subject, launch_document::LaunchDocument, meta_message::Finish, session::Session,
};
use embark_protocol::{Remedy, SignupStatus};
use embark_view::model::{Cancellation, DialogMode, Following, PopupStatus, Problem, StepProgress};

pub struct State {
    /// The launch document, with the signup and grant that are in use now.
    pub launch: LaunchDocument,
    /// How Meta's dialog can be opened in this browser.
    pub dialog_mode: DialogMode,
    pub sdk: SdkState,
    pub phase: Phase,
    /// The steps of the signup, as far as a snapshot named them.
    pub steps: Vec<StepProgress>,
    /// The signup was stored in this tab by an earlier page.
    pub restored: bool,
    /// Consecutive failures of polls, or of a renewal that the page waits for. 0 after a success.
    pub failed_polls: u8,
    /// Time of the last event, Unix milliseconds.
    pub now: u64,
    /// Number of launches under this signup; the number of the latest launch.
    pub attempts: u32,
    /// Increases when the widget changes to another signup. Replies that were requested before are dropped.
    pub signup_generation: u32,
    pub(super) polling: Polling,
    pub(super) outbox: Outbox,
    pub(super) renewal: Renewal,
    /// The signup was handed over by another page, which follows it and waits for its end.
    pub(super) handed_over: bool,
    /// The signup of the launch document, kept while an earlier one is resumed.
    pub(super) own_session: Option<Session>,
    /// The code was posted without ids; a later message event may still bring them.
    pub(super) awaits_ids: bool,
    /// The host page was sent `ready`.
    pub(super) ready_announced: bool,
}

/// Meta's JavaScript SDK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SdkState {
    Loading,
    Ready,
    Blocked,
}

/// What the widget waits for.
pub enum Phase {
    /// A person: whether to go on with a signup that was begun elsewhere, and that a link opened here.
    Asking(Session),
    /// The first reply about a signup that was started earlier.
    Resuming,
    /// A click on the button.
    Idle,
    /// The result of Meta's popup.
    Popup(Attempt),
    /// The Worker's receipt of the code.
    Sending,
    /// The next snapshot of the signup.
    Following(Box<Following>),
    /// A person: this browser keeps no cookies, so that Meta's dialog would not find its way back.
    CookiesOff,
    /// A person: the launch failed, and there is no signup to follow.
    Failed(Problem),
}

/// One launch of Meta's popup.
pub struct Attempt {
    /// `State::attempts` when it was launched.
    pub number: u32,
    pub popup: PopupStatus,
    /// The SDK's own `redirect_uri`, which the code exchange must repeat.
    pub redirect_uri: Option<String>,
    /// Meta's `FINISH…` message, once it came.
    pub finish: Option<Finish>,
    /// Meta's `CANCEL` or `ERROR` message, once it came.
    pub cancel: Option<Cancellation>,
    /// The popup has been open for longer than `LongPopup`.
    pub open_long: bool,
    /// `FB.login` opened no window.
    pub no_window: bool,
    /// The callback came, without a code.
    pub called_back: bool,
    /// When `FB.login` returned, Unix milliseconds. `None`: it has not, or it was not called.
    pub returned_at: Option<u64>,
    /// A window opened that this page has no handle of.
    pub severed: bool,
}

#[derive(Default)]
pub struct Polling {
    /// A poll is in flight.
    pub in_flight: bool,
    /// `seq` of the latest snapshot.
    pub seq: Option<u32>,
}

/// Renewal of the launch document.
pub struct Renewal {
    /// When the document should be replaced, Unix milliseconds.
    pub due_at: u64,
    pub in_flight: bool,
    pub attempts: u8,
    /// The document is used up: nothing can be launched until it is replaced.
    pub is_required: bool,
    /// The Worker refused the grant while the popup was open: the next document continues that launch.
    pub replacing_grant: bool,
    /// The grant was replaced during this launch. It is done once per launch.
    pub grant_replaced: bool,
}

impl State {
    pub fn new(launch: LaunchDocument, dialog_mode: DialogMode, now: u64) -> Self {
        Self {
            renewal: Renewal::new(now, launch.renew_in_ms),
            launch,
            dialog_mode,
            sdk: SdkState::Loading,
            phase: Phase::Idle,
            steps: Vec::new(),
            restored: false,
            failed_polls: 0,
            now,
            attempts: 0,
            signup_generation: 0,
            polling: Polling::default(),
            outbox: Outbox::default(),
            handed_over: false,
            own_session: None,
            awaits_ids: false,
            ready_announced: false,
        }
    }

    /// The signup, for events of the host page.
    pub(super) fn subject(&self) -> Subject<'_> {
        Subject {
            signup: &self.launch.signup,
            is_restored: self.restored,
        }
    }

    /// Whether the button can be pressed.
    pub fn can_launch(&self) -> bool {
        self.sdk == SdkState::Ready && !self.renewal.is_required
    }

    /// Whether the button is a link, because Meta's SDK is not ready yet or not of use here.
    pub fn shows_link_without_sdk(&self) -> bool {
        let needs_it = self.sdk == SdkState::Loading || self.dialog_mode == DialogMode::Redirect;
        needs_it && !self.renewal.is_required
    }

    /// Whether Meta's window may be opened in this phase.
    pub(super) fn offers_launch(&self) -> bool {
        match &self.phase {
            Phase::Idle | Phase::CookiesOff => true,
            Phase::Popup(attempt) => attempt.offers_relaunch(),
            Phase::Following(following) => matches!(
                following.snapshot.known_status(),
                SignupStatus::Relaunch | SignupStatus::Abandoned
            ),
            Phase::Failed(problem) => problem.remedy == Remedy::Relaunch.as_str(),
            Phase::Asking(_) | Phase::Resuming | Phase::Sending => false,
        }
    }
}

impl Attempt {
    pub fn new(number: u32) -> Self {
        Self {
            number,
            popup: PopupStatus::Open,
            redirect_uri: None,
            finish: None,
            cancel: None,
            open_long: false,
            no_window: false,
            called_back: false,
            returned_at: None,
            severed: false,
        }
    }

    /// Whether the popup may be opened again.
    pub fn offers_relaunch(&self) -> bool {
        self.popup != PopupStatus::Open || self.open_long
    }
}

impl Renewal {
    pub fn new(now: u64, renew_in_ms: u32) -> Self {
        Self {
            due_at: now + u64::from(renew_in_ms),
            in_flight: false,
            attempts: 0,
            is_required: false,
            replacing_grant: false,
            grant_replaced: false,
        }
    }
}
