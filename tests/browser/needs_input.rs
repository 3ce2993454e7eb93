//! A signup asks the person for input: the account, the number, a verification code, the PIN.

use crate::fixture::BrowserFixture;
use crate::widget_dom::WidgetDom;
use anyhow::{Context, Result};
use serde_json::json;

#[tokio::test]
async fn signup_two_accounts_and_unverified_number_asks_for_account_then_code() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    fixture
        .deployment
        .set_rules(json!({"ids": "never"}))
        .await?;
    let popup = fixture.open_popup().await?;
    popup
        .click_all(&[
            "business-4000000000000002",
            "continue",
            "waba-all",
            "continue",
        ])
        .await?;
    popup.click("number-6000000000000002").await?;
    popup.finish().await?;

    fixture
        .until_input("waba")
        .await?
        .assert_text("Which account?");
    fixture.screenshot("needs_input_waba").await?;
    fixture
        .click_in_widget("input[value=\"5000000000000003\"]")
        .await?;
    fixture.click("embark-submit").await?;

    // The number of that account was never verified.
    fixture.until_input("verification").await?;
    fixture.screenshot("needs_input_verification").await?;
    fixture.click("embark-submit").await?;
    fixture.until_input("verification_code").await?;
    fixture.screenshot("needs_input_verification_code").await?;
    let world = fixture.deployment.sandbox_world().await?;
    let code = world["phones"]["6000000000000003"]["otp"].as_str();
    let code = code.context("no code was sent")?;
    fixture.fill("embark-input-verification_code", code).await?;
    fixture.click("embark-submit").await?;

    fixture.until_state(&["connected"]).await?;
    let events = fixture.events().await?;
    let kinds: Vec<_> = events
        .details("needsinput")
        .map(|detail| detail["kind"].clone())
        .collect();
    assert_eq!(kinds, ["waba", "verification", "verification_code"]);
    fixture.assert_connected_once("6000000000000003").await
}

#[tokio::test]
async fn signup_two_numbers_asks_for_number() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    fixture.add_second_number("Lucky Shrub Delivery").await?;
    fixture.open_popup().await?.finish().await?;

    let dom = fixture.until_input("number").await?;
    dom.assert_text("+1 631-555-0101");
    dom.assert_text("+1 631-555-0177");
    fixture.screenshot("needs_input_number").await?;
    fixture
        .click_in_widget("input[value=\"6000000000000077\"]")
        .await?;
    fixture.click("embark-submit").await?;
    fixture
        .until_state(&["connected"])
        .await?
        .assert_text("+1 631-555-0177");
    fixture.assert_connected_once("6000000000000077").await
}

#[tokio::test]
async fn signup_number_with_pin_asks_until_pin_is_right() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    fixture.set_existing_pin("482916").await?;
    fixture.open_popup().await?.finish().await?;

    fixture
        .until_input("pin")
        .await?
        .assert_text("two-step verification");
    fixture.screenshot("needs_input_pin").await?;
    let number = "const number = document.querySelector('bdi.em-id');
        return number.getClientRects().length === 1 && number.offsetHeight < 30";
    let is_in_one_line = fixture.run_in_widget(number).await?;
    assert_eq!(is_in_one_line, true, "the number is not broken");
    assert_eq!(
        fixture.deployment.count_calls("*/register", None).await?,
        0,
        "no PIN is guessed"
    );
    fixture.fill("embark-input-pin", "111 111").await?;
    fixture.click("embark-submit").await?;
    let dom = fixture
        .until_dom("an error message", |dom| {
            dom.text.contains("This PIN is not right.")
        })
        .await?;
    dom.assert_enabled("embark-submit");
    fixture.screenshot("needs_input_pin_wrong").await?;
    fixture.fill("embark-input-pin", "482916").await?;
    fixture.click("embark-submit").await?;
    fixture.until_state(&["connected"]).await?;
    fixture.deployment.assert_calls("*/register", 2).await?;
    fixture.deployment.assert_effects("*/register", 1).await?;
    let text = format!("{:?}", fixture.events().await?);
    assert!(!text.contains("482916"), "the PIN is in {text}");
    Ok(())
}

impl BrowserFixture {
    /// Gives the account another number, under this name; Meta's window will not tell the page any ids.
    pub async fn add_second_number(&self, name: &str) -> Result<()> {
        let deployment = &self.deployment;
        deployment.set_rules(json!({"ids": "never"})).await?;
        let second = json!({"phones": [{"id": "6000000000000077", "waba_id": "5000000000000001",
            "display_phone_number": "+1 631-555-0177", "verified_name": name,
            "code_verification_status": "VERIFIED"}]});
        let request = deployment.sandbox_control("POST", "seed").json(&second);
        request.send().await?.error_for_status()?;
        Ok(())
    }

    /// Gives the number a two-step verification PIN, as if it had been registered before.
    pub async fn set_existing_pin(&self, pin: &str) -> Result<()> {
        let pin = json!({"pin": pin, "is_pin_enabled": true});
        let row = "phones/6000000000000001";
        self.deployment.patch_sandbox(row, pin).await
    }

    /// Waits until the widget shows the form for this kind of input.
    pub async fn until_input(&self, kind: &str) -> Result<WidgetDom> {
        let test_id = format!("embark-input-{kind}");
        let form = |dom: &WidgetDom| {
            let is_shown = dom.input.as_deref() == Some(test_id.as_str());
            dom.state == "needs_input" && is_shown && dom.is_enabled("embark-submit")
        };
        self.until_dom(&test_id, form).await
    }
}
