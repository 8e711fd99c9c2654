// SPDX-License-Identifier: GPL-3.0-or-later
//! The answer of the node environment, read by the script that reads it on a machine: the version that this program
//! builds into an environment. No other script is run.

use super::sample::MAC;
use crate::exec::{ExecError, bash};
use crate::media::recipe_files;

/// What the script needs around it, and the one call.
const CALL: &str = r#"
fail() { printf '%s\n' "$1"; exit 1; }
say() { :; }
HPS_MAC=$1
IFS= read -r -d '' ANSWER_TEXT || :
answer_read
"#;

/// The script's message about what is wrong with the answer of a sample host.
///
/// # Errors
/// When bash cannot be called.
pub(super) fn problem(answer: &str) -> Result<Option<String>, ExecError> {
    let part = |name| recipe_files::part(name).unwrap_or_default();
    let parts = ["cmdline.sh", "steps/disk.sh", "steps/disk_rule.sh", "steps/answer.sh"].map(part).join("\n");
    let script = format!("set -u -o pipefail\n{parts}\n{CALL}");
    bash::judge(&script, &[MAC], answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(answer: &str) -> Option<String> {
        problem(answer).unwrap()
    }

    #[test]
    fn the_nodes_own_script_reads_it() {
        let golden =
            include_str!("../../../tests/golden/answer/debian-12/SCH-storagesingle").replace("525400000001", MAC);
        assert_eq!(said(&golden), None);
        assert_eq!(said(&golden.replace("keyboard=us\n", "")), None, "a boot manager of before has no such key");
        for (from, to, words) in [
            ("timezone=UTC", "timezone=../UTC", "a value for timezone that is not allowed"),
            ("keyboard=us", "keyboard=us,de", "a value for keyboard that is not allowed"),
            ("timezone=UTC\n", "", "has no timezone"),
            ("bus among ", "bus unless ", "a value for system_condition that is not allowed"),
            ("system_order=smallest\n", "", "has no system_order"),
            (
                "system_condition=bus among ata,sas,scsi,nvme,virtio,other default\n",
                "",
                "has 0 lines of system_condition, and should have 1",
            ),
            ("hps-answer 3", "hps-answer 9", "does not support the version of the answer file"),
            ("\nend\n", "\n", "incomplete"),
            ("domain=lab.internal", "domain=lab\tinternal", "control character"),
            (MAC, "525400000001", "this machine is"),
        ] {
            let changed = golden.replace(from, to);
            assert_ne!(changed, golden, "{from}");
            let said = said(&changed).unwrap_or_else(|| panic!("{to}: nothing is said"));
            assert!(said.contains(words), "{words}: {said}");
        }
    }
}
