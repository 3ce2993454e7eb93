//! Tests use browsers one after another: none sees what another one left.

use crate::fixture::BrowserFixture;
use anyhow::{Result, ensure};
use serde_json::json;

#[tokio::test]
async fn browser_of_earlier_test_has_nothing_of_it() -> Result<()> {
    let first = BrowserFixture::open("/").await?;
    first.until_state(&["ready"]).await?;
    first.run_on_page(STORE).await?;
    first
        .until_script_returns(READ, json!(["left=1", "1", "1", 1, 1]))
        .await?;
    first.browser.open_tab().await?;
    drop(first);

    let second = BrowserFixture::open("/").await?;
    let nothing = json!(["", null, null, 0, 0]);
    second.until_script_returns(READ, nothing).await?;
    let windows = second.browser.client.windows().await?;
    ensure!(windows.len() == 1, "{windows:?}");
    second.until_state(&["ready"]).await?;
    Ok(())
}

const STORE: &str = "document.cookie = 'left=1; max-age=1000';
    localStorage.left = sessionStorage.left = 1;
    return caches.open('left').then(() => new Promise((done) => {
        indexedDB.open('left').onsuccess = () => done(true);
    }));";

/// Cookies, storages, and numbers of caches and databases.
const READ: &str = "return Promise.all([caches.keys(), indexedDB.databases()]).then(([caches, databases]) =>
    [document.cookie, localStorage.left ?? null, sessionStorage.left ?? null, caches.length, databases.length]);";
