//! Pages that move, copy, bundle, strip or remove the tag: the right widget is in the right place, once, or the console
//! says what to change.

use crate::fixture::{BrowserFixture, FixtureOptions};
use crate::requirement::runs_in;
use anyhow::Result;
use embark_tests::browser::BrowserKind;
use embark_tests::deployment::{PUBLIC_ORIGIN, SHOP_ORIGIN};
use reqwest::Url;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::sleep;

#[tokio::test]
async fn tag_in_any_form_adds_its_element_once() -> Result<()> {
    let fixture = fixture_with_two_sites().await?;
    let acme = json!([["acme", "place"]]);
    let both = json!([["acme", "place"], ["beta", "place"]]);
    let in_root = json!([["acme", "root"]]);
    let in_root_and_by_tag = json!([["acme", "root"], ["beta", "place"]]);
    for (name, body, expected) in [
        ("module", module("acme"), &acme),
        ("modules of two sites", module("acme") + &module("beta"), &both),
        ("inlined", r#"<script data-site="acme">{{loader}}</script>"#.to_owned(), &acme),
        ("copied", r#"<script src="/scripts/copy.js" data-site="acme"></script>"#.to_owned(), &acme),
        ("without data-*", tag("?site=acme"), &acme),
        (
            "bundled, with an element",
            r#"<script src="/scripts/copy.js"></script><embark-signup data-site="acme"></embark-signup>"#.to_owned(),
            &acme,
        ),
        (
            "evaluated, with an element",
            "<script>fetch('/scripts/copy.js').then((file) => file.text()).then(eval)</script>\
             <embark-signup data-site=\"acme\"></embark-signup>"
                .to_owned(),
            &acme,
        ),
        (
            "with an element for the same site",
            tag("?site=acme") + r#"<embark-signup data-site="acme"></embark-signup>"#,
            &acme,
        ),
        (
            "with an element for another site",
            tag("?site=acme") + r#"<embark-signup data-site="beta"></embark-signup>"#,
            &both,
        ),
        (
            "before the npm package, which adds an element for the same site",
            tag("?site=acme").replace(" async", "") + NPM_MODULE,
            &in_root,
        ),
        (
            "after the npm package, for another site",
            NPM_MODULE.to_owned()
                + "<script>const tag = document.createElement('script');
                   tag.src = 'https://signup.partner.example/embark.js?site=beta';
                   addEventListener('load', () => document.getElementById('place').append(tag))</script>",
            &in_root_and_by_tag,
        ),
        (
            "removed by the script that added it, once it ran",
            "<script>const tag = document.createElement('script');
             Object.assign(tag, { src: 'https://signup.partner.example/embark.js?site=acme', onload: () => tag.remove() });
             addEventListener('load', () => document.getElementById('place').append(tag))</script>"
                .to_owned(),
            &acme,
        ),
    ] {
        fixture.open_page("", &body).await?;
        fixture.assert_widgets(name, expected).await?;
    }
    fixture.until_state(&["ready"]).await?;
    Ok(())
}

#[tokio::test]
async fn tag_added_by_single_page_app_leaves_with_it() -> Result<()> {
    let fixture = fixture_with_two_sites().await?;
    let one = json!([["acme", "place"]]);
    let none = json!([]);
    for (name, script, expected) in [
        ("effect run twice", "add(); last.remove(); add()", &one),
        ("equal tags", "add(); add()", &one),
        ("removed before it loaded", "add(); last.remove()", &none),
    ] {
        fixture.open_page("", ADD_TAG).await?;
        fixture.run_on_page(script).await?;
        fixture.assert_widgets(name, expected).await?;
    }
    fixture.open_page("", ADD_TAG).await?;
    fixture.run_on_page("add()").await?;
    fixture.assert_widgets("added", &one).await?;
    fixture.run_on_page("last.remove()").await?;
    fixture.assert_widgets("removed", &none).await?;
    fixture.run_on_page("add()").await?;
    fixture.assert_widgets("added again", &one).await
}

#[tokio::test]
async fn page_body_replaced_keeps_one_widget() -> Result<()> {
    let fixture = fixture_with_two_sites().await?;
    let at_end = json!([["acme", "body"]]);
    let one = json!([["acme", "place"]]);
    let in_head = tag("?site=acme");
    let in_body = tag("?site=acme");
    for (name, head, body, script, expected) in [
        ("Turbo, tag in head", &*in_head, "", TURBO_RENDER, &at_end),
        ("Astro, tag in head", &*in_head, "", ASTRO_SWAP, &at_end),
        (
            "no event, tag in head",
            &*in_head,
            "",
            "document.body.innerHTML = '<p>Next</p>'",
            &at_end,
        ),
        (
            "a copy from a cache",
            &*in_head,
            "",
            "const copy = document.body.cloneNode(true); document.body.replaceWith(copy)",
            &at_end,
        ),
        (
            "morphed",
            "",
            &*in_body,
            "document.querySelector('embark-signup').remove()",
            &one,
        ),
        (
            "the same content again",
            "",
            &*in_body,
            "document.querySelector('embark-signup').remove(); document.body.innerHTML = document.body.innerHTML",
            &one,
        ),
    ] {
        fixture.open_page(head, body).await?;
        let first = if head.is_empty() { &one } else { &at_end };
        fixture.assert_widgets(name, first).await?;
        fixture.run_on_page(script).await?;
        fixture.assert_widgets(name, expected).await?;
    }
    Ok(())
}

#[tokio::test]
async fn tag_that_cannot_work_warns_in_console() -> Result<()> {
    if !runs_in(BrowserKind::Chromium, "needs the browser's console") {
        return Ok(());
    }
    let fixture = fixture_with_two_sites().await?;
    for (body, expected) in [
        (tag(""), "no site is named"),
        (
            "<div id=\"host\"></div><script>const tag = document.createElement('script');
             tag.src = 'https://signup.partner.example/embark.js'; tag.dataset.site = 'acme';
             document.getElementById('host').attachShadow({ mode: 'open' }).append(tag)</script>"
                .to_owned(),
            "no site is named",
        ),
        (
            r#"<script src="/scripts/copy.js" data-site="acme" data-edge="partner"></script>"#
                .to_owned(),
            "Set data-edge",
        ),
        (
            tag("?site=unknown"),
            "shows no button for the site \\\"unknown\\\" on https://shop.example",
        ),
    ] {
        fixture.open_page("", &body).await?;
        fixture.until_console(expected).await?;
    }
    fixture.goto("https://rival.example/").await?;
    fixture.until_console("on https://rival.example").await?;
    Ok(())
}

#[tokio::test]
async fn element_in_a_row_of_flex_items_has_the_width_that_is_left() -> Result<()> {
    let fixture = fixture_with_two_sites().await?;
    let row = r#"<div style="display: flex; width: 600px"><p>Your shop</p><embark-signup data-site="acme"></embark-signup></div>"#;
    fixture.open_page(&tag(""), row).await?;
    fixture.until_state(&["ready"]).await?;
    let width = "return document.querySelector('embark-signup').shadowRoot.querySelector('iframe').offsetWidth";
    let width = fixture.run_on_page(width).await?;
    assert!(width.as_u64().is_some_and(|width| width > 400), "{width}");
    Ok(())
}

#[tokio::test]
async fn site_that_there_is_not_shows_nothing_at_once_and_another_refusal_a_link() -> Result<()> {
    let fixture = fixture_with_two_sites().await?.without_frame();
    fixture.open_page(&tag("?site=unknown"), "").await?;
    let shown = "const element = document.querySelector('embark-signup');
        const frame = element?.shadowRoot.querySelector('iframe');
        return [frame?.offsetHeight, !!element?.shadowRoot.querySelector('a')]";
    fixture
        .until_script_returns(shown, json!([0, false]))
        .await?;
    // Longer than a frame may take to report.
    tokio::time::sleep(std::time::Duration::from_secs(6)).await;
    fixture
        .until_script_returns(shown, json!([0, false]))
        .await?;
    fixture.goto("https://rival.example/").await?;
    fixture.until_script_returns(shown, json!([0, true])).await
}

#[tokio::test]
async fn element_moved_while_meta_is_open_warns_unless_moved_before() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "needs the browser's console and moveBefore",
    ) {
        return Ok(());
    }
    let fixture = fixture_with_two_sites().await?;
    let element = r#"<embark-signup data-site="acme"></embark-signup>"#;
    fixture.open_page(&tag(""), element).await?;
    let popup = fixture.open_popup().await?;
    fixture.until_state(&["popup"]).await?;
    fixture
        .run_on_page(
            "document.body.moveBefore(document.querySelector('embark-signup'), document.body.firstChild)",
        )
        .await?;
    popup.finish().await?;
    fixture.until_state(&["connected"]).await?;

    fixture
        .run_on_page("sessionStorage.clear(); localStorage.clear()")
        .await?;
    fixture
        .open_page(&tag(""), &element.replace("acme", "beta"))
        .await?;
    let popup = fixture.open_popup().await?;
    fixture.until_event("launched").await?;
    fixture
        .run_on_page("document.body.append(document.querySelector('embark-signup'))")
        .await?;
    fixture.until_console("its answer is lost").await?;
    popup.close().await?;
    fixture
        .assert_widgets("moved", &json!([["beta", "body"]]))
        .await
}

