//! Backups that are damaged, altered or do not fit, deployments that are in use, and objects with more than a page has.

use crate::backup::{Backup, array, begin, refused};
use crate::key_rotation::{OLD, leave_unclaimed};
use anyhow::{Context, Result, ensure};
use base64ct::{Base64UrlUnpadded, Encoding};
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// An account of nobody.
const OBJECT: &str = "waba/5000000000000777";

/// A part as the deployment writes it, whose key is that of every deployment. `part`: `object`, `part`, `last` and `tables`.
fn signed(header: &Value, mut part: Value) -> Result<Value> {
    let table = |table: &Value| json!([table["table"], table["columns"], table["rows"]]);
    let tables: Vec<_> = array(&part["tables"])?.iter().map(table).collect();
    let message = json!([
        header["id"],
        part["object"],
        part["part"],
        part["last"],
        tables
    ]);
    let (number, byte) = OLD;
    let key = hmac(&[byte; 32], b"backup/part")?;
    let mac = Base64UrlUnpadded::encode_string(&hmac(&key, message.to_string().as_bytes())?);
    part["mac"] = format!("{number}.{mac}").into();
    Ok(part)
}

fn hmac(key: &[u8], message: &[u8]) -> Result<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key)?;
    mac.update(message);
    Ok(mac.finalize().into_bytes().into())
}

/// A request with the only part of an object, as the deployment writes it.
fn request_of(header: &Value, object: &str, number: u32, tables: &Value) -> Result<Value> {
    let part = json!({"object": object, "part": number, "last": true, "tables": tables});
    Ok(json!({"backup": header, "parts": [signed(header, part)?]}))
}

fn record(json: &str) -> Value {
    json!({"table": "record", "columns": ["key", "json"], "rows": [["main", json]]})
}

/// The deployment stores nothing any more.
async fn empty(deployment: &Deployment) -> Result<()> {
    deployment.workerd.kill().await?;
    deployment.workerd.delete_storage()?;
    deployment.start_with_keys(&[OLD]).await
}

/// What came of a request to store parts.
async fn stored(deployment: &Deployment, request: &Value) -> Result<Value> {
    let done = deployment.admin_post("backup/restore", request).await?;
    let status = done.status();
    let text = done.text().await?;
    ensure!(status == 200, "{status} {text}");
    Ok(serde_json::from_str(&text)?)
}

