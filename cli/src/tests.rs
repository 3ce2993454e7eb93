//! The definition of the command line.

use super::*;

#[test]
fn command_line_definition_is_consistent() {
    Cli::command().debug_assert();
}

/// Every command that is executed has examples, and each of them is one that the command line takes.
#[test]
fn every_example_of_the_help_is_a_valid_command() {
    let mut examples = 0;
    let mut pending = vec![(String::new(), Cli::command())];
    while let Some((name, command)) = pending.pop() {
        let help = command.get_after_help().map(ToString::to_string);
        let help = help.unwrap_or_default();
        let lines = help.lines().filter(|line| line.starts_with("  embark "));
        let before = examples;
        for line in lines {
            let words = line.split_whitespace().take_while(|word| !is_shell(word));
            if let Err(error) = Cli::try_parse_from(words) {
                panic!("{line}: {error}");
            }
            examples += 1;
        }
        if command.has_subcommands() {
            let children = command.get_subcommands();
            pending.extend(
                children.map(|child| (format!("{name} {}", child.get_name()), child.clone())),
            );
        } else {
            assert!(examples > before, "{name} has no example");
        }
    }
    assert!(examples > 40, "{examples}");
}

fn is_shell(word: &str) -> bool {
    ["<", ">", "|"].contains(&word)
}

#[test]
fn options_count_before_and_after_the_command() {
    for line in [
        "embark --json --edge https://o.example app list",
        "embark app --json --edge https://o.example list",
        "embark app list --json --edge https://o.example",
        "embark --json app list --edge https://o.example",
    ] {
        let cli = Cli::try_parse_from(line.split_whitespace()).unwrap();
        let AnyCommand::Worker(command) = cli.command else {
            panic!("{line}")
        };
        let Command::App { options, .. } = *command else {
            panic!("{line}")
        };
        let options = format!("{options:?}");
        assert!(options.contains("json: true"), "{line}: {options}");
        assert!(options.contains("https://o.example"), "{line}: {options}");
    }
}

#[test]
fn completions_of_each_shell_name_the_commands() {
    use clap::ValueEnum;
    for shell in Shell::value_variants() {
        let mut script = Vec::new();
        clap_complete::generate(*shell, &mut Cli::command(), "embark", &mut script);
        let script = String::from_utf8(script).unwrap();
        assert!(script.contains("completions"), "{shell}");
        assert!(script.contains("infobip-webhook"), "{shell}");
    }
}
