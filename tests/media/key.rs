// SPDX-License-Identifier: GPL-3.0-or-later
//! Release keys made for the tests, and signatures by them.

use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

/// A key: what signs, and what is pinned.
pub(crate) struct Key {
    secret: String,
    pub(crate) public: String,
    /// When it signs, as gpg's `--faked-system-time` takes it.
    signs_at: Option<&'static str>,
}

/// The release key.
pub(crate) static GOOD: LazyLock<Key> = LazyLock::new(|| Key::new(None, "never"));
/// Another one, which nobody pinned.
pub(crate) static ATTACKER: LazyLock<Key> = LazyLock::new(|| Key::new(None, "never"));
/// Of the kind that Linux distributions have.
pub(crate) static RSA: LazyLock<Key> = LazyLock::new(|| Key::of_kind("rsa3072", None, "never"));
/// One that signs by a subkey.
pub(crate) static WITH_SUBKEY: LazyLock<Key> = LazyLock::new(|| {
    let mut key = Key::of_kind("rsa3072", None, "never");
    let home = Home::with(&key.secret);
    home.gpg(&["--quick-add-key", &key.fingerprint(), "rsa3072", "sign"], b"");
    key.secret = home.text(&["--armor", "--export-secret-keys"]);
    key.public = home.text(&["--armor", "--export"]);
    key
});
/// One that expired after it signed.
pub(crate) static EXPIRED: LazyLock<Key> = LazyLock::new(|| Key::new(Some("20240101T000000"), "1d"));
/// One that was revoked after it signed.
pub(crate) static REVOKED: LazyLock<Key> = LazyLock::new(|| {
    let mut key = Key::new(None, "never");
    let home = Home::with(&key.secret);
    let folder = home.0.path().join("openpgp-revocs.d");
    std::fs::create_dir_all(&folder).unwrap();
    let certificate = home.0.path().join("revocation");
    // gpg makes one only in a dialogue: yes, no reason, no comment, yes.
    home.gpg(
        &["--command-fd", "0", "--yes", "--output", certificate.to_str().unwrap(), "--gen-revoke", "release"],
        b"y\n0\n\ny\n",
    );
    home.gpg(&["--import", certificate.to_str().unwrap()], b"");
    key.public = home.text(&["--armor", "--export"]);
    key
});

/// A folder for gpg; its agent ends with it.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn with(secret: &str) -> Self {
        let home = Self::new();
        home.gpg(&["--import"], secret.as_bytes());
        home
    }

    fn gpg(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        use std::io::Write as _;
        let mut child = Command::new("gpg")
            .env("GNUPGHOME", self.0.path())
            .args(["--quiet", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", ""])
            .args(if arguments.contains(&"--command-fd") { &[][..] } else { &["--batch"][..] })
            .args(arguments)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("gpg is not installed: apt-get install gpg");
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "gpg {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    fn text(&self, arguments: &[&str]) -> String {
        String::from_utf8(self.gpg(arguments, b"")).unwrap()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let ended = Command::new("gpgconf").env("GNUPGHOME", self.0.path()).args(["--kill", "all"]).output();
        assert!(ended.is_ok() || std::thread::panicking());
    }
}

fn at(time: Option<&'static str>) -> Vec<&'static str> {
    time.map_or_else(Vec::new, |time| vec!["--faked-system-time", time])
}

impl Key {
    fn new(made_at: Option<&'static str>, expires: &str) -> Self {
        Self::of_kind("ed25519", made_at, expires)
    }

    fn of_kind(kind: &str, made_at: Option<&'static str>, expires: &str) -> Self {
        let home = Home::new();
        let mut arguments = at(made_at);
        arguments.extend(["--quick-generate-key", "release", kind, "sign", expires]);
        home.gpg(&arguments, b"");
        let secret = home.text(&["--armor", "--export-secret-keys"]);
        Self { secret, public: home.text(&["--armor", "--export"]), signs_at: made_at }
    }

    /// A detached signature, in binary.
    pub(crate) fn sign(&self, text: &[u8]) -> Vec<u8> {
        self.signed(&["--detach-sign"], text)
    }

    /// A detached signature, armored.
    pub(crate) fn sign_armored(&self, text: &[u8]) -> Vec<u8> {
        self.signed(&["--armor", "--detach-sign"], text)
    }

    /// The text with a signature around it, which proves nothing but itself.
    pub(crate) fn sign_inline(&self, text: &[u8]) -> Vec<u8> {
        self.signed(&["--clear-sign"], text)
    }

    /// One file with the text and its signature, packed.
    pub(crate) fn sign_packed(&self, text: &[u8]) -> Vec<u8> {
        self.signed(&["--sign"], text)
    }

    /// With a hash that is broken.
    pub(crate) fn sign_with_sha1(&self, text: &[u8]) -> Vec<u8> {
        self.signed(
            &["--digest-algo", "SHA1", "--weak-digest", "MD5", "--allow-weak-digest-algos", "--detach-sign"],
            text,
        )
    }

    fn signed(&self, how: &[&str], text: &[u8]) -> Vec<u8> {
        let home = Home::with(&self.secret);
        let mut arguments = at(self.signs_at);
        arguments.extend(how);
        home.gpg(&arguments, text)
    }

    /// Signs a package in its place, as a maker does.
    pub(crate) fn sign_package(&self, package: &Path) {
        self.sign_package_with(package, "");
    }

    /// The same, with a hash that is broken.
    pub(crate) fn sign_package_with_sha1(&self, package: &Path) {
        self.sign_package_with(package, "--digest-algo SHA1 --weak-digest MD5 --allow-weak-digest-algos");
    }

    fn sign_package_with(&self, package: &Path, more: &str) {
        let home = Home::with(&self.secret);
        let mut gpg = "/usr/bin/gpg".to_owned();
        if let Some(time) = self.signs_at {
            let script = home.0.path().join("gpg-then");
            std::fs::write(&script, format!("#!/bin/sh\nexec /usr/bin/gpg --faked-system-time {time} \"$@\"\n"))
                .unwrap();
            std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
            gpg = script.to_string_lossy().into_owned();
        }
        let output = Command::new("rpmsign")
            .env("GNUPGHOME", home.0.path())
            .env("HOME", home.0.path())
            .args(["--define", &format!("__gpg {gpg}"), "--define", "_gpg_name release"])
            .args(["--define", &format!("_gpg_sign_cmd_extra_args --no-tty {more}"), "--addsign"])
            .arg(package)
            .output()
            .expect("rpmsign is not installed: apt-get install rpm");
        assert!(output.status.success(), "rpmsign: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// The fingerprint of its primary key.
    pub(crate) fn fingerprint(&self) -> String {
        let home = Home::with(&self.secret);
        let text = home.text(&["--with-colons", "--list-keys"]);
        let line = text.lines().find_map(|line| line.strip_prefix("fpr:")).unwrap();
        line.trim_matches(':').to_owned()
    }

    /// Writes the key where the program finds the one that is pinned.
    pub(crate) fn pin(&self, folder: &Path) -> std::path::PathBuf {
        let path = folder.join("pinned.asc");
        std::fs::write(&path, &self.public).unwrap();
        path
    }
}
