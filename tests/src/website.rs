//! The websites of a test, all on one HTTPS port: a customer's shop with the tag, and hostile pages. Host and
//! path choose the page; the query sets the tag's attributes.

use crate::certificate::Certificate;
use crate::environment::path_from_env;
use anyhow::{Context, Result};
use axum::Router;
use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::response::{IntoResponse, Response};
use axum_server::Handle;
use base64ct::{Base64, Encoding};
use futures_util::{StreamExt, stream};
use sha2::{Digest, Sha384};
use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A running web server. It stops with the value.
pub struct Website {
    pub port: u16,
    handle: Handle<SocketAddr>,
    parts: Parts,
}

/// What `/in-parts` is sent in, with a pause between them.
type Parts = Arc<Mutex<Vec<String>>>;

impl Drop for Website {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

impl Website {
    pub fn start(certificate: &Certificate) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let handle = Handle::new();
        let server = axum_server::from_tcp_rustls(listener, certificate.server_config()?)
            .context("the website does not start")?
            .handle(handle.clone());
        let parts = Parts::default();
        let app = Router::new().fallback(page).with_state(parts.clone());
        tokio::spawn(server.serve(app.into_make_service()));
        Ok(Self {
            port,
            handle,
            parts,
        })
    }

    /// Sends this document as `/in-parts`, slowly: 300 ms pass before each further part.
    pub fn set_parts(&self, parts: &[&str]) {
        let mut served = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        *served = parts.iter().map(|part| (*part).to_owned()).collect();
    }
}

type Params = HashMap<String, String>;

async fn page(
    State(parts): State<Parts>,
    Query(params): Query<Params>,
    request: Request,
) -> Response {
    let host = request.headers().get(HOST);
    let is_evil = host.is_some_and(|host| host.as_bytes().starts_with(b"evil"));
    match (is_evil, request.uri().path()) {
        (_, "/shop.css") => ([("content-type", "text/css")], SHOP_CSS).into_response(),
        (_, "/shop.js") => ([("content-type", "text/javascript")], SHOP_JS).into_response(),
        (true, "/framing") => html(&[], FRAMING.to_owned()),
        (true, _) => html(&[], EVIL.to_owned()),
        (_, "/coop") => html(&[SAME_ORIGIN_OPENER], shop(&params)),
        (_, "/isolated") => html(&[SAME_ORIGIN_OPENER, REQUIRE_CORP], shop(&params)),
        (_, "/csp") => html(&[("content-security-policy", STRICT_POLICY)], shop(&params)),
        (_, "/prefilled") => html(&[], PREFILLED.to_owned()),
        (_, "/pinned") => html(&[], pinned(params.contains_key("wrong"))),
        (_, "/in-parts") => in_parts(&parts),
        (_, "/page") => html(&[], given_page(&params)),
        (_, "/scripts/copy.js") => {
            ([("content-type", "text/javascript")], loader()).into_response()
        }
        (_, "/two-tags") => html(&[], TWO_TAGS.to_owned()),
        (_, "/sandboxed") => html(&[], SANDBOXED.to_owned()),
        (_, path) if path.starts_with("/examples/") => example(path),
        (_, path) if path.starts_with("/npm/") => npm_page(path.trim_start_matches("/npm/")),
        _ => html(&[], shop(&params)),
    }
}

fn html(headers: &[(&'static str, &'static str)], body: String) -> Response {
    let mut response = ([("content-type", "text/html; charset=utf-8")], body).into_response();
    for (name, value) in headers {
        let value = axum::http::HeaderValue::from_static(value);
        response.headers_mut().insert(*name, value);
    }
    response
}

