//! The websites of these tests, all on one TLS port: a customer's shop with the tag, and pages that mean
//! harm. Which page it is depends on host and path; how the tag is written depends on the query.

use crate::certificate::Certificate;
use crate::tools::from_env;
use anyhow::{Context, Result};
use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::response::{IntoResponse, Response};
use axum_server::Handle;
use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha384};
use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};

pub struct Website {
    pub port: u16,
    handle: Handle<SocketAddr>,
}

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
        let server = axum_server::from_tcp_rustls(listener, certificate.server()?)
            .context("the website does not start")?
            .handle(handle.clone());
        let app = Router::new().fallback(answer).into_make_service();
        tokio::spawn(server.serve(app));
        Ok(Self { port, handle })
    }
}

async fn answer(request: Request) -> Response {
    let uri = request.uri();
    let words: HashMap<String, String> = uri.query().map(words).unwrap_or_default();
    let host = request.headers().get(HOST);
    let evil = host.is_some_and(|host| host.as_bytes().starts_with(b"evil"));
    match (evil, uri.path()) {
        (_, "/shop.css") => ([("content-type", "text/css")], CSS).into_response(),
        (_, "/shop.js") => ([("content-type", "text/javascript")], JS).into_response(),
        (true, "/thief") => html(&[], THIEF.to_owned()),
        (true, _) => html(&[], EVIL.to_owned()),
        (_, "/coop") => html(
            &[("cross-origin-opener-policy", "same-origin")],
            shop(&words),
        ),
        (_, "/isolated") => html(ISOLATED, shop(&words)),
        (_, "/csp") => html(&[("content-security-policy", STRICT)], shop(&words)),
        (_, "/prefilled") => html(&[], PREFILLED.to_owned()),
        (_, "/pinned") => html(&[], pinned(words.contains_key("wrong"))),
        (_, "/two") => html(&[], TWO.to_owned()),
        (_, path) if path.starts_with("/examples/") => example(path),
        (_, "/boxed") => html(&[], BOXED.to_owned()),
        _ => html(&[], shop(&words)),
    }
}

/// The loader of this version by its name and integrity; or with the integrity of something else.
fn pinned(wrong: bool) -> String {
    let name = format!("embark-{}.js", env!("CARGO_PKG_VERSION"));
    let loader =
        from_env("EMBARK_ASSETS").and_then(|folder| Ok(std::fs::read(folder.join(&name))?));
    let mut loader = loader.unwrap_or_default();
    loader.extend(wrong.then_some(b' '));
    let integrity = Base64::encode_string(&Sha384::digest(loader));
    format!(
        "<!doctype html><html lang=\"en\"><title>pinned</title><script src=\"/shop.js\"></script><main>\
         <script async src=\"https://signup.partner.example/{name}\" crossorigin=\"anonymous\" \
         integrity=\"sha384-{integrity}\" data-site=\"acme\"></script></main></html>"
    )
}

