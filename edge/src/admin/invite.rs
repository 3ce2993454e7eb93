//! Invitations: made, listed and taken back by an operator. The Site object holds them.

use super::{json, parse, unheard};
use crate::fault::{self, Body};
use crate::host;
use crate::invitation;
use crate::load::Settings;
use crate::objects::{self, SITE};
use crate::reply::Good;
use crate::site::{Answer, Ask};
use embark_protocol::{Code, InvitationId, Problem, SiteId};
use worker::Env;

pub async fn make(
    site: &SiteId,
    body: Body,
    env: &Env,
    settings: &Settings,
) -> Result<Good, Problem> {
    let id = InvitationId::parse(&host::fresh_id()).map_err(|_| unheard())?;
    let url = [
        &settings.origin,
        "/go/",
        site.as_str(),
        "?invite=",
        id.as_str(),
    ]
    .concat();
    let made = invitation::invite(parse(body?)?, id, host::now());
    let mut made = made.map_err(|detail| fault::because(Code::BadRequest, &detail))?;
    ask(site, &Ask::Invite(made.clone()), env).await?;
    made.url = Some(url);
    json(&made)
}

pub async fn list(site: &SiteId, env: &Env) -> Result<Good, Problem> {
    match ask(site, &Ask::Invitations, env).await? {
        Answer::Invitations { list } => json(&list),
        _ => Err(unheard()),
    }
}

pub async fn take_back(site: &SiteId, id: InvitationId, env: &Env) -> Result<Good, Problem> {
    ask(site, &Ask::Uninvite { id }, env).await?;
    Ok(Good::Empty)
}

async fn ask(site: &SiteId, ask: &Ask, env: &Env) -> Result<Answer, Problem> {
    match objects::post(env, SITE, site.as_str(), ask)
        .await
        .ok_or_else(unheard)?
    {
        Answer::Refused { code } => Err(fault::problem(code)),
        answer => Ok(answer),
    }
}
