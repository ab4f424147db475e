//! Words on command lines and in files: an unknown one is answered with the nearest.

/// The candidate that `name` was probably meant to be, if any is near enough.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    // One slip in three letters still counts as the same word; a longer word that contains it does too.
    let tolerated = (wanted.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| {
            *distance <= tolerated && *distance < candidate.len().max(wanted.len())
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// What to say of a word that is none of `words`.
#[must_use]
pub fn unknown(text: &str, words: &[&str]) -> String {
    let all = words.join(", ");
    nearest(text, words.iter().copied()).map_or_else(
        || format!("expected one of {all}"),
        |meant| format!("did you mean `{meant}`? expected one of {all}"),
    )
}

fn distance(wanted: &str, candidate: &str) -> usize {
    let edits = strsim::damerau_levenshtein(wanted, candidate);
    let contained = wanted.len() >= 4
        && candidate.len() >= 4
        && (wanted.contains(candidate) || candidate.contains(wanted));
    if contained { edits.min(1) } else { edits }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("throughptu", Some("throughput"))]
    #[case("benchmark", Some("benchmarks"))]
    #[case("duration", Some("duration_seconds"))]
    #[case("B", Some("b"))]
    #[case("swift", None)]
    #[case("x", None)]
    #[case("", None)]
    fn finds_the_name_that_was_meant(#[case] name: &str, #[case] expected: Option<&str>) {
        let candidates = ["b", "benchmarks", "throughput", "duration_seconds"];
        assert_eq!(nearest(name, candidates), expected);
    }
}
