//! `GET /go/callback`: where Meta's dialog comes back to when it ran in the page's own window. The Worker
//! posts the outcome itself, and sends the person on to a clean address.

use super::refusal;
use crate::fault;
use crate::host;
use crate::load::Settings;
use crate::objects::{Post, RunAsk, ask_run};
use crate::redirect::{Back, cookie};
use crate::reply::Good;
use embark_protocol::Problem;
use embark_protocol::post::{CodeSource, Outcome};
use worker::{Env, Request};

pub async fn handle(request: &Request, env: &Env, settings: &Settings) -> Result<Good, Problem> {
    let back = Back::read(&request.inner().url());
    let cookies = request.headers().get("cookie").ok().flatten();
    let left = back.left(&cookies.unwrap_or_default(), &settings.vault, host::now());
    let left = match left {
        Ok(left) => left,
        Err(code) => return Ok(refusal::page(&fault::problem(code), request, env).await),
    };
    let post = match &back.code {
        Some(code) => Post::Outcome(Outcome {
            code: code.clone(),
            code_source: CodeSource::Redirect,
            redirect_uri: Some(settings.callback()),
            event: None,
            attempt: None,
            ids: None,
        }),
        None => Post::Ended(back.ended()),
    };
    let signup = left.grant.signup.clone();
    let ask = RunAsk::Post {
        grant: Box::new(left.grant.clone()),
        post: Box::new(post),
    };
    // The code lives 30 s, and nobody else has it. Whatever the run says, its page shows.
    for _ in 0..TRIES {
        if ask_run(env, &signup, &ask)
            .await
            .is_some_and(|said| said.status < 500)
        {
            break;
        }
        host::sleep(PAUSE_MS).await;
    }
    Ok(Good::Redirect {
        location: left.home(&settings.origin),
        cookie: [&cookie(&signup), "=;path=/go/callback;max-age=0"].concat(),
    })
}

const TRIES: u8 = 4;
const PAUSE_MS: u32 = 1_000;
