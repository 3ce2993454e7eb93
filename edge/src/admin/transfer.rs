//! A number moves to another site of the same partner: after a fresh look at Meta with the customer's own
//! token, and with a line in the audit.

use super::{json, unheard};
use crate::fault;
use crate::graph::{answer, call, check};
use crate::host;
use crate::load::Settings;
use crate::objects::published;
use crate::objects::{self, MAIN, PARTNER, PHONE, SITE, WABA};
use crate::reply::Good;
use crate::{partner, phone, site, waba};
use embark_protocol::config::Transfer;
use embark_protocol::{Code, PhoneNumberId, Problem};
use worker::Env;

pub async fn transfer(
    id: PhoneNumberId,
    order: Transfer,
    env: &Env,
    settings: &Settings,
) -> Result<Good, Problem> {
    let nowhere = || fault::because(Code::NotFound, "no signup ever claimed this number");
    let said = objects::post(env, PHONE, id.as_str(), &phone::Ask::Owner)
        .await
        .ok_or_else(unheard)?;
    let phone::Answer::Owner { owner: Some(owner) } = said else {
        return Err(nowhere());
    };
    let said = objects::post(env, SITE, order.site.as_str(), &site::Ask::Get)
        .await
        .ok_or_else(unheard)?;
    let site::Answer::Config {
        config: Some(config),
    } = said
    else {
        return Err(fault::problem(Code::UnknownSite));
    };
    let ask = waba::Ask::Token {
        app: config.app.clone(),
    };
    let said = objects::post(env, WABA, owner.waba.as_str(), &ask)
        .await
        .ok_or_else(unheard)?;
    let waba::Answer::Token { token: Some(token) } = said else {
        let detail = "the site's app holds no token for this account; sign it up there instead";
        return Err(fault::because(Code::Conflict, detail));
    };
    let name = waba::token_name(&config.app, &owner.waba);
    let token = settings
        .vault
        .open(&name, &token)
        .map_err(|_| fault::problem(Code::Internal))?;
    let access = published::access(env, settings, &config.app)
        .await
        .ok_or_else(|| fault::problem(Code::AppMisconfigured))?;
    let look = call::phone_numbers(&owner.waba).sign(&access, &token);
    let held = check(host::call(&settings.meta.graph, &look).await)
        .map(|body| answer::phone_numbers(&body).unwrap_or_default())
        .map_err(|_| fault::problem(Code::WabaUnreachable))?;
    if !held.iter().any(|phone| phone.id == id) {
        return Err(fault::problem(Code::PhoneNotInWaba));
    }
    let what = [
        "transfer of number ",
        id.as_str(),
        " from ",
        owner.site.as_str(),
        " to ",
        order.site.as_str(),
    ];
    let line = partner::Line {
        at: host::now(),
        what: what.concat(),
    };
    let audited: Option<partner::Answer> =
        objects::post(env, PARTNER, MAIN, &partner::Ask::Audit(line)).await;
    audited.ok_or_else(unheard)?;
    let own = waba::Ask::Own {
        site: order.site.clone(),
    };
    let owned: Option<waba::Answer> = objects::post(env, WABA, owner.waba.as_str(), &own).await;
    owned.ok_or_else(unheard)?;
    let ask = phone::Ask::Transfer {
        from: owner.site,
        to: order.site.clone(),
    };
    match objects::post(env, PHONE, id.as_str(), &ask)
        .await
        .ok_or_else(unheard)?
    {
        phone::Answer::Claimed { .. } => json(&order),
        _ => Err(fault::because(
            Code::Conflict,
            "the number changed hands meanwhile; look again",
        )),
    }
}
