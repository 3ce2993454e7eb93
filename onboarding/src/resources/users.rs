//! The people who granted business tokens, by Meta's id for the app, so that what they granted is found when Meta says that
//! they removed the app or want their data deleted. Rows of the Partner object.

use crate::resources::list_cursor::ListCursor;
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::user_callbacks::{
    UserCallback, UserCallbackKind, UserCallbackPage, UserCallbackStatus,
};
use embark_protocol::{AppKey, PhoneNumberId, SignupId, WabaId};
use serde::{Deserialize, Serialize};

/// A token that a person granted, and what was connected with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserGrant {
    /// The app.
    pub app: AppKey,
    /// [`TokenInfo::user_id`](crate::meta::response::TokenInfo).
    #[serde(rename = "user")]
    pub user_id: String,
    /// The signup that the token came with.
    #[serde(rename = "run")]
    pub signup: SignupId,
    /// The account. `None`: not known yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waba: Option<WabaId>,
    /// The number. `None`: not known yet, or the account has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<PhoneNumberId>,
    /// When the token was issued.
    #[serde(rename = "issued")]
    pub issued_at: UnixMillis,
}

/// What a person withdraws of a signup: tokens that were issued later are another grant of theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// The app.
    pub app: AppKey,
    /// The person.
    #[serde(rename = "user")]
    pub user_id: String,
    /// The signup.
    #[serde(rename = "run")]
    pub signup: SignupId,
    /// Tokens that were issued by then are withdrawn.
    pub issued_by: UnixMillis,
    /// Whether what is stored of them is erased, rather than only not valid any more.
    pub erase: bool,
    /// When it was received.
    pub at: UnixMillis,
}

/// A request to the Partner object.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsersRequest {
    /// Stores a grant.
    Granted(UserGrant),
    /// Stores a callback, and begins what it asks for. Repeated, it changes nothing.
    Callback(UserCallback),
    /// Reads a callback.
    Status {
        /// Its code.
        code: String,
        /// Its app.
        app: AppKey,
    },
    /// Reads a page of the callbacks.
    List {
        /// Only those with this status. `None`: all.
        status: Option<UserCallbackStatus>,
        /// Behind this one. `None`: the first page.
        after: Option<ListCursor>,
        /// How many at most.
        limit: u32,
    },
    /// An operator has seen to a callback.
    Close {
        /// Its code.
        code: String,
    },
}

/// A reply of the Partner object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsersReply {
    /// To [`UsersRequest::Status`] and [`UsersRequest::Close`].
    Callback(Option<UserCallback>),
    /// To [`UsersRequest::List`].
    Callbacks(UserCallbackPage),
}

/// The tokens that a callback is about: those issued by then. Meta's clock has whole seconds.
pub fn issued_by(callback: &UserCallback) -> UnixMillis {
    UnixMillis(callback.issued_at) + Duration::from_secs(1)
}

/// The status of a callback that is stored. `granted`: whether something is known of the person; `was_deleted`: whether all of
/// theirs was deleted already.
pub fn first_status(
    kind: UserCallbackKind,
    granted: bool,
    was_deleted: bool,
) -> UserCallbackStatus {
    match kind {
        _ if granted => UserCallbackStatus::Working,
        // A token that is not known to be theirs is refused by Meta, which is seen when it is used.
        UserCallbackKind::Deauthorize => UserCallbackStatus::Done,
        UserCallbackKind::Delete if was_deleted => UserCallbackStatus::Done,
        UserCallbackKind::Delete => UserCallbackStatus::Unmatched,
    }
}

/// What a callback withdraws of a grant.
pub fn withdrawal(callback: &UserCallback, grant: &UserGrant) -> Withdrawal {
    Withdrawal {
        app: callback.app.clone(),
        user_id: callback.user_id.clone(),
        signup: grant.signup.clone(),
        issued_by: issued_by(callback),
        erase: callback.kind == UserCallbackKind::Delete,
        at: UnixMillis(callback.received_at),
    }
}

/// When what an object did not do is asked of it again.
pub const WITHDRAW_AGAIN_AFTER: Duration = Duration::from_mins(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deletion_without_match_waits_for_an_operator() {
        use UserCallbackKind::{Deauthorize, Delete};
        use UserCallbackStatus::{Done, Unmatched, Working};
        for (kind, granted, was_deleted, want) in [
            (Delete, true, false, Working),
            (Delete, true, true, Working),
            (Delete, false, true, Done),
            (Delete, false, false, Unmatched),
            (Deauthorize, true, false, Working),
            (Deauthorize, false, false, Done),
        ] {
            let status = first_status(kind, granted, was_deleted);
            assert_eq!(status, want, "{kind:?} {granted} {was_deleted}");
        }
    }
}
