//! What the widget costs the host page: one script and a frame, no cookie, no third-party request; and a second visit
//! from the cache.

use crate::fixture::BrowserFixture;
use crate::requirement::runs_in;
use anyhow::Result;
use embark_tests::browser::BrowserKind;
use serde_json::{Value, json};

#[tokio::test]
async fn host_page_loads_one_script_and_a_frame_and_no_cookie() -> Result<()> {
    if !runs_in(BrowserKind::Chromium, "needs DevTools to read all cookies") {
        return Ok(());
    }
    let fixture = BrowserFixture::open("/").await?;
    fixture.open_popup().await?.finish().await?;
    fixture.until_state(&["connected"]).await?;
    let loaded = "return performance.getEntriesByType('resource')
        .map((one) => one.name.split('?')[0]).filter((name) => !name.startsWith(location.origin))";
    let expected = json!([
        "https://signup.partner.example/embark.js",
        "https://signup.partner.example/frame"
    ]);
    fixture.until_script_returns(loaded, expected).await?;
    assert_eq!(fixture.run_on_page("return document.cookie").await?, "");
    assert_eq!(fixture.run_in_widget("return document.cookie").await?, "");
    let jar = fixture
        .browser
        .devtools("Network.getAllCookies", json!({}))
        .await?;
    assert_eq!(jar["cookies"], json!([]), "no cookie is set by any origin");
    Ok(())
}

#[tokio::test]
async fn frame_second_visit_loads_files_from_cache() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "covered in Chromium: compares sizes of cached transfers",
    ) {
        return Ok(());
    }
    let fixture = BrowserFixture::open("/").await?;
    fixture.until_state(&["ready"]).await?;
    // Files of the Worker's origin that the frame loaded, with the bytes transferred for each.
    let loaded = "return performance.getEntriesByType('resource')
        .filter((one) => one.name.startsWith(location.origin))
        .map((one) => [new URL(one.name).pathname, one.transferSize])";
    let has_entries = |entries: &Value| entries.as_array().is_some_and(|all| all.len() >= FILES);
    let first = fixture.until_widget_script(loaded, has_entries).await?;
    let first: Vec<(String, u64)> = serde_json::from_value(first)?;
    assert!(first.iter().any(|(_, bytes)| *bytes > 0), "{first:?}");
    assert!(
        first.iter().all(|(path, _)| path.starts_with("/b/")),
        "{first:?}"
    );
    fixture.reload().await?;
    fixture.until_state(&["ready"]).await?;
    let second = fixture.until_widget_script(loaded, has_entries).await?;
    let second: Vec<(String, u64)> = serde_json::from_value(second)?;
    assert!(second.iter().all(|(_, bytes)| *bytes == 0), "{second:?}");
    // Before the first click, only the SDK is requested from Meta.
    let others = "return performance.getEntriesByType('resource').map((one) => one.name)
        .filter((name) => !name.startsWith(location.origin))";
    let has_entries = |entries: &Value| entries.as_array().is_some_and(|all| !all.is_empty());
    let others = fixture.until_widget_script(others, has_entries).await?;
    let names = others.as_array().into_iter().flatten();
    let sdk = |name: &Value| {
        name.as_str()
            .is_some_and(|name| name.starts_with("https://connect.facebook.net/"))
    };
    assert!(names.clone().all(sdk), "{others}");
    Ok(())
}

/// The least number of files that the frame loads: script, wasm and locale file.
const FILES: usize = 3;
