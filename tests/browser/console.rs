//! The operator's console in a browser: each page in both themes and on a phone, without violations of accessibility or of its
//! Content Security Policy, and without a script.

use crate::fixture::{BrowserFixture, FixtureOptions};
use crate::requirement::runs_in;
use anyhow::{Context, Result, ensure};
use base64ct::{Base64UrlUnpadded, Encoding};
use embark_tests::browser::BrowserKind;
use embark_tests::deployment::{APP_SECRET, OPERATOR_ORIGIN, OPERATOR_TOKEN, SHOP_ORIGIN};
use fantoccini::Locator;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::{SystemTime, UNIX_EPOCH};

/// Pages by the names of their screenshots.
const PAGES: &[(&str, &str)] = &[
    ("console_overview", "/console"),
    ("console_signups", "/console/signups"),
    ("console_accounts", "/console/accounts"),
    ("console_events", "/console/events"),
    ("console_keys", "/console/keys"),
    ("console_sites", "/console/sites"),
    ("console_site", "/console/sites/acme"),
    ("console_apps", "/console/apps"),
    ("console_app", "/console/apps/main"),
    ("console_doctor", "/console/sites/acme/doctor"),
    ("console_app_doctor", "/console/apps/main/doctor"),
    ("console_checklist", "/console/apps/main/checklist"),
    ("console_unclaimed", "/console/unclaimed"),
    ("console_callbacks", "/console/callbacks"),
    ("console_health", "/console/health"),
    ("console_audit", "/console/audit"),
    ("console_operators", "/console/operators"),
];

impl BrowserFixture {
    /// Deployment with signups of several ends, and a browser that is signed in to its console.
    async fn console(options: FixtureOptions) -> Result<Self> {
        let fixture = Self::with(options).await?;
        fixture.open_sign_in().await?;
        fixture.submit_token().await?;
        Ok(fixture)
    }

    async fn open_sign_in(&self) -> Result<()> {
        // Violations are counted from the beginning of each document.
        let source = "window.violations = []; document.addEventListener('securitypolicyviolation', \
                      (event) => violations.push(`${event.violatedDirective} ${event.blockedURI}`))";
        if self.browser.is_chromium() {
            let command = "Page.addScriptToEvaluateOnNewDocument";
            self.browser.devtools("Page.enable", json!({})).await?;
            self.browser
                .devtools(command, json!({"source": source}))
                .await?;
        }
        self.goto(&format!("{OPERATOR_ORIGIN}/console")).await
    }

    async fn submit_token(&self) -> Result<()> {
        let client = &self.browser.client;
        let field = client.find(Locator::Id("token")).await?;
        field.send_keys(OPERATOR_TOKEN).await?;
        client
            .find(Locator::Css("main button"))
            .await?
            .click()
            .await?;
        self.until_script_returns(
            "return document.querySelector('h1')?.textContent",
            "Overview",
        )
        .await
    }

    /// Returns the last signup that has connected, and its number.
    async fn connect_abandon_and_fail(&self) -> Result<(String, String)> {
        let deployment = &self.deployment;
        let mut connected = (String::new(), String::new());
        for _ in 0..3 {
            let end = deployment.connect("acme", json!({})).await?;
            let number = &end["connected"]["phone_number_id"];
            let text = |value: &Value| value.as_str().map(str::to_owned);
            let id = text(&end["id"]).context("no id")?;
            connected = (id, text(number).context("no number")?);
        }
        // Of a person whom no signup knows.
        let url = format!("{}/v1/callbacks/meta/main/delete", deployment.origin);
        let request = deployment.client.post(url).form(&[(
            "signed_request",
            signed_request("9007199254740993", APP_SECRET)?,
        )]);
        request.send().await?.error_for_status()?;
        for (step, count) in [("PHONE_NUMBER_SETUP", 2), ("BUSINESS_INFO", 1)] {
            for _ in 0..count {
                let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
                widget.post("/launched", &json!({})).await?;
                let ended = json!({"reason": "cancelled", "current_step": step});
                widget.post("/ended", &ended).await?;
            }
        }
        let refused = json!({"path": "*/register", "kind": "error", "http": 400, "code": 131_031, "times": 1});
        deployment.add_fault(refused).await?;
        deployment.sign_up("acme", json!({"new": true})).await?;
        let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
        widget.post("/launched", &json!({})).await?;
        let minted = deployment.mint_code(json!({"new": true})).await?;
        let phone = minted["phone_number_id"].as_str().context("no number")?;
        let row = format!("phones/{phone}");
        deployment
            .patch_sandbox(&row, json!({"pin": "731904"}))
            .await?;
        widget.post_outcome(&minted).await?;
        widget.poll_until(&["needs_input"]).await?;
        let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
        widget.post("/launched", &json!({})).await?;
        deployment
            .wait_for_listed_event("acme", "signup.abandoned")
            .await?;
        Ok(connected)
    }

