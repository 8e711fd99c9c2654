// SPDX-License-Identifier: GPL-3.0-or-later
//! The steps of an installation that a node reports.

use super::text_enum;

text_enum! {
    /// One step, in the order in which they happen. `Failed` may come at any time.
    Stage, "stage",

    /// The installer runs and has its answer file.
    Started = "started",
    /// The disks are chosen; the message lists their serials. No disk was written yet.
    Disks = "disks",
    /// Partitions and filesystems are made.
    Partitioned = "partitioned",
    /// The system's files are on the disk.
    Packages = "packages",
    /// The host's own settings are written.
    Configured = "configured",
    /// Everything is done, the boot loader too.
    Installed = "installed",
    /// It ended early; the message has the reason.
    Failed = "failed",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back_and_others_refused_with_the_list() {
        for stage in Stage::ALL {
            assert_eq!(stage.as_str().parse(), Ok(stage));
            assert_eq!(serde_json::to_string(&stage).unwrap(), format!("\"{stage}\""));
        }
        assert_eq!(format!("{:>10}|", Stage::Disks), "     disks|");
        let error = "Disks".parse::<Stage>().unwrap_err();
        let words = "expected started, disks, partitioned, packages, configured, installed or failed";
        assert_eq!((format!("{error:#}"), error.to_string()), (words.to_owned(), format!("stage \"Disks\": {words}")));
    }
}
