//! Counts tests by what `cargo test` prints.

/// The tests of a suite, summed over its test programs.
#[derive(Default, Debug, PartialEq, Eq)]
pub struct Counts {
    pub passed: u32,
    pub failed: u32,
    pub ignored: u32,
    /// Tests of the program that is running which printed `skipped: <reason>`.
    skipped_at_run_time: u32,
    /// The suite ended with an error, but no test failed.
    pub incomplete: bool,
    /// Last lines of suites that count by themselves, e.g. `faults: 529 cells, 0 violations`.
    pub summaries: Vec<String>,
}

impl Counts {
    /// Adds a line of output. Lines that are neither `test result: ok. 3 passed; 0 failed; 1 ignored; …` nor a summary
    /// are ignored.
    pub fn add_line(&mut self, line: &str) {
        if line.ends_with(" violations") {
            self.summaries.push(line.to_owned());
        }
        // A test that does not run in this browser returns at once, so that cargo counts it as passed.
        if line.starts_with("skipped: ") {
            self.ignored += 1;
            self.skipped_at_run_time += 1;
        }
        let Some(rest) = line.strip_prefix("test result: ") else {
            return;
        };
        for part in rest.split(['.', ';']) {
            match part.trim().split_once(' ') {
                Some((n, "passed")) => {
                    let passed: u32 = n.parse().unwrap_or(0);
                    self.passed += passed.saturating_sub(self.skipped_at_run_time);
                    self.skipped_at_run_time = 0;
                }
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
    fn counts_of_several_test_programs_are_summed() {
        let mut counts = Counts::default();
        for line in [
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 5 filtered out; finished in 1.25s",
            "   test result: ok. 9 passed in the output of a test",
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
                skipped_at_run_time: 0,
                incomplete: false,
                summaries: vec!["crash: 274 runs, 0 violations".into()],
            }
        );
    }

    #[test]
    fn tests_skipped_at_run_time_are_not_counted_as_passed() {
        let mut counts = Counts::default();
        for line in [
            "skipped: Chromium only: needs DevTools",
            "skipped: Chromium only: needs DevTools",
            "test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        ] {
            counts.add_line(line);
        }
        assert_eq!((counts.passed, counts.ignored), (3, 2));
    }
}
