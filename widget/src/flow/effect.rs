//! Output of the flow: what the runtime has to do, as values.

use crate::host_events::HostEvent;
use alloc::{string::String, vec::Vec};

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
    /// POST this JSON body to the Worker.
    Post(PostKind, String),
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

/// The posts a page sends about its signup (`protocol::requests`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostKind {
    /// `FB.login` was called.
    Launched,
    /// The authorization code.
    Outcome,
    /// Ids of Meta's session info that came after the code.
    Assets,
    /// The person left Meta's popup without a code.
    Ended,
    /// The answer to what the signup asks the person for.
    Input,
    /// Request to read the readiness report again.
    Report,
}

impl PostKind {
    pub const ALL: [Self; 6] = [
        Self::Launched,
        Self::Outcome,
        Self::Assets,
        Self::Ended,
        Self::Input,
        Self::Report,
    ];

    /// Path below `/v1/signups/{id}`.
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

    /// Inverse of `kind as u32`.
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u32 == number)
    }
}

/// One timer of each name runs at a time; starting it again replaces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    const ALL: [Self; 13] = [
        Self::SdkTimeout,
        Self::CancelDetails,
        Self::LateCode,
        Self::MissingCode,
        Self::LongPopup,
        Self::Poll,
        Self::Countdown,
        Self::Renew,
        Self::RetryLaunched,
        Self::RetryOutcome,
        Self::RetryAssets,
        Self::RetryEnded,
        Self::RetryInput,
    ];

    /// Inverse of `timer as u32`.
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|timer| *timer as u32 == number)
    }

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
