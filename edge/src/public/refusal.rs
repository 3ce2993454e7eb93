//! What a person reads who cannot be served: in the language of the page, out of the widget's own files.

use crate::address;
use crate::host;
use crate::json;
use crate::language::{self, Language};
use crate::page::{self, BUILD};
use crate::reply::Good;
use embark_protocol::Problem;
use worker::{Env, Request};

pub async fn page(problem: &Problem, request: &Request, env: &Env) -> Good {
    let language = language(request);
    let path = [BUILD, "/locales/", language.tag, ".json"].concat();
    let file = host::asset(env, &path).await.unwrap_or_default();
    let words = json::from_slice(&file).ok();
    Good::Page(page::refusal(problem, language, words.as_ref()))
}

/// The language that a page is asked for in.
pub fn language(request: &Request) -> &'static Language {
    let asked = address::query(&request.inner().url(), "lang");
    let accepted = request.headers().get("accept-language").ok().flatten();
    language::pick(asked.as_deref(), accepted.as_deref())
}
