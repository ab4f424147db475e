//! What the load does for each trigger. When it does is its pattern.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::unknown;

/// What the load does for each trigger. It is told apart by its fields, which stand among those of the load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Trigger {
    /// It makes a system call.
    SystemCall(SystemCall),
}

/// A system call as a trigger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SystemCall {
    /// What a call does.
    pub shape: LoadShape,
    /// Which system call it is.
    pub syscall: Syscall,
}

/// Which system call is the trigger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, strum::Display)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[expect(missing_docs, reason = "system calls by their names")]
pub enum Syscall {
    Openat2,
    Openat,
}

/// What one call of the load generator does.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::Display,
    strum::EnumString,
    strum::VariantNames,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = String, parse_err_fn = unknown_shape)]
pub enum LoadShape {
    /// Fails at once with EINVAL: the cheapest trigger.
    FailFast,
    /// Really opens /dev/null and closes it.
    OpenClose,
}

fn unknown_shape(text: &str) -> String {
    unknown(text, <LoadShape as strum::VariantNames>::VARIANTS)
}

impl Trigger {
    /// The cheapest there is.
    pub const CHEAPEST: Self =
        Self::SystemCall(SystemCall { shape: LoadShape::FailFast, syscall: Syscall::Openat2 });

    /// The same as arguments of `orchestrator load`.
    pub(super) fn arguments(self) -> Vec<String> {
        match self {
            Self::SystemCall(SystemCall { shape, syscall }) => {
                vec![format!("--shape={shape}"), format!("--syscall={syscall}")]
            }
        }
    }
}
