//! Input of the flow: what happened in the browser, at the Worker and at Meta.

use super::{effect::Timer, post_request::PostKind};
use crate::{
    error::ApiError, launch_document::LaunchDocument, meta_message::MetaMessage, session::Session,
};
use embark_view::model::Snapshot;

pub enum Event {
    /// The widget was mounted. The session is a signup that was started earlier, if there is one.
    Start(Option<Session>),
    /// Meta's JavaScript SDK is initialised.
    SdkReady,
    /// The SDK's script could not be loaded, or `FB.init` threw.
    SdkFailed,
    Action(Action),
    /// `FB.login` returned. Its callback comes separately, usually later.
    LoginReturned {
        popup: PopupResult,
        /// `redirect_uri` in the address of the dialog that the SDK opened.
        redirect_uri: Option<String>,
    },
    /// The callback of `FB.login`.
    LoginCallback {
        /// Number of the launch it belongs to (`State::attempts` at the time of the call).
        attempt: u32,
        /// Meta's authorization code; `None` if the person closed or cancelled the dialog.
        code: Option<String>,
    },
    /// The popup's `closed` property became true. Only reported while the popup is watched.
    PopupClosed,
    MetaMessage(MetaMessage),
    /// Response to `Effect::Post`.
    Posted {
        signup_generation: u32,
        kind: PostKind,
        reply: Result<Box<Snapshot>, ApiError>,
    },
    /// Response to `Effect::Poll`.
    Polled {
        signup_generation: u32,
        reply: Result<Box<Snapshot>, ApiError>,
    },
    /// Response to `Effect::RenewLaunch`.
    Renewed(Result<Box<LaunchDocument>, ApiError>),
    TimerFired(Timer),
    /// The page became visible again (`visibilitychange` or `pageshow`).
    PageVisible,
    /// The browser's `online` event.
    Online,
    /// The browser's `pagehide` event.
    PageHidden,
}

/// An action of a person, usually the press of a button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Open Meta's popup, for the first time or again.
    Launch,
    /// Leave a finished signup and begin another one.
    StartOver,
    /// Have the Worker read the readiness report again.
    RefreshReport,
    /// Load the SDK again if it is blocked, else repeat the failed request at once.
    Retry,
    /// Bring the popup to the front.
    FocusPopup,
    /// Go to Meta's dialog in this window instead of a popup. Only on the hosted page.
    ContinueInThisWindow,
    /// The host page's own button opened the hosted page (mode `window`).
    HostedPageOpened,
    /// Submit the value of the form.
    Submit(String),
    /// Request another verification code, by `SMS` or `VOICE`.
    Resend(&'static str),
}

impl Action {
    /// Parses a button's `data-act` attribute. `None` for an unknown value.
    pub fn parse(data_act: &str) -> Option<Self> {
        Some(match data_act {
            "launch" => Self::Launch,
            "anew" => Self::StartOver,
            "check" => Self::RefreshReport,
            "retry" => Self::Retry,
            "show" => Self::FocusPopup,
            "here" => Self::ContinueInThisWindow,
            "elsewhere" => Self::HostedPageOpened,
            "sms" => Self::Resend("SMS"),
            "voice" => Self::Resend("VOICE"),
            _ => return None,
        })
    }
}

/// What `window.open` returned while `FB.login` ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PopupResult {
    /// A window handle.
    Opened,
    /// `null`: the popup was blocked, or is open but severed from this page
    /// (`Cross-Origin-Opener-Policy`).
    Blocked,
    /// `FB.login` did not call `window.open`.
    NotCalled,
}
