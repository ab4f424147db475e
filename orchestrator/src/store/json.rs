//! Reading JSON, with the place of what is wrong in it.

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

/// What is wrong with a JSON text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Flaw {
    /// Number of its line in the text, from 1.
    pub(super) line: usize,
    /// What, and of which field.
    pub(super) reason: String,
}

/// Reads a value.
pub(super) fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, Flaw> {
    // To keep track of the place makes reading slower, and most texts are good.
    serde_json::from_slice(json).or_else(|_| read_slowly(json))
}

fn read_slowly<T: DeserializeOwned>(json: &[u8]) -> Result<T, Flaw> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        // Of what is no JSON the line says where, and of what was put aside first nobody knows the place.
        let known = error.inner().is_data()
            && error.path().iter().len() > 0
            && error.path().iter().all(|step| !matches!(step, Segment::Unknown));
        flaw(known.then(|| error.path().to_string()), error.inner())
    })?;
    reader.end().map_err(|error| flaw(None, &error))?;
    Ok(value)
}

/// The library's words without its line and column, which mean little in a line of thousands of letters.
fn flaw(place: Option<String>, error: &serde_json::Error) -> Flaw {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or(&text);
    let reason = place.map_or_else(|| text.to_owned(), |place| format!("`{place}`: {text}"));
    Flaw { line: error.line(), reason }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn flaw_of(json: &str) -> Flaw {
        read::<BTreeMap<String, Vec<u32>>>(json.as_bytes()).expect_err("not that")
    }

    #[test]
    fn the_field_is_named_and_the_line() {
        let flaw = flaw_of("{\"a\": [1],\n\"b\": [1, \"two\"]}");
        let reason = "`b[1]`: invalid type: string \"two\", expected u32".to_owned();
        assert_eq!(flaw, Flaw { line: 2, reason });
        assert_eq!(flaw_of("3").reason, "invalid type: integer `3`, expected a map");
        assert_eq!(flaw_of("{} {}").reason, "trailing characters");
        assert_eq!(flaw_of("{\"a\": [1],\n]").reason, "key must be a string");
    }
}
