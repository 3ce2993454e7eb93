//! `cargo xtask check --figures`: sizes, imports and documentation of every crate, as one table. It reads any
//! checkout, so that two states of the code can be compared.

mod documentation;

use super::imports::circles_in;
use crate::source::imports::Imports;
use crate::source::workspace::{CratePart, crate_parts};
use anyhow::{Context, Result};
use documentation::Missing;
use std::fs;
use std::path::Path;

/// Prints the table for the workspace in this folder, and the circles of imports below it.
///
/// # Errors
/// When a file of the workspace cannot be read or is not Rust.
pub fn print(workspace: &Path) -> Result<()> {
    let workspace = fs::canonicalize(workspace).context("the folder of --root")?;
    let parts = crate_parts(&workspace)?;
    println!("{HEADER}");
    let mut circles = String::new();
    for part in &parts {
        let imports = part.imports(&workspace)?;
        let figures = Figures::of_part(part, &imports, &workspace)?;
        println!("{}", figures.row(&part.name));
        circles.push_str(&circles_in(&part.name, &imports).text);
    }
    println!("{LEGEND}\n\n{circles}");
    Ok(())
}

/// One row of the table.
struct Figures {
    files: usize,
    imports: usize,
    /// Circles of top-level modules, circles of files, files in these.
    circles: [usize; 3],
    /// Lines of a file: median, 90th percentile, longest.
    lines: [usize; 3],
    missing: Missing,
}

impl Figures {
    fn of_part(part: &CratePart, imports: &Imports, workspace: &Path) -> Result<Self> {
        let file_circles = imports.files.circles();
        let in_circles = file_circles.iter().map(|circle| circle.members.len());
        let mut lengths = Vec::new();
        let mut missing = Missing::default();
        for file in &part.files {
            let text = fs::read_to_string(workspace.join(file))
                .with_context(|| file.display().to_string())?;
            lengths.push(text.lines().count());
            missing
                .add_file(&text)
                .with_context(|| file.display().to_string())?;
        }
        lengths.sort_unstable();
        Ok(Self {
            files: part.files.len(),
            imports: imports.files.arrow_count(),
            circles: [
                imports.top_level.circles().len(),
                file_circles.len(),
                in_circles.sum(),
            ],
            lines: [50, 90, 100].map(|percent| percentile(&lengths, percent)),
            missing,
        })
    }

    fn row(&self, name: &str) -> String {
        let [top_level, files, in_circles] = self.circles;
        let [median, p90, longest] = self.lines;
        let Missing { docs, errors } = self.missing;
        format!(
            "{name:16} {:>5} {:>7} {top_level:>7} {files:>7} {in_circles:>7} {median:>6} {p90:>5} {longest:>5} {docs:>8} {errors:>8}",
            self.files, self.imports,
        )
    }
}

/// Nearest rank of a sorted list; 0 for an empty one.
fn percentile(sorted: &[usize], percent: usize) -> usize {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

const HEADER: &str = "
                                        circles            lines of a file        without
crate            files imports modules   files in them median   p90   max     docs # Errors";

const LEGEND: &str = "
imports: pairs of files of which one imports the other. circles: groups of top-level modules, and of files, that
reach each other, and the files in these. docs: public items, fields, variants and methods without documentation.
# Errors: public functions that return a Result and have no such section. Test modules count as files only.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentile_is_the_nearest_rank() {
        let lengths = [10, 20, 30, 40];
        assert_eq!([50, 90, 100].map(|p| percentile(&lengths, p)), [20, 40, 40]);
        assert_eq!(percentile(&[7], 50), 7);
        assert_eq!(percentile(&[], 90), 0);
    }
}
