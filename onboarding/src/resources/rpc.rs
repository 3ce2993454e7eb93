//! Requests to Durable Objects: each request type names its reply, the class of its object, and what identifies one
//! object of the class.

use core::fmt;
use core::time::Duration;
use embark_protocol::{PhoneNumberId, Problem, ProblemCode, SignupId, SiteId, WabaId};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A request to a Durable Object. Every request may be repeated: the object is then in the same state.
pub trait ObjectRequest: Serialize + DeserializeOwned {
    /// The reply of the object.
    type Reply: Serialize + DeserializeOwned;
    /// What identifies one object of the class.
    type Name: ObjectName;
    /// The Worker's binding of the class.
    const BINDING: &'static str;
    /// How long its sender waits for the reply. Shorter than that of each request that is replied to only after this one:
    /// see [`deadlines`](crate::resources::deadlines).
    const DEADLINE: Duration;
}

/// The name of a Durable Object.
pub trait ObjectName: Sized {
    /// The text that `idFromName` takes
    /// (<https://developers.cloudflare.com/durable-objects/api/namespace/>).
    fn object_name(&self) -> &str;

    /// The name with this text. `None`: no object of the class has such a name.
    fn from_object_name(text: &str) -> Option<Self>;
}

macro_rules! named_by_id {
    ($($id:ty),*) => {
        $(impl ObjectName for $id {
            fn object_name(&self) -> &str {
                self.as_str()
            }

            fn from_object_name(text: &str) -> Option<Self> {
                Self::parse(text).ok()
            }
        })*
    };
}

named_by_id!(SiteId, SignupId, PhoneNumberId, WabaId);

/// Names the one object of a class that has only one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Singleton;

impl ObjectName for Singleton {
    fn object_name(&self) -> &str {
        SINGLETON_NAME
    }

    fn from_object_name(text: &str) -> Option<Self> {
        (text == SINGLETON_NAME).then_some(Self)
    }
}

const SINGLETON_NAME: &str = "main";

/// Why a request to a Durable Object has no reply. The object may have acted on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RpcError {
    /// No reply within the deadline.
    Timeout,
    /// The request could not be sent, or the object failed; the text is the runtime's.
    Unreachable(String),
    /// The request or the reply is not the JSON of its type; the text is the parser's.
    Json(String),
    /// The reply is a variant that this request does not have.
    UnexpectedReply,
}

impl fmt::Display for RpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout => f.write_str("the object did not reply in time"),
            Self::Unreachable(text) => write!(f, "the object could not be reached: {text}"),
            Self::Json(text) => write!(f, "the object's message could not be read: {text}"),
            Self::UnexpectedReply => f.write_str("the object sent a reply of another request"),
        }
    }
}

impl core::error::Error for RpcError {}

/// The client may send the same request again.
impl From<RpcError> for Problem {
    fn from(_: RpcError) -> Self {
        Self::new(ProblemCode::Internal)
    }
}
