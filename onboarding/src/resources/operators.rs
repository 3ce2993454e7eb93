//! Operators, by their tokens, and the sessions of those who are signed in to the console. Only digests of tokens are stored.

use crate::time::UnixMillis;
use core::fmt;
use core::time::Duration;
use embark_protocol::operators::{OperatorDetails, OperatorIdentity, OperatorRole};
use embark_protocol::{AppKey, ProblemCode};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// An operator as the Partner object stores it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// The operator's id.
    pub id: String,
    /// Who it is.
    pub name: String,
    /// What the operator may do.
    pub role: OperatorRole,
    /// The e-mail address by which Cloudflare Access knows the operator, in lower case. `None`: the operator signs in with the
    /// token only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<String>,
    /// SHA-256 of the token.
    pub digest: String,
    /// When the operator was added.
    pub created_at: UnixMillis,
    /// From when on the token does not work any more. `None`: it works until the operator is removed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<UnixMillis>,
}

impl Operator {
    /// As other operators see it. `token`: its text, if it was just created.
    pub fn details(&self, token: Option<&str>) -> OperatorDetails {
        OperatorDetails {
            id: self.id.clone(),
            name: self.name.clone(),
            role: self.role,
            email: self.email.clone(),
            created_at: self.created_at.0,
            expires_at: self.expires_at.map(|at| at.0),
            token: token.map(str::to_owned),
        }
    }

    fn identity(&self) -> OperatorIdentity {
        OperatorIdentity {
            id: Some(self.id.clone()),
            name: self.name.clone(),
            role: self.role,
        }
    }

    fn is_valid(&self, now: UnixMillis) -> bool {
        self.expires_at.is_none_or(|at| now < at)
    }
}

/// An e-mail address as an operator is given it, in lower case. `None`: the text is none.
pub fn email_address(text: &str) -> Option<String> {
    let (name, domain) = text.split_once('@')?;
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '@';
    let is_address = !name.is_empty() && !domain.is_empty() && text.len() <= MAX_EMAIL_BYTES;
    let is_plain = name.chars().chain(domain.chars()).all(is_plain);
    (is_address && is_plain).then(|| text.to_lowercase())
}

/// Who presents the deployment's own token, `EMBARK_OPERATOR_TOKEN`.
pub fn deployment_owner() -> OperatorIdentity {
    OperatorIdentity {
        id: None,
        name: DEPLOYMENT_OWNER.to_owned(),
        role: OperatorRole::Owner,
    }
}

/// Why an operator is not added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddError {
    /// There are [`MOST`].
    TooMany,
    /// Another operator has this e-mail address.
    EmailTaken,
    /// Another operator has this name, or it is that of the deployment's own token.
    NameTaken,
}

impl fmt::Display for AddError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany => write!(f, "there are {MOST} operators: remove one first"),
            Self::EmailTaken => f.write_str(
                "email: another operator has it; remove that one first, or leave the address out",
            ),
            Self::NameTaken => f.write_str(
                "name: another operator has it; the audit log needs one that tells them apart",
            ),
        }
    }
}

impl core::error::Error for AddError {}

/// The operators of a deployment, in the order in which they were added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Operators(Vec<Operator>);

impl Operators {
    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub fn all(&self) -> &[Operator] {
        &self.0
    }

    /// Adds an operator. The same one again changes nothing.
    ///
    /// # Errors
    /// There are too many, or another one has the e-mail address or the name. Names that differ by upper and lower case alone are
    /// the same.
    pub fn add(&mut self, operator: Operator) -> Result<(), AddError> {
        if self.0.iter().any(|other| other.id == operator.id) {
            return Ok(());
        }
        if self.0.len() >= MOST {
            return Err(AddError::TooMany);
        }
        let is_taken = |other: &Operator| other.email.is_some() && other.email == operator.email;
        if self.0.iter().any(is_taken) {
            return Err(AddError::EmailTaken);
        }
        let name = operator.name.to_lowercase();
        let is_same = |other: &str| other.to_lowercase() == name;
        if is_same(DEPLOYMENT_OWNER) || self.0.iter().any(|other| is_same(&other.name)) {
            return Err(AddError::NameTaken);
        }
        self.0.push(operator);
        Ok(())
    }

