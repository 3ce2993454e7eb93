//! Which steps a signup has, in which order, and which permissions they need.

use super::record::{Admission, Kind, Signup};
use crate::meta::response::{MANAGEMENT, MESSAGING};
use embark_protocol::Step;
use embark_protocol::admin::SiteSettings;
use embark_protocol::policy::Policy;

/// The steps of a signup.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    /// Run one after another; the steps within a stage run side by side.
    pub stages: &'static [&'static [Step]],
    /// The permissions that the customer must have granted.
    pub scopes: &'static [&'static str],
}

/// The plan of a kind and policy. `registers`: whether we register the number, where another provider could.
pub const fn plan(policy: Policy, kind: Kind, registers: bool) -> &'static Plan {
    match (kind, policy) {
        (Kind::Renew, Policy::Infobip) => &RENEW_WITHOUT_MESSAGING,
        (Kind::Renew, Policy::Handoff) if !registers => &RENEW_WITHOUT_MESSAGING,
        (Kind::Renew, _) => &RENEW,
        (Kind::Signup, Policy::TechProvider) => &TECH_PROVIDER,
        (Kind::Signup, Policy::SolutionPartner) => &SOLUTION_PARTNER,
        (Kind::Signup, Policy::Infobip) => &INFOBIP,
        (Kind::Signup, Policy::Handoff) if registers => &HANDOFF_REGISTERED,
        (Kind::Signup, Policy::Handoff) => &HANDOFF,
    }
}

/// Replaces the token of an account that is connected, and repairs the subscription.
const RENEW: Plan = Plan {
    stages: &[&[Step::Inspect], &[Step::Claim], &[Step::Subscribe]],
    scopes: &[MANAGEMENT, MESSAGING],
};

/// The same where another provider sends: a renewal needs no more permissions than the signup did.
const RENEW_WITHOUT_MESSAGING: Plan = Plan {
    stages: RENEW.stages,
    scopes: &[MANAGEMENT],
};

/// <https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-customers-as-a-tech-provider>
const TECH_PROVIDER: Plan = Plan {
    stages: &[
        &[Step::Inspect],
        &[Step::Claim],
        &[Step::Subscribe, Step::Register],
        &[Step::Sync],
    ],
    scopes: &[MANAGEMENT, MESSAGING],
};

/// <https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-customers-as-a-solution-partner>
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

/// Infobip registers the number and sends; we receive the account's webhooks.
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

/// The steps behind the code that first connections have at a site with these settings, in order.
pub fn steps_of_site(settings: &SiteSettings) -> impl Iterator<Item = Step> {
    let template = settings.handoff.as_ref();
    let registers = template.is_none_or(|template| !template.skip_register);
    let plan = plan(settings.policy, Kind::Signup, registers);
    plan.stages.iter().copied().flatten().copied()
}

impl Signup {
    /// Whether the site's policy has us register numbers, also where this signup is a renewal.
    pub(in crate::signup) fn registers_numbers(&self) -> bool {
        let Admission::Admitted(policy) = self.admission.decision else {
            return false;
        };
        let template = self.admission.settings.handoff.as_ref();
        let registers = template.is_none_or(|template| !template.skip_register);
        let stages = plan(policy, Kind::Signup, registers).stages;
        stages.iter().any(|stage| stage.contains(&Step::Register))
    }

    /// The signup's plan. `None` until the site has admitted it.
    pub fn plan(&self) -> Option<&'static Plan> {
        let Admission::Admitted(policy) = self.admission.decision else {
            return None;
        };
        let template = self.admission.settings.handoff.as_ref();
        let registers = template.is_none_or(|template| !template.skip_register);
        Some(plan(policy, self.kind, registers))
    }
}
