//! A site's invitations, one row each.

use super::shell::{Shell, millis};
use crate::host;
use crate::invitation;
use crate::site::Answer;
use embark_protocol::config::Invitation;
use embark_protocol::{Code, InvitationId, SignupId};
use worker::{Result, SqlStorageValue};

pub fn keep(shell: &Shell, invitation: &Invitation) -> Result<()> {
    table(shell)?;
    let old = millis(host::now().saturating_sub(invitation::KEPT_MS));
    shell.exec("DELETE FROM invitations WHERE until < ?", vec![old])?;
    let row = "INSERT INTO invitations (id, until, json) VALUES (?, ?, ?) \
               ON CONFLICT (id) DO UPDATE SET json = excluded.json";
    let json = serde_json::to_string(invitation)?;
    let (id, until) = (invitation.id.as_str(), millis(invitation.expires_at));
    shell.exec(row, vec![id.into(), until, json.into()])
}

/// The newest ones.
pub fn list(shell: &Shell) -> Result<Vec<Invitation>> {
    let newest = "SELECT json FROM invitations ORDER BY until DESC LIMIT 200";
    rows(shell, newest, vec![])
}

/// One that was used stays: it says by whom.
pub fn drop(shell: &Shell, id: &InvitationId) -> Result<()> {
    match find(shell, id)? {
        Some(found) if found.used_by.is_none() => {
            let id = id.as_str().into();
            shell.exec("DELETE FROM invitations WHERE id = ?", vec![id])
        }
        _ => Ok(()),
    }
}

pub fn look(shell: &Shell, id: &InvitationId) -> Result<Answer> {
    let found = find(shell, id)?;
    let held = found.map_or(Err(Code::InvitationExpired), |found| {
        invitation::check(&found, host::now())
    });
    Ok(said(held))
}

pub fn redeem(shell: &Shell, id: &InvitationId, signup: &SignupId) -> Result<Answer> {
    let Some(mut found) = find(shell, id)? else {
        return Ok(said(Err(Code::InvitationExpired)));
    };
    let redeemed = invitation::redeem(&mut found, signup, host::now());
    if redeemed == Ok(true) {
        keep(shell, &found)?;
    }
    Ok(said(redeemed.map(|_| ())))
}

fn said(held: core::result::Result<(), Code>) -> Answer {
    match held {
        Ok(()) => Answer::Noted,
        Err(code) => Answer::Refused { code },
    }
}

fn find(shell: &Shell, id: &InvitationId) -> Result<Option<Invitation>> {
    let one = "SELECT json FROM invitations WHERE id = ?";
    Ok(rows(shell, one, vec![id.as_str().into()])?.pop())
}

fn rows(shell: &Shell, query: &str, values: Vec<SqlStorageValue>) -> Result<Vec<Invitation>> {
    table(shell)?;
    let rows = shell.rows(query, values)?.into_iter().flatten();
    let read = |value| match value {
        SqlStorageValue::String(json) => crate::json::from_slice(json.as_bytes()).ok(),
        _ => None,
    };
    Ok(rows.filter_map(read).collect())
}

fn table(shell: &Shell) -> Result<()> {
    let table = "CREATE TABLE IF NOT EXISTS invitations \
                 (id TEXT PRIMARY KEY, until INTEGER NOT NULL, json TEXT NOT NULL)";
    shell.exec(table, vec![])
}
