//! The nearest right word.

/// How alike two words have to be, as `similar` counts.
const CUTOFF: f32 = 0.6;

/// The word that was probably meant.
pub(super) fn nearest<'w>(word: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    alike(word, words, CUTOFF)
}

/// The word that is nearest, if it is as alike as `cutoff` says.
pub(super) fn alike<'w>(
    word: &str,
    words: impl IntoIterator<Item = &'w str>,
    cutoff: f32,
) -> Option<&'w str> {
    let mut words: Vec<&str> = words.into_iter().collect();
    words.sort_unstable();
    words.dedup();
    if let Some(same) = words.iter().find(|other| other.eq_ignore_ascii_case(word)) {
        return Some(same);
    }
    // Comparing is quadratic in the length; nobody mistypes a name of this length by a letter.
    if word.chars().nth(100).is_some() {
        return None;
    }
    similar::get_close_matches(word, &words, 1, cutoff).first().copied()
}

/// "did you mean `x`?", or else the words to choose from, when they are few.
pub(super) fn did_you_mean<'w>(
    word: &str,
    words: impl IntoIterator<Item = &'w str> + Clone,
    otherwise: &str,
) -> Option<String> {
    if let Some(nearest) = nearest(word, words.clone()) {
        return Some(format!("did you mean `{nearest}`?"));
    }
    let words: Vec<&str> = words.into_iter().collect();
    match words.len() {
        0 => None,
        1..=16 => Some(format!("{otherwise} {}", listed(&words))),
        _ => None,
    }
}

/// "`a`, `b` or `c`".
pub(super) fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found() {
        let words = ["instances", "size", "coreResources"];
        assert_eq!(nearest("instnces", words), Some("instances"));
        assert_eq!(nearest("coreresources", words), Some("coreResources"));
        assert_eq!(nearest("x", words), None);
        assert_eq!(nearest(&"instances".repeat(1000), words), None);
    }

    #[test]
    fn otherwise_the_words_are_listed() {
        let help = did_you_mean("zzz", ["Pod", "Service", "Ingress"], "write one of");
        assert_eq!(help.as_deref(), Some("write one of `Pod`, `Service` or `Ingress`"));
    }
}
