//! What is shown, as plain data: the widget fills it in from its state, the Worker from a launch document.

use embark_protocol::{
    SignupStatus,
    enums::{Enums, Open},
    launch::{LaunchDocument, LaunchMode, SiteIdentity},
    report, snapshot,
};

/// A problem document of the Worker (RFC 9457), or a problem of the widget's own.
pub type Problem = embark_protocol::Problem<Open>;
pub type Snapshot = snapshot::Snapshot<Open>;
pub type StepProgress = snapshot::StepProgress<Open>;
pub type InputPrompt = snapshot::InputPrompt<Open>;
pub type ReadinessReport = report::ReadinessReport<Open>;
pub type Check = report::Check<Open>;

/// Everything that a render depends on, besides the texts and the appearance.
pub struct Model<'a> {
    pub panel: Panel<'a>,
    pub dialog_mode: DialogMode,
    /// The id of the signup.
    pub signup: &'a str,
    /// Whom the hosted page is for. `None` on other pages.
    pub about: Option<&'a SiteIdentity>,
    /// How the widget is embedded.
    pub mode: LaunchMode,
    /// Whether the button that opens Meta's popup can be pressed.
    pub can_launch: bool,
    /// Consecutive failures of polls, or of a renewal that the page waits for. 0 after a success.
    pub failed_polls: u8,
    /// Unix milliseconds.
    pub now: u64,
    /// Whether Meta's dialog can be opened in this window. Only on the hosted page.
    pub has_dialog: bool,
    /// Whether the launch document has a problem: no signup can be started with it.
    pub is_refused: bool,
    /// Where a person starts or continues without Meta's SDK: the hosted page with this signup, on the hosted page itself
    /// the start of Meta's dialog.
    pub url_without_sdk: String,
    /// URL of the hosted page without this signup.
    pub page_url: String,
}

/// How Meta's dialog is opened: not every browser can do it in a popup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DialogMode {
    /// A popup, which reports back to its opener.
    Popup,
    /// The dialog takes the hosted page's place and redirects back to it.
    Redirect,
}

/// The panel, with what only it shows.
pub enum Panel<'a> {
    /// Whether to go on with a signup that was begun elsewhere.
    Asking,
    /// An earlier signup is looked up.
    Resuming,
    /// The button, before Meta's SDK is ready: a link.
    Loading,
    /// The button.
    Start,
    SdkBlocked,
    Popup(PopupPanel<'a>),
    /// The code is being sent.
    Sending(SendingPanel<'a>),
    Following(&'a Following),
    /// The browser keeps no cookies.
    CookiesOff,
    /// The launch failed, and there is no signup to follow.
    Failed(&'a Problem),
}

pub struct SendingPanel<'a> {
    /// The steps of the signup, none of them begun. Empty if they are not known.
    pub steps: &'a [StepProgress],
    /// Until when the code can be delivered, Unix milliseconds. `None` while nothing has failed.
    pub deadline: Option<u64>,
}

pub struct PopupPanel<'a> {
    pub status: PopupStatus,
    /// The popup is this page's own, and can be brought to the front.
    pub is_own: bool,
    /// It may be opened once more.
    pub open_long: bool,
    /// A window opened that this page has no handle of.
    pub severed: bool,
    /// Why the person left. `None` if Meta sent no details.
    pub cancel: Option<&'a Cancellation>,
}

/// What is known of the popup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PopupStatus {
    Open,
    /// Closed without a code or a message.
    Closed,
    /// The SDK answered without opening a window.
    NotOpened,
    /// The page was loaded again while it was open, so that it cannot report back.
    Lost,
    /// The person continues in another window.
    OtherWindow,
    /// Meta said `FINISH`, but no code came.
    CodeMissing,
    /// `window.open` returned no handle: blocked, or open but severed from this page.
    Blocked,
    /// The person cancelled, or reported an error to Meta.
    Cancelled,
}

