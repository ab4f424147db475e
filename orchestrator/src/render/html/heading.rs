//! Headings, which tables of text have in two lines.

/// A heading of two lines as one: a hyphen at the first one's end parts a word.
pub(super) fn one_line(heading: &str) -> String {
    let heading = heading.trim_start_matches('\n');
    match heading.split_once('\n') {
        Some((first, second)) if first.ends_with('-') => format!("{}{second}", first.trim_end_matches('-')),
        Some((first, second)) if first.ends_with('/') => format!("{first}{second}"),
        Some((first, second)) => format!("{first} {second}"),
        None => heading.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_put_together_again() {
        let headings =
            ["imple-\nmentation", "\nverdict", "events/\nwakeup", "ratio\nto a", "soft-\nirq"].map(one_line);
        assert_eq!(headings, ["implementation", "verdict", "events/wakeup", "ratio to a", "softirq"]);
    }
}
