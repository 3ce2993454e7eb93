//! Routes that give a page its launch document: within the frame page, within the hosted page, and alone, for
//! inline pages and for renewal.

use super::error_page::{error_page, refused_frame};
use super::launch_document::LaunchRequest;
use super::returning;
use crate::clock;
use crate::http::html;
use crate::http::incoming::Incoming;
use crate::http::locale::language;
use crate::http::response::HandlerResponse;
use crate::http::texts;
use crate::http::widget_view::WidgetView;
use crate::telemetry;
use embark_onboarding::auth::return_cookie::delete_return_cookie;
use embark_onboarding::telemetry::Subject;
use embark_protocol::launch::{LaunchDocument, LaunchMode};
use embark_protocol::{Problem, ProblemCode, SiteId, Snapshot};
use embark_view::appearance::Appearance;

/// `GET /frame?site=…&host=…&mode=…`: the page in the widget's iframe.
///
/// # Errors
/// None: a problem is shown as the error page.
pub async fn frame_page(incoming: &Incoming<'_>) -> Result<HandlerResponse, Problem> {
    match frame_request(incoming) {
        Ok(request) => widget_page(request).await,
        Err(problem) => Ok(refused_frame(&problem, incoming).await),
    }
}

/// `GET /go/{site}`: the hosted page.
///
/// # Errors
/// None: a problem is shown as the error page.
pub async fn hosted_page(
    incoming: &Incoming<'_>,
    site: SiteId,
) -> Result<HandlerResponse, Problem> {
    widget_page(LaunchRequest::of_hosted_page(incoming, site)).await
}

/// The button of a site as customers see it, for operators: with the options of the tag in the query, in its language and
/// colours, and without scripts. Where there is no button, the error page, as in the frame of a customer's page.
///
/// # Errors
/// `internal` if the texts cannot be read.
pub async fn preview(incoming: &Incoming<'_>, site: SiteId) -> Result<HandlerResponse, Problem> {
    let request = LaunchRequest::of_hosted_page(incoming, site);
    let launch = match request.launch().await {
        Ok(launch) => launch,
        Err(problem) => return Ok(error_page(&problem, None, incoming).await),
    };
    let messages = texts::messages(incoming.env, language(incoming)).await;
    let messages = messages.map_err(|_| Problem::new(ProblemCode::Internal))?;
    let appearance = Appearance::read(|name| incoming.query(name));
    let view = WidgetView::ready(&launch.document, &messages, &appearance, clock::now());
    let theme = incoming.query("theme");
    let page = html::preview_page(&launch.document, theme.as_deref(), &view);
    Ok(HandlerResponse::Page(page))
}

/// `GET /v1/sites/{site}?mode=…&host=…`: the launch document. The modes `frame`, `window` (the hidden frame) and `page` (the
/// hosted page) are requested by documents of the Worker's own origin: an `Origin` header must be absent or name it, and of
/// the first two, `host` names the page around the frame. The mode `inline`, also meant by none, is requested by the
/// customer's page itself, whose origin is the `Origin` header.
///
/// # Errors
/// The problem of the launch, also one that pages show themselves: a caller of this route already has a page. But not
/// `session_used` in the mode `inline`: what this tab remembers of the session's signup is known to that page alone.
pub async fn launch_document(
    incoming: &Incoming<'_>,
    site: SiteId,
) -> Result<HandlerResponse, Problem> {
    let own_origin = &incoming.settings.origin;
    let is_own = incoming.origin.is_none_or(|origin| origin == own_origin);
    let mode = incoming.query("mode");
    let host = incoming.query("host");
    let (mode, page_origin) = match (mode.as_deref(), host, incoming.origin) {
        (Some("frame"), Some(host), _) if is_own => (LaunchMode::Frame, host),
        (Some("window"), Some(host), _) if is_own => (LaunchMode::Window, host),
        (Some("page"), _, _) if is_own => (LaunchMode::Page, own_origin.clone()),
        (Some("inline") | None, _, Some(origin)) => (LaunchMode::Inline, origin.to_owned()),
        _ => return Err(Problem::new(ProblemCode::OriginNotAllowed)),
    };
    let request = LaunchRequest {
        incoming,
        site,
        page_origin,
        mode,
    };
    let document = request.launch().await?.document;
    // The site lists the origin.
    incoming.allow_reading_by(&document.page_origin);
    match &document.problem {
        Some(problem) if mode != LaunchMode::Inline || problem.code != ProblemCode::SessionUsed => {
            Err(problem.clone())
        }
        _ => HandlerResponse::json(&document),
    }
}

fn frame_request<'a>(incoming: &'a Incoming<'a>) -> Result<LaunchRequest<'a>, Problem> {
    let site = incoming
        .query("site")
        .ok_or_else(|| Problem::new(ProblemCode::UnknownSite))?;
    let site = SiteId::parse(&site).map_err(|_| Problem::new(ProblemCode::BadId))?;
    incoming.trace.add(&Subject::site(&site));
    let page_origin = incoming
        .query("host")
        .ok_or_else(|| Problem::new(ProblemCode::OriginNotAllowed))?;
    let mode = match incoming.query("mode").as_deref() {
        Some("window") => LaunchMode::Window,
        _ => LaunchMode::Frame,
    };
    Ok(LaunchRequest {
        incoming,
        site,
        page_origin,
        mode,
    })
}

async fn widget_page(request: LaunchRequest<'_>) -> Result<HandlerResponse, Problem> {
    let (incoming, site) = (request.incoming, request.site.clone());
    let is_hosted = request.mode == LaunchMode::Page;
    let cookies = incoming.header("cookie").unwrap_or_default();
    let mut launch = match request.launch().await {
        Ok(launch) => launch,
        Err(problem) if is_hosted => return Ok(error_page(&problem, None, incoming).await),
        Err(problem) => return Ok(refused_frame(&problem, incoming).await),
    };
    let document = &mut launch.document;
    if let Some(token) = &document.returned_session {
        document.snapshot = returning::snapshot(incoming, token).await;
    }
    let view = widget_view(incoming, document).await;
    let theme = incoming.query("theme");
    let mut page = html::widget_page(&launch, &incoming.settings.meta, theme.as_deref(), &view);
    if let Some(cookie) = delete_return_cookie(&cookies, &site).filter(|_| is_hosted) {
        page.headers.push(("set-cookie", cookie));
    }
    Ok(HandlerResponse::Page(page))
}

/// Nothing if the texts cannot be read: the widget reads them itself.
async fn widget_view(incoming: &Incoming<'_>, launch: &LaunchDocument) -> WidgetView {
    let language = language(incoming);
    let messages = match texts::messages(incoming.env, language).await {
        Ok(messages) => messages,
        Err(error) => {
            let detail = format!("{}: {error}", language.tag);
            telemetry::failure("texts", &detail, &Subject::default());
            return WidgetView::default();
        }
    };
    let appearance = Appearance::read(|name| incoming.query(name));
    let snapshot = launch.snapshot.as_ref().and_then(Snapshot::to_open);
    WidgetView::new(launch, snapshot, &messages, &appearance, clock::now())
}
