//! Which steps a site's signups have, and which permissions they need. Data, not branches.

use super::record::Kind;
use crate::graph::answer::{MANAGEMENT, MESSAGING};
use embark_protocol::Step;
use embark_protocol::config::Policy;

/// Stages run one after another; the steps of one stage side by side.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    pub stages: &'static [&'static [Step]],
    pub scopes: &'static [&'static str],
}

pub const fn plan(policy: Policy, kind: Kind) -> &'static Plan {
    match (kind, policy) {
        (Kind::Renew, _) => &RENEW,
        (Kind::Signup, Policy::TechProvider) => &TECH_PROVIDER,
    }
}

/// A fresh token for an account that is connected: swap it, repair the subscription, touch nothing else.
const RENEW: Plan = Plan {
    stages: &[&[Step::Inspect], &[Step::Claim], &[Step::Subscribe]],
    scopes: &[MANAGEMENT, MESSAGING],
};

/// "Onboarding customers as a Tech Provider".
const TECH_PROVIDER: Plan = Plan {
    stages: &[
        &[Step::Inspect],
        &[Step::Claim],
        &[Step::Subscribe, Step::Register],
        &[Step::Sync],
    ],
    scopes: &[MANAGEMENT, MESSAGING],
};
