//! Counts out of what `cargo test` prints.

/// Tests of a suite, over all its test programs.
#[derive(Default, Debug, PartialEq, Eq)]
pub struct Counts {
    pub passed: u32,
    pub failed: u32,
    pub ignored: u32,
    /// It ended with an error, but no test failed.
    pub broken: bool,
    /// What suites with a count of their own said last, e.g. `faults: 529 cells, 0 violations`.
    pub verdicts: Vec<String>,
}

impl Counts {
    /// Adds a line like `test result: ok. 3 passed; 0 failed; 1 ignored; …`; other lines are nothing.
    pub fn add_line(&mut self, line: &str) {
        if line.ends_with(" violations") {
            self.verdicts.push(line.to_owned());
        }
        let Some(rest) = line.strip_prefix("test result: ") else {
            return;
        };
        for part in rest.split(['.', ';']) {
            match part.trim().split_once(' ') {
                Some((n, "passed")) => self.passed += n.parse().unwrap_or(0),
                Some((n, "failed")) => self.failed += n.parse().unwrap_or(0),
                Some((n, "ignored")) => self.ignored += n.parse().unwrap_or(0),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_several_programs_add_up() {
        let mut counts = Counts::default();
        for line in [
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 5 filtered out; finished in 1.25s",
            "   test result: ok. 9 passed in a test's own output",
            "crash: 274 runs, 0 violations",
        ] {
            counts.add_line(line);
        }
        assert_eq!(
            counts,
            Counts {
                passed: 13,
                failed: 2,
                ignored: 1,
                broken: false,
                verdicts: vec!["crash: 274 runs, 0 violations".into()],
            }
        );
    }
}