#[tokio::test]
async fn part_that_does_not_fit_is_refused_and_nothing_of_it_is_stored() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let header = begin(&deployment).await?;
    empty(&deployment).await?;
    let of = |number: u32, tables: Value| request_of(&header, OBJECT, number, &tables);
    let of_site = |tables: Value| request_of(&header, "site/planted", 0, &tables);
    let record = record("{}");
    let other = json!({"table": "elsewhere", "columns": ["n"], "rows": [[1]]});
    let boot = json!({"table": "boot", "columns": ["one", "boot"], "rows": [[1, 7]]});
    let column = json!({"table": "pending_events", "columns": ["n", "more"], "rows": [[1, 2]]});
    let row = json!({"table": "pending_events", "columns": ["n", "key"], "rows": [[1]]});
    let of_rival = json!({"table": "record", "columns": ["key", "json"],
                          "rows": [["main", r#"{"config":{"key":"rival"}}"#]]});
    let count = json!({"table": "signup_steps", "columns": ["day", "status", "reason", "step", "took", "n"],
                       "rows": [[20_000, "connected", "", "", 45, 4_294_967_296_i64]]});
    let mut older = of(0, json!([record]))?;
    older["backup"]["format"] = 1.into();
    for (request, status, text) in [
        (of(1, json!([record]))?, 409, "part 0 comes first"),
        (of(0, json!([record, other]))?, 400, "no table elsewhere"),
        (of(0, json!([record, boot]))?, 400, "no table boot"),
        (
            of(0, json!([record, column]))?,
            400,
            "no column pending_events.more",
        ),
        (
            of(0, json!([record, row]))?,
            400,
            "a row of pending_events does not fit",
        ),
        (
            of_site(json!([of_rival]))?,
            400,
            "the record is that of another object",
        ),
        (
            of_site(json!([record, count]))?,
            400,
            "a count of signup_steps is out of range",
        ),
        (
            request_of(&header, "waba/../x", 0, &json!([]))?,
            400,
            "a class and a name",
        ),
        (older, 400, "backup.format: 1"),
    ] {
        let answer = refused(&deployment, "backup/restore", &request).await?;
        assert_eq!(answer.0, status, "{answer:?}");
        assert!(answer.1.contains(text), "{answer:?}");
    }
    // Nothing of what was refused is there: the object takes the part that fits, once.
    let fits = of(0, json!([record]))?;
    assert_eq!(stored(&deployment, &fits).await?["stored"], 1);
    assert_eq!(stored(&deployment, &fits).await?["already_stored"], 1);
    // Another part under its name, or behind the last one, is not taken for it.
    let events = json!({"table": "pending_events", "columns": ["n", "key", "until", "json"], "rows": [[1, "a", 1, "x"]]});
    for (request, text) in [
        (
            of(0, json!([record, events]))?,
            "something else is stored as part 0",
        ),
        (
            of(1, json!([events]))?,
            "something else is stored as part 1",
        ),
    ] {
        let answer = refused(&deployment, "backup/restore", &request).await?;
        assert_eq!(answer.0, 409, "{answer:?}");
        assert!(answer.1.contains(text), "{answer:?}");
    }
    let large = json!({"table": "record", "columns": ["key"], "rows": [["x".repeat(5 << 20)]]});
    let answer = refused(&deployment, "backup/restore", &of(0, json!([large]))?).await?;
    assert_eq!(answer.0, 413, "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn part_that_was_altered_is_refused() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    deployment.connect("acme", json!({"new": true})).await?;
    let other = begin(&deployment).await?;
    let backup = Backup::of(&deployment).await?;
    empty(&deployment).await?;
    let site = backup
        .parts
        .iter()
        .find(|part| part["object"] == "site/acme");
    let site = site.context("the site")?;
    let waba = backup.parts.iter().find(|part| {
        part["object"]
            .as_str()
            .is_some_and(|object| object.starts_with("waba/"))
    });
    let waba = waba.context("the account")?;
    let token = waba.to_string().find("v1.1.").context("a sealed token")?;
    let with = |part: &Value, change: &dyn Fn(&mut Value)| {
        let mut part = part.clone();
        change(&mut part);
        part
    };
    let of_other_token = |part: &mut Value| {
        let mut text = part.to_string();
        let at = token + 40;
        let is_a = text.get(at..=at) == Some("A");
        text.replace_range(at..=at, if is_a { "B" } else { "A" });
        *part = serde_json::from_str(&text).unwrap();
    };
    for part in [
        with(site, &|part| part["object"] = "site/planted".into()),
        with(site, &|part| part["last"] = (part["last"] == false).into()),
        with(site, &|part| {
            part["tables"].as_array_mut().unwrap().pop();
        }),
        with(site, &|part| {
            let rows = part["tables"][0]["rows"].as_array_mut();
            rows.unwrap().clear();
        }),
        with(site, &|part| part["mac"] = waba["mac"].clone()),
        with(site, &|part| part["mac"] = "".into()),
        with(waba, &of_other_token),
    ] {
        let request = json!({"backup": backup.header, "parts": [part]});
        let (status, detail) = refused(&deployment, "backup/restore", &request).await?;
        assert_eq!(status, 400, "{detail}");
        assert!(detail.contains("damaged or altered"), "{detail}");
    }
    // A part of another backup of the same deployment.
    let request = json!({"backup": other, "parts": [site]});
    let (status, detail) = refused(&deployment, "backup/restore", &request).await?;
    assert_eq!(status, 400, "{detail}");
    assert!(detail.contains("damaged or altered"), "{detail}");
    // Of a request with such a part nothing is stored, and what was written is.
    let altered = with(waba, &of_other_token);
    let request = json!({"backup": backup.header, "parts": [site, altered]});
    let (status, _) = refused(&deployment, "backup/restore", &request).await?;
    assert_eq!(status, 400);
    let stored = backup.restore(&deployment, &backup.parts).await?;
    assert_eq!(stored, backup.parts.len());
    Ok(())
}

#[tokio::test]
async fn deployment_in_use_takes_no_part_of_a_backup() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let other = begin(&deployment).await?;
    let backup = Backup::of(&deployment).await?;
    let in_use = "partner/main: it stores something else";
    let planted = |header: &Value| request_of(header, OBJECT, 0, &json!([record("{}")]));
    let refuses = async |path: &str, request: &Value| {
        let (status, detail) = refused(&deployment, path, request).await?;
        ensure!(
            status == 409 && detail.contains(in_use),
            "{status} {detail}"
        );
        Ok::<_, anyhow::Error>(())
    };
    // It was set up.
    refuses("backup/restore", &planted(&backup.header)?).await?;
    let activated = json!({"backup": &backup.header["id"], "objects": ["site/acme"]});
    refuses("backup/activate", &activated).await?;
    assert_eq!(deployment.workerd.count_stored_objects("Waba")?, 0);

    // It has taken another backup on.
    empty(&deployment).await?;
    let done = stored(&deployment, &planted(&backup.header)?).await?;
    assert_eq!(done["stored"], 1);
    let check = json!({"backup": other, "parts": []});
    refuses("backup/restore", &check).await?;
    refuses(
        "backup/restore",
        &request_of(&other, "site/planted", 0, &json!([record("{}")]))?,
    )
    .await?;
    let activated = json!({"backup": other["id"], "objects": [OBJECT]});
    refuses("backup/activate", &activated).await?;
    // Of its own one, it takes more, until somebody sets it up.
    let check = json!({"backup": backup.header, "parts": []});
    stored(&deployment, &check).await?;
    deployment.put_app_and_site("acme", &[SHOP_ORIGIN]).await?;
    refuses("backup/restore", &check).await?;
    refuses("backup/restore", &planted(&backup.header)?).await?;
    let activated = json!({"backup": &backup.header["id"], "objects": [OBJECT]});
    refuses("backup/activate", &activated).await?;

    // It works already: what is stored is acknowledged, and nothing is added.
    empty(&deployment).await?;
    let stored = backup.restore(&deployment, &backup.parts).await?;
    assert_eq!(stored, backup.parts.len());
    let activated = backup.activate(&deployment).await?;
    assert_eq!(activated["activated"], backup.objects().len());
    assert_eq!(backup.restore(&deployment, &backup.parts).await?, 0);
    let request = planted(&backup.header)?;
    let (status, detail) = refused(&deployment, "backup/restore", &request).await?;
    assert_eq!(status, 409, "{detail}");
    assert!(detail.contains("it stores something else"), "{detail}");
    let activated = backup.activate(&deployment).await?;
    assert_eq!(activated["activated"], backup.objects().len());
    Ok(())
}

#[tokio::test]
async fn object_larger_than_a_page_is_read_in_several_and_restored() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    leave_unclaimed(&deployment).await?;
    deployment.workerd.kill().await?;
    // Each quote is two bytes of JSON: 14 MB, and a row that no page would have beside others.
    let many = "WITH RECURSIVE count (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < 700) \
                INSERT INTO pending_events (key, until, json) \
                SELECT 'many-' || n, (strftime('%s', 'now') + 86400) * 1000, replace(hex(zeroblob(5000)), '0', '\"') FROM count; \
                INSERT INTO pending_events (key, until, json) \
                SELECT 'large', (strftime('%s', 'now') + 86400) * 1000, replace(hex(zeroblob(900000)), '0', '\"')";
    deployment.workerd.run_sql("Waba", many)?;
    deployment.workerd.restart().await?;

    let backup = Backup::of(&deployment).await?;
    let sizes = &backup.page_sizes;
    let all: usize = sizes.iter().sum();
    assert!(all > 14 << 20, "{sizes:?}");
    // 2 MiB, and what the largest part has more.
    assert!(sizes.iter().all(|size| *size < 6 << 20), "{sizes:?}");
    assert!(
        sizes.iter().filter(|size| **size > 3 << 20).count() <= 1,
        "{sizes:?}"
    );
    let mut rows = 0;
    for part in &backup.parts {
        let tables = array(&part["tables"])?;
        let of_part: Vec<_> = tables
            .iter()
            .filter_map(|table| table["rows"].as_array())
            .map(Vec::len)
            .collect();
        let size = part.to_string().len();
        let is_one_row = of_part.iter().sum::<usize>() == 1;
        assert!(size < (256 << 10) + 2_000 || is_one_row, "{size}");
        let events = tables
            .iter()
            .filter(|table| table["table"] == "pending_events");
        rows += events
            .filter_map(|table| table["rows"].as_array())
            .map(Vec::len)
            .sum::<usize>();
    }
    assert!(rows > 701, "{rows}");

    empty(&deployment).await?;
    let stored = backup.restore(&deployment, &backup.parts).await?;
    assert_eq!(stored, backup.parts.len());
    let restored = Backup::of(&deployment).await?;
    let ((before, _), (after, _)) = (backup.rows()?, restored.rows()?);
    for (place, rows) in &before {
        assert!(Some(rows) == after.get(place), "{place:?}");
    }
    Ok(())
}
