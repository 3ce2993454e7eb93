//! Which steps a site's signups have, and which permissions they need. Data, not branches.

use super::Signup;
use super::record::{Admission, Kind};
use crate::graph::answer::{MANAGEMENT, MESSAGING};
use embark_protocol::Step;
use embark_protocol::partner::Policy;

/// Stages run one after another; the steps of one stage side by side.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    pub stages: &'static [&'static [Step]],
    pub scopes: &'static [&'static str],
}

/// By kind and policy; `registers`: whether we do, where another provider may.
pub const fn plan(policy: Policy, kind: Kind, registers: bool) -> &'static Plan {
    match (kind, policy) {
        (Kind::Renew, _) => &RENEW,
        (Kind::Signup, Policy::TechProvider) => &TECH_PROVIDER,
        (Kind::Signup, Policy::SolutionPartner) => &SOLUTION_PARTNER,
        (Kind::Signup, Policy::Infobip) => &INFOBIP,
        (Kind::Signup, Policy::Handoff) if registers => &HANDOFF_REGISTERED,
        (Kind::Signup, Policy::Handoff) => &HANDOFF,
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

/// "Onboarding customers as a Solution Partner".
const SOLUTION_PARTNER: Plan = Plan {
    stages: &[
        &[Step::Inspect],
        &[Step::Claim],
        &[Step::Subscribe],
        &[Step::Credit],
        &[Step::Register],
        &[Step::Sync],
    ],
    scopes: &[MANAGEMENT, MESSAGING],
};

/// Infobip registers the number and sends; we hear the account's news.
const INFOBIP: Plan = Plan {
    stages: &[
        &[Step::Inspect],
        &[Step::Claim],
        &[Step::Subscribe],
        &[Step::Handoff],
    ],
    scopes: &[MANAGEMENT],
};

/// Another provider registers the number and sends.
const HANDOFF: Plan = Plan {
    stages: INFOBIP.stages,
    scopes: &[MANAGEMENT],
};

/// We register the number, then another provider is told.
const HANDOFF_REGISTERED: Plan = Plan {
    stages: &[
        &[Step::Inspect],
        &[Step::Claim],
        &[Step::Subscribe, Step::Register],
        &[Step::Sync],
        &[Step::Handoff],
    ],
    scopes: &[MANAGEMENT, MESSAGING],
};

impl Signup {
    /// The plan of an admitted signup.
    pub(super) fn plan(&self) -> Option<&'static Plan> {
        match self.admission {
            Admission::Yes(policy) => Some(plan(policy, self.kind, self.registers())),
            _ => None,
        }
    }

    fn registers(&self) -> bool {
        self.terms
            .handoff
            .as_ref()
            .is_none_or(|template| !template.skip_register)
    }

    /// Whether the provider alone hears the account's webhooks.
    pub(super) fn leaves_webhooks(&self) -> bool {
        self.terms
            .handoff
            .as_ref()
            .is_some_and(|template| template.skip_subscribe)
    }
}
