//! News of other providers. Infobip signs nothing: its address holds a token of 256 bits, which is all that
//! proves it, so its news only make a run look at Meta, or fail one that waits for it.

use crate::fault::{self, Body};
use crate::objects::published::{hook_key, read_kv};
use crate::objects::{self, RunAsk, SITE, WABA, ask_run};
use crate::provider::infobip;
use crate::reply::Good;
use crate::seal::sha256_hex;
use crate::{site, waba};
use embark_protocol::{Code, Problem, SiteId, WabaId};
use worker::Env;

/// `POST /v1/webhooks/infobip/{token}`. 200 only once the run has it: Infobip sends again otherwise.
pub async fn infobip(token: &str, body: Body, env: &Env) -> Result<Good, Problem> {
    let nobody = || fault::problem(Code::NotFound);
    let unheard = || fault::problem(Code::Internal);
    if token.len() != 64 {
        return Err(nobody());
    }
    let digest = sha256_hex(token.as_bytes());
    let site = read_kv(env, &hook_key(&digest)).await.ok_or_else(nobody)?;
    let site = SiteId::parse(&site).map_err(|_| nobody())?;
    let ask = site::Ask::Hooked { digest };
    let config = match objects::post(env, SITE, site.as_str(), &ask).await {
        Some(site::Answer::Config {
            config: Some(config),
        }) => config,
        // The address was replaced by a newer one.
        Some(_) => return Err(nobody()),
        None => return Err(unheard()),
    };
    let news = infobip::news(&body?).ok_or_else(|| fault::problem(Code::BadJson))?;
    let id = WabaId::parse(&news.waba).map_err(|_| fault::problem(Code::BadId))?;
    let ask = waba::Ask::Run { app: config.app };
    let run = match objects::post(env, WABA, id.as_str(), &ask).await {
        Some(waba::Answer::Run { run: Some(run) }) => run,
        // An account of nobody here: nothing waits for it.
        Some(_) => return Ok(Good::Empty),
        None => return Err(unheard()),
    };
    let said = ask_run(env, &run, &RunAsk::News { site, news }).await;
    let said = said.ok_or_else(unheard)?;
    match said.status {
        500.. => Err(unheard()),
        // A run that has erased itself waits for nothing.
        _ => Ok(Good::Empty),
    }
}
