//! A deployment is backed up, lost, and restored in an empty one with another sealing key: everything is there, and goes on.

use crate::key_rotation::{NEW, OLD, ask_for_pin, leave_unclaimed, post_session, rotate};
use anyhow::{Context, Result, ensure};
use embark_tests::Deployment;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// By object and table.
pub type Rows = BTreeMap<(String, String), Vec<Value>>;

/// What a client reads of a deployment.
pub struct Backup {
    pub header: Value,
    pub parts: Vec<Value>,
    /// Of each page, in bytes.
    pub page_sizes: Vec<usize>,
}

impl Backup {
    pub async fn of(deployment: &Deployment) -> Result<Self> {
        let header = begin(deployment).await?;
        let (mut parts, mut complete) = (vec![], BTreeSet::new());
        let mut page_sizes = vec![];
        let first = format!("backup?backup={}", header["id"].as_str().context("id")?);
        let mut path = first.clone();
        loop {
            let page = deployment.admin_get(&path).await?.error_for_status()?;
            let page = page.text().await?;
            page_sizes.push(page.len());
            let page: Value = serde_json::from_str(&page)?;
            for part in array(&page["parts"])? {
                let object = part["object"].to_string();
                if complete.contains(&object) {
                    continue;
                }
                if part["last"] == true {
                    complete.insert(object);
                }
                parts.push(part.clone());
            }
            let Some(next) = page["next"].as_str() else {
                assert_eq!(page["sites_done"], page["sites"]);
                return Ok(Self {
                    header,
                    parts,
                    page_sizes,
                });
            };
            path = format!("{first}&after={next}");
        }
    }

    /// The rows of every object and table, but for the audit log, which has more entries after a restore; and how many that has.
    pub fn rows(&self) -> Result<(Rows, usize)> {
        let (mut all, mut audited) = (Rows::new(), 0);
        for part in &self.parts {
            for table in array(&part["tables"])? {
                let rows = array(&table["rows"])?;
                if table["table"] == "audit" {
                    audited += rows.len();
                    continue;
                }
                let place = (part["object"].to_string(), table["table"].to_string());
                all.entry(place).or_default().extend(rows.iter().cloned());
            }
        }
        Ok((all, audited))
    }

    pub fn objects(&self) -> Vec<&str> {
        let last = self.parts.iter().filter(|part| part["last"] == true);
        last.filter_map(|part| part["object"].as_str()).collect()
    }

    /// Stores these parts, in requests of one part each. Returns how many were not stored yet.
    pub async fn restore(&self, deployment: &Deployment, parts: &[Value]) -> Result<usize> {
        let mut stored = 0;
        for part in parts {
            let request = json!({"backup": self.header, "parts": [part]});
            let done = deployment.admin_post("backup/restore", &request).await?;
            let done: Value = done.error_for_status()?.json().await?;
            if done == json!({"stored": 1, "already_stored": 0}) {
                stored += 1;
            } else {
                assert_eq!(done, json!({"stored": 0, "already_stored": 1}));
            }
        }
        Ok(stored)
    }

    pub async fn activate(&self, deployment: &Deployment) -> Result<Value> {
        let request = json!({"backup": self.header["id"], "objects": self.objects()});
        let done = deployment.admin_post("backup/activate", &request).await?;
        Ok(done.json().await?)
    }
}

/// Begins a backup. Returns the first line of its file.
pub async fn begin(deployment: &Deployment) -> Result<Value> {
    let begun = deployment.admin_post("backup", &json!({})).await?;
    Ok(begun.error_for_status()?.json().await?)
}

pub fn array(value: &Value) -> Result<&Vec<Value>> {
    value.as_array().context("no array")
}

/// Sends a request that is refused. Returns its status, and the detail of the problem.
pub async fn refused(
    deployment: &Deployment,
    path: &str,
    request: &Value,
) -> Result<(u16, String)> {
    let answer = deployment.admin_post(path, request).await?;
    let status = answer.status().as_u16();
    let problem: Value = answer.json().await?;
    let detail = problem["detail"].as_str().unwrap_or_default();
    Ok((status, detail.to_owned()))
}

fn event_ids(page: &Value) -> Result<Vec<String>> {
    let events = page["events"].as_array().context("no events")?;
    let id = |event: &Value| event["id"].as_str().map(str::to_owned);
    events
        .iter()
        .map(|event| id(event).context("no id"))
        .collect()
}

