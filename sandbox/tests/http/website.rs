//! The customer's website on its own port.

use crate::client::Lab;
use embark_sandbox::Options;

#[tokio::test]
async fn it_serves_a_folder_with_its_placeholders_filled() {
    let folder = std::env::temp_dir().join(format!("embark-sandbox-site-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("sub")).expect("a folder");
    let tag = r#"<script src="{{edge}}/embark.js" data-site="{{site}}"></script>"#;
    std::fs::write(folder.join("index.html"), tag).expect("written");
    std::fs::write(folder.join("sub/a.css"), "b{}").expect("written");
    let words = vec![
        ("edge".into(), "http://localhost:1".into()),
        ("site".into(), "acme".into()),
    ];
    let options = Options {
        pages: Some((folder.clone(), 0)),
        page_words: words,
        ..Options::default()
    };
    let lab = Lab::with(options).await;
    let base = format!(
        "http://127.0.0.1:{}",
        lab.running.pages_port().expect("a port")
    );
    let get = async |path: &str| {
        lab.http
            .get(format!("{base}{path}"))
            .send()
            .await
            .expect("answers")
    };
    let home = get("/").await.text().await.expect("text");
    assert_eq!(
        home,
        r#"<script src="http://localhost:1/embark.js" data-site="acme"></script>"#
    );
    assert_eq!(
        get("/sub/a.css").await.headers()["content-type"],
        "text/css; charset=utf-8"
    );
    assert_eq!(get("/nope").await.status(), 404);
    assert_eq!(get("/%2e%2e/etc/passwd").await.status(), 404);
    lab.running.stop().await;
    assert!(
        lab.http.get(base).send().await.is_err(),
        "stopped means stopped"
    );
    std::fs::remove_dir_all(folder).expect("removed");
}
