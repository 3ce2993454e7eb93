//! Whether a deployment can open what a backup has.

use crate::crypto::{Keyring, SealError, Sealed, Secret};
use core::fmt;
use embark_protocol::backup::{BACKUP_FORMAT, BackupHeader};

/// Why a backup cannot be restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderError {
    /// It is of another format.
    Format(u32),
    /// Its id is not one.
    Id,
    /// It has no check of a key, or something else in its place.
    Checks,
    /// The deployment does not have the key of this number, or has another one under it.
    Key(u32),
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format(format) => write!(
                f,
                "backup.format: {format}; this version restores format {BACKUP_FORMAT} alone: restore it with the version \
                 that wrote it"
            ),
            Self::Id => f.write_str("backup.id: 32 hexadecimal digits"),
            Self::Checks => f.write_str("backup.key_checks: the first line of a backup's file"),
            Self::Key(number) => write!(
                f,
                "EMBARK_KEY_{number} is not that of the deployment that was backed up: store that key under this number, \
                 the deployment's own under a higher one, and deploy"
            ),
        }
    }
}

/// A sealed text per key, by which a deployment finds out whether it has these keys.
pub fn key_checks(keyring: &Keyring, backup: &str, nonce: impl Fn() -> [u8; 12]) -> Vec<String> {
    let (name, text) = (name(backup), Secret::new(backup.to_owned()));
    let sealed = keyring.seal_with_each(&name, &text, nonce);
    sealed.map(|sealed| sealed.as_str().to_owned()).collect()
}

/// Whether the text is the id of a backup: 32 hexadecimal digits.
pub fn is_backup_id(text: &str) -> bool {
    base16ct::lower::decode_vec(text).is_ok_and(|id| id.len() == 16)
}

/// Whether a deployment with these keys can restore a backup.
///
/// # Errors
/// It cannot.
pub fn check_header(header: &BackupHeader, keyring: &Keyring) -> Result<(), HeaderError> {
    if header.format != BACKUP_FORMAT {
        return Err(HeaderError::Format(header.format));
    }
    if !is_backup_id(&header.id) {
        return Err(HeaderError::Id);
    }
    if header.key_checks.is_empty() {
        return Err(HeaderError::Checks);
    }
    for check in &header.key_checks {
        let sealed = Sealed::from_stored(check.clone());
        let number = sealed.key_number().ok_or(HeaderError::Checks)?;
        match keyring.open(&name(&header.id), &sealed) {
            Ok(_) => {}
            Err(SealError::UnknownKey(_) | SealError::NotAuthentic) => {
                return Err(HeaderError::Key(number));
            }
            Err(_) => return Err(HeaderError::Checks),
        }
    }
    Ok(())
}

fn name(backup: &str) -> String {
    ["backup/", backup].concat()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use base64ct::{Base64, Encoding};

    const ID: &str = "0123456789abcdef0123456789abcdef";

    /// Keys by their numbers, and the byte that each consists of.
    pub(in crate::resources::backup) fn keyring(keys: &[(u32, u8)]) -> Keyring {
        let keys = keys
            .iter()
            .map(|(number, byte)| (*number, Base64::encode_string(&[*byte; 32])));
        Keyring::parse(&keys.collect::<Vec<_>>()).unwrap()
    }

    fn header(keys: &Keyring) -> BackupHeader {
        BackupHeader {
            format: BACKUP_FORMAT,
            id: ID.to_owned(),
            created_at: 1,
            version: "0.1.0".to_owned(),
            key_checks: key_checks(keys, ID, || [7; 12]),
        }
    }

    #[test]
    fn deployment_needs_every_key_of_the_backup() {
        let both = keyring(&[(1, 1), (2, 2)]);
        let of_both = header(&both);
        assert_eq!(of_both.key_checks.len(), 2);
        for (keys, expected) in [
            (vec![(1, 1), (2, 2)], Ok(())),
            (vec![(1, 1), (2, 2), (3, 3)], Ok(())),
            (vec![(2, 2)], Err(HeaderError::Key(1))),
            (vec![(1, 1)], Err(HeaderError::Key(2))),
            (vec![(1, 9), (2, 2)], Err(HeaderError::Key(1))),
        ] {
            assert_eq!(
                check_header(&of_both, &keyring(&keys)),
                expected,
                "{keys:?}"
            );
        }
    }

    #[test]
    fn anything_else_is_refused_by_its_name() {
        let keys = keyring(&[(1, 1)]);
        let good = header(&keys);
        let with = |change: fn(&mut BackupHeader)| {
            let mut header = good.clone();
            change(&mut header);
            check_header(&header, &keys)
        };
        assert_eq!(with(|_| {}), Ok(()));
        assert_eq!(
            with(|header| header.format = 1),
            Err(HeaderError::Format(1))
        );
        assert_eq!(with(|header| header.id.push('0')), Err(HeaderError::Id));
        assert_eq!(
            with(|header| header.id = "G".repeat(32)),
            Err(HeaderError::Id)
        );
        assert_eq!(
            with(|header| header.key_checks.clear()),
            Err(HeaderError::Checks)
        );
        assert_eq!(
            with(|header| header.key_checks.push("x".into())),
            Err(HeaderError::Checks)
        );
        // Of another backup.
        assert_eq!(
            with(|header| header.id = "f".repeat(32)),
            Err(HeaderError::Key(1))
        );
    }
}