/// What was bundled from `www/examples`, or a file that stands there as it is served.
fn example(path: &str) -> Response {
    let path = path.trim_start_matches("/examples/");
    let folders = ["EMBARK_BUNDLED", "EMBARK_EXAMPLES"].map(from_env);
    let file = folders
        .into_iter()
        .flatten()
        .find_map(|folder| std::fs::read_to_string(folder.join(path)).ok());
    match file {
        Some(page) if path == "strict/index.html" => {
            html(&[("content-security-policy", TYPED)], page)
        }
        Some(page) if path.ends_with(".html") => html(&[], page),
        Some(script) => ([("content-type", "text/javascript")], script).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn words(query: &str) -> HashMap<String, String> {
    let pairs = query.split('&').map(|pair| pair.split_once('='));
    pairs
        .flatten()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn html(headers: &[(&'static str, &'static str)], body: String) -> Response {
    let mut response = ([("content-type", "text/html; charset=utf-8")], body).into_response();
    for (name, value) in headers {
        let value = axum::http::HeaderValue::from_static(value);
        response.headers_mut().insert(*name, value);
    }
    response
}

/// A settings page of the shop. `lang` and `scheme` are the page's own, `hostile` adds a frame of
/// evil.example's, anything else becomes an attribute of the tag.
fn shop(words: &HashMap<String, String>) -> String {
    let word = |name: &str| words.get(name).map_or("", String::as_str);
    let lang = words.get("lang").map_or("en", String::as_str);
    let dir = if matches!(lang, "ar" | "he") {
        "rtl"
    } else {
        "ltr"
    };
    let [title, text] = if lang == "ar" { ARABIC } else { ENGLISH };
    let mut tag = String::new();
    for (word, name) in TAG {
        if let Some(value) = words.get(*word) {
            tag.push_str(&format!(" data-{name}=\"{}\"", value.replace("%23", "#")));
        }
    }
    // The host's own button, in the mode that has none.
    let own = match word("mode") {
        "window" => "<button id=\"own\">Connect</button>",
        _ => "",
    };
    let guest = if words.contains_key("hostile") {
        "<iframe class=\"guest\" title=\"guest\" src=\"https://evil.example/\"></iframe>"
    } else {
        ""
    };
    format!(
        "<!doctype html>\n<html lang=\"{lang}\" dir=\"{dir}\" data-scheme=\"{}\">\n<meta charset=\"utf-8\">\n\
         <title>shop.example</title>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <link rel=\"stylesheet\" href=\"/shop.css\">\n<script src=\"/shop.js\"></script>\n\
         <header><b>shop.example</b></header>\n<main>\n<h1>{title}</h1>\n<p>{text}</p>\n\
         <script async src=\"https://signup.partner.example/embark.js\" data-site=\"acme\"{tag}></script>\n{own}\n\
         </main>\n{guest}\n</html>\n",
        word("scheme")
    )
}

/// Words of the query, and the attributes of the tag that they are.
const TAG: &[(&str, &str)] = &[
    ("mode", "mode"),
    ("theme", "theme"),
    ("size", "size"),
    ("shape", "shape"),
    ("label", "label"),
    ("accent", "accent"),
    ("radius", "radius"),
    // `lang` is the page's own.
    ("speaks", "lang"),
];
const ENGLISH: [&str; 2] = [
    "Messages",
    "Answer your customers on WhatsApp, right from this inbox.",
];
const ARABIC: [&str; 2] = [
    "الرسائل",
    "ردّ على عملائك عبر واتساب مباشرةً من صندوق الوارد هذا.",
];
const CSS: &str = include_str!("website/shop.css");
const JS: &str = include_str!("website/shop.js");
const EVIL: &str = include_str!("website/evil.html");
/// Another site's frame page, put into a page that it does not name.
const THIEF: &str = "<!doctype html><title>thief</title>\
    <iframe title=\"stolen\" src=\"https://signup.partner.example/frame?site=acme&host=https://shop.example\"></iframe>";
/// A tag that brings along what the shop knows of its customer.
const PREFILLED: &str = "<!doctype html><html lang=\"en\"><title>shop.example</title><script src=\"/shop.js\"></script><main>\
    <script async src=\"https://signup.partner.example/embark.js\" data-site=\"acme\" data-feature-type=\"whatsapp_business_app_onboarding\" \
    data-prefill='{\"business_name\":\"Lucky Sprout\",\"email\":\"a@b.example\",\"website\":\"https://b.example\",\"country\":\"DE\",\
    \"display_name\":\"Sprout\"}'></script></main>";
/// Two sites' tags on one page.
const TWO: &str = "<!doctype html><html lang=\"en\"><title>two</title><script src=\"/shop.js\"></script><main>\
    <script async src=\"https://signup.partner.example/embark.js\" data-site=\"acme\"></script>\
    <script async src=\"https://signup.partner.example/embark.js\" data-site=\"beta\"></script></main></html>";
/// The shop's page, as a site builder's preview shows it.
const BOXED: &str = "<!doctype html><title>preview</title>\
    <iframe title=\"preview\" sandbox=\"allow-scripts allow-popups\" src=\"/\" width=\"600\" height=\"400\"></iframe>";
/// Two lines for the partner, none for Meta.
const STRICT: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'self'; \
    script-src 'self' https://signup.partner.example; frame-src https://signup.partner.example";
/// The same, and no string becomes script: as `www/examples/strict` asks for it.
const TYPED: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; \
    script-src 'self' https://signup.partner.example; frame-src https://signup.partner.example; \
    require-trusted-types-for 'script'; trusted-types 'none'";
const ISOLATED: &[(&str, &str)] = &[
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
];
