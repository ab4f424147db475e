//! Whether a file was written by a newer version of this program.

use std::path::Path;

use serde_json::Value;

use super::error::StoreError;
use super::run::SCHEMA_VERSION;

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
