//! What Meta calls when a person takes the app's access away or asks for their data to be deleted
//! (<https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback>).

use crate::id::AppKey;
use serde::{Deserialize, Serialize};

/// The response to Meta's data-deletion request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeletionConfirmation {
    /// A page that says how far the deletion is.
    pub url: String,
    /// Its code. A repeated request has the same one.
    pub confirmation_code: String,
}

/// A page of callbacks about people. Response of `GET /v1/admin/callbacks`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserCallbackPage {
    /// The callbacks, the newest first.
    pub callbacks: Vec<UserCallback>,
    /// The parameter `after` of the next page. Absent: this is the last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<String>,
}

/// An entry of `GET /v1/admin/callbacks`: one callback of Meta's about a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserCallback {
    /// 32 hexadecimal digits; of a deletion the confirmation code.
    pub code: String,
    /// The app.
    pub app: AppKey,
    /// Meta's id of the person for this app.
    pub user_id: String,
    /// What Meta asks for.
    pub kind: UserCallbackKind,
    /// When Meta issued it, in Unix milliseconds.
    pub issued_at: u64,
    /// When it was first received, in Unix milliseconds.
    pub received_at: u64,
    /// How far it is.
    pub status: UserCallbackStatus,
}

/// What a callback asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UserCallbackKind {
    /// The person removed the app: the tokens that they granted are not valid any more.
    Deauthorize,
    /// The person wants their data deleted.
    Delete,
}

impl UserCallbackKind {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deauthorize => "deauthorize",
            Self::Delete => "delete",
        }
    }

    /// The kind with this word. `None`: there is none.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Deauthorize, Self::Delete]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// How far a callback is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UserCallbackStatus {
    /// Not all objects have done their part.
    Working,
    /// All is done.
    Done,
    /// A deletion of a person of whom nothing is known: for an operator to look into.
    Unmatched,
}

impl UserCallbackStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Working, Self::Done, Self::Unmatched];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::Done => "done",
            Self::Unmatched => "unmatched",
        }
    }

    /// The status with this word. `None`: there is none.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}
