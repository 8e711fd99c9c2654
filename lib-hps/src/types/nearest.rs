// SPDX-License-Identifier: GPL-3.0-or-later
//! "Did you mean": the known word that a mistyped one resembles.

/// The known word that differs from `word` by the fewest changes of characters (Damerau and Levenshtein), if these are at most one
/// and a quarter of its length.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distances = known.into_iter().map(|known| (strsim::damerau_levenshtein(word, known), known));
    distances.filter(|(distance, known)| *distance <= 1 + known.len() / 4).min().map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_mistyped_word_is_recognised_and_another_one_is_not() {
        let known = ["host-state", "host-power", "reload"];
        assert_eq!(nearest("host-stat", known), Some("host-state"));
        assert_eq!(nearest("relaod", known), Some("reload"));
        assert_eq!(nearest("list", known), None);
        assert_eq!(nearest("", known), None);
    }
}
