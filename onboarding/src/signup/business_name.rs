//! The name of the customer's business, as lists show it.

use super::record::Signup;

impl Signup {
    /// The number's display name at Meta, else the account's name. `None`: the account was not read yet, or has no name.
    pub(in crate::signup) fn business_name(&self) -> Option<String> {
        let verified = self.steps.inspect.verified.as_ref()?;
        let phone = verified.phone.as_ref();
        let display_name = phone.and_then(|phone| phone.verified_name.clone());
        display_name.or_else(|| verified.waba.name.clone())
    }
}
