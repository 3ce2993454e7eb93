//! The public origin: pages and launch documents, what widgets post and read, and webhooks of providers. A handler
//! sends a request to a signup only once grant and origin are verified.

mod callback;
mod customer;
mod dialog_start;
mod error_page;
pub mod launch;
mod launch_document;
mod launch_parts;
mod meta_webhooks;
mod provider_secrets;
mod quota;
mod returning;
mod session;
mod signups;
pub mod site_settings;
mod user_callbacks;
mod webhooks;

use super::api_description;
use super::backend;
use super::incoming::Incoming;
use super::rate_limit;
use super::response::HandlerResponse;
use super::route::PublicRoute;
use embark_protocol::{Problem, ProblemCode};

/// Handles a public route.
///
/// # Errors
/// The problem to respond with.
pub async fn handle(
    route: PublicRoute,
    incoming: &Incoming<'_>,
) -> Result<HandlerResponse, Problem> {
    incoming.allow_reading_by(&incoming.settings.origin);
    // Meta sends webhooks from few networks, as fast as messages are sent: only those that are not signed are counted.
    let is_of_meta = matches!(
        route,
        PublicRoute::MetaWebhook(_) | PublicRoute::UserCallback(..)
    );
    if !is_of_meta {
        rate_limit::check_address(incoming).await?;
    }
    match route {
        PublicRoute::FramePage => launch::frame_page(incoming).await,
        PublicRoute::HostedPage(site) => launch::hosted_page(incoming, site).await,
        PublicRoute::DialogStart(site) => dialog_start::dialog_start(incoming, site).await,
        PublicRoute::OauthCallback => callback::oauth_callback(incoming).await,
        PublicRoute::Favicon => Ok(HandlerResponse::NoContent),
        PublicRoute::ApiDescription => api_description::of_public_origin(incoming).await,
        PublicRoute::LaunchDocument(site) => launch::launch_document(incoming, site).await,
        PublicRoute::PostSignup(id, post) => signups::post(incoming, id, post).await,
        PublicRoute::GetSnapshot(id) => signups::snapshot(incoming, id).await,
        PublicRoute::Backend(route) => backend::handle(route, incoming).await,
        PublicRoute::MetaHandshake(app) => meta_webhooks::verify(incoming, &app).await,
        PublicRoute::MetaWebhook(app) => meta_webhooks::receive(incoming, &app).await,
        PublicRoute::UserCallback(app, kind) => user_callbacks::receive(incoming, &app, kind).await,
        PublicRoute::DeletionPage(app, code) => {
            user_callbacks::deletion_page(incoming, &app, &code).await
        }
        PublicRoute::InfobipWebhook(token) => webhooks::infobip(incoming, &token).await,
        #[cfg(feature = "local")]
        PublicRoute::Local(command) => inject_fault(incoming, &command),
    }
}

/// Refuses a request that no route takes: with a page, if a person opened the URL.
///
/// # Errors
/// The problem, for anyone else.
pub async fn refuse(
    code: ProblemCode,
    incoming: &Incoming<'_>,
) -> Result<HandlerResponse, Problem> {
    let path = incoming.request.path();
    let problem = match code {
        ProblemCode::BadId | ProblemCode::NotFound if path.len() > 1 && path.ends_with('/') => {
            Problem::new(ProblemCode::NotFound)
                .with_detail("the address without the slash at its end")
        }
        ProblemCode::BadId => Problem::new(code).with_detail(IDS),
        _ => Problem::new(code),
    };
    if incoming.is_navigation() {
        rate_limit::check_address(incoming).await?;
        return Ok(error_page::error_page(&problem, None, incoming).await);
    }
    Err(problem)
}

const IDS: &str = "ids in addresses: a signup or invitation 32 hexadecimal digits, an account, number or solution 5 to 20 \
                   digits, a site or app 1 to 40 characters a-z, 0-9 and -";

#[cfg(feature = "local")]
fn inject_fault(incoming: &Incoming<'_>, command: &str) -> Result<HandlerResponse, Problem> {
    // Tests send it, and no page may: browsers add one of these headers to each request that a page makes.
    if incoming.origin.is_some() || incoming.header("sec-fetch-site").is_some() {
        return Err(Problem::new(ProblemCode::OriginNotAllowed));
    }
    match crate::fault_injection::handle(command, incoming.body()?, incoming.env)? {
        Some(operations) => HandlerResponse::json(&operations),
        None => Ok(HandlerResponse::NoContent),
    }
}
