//! One check of a trial, and what all of them say together.

use std::fmt::Display;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the two sides of an equation must relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Left = right.
    Equal,
    /// Left ≤ right.
    AtMost,
}

/// One check, with its numbers in readable form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Equation {
    /// Short name, such as `triggers` or `marks` (docs/METHODOLOGY.md lists all).
    pub name: String,
    /// Left side.
    pub left: String,
    /// How the sides must relate.
    pub relation: Relation,
    /// Right side.
    pub right: String,
    /// Whether they do; null when a side is unknown.
    pub holds: Option<bool>,
    /// Whether the trial is unverified while this is unknown.
    pub required: bool,
}

/// What the equations say together. Only valid trials are ranked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Verdict {
    /// Everything that must be known is known and balances.
    Valid,
    /// Nothing contradicts, but these equations could not be checked.
    Unverified {
        /// Equations in words.
        missing: Vec<String>,
    },
    /// These equations fail.
    Invalid {
        /// Equations in words.
        failed: Vec<String>,
    },
}

impl Equation {
    /// The equation in words, as it stands: with `!=` or `>` where it fails.
    #[must_use]
    pub fn text(&self) -> String {
        let sign = match (self.relation, self.holds) {
            (Relation::Equal, Some(false)) => "!=",
            (Relation::Equal, _) => "=",
            (Relation::AtMost, Some(false)) => ">",
            (Relation::AtMost, _) => "<=",
        };
        format!("{} {sign} {}", self.left, self.right)
    }

    /// The same, but the trial is valid while it is unknown.
    pub(super) fn optional(self) -> Self {
        Self { required: false, ..self }
    }
}

/// The verdict over a trial's equations.
pub(in crate::parse) fn verdict(equations: &[Equation]) -> Verdict {
    let texts = |filter: fn(&&Equation) -> bool| {
        equations.iter().filter(filter).map(Equation::text).collect::<Vec<_>>()
    };
    let failed = texts(|equation| equation.holds == Some(false));
    let missing = texts(|equation| equation.required && equation.holds.is_none());
    if !failed.is_empty() {
        Verdict::Invalid { failed }
    } else if !missing.is_empty() {
        Verdict::Unverified { missing }
    } else {
        Verdict::Valid
    }
}

pub(super) fn term<T: Display>(name: &str, value: Option<T>) -> String {
    value.map_or_else(|| format!("{name} ?"), |value| format!("{name} {value}"))
}

/// An equation that must be known.
pub(super) fn equal<T: PartialEq>(
    name: &str,
    left: (String, Option<T>),
    right: (String, Option<T>),
) -> Equation {
    let holds = left.1.zip(right.1).map(|(left, right)| left == right);
    Equation {
        name: name.into(),
        left: left.0,
        relation: Relation::Equal,
        right: right.0,
        holds,
        required: true,
    }
}

/// Two values with their names.
pub(super) fn same<T: PartialEq + Display>(
    name: &str,
    left: (&str, Option<T>),
    right: (&str, Option<T>),
) -> Equation {
    let side = |(name, value): (&str, Option<T>)| (term(name, value.as_ref()), value);
    equal(name, side(left), side(right))
}

/// A limit.
pub(super) fn at_most(name: &str, left: String, right: String, holds: Option<bool>) -> Equation {
    Equation { name: name.into(), left, relation: Relation::AtMost, right, holds, required: false }
}

/// Something that cannot be checked, so that the trial is unverified.
pub(super) fn unknown(name: &str, left: impl Into<String>, right: impl Into<String>) -> Equation {
    Equation {
        name: name.into(),
        left: left.into(),
        relation: Relation::Equal,
        right: right.into(),
        holds: None,
        required: true,
    }
}
