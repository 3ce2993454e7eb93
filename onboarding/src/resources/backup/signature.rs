//! That a part is restored as it was read: its MAC.
//!
//! `<key number>.<base64url>`, the HMAC-SHA256 with a key that is derived from this sealing key, of the JSON of an array: the id of
//! the backup, `object`, `part`, `last`, and of each table an array of its name, columns and rows.

use crate::crypto::Keyring;
use base64ct::{Base64UrlUnpadded, Encoding};
use core::fmt;
use embark_protocol::backup::BackupPart;
use subtle::ConstantTimeEq;

/// Why a part is not restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignatureError {
    /// It is not what a deployment wrote in this backup.
    NotAuthentic,
    /// The deployment does not have the key of this number.
    UnknownKey(u32),
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAuthentic => f.write_str(
                "mac: the part is not what the deployment wrote: the backup was damaged or altered",
            ),
            Self::UnknownKey(number) => write!(
                f,
                "mac: the deployment does not have EMBARK_KEY_{number} of the one that was backed up"
            ),
        }
    }
}

/// Signs a part of a backup. Returns its size, in bytes of JSON, without its names and MAC.
pub fn sign_part(part: &mut BackupPart, backup: &str, keyring: &Keyring) -> usize {
    let message = message(part, backup);
    let (number, mac) = keyring.sign(PURPOSE, &message);
    let mac = Base64UrlUnpadded::encode_string(&mac);
    part.mac = [&number.to_string(), ".", &mac].concat();
    message.len()
}

/// Whether a deployment with these keys has signed the part, as one of this backup.
///
/// # Errors
/// It has not.
pub fn check_part(
    part: &BackupPart,
    backup: &str,
    keyring: &Keyring,
) -> Result<(), SignatureError> {
    let (number, mac) = part
        .mac
        .split_once('.')
        .ok_or(SignatureError::NotAuthentic)?;
    let number = number.parse().map_err(|_| SignatureError::NotAuthentic)?;
    let mac = Base64UrlUnpadded::decode_vec(mac).map_err(|_| SignatureError::NotAuthentic)?;
    let expected = keyring
        .mac(number, PURPOSE, &message(part, backup))
        .ok_or(SignatureError::UnknownKey(number))?;
    match bool::from(mac.ct_eq(&expected)) {
        true => Ok(()),
        false => Err(SignatureError::NotAuthentic),
    }
}

fn message(part: &BackupPart, backup: &str) -> Vec<u8> {
    let tables = part.tables.iter();
    let tables: Vec<_> = tables
        .map(|table| (&table.table, &table.columns, &table.rows))
        .collect();
    let message = (backup, &part.object, part.part, part.last, tables);
    // Texts, numbers and null: there is nothing that JSON does not have.
    serde_json::to_vec(&message).unwrap_or_default()
}

/// What the key is derived for.
const PURPOSE: &str = "backup/part";

#[cfg(test)]
mod tests {
    use super::super::header::tests::keyring;
    use super::*;
    use embark_protocol::backup::BackupTable;
    use serde_json::json;

    const ID: &str = "0123456789abcdef0123456789abcdef";

    fn signed(keyring: &Keyring) -> BackupPart {
        let table = BackupTable {
            table: "event_log".to_owned(),
            columns: ["n", "json"].map(str::to_owned).to_vec(),
            rows: vec![
                vec![json!(1), json!("v1.1.AbC")],
                vec![json!(2), json!(null)],
            ],
        };
        let mut part = BackupPart {
            object: "site/acme".to_owned(),
            part: 1,
            last: false,
            tables: vec![table],
            mac: String::new(),
        };
        assert!(sign_part(&mut part, ID, keyring) > 50);
        part
    }

    #[test]
    fn part_is_restored_with_the_key_that_signed_it() {
        let part = signed(&keyring(&[(1, 1), (2, 2)]));
        assert!(part.mac.starts_with("2."), "{}", part.mac);
        // As it comes from the file.
        let part: BackupPart =
            serde_json::from_str(&serde_json::to_string(&part).unwrap()).unwrap();
        for (keys, expected) in [
            (vec![(2, 2)], Ok(())),
            (vec![(1, 1), (2, 2), (3, 3)], Ok(())),
            (vec![(1, 1)], Err(SignatureError::UnknownKey(2))),
            (vec![(2, 9)], Err(SignatureError::NotAuthentic)),
        ] {
            assert_eq!(check_part(&part, ID, &keyring(&keys)), expected, "{keys:?}");
        }
    }

    #[test]
    fn anything_that_was_changed_is_noticed() {
        let keys = keyring(&[(1, 1)]);
        let good = signed(&keys);
        let with = |change: fn(&mut BackupPart)| {
            let mut part = good.clone();
            change(&mut part);
            check_part(&part, ID, &keys)
        };
        assert_eq!(with(|_| {}), Ok(()));
        let changes: [fn(&mut BackupPart); 13] = [
            |part| part.object = "site/planted".to_owned(),
            |part| part.part = 0,
            |part| part.last = true,
            |part| part.tables.clear(),
            |part| part.tables[0].table.push('s'),
            |part| part.tables[0].columns.reverse(),
            |part| drop(part.tables[0].rows.remove(0)),
            |part| part.tables[0].rows.reverse(),
            |part| part.tables[0].rows[0][1] = json!("v1.1.AbD"),
            |part| part.tables[0].rows[1][0] = json!("2"),
            |part| part.mac.clear(),
            |part| part.mac.truncate(20),
            |part| part.mac.insert(0, 'x'),
        ];
        for (number, change) in changes.into_iter().enumerate() {
            assert_eq!(with(change), Err(SignatureError::NotAuthentic), "{number}");
        }
        let other = check_part(&good, &"f".repeat(32), &keys);
        assert_eq!(other, Err(SignatureError::NotAuthentic), "another backup");
    }
}
