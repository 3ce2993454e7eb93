//! The objects that a rotation visits.

use embark_protocol::{PhoneNumberId, SignupId, WabaId};
use serde::{Deserialize, Serialize};

/// A Durable Object that may have something sealed, besides the Partner object and Site objects.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectId {
    /// A signup's.
    Run(SignupId),
    /// An account's.
    Waba(WabaId),
    /// A number's.
    Phone(PhoneNumberId),
}

/// Objects that the signups of a site use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectPage {
    /// The objects.
    pub objects: Vec<ObjectId>,
    /// Where the next page begins. `None`: this is the last one.
    pub next: Option<String>,
}

impl ObjectId {
    /// The name of its class in stored rows.
    pub const fn class(&self) -> &'static str {
        match self {
            Self::Run(_) => "run",
            Self::Waba(_) => "waba",
            Self::Phone(_) => "phone",
        }
    }

    /// The name of the object.
    pub fn name(&self) -> &str {
        match self {
            Self::Run(id) => id.as_str(),
            Self::Waba(id) => id.as_str(),
            Self::Phone(id) => id.as_str(),
        }
    }

    /// The object with this class and name, as stored. `None`: no object has them.
    pub fn from_stored(class: &str, name: &str) -> Option<Self> {
        match class {
            "run" => SignupId::parse(name).ok().map(Self::Run),
            "waba" => WabaId::parse(name).ok().map(Self::Waba),
            "phone" => PhoneNumberId::parse(name).ok().map(Self::Phone),
            _ => None,
        }
    }
}

impl core::fmt::Display for ObjectId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}/{}", self.class(), self.name())
    }
}
