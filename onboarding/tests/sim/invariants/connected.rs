//! What a signup says when it ends connected is what Meta would say.

use crate::meta::state::{BusinessToken, Meta, Number};
use crate::state::run::RunObject;
use crate::state::world::World;
use crate::violation::{Check, ensure};
use core::time::Duration;
use embark_onboarding::meta::response::MESSAGING;
use embark_onboarding::signup::Signup;
use embark_onboarding::signup::plan::Plan;
use embark_onboarding::signup::record::token_record_name;
use embark_onboarding::signup::state::{ExchangeState, VerifiedAssets};
use embark_protocol::Step;

/// Checks a signup that has just ended connected.
pub fn check(world: &World, object: &RunObject, signup: &Signup) -> Check {
    let assets = signup.steps.inspect.verified.as_ref();
    connected_signup_has_verified_assets(object, assets)?;
    let Some(assets) = assets else { return Ok(()) };
    let meta = world.meta.borrow();
    let waba = meta
        .wabas
        .iter()
        .position(|waba| waba.id == assets.waba.id.as_str());
    connected_account_exists(object, waba)?;
    let Some(waba) = waba else { return Ok(()) };
    connected_account_is_subscribed(object, &meta, waba)?;
    let token = business_token(world, &meta, signup);
    let sends = signup
        .plan()
        .is_some_and(|plan| plan.scopes.contains(&MESSAGING));
    connected_token_reaches_the_account(object, token, waba, sends)?;
    let Some(phone) = &assets.phone else {
        return Ok(());
    };
    let number = meta
        .numbers
        .iter()
        .find(|number| number.id == phone.id.as_str());
    let syncs = |plan: &Plan| plan.stages.iter().any(|stage| stage.contains(&Step::Sync));
    if phone.is_coexistence() && signup.plan().is_some_and(syncs) {
        coexisting_number_is_synchronised(object, signup, number)?;
    }
    let left_to_provider = signup
        .admission
        .settings
        .handoff
        .as_ref()
        .is_some_and(|template| template.skip_register && template.status.is_none());
    if left_to_provider {
        return Ok(());
    }
    connected_number_is_registered(object, number)
}

/// A credit line that a signup calls shared pays for the account at Meta, unless the partner has revoked it since.
/// Checked as the credit step ends.
pub fn shared_credit_pays(world: &World, object: &RunObject, signup: &Signup) -> Check {
    let meta = world.meta.borrow();
    let assets = signup.steps.inspect.verified.as_ref();
    let waba = assets.and_then(|assets| {
        let mut wabas = meta.wabas.iter();
        wabas.find(|waba| waba.id == assets.waba.id.as_str())
    });
    let pays = waba
        .and_then(|waba| waba.funding.as_ref())
        .is_some_and(|(id, _)| meta.allocations.iter().any(|one| one.credential == *id));
    let revoked = meta.credit_revoked_at + Duration::from_hours(1) >= world.now.get();
    ensure(pays || revoked, "shared_credit_pays", || {
        format!("signup {}: the line does not pay", object.index)
    })
}

/// A connected signup has read its account.
fn connected_signup_has_verified_assets(
    object: &RunObject,
    assets: Option<&VerifiedAssets>,
) -> Check {
    let name = "connected_signup_has_verified_assets";
    ensure(assets.is_some(), name, || {
        format!("signup {}: nothing was read", object.index)
    })
}

/// The account of a connected signup is one of Meta's.
fn connected_account_exists(object: &RunObject, waba: Option<usize>) -> Check {
    ensure(waba.is_some(), "connected_account_exists", || {
        format!("signup {}: unknown account", object.index)
    })
}

/// Our app is subscribed to the account.
fn connected_account_is_subscribed(object: &RunObject, meta: &Meta, waba: usize) -> Check {
    let subscribed = meta.wabas[waba].subscribed;
    ensure(subscribed, "connected_account_is_subscribed", || {
        format!("signup {}: our app is not subscribed", object.index)
    })
}

/// The signup has a token that Meta issued, with the account and, if we register the number, the
/// permission to send messages.
fn connected_token_reaches_the_account(
    object: &RunObject,
    token: Option<&BusinessToken>,
    waba: usize,
    sends: bool,
) -> Check {
    let granted = |token: &BusinessToken| {
        token.grants.wabas.contains(&waba) && (token.grants.messaging || !sends)
    };
    let name = "connected_token_reaches_the_account";
    ensure(token.is_some_and(granted), name, || {
        let index = object.index;
        match token {
            Some(_) => format!("signup {index}: the token does not reach the account"),
            None => format!("signup {index}: no token"),
        }
    })
}

/// The contacts and chats of a number that stays in the WhatsApp Business app were requested, or a warning says why
/// not.
fn coexisting_number_is_synchronised(
    object: &RunObject,
    signup: &Signup,
    number: Option<&Number>,
) -> Check {
    let synchronised = number.is_some_and(|number| number.synchronisations.len() == 2);
    let warned = signup
        .warnings
        .iter()
        .any(|warning| warning.starts_with("sync_"));
    let name = "coexisting_number_is_synchronised";
    ensure(synchronised || warned, name, || {
        format!("signup {}: chats were not requested", object.index)
    })
}

/// The number is registered, unless it stays in the WhatsApp Business app or somebody deregistered it since the code
/// was posted.
fn connected_number_is_registered(object: &RunObject, number: Option<&Number>) -> Check {
    let code_posted_at = object.observations.code_posted_at.get();
    let registered = number.is_some_and(|number| {
        number.connected || number.coexistence || number.deregistered_at >= code_posted_at
    });
    ensure(registered, "connected_number_is_registered", || {
        format!("signup {}: the number is not registered", object.index)
    })
}

/// The signup's own token, opened and looked up at Meta. `None`: it has none, it does not open, or Meta did not issue
/// it.
fn business_token<'a>(world: &World, meta: &'a Meta, signup: &Signup) -> Option<&'a BusinessToken> {
    let ExchangeState::Done { token, .. } = &signup.steps.exchange else {
        return None;
    };
    let name = token_record_name(&signup.id);
    let text = world.keyring.open(&name, token).ok()?;
    meta.tokens
        .iter()
        .find(|issued| issued.text == text.expose_secret())
}