    /// Removes an operator, whose token and sessions cease to work at once. Returns whether there was one.
    pub fn remove(&mut self, id: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|operator| operator.id != id);
        self.0.len() < before
    }

    /// Whose token has this digest. `None`: nobody's, or it has expired. Compares in constant time.
    pub fn by_digest(&self, digest: &str, now: UnixMillis) -> Option<OperatorIdentity> {
        let mut found = None;
        for operator in &self.0 {
            if operator.digest.as_bytes().ct_eq(digest.as_bytes()).into() {
                found = Some(operator);
            }
        }
        let operator = found.filter(|operator| operator.is_valid(now))?;
        Some(operator.identity())
    }

    /// The operator with this id. `None`: removed, or the token has expired.
    pub fn by_id(&self, id: &str, now: UnixMillis) -> Option<OperatorIdentity> {
        let operator = self.0.iter().find(|operator| operator.id == id)?;
        operator.is_valid(now).then(|| operator.identity())
    }

    /// The operator with this e-mail address, which is in lower case. `None`: there is none, or the token has expired.
    pub fn by_email(&self, email: &str, now: UnixMillis) -> Option<OperatorIdentity> {
        let has_email = |operator: &&Operator| operator.email.as_deref() == Some(email);
        let operator = self.0.iter().find(has_email)?;
        operator.is_valid(now).then(|| operator.identity())
    }
}

/// A session of the console. A row of the Partner object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsoleSession {
    /// SHA-256 of the text in the browser's cookie.
    pub digest: String,
    /// SHA-256 of the token that opened it: an operator's, or that of Cloudflare Access. A session of the deployment's own token
    /// ends when that changes.
    pub token_digest: String,
    /// The operator. `None`: the deployment's own token.
    pub operator: Option<String>,
    /// Until when it is valid.
    pub until: UnixMillis,
}

/// What this service did without an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When.
    pub at: UnixMillis,
    /// The action, as an English sentence.
    #[serde(rename = "what")]
    pub action: String,
}

/// That an operator has marked a step of an app as done. A row of the Partner object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecklistTick {
    /// The step's key.
    pub step: String,
    /// The operator's name.
    pub by: String,
    /// When, in Unix milliseconds.
    pub at: u64,
}

/// A request to the Partner object.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperatorsRequest {
    /// Adds an operator.
    Add(Operator),
    /// Lists the operators.
    List,
    /// Removes an operator.
    Remove {
        /// Its id.
        id: String,
    },
    /// Asks whose token this is.
    Identify {
        /// SHA-256 of the token.
        digest: String,
    },
    /// Asks who has this e-mail address.
    IdentifyEmail {
        /// The address, in lower case.
        email: String,
    },
    /// Stores a session.
    OpenSession(ConsoleSession),
    /// Asks whose session this is.
    Session {
        /// SHA-256 of its text.
        digest: String,
        /// When it is asked.
        at: UnixMillis,
    },
    /// Deletes a session.
    CloseSession {
        /// SHA-256 of its text.
        digest: String,
    },
    /// Reads a page of the audit log.
    Audit {
        /// Entries before the one with this number. `None`: from the newest.
        after: Option<u64>,
        /// How many at most.
        limit: u32,
    },
    /// Stores that an operator begins to do something.
    BeginAction {
        /// When.
        at: UnixMillis,
        /// The operator's name.
        who: String,
        /// The action, as an English sentence.
        what: String,
    },
    /// Stores what came of it.
    EndAction {
        /// The number that [`BeginAction`](Self::BeginAction) was answered with.
        number: u64,
        /// `done`, or a problem code.
        result: String,
    },
    /// Lists the steps of an app's checklist that operators have marked.
    Checklist {
        /// The app.
        app: AppKey,
    },
    /// Marks a step of an app's checklist.
    Tick {
        /// The app.
        app: AppKey,
        /// The step and who marks it.
        tick: ChecklistTick,
        /// Whether it is done.
        done: bool,
    },
}

/// A reply of the Partner object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperatorsReply {
    /// To [`OperatorsRequest::List`].
    Operators(Vec<Operator>),
    /// To [`OperatorsRequest::Identify`], [`OperatorsRequest::IdentifyEmail`] and [`OperatorsRequest::Session`]. `None`: nobody's.
    Identity(Option<OperatorIdentity>),
    /// To [`OperatorsRequest::Audit`].
    Audit(embark_protocol::operators::AuditPage),
    /// To [`OperatorsRequest::Checklist`].
    Checklist(Vec<ChecklistTick>),
    /// To [`OperatorsRequest::BeginAction`].
    Begun {
        /// The number of the entry.
        number: u64,
    },
    /// To the other requests.
    Done,
    /// The request is refused.
    Refused {
        /// Why.
        code: ProblemCode,
        /// More about it. `None`: there is no more.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        detail: Option<String>,
    },
}

/// How long a session of the console is valid.
pub const SESSION_VALID: Duration = Duration::from_hours(12);
/// How many operators a deployment may have.
pub const MOST: usize = 100;
/// <https://www.rfc-editor.org/errata/eid1690>
const MAX_EMAIL_BYTES: usize = 254;
const DEPLOYMENT_OWNER: &str = "EMBARK_OPERATOR_TOKEN";

#[cfg(test)]
#[path = "operators_tests.rs"]
mod tests;
