//! The customer's website on its own port: a folder of files, with `{{name}}` replaced in the HTML.

use crate::reply::Reply;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, Uri};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

#[derive(Debug)]
pub struct Website {
    pub folder: PathBuf,
    /// Placeholder → text, e.g. `edge` → `http://localhost:8787`.
    pub words: Vec<(String, String)>,
}

pub fn router(website: Website) -> Router {
    Router::new().fallback(serve).with_state(Arc::new(website))
}

async fn serve(State(website): State<Arc<Website>>, uri: Uri) -> Response<Body> {
    let reply = match website.read(uri.path()).await {
        Some((kind, body)) => Reply::new(200, kind, body),
        None => Reply::new(404, "text/plain", "no such page"),
    };
    reply.into_response(None)
}

impl Website {
    async fn read(&self, path: &str) -> Option<(&'static str, Vec<u8>)> {
        let relative = Path::new(path.trim_start_matches('/'));
        // Nothing but plain names: no `..`, no absolute paths.
        if !relative
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
        {
            return None;
        }
        let mut file = self.folder.join(relative);
        if tokio::fs::metadata(&file)
            .await
            .is_ok_and(|meta| meta.is_dir())
        {
            file.push("index.html");
        }
        let body = tokio::fs::read(&file).await.ok()?;
        let kind = kind_of(&file);
        if !kind.starts_with("text/html") {
            return Some((kind, body));
        }
        let mut text = String::from_utf8(body).ok()?;
        for (name, word) in &self.words {
            text = text.replace(&format!("{{{{{name}}}}}"), word);
        }
        Some((kind, text.into_bytes()))
    }
}

fn kind_of(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}
