// SPDX-License-Identifier: GPL-3.0-or-later
//! What every program does the same way: exit codes, errors in one line, output that survives a closed pipe.

use anyhow::Context as _;
use hps::config::{DEFAULT_CONF, HpsConf};
use hps::files::{self, FileError, Trust};
use hps::store::{Store, StoreError};
use hps::types::{Timestamp, printable, printable_json, printable_line};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// How a program ends. The numbers are documented and scripts rely on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, or there was nothing to do.
    Done,
    /// Failed.
    Failed,
    /// Wrong usage: what clap says of arguments, and a value that is needed and that nobody gives.
    Usage,
    /// Refused: a rule forbids it.
    Refused,
    /// What was named does not exist.
    NotFound,
    /// Somebody else holds it, or a port is in use.
    Busy,
    /// `--dry-run` or `--check`: something would change, or is newer.
    WouldChange,
}

impl Exit {
    fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::NotFound => 4,
            Self::Busy => 5,
            Self::WouldChange => 10,
        }
    }
}

/// An error that knows its exit code. Other errors end with [`Exit::Failed`].
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Ended {
    exit: Exit,
    message: String,
}

impl Ended {
    /// An error with a code and one line that says what to do.
    pub fn error(exit: Exit, message: impl Into<String>) -> anyhow::Error {
        anyhow::Error::new(Self { exit, message: message.into() })
    }
}

/// Runs a program: its error becomes one line on stderr, a closed pipe a quiet end.
pub fn main_of<Arguments: clap::Parser>(run: fn(Arguments) -> anyhow::Result<Exit>) -> ExitCode {
    let error = match run(Arguments::parse()) {
        Ok(exit) => return ExitCode::from(exit.code()),
        Err(error) => error,
    };
    if is_broken_pipe(&error) {
        return ExitCode::SUCCESS;
    }
    let name = Arguments::command().get_name().to_owned();
    // The causes stand behind each other in one line; a message of several lines would read as several errors.
    let line = printable_line(&format!("{error:#}"));
    let line = if is_for_root(&error) { format!("{ONLY_ROOT} ({line})") } else { line };
    let _nowhere_to_say_it = writeln!(io::stderr(), "{name}: {line}");
    ExitCode::from(exit_of(&error).code())
}

const ONLY_ROOT: &str = "only root may do this; try again with sudo";

/// Whether the system refused what it would not refuse root.
fn is_for_root(error: &anyhow::Error) -> bool {
    let denied = |e: &io::Error| e.kind() == io::ErrorKind::PermissionDenied;
    !rustix::process::geteuid().is_root()
        && error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(denied))
}

/// Whether the system refused to read or write a file. What was refused once is refused for every host: it is said once.
pub fn is_denied(error: &StoreError) -> bool {
    matches!(error, StoreError::Io(error) if error.kind() == io::ErrorKind::PermissionDenied)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe))
}

pub(crate) fn exit_of(error: &anyhow::Error) -> Exit {
    for cause in error.chain() {
        if let Some(ended) = cause.downcast_ref::<Ended>() {
            return ended.exit;
        }
        // A file that is not believed, or is no file: whatever wraps it.
        if matches!(cause.downcast_ref::<FileError>(), Some(error) if !matches!(error, FileError::Io(_))) {
            return Exit::Refused;
        }
        match cause.downcast_ref::<StoreError>() {
            Some(StoreError::Untrusted(_)) => return Exit::Refused,
            Some(StoreError::Busy { .. } | StoreError::Held { .. }) => return Exit::Busy,
            Some(StoreError::NoActiveCluster { .. } | StoreError::ActiveClusterGone { .. }) => return Exit::NotFound,
            Some(StoreError::Refused { .. } | StoreError::Taken(_) | StoreError::Edit { .. }) => return Exit::Refused,
            _ => {}
        }
    }
    if is_for_root(error) { Exit::Refused } else { Exit::Failed }
}

