//! The public origin: pages and launch documents, what widgets post and read, and webhooks of providers. A handler
//! sends a request to a signup only once grant and origin are verified.

mod callback;
mod dialog_start;
mod error_page;
mod launch;
mod launch_document;
mod returning;
mod signups;
mod webhooks;

use super::incoming::Incoming;
use super::response::HandlerResponse;
use super::route::PublicRoute;
use embark_protocol::{Problem, ProblemCode};

/// Handles a public route.
///
/// # Errors
/// The problem to respond with.
pub async fn handle(
    route: PublicRoute,
    incoming: Incoming<'_>,
) -> Result<HandlerResponse, Problem> {
    check_rate(&incoming).await?;
    match route {
        PublicRoute::FramePage => launch::frame_page(&incoming).await,
        PublicRoute::HostedPage(site) => launch::hosted_page(&incoming, site).await,
        PublicRoute::DialogStart(site) => dialog_start::dialog_start(&incoming, site).await,
        PublicRoute::OauthCallback => callback::oauth_callback(&incoming).await,
        PublicRoute::LaunchDocument(site) => launch::launch_document(&incoming, site).await,
        PublicRoute::PostSignup(id, post) => signups::post(&incoming, id, post).await,
        PublicRoute::GetSnapshot(id) => signups::snapshot(&incoming, id).await,
        PublicRoute::InfobipWebhook(token) => webhooks::infobip(&incoming, &token).await,
        #[cfg(feature = "local")]
        PublicRoute::Local(command) => inject_fault(&incoming, &command),
    }
}

/// Limits requests per client address and Cloudflare location. Coarse: it keeps floods away, and counts nothing.
async fn check_rate(incoming: &Incoming<'_>) -> Result<(), Problem> {
    let Ok(limiter) = incoming.env.rate_limiter("RATE") else {
        return Ok(());
    };
    let address = incoming.header("cf-connecting-ip").unwrap_or_default();
    match limiter.limit(address).await {
        Ok(outcome) if !outcome.success => Err(Problem::new(ProblemCode::TooManyRequests)),
        _ => Ok(()),
    }
}

#[cfg(feature = "local")]
fn inject_fault(incoming: &Incoming<'_>, command: &str) -> Result<HandlerResponse, Problem> {
    match crate::fault_injection::handle(command, incoming.body()?, incoming.env)? {
        Some(operations) => HandlerResponse::json(&operations),
        None => Ok(HandlerResponse::NoContent),
    }
}
