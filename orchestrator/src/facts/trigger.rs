//! What makes a BPF program run once.

/// What makes a BPF program run once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumCount, strum::VariantArray)]
pub enum TriggerKind {
    /// A system call that the load makes.
    SystemCall,
}

/// Who knows how many triggers there were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountedBy {
    /// The load, which issues them one by one.
    Load,
    /// The kernel, which counts the program's runs: nobody issues a tick.
    Kernel,
}

/// One row of the table of triggers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TriggerFacts {
    /// The trigger.
    pub kind: TriggerKind,
    /// Who knows how many there were.
    pub counted_by: CountedBy,
}

const FACTS: [TriggerFacts; <TriggerKind as strum::EnumCount>::COUNT] =
    [TriggerFacts { kind: TriggerKind::SystemCall, counted_by: CountedBy::Load }];

impl TriggerKind {
    /// All that is known of it.
    #[must_use]
    pub const fn facts(self) -> &'static TriggerFacts {
        &FACTS[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_where_its_number_says() {
        let kinds = <TriggerKind as strum::VariantArray>::VARIANTS;
        assert!(FACTS.iter().map(|facts| &facts.kind).eq(kinds));
    }
}