/// Writes a line of the answer to stdout, and one line alone. File names and messages hold what others wrote: an end of a line in
/// them becomes a blank, and what would act on a terminal `?`.
///
/// # Errors
/// When stdout is closed or full.
pub fn say(line: impl std::fmt::Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{}", printable_line(&line.to_string()))
}

/// The same for a text of several lines, which no value of others has made: a diff, a script, what [`wrapped`] has broken.
///
/// # Errors
/// When stdout is closed or full.
pub fn say_text(text: impl std::fmt::Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{}", printable(&text.to_string()))
}

/// An empty line, and a heading.
///
/// # Errors
/// When stdout is closed or full.
pub fn say_heading(heading: &str) -> io::Result<()> {
    writeln!(io::stdout().lock(), "\n{}", printable_line(heading))
}

/// Writes an answer to stdout as it is, but on a terminal as [`say`] does.
///
/// # Errors
/// When stdout is closed or full.
pub fn say_bytes(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if out.is_terminal() {
        return out.write_all(printable(&String::from_utf8_lossy(bytes)).as_bytes());
    }
    out.write_all(bytes)
}

/// Writes a line of talk to stderr, and one line alone, if anybody can hear it, cleaned as [`say`] does.
pub fn note(line: impl std::fmt::Display) {
    let _nobody_hears_it = writeln!(io::stderr().lock(), "{}", printable_line(&line.to_string()));
}

/// How many columns the terminal has, where the answer goes to one.
pub fn terminal_width() -> Option<usize> {
    let stdout = io::stdout();
    let size = rustix::termios::tcgetwinsize(&stdout).ok()?;
    Some(usize::from(size.ws_col))
}

/// The line as it fits the terminal: broken between words, what follows indented by so many blanks. In a pipe it stays whole.
pub fn wrapped(line: &str, indent: usize) -> String {
    wrapped_at(&printable_line(line), indent, terminal_width())
}

fn wrapped_at(line: &str, indent: usize, edge: Option<usize>) -> String {
    let Some(edge) = edge.filter(|edge| *edge >= indent + 24 && line.chars().count() > *edge) else {
        return line.to_owned();
    };
    let mut out = String::new();
    let mut column = 0;
    for word in line.split_inclusive(' ') {
        let length = word.trim_end().chars().count();
        if column > indent && column + length > edge {
            out.truncate(out.trim_end().len());
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = indent;
        }
        out.push_str(word);
        column += word.chars().count();
    }
    out
}

/// Whether a person watches: progress is shown only then.
pub fn on_terminal() -> bool {
    io::stderr().is_terminal()
}

/// A line of talk of a program for a person who waits, and nothing under cron.
pub fn progress(name: &str, line: impl std::fmt::Display) {
    if on_terminal() {
        note(format_args!("{name}: {line}"));
    }
}

/// Writes an answer as JSON.
///
/// # Errors
/// When stdout is closed or full.
pub fn say_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    say_text(printable_json(&serde_json::to_string_pretty(value)?))?;
    Ok(())
}

/// `hps.conf`, and where it is.
#[derive(Debug, Clone)]
pub struct Site {
    /// The file.
    pub path: PathBuf,
    /// What it says.
    pub conf: HpsConf,
}

/// Where `hps.conf` is: `$HPS_CONFIG`, else the default; never in the current directory.
pub fn conf_path() -> PathBuf {
    std::env::var_os("HPS_CONFIG").filter(|p| !p.is_empty()).map_or_else(|| PathBuf::from(DEFAULT_CONF), PathBuf::from)
}

/// Reads `hps.conf`.
///
/// # Errors
/// When there is none, or it is not taken.
pub fn load_site() -> anyhow::Result<Site> {
    let path = conf_path();
    if !path.is_absolute() {
        return Err(Ended::error(Exit::Failed, format!("HPS_CONFIG is {}: expected an absolute path", path.display())));
    }
    let conf = hps::store::load_conf(&path).map_err(|error| match error {
        StoreError::Io(error) if error.is_not_found() => {
            Ended::error(Exit::NotFound, format!("{}: not there; cluster-configure makes it", path.display()))
        }
        other => other.into(),
    })?;
    check_folders(&conf)?;
    Ok(Site { path, conf })
}

