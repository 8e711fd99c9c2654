// SPDX-License-Identifier: GPL-3.0-or-later
//! The manual pages, made of the arguments of the programs: a page for each program and each command below it.

use clap_mangen::Man;
use std::fmt::Write as _;

/// The name of each page, without `.8`, and its text.
pub(crate) fn pages(program: &str, command: &clap::Command) -> Vec<(String, String)> {
    let mut pages = Vec::new();
    add(&[program], command, &mut pages);
    pages
}

fn add(words: &[&str], command: &clap::Command, pages: &mut Vec<(String, String)>) {
    pages.push((words.join("-"), page(words, command)));
    for sub in below(command) {
        add(&[words, &[sub.get_name()]].concat(), sub, pages);
    }
}

fn below(command: &clap::Command) -> impl Iterator<Item = &clap::Command> {
    command.get_subcommands().filter(|sub| sub.get_name() != "help" && !sub.is_hide_set())
}

fn page(words: &[&str], command: &clap::Command) -> String {
    let name: &'static str = words.join("-").leak();
    let man = Man::new(command.clone().name(name)).section("8").source("HPS").manual("HPS").date("");
    let render = |section: &dyn Fn(&mut dyn std::io::Write) -> std::io::Result<()>| {
        let mut bytes = Vec::new();
        section(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    let title = render(&|w| man.render_title(w));
    // Each part begins with the same definitions; once is enough.
    let definitions: String =
        title.lines().take_while(|line| !line.starts_with(".TH")).map(|l| format!("{l}\n")).collect();
    let part =
        |section: &dyn Fn(&mut dyn std::io::Write) -> std::io::Result<()>| render(section).replace(&definitions, "");
    let mut text = title + &part(&|w| man.render_name_section(w));
    let typed = words.join(" ");
    let usage = command.clone().bin_name(&typed).render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    text.push_str(".SH SYNOPSIS\n.nf\n");
    for line in usage.lines().map(str::trim) {
        let rest = line.strip_prefix(&typed).unwrap_or(line);
        writeln!(text, "\\fB{}\\fR{}", escaped(&typed), escaped(rest)).unwrap();
    }
    text.push_str(".fi\n");
    text += &part(&|w| man.render_description_section(w));
    text += &part(&|w| man.render_options_section(w));
    if below(command).next().is_some() {
        text.push_str(".SH COMMANDS\n");
        for sub in below(command) {
            let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
            writeln!(text, ".TP\n\\fB{}\\-{}\\fR(8)\n{}", escaped(name), escaped(sub.get_name()), escaped(&about))
                .unwrap();
        }
    }
    for (title, lines) in sections(&command.get_after_help().map(ToString::to_string).unwrap_or_default()) {
        writeln!(text, ".SH {title}\n.nf").unwrap();
        for line in lines {
            writeln!(text, "{}", escaped(line)).unwrap();
        }
        text.push_str(".fi\n");
    }
    if let Some((_, above)) = words.split_last().filter(|(_, above)| !above.is_empty()) {
        writeln!(text, ".SH SEE ALSO\n\\fB{}\\fR(8)", escaped(&above.join("-"))).unwrap();
    }
    text
}

/// What stands behind the options in the help, by its headings.
fn sections(after: &str) -> Vec<(&'static str, Vec<&str>)> {
    let mut sections: Vec<(&'static str, Vec<&str>)> = Vec::new();
    let mut title = "NOTES";
    for line in after.lines() {
        let (new, line) = match line.strip_prefix("Exit codes: ") {
            Some(rest) => ("EXIT STATUS", rest),
            None if line == "Examples:" => {
                title = "EXAMPLES";
                continue;
            }
            None if line.starts_with("The file $HPS_CONFIG") => ("FILES", line),
            None if line.is_empty() => {
                title = "NOTES";
                continue;
            }
            None => (title, line),
        };
        title = new;
        let line = if title == "EXAMPLES" { line.strip_prefix("  ").unwrap_or(line) } else { line };
        match sections.iter_mut().find(|(known, _)| *known == title) {
            Some((_, lines)) => lines.push(line),
            None => sections.push((title, vec![line])),
        }
    }
    sections
}

fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\*(Aq");
    if text.starts_with('.') { format!("\\&{text}") } else { text }
}

#[test]
fn a_page_says_what_is_typed_and_keeps_the_lines_of_its_examples() {
    use clap::CommandFactory as _;
    let pages = pages("host-state", &hps_cli::host_state::Arguments::command());
    let page = |name: &str| &pages.iter().find(|(page, _)| page == name).unwrap().1;
    let arm = page("host-state-arm");
    assert!(arm.contains(".SH SYNOPSIS\n.nf\n\\fBhost\\-state arm\\fR [OPTIONS] "), "{arm}");
    assert!(arm.contains(".SH EXAMPLES\n.nf\nhost\\-state arm 52:54:00:12:34:56"), "{arm}");
    let top = page("host-state");
    assert!(top.contains(".SH EXIT STATUS\n.nf\n0 done"), "{top}");
    // Every page that is named is there.
    for (name, text) in &pages {
        let plain = text.replace("\\-", "-").replace("\\fB", "").replace("\\fR", "");
        for (before, _) in plain.match_indices("(8)").map(|(at, _)| plain.split_at(at)) {
            let named = before.rsplit([' ', '\n', '(']).next().unwrap();
            assert!(pages.iter().any(|(page, _)| page == named), "{name} names {named}(8)");
        }
    }
}
