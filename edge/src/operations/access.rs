//! Operators whom Cloudflare Access has signed in: their tokens, and the keys that verify them.

use super::Deployment;
use super::operators::{self, OpenedSession};
use crate::clock;
use crate::fetch;
use crate::telemetry;
use core::cell::RefCell;
use embark_onboarding::auth::access::{
    AccessCerts, AccessKey, AccessSettings, AccessToken, AccessTokenError, CertsCache, KeyLookup,
};
use embark_onboarding::telemetry::Subject;
use embark_protocol::{Problem, ProblemCode};
use std::rc::Rc;

/// Opens a session of the console for the operator whose e-mail address the token names, until the token expires at the latest.
///
/// # Errors
/// `unauthorized`: the token is not of this application, or names nobody who is an operator. `internal`: the keys cannot be
/// read, or the Partner object did not reply.
pub async fn open_session(
    deployment: Deployment<'_>,
    settings: &AccessSettings,
    text: &str,
) -> Result<OpenedSession, Problem> {
    let token = AccessToken::parse(text).map_err(refused)?;
    let key = key(settings, token.key_id()).await?;
    let now = clock::now();
    let identity = token
        .verify(&key)
        .and_then(|token| token.identity(settings, now))
        .map_err(refused)?;
    let valid_for = now.until(identity.expires_at);
    let opened =
        operators::open_session_by_email(deployment, &identity.email, text, valid_for).await?;
    opened.ok_or_else(|| {
        let detail = format!(
            "Cloudflare Access says that you are {}: no operator has this e-mail address, or the operator’s token has expired. \
             Ask an owner to add you with it, or sign in with a token.",
            identity.email
        );
        Problem::new(ProblemCode::Unauthorized).with_detail(&detail)
    })
}

fn refused(error: AccessTokenError) -> Problem {
    let detail = format!("Cloudflare Access’s sign-in is not accepted: {error}.");
    Problem::new(ProblemCode::Unauthorized).with_detail(&detail)
}

/// The key of the team with this id. Those that this instance has in memory are read again if it is not among them.
async fn key(settings: &AccessSettings, id: &str) -> Result<Rc<AccessKey>, Problem> {
    let mut found = CERTS.with_borrow(|cache| cache.find(id, clock::now()));
    if matches!(found, KeyLookup::Read) {
        read_certs(settings).await;
        found = CERTS.with_borrow(|cache| cache.find(id, clock::now()));
    }
    match found {
        KeyLookup::Found(key) => Ok(key),
        KeyLookup::Unknown => {
            let detail = "Cloudflare Access’s sign-in is not accepted: the team has no key of the token’s id. \
                          See ACCESS_TEAM_DOMAIN; after a change of the keys, try again in a minute.";
            Err(Problem::new(ProblemCode::Unauthorized).with_detail(detail))
        }
        KeyLookup::Read | KeyLookup::Unavailable => {
            let detail = "The keys of Cloudflare Access cannot be read at the moment: open the page again, or sign in with a token.";
            Err(Problem::new(ProblemCode::Internal).with_detail(detail))
        }
    }
}

async fn read_certs(settings: &AccessSettings) {
    let body = fetch::read_access_certs(&settings.certs_url()).await;
    let certs = body
        .map_err(|error| error.to_string())
        .and_then(|body| AccessCerts::parse(&body).map_err(|error| error.to_string()));
    CERTS.with_borrow_mut(|cache| match certs {
        Ok(certs) => cache.store(certs, clock::now()),
        Err(detail) => {
            telemetry::failure("access_certs", &detail, &Subject::default());
            cache.fail(clock::now());
        }
    });
}

thread_local! {
    static CERTS: RefCell<CertsCache> = RefCell::default();
}
