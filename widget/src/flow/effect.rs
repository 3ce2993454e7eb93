//! Output of the flow: what the runtime has to do, as values.

use super::post_request::{PostKind, PostRequest};
use crate::host_events::HostEvent;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Load and initialise Meta's JavaScript SDK.
    LoadSdk,
    /// Call `FB.login` in the same turn: browsers open a popup only during the click.
    Login,
    /// Navigate this window to Meta's dialog at this URL.
    OpenDialogHere(String),
    /// Bring the popup to the front.
    FocusPopup,
    /// Report `Event::PopupClosed` as long as the popup is closed.
    WatchPopup,
    UnwatchPopup,
    Post(PostRequest),
    /// Request the next snapshot.
    Poll,
    /// Request a fresh launch document.
    RenewLaunch,
    /// Fire the timer after so many milliseconds. Replaces a running timer of the same name.
    StartTimer(Timer, u32),
    StopTimer(Timer),
    /// Store signup and grant for a reload of this tab.
    SaveSession,
    ClearSession,
    /// Send an event to the host page.
    Announce(HostEvent),
}

/// Effects in the order in which they are performed.
#[derive(Default)]
pub struct Effects(pub Vec<Effect>);

impl Effects {
    pub fn push(&mut self, effect: Effect) {
        self.0.push(effect);
    }

    pub fn start_timer(&mut self, timer: Timer, ms: u32) {
        self.push(Effect::StartTimer(timer, ms));
    }

    pub fn stop_timer(&mut self, timer: Timer) {
        self.push(Effect::StopTimer(timer));
    }

    pub fn announce(&mut self, event: HostEvent) {
        self.push(Effect::Announce(event));
    }
}

/// One timer of each name runs at a time; starting it again replaces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// The SDK did not load in time.
    SdkTimeout,
    /// Wait for the other half of a cancellation: callback and message event come separately.
    CancelDetails,
    /// Wait for a code that arrives after the popup was closed.
    LateCode,
    /// Wait for the code after Meta's message said `FINISH`.
    MissingCode,
    /// The popup has been open for a long time.
    LongPopup,
    /// Next poll.
    Poll,
    /// Redraw the countdown.
    Countdown,
    /// Renewal of the launch document.
    Renew,
    /// Next attempt of a post, one timer for each kind.
    RetryLaunched,
    RetryOutcome,
    RetryAssets,
    RetryEnded,
    RetryInput,
}

impl Timer {
    /// The timer of the next attempt of a post.
    pub fn retry_of(kind: PostKind) -> Self {
        match kind {
            PostKind::Launched => Self::RetryLaunched,
            PostKind::Outcome => Self::RetryOutcome,
            PostKind::Assets => Self::RetryAssets,
            PostKind::Ended => Self::RetryEnded,
            // A report request is never repeated (see `report`).
            PostKind::Input | PostKind::Report => Self::RetryInput,
        }
    }
}
