//! Which version of this program wrote a file.

use std::borrow::Cow;
use std::path::Path;

use serde_json::Value;

use super::error::StoreError;
use super::run::SCHEMA_VERSION;

/// The text as today's types have it: the question that version 1 calls `throughput` is `saturation` since. Fails on a newer version,
/// before anything else, so that its file is not reported as a damaged one.
pub(super) fn of_today<'a>(path: &Path, json: &'a [u8]) -> Result<Cow<'a, [u8]>, StoreError> {
    // What is no JSON is reported by whoever reads it.
    let Ok(mut value) = serde_json::from_slice::<Value>(json) else { return Ok(json.into()) };
    match value["schema_version"].as_u64() {
        Some(version) if version > u64::from(SCHEMA_VERSION) => {
            Err(StoreError::NewerSchema { path: path.to_owned(), version, known: SCHEMA_VERSION })
        }
        Some(1) => {
            rename(&mut value);
            Ok(serde_json::to_vec(&value).map_or_else(|_| json.into(), Cow::Owned))
        }
        _ => Ok(json.into()),
    }
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
