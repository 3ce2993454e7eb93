//! What one request changes while another one of the same object awaits something is not lost: an incarnation has one
//! record, and stores what it is by then.

use crate::fake::{World, http_response};
use core::cell::RefCell;
use core::convert::Infallible;
use embark_onboarding::crypto::{Sealed, Secret};
use embark_onboarding::meta::GraphRequest;
use embark_onboarding::resources::kv_copies::CopyTask;
use embark_onboarding::resources::partner::PartnerRecord;
use embark_onboarding::resources::phone_number::{
    PhoneOwner, PhoneRecord, PhoneReply, PhoneRequest, RegisterRequest, serve,
};
use embark_onboarding::resources::previous_secret::PreviousSecret;
use embark_onboarding::resources::site::SiteRecord;
use embark_onboarding::resources::waba::{TokenOfRecord, WabaRecord, WabaRequest, token_name};
use embark_onboarding::signup::Signup;
use embark_onboarding::time::UnixMillis;
use embark_onboarding::transport::ApiResult;
use embark_onboarding::workflow::{AppContext, CommitError, Host, SharedRecord};
use embark_protocol::admin::AppSettings;
use embark_protocol::{AppKey, PhoneNumberId, SignupId, SiteId, WabaId};
use futures_util::FutureExt;
use std::rc::Rc;

/// An object: what is stored, and the record of its only incarnation.
#[derive(Default)]
struct Object<R> {
    stored: RefCell<R>,
    memory: SharedRecord<R>,
}

impl<R: Clone + Default> Object<R> {
    fn record(&self) -> Rc<RefCell<R>> {
        let load = || Ok::<_, Infallible>(self.stored.borrow().clone());
        self.memory.get(load).unwrap_or_default()
    }

    fn change<T>(&self, change: impl FnOnce(&mut R) -> T) -> T {
        let load = || Ok::<_, Infallible>(self.stored.borrow().clone());
        let store = |record: &R| {
            *self.stored.borrow_mut() = record.clone();
            Ok(())
        };
        let Ok(result) = self.memory.change(load, store, change);
        result
    }
}

/// A Phone object; the operator transfers its number while `register` waits for Meta.
struct TransferDuringCall {
    world: World,
    phone: Object<PhoneRecord>,
}

impl Host<PhoneRecord> for TransferDuringCall {
    fn context(&self) -> AppContext<'_> {
        Host::<Signup>::context(&self.world)
    }

    async fn call(&self, _: GraphRequest) -> ApiResult {
        let (from, to) = (site("acme"), site("rival"));
        self.phone.change(|record| record.transfer(&from, to));
        http_response(200, r#"{"success":true}"#)
    }

    fn save(&self, record: &PhoneRecord) -> Result<(), CommitError> {
        *self.phone.stored.borrow_mut() = record.clone();
        Ok(())
    }
}

#[test]
fn number_transferred_during_its_registration_stays_transferred() {
    let host = TransferDuringCall {
        world: World::new(),
        phone: Object::default(),
    };
    let owner = PhoneOwner {
        site: site("acme"),
        waba: waba_id(),
        signup: signup_id("a"),
    };
    host.phone.change(|record| record.claim(owner.clone()));
    let seen = r#"{"id":"6000000000000001","code_verification_status":"VERIFIED","platform_type":"NOT_APPLICABLE"}"#;
    let request = RegisterRequest {
        owner,
        app: app_key(),
        token: seal(&host.world, &token_name(&app_key(), &waba_id())),
        seen: serde_json::from_str(seen).unwrap(),
        typed_pin: None,
    };
    let id = PhoneNumberId::parse("6000000000000001").unwrap();
    let request = PhoneRequest::Register(Box::new(request));
    let reply = serve(&host.phone.record(), &id, request, &host).now_or_never();
    assert_eq!(reply, Some(Ok(PhoneReply::Registered)));
    let stored = host.phone.stored.borrow();
    let owner = stored.owner.as_ref().map(|owner| owner.site.as_str());
    assert_eq!(owner, Some("rival"));
}

