//! The websites of these tests, all on one TLS port: a customer's shop with the tag, and pages that mean
//! harm. Which page it is depends on host and path; how the tag is written depends on the query.

use crate::certificate::Certificate;
use anyhow::{Context, Result};
use axum::Router;
use axum::extract::Request;
use axum::http::header::HOST;
use axum::response::{IntoResponse, Response};
use axum_server::Handle;
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
        (_, "/boxed") => html(&[], BOXED.to_owned()),
        _ => html(&[], shop(&words)),
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
    let (lang, dir) = match word("lang") {
        "ar" => ("ar", "rtl"),
        _ => ("en", "ltr"),
    };
    let [title, text] = if lang == "ar" { ARABIC } else { ENGLISH };
    let mut tag = String::new();
    for name in [
        "mode", "theme", "size", "shape", "label", "accent", "radius",
    ] {
        if let Some(value) = words.get(name) {
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
/// The shop's page, as a site builder's preview shows it.
const BOXED: &str = "<!doctype html><title>preview</title>\
    <iframe title=\"preview\" sandbox=\"allow-scripts allow-popups\" src=\"/\" width=\"600\" height=\"400\"></iframe>";
/// Two lines for the partner, none for Meta.
const STRICT: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'self'; \
    script-src 'self' https://signup.partner.example; frame-src https://signup.partner.example";
const ISOLATED: &[(&str, &str)] = &[
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
];
