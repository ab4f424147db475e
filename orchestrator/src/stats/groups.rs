//! Groups of what cannot be told apart, as a compact letter display (Piepho, Journal of Computational and Graphical Statistics 13,
//! 2004): two rows share a letter exactly when they cannot be told apart. A row may have several letters.

/// The letters of items, best first. `apart(a, b)` tells whether items `a` and `b` can be told apart. Each letter stands for a
/// largest set of items none of which can be told apart; `a` is the set with the best item.
#[must_use]
pub fn letters(best_first: &[usize], apart: impl Fn(usize, usize) -> bool) -> Vec<String> {
    let count = best_first.len();
    let together = |a: usize, b: usize| !apart(best_first[a], best_first[b]);
    let mut sets: Vec<Vec<usize>> = Vec::new();
    largest_sets(&mut Vec::new(), &(0..count).collect::<Vec<_>>(), &[], &together, &mut sets);
    sets.sort();
    let mut letters = vec![String::new(); count];
    for (number, set) in sets.iter().enumerate() {
        for item in set {
            letters[*item].push_str(&letter(number));
        }
    }
    letters
}

/// All maximal cliques (Bron and Kerbosch, Communications of the ACM 16, 1973). A table has a handful of rows.
fn largest_sets(
    chosen: &mut Vec<usize>,
    candidates: &[usize],
    done: &[usize],
    together: &impl Fn(usize, usize) -> bool,
    found: &mut Vec<Vec<usize>>,
) {
    if candidates.is_empty() && done.is_empty() {
        if !chosen.is_empty() {
            found.push(chosen.clone());
        }
        return;
    }
    let mut done = done.to_vec();
    for (position, item) in candidates.iter().enumerate() {
        let of_item = |items: &[usize]| -> Vec<usize> {
            items.iter().copied().filter(|other| together(*item, *other)).collect()
        };
        chosen.push(*item);
        largest_sets(chosen, &of_item(&candidates[position + 1..]), &of_item(&done), together, found);
        chosen.pop();
        done.push(*item);
    }
}

/// `a` to `z`, then `a2`, `b2` and so on.
fn letter(number: usize) -> String {
    let letter = char::from(b'a' + u8::try_from(number % 26).unwrap_or(0));
    if number < 26 { letter.to_string() } else { format!("{letter}{}", number / 26 + 1) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn letters_overlap_where_neighbours_cannot_be_told_apart() {
        assert_eq!(letters(&[0, 1, 2, 3], |a, b| a.abs_diff(b) >= 2), ["a", "ab", "bc", "c"]);
        assert_eq!(letters(&[3, 1], |_, _| false), ["a", "a"]);
        assert_eq!(letters(&[2, 0, 1], |a, b| a != b), ["a", "b", "c"]);
        assert!(letters(&[], |_, _| true).is_empty());
    }

    proptest! {
        #[test]
        fn two_share_a_letter_exactly_when_they_cannot_be_told_apart(
            count in 1_usize..9, bits in prop::collection::vec(any::<bool>(), 81),
        ) {
            let apart = |a: usize, b: usize| a != b && bits[a.min(b) * 9 + a.max(b)];
            let all = letters(&(0..count).collect::<Vec<_>>(), apart);
            for a in 0..count {
                prop_assert!(!all[a].is_empty());
                for b in 0..count {
                    let shared = all[a].chars().any(|letter| all[b].contains(letter));
                    prop_assert_eq!(shared, !apart(a, b));
                }
            }
        }
    }
}
