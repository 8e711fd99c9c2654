// SPDX-License-Identifier: GPL-3.0-or-later
//! Users of this machine, as `/etc/passwd` (passwd(5)) lists them. `reload` makes the web server's user there.

use std::io::Read as _;
use std::sync::OnceLock;

/// The name of the web server's user, and of its group.
pub const WEB_USER: &str = "hps";

const PASSWD: &str = "/etc/passwd";
/// More than any list of local users.
const MAX_PASSWD_BYTES: u64 = 16 << 20;

/// A user and its first group, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct User {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

/// The web server's user; `None` if there is none yet. It is read once in the life of a process.
pub(super) fn web_user() -> Option<User> {
    static USER: OnceLock<Option<User>> = OnceLock::new();
    *USER.get_or_init(|| find(&passwd(), |name, _| name == WEB_USER).map(|(_, user)| user))
}

/// `alice (1000)`; only the number if it has no name here.
pub fn user_name(uid: u32) -> String {
    match find(&passwd(), |_, user| user.uid == uid) {
        Some((name, _)) => format!("{name} ({uid})"),
        None => uid.to_string(),
    }
}

/// Its text. A list that cannot be read names no user: then fewer users are trusted, never more.
fn passwd() -> String {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(PASSWD).and_then(|file| file.take(MAX_PASSWD_BYTES).read_to_end(&mut bytes));
    if read.is_ok() { String::from_utf8_lossy(&bytes).into_owned() } else { String::new() }
}

fn find(text: &str, is_it: impl Fn(&str, User) -> bool) -> Option<(String, User)> {
    text.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let uid = fields.nth(1)?.parse().ok()?;
        let user = User { uid, gid: fields.next()?.parse().ok()? };
        is_it(name, user).then(|| (name.to_owned(), user))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_passwd() {
        let text = "root:x:0:0:root:/root:/bin/bash\n# hps\nhps:x:999:998::/nonexistent:/usr/sbin/nologin\n+::::::\n";
        let (name, user) = find(text, |name, _| name == WEB_USER).unwrap();
        assert_eq!((name.as_str(), user), ("hps", User { uid: 999, gid: 998 }));
        assert!(find(text, |name, _| name == "hp").is_none());
        assert_eq!(user_name(0), "root (0)");
    }
}
