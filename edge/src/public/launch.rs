//! Launch documents: inside the frame page, inside the hosted page, and alone for inline pages and for
//! renewal. Reads settings from KV, and from the Site object where KV has none yet.

use super::fresh_id;
use crate::address;
use crate::fault;
use crate::grant::{Grant, RENEW_MS};
use crate::host;
use crate::load::Settings;
use crate::objects::published::{self, quota_key, read_kv};
use crate::objects::{self, SITE};
use crate::page;
use crate::quota::Quota;
use crate::redirect;
use crate::reply::Good;
use crate::site::{self, lists};
use embark_protocol::config::{App, Site};
use embark_protocol::launch::{Extras, Launch, Login, Mode, Sdk, Setup};
use embark_protocol::{AppKey, Code, Problem, SignupId, SiteId};
use worker::{Env, Request};

/// `GET /frame?site=…&host=…`
pub async fn frame(request: &Request, env: &Env, settings: &Settings) -> Result<Good, Problem> {
    let rendered = async {
        let id = query(request, "site").ok_or_else(|| fault::problem(Code::UnknownSite))?;
        let id = SiteId::parse(&id).map_err(|_| fault::problem(Code::BadId))?;
        let host = query(request, "host").ok_or_else(|| fault::problem(Code::OriginNotAllowed))?;
        let mode = match query(request, "mode").as_deref() {
            Some("window") => Mode::Window,
            _ => Mode::Frame,
        };
        let launch = build(request, &id, &host, mode, env, settings).await?;
        Ok(page::widget(&launch, &settings.meta))
    };
    Ok(Good::Page(rendered.await.unwrap_or_else(
        |problem: Problem| page::refusal(&problem),
    )))
}

/// `GET /go/{site}`: the widget on a page of its own.
pub async fn page(
    request: &Request,
    id: &SiteId,
    env: &Env,
    settings: &Settings,
) -> Result<Good, Problem> {
    let rendered = match build(request, id, &settings.origin, Mode::Page, env, settings).await {
        Ok(launch) => page::widget(&launch, &settings.meta),
        Err(problem) => page::refusal(&problem),
    };
    Ok(Good::Page(rendered))
}

/// `GET /v1/sites/{site}?mode=…&host=…`
pub async fn document(
    request: &Request,
    id: &SiteId,
    env: &Env,
    settings: &Settings,
    origin: Option<&str>,
) -> Result<Good, Problem> {
    let ours = origin.is_none_or(|origin| origin == settings.origin);
    let host = query(request, "host");
    let (mode, host) = match (query(request, "mode").as_deref(), host, origin) {
        (Some("frame"), Some(host), _) if ours => (Mode::Frame, host),
        (Some("window"), Some(host), _) if ours => (Mode::Window, host),
        (Some("page"), _, _) if ours => (Mode::Page, settings.origin.clone()),
        // An inline page is whom the browser says it is.
        (Some("inline") | None, _, Some(origin)) => (Mode::Inline, origin.to_owned()),
        _ => return Err(fault::problem(Code::OriginNotAllowed)),
    };
    let launch = build(request, id, &host, mode, env, settings).await?;
    serde_json::to_string(&launch)
        .map(Good::Json)
        .map_err(|_| fault::problem(Code::Internal))
}

async fn build(
    request: &Request,
    id: &SiteId,
    host: &str,
    mode: Mode,
    env: &Env,
    settings: &Settings,
) -> Result<Launch, Problem> {
    let config = site(env, id)
        .await
        .ok_or_else(|| fault::problem(Code::UnknownSite))?;
    if !config.enabled {
        return Err(fault::problem(Code::SiteDisabled));
    }
    // The hosted page is ours: it needs no listing.
    if mode != Mode::Page && !lists(&config, host) {
        return Err(fault::problem(Code::OriginNotAllowed));
    }
    let app = published::app(env, &config.app)
        .await
        .ok_or_else(|| fault::problem(Code::AppMisconfigured))?;
    if app.block_when_full && is_full(env, &config.app).await {
        return Err(fault::problem(Code::QuotaFull));
    }
    let signup = SignupId::parse(&fresh_id()).map_err(|_| fault::problem(Code::Internal))?;
    let grant = Grant::new(
        signup.clone(),
        id.clone(),
        config.app.clone(),
        host.to_owned(),
        host::now(),
    );
    let grant = grant
        .sign(&settings.vault)
        .ok_or_else(|| fault::problem(Code::AppMisconfigured))?;
    let accepted = request.headers().get("accept-language").ok().flatten();
    let lang = page::language(query(request, "lang").as_deref(), accepted.as_deref());
    let (sdk, login) = (sdk(&config, app, settings), login(config));
    let popups = settings.meta.popups.first().filter(|_| mode == Mode::Page);
    let dialog = popups.map(|popups| {
        let (version, app_id) = (&sdk.version, sdk.app_id.as_str());
        redirect::dialog(popups, version, app_id, &login, &settings.callback())
    });
    Ok(Launch {
        v: 1,
        site: id.clone(),
        signup,
        grant,
        renew_in_ms: RENEW_MS,
        edge: settings.origin.clone(),
        host: host.to_owned(),
        mode,
        sdk,
        login,
        dialog,
        lang: lang.to_owned(),
        build: BUILD.unwrap_or("/b/unbuilt").to_owned(),
    })
}

/// Whether the app's weekly window was published as full, and still is.
async fn is_full(env: &Env, key: &AppKey) -> bool {
    let published = read_kv(env, &quota_key(key)).await;
    let quota = published.and_then(|json| serde_json::from_slice::<Quota>(json.as_bytes()).ok());
    quota
        .and_then(|quota| quota.free_at)
        .is_some_and(|at| host::now() < at)
}

fn sdk(config: &Site, app: App, settings: &Settings) -> Sdk {
    Sdk {
        url: [
            settings.meta.sdk.as_str(),
            "/",
            &config.sdk_locale,
            "/sdk.js",
        ]
        .concat(),
        app_id: app.app_id,
        version: app.graph_version,
        origins: settings.meta.popups.clone(),
    }
}

/// The second argument of FB.login ("Embedded Signup, Implementation").
fn login(config: Site) -> Login {
    Login {
        config_id: config.config_id,
        response_type: "code".to_owned(),
        override_default_response_type: true,
        extras: Extras {
            setup: Setup {
                solution_id: config.solution_id,
            },
            session_info_version: "3".to_owned(),
            feature_type: config.feature_type,
            version: config.es_version,
        },
    }
}

/// A site's settings: the copy in KV, else the source of truth.
async fn site(env: &Env, id: &SiteId) -> Option<Site> {
    let copied = read_kv(env, &["site/", id.as_str()].concat()).await;
    if let Some(copy) =
        copied.and_then(|text| serde_json::from_slice::<site::Site>(text.as_bytes()).ok())
    {
        return copy.config;
    }
    match objects::post(env, SITE, id.as_str(), &site::Ask::Get).await? {
        site::Answer::Config { config } => config,
        _ => None,
    }
}

fn query(request: &Request, name: &str) -> Option<String> {
    address::query(&request.inner().url(), name)
}

/// Where this build of the widget lies; set when the Worker is built.
const BUILD: Option<&str> = option_env!("EMBARK_BUILD");
