//! Lists of a site's signups, and of the accounts that they have connected, from the table of `signup_index`.

use super::signup_index::{create_table, fill_searchable_texts};
use super::storage::{ObjectStorage, Row, parse_row, sql_time, unreadable};
use embark_onboarding::resources::backend::{SignupCursor, list_bound};
use embark_onboarding::resources::signup_search::SearchTerm;
use embark_onboarding::resources::site::SignupIndexRow;
use embark_onboarding::time::UnixMillis;
use embark_protocol::backend::{
    AccountPage, ConnectedAccount, ConnectedNumber, SignupFilter, SignupPage, SignupSummary,
};
use embark_protocol::{SignupId, WabaId};
use std::collections::BTreeSet;
use worker::{Result, SqlStorageValue};

/// A page of signups, the one that changed last first.
///
/// # Errors
/// The storage refused the query, or a row is not one of the index.
pub fn list(
    storage: &ObjectStorage,
    filter: &SignupFilter,
    after: Option<&SignupCursor>,
    limit: u32,
) -> Result<SignupPage> {
    create_table(storage)?;
    let mut conditions = vec!["1"];
    let mut values: Row = vec![];
    let text_filters = [
        (
            "status = ?",
            filter.status.map(|status| status.as_str().to_owned()),
        ),
        (REFERENCE_IS, filter.reference.clone()),
        (WABA_IS, filter.waba_id.as_ref().map(ToString::to_string)),
        (
            NUMBER_IS,
            filter.phone_number_id.as_ref().map(ToString::to_string),
        ),
    ];
    for (condition, value) in text_filters {
        if let Some(value) = value {
            conditions.push(condition);
            values.push(value.into());
        }
    }
    if let Some(term) = filter.search.as_deref().and_then(SearchTerm::parse) {
        fill_searchable_texts(storage)?;
        conditions.push("(instr(found, ?) > 0 OR instr(found, ?) > 0)");
        values.extend([term.text.into(), term.digits.into()]);
    }
    // One bound, so that an index is entered at it: of two, SQLite uses any.
    if let Some((at, signup)) = list_bound(after, filter.changed_before) {
        conditions.push("(at, run) < (?, ?)");
        values.push(sql_time(UnixMillis(at)));
        values.push(signup.into());
    }
    // One more than the page has: it tells whether there is a next page.
    values.push(i64::from(limit.saturating_add(1)).into());
    let query = [
        "SELECT json FROM runs WHERE ",
        &conditions.join(" AND "),
        " ORDER BY at DESC, run DESC LIMIT ?",
    ]
    .concat();
    let mut signups = vec![];
    for row in storage.rows(&query, values)? {
        signups.push(summary(parse(&row)?));
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = signups.len() > limit;
    signups.truncate(limit);
    let last = signups.last().filter(|_| has_more);
    let next = last.map(|last| SignupCursor {
        changed_at: last.changed_at,
        signup: last.id.clone(),
    });
    Ok(SignupPage {
        next: next.map(|cursor| cursor.to_string()),
        signups,
    })
}

/// One signup. `None`: there is none of this id.
///
/// # Errors
/// The storage refused the query, or the row is not one of the index.
pub fn find(storage: &ObjectStorage, id: &SignupId) -> Result<Option<SignupSummary>> {
    create_table(storage)?;
    let rows = storage.rows(
        "SELECT json FROM runs WHERE run = ?",
        vec![id.as_str().into()],
    )?;
    rows.first().map(|row| parse(row).map(summary)).transpose()
}

/// A page of the accounts that signups have connected, by their ids.
///
/// # Errors
/// The storage refused the query, or a row is not one of the index.
pub fn list_accounts(
    storage: &ObjectStorage,
    after: Option<&WabaId>,
    limit: u32,
) -> Result<AccountPage> {
    create_table(storage)?;
    // Each id is looked up behind the one before: an account may have any number of signups.
    let next = |after: &str| {
        [
            "(SELECT ",
            WABA,
            " FROM runs WHERE ",
            WABA,
            " > ",
            after,
            " ORDER BY ",
            WABA,
            " LIMIT 1)",
        ]
        .concat()
    };
    let ids = [
        "WITH RECURSIVE ids(id) AS (SELECT ",
        &next("?"),
        " UNION ALL SELECT ",
        &next("ids.id"),
        " FROM ids WHERE id IS NOT NULL LIMIT ?) SELECT id FROM ids WHERE id IS NOT NULL",
    ]
    .concat();
    let after = after.map_or("", WabaId::as_str);
    // One more than the page has: it tells whether there is a next page.
    let values = vec![after.into(), i64::from(limit.saturating_add(1)).into()];
    let mut wabas = vec![];
    for row in storage.rows(&ids, values)? {
        let [SqlStorageValue::String(id)] = row.as_slice() else {
            return Err(unreadable("runs"));
        };
        let id = WabaId::parse(id).map_err(|_| unreadable("runs"))?;
        wabas.push(account(storage, id)?);
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = wabas.len() > limit;
    wabas.truncate(limit);
    let last = wabas.last().filter(|_| has_more);
    Ok(AccountPage {
        next: last.map(|last| last.waba_id.clone()),
        wabas,
    })
}

/// An account with its numbers, each as the signup that changed last says.
fn account(storage: &ObjectStorage, id: WabaId) -> Result<ConnectedAccount> {
    let of_account = [
        "SELECT json FROM runs WHERE ",
        WABA_IS,
        " ORDER BY at DESC LIMIT 500",
    ]
    .concat();
    let mut found = ConnectedAccount {
        waba_id: id.clone(),
        business_id: None,
        numbers: vec![],
    };
    let mut seen = BTreeSet::new();
    for row in storage.rows(&of_account, vec![id.as_str().into()])? {
        let row = parse(&row)?;
        let Some(connected) = row.connected else {
            continue;
        };
        found.business_id = found.business_id.or(connected.business_id);
        let Some(phone_number_id) = connected.phone_number_id else {
            continue;
        };
        let is_last = seen.insert(phone_number_id.clone());
        // One that has left the API is not connected any more.
        if is_last && !connected.offboarded {
            found.numbers.push(ConnectedNumber {
                phone_number_id,
                display_phone_number: connected.display_phone_number,
                verified_name: connected.verified_name,
                signup: row.signup,
                changed_at: row.at.0,
            });
        }
    }
    Ok(found)
}

fn parse(row: &Row) -> Result<SignupIndexRow> {
    match row.as_slice() {
        [SqlStorageValue::String(json)] => parse_row("runs", json),
        _ => Err(unreadable("runs")),
    }
}

fn summary(row: SignupIndexRow) -> SignupSummary {
    SignupSummary {
        id: row.signup,
        status: row.status,
        reference: row.reference,
        name: row.name,
        started_at: row.started_at.0,
        changed_at: row.at.0,
        reason: row.reason,
        connected: row.connected,
    }
}

const REFERENCE_IS: &str = "json_extract(json, '$.reference.id') = ?";
const WABA: &str = "json_extract(json, '$.connected.waba_id')";
const WABA_IS: &str = "json_extract(json, '$.connected.waba_id') = ?";
const NUMBER_IS: &str = "json_extract(json, '$.connected.phone_number_id') = ?";
