//! Strict reading of YAML with errors a person can act on.
//!
//! The parser reports where it stopped; this module turns its words into ours and finds lines for checks that come later.

use std::fmt;
use std::fs;
use std::marker::PhantomData;
use std::path::Path;
use std::str::FromStr;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::error::Error;
use super::place::Place;
use crate::facts::nearest;

/// Reads a text file; refuses folders, binary files and empty ones.
pub(super) fn read_text(path: &Path, expected: &'static str) -> Result<String, Error> {
    if path.is_dir() {
        return Err(Error::Folder { path: path.to_owned() });
    }
    let bytes = fs::read(path).map_err(|source| Error::Unreadable { path: path.to_owned(), source })?;
    let text = String::from_utf8(bytes).map_err(|_| Error::NotText { path: path.to_owned() })?;
    if text.contains('\0') {
        return Err(Error::NotText { path: path.to_owned() });
    }
    let blank = |line: &str| line.is_empty() || line.starts_with('#') || line == "---";
    if text.lines().all(|line| blank(line.trim())) {
        return Err(Error::Empty { path: path.to_owned(), expected });
    }
    Ok(text)
}

/// Parses `text`, which was read from `path`.
pub(super) fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, Error> {
    serde_yaml::from_str(text).map_err(|error| explain(path, &error))
}

fn explain(path: &Path, error: &serde_yaml::Error) -> Error {
    let line = error.location().map(|location| location.line());
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
    let (message, hint) = reword(text);
    Error::Invalid { place: Place { path: path.to_owned(), line }, message, hint }
}

/// The parser's message in this project's words, and what to do. A key's full path stands before the colon, if known.
fn reword(text: &str) -> (String, String) {
    let (within, text) = match text.split_once(": ") {
        Some((path, rest)) if !path.contains(' ') => (Some(path), rest),
        _ => (None, text),
    };
    let inside = within.map(|path| format!(" in `{path}`")).unwrap_or_default();
    let mut quoted = text.split('`').skip(1).step_by(2);
    if text.starts_with("unknown field") {
        let key = quoted.next().unwrap_or_default();
        return (format!("unknown key `{key}`{inside}"), suggest(key, &quoted.collect::<Vec<_>>(), "keys"));
    }
    if text.starts_with("unknown variant") {
        let value = quoted.next().unwrap_or_default();
        let whose = within.map(|path| format!(" for `{path}`")).unwrap_or_default();
        return (
            format!("unknown value `{value}`{whose}"),
            suggest(value, &quoted.collect::<Vec<_>>(), "values"),
        );
    }
    let message = match within {
        Some(path) if text.starts_with("invalid") => format!("`{path}`: {}", plain_types(text)),
        _ if text.starts_with("missing field") => format!("{}{inside}", text.replacen("field", "key", 1)),
        _ if text.starts_with("duplicate field") => {
            format!("{} stands twice{inside}", text.replacen("duplicate field", "key", 1))
        }
        _ => format!("{}{inside}", plain_types(text)),
    };
    (message, "see `configs/README.md` for every key, its type and its default".into())
}

fn suggest(given: &str, valid: &[&str], what: &str) -> String {
    nearest(given, valid.iter().copied()).map_or_else(
        || format!("valid {what} are {}", list(valid)),
        |meant| format!("did you mean `{meant}`? valid {what} are {}", list(valid)),
    )
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The parser's names of types mean nothing to someone who writes YAML.
fn plain_types(text: &str) -> String {
    let Some((before, after)) = text.split_once("expected ") else { return text.to_owned() };
    let expected = match after {
        "a sequence" => "a list",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number",
        "f64" => "a number",
        "a boolean" => "true or false",
        other if other.starts_with("struct ") || other == "a map" => "keys with values",
        other => other,
    };
    let found = before
        .replace("map", "keys with values")
        .replace("sequence", "a list")
        .replace("unit value", "nothing");
    format!("{found}expected {expected}")
}

/// For `#[serde(deserialize_with)]`: any scalar, parsed by the type's own `FromStr`.
pub(super) fn scalar<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: FromStr<Err = String>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(Scalar(PhantomData)).map(Some)
}

