//! `GET /go/{site}/dialog`: begins a signup in Meta's OAuth dialog, in the same window. The button of the hosted page
//! leads here as long as no script has taken it over.

use super::error_page::error_page;
use super::launch_document::LaunchRequest;
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use crate::random;
use embark_onboarding::auth::dialog_start::DialogStart;
use embark_onboarding::web::request_url::query_string;
use embark_protocol::launch::LaunchDocument;
use embark_protocol::{Problem, SiteId};

/// Redirects to the dialog. What the callback needs is in a cookie, as when the widget goes there.
///
/// # Errors
/// None: a problem is shown as the error page.
pub async fn dialog_start(
    incoming: &Incoming<'_>,
    site: SiteId,
) -> Result<HandlerResponse, Problem> {
    let response = match LaunchRequest::of_hosted_page(incoming, site).launch().await {
        Ok(launch) => redirect(incoming, launch.document),
        Err(problem) => Err(problem),
    };
    match response {
        Ok(response) => Ok(response),
        Err(problem) => Ok(error_page(&problem, None, incoming).await),
    }
}

fn redirect(incoming: &Incoming<'_>, launch: LaunchDocument) -> Result<HandlerResponse, Problem> {
    let origin = &incoming.settings.origin;
    let query = query_string(&incoming.url());
    let DialogStart { location, cookie } =
        DialogStart::new(launch, &random::fresh_id(), &query, origin)?;
    Ok(HandlerResponse::Redirect {
        location,
        cookies: vec![cookie],
    })
}
