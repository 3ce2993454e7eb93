//! Lists of the operator's API, read page by page.

use crate::deployment::Deployment;
use anyhow::{Context, Result, ensure};
use serde_json::Value;

impl Deployment {
    /// Every entry of a list of `GET /v1/admin/{path}`. `name`: the field with the entries; `limit`: how many a page has at most.
    pub async fn list_all(&self, path: &str, name: &str, limit: usize) -> Result<Vec<Value>> {
        let mut all = vec![];
        let mut after = String::new();
        loop {
            let mark = if path.contains('?') { '&' } else { '?' };
            let page = format!("{path}{mark}limit={limit}{after}");
            let page: Value = self.admin_get(&page).await?.json().await?;
            let entries = page[name].as_array();
            let entries = entries.with_context(|| format!("{path}: {page}"))?;
            ensure!(entries.len() <= limit, "{} of {limit}", entries.len());
            all.extend_from_slice(entries);
            let Some(next) = page["next"].as_str() else {
                return Ok(all);
            };
            ensure!(
                entries.len() == limit,
                "a page that is not full has a next one"
            );
            after = format!("&after={next}");
        }
    }

    /// The invitations of a site.
    pub async fn invitations(&self, site: &str) -> Result<Vec<Value>> {
        let path = format!("sites/{site}/invitations");
        self.list_all(&path, "invitations", 100).await
    }
}
