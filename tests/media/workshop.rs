// SPDX-License-Identifier: GPL-3.0-or-later
//! A workshop without Debian: in the place of mmdebstrap, and of the shell that makes the initrd's tree, stand scripts that do the
//! least of it. The rest of `build-image` is the real one.

use crate::programs::WITH_PROGRAMS;
use crate::site::{Answer, Site};

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

/// Says what apt would take, from a file, and notes what it was asked; with a file `refused` it says that and fails. A root is an empty folder, an image some bytes. While there is a file `slow`, an image
/// takes long.
const MMDEBSTRAP: &str = r#"#!/bin/sh
fake=FAKE
case " $* " in
*" --simulate "*)
    printf '%s\n' "$@" > "$fake/asked"
    for word; do case $word in --aptopt=/*) cp "${word#--aptopt=}" "$fake/settings" ;; esac; done
    [ ! -e "$fake/refused" ] || { cat "$fake/refused" >&2; exit 1; }
    cat "$fake/apt" >&2
    exit 0
    ;;
esac
for word; do
    case $word in
    /*.tar)
        echo begun > "$fake/begun"
        [ ! -e "$fake/slow" ] || exec sleep 20
        head -c 200000 /dev/zero > "$word"
        cp "$fake/apt" "$HPS_PACKAGES"
        printf 'user root\ngroup root\ntimezone Etc/UTC\nkeyboard us\n' > "$HPS_CONTENTS"
        ;;
    /*) mkdir "$word" ;;
    esac
done
"#;

/// `bash node-trim ROOT RECIPE OUT`.
const BASH: &str = "#!/bin/sh\nmkdir \"$4\"\necho init > \"$4/init\"\necho kernel > \"$4.vmlinuz\"\n";

impl Site {
    /// A site where building takes a moment.
    pub(crate) fn with_workshop() -> Self {
        let site = Self::of_debian();
        std::fs::create_dir(site.path("fake")).unwrap();
        for (name, text) in [("mmdebstrap", MMDEBSTRAP), ("bash", BASH)] {
            let path = site.path(&format!("fake/{name}"));
            std::fs::write(&path, text.replace("FAKE", &site.path("fake").to_string_lossy())).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        site.apt_has("6.1.9-1");
        site
    }

    /// Apt has this version of the kernel.
    pub(crate) fn apt_has(&self, version: &str) {
        let text = format!(
            "Inst linux-image-6.1.0-9-amd64 ({version} Debian:12/stable [amd64])\nInst dash (0.5 Debian:12/stable)\n"
        );
        std::fs::write(self.path("fake/apt"), text).unwrap();
    }

    /// `build-image` in the workshop.
    pub(crate) fn make(&self, arguments: &[&str]) -> Answer {
        Answer::from_output(self.making(arguments).output().unwrap())
    }

    /// The apt of this node has these archives, `http://m/debian bookworm`.
    pub(crate) fn apt_knows(&self, archives: &[&str]) {
        self.install("apt-get", &format!("#!/bin/sh\nprintf '%s\\n' '{}'\n", archives.join("' '")));
    }

    /// A script over a program of the system.
    pub(crate) fn install(&self, program: &str, text: &str) {
        let path = self.path(&format!("fake/{program}"));
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// This program notes its number in the file `begun`, and does not end by itself.
    pub(crate) fn hangs(&self, program: &str) {
        self.install(program, &format!("#!/bin/sh\necho $$ > {}\nexec sleep 300\n", self.path("fake/begun").display()));
    }

    /// What mmdebstrap was asked last to take packages from, a line of sources.list each, without the keyring.
    pub(crate) fn archives_asked(&self) -> Vec<String> {
        let asked = std::fs::read_to_string(self.path("fake/asked")).unwrap();
        asked.lines().filter_map(|line| Some(line.strip_prefix("deb [")?.split_once("] ")?.1.to_owned())).collect()
    }

    /// `build-image` in the workshop, with the archives that apt knows.
    pub(crate) fn make_from_apt(&self, arguments: &[&str]) -> Answer {
        Answer::from_output(self.in_workshop(arguments).output().unwrap())
    }

    pub(crate) fn making(&self, arguments: &[&str]) -> Command {
        let archives = ["--mirror", "http://192.0.2.1/debian", "--security-mirror", "http://192.0.2.1/security"];
        self.in_workshop(&[&archives, arguments].concat())
    }

    /// The folder holds scripts and other files; the former stand over the programs of the system.
    fn in_workshop(&self, arguments: &[&str]) -> Command {
        let (real, mut command) = (self.building(arguments), self.command_of("unshare", &["--mount", "sh", "-c"]));
        let programs = self.path("programs");
        std::fs::create_dir_all(&programs).unwrap();
        for name in ["mmdebstrap", "bash", "apt-get", "apt-config", "getent"] {
            let (from, to) = (self.path("fake").join(name), programs.join(name));
            let _old = std::fs::remove_file(&to);
            if from.exists() {
                std::fs::hard_link(from, to).unwrap();
            }
        }
        command.args([WITH_PROGRAMS, "sh"]).arg(programs).arg(real.get_program()).args(real.get_args());
        command
    }
}
