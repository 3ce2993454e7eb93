//! What pages post to a Run object.

use embark_protocol::requests::{AssetsRequest, EndedRequest, InputRequest, OutcomeRequest};
use std::fmt;

/// One post.
#[derive(Debug, Clone)]
pub enum PagePost {
    /// Meta's popup was opened: the number of this launch, from 1.
    Launched(u8),
    /// The authorization code of the launch with this number.
    Outcome(u8, OutcomeRequest),
    /// The ids of Meta's session-info event.
    Assets(AssetsRequest),
    /// The customer left the popup.
    Ended(EndedRequest),
    /// The customer answered a prompt.
    Input(InputRequest),
}

impl fmt::Display for PagePost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Launched(launch) => write!(f, "launched {launch}"),
            Self::Outcome(launch, post) => {
                write!(f, "outcome {launch} {} ids {:?}", post.code, post.ids)
            }
            Self::Assets(post) => write!(f, "assets {:?}", post.ids),
            Self::Ended(_) => f.write_str("ended"),
            Self::Input(post) => write!(f, "input {post:?}"),
        }
    }
}