    /// Asserts that the page is accessible, fits pages of several widths, and loads nothing from elsewhere.
    async fn assert_sound(&self, name: &str) -> Result<()> {
        let violations = self.axe_violations_on_page().await?;
        ensure!(violations == json!([]), "{name}: {violations:#}");
        let policy = self.run_on_page("return window.violations").await?;
        ensure!(policy == json!([]), "{name}: {policy:#}");
        let elsewhere = "return performance.getEntriesByType('resource').map((entry) => entry.name) \
                         .filter((url) => !url.startsWith(location.origin) && !url.startsWith('data:'))";
        let elsewhere = self.run_on_page(elsewhere).await?;
        ensure!(elsewhere == json!([]), "{name}: {elsewhere:#}");
        let (own_width, height) = self.page_size;
        for width in [320, 480, own_width] {
            self.resize(width, height).await?;
            self.until_script_returns("return innerWidth", width)
                .await?;
            let overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
            let overflow: Value = self.run_on_page(overflow).await?;
            ensure!(overflow == 0, "{name} is {overflow} px too wide at {width}");
        }
        Ok(())
    }
}

/// What Meta sends when a person wants their data deleted.
fn signed_request(user: &str, secret: &str) -> Result<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let payload = json!({"algorithm": "HMAC-SHA256", "issued_at": now, "user_id": user});
    let payload = Base64UrlUnpadded::encode_string(payload.to_string().as_bytes());
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())?;
    mac.update(payload.as_bytes());
    let signature = Base64UrlUnpadded::encode_string(&mac.finalize().into_bytes());
    Ok([&signature, ".", &payload].concat())
}

fn wide() -> FixtureOptions {
    FixtureOptions {
        page_size: Some((1_200, 800)),
        ..FixtureOptions::default()
    }
}

#[tokio::test]
async fn console_pages_are_accessible_and_load_nothing_from_elsewhere() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "covered in Chromium: colours, markup and requests do not depend on the browser",
    ) {
        return Ok(());
    }
    let fixture = BrowserFixture::with(wide()).await?;
    let (connected, number) = fixture.connect_abandon_and_fail().await?;
    fixture.open_sign_in().await?;
    fixture.screenshot_page("console_sign_in").await?;
    fixture.assert_sound("console_sign_in").await?;
    fixture.submit_token().await?;
    let signup = format!("/console/sites/acme/signups/{connected}");
    let transfer = format!("/console/numbers/{number}/transfer");
    let pages = PAGES.iter().copied();
    for (name, path) in pages.chain([
        ("console_signup", signup.as_str()),
        ("console_transfer", transfer.as_str()),
    ]) {
        if name == "console_transfer" {
            let rival = ["https://rival.example"];
            fixture.deployment.put_app_and_site("rival", &rival).await?;
        }
        fixture.goto(&format!("{OPERATOR_ORIGIN}{path}")).await?;
        fixture.screenshot_page(name).await?;
        fixture.assert_sound(name).await?;
    }
    Ok(())
}

#[tokio::test]
async fn console_is_accessible_in_dark_colours_and_on_a_phone() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "covered in Chromium: colours and markup do not depend on the browser",
    ) {
        return Ok(());
    }
    let dark = FixtureOptions {
        dark: true,
        ..wide()
    };
    let phone = FixtureOptions {
        page_size: Some((390, 760)),
        ..FixtureOptions::default()
    };
    for (name, options) in [("console_dark", dark), ("console_phone", phone)] {
        let fixture = BrowserFixture::console(options).await?;
        fixture.connect_abandon_and_fail().await?;
        for (_, path) in PAGES {
            fixture.goto(&format!("{OPERATOR_ORIGIN}{path}")).await?;
            fixture.assert_sound(path).await?;
        }
        fixture.goto(&format!("{OPERATOR_ORIGIN}/console")).await?;
        fixture.screenshot_page(name).await?;
    }
    Ok(())
}

#[tokio::test]
async fn list_of_signups_shows_new_ones_by_itself() -> Result<()> {
    let fixture = BrowserFixture::console(wide()).await?;
    fixture
        .goto(&format!("{OPERATOR_ORIGIN}/console/signups"))
        .await?;
    let rows = "return document.querySelectorAll('#signups tbody tr').length";
    fixture.until_script_returns(rows, 0).await?;
    fixture.deployment.connect("acme", json!({})).await?;
    fixture.until_script_returns(rows, 1).await
}
