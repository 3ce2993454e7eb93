//! Settings of sites that work with a partner.

use serde_json::{Value, json};

/// A Solution Partner's site. `method`: how the credit line is shared.
pub fn solution_partner_site(method: &str) -> Value {
    json!({"policy": "solution-partner", "credit": {"line": "8100000000000001", "currency": "USD",
        "method": method, "system_user": "8000000000000001"}})
}

/// A site whose numbers are handed to Infobip.
pub fn infobip_site() -> Value {
    json!({"policy": "infobip", "solution_id": "7000000000000001",
        "infobip": {"base_url": "https://xk3v.api.infobip.com"}})
}
