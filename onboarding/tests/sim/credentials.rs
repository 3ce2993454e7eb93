//! The app's settings and its secret: how an object reads them, and how the operator puts them.

use crate::meta::state::APP_ID;
use crate::state::copies::{CopyOwner, app_settings_key};
use crate::state::world::World;
use embark_onboarding::crypto::{Sealed, Secret};
use embark_onboarding::meta::{AppCredentials, RedirectUriVariant};
use embark_protocol::admin::AppSettings;
use embark_protocol::{AppKey, BusinessId, MetaAppId};

/// What [`World::read_credentials`] has read.
pub struct ReadCredentials {
    pub credentials: AppCredentials,
    /// They may be older than what the Partner object has.
    pub are_copies: bool,
}

/// Neither the Partner object nor KV gives the app's credentials.
#[derive(Debug)]
pub struct Unreadable;

impl World {
    /// The app's credentials, as an object reads them: what the Partner object has, or the copies in KV if it does not
    /// reply. `None`: there are none. KV always has a copy of the system token, which was put long ago.
    ///
    /// # Errors
    /// Neither can be read.
    pub fn read_credentials(&self) -> Result<Option<ReadCredentials>, Unreadable> {
        if !self.fault_occurs(self.fault_rates.get().credential_reads) {
            let partner = self.peers.partner.borrow();
            let (app, secret) = (
                partner.app(&app_key()),
                partner.secrets.get(APP_SECRET_NAME),
            );
            let credentials = app.zip(secret);
            return Ok(credentials.map(|(app, secret)| self.open_credentials(app, secret, false)));
        }
        if self.fault_occurs(self.fault_rates.get().credential_reads) {
            return Err(Unreadable);
        }
        let (mut kv, now) = (self.kv.borrow_mut(), self.now.get());
        let app = kv.read(&app_settings_key(), now).ok_or(Unreadable)?;
        let secret = kv.read(APP_SECRET_NAME, now).ok_or(Unreadable)?;
        let app: AppSettings = serde_json::from_str(&app).unwrap();
        let secret = Sealed::from_stored(secret);
        Ok(Some(self.open_credentials(&app, &secret, true)))
    }

    fn open_credentials(
        &self,
        app: &AppSettings,
        secret: &Sealed,
        are_copies: bool,
    ) -> ReadCredentials {
        let credentials = AppCredentials {
            app_id: app.app_id.clone(),
            version: app.graph_version.clone(),
            secret: self.keyring.open(APP_SECRET_NAME, secret).unwrap(),
            redirect_uri_variant: self.random.pick(&RedirectUriVariant::ALL),
            system_token: Some(Secret::new("EAAtokenOfSystemUser".to_owned())),
            partner_business: BusinessId::parse("4900000000000001").ok(),
            webhook_url: "https://x.example/".to_owned(),
        };
        ReadCredentials {
            credentials,
            are_copies,
        }
    }

    /// The operator puts the app's settings.
    pub fn put_app_settings(&self, weekly_limit: u32) {
        let app = AppSettings {
            partner_name: None,
            key: app_key(),
            app_id: MetaAppId::parse(APP_ID).unwrap(),
            graph_version: "v25.0".into(),
            partner_business_id: None,
            weekly_limit,
            block_when_full: false,
        };
        let copy = serde_json::to_string(&app).unwrap();
        let mut partner = self.peers.partner.borrow_mut();
        partner.put_app(app);
        partner.pending_copies.enqueue(app_settings_key(), copy);
        drop(partner);
        self.flush_copies(CopyOwner::Partner);
    }

    /// The operator puts the app's secret; Meta has the same one from now on.
    pub fn put_app_secret(&self, secret: &str) {
        let plain = Secret::new(secret.to_owned());
        let nonce = self.context().nonce();
        let sealed = self.keyring.seal(APP_SECRET_NAME, &plain, nonce).unwrap();
        let now = self.now.get();
        let mut partner = self.peers.partner.borrow_mut();
        partner.put_secret(APP_SECRET_NAME.to_owned(), sealed, now);
        drop(partner);
        self.flush_copies(CopyOwner::Partner);
        self.meta.borrow_mut().app_secret = secret.to_owned();
        self.app_secret_put_at.set(now);
    }
}

fn app_key() -> AppKey {
    AppKey::parse("main").unwrap()
}

/// The name that the app secret is sealed under.
const APP_SECRET_NAME: &str = "sealed/app/main/app_secret";
