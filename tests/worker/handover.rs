//! A page whose popups cannot report back hands its signup over to another window.

use anyhow::{Context, Result};
use embark_tests::Stage;
use embark_tests::page::Page;
use embark_tests::stage::HOST;
use serde_json::json;

#[tokio::test]
async fn a_handover_is_good_for_one_window_and_the_page_is_given_another() -> Result<()> {
    let stage = Stage::new().await?;
    let page = stage.page("acme", HOST).await?;
    let handover = page.launch["handover"].as_str().context("no handover")?;
    assert_ne!(page.launch["grant"], handover);

    let handed = |grant: &str| Page::holding(&stage, page.signup(), grant);

    // Without a name of its own a window is nobody.
    let (status, said) = handed(handover).post("/launched", &json!({})).await?;
    assert_eq!(
        (status.as_u16(), &said["code"]),
        (401, &json!("grant_invalid"))
    );

    let (one, two) = (handed(&named(handover, 'a')), handed(&named(handover, 'b')));
    // Looking takes nothing.
    assert_eq!(two.snapshot().await?["code"], "not_launched");
    for _ in 0..2 {
        let (status, said) = one.post("/launched", &json!({})).await?;
        assert_eq!(status.as_u16(), 202, "{said}");
    }
    let minted = stage.mint(json!({})).await?;
    let refused = json!("grant_used");
    assert_eq!(two.snapshot().await?["code"], refused);
    for (rest, body) in [
        ("/launched", json!({})),
        ("/outcome", embark_tests::page::outcome(&minted, true)),
        ("/ended", json!({"reason": "closed"})),
    ] {
        let (status, said) = two.post(rest, &body).await?;
        assert_eq!((status.as_u16(), &said["code"]), (410, &refused), "{rest}");
    }
    assert_eq!(stage.count("*/oauth/access_token", None).await?, 0);

    // The person closed that window: the page has another handover for the next, and follows both.
    let seen = page.snapshot().await?;
    let next = seen["handover"].as_str().context("no other handover")?;
    assert_ne!(next, handover);
    assert_eq!(
        page.snapshot().await?["handover"],
        next,
        "the same until it is used"
    );
    let three = handed(&named(next, 'c'));
    three.submit(&minted).await?;
    let end = page.follow(&["connected"]).await?;
    assert_eq!(end.get("handover"), None, "{end}");
    assert_eq!(three.snapshot().await?["status"], "connected");
    assert_eq!(one.snapshot().await?["status"], "connected");
    assert_eq!(two.snapshot().await?["code"], refused);
    assert_eq!(stage.count("*/oauth/access_token", None).await?, 1);
    Ok(())
}

#[tokio::test]
async fn whoever_was_looking_sees_no_more_once_another_window_holds_it() -> Result<()> {
    let stage = Stage::new().await?;
    let page = stage.page("acme", HOST).await?;
    page.post("/launched", &json!({})).await?;
    let seen = page.snapshot().await?;
    let handover = seen["handover"].as_str().context("no handover")?;
    let handed = |name| Page::holding(&stage, page.signup(), &named(handover, name));
    let (one, two) = (handed('a'), handed('b'));
    let looked = two.snapshot().await?;
    assert_eq!(looked["status"], "launched");
    assert_eq!(looked.get("handover"), None, "it is not theirs to hand on");

    // The edge holds the question until something moves: that is the other window's launch.
    let held = two
        .request("GET", &format!("?after={}", seen["seq"]))
        .send();
    let taken = async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        one.post("/launched", &json!({"attempt": 2})).await
    };
    let (held, taken) = tokio::join!(held, taken);
    let (status, said) = taken?;
    assert_eq!(
        (status.as_u16(), said.get("handover")),
        (202, None),
        "{said}"
    );
    let held = held?;
    assert_eq!(held.status().as_u16(), 410);
    let said: serde_json::Value = held.json().await?;
    assert_eq!(said["code"], "grant_used");
    assert!(page.snapshot().await?["handover"].is_string());
    Ok(())
}

#[tokio::test]
async fn the_hosted_page_has_nothing_to_hand_over() -> Result<()> {
    let stage = Stage::new().await?;
    let html = stage.client.get(format!("{}/go/acme", stage.origin));
    let page = Page::of(&stage, &html.send().await?.text().await?)?;
    assert_eq!(page.launch.get("handover"), None, "{}", page.launch);
    let (_, said) = page.post("/launched", &json!({})).await?;
    assert_eq!(said.get("handover"), None, "{said}");
    Ok(())
}

/// As a window holds it that calls itself so.
fn named(handover: &str, name: char) -> String {
    format!("{handover}~{}", name.to_string().repeat(36))
}
