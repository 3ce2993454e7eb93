//! Routes that give a page its launch document: within the frame page, within the hosted page, and alone, for
//! inline pages and for renewal.

use super::error_page::error_page;
use super::launch_document::LaunchRequest;
use super::returning;
use crate::clock;
use crate::http::html;
use crate::http::incoming::Incoming;
use crate::http::locale::language;
use crate::http::response::HandlerResponse;
use crate::http::texts;
use crate::http::widget_view::WidgetView;
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
        Err(problem) => Ok(error_page(&problem, incoming).await),
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
    let request = LaunchRequest {
        incoming,
        site,
        page_origin: incoming.settings.origin.clone(),
        mode: LaunchMode::Page,
    };
    widget_page(request).await
}

/// `GET /v1/sites/{site}?mode=…&host=…`: the launch document. A frame, a hidden frame and the hosted page are of our
/// own origin; an inline page is what the browser's `Origin` header says.
///
/// # Errors
/// The problem of the launch, also one that pages show themselves: a caller of this route already has a page.
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
    let launch = request.document().await?;
    match launch.problem {
        Some(problem) => Err(problem),
        None => HandlerResponse::json(&launch),
    }
}

fn frame_request<'a>(incoming: &'a Incoming<'a>) -> Result<LaunchRequest<'a>, Problem> {
    let site = incoming
        .query("site")
        .ok_or_else(|| Problem::new(ProblemCode::UnknownSite))?;
    let site = SiteId::parse(&site).map_err(|_| Problem::new(ProblemCode::BadId))?;
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
    let (incoming, mode, site) = (request.incoming, request.mode, request.site.clone());
    let mut launch = match request.document().await {
        Ok(launch) => launch,
        Err(problem) => return Ok(error_page(&problem, incoming).await),
    };
    if mode == LaunchMode::Page {
        launch.snapshot = returning::snapshot(incoming, &site).await;
    }
    let theme = incoming.query("theme");
    let view = widget_view(incoming, &launch).await;
    let meta = &incoming.settings.meta;
    let mut page = html::widget_page(&launch, meta, theme.as_deref(), &view);
    if launch.snapshot.is_some() {
        page.headers.push(("set-cookie", returning::forget(&site)));
    }
    Ok(HandlerResponse::Page(page))
}

/// Nothing if the texts cannot be read: the widget reads them itself.
async fn widget_view(incoming: &Incoming<'_>, launch: &LaunchDocument) -> WidgetView {
    let Some(messages) = texts::messages(incoming.env, language(incoming)).await else {
        return WidgetView::default();
    };
    let appearance = Appearance::read(|name| incoming.query(name));
    let snapshot = launch.snapshot.as_ref().and_then(Snapshot::to_open);
    WidgetView::new(launch, snapshot, &messages, &appearance, clock::now())
}
