//! Routes of the public origin that have no table of their own.

use super::table::{Entry, table};
use crate::content::Content;
use crate::description::{Access, Description, get, post};
use crate::parameters::{header, number, one_of, query, text};
use embark_edge::http::route::{PublicRoute, Route};
use embark_onboarding::meta::login_options::TAG_OPTIONS;
use embark_protocol::ProblemCode::{
    AppIncomplete, AppMisconfigured, BadId, BadJson, BadRequest, BodyTooLarge, InvitationExpired,
    InvitationRequired, InvitationUsed, NotFound, NotLaunched, OriginNotAllowed, QuotaFull,
    SessionExpired, SessionForeign, SessionOrigin, SessionRequired, SessionUnknown, SessionUsed,
    SiteDisabled, SolutionInactive, Unauthorized, UnknownSite,
};
use embark_protocol::Snapshot;
use embark_protocol::launch::LaunchDocument;

table! {
    PublicRoute, "public",
    |route| match route {
        Route::Public(route) => Some(route),
        _ => None,
    },
    FramePage => page("GET /frame", "the page in the widget's iframe"),
    HostedPage => page("GET /go/{site}", "the hosted page"),
    DialogStart => page("GET /go/{site}/dialog", "leads a browser to Meta's dialog"),
    OauthCallback => page("GET /go/callback", "Meta's dialog sends a browser there"),
    Favicon => page("GET /favicon.ico", "browsers request it unasked"),
    ApiDescription => api_description("/v1/openapi.json"),
    LaunchDocument => launch_document(),
    PostSignup => Entry::Table,
    GetSnapshot => snapshot(),
    MetaHandshake => meta_handshake(),
    MetaWebhook => meta_webhook(),
    UserCallback => Entry::Table,
    DeletionPage => page(
        "GET /v1/callbacks/meta/{app}/deletions/{code}",
        "a page that tells a person how far the deletion of their data is"
    ),
    Backend => Entry::Table,
    InfobipWebhook => infobip_webhook(),
}

fn page(request: &'static str, reason: &'static str) -> Entry {
    Entry::LeftOut { request, reason }
}

/// The description of the document itself.
pub fn api_description(path: &'static str) -> Description {
    get(path, Access::Open).about("This document.").answers(
        200,
        "The document.",
        Some(Content::object()),
    )
}

fn launch_document() -> Description {
    let tag_options = TAG_OPTIONS.iter().map(|(name, _)| {
        let about = "An option of the tag, if the site's `tag_may` names it.";
        query(name, about, text())
    });
    get("/v1/sites/{site}", Access::Open)
        .about("The launch document: what a page needs to begin a signup.")
        .notes(
            "The modes `frame`, `window` and `page` are requested by documents of this origin: a header `Origin` is absent or \
            names it, and of the first two `host` names the page around the frame. The mode `inline`, also meant by none, is \
            requested by the customer's page itself.",
        )
        .with([
            query(
                "mode",
                "How the widget is embedded.",
                one_of(&["frame", "window", "page", "inline"]),
            ),
            query("host", "The origin of the page around the frame.", text()),
            header("Origin", "The origin of the page that asks; browsers send it.", text()),
            query("lang", "The language of the widget, a BCP 47 tag.", text()),
            query("reference", "The partner's own id of the customer.", text()),
            query("session", "A session of the partner's back end.", text()),
            query("invite", "An invitation; with the mode `page` only.", text()),
        ])
        .with(tag_options)
        .gives::<LaunchDocument>("The launch document.")
        .refuses(&[
            BadRequest,
            UnknownSite,
            SiteDisabled,
            OriginNotAllowed,
            AppMisconfigured,
            AppIncomplete,
            SolutionInactive,
            QuotaFull,
            InvitationRequired,
            InvitationExpired,
            InvitationUsed,
            SessionRequired,
            SessionUnknown,
            SessionForeign,
            SessionOrigin,
            SessionUsed,
            SessionExpired,
        ])
}

fn snapshot() -> Description {
    get("/v1/signups/{signup}", Access::Grant)
        .about("The state of a signup, once its `seq` exceeds `after`.")
        .notes("The response is held back for at most 20 seconds.")
        .with([query("after", "The `seq` of the last snapshot.", number())])
        .gives::<Snapshot>("The snapshot.")
        .refuses(&[BadRequest, NotLaunched])
}

fn meta_handshake() -> Description {
    get("/v1/webhooks/meta/{app}", Access::Open)
        .about("Meta's verification of the callback URL.")
        .notes(
            "See <https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/create-webhook-endpoint>.",
        )
        .hides_ids()
        .with([
            query("hub.mode", "Always `subscribe`.", text()),
            query("hub.verify_token", "The app's verify token.", text()),
            query("hub.challenge", "What is sent back.", text()),
        ])
        .answers(200, "The challenge.", Some(Content::text()))
        .refuses(&[NotFound])
        .refuses_with(403, Unauthorized)
}

fn meta_webhook() -> Description {
    post("/v1/webhooks/meta/{app}", Access::Open)
        .about("A webhook of Meta's.")
        .notes("200 once every change is stored. Meta repeats a webhook after any other status, for up to seven days.")
        .hides_ids()
        .with([header(
            "X-Hub-Signature-256",
            "HMAC-SHA-256 of the body under the app's secret.",
            text(),
        )])
        .takes_content(Content::object())
        .answers(200, "Every change is stored.", Some(Content::object()))
        .refuses(&[NotFound, Unauthorized, BadJson])
}

fn infobip_webhook() -> Description {
    post("/v1/webhooks/infobip/{token}", Access::Open)
        .about("A registration webhook of Infobip.")
        .notes("Infobip signs nothing: the token of the address is all that proves the sender. It repeats a webhook after any 5xx.")
        .takes_content(Content::object())
        .answers(204, "The signup has stored it, or none waits for it.", None)
        .refuses(&[NotFound, BadJson, BadId, BodyTooLarge])
}
