//! Labels that would stand on each other are moved apart.

/// Places at least `gap` apart, in the order of the wanted ones and as near to them as that leaves, between `low` and `high`; closer
/// only where there is no room for all.
pub(crate) fn spread(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    let room = (high - low) / (wanted.len().saturating_sub(1).max(1)) as f64;
    let gap = gap.min(room);
    let mut places = vec![0.0; wanted.len()];
    let mut least = low;
    for index in &order {
        places[*index] = wanted[*index].max(least);
        least = places[*index] + gap;
    }
    let mut most = high;
    for index in order.iter().rev() {
        places[*index] = places[*index].min(most).max(low);
        most = places[*index] - gap;
    }
    places
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn labels_keep_apart_and_stay_inside(wanted in prop::collection::vec(0.0_f64..200.0, 1..12)) {
            let places = spread(&wanted, 14.0, 0.0, 200.0);
            let mut pairs: Vec<(f64, f64)> = wanted.into_iter().zip(places).collect();
            pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
            for both in pairs.windows(2) {
                prop_assert!(both[1].1 - both[0].1 >= 13.999, "{:?}", pairs);
            }
            prop_assert!(pairs.iter().all(|(_, place)| (-1e-9..=200.0 + 1e-9).contains(place)));
        }
    }

    #[test]
    fn labels_without_room_share_what_there_is() {
        assert_eq!(spread(&[5.0, 5.0, 5.0], 14.0, 0.0, 10.0), [0.0, 5.0, 10.0]);
        assert_eq!(spread(&[], 14.0, 0.0, 10.0), [0.0; 0]);
        assert_eq!(spread(&[30.0], 14.0, 0.0, 10.0), [10.0]);
    }
}
