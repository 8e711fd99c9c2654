// SPDX-License-Identifier: GPL-3.0-or-later
//! A program at a terminal of its own, with the real line discipline of the kernel.

use crate::support::Node;

const DRIVER: &str = include_str!("terminal.py");

/// A terminal for one run.
pub(crate) struct Terminal<'a> {
    node: &'a Node,
    program: &'static str,
    pub(crate) columns: u16,
    pub(crate) environment: Vec<(&'static str, &'static str)>,
    arguments: Vec<String>,
}

/// What was seen there.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) text: String,
    /// Negative: the number of the signal; `None`: it did not end.
    pub(crate) code: Option<i64>,
    /// Steps whose text was not seen.
    pub(crate) left: usize,
}

impl<'a> Terminal<'a> {
    pub(crate) fn new(node: &'a Node, arguments: &[&str]) -> Self {
        let base = node.folder.path().to_string_lossy().into_owned();
        let arguments = arguments.iter().chain(&["--base", &base]).map(ToString::to_string).collect();
        Self { node, program: "cluster-configure", columns: 100, environment: vec![("TERM", "xterm")], arguments }
    }

    /// A run of another program.
    pub(crate) fn at_program(node: &'a Node, program: &'static str, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(ToString::to_string).collect();
        Self { program, arguments, ..Self::new(node, &[]) }
    }

    /// Types each answer, with Enter, after its text was seen. An answer that ends with a control character is typed
    /// without Enter. The terminal must be as before, and nothing but text was printed.
    pub(crate) fn run(&self, steps: &[(&str, &str)]) -> Seen {
        let program = self.node.command(self.program);
        let program = program.get_args().last().unwrap().to_string_lossy().into_owned();
        let typed = |answer: &str| match answer {
            "HANGUP" => answer.to_owned(),
            _ if answer.ends_with(|c: char| c.is_control()) => answer.to_owned(),
            _ => format!("{answer}\r"),
        };
        let steps: Vec<_> = steps.iter().map(|(text, answer)| (text, typed(answer))).collect();
        let environment: serde_json::Map<_, _> =
            self.environment.iter().map(|(name, value)| (name.to_string(), (*value).into())).collect();
        let command: Vec<_> = std::iter::once(&program).chain(&self.arguments).collect();
        let given = serde_json::json!({
            "command": command, "columns": self.columns, "environment": environment, "steps": steps,
        });
        let answer = self.node.run("python3", &["-c", DRIVER, &given.to_string()]);
        let seen: serde_json::Value = serde_json::from_str(&answer.out).unwrap_or_else(|_| panic!("{answer:?}"));
        let text = seen["seen"].as_str().unwrap().to_owned();
        assert_eq!(seen["same"], true, "the settings of the terminal: {text}");
        assert!(!text.contains('\u{1b}'), "an escape sequence, such as one that hides the cursor: {text:?}");
        Seen { text, code: seen["code"].as_i64(), left: seen["left"].as_array().unwrap().len() }
    }
}
