// SPDX-License-Identifier: GPL-3.0-or-later
//! The text of an `hps.conf` that HPS writes.

use super::dir::DIRS;
use super::{HpsConf, KSVALIDATOR};
use std::fmt::Write as _;
use std::path::Path;

impl HpsConf {
    /// The file as [`HpsConf::parse`] and a shell read it, with a comment for each line.
    pub fn to_text(&self) -> String {
        let mut text = String::from("# Where HPS keeps its things on this machine. A shell can source it.\n");
        for (dir, name, _, about) in DIRS {
            // Writing to a String cannot fail.
            let _infallible = writeln!(text, "# {about}\nexport {name}=\"{}\"", self.dir(dir).display());
        }
        let _infallible = writeln!(
            text,
            "# what starts dnsmasq and lighttpd: auto, systemd, supervisord, plain (pid files) or none\nexport HPS_SERVICE_MANAGER=\"{}\"",
            self.service_manager.as_str()
        );
        let syslog = self.syslog.as_deref().unwrap_or(Path::new("none"));
        let _infallible = writeln!(
            text,
            "# the socket of the system's log (journald, rsyslog), which gets what hosts do, or none\nexport HPS_SYSLOG=\"{}\"",
            syslog.display()
        );
        // Older releases do not know it, so it is written only where it says something.
        if self.ksvalidator != Path::new(KSVALIDATOR) {
            let path = self.ksvalidator.display();
            let _infallible = writeln!(
                text,
                "# the program that reads kickstarts as Anaconda does\nexport HPS_KSVALIDATOR=\"{path}\""
            );
        }
        text
    }
}
