//! What is known of the members of each kind, one table a kind and one row a member: questions, quantities, program types, mechanisms.
//!
//! Whoever needs to know something of a member asks its row. To add one is to add a variant and its row here; a `match` over members
//! elsewhere would be a second place to look for.

mod axis;
mod distance;
mod mechanism;
mod program_type;
mod quantity;
mod question;
mod rings;
mod trigger;
mod unit;
mod word;

pub use axis::{Abscissa, Axis, AxisFacts, AxisUnit};
pub use distance::{Distance, DistanceFacts, Shared};
pub use mechanism::{Mechanism, MechanismFacts, Slots};
pub use program_type::{Cookie, ProgramType, ProgramTypeFacts, TargetGrammar};
pub use quantity::{Direction, Family, Quantity, QuantityFacts};
pub use question::{
    ColumnKind, Companion, DefaultSweep, DefaultValues, Fit, Metric, NOTHING_ATTACHED, PatternKind, Question,
    QuestionFacts, ShownIn, WakeupRule,
};
pub use rings::{Consumers, Rings};
pub use trigger::{CountedBy, TriggerFacts, TriggerKind};
pub use unit::{Unit, UnitFacts};
pub use word::{nearest, unknown};
