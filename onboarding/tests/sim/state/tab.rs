//! A customer's tab, and what happens in it.

use embark_protocol::Snapshot;
use embark_protocol::requests::SessionInfoIds;
use embark_protocol::snapshot::InputPrompt;

/// One customer's tab.
pub struct Tab {
    /// The position of its signup.
    pub signup: usize,
    /// The position of the account that the customer wants to connect.
    pub waba: usize,
    /// The position of the number. `None`: the customer names none.
    pub number: Option<usize>,
    /// How often the popup was opened.
    pub launches: u8,
    pub polls: u8,
    pub closed: bool,
    /// The `seq` of the snapshot whose prompt was answered last.
    pub answered_seq: u32,
}

/// What happens in a tab.
pub enum TabAction {
    /// The customer opens Meta's popup.
    OpenPopup,
    /// The customer completes the popup: the page posts a code.
    CompletePopup,
    /// The customer leaves the popup.
    LeavePopup,
    /// Meta's session-info event arrives after the code.
    PostIds(Box<SessionInfoIds>),
    /// The page polls.
    Poll,
    /// The page gets a snapshot.
    ReceiveSnapshot(Box<Snapshot>),
    /// The customer answers a prompt.
    SubmitInput(Box<InputPrompt>),
}
