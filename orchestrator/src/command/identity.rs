//! What was measured, beyond versions: the exact bytes.

use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::prepare::Receipt;

/// The receipts, each program with the SHA-256 of its file; null when it is not there.
///
/// For an interpreted program this is its launcher; what it interprets is named by the source revision.
pub(super) fn with_hashes(receipts: &[Receipt], root: &Path) -> Value {
    let mut receipts = json!(receipts);
    let programs = receipts.as_array_mut().into_iter().flatten();
    for program in programs.filter_map(|receipt| receipt["programs"].as_array_mut()).flatten() {
        let hash = program["path"].as_str().and_then(|path| file_hash(&root.join(path)));
        program["sha256"] = json!(hash);
    }
    receipts
}

/// SHA-256 of a file, hexadecimal; none when it cannot be read.
pub(super) fn file_hash(path: &Path) -> Option<String> {
    std::fs::read(path).ok().map(|bytes| hexadecimal(&Sha256::digest(&bytes)))
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('?');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_other_tools() {
        // printf abc | sha256sum
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hexadecimal(&Sha256::digest(b"abc")), expected);
    }
}
