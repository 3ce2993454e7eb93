//! The objects that the signups of a site use: those of its signups, and of the accounts and numbers that these have come to.
//!
//! | table | rows |
//! |---|---|
//! | `signup_objects (n, class, name)` | one per account and number, by its class (`waba`, `phone`) and id. Never deleted: what is sealed in these objects outlives the signups |

use super::storage::{ObjectStorage, Row, unreadable};
use embark_onboarding::resources::key_rotation::{ObjectId, ObjectPage};
use worker::{Result, SqlStorageValue};

/// Adds the objects that are not there yet.
///
/// # Errors
/// The storage refused it.
pub fn add(storage: &ObjectStorage, objects: &[ObjectId]) -> Result<()> {
    if objects.is_empty() {
        return Ok(());
    }
    storage.create(TABLES)?;
    for object in objects {
        let insert =
            "INSERT INTO signup_objects (class, name) VALUES (?, ?) ON CONFLICT DO NOTHING";
        storage.exec(insert, vec![object.class().into(), object.name().into()])?;
    }
    Ok(())
}

/// The objects after this place, in a site whose table `runs` is there: first the signups by their ids, with what they have
/// connected, as rows of earlier versions name nothing else; then the accounts and numbers.
///
/// # Errors
/// The storage refused it.
pub fn page(storage: &ObjectStorage, after: Option<&str>, limit: u32) -> Result<ObjectPage> {
    storage.create(TABLES)?;
    match after.and_then(|after| after.parse::<i64>().ok()) {
        None => {
            let run = after.and_then(|after| after.strip_prefix("run/"));
            signups(storage, run.unwrap_or_default(), limit)
        }
        Some(number) => others(storage, number, limit),
    }
}

fn signups(storage: &ObjectStorage, after: &str, limit: u32) -> Result<ObjectPage> {
    let select = "SELECT run, json_extract(json, '$.connected.waba_id'), \
                  json_extract(json, '$.connected.phone_number_id') \
                  FROM runs WHERE run > ? ORDER BY run LIMIT ?";
    let rows = storage.rows(select, vec![after.into(), i64::from(limit).into()])?;
    let is_last = rows.len() < usize::try_from(limit).unwrap_or(usize::MAX);
    let mut page = ObjectPage::default();
    for row in rows {
        let [SqlStorageValue::String(run), waba, number] = row.as_slice() else {
            return Err(unreadable("runs"));
        };
        page.next = Some(["run/", run].concat());
        let of_class = |class: &str, name: &SqlStorageValue| match name {
            SqlStorageValue::String(name) => ObjectId::from_stored(class, name),
            _ => None,
        };
        page.objects.extend(ObjectId::from_stored("run", run));
        page.objects.extend(of_class("waba", waba));
        page.objects.extend(of_class("phone", number));
    }
    if is_last {
        page.next = Some("0".to_owned());
    }
    Ok(page)
}

fn others(storage: &ObjectStorage, after: i64, limit: u32) -> Result<ObjectPage> {
    let select = "SELECT n, class, name FROM signup_objects WHERE n > ? ORDER BY n LIMIT ?";
    let rows = storage.rows(select, vec![after.into(), i64::from(limit).into()])?;
    let mut page = ObjectPage::default();
    let is_last = rows.len() < usize::try_from(limit).unwrap_or(usize::MAX);
    for row in rows {
        let (number, object) = parse(&row).ok_or_else(|| unreadable("signup_objects"))?;
        page.objects.push(object);
        page.next = Some(number.to_string()).filter(|_| !is_last);
    }
    Ok(page)
}

fn parse(row: &Row) -> Option<(i64, ObjectId)> {
    let [
        SqlStorageValue::Integer(number),
        SqlStorageValue::String(class),
        SqlStorageValue::String(name),
    ] = row.as_slice()
    else {
        return None;
    };
    Some((*number, ObjectId::from_stored(class, name)?))
}

/// The statements that create the tables.
pub const TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS signup_objects (n INTEGER PRIMARY KEY, class TEXT NOT NULL, \
     name TEXT NOT NULL, UNIQUE (class, name))",
];