/// Looks at every folder that `hps.conf` names and that is there.
///
/// # Errors
/// [`Exit::Refused`] for one in which somebody else than root can write, with the command that mends it.
pub fn check_folders(conf: &HpsConf) -> Result<(), FileError> {
    let base = hps::store::base(conf);
    conf.dirs().try_for_each(|(_, folder)| files::check_folder(folder, &base, Trust::Root).map(drop))
}

/// The store of the active cluster.
///
/// # Errors
/// When there is none, or its files are not taken.
pub fn open_store() -> anyhow::Result<Store> {
    Ok(Store::open(&load_site()?.conf)?)
}

/// More than any cluster file, key or list of names that a person gives.
pub const LARGEST_INPUT: u64 = 1 << 20;

/// The text of a file that whoever runs the program named.
///
/// # Errors
/// [`Exit::NotFound`] where there is none, [`Exit::Refused`] where it is no regular file, has more than `most` bytes, or is no text.
pub fn read_input(path: &std::path::Path, most: u64) -> anyhow::Result<String> {
    let bytes = read_input_bytes(path, most)?;
    String::from_utf8(bytes).map_err(|_| Ended::error(Exit::Refused, format!("{}: not UTF-8 text", path.display())))
}

/// Opens a file that whoever runs the program named.
///
/// # Errors
/// [`Exit::NotFound`] where there is none, [`Exit::Refused`] where it is no regular file.
pub fn open_input(path: &std::path::Path) -> anyhow::Result<std::fs::File> {
    files::open_input(path).map_err(|error| input_error(path, error))
}

/// The same, for what need not be text.
///
/// # Errors
/// As [`read_input`].
fn read_input_bytes(path: &std::path::Path, most: u64) -> anyhow::Result<Vec<u8>> {
    files::read_input(path, most).map_err(|error| input_error(path, error))
}

fn input_error(path: &std::path::Path, error: FileError) -> anyhow::Error {
    match error.is_not_found() {
        true => Ended::error(Exit::NotFound, format!("{}: no such file", path.display())),
        false => anyhow::Error::new(error),
    }
}

/// Refuses to go on for anybody but root.
///
/// # Errors
/// [`Exit::Refused`].
pub fn need_root() -> anyhow::Result<()> {
    if rustix::process::geteuid().is_root() { Ok(()) } else { Err(Ended::error(Exit::Refused, ONLY_ROOT)) }
}

/// Who runs this program, for the history of hosts: the person behind sudo where there is one.
pub fn operator() -> String {
    ["SUDO_USER", "LOGNAME", "USER"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_else(|| match rustix::process::getuid() {
            user if user.is_root() => "root".to_owned(),
            user => format!("uid {}", user.as_raw()),
        })
}

/// Now.
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// From now on Ctrl-C and SIGTERM set this flag instead of ending the program, which then ends in order: it stops its
/// children's work, removes what is temporary, and says so.
///
/// # Errors
/// When the system refuses the handler.
pub fn interrupted() -> anyhow::Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&flag)).context("a signal handler cannot be set")?;
    }
    Ok(flag)
}

#[cfg(test)]
mod tests {
    use super::wrapped_at;

    #[test]
    fn a_long_line_is_broken_between_words_on_a_terminal_and_nowhere_else() {
        let line = format!("key   {}", "four ".repeat(20));
        assert_eq!(wrapped_at(&line, 6, None), line);
        assert_eq!(wrapped_at(&line, 6, Some(0)), line, "a terminal that does not know its width");
        let wrapped = wrapped_at(&line, 6, Some(40));
        assert!(wrapped.lines().all(|l| l.chars().count() <= 40), "{wrapped}");
        assert!(wrapped.lines().skip(1).all(|l| l.starts_with("      four")), "{wrapped}");
        assert_eq!(wrapped.split_whitespace().count(), 21, "no word is lost");
        assert_eq!(wrapped_at(&"x".repeat(100), 6, Some(40)).lines().count(), 1, "one word stays whole");
    }
}
