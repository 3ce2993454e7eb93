//! Why settings that an operator put are not accepted.

use core::fmt;

/// A field of the settings that has no valid value. `Display` is `<field>: <message>`, which operators read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    /// The name of the field, e.g. `config_id`; for a field of a nested object with the outer name in front, e.g.
    /// `handoff: url`.
    pub field: String,
    /// What is allowed, or what is wrong.
    pub message: String,
}

impl SettingsError {
    /// An error for `field` with `message`.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }

    /// [`SettingsError`] of this field if `is_valid` is false.
    ///
    /// # Errors
    /// The field with this message, if the condition does not hold.
    pub fn require(is_valid: bool, field: &str, message: &str) -> Result<(), Self> {
        if is_valid {
            Ok(())
        } else {
            Err(Self::new(field, message))
        }
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

impl core::error::Error for SettingsError {}
