//! The requests about a site's back end that the Site object answers, and its replies.

use super::idempotency::{StoredAnswer, WriteAdmission, WriteAttempt};
use super::token::BackendToken;
use crate::resources::event_delivery::StoredSigningSecret;
use crate::resources::signup_session::SignupSession;
use crate::time::UnixMillis;
use core::fmt;
use embark_protocol::backend::{
    AccountPage, AuditEntry, BackendScope, EndpointStatus, EventPage, SignupDetails, SignupFilter,
    SignupPage,
};
use embark_protocol::signup_counts::SignupCounts;
use embark_protocol::{ProblemCode, Remedy, SignupId, WabaId};
use serde::{Deserialize, Serialize};

/// A request about a site's back end.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackendRequest {
    /// Stores a token.
    CreateToken(BackendToken),
    /// Lists the tokens.
    Tokens,
    /// Deletes a token, which ceases to work.
    RevokeToken {
        /// Its id.
        id: String,
    },
    /// Sets the endpoint's address. The secret is used if there was no endpoint.
    PutEndpoint {
        /// The address.
        url: String,
        /// A fresh secret.
        secret: StoredSigningSecret,
    },
    /// Signs with another secret from now on.
    RotateSecret {
        /// A fresh secret.
        secret: StoredSigningSecret,
    },
    /// Deletes the endpoint. Events are kept, and not delivered any more.
    DeleteEndpoint,
    /// Reads the endpoint.
    Endpoint,
    /// Enqueues the event `endpoint.test`.
    TestEndpoint {
        /// A fresh id.
        id: String,
    },
    /// Lists who read secrets.
    Audit,
    /// Answers an operator's query.
    Query {
        /// The operator's name. `None`: not known.
        operator: Option<String>,
        /// The query.
        query: BackendQuery,
    },
    /// Answers a query of the holder of a token.
    TokenQuery {
        /// SHA-256 of the token.
        digest: String,
        /// The query.
        query: BackendQuery,
    },
}

/// What the holder of a token, or an operator, asks for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackendQuery {
    /// What the token permits.
    Identity,
    /// A page of signups.
    Signups {
        /// Which.
        filter: SignupFilter,
        /// Behind this one. `None`: the first page.
        after: Option<SignupCursor>,
        /// How many at most.
        limit: u32,
    },
    /// One signup.
    Signup {
        /// The signup.
        id: SignupId,
    },
    /// A page of the accounts that were connected, by their ids.
    Accounts {
        /// Behind this one. `None`: the first page.
        after: Option<WabaId>,
        /// How many at most.
        limit: u32,
    },
    /// How many signups came how far.
    Counts {
        /// Those that began on this day or later, in days since 1970-01-01.
        first_day: u32,
    },
    /// Permits something that the site need not do itself.
    Permit {
        /// What a token must permit.
        scope: BackendScope,
    },
    /// A page of events.
    Events {
        /// Which.
        filter: EventFilter,
        /// How many at most.
        limit: u32,
    },
    /// Delivers events again.
    Replay {
        /// Which. `None`: every dead one.
        sequences: Option<Vec<u64>>,
    },
    /// Stores a session.
    CreateSession(Box<SignupSession>),
    /// Asks what is to be done with a write that has an idempotency key.
    BeginWrite(WriteAttempt),
    /// Ends it.
    EndWrite {
        /// Its key.
        key: String,
        /// Its attempt.
        attempt: String,
        /// What repetitions get. `None`: they are carried out.
        answer: Option<StoredAnswer>,
    },
    /// Records that the token of an account is read, and permits it.
    ReadToken {
        /// What is recorded.
        what: String,
    },
}

impl BackendQuery {
    /// What a token must permit.
    pub const fn scope(&self) -> Option<BackendScope> {
        match self {
            Self::Identity => None,
            Self::Signups { .. }
            | Self::Signup { .. }
            | Self::Accounts { .. }
            | Self::Counts { .. }
            | Self::Events { .. } => Some(BackendScope::Read),
            Self::Permit { scope } => Some(*scope),
            Self::Replay { .. }
            | Self::CreateSession(_)
            | Self::BeginWrite(_)
            | Self::EndWrite { .. } => Some(BackendScope::Write),
            Self::ReadToken { .. } => Some(BackendScope::Token),
        }
    }
}

/// Which events a page has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventFilter {
    /// Only those behind the event of this sequence.
    pub after: u64,
    /// Only those whose delivery was given up.
    pub dead: bool,
    /// The newest first, not the oldest.
    pub newest_first: bool,
}

