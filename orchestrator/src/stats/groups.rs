//! Groups of what cannot be told apart. Not to be confused with tiers, which are fixed limits of throughput.

/// Puts items, best first, into numbered groups: an item joins the current group unless it can be told apart from the
/// group's best. `differ(a, b)` tells whether items `a` and `b` can be told apart. Returns each item's group, from 1.
#[must_use]
pub fn groups(best_first: &[usize], differ: impl Fn(usize, usize) -> bool) -> Vec<u32> {
    let mut best = None;
    let mut number = 0;
    let mut numbers = Vec::with_capacity(best_first.len());
    for item in best_first {
        if best.is_none_or(|best| differ(best, *item)) {
            best = Some(*item);
            number += 1;
        }
        numbers.push(number);
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_joins_unless_it_differs_from_the_groups_best() {
        // 0 and 2 differ, their neighbours do not.
        assert_eq!(groups(&[0, 1, 2, 3], |a, b| b - a >= 2), [1, 1, 2, 2]);
        assert_eq!(groups(&[3, 1], |_, _| false), [1, 1]);
        assert!(groups(&[], |_, _| true).is_empty());
    }
}