fn in_parts(parts: &Parts) -> Response {
    let parts = parts.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let body = stream::iter(parts).enumerate().then(async |(index, part)| {
        if index > 0 {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        Ok::<_, Infallible>(part)
    });
    let mut response = html(&[], String::new());
    *response.body_mut() = Body::from_stream(body);
    response.headers_mut().remove("content-length");
    response
}

/// A page with the loader of this version by its versioned name, and its integrity hash; `wrong` gives the hash
/// of other bytes.
fn pinned(wrong: bool) -> String {
    let name = format!("embark-{}.js", env!("CARGO_PKG_VERSION"));
    let loader =
        path_from_env("EMBARK_ASSETS").and_then(|folder| Ok(std::fs::read(folder.join(&name))?));
    let mut loader = loader.unwrap_or_default();
    loader.extend(wrong.then_some(b' '));
    let integrity = Base64::encode_string(&Sha384::digest(loader));
    format!(
        "<!doctype html><html lang=\"en\"><title>pinned</title><script src=\"/shop.js\"></script><main>\
         <script async src=\"https://signup.partner.example/{name}\" crossorigin=\"anonymous\" \
         integrity=\"sha384-{integrity}\" data-site=\"acme\"></script></main></html>"
    )
}

/// A page with the HTML that the query gives: `head`, and `body` in `<main id="place">`; `{{loader}}` stands for the
/// loader's text.
fn given_page(params: &Params) -> String {
    let param = |name: &str| params.get(name).map_or("", String::as_str);
    format!(
        "<!doctype html><html lang=\"en\"><title>page</title><script src=\"/shop.js\"></script>{}\
         <body><main id=\"place\">{}</main></body></html>",
        param("head"),
        param("body").replace("{{loader}}", &loader())
    )
}

/// The loader's text; empty if nothing was built.
fn loader() -> String {
    let folder = path_from_env("EMBARK_ASSETS");
    let text = folder.and_then(|folder| Ok(std::fs::read_to_string(folder.join("embark.js"))?));
    text.unwrap_or_default()
}

/// A file of `www/examples`: its bundled form if it has one, else as it is.
fn example(path: &str) -> Response {
    let path = path.trim_start_matches("/examples/");
    let folders = ["EMBARK_BUNDLED", "EMBARK_EXAMPLES"].map(path_from_env);
    let file = folders
        .into_iter()
        .flatten()
        .find_map(|folder| std::fs::read_to_string(folder.join(path)).ok());
    match file {
        Some(page) if path == "strict/index.html" => {
            html(&[("content-security-policy", TRUSTED_TYPES_POLICY)], page)
        }
        Some(page) if path.ends_with(".html") => html(&[], page),
        Some(script) => ([("content-type", "text/javascript")], script).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A page of the application that has the npm package, by its name, or the script of one.
fn npm_page(name: &str) -> Response {
    if !name.ends_with(".js") {
        let page = NPM_PAGE.replace("{name}", name);
        return html(&[("content-security-policy", NPM_POLICY)], page);
    }
    let application = path_from_env("EMBARK_NPM_APPLICATION").ok();
    let script =
        application.map(|folder| std::fs::read_to_string(folder.join("bundled").join(name)));
    match script {
        Some(Ok(script)) => ([("content-type", "text/javascript")], script).into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A settings page of the shop. `lang` and `scheme` set the page's own language and colours, `hostile` adds a
/// frame of evil.example; see [`TAG_ATTRIBUTES`] for the others.
fn shop(params: &Params) -> String {
    let param = |name: &str| params.get(name).map_or("", String::as_str);
    let lang = params.get("lang").map_or("en", String::as_str);
    let dir = if matches!(lang, "ar" | "he") {
        "rtl"
    } else {
        "ltr"
    };
    let [title, text] = if lang == "ar" { ARABIC } else { ENGLISH };
    let mut attributes = String::new();
    for (name, attribute) in TAG_ATTRIBUTES {
        if let Some(value) = params.get(*name) {
            attributes.push_str(&format!(" {attribute}=\"{value}\""));
        }
    }
    // In this mode the widget shows no button: the host page has its own.
    let own_button = match param("mode") {
        "window" => "<button id=\"own\">Connect</button>",
        _ => "",
    };
    let evil_frame = if params.contains_key("hostile") {
        "<iframe class=\"guest\" title=\"guest\" src=\"https://evil.example/\"></iframe>"
    } else {
        ""
    };
    format!(
        "<!doctype html>\n<html lang=\"{lang}\" dir=\"{dir}\" data-scheme=\"{}\">\n<meta charset=\"utf-8\">\n\
         <title>shop.example</title>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <link rel=\"stylesheet\" href=\"/shop.css\">\n<script src=\"/shop.js\"></script>\n\
         <header><b>shop.example</b></header>\n<main>\n<h1>{title}</h1>\n<p>{text}</p>\n\
         <script async src=\"https://signup.partner.example/embark.js\" data-site=\"acme\"{attributes}></script>\n\
         {own_button}\n</main>\n{evil_frame}\n</html>\n",
        param("scheme")
    )
}

/// Query parameters, and the attributes of the tag that they set.
const TAG_ATTRIBUTES: &[(&str, &str)] = &[
    ("mode", "data-mode"),
    ("theme", "data-theme"),
    ("size", "data-size"),
    ("shape", "data-shape"),
    ("label", "data-label"),
    ("accent", "data-accent"),
    ("radius", "data-radius"),
    ("tag_lang", "data-lang"),
];
const ENGLISH: [&str; 2] = [
    "Messages",
    "Answer your customers on WhatsApp, right from this inbox.",
];
const ARABIC: [&str; 2] = [
    "الرسائل",
    "ردّ على عملائك عبر واتساب مباشرةً من صندوق الوارد هذا.",
];
const SHOP_CSS: &str = include_str!("website/shop.css");
const SHOP_JS: &str = include_str!("website/shop.js");
/// Sends forged messages to every window of the page it is framed in.
const EVIL: &str = include_str!("website/evil.html");
/// Another site's frame page, embedded in a page whose origin that site does not list.
const FRAMING: &str = include_str!("website/framing.html");
/// A tag with what the shop knows of its customer.
const PREFILLED: &str = include_str!("website/prefilled.html");
/// Tags of two sites on one page.
const TWO_TAGS: &str = include_str!("website/two-tags.html");
/// The shop's page in a sandboxed frame, as the preview of a site builder shows it.
const SANDBOXED: &str = include_str!("website/sandboxed.html");
/// Allows the partner's origin for scripts and frames, and nothing of Meta's.
const STRICT_POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'self'; \
    script-src 'self' https://signup.partner.example; frame-src https://signup.partner.example";
/// The same with Trusted Types, as `www/examples/strict` requires.
const TRUSTED_TYPES_POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; \
    script-src 'self' https://signup.partner.example; frame-src https://signup.partner.example; \
    require-trusted-types-for 'script'; trusted-types 'none'";
/// A page that a bundler made: its script has the name of the page.
const NPM_PAGE: &str = "<!doctype html><html lang=\"en\"><title>{name}</title><script src=\"/shop.js\"></script>\
    <script type=\"module\" src=\"/npm/{name}.js\"></script><main><button id=\"toggle\">Toggle</button>\
    <div id=\"root\"></div><p>Connected number: <output id=\"number\">none</output></p></main></html>";
/// Allows the partner's origin for frames alone: the loader is in the page's own script.
const NPM_POLICY: &str = "default-src 'none'; base-uri 'none'; script-src 'self'; style-src 'self'; \
    frame-src https://signup.partner.example";
const SAME_ORIGIN_OPENER: (&str, &str) = ("cross-origin-opener-policy", "same-origin");
const REQUIRE_CORP: (&str, &str) = ("cross-origin-embedder-policy", "require-corp");