/// The last signup of a page, and so where the next begins: `<changed at>.<signup>` on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignupCursor {
    /// When it last changed, in Unix milliseconds.
    pub changed_at: u64,
    /// The signup.
    pub signup: SignupId,
}

impl SignupCursor {
    /// Parses the text of a cursor. `None`: it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let (changed_at, signup) = text.split_once('.')?;
        Some(Self {
            changed_at: changed_at.parse().ok()?,
            signup: SignupId::parse(signup).ok()?,
        })
    }
}

impl fmt::Display for SignupCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.changed_at, self.signup)
    }
}

/// What the signups of a page are before, by their last change and their id: the cursor, or a time if that is earlier.
/// `None`: nothing.
pub fn list_bound(
    after: Option<&SignupCursor>,
    changed_before: Option<u64>,
) -> Option<(u64, String)> {
    let cursor = after.map(|cursor| (cursor.changed_at, cursor.signup.to_string()));
    // No id is before the empty text.
    let time = changed_before.map(|at| (at, String::new()));
    cursor.into_iter().chain(time).min()
}

/// A reply about a site's back end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackendReply {
    /// Done.
    Done,
    /// The request was refused.
    Refused {
        /// Why.
        code: ProblemCode,
        /// What is wrong with it. `None`: the code says so.
        detail: Option<String>,
        /// Who must act. `None`: the code says so.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        remedy: Option<Remedy>,
    },
    /// The tokens.
    Tokens(Vec<BackendToken>),
    /// The endpoint.
    Endpoint {
        /// The endpoint. `None`: there is none.
        endpoint: Option<EndpointStatus>,
        /// Whether the secret of the request is in use now.
        secret_taken: bool,
    },
    /// Who read secrets, the last first.
    Audit(Vec<AuditEntry>),
    /// What the token permits.
    Identity {
        /// Its scopes.
        scopes: Vec<BackendScope>,
    },
    /// A page of signups.
    Signups(SignupPage),
    /// One signup. `None`: the site has none of this id.
    Signup(Option<Box<SignupDetails>>),
    /// A page of accounts.
    Accounts(AccountPage),
    /// To [`BackendQuery::Counts`].
    Counts(SignupCounts),
    /// A page of events.
    Events(EventPage),
    /// The session is stored.
    Session {
        /// Until when it can be redeemed.
        expires_at: UnixMillis,
    },
    /// What is to be done with a write.
    Write(WriteAdmission),
    /// How many events are delivered again.
    Replayed(u32),
}

impl BackendReply {
    /// A refusal, with what is wrong.
    pub fn refused(code: ProblemCode, detail: &str) -> Self {
        Self::Refused {
            code,
            detail: Some(detail.to_owned()),
            remedy: None,
        }
    }

    /// A refusal until an operator has changed a setting.
    pub fn refused_by_setting(code: ProblemCode, detail: &str) -> Self {
        Self::Refused {
            code,
            detail: Some(detail.to_owned()),
            remedy: Some(Remedy::Operator),
        }
    }

    /// The refusal of what needs an endpoint.
    pub fn no_endpoint() -> Self {
        Self::refused(
            ProblemCode::NotFound,
            "the site has no endpoint; put one first",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_is_bounded_by_the_earlier_of_cursor_and_time() {
        let signup = SignupId::parse(&"a".repeat(32)).unwrap();
        let cursor = SignupCursor {
            changed_at: 5,
            signup: signup.clone(),
        };
        for (after, before, want) in [
            (None, None, None),
            (None, Some(7), Some((7, ""))),
            (Some(&cursor), None, Some((5, signup.as_str()))),
            (Some(&cursor), Some(7), Some((5, signup.as_str()))),
            (Some(&cursor), Some(5), Some((5, ""))),
            (Some(&cursor), Some(3), Some((3, ""))),
        ] {
            let want = want.map(|(at, id)| (at, id.to_owned()));
            assert_eq!(list_bound(after, before), want, "{before:?}");
        }
    }

    #[test]
    fn cursor_is_read_as_it_is_written() {
        let signup = SignupId::parse(&"a".repeat(32)).unwrap();
        let cursor = SignupCursor {
            changed_at: 1_764_000_000_123,
            signup,
        };
        assert_eq!(SignupCursor::parse(&cursor.to_string()), Some(cursor));
        for text in [
            "",
            ".",
            "5",
            "5.x",
            &format!("x.{}", "a".repeat(32)),
            &"a".repeat(32),
        ] {
            assert_eq!(SignupCursor::parse(text), None, "{text}");
        }
    }
}
