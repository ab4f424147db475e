//! What was measured, beyond versions: the exact bytes.

use std::path::Path;

use serde_json::{Value, json};

use crate::files::file_hash;
use crate::prepare::Receipt;

/// The receipts, each program with the SHA-256 of its file; null when it is not there.
///
/// For an interpreted program this is its launcher; what it interprets is named by the source revision.
pub(super) fn with_hashes(receipts: &[Receipt], root: &Path) -> Value {
    let mut receipts = json!(receipts);
    let programs = receipts.as_array_mut().into_iter().flatten();
    for program in programs.filter_map(|receipt| receipt["programs"].as_array_mut()).flatten() {
        let hash = program["path"].as_str().and_then(|path| file_hash(&root.join(path)).ok());
        program["sha256"] = json!(hash);
    }
    receipts
}
