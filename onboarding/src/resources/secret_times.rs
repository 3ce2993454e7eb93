//! When the secrets of apps and sites were last put.

use crate::time::UnixMillis;
use embark_protocol::secrets::SecretStatus;
use std::collections::BTreeMap;

/// Secrets that are stored, by the keys that they are sealed under, each with when it was last put. `None`: not known.
pub type SecretTimes = BTreeMap<String, Option<UnixMillis>>;

/// What an operator sees of a secret. `key`: the key that it is sealed under, which ends in its name.
pub fn stored_status(key: &str, set_at: Option<UnixMillis>) -> SecretStatus {
    SecretStatus {
        name: key.rsplit('/').next().unwrap_or_default().to_owned(),
        stored: true,
        set_at: set_at.map(|at| at.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Sealed;
    use crate::resources::partner::PartnerRecord;
    use crate::resources::site::SiteRecord;

    #[test]
    fn time_of_a_secret_is_that_of_its_last_put_and_absent_for_older_ones() {
        let sealed = || Sealed::from_stored("v1.1.a".to_owned());
        let key = |name: &str| ["sealed/app/main/", name].concat();
        let mut partner = PartnerRecord::default();
        partner.secrets.insert(key("system_token"), sealed());
        for at in [1, 2] {
            partner.put_secret(key("app_secret"), sealed(), UnixMillis(at));
        }
        let names = ["app_secret", "system_token", "verify_token"].map(key);
        let times = partner.secret_times(&names);
        let found: Vec<_> = times
            .iter()
            .map(|(key, at)| stored_status(key, *at))
            .collect();
        let names: Vec<_> = found
            .iter()
            .map(|one| (one.name.as_str(), one.set_at))
            .collect();
        assert_eq!(names, [("app_secret", Some(2)), ("system_token", None)]);

        let mut site = SiteRecord::default();
        site.put_secret("sealed/site/acme/infobip".into(), sealed(), UnixMillis(3));
        let times = site.secret_times();
        assert_eq!(times["sealed/site/acme/infobip"], Some(UnixMillis(3)));
        let published = site.published();
        assert!(published.secret_set_at.is_empty() && published.secrets.is_empty());
    }
}
