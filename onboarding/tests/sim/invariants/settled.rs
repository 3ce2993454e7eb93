//! What holds once all signups are settled: nothing is in an outbox any more, and no call is in flight.

use super::secrets::{stored_json_has_no_secret, token_opens_under_its_name};
use crate::state::observations::status;
use crate::state::run::RunObject;
use crate::state::world::World;
use crate::violation::{Check, ensure};
use embark_onboarding::resources::waba::{WabaRecord, token_name};
use embark_onboarding::signup::record::token_record_name;
use embark_onboarding::signup::state::{CreditPhase, ExchangeState, OverridePhase};
use embark_onboarding::signup::{End, Signup, Stage};
use embark_onboarding::time::UnixMillis;
use embark_protocol::{AppKey, ProblemCode, Step, WabaId};

/// Checks everything that is stored.
pub fn after_settling(world: &World) {
    for object in world.runs.borrow().iter() {
        if let Some(signup) = object.stored(world) {
            check_signup(world, object, &signup);
        }
    }
    for phone in &world.phones {
        let record = phone.storage.record.borrow();
        let json = serde_json::to_string(&*record).unwrap();
        world.enforce(stored_json_has_no_secret(&json));
    }
    let app = AppKey::parse("main").unwrap();
    for (id, record) in world.peers.wabas.borrow().iter() {
        let json = serde_json::to_string(record).unwrap();
        world.enforce(stored_json_has_no_secret(&json));
        for held in &record.tokens {
            let name = token_name(&app, id);
            world.enforce(token_opens_under_its_name(world, &name, &held.token));
        }
    }
}

fn check_signup(world: &World, object: &RunObject, signup: &Signup) {
    world.enforce(index_row_is_current(world, object, signup));
    let json = serde_json::to_string(signup).unwrap();
    world.enforce(stored_json_has_no_secret(&json));
    if let ExchangeState::Done { token, .. } = &signup.steps.exchange {
        let name = token_record_name(&signup.id);
        world.enforce(token_opens_under_its_name(world, &name, token));
    }
    let Some(assets) = &signup.steps.inspect.verified else {
        return;
    };
    world.enforce(address_of_messages_is_settled(object, signup));
    world.enforce(messages_go_to_an_address_of_a_site(world, object, signup));
    if let Some(token) = &signup.steps.claim.token {
        let name = token_name(&signup.app, &assets.waba.id);
        world.enforce(token_opens_under_its_name(world, &name, token));
    }
    world.enforce(warning_says_what_became_of_the_credit_line(object, signup));
    let wabas = world.peers.wabas.borrow();
    let record = wabas.get(&assets.waba.id);
    world.enforce(connected_account_has_a_token(object, signup, record));
    world.enforce(refused_token_is_not_of_record(object, signup, record));
}

/// A connected signup whose site has, or had, an address for messages has set it, or has given that up.
fn address_of_messages_is_settled(object: &RunObject, signup: &Signup) -> Check {
    let addresses = &signup.steps.callback_override;
    let has_route = signup.admission.messages.is_some();
    let holds = !is_connected(signup) || !has_route || addresses.is_at_rest();
    ensure(holds, "address_of_messages_is_settled", || {
        let (index, phase) = (object.index, &addresses.phase);
        format!("signup {index}: {phase:?}")
    })
}

/// Where a connected signup has set its site's address, and no other signup has the account, Meta sends the number's messages to that
/// address or to that of the other site: never to the app's. Another signup may have found the app not subscribed before
/// this one did, and a plain subscription takes an address away. One that ended before it had read the address once more, as its
/// token was revoked, reads it when it is renewed; one whose number was transferred to another site leaves it as it is.
fn messages_go_to_an_address_of_a_site(
    world: &World,
    object: &RunObject,
    signup: &Signup,
) -> Check {
    let route = signup.admission.messages.as_ref();
    let has_callback = route.is_some_and(|route| route.callback.is_some());
    let is_done = signup.steps.callback_override.phase == OverridePhase::Done;
    let assets = signup.steps.inspect.verified.as_ref();
    let phone = assets.and_then(|assets| assets.phone.as_ref());
    let owner = phone.and_then(|phone| world.phone(&phone.id).owner.borrow().clone());
    let is_transferred = owner.is_some_and(|owner| owner != signup.site.as_str());
    let is_set = has_callback && is_done && is_connected(signup) && !is_transferred;
    let runs = world.runs.borrow();
    let others = runs.iter().filter(|other| other.index != object.index);
    let others = others.filter_map(|other| other.stored(world));
    let is_shared = assets.is_some_and(|assets| {
        let mut others = others;
        others.any(|other| has_claimed(&other, &assets.waba.id))
    });
    let meta = world.meta.borrow();
    let url = assets.and_then(|assets| {
        let id = assets.phone.as_ref().map(|phone| phone.id.as_str());
        let mut numbers = meta.numbers.iter();
        let number = numbers.find(|number| Some(number.id.as_str()) == id);
        let mut wabas = meta.wabas.iter();
        let waba = wabas.find(|waba| waba.id == assets.waba.id.as_str());
        let own = number.and_then(|number| number.messages_url.clone());
        own.or_else(|| waba.and_then(|waba| waba.messages_url.clone()))
    });
    ensure(
        !is_set || is_shared || url.is_some(),
        "messages_go_to_an_address_of_a_site",
        || format!("signup {}: they go to the app", object.index),
    )
}

