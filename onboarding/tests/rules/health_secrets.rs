//! What the Partner object says of the secrets of an app, for the health of the deployment.

use crate::health::{app, quota};
use embark_onboarding::crypto::{Keyring, Secret};
use embark_onboarding::resources::partner::PartnerRecord;
use embark_onboarding::time::UnixMillis;
use embark_protocol::AppKey;
use embark_protocol::quota::QuotaLevel;

#[test]
fn secret_of_a_key_that_is_gone_is_unreadable_by_name() {
    let key = |number: u32, byte: u8| (number, base64_of([byte; 32]));
    let old = Keyring::parse(&[key(1, 1)]).unwrap();
    let both = Keyring::parse(&[key(2, 2), key(1, 1)]).unwrap();
    let new = Keyring::parse(&[key(2, 2)]).unwrap();
    assert_eq!(both.numbers(), [1, 2]);
    let name = "sealed/app/main/app_secret";
    let secret = Secret::new("s3cret".to_owned());
    let mut record = PartnerRecord::default();
    let sealed = old.seal(name, &secret, [1; 12]).unwrap();
    record.put_secret(name.to_owned(), sealed, UnixMillis(1));
    let health = |keyring: &Keyring| record.app_health(&app(), quota(QuotaLevel::Fine), keyring);
    assert!(health(&old).has_secret && health(&both).has_secret);
    assert_eq!(health(&both).unreadable_secrets, Vec::<String>::new());
    assert_eq!(health(&new).unreadable_secrets, [name]);
    let other = AppKey::parse("mai").unwrap();
    let of_other = record.app_health(&other, quota(QuotaLevel::Fine), &new);
    assert!(!of_other.has_secret && of_other.unreadable_secrets.is_empty());
}

fn base64_of(bytes: [u8; 32]) -> String {
    use base64ct::{Base64, Encoding};
    Base64::encode_string(&bytes)
}
