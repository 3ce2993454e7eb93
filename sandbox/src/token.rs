//! Kinds of token, and `appsecret_proof` (Graph API, "Secure Graph API calls").

use crate::graph::error::GraphError;
use crate::rules::Rules;
use crate::world::{Token, World, digest, hex};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Whom a request's token stands for.
#[derive(Debug, Clone)]
pub enum Bearer {
    Business(Box<Token>),
    System { app_id: String },
    App { app_id: String },
    Missing,
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    Ok,
    Missing,
    Wrong,
    /// This kind of token needs none.
    None,
}

/// Looks a token up among the kinds there are. Never says why one is unknown.
pub fn identify(world: &World, token: Option<&str>) -> Bearer {
    let Some(token) = token else {
        return Bearer::Missing;
    };
    if let Some(known) = world
        .tokens
        .get(&digest(token))
        .filter(|known| known.token == token)
    {
        return Bearer::Business(Box::new(known.clone()));
    }
    if let Some(app) = world.apps.values().find(|app| app.system_token == token) {
        return Bearer::System {
            app_id: app.id.clone(),
        };
    }
    let app = token
        .split_once('|')
        .and_then(|(id, secret)| world.apps.get(id).filter(|app| app.secret == secret));
    app.map_or(Bearer::Unknown, |app| Bearer::App {
        app_id: app.id.clone(),
    })
}

impl Bearer {
    pub fn kind(&self) -> &'static str {
        match self {
            Bearer::Business(_) => "business",
            Bearer::System { .. } => "system",
            Bearer::App { .. } => "app",
            Bearer::Missing => "none",
            Bearer::Unknown => "unknown",
        }
    }

    pub fn app_id(&self) -> Option<&str> {
        match self {
            Bearer::Business(token) => Some(&token.grant.app_id),
            Bearer::System { app_id } | Bearer::App { app_id } => Some(app_id),
            Bearer::Missing | Bearer::Unknown => None,
        }
    }

    pub fn proof(&self, world: &World, token: Option<&str>, given: Option<&str>) -> Proof {
        let (Bearer::Business(_) | Bearer::System { .. }, Some(token)) = (self, token) else {
            return Proof::None;
        };
        let Some(given) = given else {
            return Proof::Missing;
        };
        let app = self.app_id().and_then(|id| world.apps.get(id));
        match app.map(|app| app_proof(&app.secret, token)) {
            Some(right) if right == given => Proof::Ok,
            _ => Proof::Wrong,
        }
    }
}

impl Proof {
    pub fn check(self, rules: &Rules) -> Result<(), GraphError> {
        match self {
            Proof::Missing if rules.require_proof => Err(GraphError::proof_missing()),
            Proof::Wrong => Err(GraphError::proof_wrong()),
            _ => Ok(()),
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Proof::Ok => "ok",
            Proof::Missing => "missing",
            Proof::Wrong => "wrong",
            Proof::None => "none",
        }
    }
}

/// Lower-case hex HMAC-SHA256, key the app secret, message the token.
pub fn app_proof(secret: &str, token: &str) -> String {
    // HMAC takes a key of any length, so there is no error to speak of.
    Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_or_else(
        |_| String::new(),
        |mut mac| {
            mac.update(token.as_bytes());
            hex(&mac.finalize().into_bytes())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed;

    #[test]
    fn the_proof_is_the_hmac_of_the_token() {
        // RFC 4231, test case 2.
        assert_eq!(
            app_proof("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn every_kind_is_told_apart() {
        let world = seed::world();
        let app_token = format!("{}|{}", seed::APP, seed::APP_SECRET);
        for (token, kind) in [
            (None, "none"),
            (Some("x"), "unknown"),
            (Some(seed::SYSTEM_TOKEN), "system"),
            (Some(app_token.as_str()), "app"),
            (Some("1000000000000001|wrong"), "unknown"),
        ] {
            assert_eq!(identify(&world, token).kind(), kind, "{token:?}");
        }
    }

    #[test]
    fn proofs_are_judged_for_tokens_that_need_one() {
        let world = seed::world();
        let token = Some(seed::SYSTEM_TOKEN);
        let system = identify(&world, token);
        let right = app_proof(seed::APP_SECRET, seed::SYSTEM_TOKEN);
        assert_eq!(system.proof(&world, token, None), Proof::Missing);
        assert_eq!(system.proof(&world, token, Some(&right)), Proof::Ok);
        assert_eq!(system.proof(&world, token, Some("00")), Proof::Wrong);
        assert_eq!(Bearer::Missing.proof(&world, None, Some("00")), Proof::None);
        assert!(Proof::Missing.check(&Rules::default()).is_ok());
        assert!(
            Proof::Missing
                .check(&Rules {
                    require_proof: true,
                    ..Rules::default()
                })
                .is_err()
        );
    }
}
