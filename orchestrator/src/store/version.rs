//! Which version of this program wrote a file.

use std::borrow::Cow;
use std::path::Path;

use serde_json::Value;

use super::error::StoreError;
use super::run::SCHEMA_VERSION;

/// The question that version 1 calls `throughput` is `saturation` since: as today's types have it. Other versions are left as they are.
pub(super) fn of_today(json: &[u8]) -> Cow<'_, [u8]> {
    let Ok(mut value) = serde_json::from_slice::<Value>(json) else { return json.into() };
    if value["schema_version"].as_u64() != Some(1) {
        return json.into();
    }
    rename(&mut value);
    serde_json::to_vec(&value).map_or_else(|_| json.into(), Cow::Owned)
}

fn rename(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if name == "question" && value == "throughput" {
                    *value = "saturation".into();
                }
                rename(value);
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(rename),
        _ => {}
    }
}

/// Before anything else, so that a newer file is not reported as a damaged one.
pub(super) fn check_version(path: &Path, json: &[u8]) -> Result<(), StoreError> {
    let version =
        serde_json::from_slice::<Value>(json).ok().and_then(|value| value["schema_version"].as_u64());
    match version {
        Some(version) if version > u64::from(SCHEMA_VERSION) => {
            Err(StoreError::NewerSchema { path: path.to_owned(), version, known: SCHEMA_VERSION })
        }
        _ => Ok(()),
    }
}