struct Scalar<T>(PhantomData<T>);

impl<T: FromStr<Err = String>> Scalar<T> {
    fn parse<E: serde::de::Error>(text: &str) -> Result<T, E> {
        text.parse().map_err(|reason| E::custom(format!("invalid value `{text}`: {reason}")))
    }
}

impl<T: FromStr<Err = String>> Visitor<'_> for Scalar<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or a word")
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<T, E> {
        Self::parse(&value.to_string())
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<T, E> {
        Self::parse(&value.to_string())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<T, E> {
        Self::parse(&value.to_string())
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<T, E> {
        Self::parse(value)
    }
}

/// One step down into a document.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// The line of the value at `path`. The document is read again with a visitor that refuses exactly that value, so that
/// the parser itself says where it stands: right for every style of YAML.
pub(super) fn line_of(text: &str, path: &[Step<'_>]) -> Option<usize> {
    let deserializer = serde_yaml::Deserializer::from_str(text);
    match Probe(path).deserialize(deserializer) {
        Err(error) if error.to_string().contains(FOUND) => error.location().map(|location| location.line()),
        _ => None,
    }
}

const FOUND: &str = "the value that is looked for";

struct Probe<'a>(&'a [Step<'a>]);

impl<'de> DeserializeSeed<'de> for Probe<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Probe<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { FOUND } else { "a way down" })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        match self.0 {
            [] => Err(A::Error::custom(FOUND)),
            [Step::Key(wanted), rest @ ..] => {
                while let Some(key) = map.next_key::<String>()? {
                    if key == *wanted {
                        return map.next_value_seed(Probe(rest));
                    }
                    map.next_value::<IgnoredAny>()?;
                }
                Ok(())
            }
            [Step::Index(_), ..] => Err(A::Error::custom("a map where a list was looked for")),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        match self.0 {
            [] => Err(A::Error::custom(FOUND)),
            [Step::Index(wanted), rest @ ..] => {
                for _ in 0..*wanted {
                    if seq.next_element::<IgnoredAny>()?.is_none() {
                        return Ok(());
                    }
                }
                seq.next_element_seed(Probe(rest)).map(|_| ())
            }
            [Step::Key(_), ..] => Err(A::Error::custom("a list where a map was looked for")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "# comment\nbenchmarks:\n  - name: first\n    load: {rate: 5,\n      threads: 2}\n\n  - \"name\": 'second'\n    languages:\n      - c\n      - b\n";

    #[test]
    fn finds_lines_in_block_and_flow_style() {
        let first = [Step::Key("benchmarks"), Step::Index(0)];
        let line = |rest: &[Step<'_>]| line_of(DOCUMENT, &[&first, rest].concat());
        assert_eq!(line(&[Step::Key("name")]), Some(3));
        assert_eq!(line(&[Step::Key("load"), Step::Key("threads")]), Some(5));
        assert_eq!(line(&[Step::Key("batch")]), None);
        let second = [Step::Key("benchmarks"), Step::Index(1)];
        assert_eq!(line_of(DOCUMENT, &[&second[..], &[Step::Key("name")]].concat()), Some(7));
        assert_eq!(
            line_of(DOCUMENT, &[&second[..], &[Step::Key("languages"), Step::Index(1)]].concat()),
            Some(10)
        );
    }

    #[test]
    fn speaks_of_keys_and_lists_not_of_fields_and_sequences() {
        let (message, hint) = reword("benchmarks[0]: unknown field `nome`, expected one of `name`, `batch`");
        assert_eq!(message, "unknown key `nome` in `benchmarks[0]`");
        assert_eq!(hint, "did you mean `name`? valid keys are `name`, `batch`");
        let (message, _) = reword("benchmarks: invalid type: map, expected a sequence");
        assert_eq!(message, "`benchmarks`: invalid type: keys with values, expected a list");
    }
}