#[tokio::test]
async fn launch_queued_before_loader_opens_hosted_page() -> Result<()> {
    let fixture = fixture_with_two_sites().await?;
    let body = "<script>window.open = (url) => { window.opened = url; return {} };
        (window.embark ||= []).push(['launch'])</script>";
    let mode_window = tag("?site=acme&mode=window");
    fixture
        .open_page("", &format!("{body}{mode_window}"))
        .await?;
    // The link under which this page gets the events.
    fixture
        .until_script("return window.opened", |url| {
            let is_hosted = url.as_str().unwrap_or_default();
            is_hosted.starts_with(&format!("{PUBLIC_ORIGIN}/go/acme?"))
                && is_hosted.contains("#embark=")
        })
        .await?;
    Ok(())
}

impl BrowserFixture {
    /// Opens a page of the shop with this in its head, and this in `<main id="place">`.
    async fn open_page(&self, head: &str, body: &str) -> Result<()> {
        let url = Url::parse_with_params(
            &format!("{SHOP_ORIGIN}/page"),
            [("head", head), ("body", body)],
        )?;
        self.goto(url.as_str()).await
    }

    /// Waits until the page has exactly these elements, each with a frame of the Worker: site, and id or name of its
    /// parent. They must still be the only ones when the loader has looked at the page again.
    async fn assert_widgets(&self, name: &str, expected: &Value) -> Result<()> {
        let script = "return [...document.querySelectorAll('embark-signup')]
            .filter((one) => one.shadowRoot?.querySelector('iframe')?.src.startsWith('https://signup.partner.example/frame'))
            .map((one) => [one.dataset.site, one.parentNode.id || one.parentNode.localName])";
        let count = "return document.querySelectorAll('embark-signup').length";
        self.until_script_returns(script, expected.clone()).await?;
        sleep(Duration::from_millis(2_500)).await;
        let later = self.run_on_page(script).await?;
        assert_eq!(later, *expected, "{name}");
        let count = self.run_on_page(count).await?;
        assert_eq!(count, expected.as_array().map_or(0, Vec::len), "{name}");
        Ok(())
    }
}

