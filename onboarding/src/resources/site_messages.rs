//! Where messages of the site's customers are sent, as its settings say and said.

use crate::resources::message_route::{MessageCallback, MessageRoute, verify_token_name};
use crate::resources::site::SiteRecord;
use embark_protocol::admin::{MessagesSettings, SiteSettings};

impl SiteRecord {
    /// The route of the site's messages. `None`: the app's callback URL gets them, and always has.
    pub fn message_route(&self) -> Option<MessageRoute> {
        let callback = self.config.as_ref().and_then(|config| {
            let url = callback_url(config)?.to_owned();
            let name = verify_token_name(&config.key);
            Some(MessageCallback {
                url,
                verify_token: self.secrets.get(&name).cloned(),
            })
        });
        let route = MessageRoute {
            callback,
            retired: self.retired_callbacks.clone(),
        };
        (route != MessageRoute::default()).then_some(route)
    }

    /// Notes the address that these settings take the place of.
    pub(super) fn retire_callback(&mut self, settings: &SiteSettings) {
        let (current, next) = (self.config.as_ref(), callback_url(settings));
        let retired = current.and_then(callback_url).map(str::to_owned);
        let list = &mut self.retired_callbacks;
        if let Some(url) = retired.filter(|url| !list.contains(url)) {
            list.push(url);
        }
        list.retain(|url| Some(url.as_str()) != next);
        let surplus = list.len().saturating_sub(RETIRED_KEPT);
        list.drain(..surplus);
    }
}

fn callback_url(settings: &SiteSettings) -> Option<&str> {
    match &settings.messages {
        MessagesSettings::Override { callback_url } => Some(callback_url),
        MessagesSettings::None | MessagesSettings::Forward => None,
    }
}

/// How many earlier addresses a site remembers.
const RETIRED_KEPT: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Sealed;
    use crate::resources::site::SiteReply;
    use crate::resources::site::tests::{override_to as to, with_messages as with};

    #[test]
    fn site_remembers_the_addresses_that_it_had() {
        let mut site = SiteRecord::default();
        let (a, b) = ("https://a.example/", "https://b.example/");
        let mut put = |messages| {
            let reply = site.put(with(messages));
            assert!(matches!(reply, SiteReply::Put { .. }), "{reply:?}");
            let route = site.message_route();
            let callback = route.as_ref().and_then(|route| route.callback.clone());
            (
                callback.map(|callback| callback.url),
                route.map(|route| route.retired).unwrap_or_default(),
            )
        };
        let none: [&str; 0] = [];
        assert_eq!(
            put(MessagesSettings::Forward),
            (None, none.map(String::from).to_vec())
        );
        assert_eq!(put(to(a)), (Some(a.into()), vec![]));
        assert_eq!(put(to(a)), (Some(a.into()), vec![]));
        assert_eq!(put(to(b)), (Some(b.into()), vec![a.into()]));
        assert_eq!(
            put(MessagesSettings::None),
            (None, vec![a.into(), b.into()])
        );
        assert_eq!(put(to(a)), (Some(a.into()), vec![b.into()]));
        for n in 0..30 {
            put(to(&format!("https://c{n}.example/")));
        }
        assert_eq!(put(MessagesSettings::None).1.len(), RETIRED_KEPT);
        site.config = None;
        site.retired_callbacks.clear();
        assert_eq!(site.message_route(), None);
    }

    #[test]
    fn route_has_the_verify_token_sealed() {
        let mut site = SiteRecord::default();
        site.put(with(to("https://a.example/")));
        let token =
            |site: &SiteRecord| site.message_route().unwrap().callback.unwrap().verify_token;
        assert_eq!(token(&site), None);
        let sealed: Sealed = serde_json::from_str(r#""v1.1.x""#).unwrap();
        site.put_secret(
            "sealed/site/acme/messages_verify_token".into(),
            sealed.clone(),
            crate::time::UnixMillis(1),
        );
        assert_eq!(token(&site), Some(sealed));
    }
}
