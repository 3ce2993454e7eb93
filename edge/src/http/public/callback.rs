//! `GET /go/callback`: the redirect URI of Meta's OAuth dialog, when the hosted page itself went there instead of
//! opening a popup. The Worker posts the outcome, and redirects to the hosted page without Meta's parameters.

use super::error_page::error_page;
use crate::clock;
use crate::durable_objects::rpc;
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use core::time::Duration;
use embark_onboarding::auth::redirect::CallbackParams;
use embark_onboarding::resources::run::{PagePost, RunReply, RunRequest};
use embark_onboarding::telemetry::Subject;
use embark_protocol::requests::{CodeSource, OutcomeRequest};
use embark_protocol::{Problem, SignupId};

/// Posts the outcome to the signup and redirects to the hosted page.
///
/// # Errors
/// None: a callback that this browser did not start is answered with the error page, which offers the site's hosted
/// page.
pub async fn oauth_callback(incoming: &Incoming<'_>) -> Result<HandlerResponse, Problem> {
    let settings = incoming.settings;
    let callback = CallbackParams::from_url(&incoming.url());
    let cookies = incoming.header("cookie").unwrap_or_default();
    let session = match callback.verify(&cookies, &settings.keyring, clock::now()) {
        Ok(session) => session,
        Err(code) => {
            let site = callback.site();
            return Ok(error_page(&Problem::new(code), site.as_ref(), incoming).await);
        }
    };
    incoming.trace.add(&Subject {
        site: Some(session.grant.site.clone()),
        signup: Some(session.grant.signup.clone()),
        app: Some(session.grant.app.clone()),
    });
    let post = match &callback.code {
        Some(code) => PagePost::Outcome(OutcomeRequest {
            code: code.clone(),
            code_source: CodeSource::Redirect,
            redirect_uri: Some(settings.callback()),
            event: None,
            attempt: None,
            ids: None,
            granted: Default::default(),
        }),
        None => PagePost::Ended(callback.into_ended_request()),
    };
    let signup = session.grant.signup.clone();
    let request = RunRequest::Post {
        grant: Box::new(session.grant.clone()),
        post: Box::new(post),
    };
    post_until_answered(incoming, &signup, &request).await;
    Ok(HandlerResponse::Redirect {
        location: session.return_url(&settings.origin),
        cookies: session.return_cookies(&settings.origin),
    })
}

/// Repeats the post after failures of ours: the authorization code lives 30 s, and nobody else has it. A refusal
/// is not reported here; the hosted page shows the state of the signup.
async fn post_until_answered(incoming: &Incoming<'_>, signup: &SignupId, request: &RunRequest) {
    for attempt in 1..=ATTEMPTS {
        match rpc::call(incoming.env, signup, request).await {
            Ok(RunReply::Document(_)) => return,
            Ok(RunReply::Refused(problem)) if problem.status < 500 => return,
            _ if attempt == ATTEMPTS => return,
            _ => clock::sleep(PAUSE).await,
        }
    }
}

/// How often the outcome is posted, at most.
const ATTEMPTS: u8 = 4;
/// Between two attempts.
const PAUSE: Duration = Duration::from_secs(1);
