//! Why settings that an operator put are not accepted.

use core::fmt;
use embark_protocol::FieldError;

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

/// Every field that is not valid, in the order in which they were checked. `Display` has them all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsErrors(Vec<SettingsError>);

impl SettingsErrors {
    /// Adds an error for `field` with `message`.
    pub fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(SettingsError::new(field, message));
    }

    /// Adds an error if `is_valid` is false.
    pub fn require(&mut self, is_valid: bool, field: &str, message: &str) {
        if !is_valid {
            self.add(field, message);
        }
    }

    /// The errors, if there are any.
    ///
    /// # Errors
    /// Those that were added.
    pub fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }

    /// The errors, as the members of a problem document.
    pub fn to_field_errors(&self) -> Vec<FieldError> {
        let errors = self.0.iter().map(|error| FieldError {
            field: error.field.clone(),
            detail: error.message.clone(),
        });
        errors.collect()
    }
}

impl From<SettingsError> for SettingsErrors {
    fn from(error: SettingsError) -> Self {
        Self(vec![error])
    }
}

impl fmt::Display for SettingsErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{error}")?;
        }
        Ok(())
    }
}

impl core::error::Error for SettingsErrors {}
