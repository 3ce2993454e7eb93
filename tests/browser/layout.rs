//! How far the widget moves what stands around it.

use crate::fixture::{BrowserFixture, FixtureOptions};
use crate::happy_path::SLOW_MS;
use crate::requirement::runs_in;
use anyhow::Result;
use embark_tests::browser::BrowserKind;
use embark_tests::deployment::SHOP_ORIGIN;
use reqwest::Url;
use serde_json::json;

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
    let head = "<style>embark-signup { display: block; min-height: 26rem }</style><script>
        window.shifts = [];
        new PerformanceObserver((list) => shifts.push(...list.getEntries().map(({ value }) => value)))
            .observe({ type: 'layout-shift', buffered: true });
        </script>";
    let body = "<embark-signup data-site=\"acme\"></embark-signup>
        <script async src=\"https://signup.partner.example/embark.js\"></script>
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
