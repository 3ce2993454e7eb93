//! The test suites.

use super::installation::Program;
use crate::tools;

/// Tests that one `cargo test` runs.
pub struct Suite {
    /// As it is named on the command line.
    pub name: &'static str,
    /// A line of the help.
    pub about: &'static str,
    /// What must be there before.
    pub needs: &'static [Need],
    /// Arguments of `cargo test`.
    pub cargo: &'static [&'static str],
    /// Environment variables that are set with `--full`.
    pub full: &'static [(&'static str, &'static str)],
}

/// What is built or installed before a suite runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Both Workers, the static files, Node.js.
    Built,
    /// The example back end in Rust.
    RustExample,
    /// The archive of `cargo xtask package`.
    Archive,
    /// An application with the npm package.
    NpmApplication,
    /// A program that is installed where it is missing.
    Program(Program),
}

impl Need {
    /// The program, if it is one.
    pub fn program(self) -> Option<Program> {
        match self {
            Self::Built | Self::RustExample | Self::Archive | Self::NpmApplication => None,
            Self::Program(program) => Some(program),
        }
    }
}

/// Three at once keep two cores busy: a browser and a Worker work for two thirds of the time, and wait for the rest.
const CHROMIUM: &[&str] = &[
    "-p",
    "embark-tests",
    "--test",
    "browser",
    "--",
    "--test-threads=3",
];

/// Tests that do not run in Firefox print `skipped:` and the reason, which `--show-output` shows.
const FIREFOX: &[&str] = &[
    "-p",
    "embark-tests",
    "--test",
    "browser",
    "--",
    "--test-threads=3",
    "--show-output",
];

/// All suites, in the order in which they run.
pub const SUITES: &[Suite] = &[
    Suite {
        name: "unit",
        about: "every crate by itself, natively",
        needs: &[],
        cargo: &[
            "-p",
            "embark-protocol",
            "-p",
            "embark-view",
            "-p",
            "embark-widget",
            "-p",
            "embark-onboarding",
            "-p",
            "embark-edge",
            "-p",
            "embark-openapi",
            "-p",
            "embark-sandbox",
            "-p",
            "embark-cli",
            "-p",
            "embark-ports",
            "-p",
            "xtask",
        ],
        full: &[],
    },
    Suite {
        name: "sim",
        about: "seeded histories of the rules, as plain values",
        needs: &[],
        cargo: &[
            "--profile",
            "sim",
            "-p",
            "embark-onboarding",
            "--test",
            "sim",
        ],
        full: &[("EMBARK_SIM_HISTORIES", "1000000")],
    },
    Suite {
        name: "faults",
        about: "every call to Meta and everything it may answer",
        needs: &[],
        cargo: &["-p", "embark-onboarding", "--test", "faults"],
        full: &[],
    },
    Suite {
        name: "worker",
        about: "the built Worker in workerd against the sandbox",
        needs: &[Need::Built],
        cargo: &["-p", "embark-tests", "--test", "worker"],
        full: &[],
    },
    Suite {
        name: "admin",
        about: "operators, their API and their console, in workerd",
        needs: &[Need::Built],
        cargo: &["-p", "embark-tests", "--test", "admin"],
        full: &[],
    },
    Suite {
        name: "backend",
        about: "tokens, lists and events of a partner's back end, in workerd",
        needs: &[Need::Built],
        // They mostly wait.
        cargo: &[
            "-p",
            "embark-tests",
            "--test",
            "backend",
            "--",
            "--test-threads=5",
        ],
        full: &[],
    },
    Suite {
        name: "webhooks",
        about: "Meta's webhooks in workerd: who sends them, and that none is lost or doubled",
        needs: &[Need::Built],
        // They mostly wait.
        cargo: &[
            "-p",
            "embark-tests",
            "--test",
            "webhooks",
            "--",
            "--test-threads=3",
        ],
        full: &[
            ("EMBARK_WEBHOOK_CHANGES", "10000"),
            ("EMBARK_PENDING_EVENTS", "1050"),
            ("EMBARK_DELIVERIES", "5000"),
        ],
    },
    Suite {
        name: "policies",
        about: "each kind of partner in workerd: success, and each documented error",
        needs: &[Need::Built],
        // They mostly wait, so more of them than cores can run at once.
        cargo: &[
            "-p",
            "embark-tests",
            "--test",
            "policies",
            "--",
            "--test-threads=5",
        ],
        full: &[],
    },
    Suite {
        name: "openapi",
        about: "requests by the OpenAPI documents, in workerd: no answer that they do not describe, and no 5xx",
        needs: &[Need::Built, Need::Program(Program::Schemathesis)],
        // Each has a deployment of its own.
        cargo: &[
            "-p",
            "embark-tests",
            "--test",
            "openapi",
            "--",
            "--test-threads=2",
            "--nocapture",
        ],
        full: &[("EMBARK_FUZZ_EXAMPLES", "200")],
    },
    Suite {
        name: "crash",
        about: "the Worker panics, is terminated or killed at every operation",
        needs: &[Need::Built],
        cargo: &["-p", "embark-tests", "--test", "crash", "--", "--nocapture"],
        full: &[("EMBARK_CRASH_ROUNDS", "7")],
    },
    Suite {
        name: "wasm",
        about: "what only JavaScript values can show, in Node.js",
        needs: &[Need::Program(Program::WasmTestRunner)],
        cargo: &[
            "--target",
            tools::WASM_TARGET,
            "-p",
            "embark-widget",
            "--lib",
        ],
        full: &[],
    },
    Suite {
        name: "browser",
        about: "the whole flow in Chromium",
        needs: &[
            Need::Built,
            Need::NpmApplication,
            Need::Program(Program::Chromium),
        ],
        cargo: CHROMIUM,
        full: &[],
    },
    Suite {
        name: "firefox",
        about: "the same in Firefox, but for what only Chromium can be asked",
        needs: &[
            Need::Built,
            Need::NpmApplication,
            Need::Program(Program::Firefox),
        ],
        cargo: FIREFOX,
        full: &[],
    },
    Suite {
        name: "package",
        about: "the release archive, unpacked where there is only Node.js, and the npm package in an application",
        needs: &[Need::Built, Need::Archive, Need::NpmApplication],
        cargo: &["-p", "embark-tests", "--test", "package"],
        full: &[],
    },
    Suite {
        name: "dev",
        about: "cargo xtask dev, as a developer starts it, with the example back ends",
        needs: &[
            Need::Built,
            Need::RustExample,
            Need::Program(Program::Python),
        ],
        // Each test starts `dev`, which claims its ports itself.
        cargo: &[
            "-p",
            "embark-tests",
            "--test",
            "dev",
            "--",
            "--test-threads=1",
        ],
        full: &[],
    },
];