/// The site's index has the signup's current status and `seq`.
fn index_row_is_current(world: &World, object: &RunObject, signup: &Signup) -> Check {
    let index = world.peers.site(&signup.site).index.borrow();
    let row = index.get(&signup.id);
    let current = row.is_some_and(|row| row.seq == signup.seq && row.status == status(signup));
    ensure(current, "index_row_is_current", || {
        let (index, seq) = (object.index, signup.seq);
        format!("signup {index}: seq is {seq}, and the index has {row:?}")
    })
}

/// The account of a connected signup has a token.
fn connected_account_has_a_token(
    object: &RunObject,
    signup: &Signup,
    record: Option<&WabaRecord>,
) -> Check {
    let has_token = record.is_some_and(|record| !record.tokens.is_empty());
    let holds = !is_connected(signup) || has_token;
    ensure(holds, "connected_account_has_a_token", || {
        format!("signup {}: its account has no token", object.index)
    })
}

/// A signup warns that the credit line is not shared if, and only if, it gave that up.
fn warning_says_what_became_of_the_credit_line(object: &RunObject, signup: &Signup) -> Check {
    let given_up = signup.steps.credit.phase == CreditPhase::GivenUp;
    let mut warnings = signup.warnings.iter();
    let warned = warnings.any(|warning| warning == "credit_not_shared");
    let name = "warning_says_what_became_of_the_credit_line";
    ensure(given_up == warned, name, || {
        format!(
            "signup {}: given up: {given_up}, warned: {warned}",
            object.index
        )
    })
}

/// The token of a signup whose claim was refused is not its account's.
fn refused_token_is_not_of_record(
    object: &RunObject,
    signup: &Signup,
    record: Option<&WabaRecord>,
) -> Check {
    let own = signup.steps.claim.token.as_ref();
    let held = record.is_some_and(|record| {
        let mut tokens = record.tokens.iter();
        tokens.any(|held| Some(&held.token) == own)
    });
    let holds = !claim_was_refused(signup) || !held;
    ensure(holds, "refused_token_is_not_of_record", || {
        format!("signup {}: its account has its token", object.index)
    })
}

/// A site's token of record for an account is the newest of those that were claimed through it and have the permissions
/// of this one: a token is not replaced by one with fewer. Not checked where the
/// clock jumped back: times of issue are by the objects' clock.
pub fn token_of_record_is_newest(world: &World) -> Check {
    if world.clock_skew_ms.get() < 0 {
        return Ok(());
    }
    let runs = world.runs.borrow();
    let signups: Vec<Signup> = runs
        .iter()
        .filter_map(|object| object.stored(world))
        .collect();
    for (id, record) in world.peers.wabas.borrow().iter() {
        for held in &record.tokens {
            let claims = signups.iter().filter(|signup| {
                let is_of_site = Some(&signup.site) == held.site.as_ref();
                is_of_site && has_claimed(signup, id) && has_scopes(signup, &held.scopes)
            });
            let newest = claims.filter_map(token_received_at).max();
            let holder = signups.iter().find(|signup| signup.id == held.signup);
            let received_at = holder.and_then(token_received_at);
            let newer_exists = received_at.is_some() && received_at < newest;
            ensure(!newer_exists, "token_of_record_is_newest", || {
                format!("account {id}: an older token replaced a newer one")
            })?;
        }
    }
    Ok(())
}

/// The signup's token has these permissions.
fn has_scopes(signup: &Signup, scopes: &[String]) -> bool {
    let info = signup.steps.inspect.token_info.as_ref();
    info.is_some_and(|info| scopes.iter().all(|scope| info.scopes.contains(scope)))
}

fn is_connected(signup: &Signup) -> bool {
    matches!(
        &signup.stage,
        Stage::Ended {
            end: End::Connected { .. },
            ..
        }
    )
}

/// The number or the account belongs to another site.
fn claim_was_refused(signup: &Signup) -> bool {
    matches!(
        &signup.stage,
        Stage::Ended {
            end: End::Failed(problem),
            ..
        } if problem.code == ProblemCode::OwnedElsewhere && problem.step == Some(Step::Claim)
    )
}

fn has_claimed(signup: &Signup, waba: &WabaId) -> bool {
    let assets = signup.steps.inspect.verified.as_ref();
    signup.steps.claim.waba_claimed && assets.is_some_and(|assets| assets.waba.id == *waba)
}

fn token_received_at(signup: &Signup) -> Option<UnixMillis> {
    match &signup.steps.exchange {
        ExchangeState::Done { received_at, .. } => Some(*received_at),
        _ => None,
    }
}
