//! Several widgets on one page, and pages that add and remove widgets.

use crate::fixture::{BrowserFixture, FixtureOptions};
use crate::requirement::runs_in;
use anyhow::{Context, Result, ensure};
use embark_tests::browser::BrowserKind;
use embark_tests::deployment::SHOP_ORIGIN;
use serde_json::{Value, json};

#[tokio::test]
async fn two_tags_report_events_of_their_own_signup() -> Result<()> {
    let fixture = BrowserFixture::with(FixtureOptions::default()).await?;
    fixture
        .deployment
        .put_app_and_site("beta", &[SHOP_ORIGIN])
        .await?;
    fixture.goto(&format!("{SHOP_ORIGIN}/two-tags")).await?;
    fixture.until_state(&["ready"]).await?;
    let sites =
        "return [...document.querySelectorAll('embark-signup')].map((one) => one.dataset.site)";
    fixture
        .until_script_returns(sites, json!(["acme", "beta"]))
        .await?;
    fixture.run_on_page(RECORD_SITES).await?;
    fixture.click("embark-button").await?;
    fixture.popup().await?.finish().await?;
    fixture.until_state(&["connected"]).await?;
    fixture.deliver_messages().await?;
    let sites = fixture.run_on_page("return window.eventSites").await?;
    let sites = sites.as_array().context("no list")?;
    ensure!(!sites.is_empty(), "no events");
    ensure!(sites.iter().all(|site| site == "acme"), "{sites:?}");
    // The other widget is as before the click.
    let other =
        "return document.querySelectorAll('embark-signup')[1].shadowRoot.querySelector('iframe')";
    fixture
        .until("the other widget", async || {
            ensure!(fixture.enter_frame(other).await?, "no second frame");
            let state = "return document.querySelector('.embark').dataset.state";
            let state = fixture.browser.client.execute(state, vec![]).await?;
            ensure!(state == "ready", "it is in state {state}");
            Ok(())
        })
        .await
}

#[tokio::test]
async fn frame_widget_removed_and_added_leaks_nothing() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "needs DevTools to collect garbage and count nodes",
    ) {
        return Ok(());
    }
    assert_no_leak("/").await
}

#[tokio::test]
async fn inline_widget_removed_and_added_leaks_nothing() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "needs DevTools to collect garbage and count nodes",
    ) {
        return Ok(());
    }
    assert_no_leak("/?mode=inline").await
}

/// Removes and adds the element repeatedly, and asserts that listeners, nodes, documents and frames do not grow.
async fn assert_no_leak(path: &str) -> Result<()> {
    let fixture = BrowserFixture::open(path).await?;
    fixture.set_framed(!path.contains("inline"));
    fixture.until_state(&["ready"]).await?;
    // The element is the page's own from now on: without its tag it goes, and nothing but this test adds it again.
    let without_tag = "window.kept = document.querySelector('embark-signup');
        document.querySelector('script[data-site]').remove()";
    fixture.run_on_page(without_tag).await?;
    fixture
        .until_script_returns("return frames.length", 0)
        .await?;
    add(&fixture).await?;
    for _ in 0..3 {
        remove_and_add(&fixture).await?;
    }
    let before = object_counts(&fixture).await?;
    for _ in 0..8 {
        remove_and_add(&fixture).await?;
    }
    let after = object_counts(&fixture).await?;
    for (name, old) in &before {
        let new = after.iter().find(|(other, _)| other == name);
        let new = new.map_or(0.0, |(_, new)| *new);
        // One object leaked per round would add eight.
        ensure!(new < old + 8.0, "{name}: {old}, then {new}");
    }
    Ok(())
}

async fn remove_and_add(fixture: &BrowserFixture) -> Result<()> {
    fixture
        .run_on_page("window.kept = document.querySelector('embark-signup'); kept.remove()")
        .await?;
    let left = "return [kept.shadowRoot.childNodes.length, frames.length]";
    assert_eq!(fixture.run_on_page(left).await?, json!([0, 0]));
    add(fixture).await
}

async fn add(fixture: &BrowserFixture) -> Result<()> {
    // Entering the frame by the driver would keep it alive: the host page's events show that it is ready.
    let add = "document.querySelector('main').append(window.kept); delete window.kept;
        return window.__events.length";
    let before = fixture.run_on_page(add).await?;
    let count = "return window.__events.length";
    fixture
        .until_script(count, |count| *count != before)
        .await?;
    Ok(())
}

/// Numbers of objects that the page holds after garbage collection, by name.
async fn object_counts(fixture: &BrowserFixture) -> Result<Vec<(String, f64)>> {
    fixture.enter_host_page().await?;
    let browser = &fixture.browser;
    browser.devtools("Performance.enable", json!({})).await?;
    let mut previous: Vec<(String, f64)> = Vec::new();
    // Some objects are freed only by the next collection.
    let same = fixture.until("two equal counts", async || {
        let collect = "HeapProfiler.collectGarbage";
        browser.devtools(collect, json!({})).await?;
        let metrics = browser
            .devtools("Performance.getMetrics", json!({}))
            .await?;
        let value = |name: &str| {
            let all = metrics["metrics"].as_array().into_iter().flatten();
            let mut named = all.filter(|metric| metric["name"] == name);
            named.next().and_then(|metric| metric["value"].as_f64())
        };
        let names = ["JSEventListeners", "Nodes", "Documents", "Frames"];
        let reading: Vec<_> = names
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), value(name)?)))
            .collect();
        ensure!(reading.len() == names.len(), "{metrics}");
        let before = std::mem::replace(&mut previous, reading.clone());
        ensure!(before == reading, "{before:?}, then {reading:?}");
        Ok(reading)
    });
    same.await
}

/// Records the site of the tag that each event came from.
const RECORD_SITES: &str = r#"
  window.eventSites = [];
  for (const name of ["launched", "progress", "connected"])
    window.embark.on(name, (_, event) => window.eventSites.push(event.target.dataset.site));
"#;

#[tokio::test]
async fn event_listener_removed_gets_no_events() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    fixture.until_state(&["ready"]).await?;
    let calls: Value = fixture
        .run_on_page(
            "let calls = 0; const off = window.embark.on('ready', () => { calls += 1; });
             const dispatch = () => document.querySelector('embark-signup').dispatchEvent(
                 new CustomEvent('embark:ready', { bubbles: true }));
             dispatch(); off(); dispatch(); return calls;",
        )
        .await?;
    assert_eq!(calls, 1);
    Ok(())
}
