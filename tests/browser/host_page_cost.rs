//! What the widget costs the host page: one script and a frame, no cookie, no third-party request; and a second visit
//! from the cache.

use crate::fixture::{BrowserFixture, FixtureOptions};
use crate::happy_path::SLOW_MS;
use crate::requirement::runs_in;
use anyhow::Result;
use embark_tests::browser::BrowserKind;
use embark_tests::deployment::SHOP_ORIGIN;
use reqwest::Url;
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

#[tokio::test]
async fn flow_in_a_reserved_height_moves_nothing_on_the_page() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "Firefox does not report layout shifts",
    ) {
        return Ok(());
    }
    let fixture = BrowserFixture::with(FixtureOptions::default()).await?;
    // As `docs/embedding.md` says.
    let head = "<style>embark-signup { min-height: 26rem }</style><script>
        window.shifts = [];
        new PerformanceObserver((list) => shifts.push(...list.getEntries().map(({ value }) => value)))
            .observe({ type: 'layout-shift', buffered: true });
        </script>";
    let body =
        "<script src=\"https://signup.partner.example/embark.js\" data-site=\"acme\"></script>
        <div style=\"height: 60rem; background: #eee\">The rest of the page</div>";
    let page = format!("{SHOP_ORIGIN}/page");
    let url = Url::parse_with_params(&page, [("head", head), ("body", body)])?;
    fixture.goto(url.as_str()).await?;
    let steps = json!({"path": "*/register", "kind": "latency", "ms": SLOW_MS});
    fixture.deployment.add_fault(steps).await?;
    fixture.open_popup().await?.finish().await?;
    fixture.until_state(&["connected"]).await?;
    let moved = fixture
        .run_on_page("return shifts.reduce((sum, one) => sum + one, 0)")
        .await?;
    assert!(moved.as_f64().is_some_and(|sum| sum <= 0.05), "{moved}");
    Ok(())
}

/// The least number of files that the frame loads: script, wasm and locale file.
const FILES: usize = 3;
