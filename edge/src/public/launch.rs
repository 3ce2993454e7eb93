//! Launch documents: inside the frame page, inside the hosted page, and alone for inline pages and for
//! renewal. Reads settings from KV, and from the Site object where KV has none yet.

use super::refusal;
use crate::address;
use crate::fault;
use crate::grant::{Grant, RENEW_MS};
use crate::host;
use crate::language::Language;
use crate::load::Settings;
use crate::objects::published::{self, quota_key, read_kv};
use crate::objects::{self, SITE};
use crate::options;
use crate::page;
use crate::quota::Quota;
use crate::redirect;
use crate::reply::Good;
use crate::site::{self, lists};
use embark_protocol::config::{App, Site};
use embark_protocol::launch::{Launch, Mode, Sdk};
use embark_protocol::{AppKey, Code, InvitationId, Problem, SignupId, SiteId};
use form_urlencoded::Serializer;
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
        let theme = query(request, "theme");
        Ok(page::widget(&launch, &settings.meta, theme.as_deref()))
    };
    Ok(match rendered.await {
        Ok(page) => Good::Page(page),
        Err(problem) => refusal::page(&problem, request, env).await,
    })
}

/// `GET /go/{site}`: the widget on a page of its own.
pub async fn page(
    request: &Request,
    id: &SiteId,
    env: &Env,
    settings: &Settings,
) -> Result<Good, Problem> {
    let rendered = build(request, id, &settings.origin, Mode::Page, env, settings).await;
    Ok(match rendered {
        Ok(launch) => {
            let theme = query(request, "theme");
            Good::Page(page::widget(&launch, &settings.meta, theme.as_deref()))
        }
        Err(problem) => refusal::page(&problem, request, env).await,
    })
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
    // A page that is asked again has nothing to go on with.
    if let Some(problem) = launch.problem {
        return Err(problem);
    }
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
    let config = wished(request, config)?;
    let app = published::app(env, &config.app)
        .await
        .ok_or_else(|| fault::problem(Code::AppMisconfigured))?;
    if app.block_when_full && is_full(env, &config.app).await {
        return Err(fault::problem(Code::QuotaFull));
    }
    let (invitation, problem) = match query(request, "invite").filter(|_| mode == Mode::Page) {
        Some(invite) => match invited(env, id, &invite).await {
            Ok(invitation) => (Some(invitation), None),
            Err(problem) => (None, Some(problem)),
        },
        None => (None, None),
    };
    let signup = SignupId::parse(&host::fresh_id()).map_err(|_| fault::problem(Code::Internal))?;
    let grant = Grant::new(
        signup.clone(),
        id.clone(),
        config.app.clone(),
        host.to_owned(),
        host::now(),
    );
    let grant = Grant {
        // Once it is used up there is no other grant to be had.
        launch_by: if invitation.is_some() {
            grant.submit_by
        } else {
            grant.launch_by
        },
        invitation,
        ..grant
    };
    let sign = |grant: &Grant| {
        grant
            .sign(&settings.vault)
            .ok_or_else(|| fault::problem(Code::AppMisconfigured))
    };
    // The hosted page is what a signup is handed over to.
    let handover = if mode == Mode::Page {
        None
    } else {
        let handover = Some(0);
        Some(sign(&Grant {
            handover,
            ..grant.clone()
        })?)
    };
    let grant = sign(&grant)?;
    let lang = refusal::language(request);
    let (sdk, login) = (sdk(&config, app, lang, settings), options::login(config));
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
        handover,
        renew_in_ms: RENEW_MS,
        edge: settings.origin.clone(),
        host: host.to_owned(),
        mode,
        sdk,
        login,
        dialog,
        renew: Some(again(
            "/v1/sites/",
            id,
            &[("host", host), ("mode", mode.word())],
            request,
        )),
        page: Some(again("/go/", id, &[], request)),
        problem,
        lang: lang.tag.to_owned(),
        build: page::BUILD.to_owned(),
    })
}

/// The site's options with the tag's wishes over them.
fn wished(request: &Request, mut config: Site) -> Result<Site, Problem> {
    let bad = |detail: String| fault::because(Code::BadRequest, &detail);
    let mut any = false;
    for (name, _) in options::WISHES {
        if let Some(value) = query(request, name) {
            options::wish(&mut config, name, &value).map_err(bad)?;
            any = true;
        }
    }
    // What an operator put was checked then.
    if any {
        options::check(&config).map_err(bad)?;
    }
    Ok(config)
}

/// An invitation that still invites. Looking does not use it up.
async fn invited(env: &Env, site: &SiteId, invite: &str) -> Result<InvitationId, Problem> {
    let id = InvitationId::parse(invite).map_err(|_| fault::problem(Code::InvitationExpired))?;
    let ask = site::Ask::Look { id: id.clone() };
    site::Answer::noted(objects::post(env, SITE, site.as_str(), &ask).await).map(|()| id)
}

/// The same site, with what the request says otherwise than the site.
fn again(path: &str, id: &SiteId, first: &[(&str, &str)], request: &Request) -> String {
    let mut pairs = Serializer::new(String::new());
    pairs.extend_pairs(first);
    let wishes = options::WISHES.iter().map(|(name, _)| name);
    for name in KEPT.iter().chain(wishes) {
        if let Some(value) = query(request, name) {
            pairs.append_pair(name, &value);
        }
    }
    let pairs = pairs.finish();
    let mark = if pairs.is_empty() { "" } else { "?" };
    [path, id.as_str(), mark, &pairs].concat()
}

/// Whether the app's weekly window was published as full, and still is.
async fn is_full(env: &Env, key: &AppKey) -> bool {
    let published = read_kv(env, &quota_key(key)).await;
    let quota = published.and_then(|json| crate::json::from_slice::<Quota>(json.as_bytes()).ok());
    quota
        .and_then(|quota| quota.free_at)
        .is_some_and(|at| host::now() < at)
}

/// Meta's window speaks the page's language, unless the site says otherwise.
fn sdk(config: &Site, app: App, lang: &Language, settings: &Settings) -> Sdk {
    Sdk {
        url: [
            settings.meta.sdk.as_str(),
            "/",
            config.sdk_locale.as_deref().unwrap_or(lang.sdk),
            "/sdk.js",
        ]
        .concat(),
        app_id: app.app_id,
        version: config.graph_version.clone().unwrap_or(app.graph_version),
        origins: settings.meta.popups.clone(),
    }
}

/// A site's settings: the copy in KV, else the source of truth.
async fn site(env: &Env, id: &SiteId) -> Option<Site> {
    let copied = read_kv(env, &["site/", id.as_str()].concat()).await;
    if let Some(copy) =
        copied.and_then(|text| crate::json::from_slice::<site::Site>(text.as_bytes()).ok())
    {
        return copy.config;
    }
    match objects::post(env, SITE, id.as_str(), &site::Ask::Get).await? {
        site::Answer::Config { config } => config.map(|config| *config),
        _ => None,
    }
}

fn query(request: &Request, name: &str) -> Option<String> {
    address::query(&request.inner().url(), name)
}

/// What of a page's address its launch document depends on.
const KEPT: &[&str] = &["lang", "invite"];