/// Why the person left. Meta sends only some of these.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cancellation {
    /// Meta's screen, e.g. `PHONE_NUMBER_SETUP`.
    pub current_step: Option<String>,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    /// For Meta's support.
    pub session_id: Option<String>,
}

/// A signup under way, by its latest snapshot.
pub struct Following {
    pub snapshot: Snapshot,
    /// The latest readiness report, also if the latest snapshot has none.
    pub report: Option<ReadinessReport>,
    /// End of the countdown (status `waiting`) or of the wait for a report, Unix milliseconds.
    pub deadline: Option<u64>,
    pub form: Form,
    /// It has been running for longer than people expect.
    pub is_long: bool,
    /// A person had the report read again.
    pub is_rechecked: bool,
}

/// State of the form on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    Open,
    Sending,
    /// The answer was not accepted, for the reason of this problem code.
    Rejected(String),
}

impl<'a> Model<'a> {
    /// The model of a page whose SDK is not ready.
    pub fn new<E: Enums, Login>(
        launch: &'a LaunchDocument<E, Login>,
        panel: Panel<'a>,
        now: u64,
    ) -> Self {
        Self {
            panel,
            dialog_mode: DialogMode::Popup,
            signup: launch.signup.as_str(),
            about: launch.about.as_ref(),
            mode: launch.mode,
            can_launch: false,
            failed_polls: 0,
            now,
            has_dialog: launch.dialog_url.is_some(),
            is_refused: launch.problem.is_some(),
            page_url: launch.hosted_page_url(),
            url_without_sdk: match launch.mode {
                LaunchMode::Page => launch.dialog_start_url(),
                LaunchMode::Frame | LaunchMode::Inline | LaunchMode::Window => {
                    launch.handover_url()
                }
            },
        }
    }

    /// Name of the panel, the `data-state` attribute of the root element.
    pub fn state_name(&self) -> &'static str {
        match &self.panel {
            Panel::Asking => "asking",
            Panel::Resuming => "resuming",
            Panel::Loading if self.dialog_mode == DialogMode::Redirect => "ready",
            Panel::Loading => "loading",
            Panel::Start if self.can_launch => "ready",
            Panel::Start => "loading",
            Panel::SdkBlocked => "sdk_blocked",
            Panel::Popup(popup) => match popup.status {
                PopupStatus::Open | PopupStatus::OtherWindow => "popup",
                PopupStatus::NotOpened => "no_window",
                PopupStatus::Lost => "popup_lost",
                PopupStatus::Closed => "popup_closed",
                PopupStatus::CodeMissing => "popup_silent",
                PopupStatus::Blocked => "popup_blocked",
                PopupStatus::Cancelled => "cancelled",
            },
            Panel::Sending(_) => "sending",
            Panel::Following(following) => following.status().as_str(),
            Panel::CookiesOff => "cookies_off",
            Panel::Failed(_) => "stopped",
        }
    }
}

impl Following {
    pub fn status(&self) -> SignupStatus {
        self.snapshot.known_status()
    }

    /// Whether the deadline is still to come.
    pub fn is_waiting(&self, now: u64) -> bool {
        self.deadline.is_some_and(|deadline| deadline > now)
    }

    /// Whether this id is one of the choices the signup asks to choose from.
    pub fn has_choice(&self, id: &str) -> bool {
        let input = self.snapshot.input.as_ref();
        input.is_some_and(|input| input.choices.iter().any(|choice| choice.id == id))
    }
}

impl Cancellation {
    pub fn is_error(&self) -> bool {
        self.error_code.is_some() || self.error_message.is_some()
    }

    /// The details in a snapshot; none if it has none.
    pub fn of_snapshot(snapshot: &Snapshot) -> Self {
        let Some(ended) = snapshot.ended.clone() else {
            return Self::default();
        };
        Self {
            current_step: ended.current_step,
            error_code: ended.error_code,
            error_message: ended.error_message,
            session_id: ended.session_id,
        }
    }
}