/// A browser on an empty page; the shop may embed the sites `acme` and `beta`.
async fn fixture_with_two_sites() -> Result<BrowserFixture> {
    let fixture = BrowserFixture::with(FixtureOptions::default()).await?;
    fixture
        .deployment
        .put_app_and_site("beta", &[SHOP_ORIGIN])
        .await?;
    Ok(fixture)
}

/// The tag without attributes of its own.
fn tag(query: &str) -> String {
    format!("<script async src=\"{PUBLIC_ORIGIN}/embark.js{query}\"></script>")
}

fn module(site: &str) -> String {
    format!(
        "<script type=\"module\" src=\"{PUBLIC_ORIGIN}/embark.js\" data-site=\"{site}\"></script>"
    )
}

/// The page `module.js` of `npm_pages`, which adds an element for the site `acme` to `#root`.
const NPM_MODULE: &str = "<button id=\"toggle\"></button><div id=\"root\"></div>\
    <script type=\"module\" src=\"/npm/module.js\"></script>";

/// `add()` adds the tag, as an effect of a component does; `last` is the newest one.
/// As properties of the window: scripts of Firefox's WebDriver see no other globals of a page.
const ADD_TAG: &str = "<script>window.add = () => {
    const last = (window.last = document.createElement('script'));
    Object.assign(last, { async: true, src: 'https://signup.partner.example/embark.js' });
    last.dataset.site = 'acme';
    document.getElementById('place').append(last);
  }</script>";
const TURBO_RENDER: &str = "const body = document.createElement('body');
    body.innerHTML = '<p>Next</p>'; document.body.replaceWith(body);
    document.dispatchEvent(new CustomEvent('turbo:render'));
    document.dispatchEvent(new CustomEvent('turbo:load'))";
const ASTRO_SWAP: &str = "const body = document.createElement('body');
    body.innerHTML = '<p>Next</p>'; document.body.replaceWith(body);
    document.dispatchEvent(new Event('astro:page-load'))";
