//! The SDK script: its configuration, and how it behaves (where Node is installed).

use crate::test_sandbox::TestSandbox;
use embark_sandbox::Options;
use serde_json::json;
use tokio::process::Command;

#[tokio::test]
async fn sdk_script_has_the_popup_origin() {
    for (popup_origin, expected) in [
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
        let sandbox = TestSandbox::with(options).await;
        let url = sandbox.running.url();
        let expected = format!("\"popupOrigin\":\"{}\"", expected.unwrap_or(&url));
        for path in ["en_US/sdk.js", "de_DE/sdk.js?debug", "en_US/sdk/debug.js"] {
            let response = sandbox
                .http
                .get(format!("{url}/{path}"))
                .send()
                .await
                .expect("a response");
            assert_eq!(response.headers()["access-control-allow-origin"], "*");
            assert!(
                response
                    .text()
                    .await
                    .is_ok_and(|text| text.contains(&expected)),
                "{path}"
            );
        }
        assert_eq!(sandbox.count("path=*/sdk.js").await, 2);
    }
}

#[tokio::test]
async fn sdk_script_behaves_as_metas() {
    let sandbox = TestSandbox::start().await;
    sandbox.rules(json!({"live_mode": false})).await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/http/sdk.mjs");
    let node = std::env::var("NODE_BIN").unwrap_or_else(|_| "node".into());
    let url = format!("{}/en_US/sdk.js", sandbox.running.url());
    match Command::new(node).args([script, &url]).output().await {
        Ok(done) => {
            let output = String::from_utf8_lossy(&done.stdout).into_owned()
                + &String::from_utf8_lossy(&done.stderr);
            assert!(
                done.status.success() && output.contains("sdk: all good"),
                "{output}"
            );
        }
        Err(error) => println!("skipped: no Node to run {script} with ({error})"),
    }
}
