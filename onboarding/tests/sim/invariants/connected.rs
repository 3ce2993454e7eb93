//! What a signup says when it ends connected is what Meta would say.

use crate::meta::state::{BusinessToken, Meta, Number};
use crate::state::run::RunObject;
use crate::state::world::World;
use crate::violation::{Check, ensure};
use embark_onboarding::signup::Signup;
use embark_onboarding::signup::record::token_record_name;
use embark_onboarding::signup::state::{ExchangeState, VerifiedAssets};

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
    connected_token_reaches_the_account(object, business_token(world, &meta, signup), waba)?;
    let Some(phone) = &assets.phone else {
        return Ok(());
    };
    let number = meta
        .numbers
        .iter()
        .find(|number| number.id == phone.id.as_str());
    if phone.is_coexistence() {
        coexisting_number_is_synchronised(object, signup, number)?;
    }
    connected_number_is_registered(object, number)
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

/// The signup has a token that Meta issued, with the account and the permission to send messages.
fn connected_token_reaches_the_account(
    object: &RunObject,
    token: Option<&BusinessToken>,
    waba: usize,
) -> Check {
    let granted =
        |token: &BusinessToken| token.grants.wabas.contains(&waba) && token.grants.messaging;
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
