//! The customer's website on its own port.

use crate::test_sandbox::TestSandbox;
use embark_sandbox::Options;

#[tokio::test]
async fn website_html_has_its_placeholders_replaced() {
    let folder = std::env::temp_dir().join(format!("embark-sandbox-site-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("sub")).expect("a folder");
    let tag = r#"<script src="{{edge}}/embark.js" data-site="{{site}}"></script>"#;
    std::fs::write(folder.join("index.html"), tag).expect("written");
    std::fs::write(folder.join("sub/a.css"), "b{}").expect("written");
    let placeholders = vec![
        ("edge".into(), "http://localhost:1".into()),
        ("site".into(), "acme".into()),
    ];
    let options = Options {
        pages: Some((folder.clone(), 0)),
        page_placeholders: placeholders,
        ..Options::default()
    };
    let sandbox = TestSandbox::with(options).await;
    let base = format!(
        "http://127.0.0.1:{}",
        sandbox.running.pages_port().expect("a port")
    );
    let get = async |path: &str| {
        sandbox
            .http
            .get(format!("{base}{path}"))
            .send()
            .await
            .expect("a response")
    };
    let index = get("/").await.text().await.expect("text");
    assert_eq!(
        index,
        r#"<script src="http://localhost:1/embark.js" data-site="acme"></script>"#
    );
    assert_eq!(
        get("/sub/a.css").await.headers()["content-type"],
        "text/css; charset=utf-8"
    );
    assert_eq!(get("/nope").await.status(), 404);
    assert_eq!(get("/%2e%2e/etc/passwd").await.status(), 404);
    sandbox.running.stop().await;
    assert!(
        sandbox.http.get(base).send().await.is_err(),
        "it no longer listens"
    );
    std::fs::remove_dir_all(folder).expect("removed");
}