#[tokio::test]
async fn lost_deployment_is_restored_under_another_key() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    leave_unclaimed(&deployment).await?;
    let connected = deployment.connect("acme", json!({"new": true})).await?;
    let waba = connected["connected"]["waba_id"].as_str().context("waba")?;
    let backend = deployment
        .backend("acme", &["read", "write", "token"])
        .await?;
    let token = backend.get(&format!("/wabas/{waba}/token")).await?;
    let session = post_session(&deployment, &backend.token).await?.1;
    deployment.put_endpoint("acme").await?;
    let secret = json!({"value": "a-key-of-infobip"});
    let stored = deployment
        .admin_put("secrets/site/acme/infobip", &secret)
        .await?;
    stored.error_for_status()?;
    let invitation = deployment
        .admin_post("sites/acme/invitations", &json!({"reference": "42"}))
        .await?;
    let invitation: Value = invitation.error_for_status()?.json().await?;
    let asking = ask_for_pin(&deployment).await?;
    let events = event_ids(&backend.get("/events").await?)?;
    // More rows than a part has.
    deployment.workerd.kill().await?;
    let many = "WITH RECURSIVE count (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < 2000) \
                INSERT INTO grants SELECT 'main', printf('%0200d', n), '0', '', '', strftime('%s', 'now') * 1000 FROM count";
    deployment.workerd.run_sql("Partner", many)?;
    deployment.workerd.restart().await?;

    let backup = Backup::of(&deployment).await?;
    let objects = backup.objects();
    for class in ["run/", "waba/", "phone/", "site/", "partner/"] {
        let is_there = objects.iter().any(|object| object.starts_with(class));
        assert!(is_there, "{class}: {objects:?}");
    }
    assert_eq!(objects.last(), Some(&"partner/main"));
    assert!(
        backup.parts.iter().any(|part| part["part"] == 1),
        "several parts"
    );
    let text = serde_json::to_string(&backup.parts)?;
    assert!(!text.contains("\"seen\""), "what Meta may repeat stays out");
    for secret in [
        "a-key-of-infobip",
        "sandbox-app-secret",
        "sandbox-system-token",
        "731904",
    ] {
        assert!(!text.contains(secret), "{secret} is sealed");
    }

    // A deployment that is in use takes no backup.
    let check = json!({"backup": &backup.header, "parts": []});
    let (status, detail) = refused(&deployment, "backup/restore", &check).await?;
    assert_eq!(status, 409, "{detail}");
    assert!(
        detail.contains("partner/main: it stores something else"),
        "{detail}"
    );

    deployment.workerd.kill().await?;
    deployment.workerd.delete_storage()?;
    // Without the key that sealed it, nothing is restored.
    deployment.start_with_keys(&[NEW]).await?;
    let (status, detail) = refused(&deployment, "backup/restore", &check).await?;
    assert_eq!(status, 400);
    assert!(detail.contains("EMBARK_KEY_1"), "{detail}");

    let both = [OLD, NEW];
    deployment.restart_with_keys(&both).await?;
    let accepted = deployment.admin_post("backup/restore", &check).await?;
    assert_eq!(accepted.status(), 200);
    // The import breaks off, with the Worker, and is run again.
    let half = backup.parts.len() / 2;
    let (first, _) = backup.parts.split_at(half);
    let stored = backup.restore(&deployment, first).await?;
    assert_eq!(stored, half);
    let early = json!({"backup": &backup.header["id"], "objects": ["partner/main"]});
    let (status, detail) = refused(&deployment, "backup/activate", &early).await?;
    assert_eq!(status, 409, "{detail}");
    deployment.restart_with_keys(&both).await?;
    let stored = backup.restore(&deployment, &backup.parts).await?;
    assert_eq!(stored, backup.parts.len() - half);

    // What is there is what was there: but for the entries of the audit log that the restore has made.
    let restored = Backup::of(&deployment).await?;
    let ((before, audited), (after, audited_now)) = (backup.rows()?, restored.rows()?);
    assert!(audited_now > audited, "{audited} {audited_now}");
    assert_eq!(
        before.keys().collect::<Vec<_>>(),
        after.keys().collect::<Vec<_>>()
    );
    for (place, rows) in &before {
        assert_eq!(Some(rows), after.get(place), "{place:?}");
    }
    let activated = backup.activate(&deployment).await?;
    assert_eq!(activated["activated"], objects.len(), "{activated}");

    let done = rotate(&deployment, &both, 0).await?;
    assert_eq!(done["rotation"]["state"], "done", "{done}");
    assert_eq!(done["keys"][0]["removable"], true, "{done}");
    deployment.restart_with_keys(&[NEW]).await?;

    // It works under the new key alone.
    assert_eq!(
        backend.get(&format!("/wabas/{waba}/token")).await?["token"],
        token["token"]
    );
    assert_eq!(
        post_session(&deployment, &backend.token).await?,
        (true, session)
    );
    let now = event_ids(&backend.get("/events").await?)?;
    assert!(now.starts_with(&events), "{events:?} {now:?}");
    let invitations: Value = deployment
        .admin_get("sites/acme/invitations")
        .await?
        .json()
        .await?;
    let id = invitation["id"].as_str().context("id")?;
    assert!(invitations.to_string().contains(id), "{invitations}");
    let path = format!("sites/acme/signups/{}/link", asking.signup_id());
    let link = deployment.admin_post(&path, &json!({})).await?;
    let link: Value = link.error_for_status()?.json().await?;
    let window = deployment.widget_from_link(link["url"].as_str().context("url")?)?;
    window
        .post("/input", &json!({"kind": "pin", "pin": "731904"}))
        .await?;
    let end = window.poll_until_end().await?;
    assert_eq!(end["status"], "connected", "{end}");
    // Another customer connects: settings and secrets are in KV again.
    let other = deployment.connect("acme", json!({"new": true})).await?;
    ensure!(other["connected"]["waba_id"] != waba, "{other}");
    Ok(())
}
