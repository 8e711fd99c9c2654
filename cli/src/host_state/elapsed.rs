// SPDX-License-Identifier: GPL-3.0-or-later
//! Elapsed time for people, in one unit.

/// `3m ago`.
pub(crate) fn ago(seconds: u64) -> String {
    format!("{} ago", elapsed(seconds))
}

/// `3m`, in the largest unit of which there is at least one, or two for days.
pub(crate) fn elapsed(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..172_800 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::{ago, elapsed};

    #[test]
    fn one_unit_of_which_there_is_at_least_one() {
        let seconds = [0, 59, 60, 3_599, 3_600, 172_799, 172_800];
        assert_eq!(seconds.map(elapsed), ["0s", "59s", "1m", "59m", "1h", "47h", "2d"]);
        assert_eq!(ago(180), "3m ago");
    }
}
