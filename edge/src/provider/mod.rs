//! Other providers than Meta, as values: what they are told of a connected account, what their answers
//! mean, and how they are asked how far they are.

pub mod infobip;
pub mod template;

use crate::graph::{Class, Failure, Heard};
use crate::outbound;
use crate::run::Ms;
use embark_protocol::partner::{Handoff, Infobip, Terms};
use embark_protocol::{BusinessId, PhoneNumberId, SignupId, SiteId, WabaId};

/// Who a site's numbers are handed to.
#[derive(Debug, Clone, Copy)]
pub enum Provider<'a> {
    Infobip(&'a Infobip),
    /// Told as the site's template says.
    Template(&'a Handoff),
}

/// What a provider may be told.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub site: &'a SiteId,
    pub signup: &'a SignupId,
    pub waba: &'a WabaId,
    pub phone: Option<&'a PhoneNumberId>,
    pub business: Option<&'a BusinessId>,
    /// As Meta displays it.
    pub number: Option<&'a str>,
    pub name: Option<&'a str>,
}

/// What an order came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    Done,
    /// Accepted; where to ask how far it is, unless the provider says by itself.
    Pending(Option<String>),
}

/// How far a provider is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Far {
    Done,
    Failed(String),
    /// Its own word for it.
    Pending(String),
}

impl<'a> Provider<'a> {
    pub fn of(terms: &'a Terms) -> Option<Self> {
        let template = || terms.handoff.as_ref().map(Self::Template);
        terms.infobip.as_ref().map(Self::Infobip).or_else(template)
    }

    /// The order. `None`: it speaks of a number, and there is none.
    pub fn order(&self, facts: &Facts<'_>) -> Option<outbound::Request> {
        match self {
            Self::Infobip(infobip) => Some(infobip::share_waba(infobip, facts)),
            Self::Template(template) => template::order(template, facts),
        }
    }

    pub fn taken(&self, heard: Heard, facts: &Facts<'_>) -> Result<Taken, Failure> {
        match self {
            Self::Infobip(_) => infobip::taken(heard),
            Self::Template(template) => template::taken(template, heard, facts),
        }
    }

    /// Milliseconds until the `nth` look at how far it is.
    pub fn interval(&self, nth: u16) -> Ms {
        let (first, most) = match self {
            Self::Infobip(_) => (5 * 60_000, 6 * 3_600_000),
            Self::Template(template) => (template::first_look_ms(template), 5 * 60_000),
        };
        (first << nth.min(12)).min(most.max(first))
    }

    /// How long it is waited for, from the order on.
    pub fn patience(&self) -> Ms {
        match self {
            Self::Infobip(_) => 13 * DAY_MS,
            Self::Template(template) => template::deadline_ms(template),
        }
    }

    /// When somebody should look into it.
    pub fn late_after(&self) -> Ms {
        self.patience().min(DAY_MS)
    }

    /// How often an order is repeated that was not answered.
    pub fn tries(&self) -> u16 {
        match self {
            Self::Infobip(_) => 8,
            Self::Template(template) => template.tries.unwrap_or(8).into(),
        }
    }
}

/// Whether a failed order may simply be repeated.
pub fn is_passing(failure: &Failure) -> bool {
    matches!(
        failure.class,
        Class::Unheard | Class::Transient | Class::Rate
    )
}

const DAY_MS: Ms = 24 * 3_600_000;
