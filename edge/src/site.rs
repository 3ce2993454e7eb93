//! One customer website: its settings (the source of truth; KV is a copy), whether it takes signups, and
//! the index of its runs.

use crate::fault;
use crate::options;
use crate::origin::Origin;
use crate::run::Ms;
use crate::terms;
use crate::waba::Event;
use embark_protocol::config::{Invitation, Site as Config};
use embark_protocol::partner::{Policy, Terms};
use embark_protocol::{Code, InvitationId, Problem, SignupId, Status};
use serde::{Deserialize, Serialize};

/// The stored settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Site {
    pub config: Option<Config>,
    /// Grows with every change; KV copies carry it.
    pub version: u64,
    /// Whether the partner knows that there are open runs.
    pub told_open: bool,
    /// SHA-256 of the token in the address of a provider's news.
    pub hook: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// May this host page's signup go on?
    Admit {
        host: String,
    },
    /// The state of one run, for the index. Older news than what is held is passed over.
    Index(Row),
    /// Something the site's owner should hear; kept until delivered.
    Event(Event),
    /// Wake runs that sit idle.
    Poke,
    Put(Box<Config>),
    Get,
    /// From now on a provider's news come by the address with this token.
    Hook {
        digest: String,
    },
    /// The settings, if this is that address.
    Hooked {
        digest: String,
    },
    Invite(Invitation),
    Invitations,
    Uninvite {
        id: InvitationId,
    },
    /// Whether this invitation still invites; nothing changes.
    Look {
        id: InvitationId,
    },
    /// This signup uses the invitation up.
    Redeem {
        id: InvitationId,
        signup: SignupId,
    },
}

/// One line of the run index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    pub run: SignupId,
    pub seq: u32,
    pub status: Status,
    pub at: Ms,
    /// Meta's screen or our problem code, where it ended on one.
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Admitted {
        policy: Policy,
        solution: Option<String>,
        #[serde(default)]
        terms: Box<Terms>,
    },
    Refused {
        code: Code,
    },
    Noted,
    Put {
        version: u64,
    },
    Config {
        config: Option<Box<Config>>,
    },
    Invalid {
        detail: String,
    },
    Invitations {
        list: Vec<Invitation>,
    },
}

impl Answer {
    /// What the Site object said to something that it only has to note.
    pub fn noted(said: Option<Self>) -> Result<(), Problem> {
        match said {
            Some(Self::Noted) => Ok(()),
            Some(Self::Refused { code }) => Err(fault::problem(code)),
            _ => Err(fault::problem(Code::Internal)),
        }
    }
}

impl Site {
    /// `own`: the edge's origin, whose hosted page needs no listing.
    pub fn admit(&self, host: &str, own: &str) -> Answer {
        match &self.config {
            None => Answer::Refused {
                code: Code::UnknownSite,
            },
            Some(config) if !config.enabled => Answer::Refused {
                code: Code::SiteDisabled,
            },
            Some(config) if host != own && !lists(config, host) => Answer::Refused {
                code: Code::OriginNotAllowed,
            },
            Some(config) => Answer::Admitted {
                policy: config.policy,
                solution: config.solution_id.clone(),
                terms: Box::new(terms::of(config)),
            },
        }
    }

    pub fn put(&mut self, config: Config) -> Answer {
        if let Err(detail) = validate(&config) {
            return Answer::Invalid { detail };
        }
        if self.config.as_ref() != Some(&config) {
            self.config = Some(config);
            self.version += 1;
        }
        Answer::Put {
            version: self.version,
        }
    }
}

/// A run of this status is not over.
pub const fn is_open(status: Status) -> bool {
    !status.is_end()
}

/// Whether `host` is exactly one of the site's origins.
pub fn lists(config: &Config, host: &str) -> bool {
    Origin::parse(host)
        .is_some_and(|origin| config.origins.iter().any(|own| own == origin.as_str()))
}

fn validate(config: &Config) -> Result<(), String> {
    if config.key.as_str() == "callback" {
        return Err("key: /go/callback is Meta's way back".to_owned());
    }
    if config.origins.is_empty() || config.origins.len() > 100 {
        return Err("origins: between 1 and 100".to_owned());
    }
    for origin in &config.origins {
        if Origin::parse(origin).is_none_or(|parsed| parsed.as_str() != origin) {
            return Err(["origins: not an exact origin: ", origin].concat());
        }
    }
    options::check(config)?;
    terms::check(config)
}