#[test]
fn account_claimed_while_an_event_is_delivered_keeps_both() {
    let waba: Object<WabaRecord> = Object::default();
    let claim = |signup: &str, site_name: &str| {
        let token = TokenOfRecord {
            app: app_key(),
            site: None,
            scopes: vec![],
            token: Sealed::from_stored("v1.1.x".into()),
            is_renewal: false,
            refused_at: None,
            expires_at: None,
            signup: signup_id(signup),
            user_id: None,
            issued_at: UnixMillis::default(),
            notices_sent: 0,
        };
        let at = UnixMillis::default();
        let site = site(site_name);
        waba.change(|record| {
            record.handle(
                &waba_id(),
                WabaRequest::Claim {
                    site,
                    token,
                    at,
                    number: None,
                },
            )
        });
    };
    claim("a", "acme");
    claim("b", "rival");
    let sent = waba.record().borrow().outbox.clone();
    assert_eq!(sent.len(), 1, "an event of acme about rival");
    // While the Site object is sent it, a third site claims the account.
    claim("c", "third");
    for event in sent {
        waba.change(|record| record.outbox.retain(|entry| *entry != event));
    }
    let stored = waba.stored.borrow();
    assert_eq!((stored.tokens.len(), stored.owners.len()), (3, 3));
    let events: Vec<_> = stored
        .outbox
        .iter()
        .map(|event| event.site.as_str())
        .collect();
    assert_eq!(events, ["acme", "rival"], "of the third");
}

#[test]
fn secret_put_while_app_settings_are_copied_is_stored_and_pending() {
    let partner: Object<PartnerRecord> = Object::default();
    let now = UnixMillis::default();
    let app = r#"{"key":"main","app_id":"1000000000000001"}"#;
    let app: AppSettings = serde_json::from_str(app).unwrap();
    partner.change(|record| {
        record.put_app(app);
        record
            .pending_copies
            .enqueue("app/main".into(), "{}".into());
    });
    let task = partner.record().borrow().pending_copies.next_task(now);
    let Some(CopyTask::Put(copy, _)) = task else {
        panic!("{task:?}");
    };
    // While KV is written.
    let sealed = Sealed::from_stored("v1.1.x".into());
    partner.change(|record| {
        record.put_secret("sealed/app/main/app_secret".into(), sealed, now);
    });
    partner.change(|record| record.pending_copies.on_written(&copy, now));
    let stored = partner.stored.borrow();
    assert_eq!((stored.apps.len(), stored.secrets.len()), (1, 1));
    let next = stored.pending_copies.next_task(now);
    assert!(matches!(next, Some(CopyTask::Put(copy, _)) if copy.key.starts_with("sealed/")));
}

#[test]
fn site_settings_put_while_the_partner_object_receives_signups_stay() {
    let site: Object<SiteRecord> = Object::default();
    let awaits = site.record();
    let settings = crate::site_settings(&serde_json::json!({}));
    site.change(|record| record.put(serde_json::from_value(settings).unwrap()));
    assert!(awaits.borrow().config.is_some(), "one record");
    site.change(|record| record.reported_open = true);
    let stored = site.stored.borrow();
    assert!(stored.config.is_some() && stored.reported_open);
}

fn seal(world: &World, name: &str) -> Sealed {
    let token = Secret::new("EAAtoken".into());
    world.with_context(|cx| cx.keyring.seal(name, &token, cx.nonce()).unwrap())
}

fn app_key() -> AppKey {
    AppKey::parse("main").unwrap()
}

fn waba_id() -> WabaId {
    WabaId::parse("5000000000000001").unwrap()
}

fn site(name: &str) -> SiteId {
    SiteId::parse(name).unwrap()
}

fn signup_id(character: &str) -> SignupId {
    SignupId::parse(&character.repeat(32)).unwrap()
}

#[test]
fn replaced_app_secret_counts_for_a_day() {
    let key = "sealed/app/main/app_secret";
    let sealed = |text: &str| Sealed::from_stored(text.to_owned());
    let hour = |hour: u64| UnixMillis(hour * 3_600_000);
    let mut partner = PartnerRecord::default();
    for (number, secret) in [(1, "one"), (2, "two")] {
        partner.keep_previous_secret(key, hour(number));
        partner.put_secret(key.to_owned(), sealed(secret), hour(number));
    }
    let previous = partner.previous_secrets[key].clone();
    let want = ("one", hour(26));
    assert_eq!((previous.secret.as_str(), previous.until), want);
    let copy = previous.to_copy();
    assert_eq!(PreviousSecret::from_copy(&copy), Some(previous));
    assert_eq!(PreviousSecret::from_copy("v1.1.x"), None);
    let other = "sealed/app/main/verify_token";
    for number in [25, 26] {
        partner.keep_previous_secret(other, hour(number));
        partner.put_secret(other.to_owned(), sealed("a"), hour(number));
        let kept = partner.previous_secrets.contains_key(key);
        assert_eq!(kept, number == 25);
    }
    assert!(!partner.previous_secrets.contains_key(other));
}
