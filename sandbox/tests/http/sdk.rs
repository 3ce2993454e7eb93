//! The SDK script: what is rendered into it, and (where Node is at hand) how it behaves.

use crate::client::Lab;
use embark_sandbox::Options;
use serde_json::json;
use tokio::process::Command;

#[tokio::test]
async fn it_knows_where_its_popups_live() {
    for (popup_origin, want) in [
        (None, None),
        (
            Some("https://popups.example"),
            Some("https://popups.example"),
        ),
    ] {
        let options = Options {
            popup_origin: popup_origin.map(String::from),
            ..Options::default()
        };
        let lab = Lab::with(options).await;
        let url = lab.running.url();
        let want = format!("\"popupOrigin\":\"{}\"", want.unwrap_or(&url));
        for path in ["en_US/sdk.js", "de_DE/sdk.js?debug", "en_US/sdk/debug.js"] {
            let response = lab
                .http
                .get(format!("{url}/{path}"))
                .send()
                .await
                .expect("answers");
            assert_eq!(response.headers()["access-control-allow-origin"], "*");
            assert!(
                response.text().await.is_ok_and(|text| text.contains(&want)),
                "{path}"
            );
        }
        assert_eq!(lab.count("path=*/sdk.js").await, 2);
    }
}

#[tokio::test]
async fn it_keeps_metas_manners() {
    let lab = Lab::start().await;
    lab.rules(json!({"live_mode": false})).await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/http/sdk.mjs");
    let node = std::env::var("NODE_BIN").unwrap_or_else(|_| "node".into());
    let url = format!("{}/en_US/sdk.js", lab.running.url());
    match Command::new(node).args([script, &url]).output().await {
        Ok(done) => {
            let said = String::from_utf8_lossy(&done.stdout).into_owned()
                + &String::from_utf8_lossy(&done.stderr);
            assert!(
                done.status.success() && said.contains("sdk: all good"),
                "{said}"
            );
        }
        Err(error) => println!("skipped: no Node to run {script} with ({error})"),
    }
}
