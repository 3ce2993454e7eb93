//! What an export writes, of pages that change while they are read.

use super::*;
use anyhow::Context;
use std::cell::RefCell;

fn signup(id: &str, changed_at: u64) -> Value {
    json!({ "id": id, "status": "connected", "started_at": 1000, "changed_at": changed_at,
        "connected": { "display_phone_number": "+49 30 1", "verified_name": "=A1, \"b\"" } })
}

fn page(signups: &[Value], next: Option<&str>) -> Page {
    Page {
        document: json!({ "signups": signups }),
        next: next.map(str::to_owned),
    }
}

#[test]
fn csv_has_a_head_and_quotes_cells() -> Result<()> {
    let mut output = Vec::new();
    let read = |_: Option<&str>| Ok(page(&[signup("a", 2000)], None));
    assert_eq!(write_all(&read, Format::Csv, &mut output)?, 1);
    assert_eq!(
        String::from_utf8(output)?,
        "id,status,reference,reference_verified,started_at,changed_at,reason,waba_id,business_id,phone_number_id,display_phone_number,verified_name\n\
         a,connected,,,1970-01-01T00:00:01Z,1970-01-01T00:00:02Z,,,,,'+49 30 1,\"'=A1, \"\"b\"\"\"\n"
    );
    Ok(())
}

#[test]
fn json_is_one_document_with_the_signups_as_the_api_has_them() -> Result<()> {
    for signups in [vec![], vec![signup("b", 2), signup("a", 1)]] {
        let mut output = Vec::new();
        let read = |_: Option<&str>| Ok(page(&signups, None));
        write_all(&read, Format::Json, &mut output)?;
        let document: Value = serde_json::from_slice(&output)?;
        assert_eq!(document, json!({ "signups": signups }));
    }
    Ok(())
}

#[test]
fn signup_that_moves_to_the_front_while_pages_are_read_is_written_once() -> Result<()> {
    // c, b | a: after the first page, a changes, and the second page is empty.
    let calls = RefCell::new(Vec::new());
    let read = |after: Option<&str>| {
        calls.borrow_mut().push(after.map(str::to_owned));
        let count = calls.borrow().len();
        Ok(match (count, after) {
            (1, None) => page(&[signup("c", 30), signup("b", 20)], Some("1")),
            (2, Some("1")) => page(&[], None),
            (_, None) => page(&[signup("a", 40), signup("c", 30)], Some("1")),
            _ => page(&[signup("b", 20)], None),
        })
    };
    let mut output = Vec::new();
    assert_eq!(write_all(&read, Format::Json, &mut output)?, 3);
    let document: Value = serde_json::from_slice(&output)?;
    let ids = document["signups"].as_array().context("no list")?;
    let ids: Vec<_> = ids.iter().map(|signup| signup["id"].as_str()).collect();
    assert_eq!(ids, [Some("c"), Some("b"), Some("a")]);
    Ok(())
}

#[test]
fn front_alone_is_read_again() -> Result<()> {
    let calls = RefCell::new(0);
    let read = |after: Option<&str>| {
        *calls.borrow_mut() += 1;
        Ok(match after {
            None => page(&[signup("d", 40), signup("c", 30)], Some("1")),
            Some("1") => page(&[signup("b", 20)], Some("2")),
            _ => page(&[signup("a", 10)], None),
        })
    };
    write_all(&read, Format::Json, &mut Vec::new())?;
    // Three pages, then the first.
    assert_eq!(calls.into_inner(), 4);
    Ok(())
}
