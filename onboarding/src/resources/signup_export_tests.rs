//! What an export writes, of pages that change while they are read.

use super::*;
use embark_protocol::SignupId;
use serde_json::{Value, json};

fn signup(letter: char, changed_at: u64) -> SignupSummary {
    let id = letter.to_string().repeat(32);
    serde_json::from_value(json!({
        "id": id, "status": "connected", "name": "=A1, \"b\"", "started_at": 1000, "changed_at": changed_at,
        "reference": {"id": "@7", "verified": true},
        "connected": {"display_phone_number": "+49 30 1", "waba_id": "5000000000000001",
            "verified_name": "=A1, \"b\"", "coexistence": false, "renewed": false},
    }))
    .unwrap()
}

fn page(signups: &[(char, u64)], has_more: bool) -> SignupPage {
    let signups: Vec<_> = signups.iter().map(|(id, at)| signup(*id, *at)).collect();
    let next = signups.last().filter(|_| has_more).map(|last| {
        let (changed_at, signup) = (last.changed_at, last.id.clone());
        SignupCursor { changed_at, signup }.to_string()
    });
    SignupPage { signups, next }
}

/// The ids that are written of these pages, in the order in which they are read; and that the last one ends it.
fn written(pages: Vec<SignupPage>) -> String {
    let mut progress = ExportProgress::default();
    let mut ids = String::new();
    let mut goes_on = true;
    for page in pages {
        assert!(goes_on, "{ids}");
        let signups;
        (signups, goes_on) = progress.take(page).unwrap();
        let letters = signups
            .iter()
            .map(|signup| signup.id.as_str().chars().next());
        ids.extend(letters.flatten());
    }
    assert!(!goes_on, "{ids}");
    ids
}

#[test]
fn csv_has_a_head_quotes_cells_and_no_formulas() {
    let format = ExportFormat::Csv;
    let text = [format.head(), format.row(&signup('a', 2000))].concat();
    assert_eq!(
        String::from_utf8(text).unwrap(),
        "id,status,name,reference,reference_verified,started_at,changed_at,reason,waba_id,business_id,phone_number_id,phone_number\n\
         aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,connected,\"'=A1, \"\"b\"\"\",'@7,true,1970-01-01T00:00:01Z,1970-01-01T00:00:02Z,,\
         5000000000000001,,,49301\n"
    );
    for cell in ["=1+1", "+49 30", "-1", "@SUM(A1)", "\tx", "\rx", "\nx"] {
        assert_eq!(harmless(cell.to_owned()), format!("'{cell}"));
    }
    // Some spreadsheets split cells at a semicolon or a tab.
    for (cell, want) in [
        ("x;=1+1", "x;'=1+1"),
        ("x\t@a", "x\t'@a"),
        ("x,-1;+1", "x,'-1;'+1"),
        ("\t=1", "'\t'=1"),
    ] {
        assert_eq!(harmless(cell.to_owned()), want);
    }
    for cell in ["", "customer-7", "1=1", "a+b", " =1"] {
        assert_eq!(harmless(cell.to_owned()), cell);
    }
}

#[test]
fn json_line_is_the_signup_as_lists_have_it() {
    let format = ExportFormat::JsonLines;
    let signup = signup('a', 2000);
    let line = String::from_utf8(format.row(&signup)).unwrap();
    assert_eq!(line.matches('\n').count(), 1);
    let document: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(document, serde_json::to_value(&signup).unwrap());
    assert!(format.head().is_empty());
}

#[test]
fn site_without_signups_has_one_page() {
    assert_eq!(written(vec![page(&[], false)]), "");
}

#[test]
fn signup_that_moves_to_the_front_while_pages_are_read_is_written_once() {
    // After the first page a changes, and the second page does not have it.
    let pages = vec![
        page(&[('c', 30), ('b', 20)], true),
        page(&[], false),
        page(&[('a', 40), ('c', 30)], true),
        page(&[('b', 20)], false),
        page(&[('a', 40), ('c', 30)], true),
    ];
    assert_eq!(written(pages), "cba");
}

#[test]
fn front_alone_is_read_again() {
    let pages = vec![
        page(&[('d', 40), ('c', 30)], true),
        page(&[('b', 20)], true),
        page(&[('a', 10)], false),
        page(&[('d', 40), ('c', 30)], true),
    ];
    assert_eq!(written(pages), "dcba");
}

#[test]
fn export_of_too_many_pages_fails() {
    let mut progress = ExportProgress::default();
    for number in 1..MAX_PAGES {
        let id = SignupId::parse(&format!("{number:032x}")).unwrap();
        let mut page = page(&[('a', 1_000_000 - u64::from(number))], true);
        page.signups[0].id = id;
        assert!(progress.take(page).unwrap().1);
    }
    assert_eq!(progress.take(page(&[('f', 1)], true)), Err(TooManyPages));
}
