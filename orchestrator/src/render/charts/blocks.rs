//! What each block says of a comparison.

use super::sources::Sources;
use crate::facts::Quantity;

/// Of each block in which both were measured, a row's value over the reference's.
pub(crate) fn ratios(
    sources: &Sources,
    benchmark: usize,
    quantity: Quantity,
    (label, reference): (&str, &str),
) -> Vec<f64> {
    let own = sources.by_block(benchmark, label, quantity);
    let theirs = sources.by_block(benchmark, reference, quantity);
    let of = |(block, value): &(u32, f64)| {
        let (_, base) = theirs.iter().find(|(other, _)| other == block)?;
        let ratio = value / base;
        (ratio.is_finite() && ratio > 0.0).then_some(ratio)
    };
    own.iter().filter_map(of).collect()
}
