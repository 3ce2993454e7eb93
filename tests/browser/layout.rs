//! How far the widget moves what stands around it.

use crate::fixture::{BrowserFixture, FixtureOptions};
use crate::happy_path::SLOW_MS;
use crate::requirement::runs_in;
use anyhow::{Context, Result};
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
    let head = page_head("embark-signup { display: block; min-height: 26rem }");
    let body = "<embark-signup data-site=\"acme\"></embark-signup>
        <script async src=\"https://signup.partner.example/embark.js\"></script>
        <div style=\"height: 60rem; background: #eee\">The rest of the page</div>";
    fixture.goto_page(&head, body).await?;
    let steps = json!({"path": "*/register", "kind": "latency", "ms": SLOW_MS});
    fixture.deployment.add_fault(steps).await?;
    fixture.open_popup().await?.finish().await?;
    fixture.until_state(&["connected"]).await?;
    let moved = fixture.moved().await?;
    assert!(moved <= 0.05, "{moved}");
    Ok(())
}

#[tokio::test]
async fn loader_that_comes_after_the_page_moves_it_at_most_by_the_button() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "Firefox does not report layout shifts",
    ) {
        return Ok(());
    }
    let fixture = BrowserFixture::with(FixtureOptions::default()).await?;
    let text = "<p>The text of the page. </p>".repeat(12);
    let reserved = "embark-signup { display: block; min-height: 46px }";
    let element = "<embark-signup data-site=\"acme\"></embark-signup>";
    // 46 of 640 pixels, and what they move: below 0.1, which counts as good (<https://web.dev/articles/cls>).
    for (style, place, most) in [
        ("", "", 0.08),
        ("", element, 0.08),
        (reserved, element, 0.0),
    ] {
        let body = format!("{text}<div id=\"signup\">{place}</div>{text}");
        fixture.goto_page(&page_head(style), &body).await?;
        let is_painted = "return performance.getEntriesByName('first-contentful-paint').length > 0";
        fixture.until_script_returns(is_painted, true).await?;
        fixture.run_on_page(ADD_LOADER).await?;
        fixture.until_state(&["ready"]).await?;
        let moved = fixture.moved().await?;
        assert!(moved <= most, "{moved} with {place:?} and {style:?}");
        assert!(moved > 0.0 || !style.is_empty(), "nothing was observed");
    }
    Ok(())
}

impl BrowserFixture {
    async fn goto_page(&self, head: &str, body: &str) -> Result<()> {
        let page = format!("{SHOP_ORIGIN}/page");
        let url = Url::parse_with_params(&page, [("head", head), ("body", body)])?;
        self.goto(url.as_str()).await
    }

    /// The sum of the page's layout shifts.
    async fn moved(&self) -> Result<f64> {
        let sum = "return shifts.reduce((sum, one) => sum + one, 0)";
        let sum = self.run_on_page(sum).await?;
        sum.as_f64().context("no number")
    }
}

/// For the head of a page: a style sheet, and a script that records layout shifts.
fn page_head(style: &str) -> String {
    format!(
        "<style>{style}</style><script>
        window.shifts = [];
        new PerformanceObserver((list) => shifts.push(...list.getEntries().map(({{ value }}) => value)))
            .observe({{ type: 'layout-shift', buffered: true }});
        </script>"
    )
}

/// A tag that names the site where the page has no element, as pages have it.
const ADD_LOADER: &str = "const tag = document.createElement('script');
    tag.src = 'https://signup.partner.example/embark.js';
    const place = document.getElementById('signup');
    if (!place.firstChild) tag.dataset.site = 'acme';
    place.append(tag);";
