//! Serves a folder as the customer's website, with `{{name}}` placeholders replaced in its HTML.

use crate::http::Reply;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, Uri};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// The folder and what replaces its placeholders.
#[derive(Debug)]
pub struct Website {
    pub folder: PathBuf,
    /// Placeholder name and value, e.g. `edge` and `http://localhost:8787`.
    pub placeholders: Vec<(String, String)>,
}

pub fn router(website: Website) -> Router {
    Router::new().fallback(serve).with_state(Arc::new(website))
}

async fn serve(State(website): State<Arc<Website>>, uri: Uri) -> Response<Body> {
    let reply = match website.read(uri.path()).await {
        Some((content_type, body)) => Reply::new(200, content_type, body),
        None => Reply::new(404, "text/plain", "no such page"),
    };
    reply.into_response(None)
}

impl Website {
    /// Content type and body. `None` when there is no such file, or the path leaves the folder.
    async fn read(&self, path: &str) -> Option<(&'static str, Vec<u8>)> {
        let relative = Path::new(path.trim_start_matches('/'));
        // Plain names only: no `..`, no absolute paths.
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
        let content_type = content_type_of(&file);
        if !content_type.starts_with("text/html") {
            return Some((content_type, body));
        }
        let mut text = String::from_utf8(body).ok()?;
        for (name, value) in &self.placeholders {
            text = text.replace(&format!("{{{{{name}}}}}"), value);
        }
        Some((content_type, text.into_bytes()))
    }
}

fn content_type_of(file: &Path) -> &'static str {
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
