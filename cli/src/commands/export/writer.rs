//! Writes signups one by one.

use super::csv_rows;
use anyhow::Result;
use clap::ValueEnum;
use serde_json::Value;
use std::io::Write;

/// How signups are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A row for each, for a spreadsheet
    Csv,
    /// `{"signups": […]}`, each as the API has it
    Json,
}

/// Writes signups as they come, in either format.
pub enum SignupWriter<W: Write> {
    Csv(Box<csv::Writer<W>>),
    Json {
        output: W,
        /// Whether no signup was written yet.
        is_empty: bool,
    },
}

impl<W: Write> SignupWriter<W> {
    /// Writes what stands before the first signup.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn begin(format: Format, mut output: W) -> Result<Self> {
        Ok(match format {
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(output);
                writer.write_record(csv_rows::head())?;
                Self::Csv(Box::new(writer))
            }
            Format::Json => {
                output.write_all(b"{\"signups\":[")?;
                Self::Json {
                    output,
                    is_empty: true,
                }
            }
        })
    }

    /// Writes one signup.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn write(&mut self, signup: &Value) -> Result<()> {
        match self {
            Self::Csv(writer) => writer.write_record(csv_rows::row(signup))?,
            Self::Json { output, is_empty } => {
                let separator = if *is_empty { "\n" } else { ",\n" };
                *is_empty = false;
                write!(output, "{separator}{signup}")?;
            }
        }
        Ok(())
    }

    /// Writes what stands behind the last signup, and everything to the operating system.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn end(self) -> Result<()> {
        match self {
            Self::Csv(mut writer) => writer.flush()?,
            Self::Json { mut output, .. } => {
                output.write_all(b"\n]}\n")?;
                output.flush()?;
            }
        }
        Ok(())
    }
}
