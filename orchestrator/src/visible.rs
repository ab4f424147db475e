//! Text of others, made harmless: a runner's message or a manifest's note must not move the cursor, hide a line or turn its letters
//! around.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character acts instead of being seen: control characters (C0, DEL, C1), line separators, and marks that change the direction
/// of what follows. The end of a line and the tabulator are for the caller to judge.
fn acts(character: char) -> bool {
    let direction = matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    character.is_control() || direction || matches!(character, '\u{2028}' | '\u{2029}')
}

/// The text with `[U+001B]` in the place of what acts; ends of lines and tabulators stay.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    replaced(text, |character| acts(character) && character != '\n' && character != '\t', bracketed)
}

/// The same for text that is one line: ends of lines and tabulators are replaced as well.
#[must_use]
pub fn visible_line(text: &str) -> Cow<'_, str> {
    replaced(text, acts, bracketed)
}

/// JSON that means the same and holds nothing that acts: what serialisers leave as it is becomes an escape sequence.
#[must_use]
pub fn visible_json(json: &str) -> Cow<'_, str> {
    let escaped = |text: &mut String, character| write!(text, "\\u{:04x}", u32::from(character));
    replaced(json, |character| acts(character) && !matches!(character, '\n' | '\t' | '\r'), escaped)
}

fn bracketed(text: &mut String, character: char) -> std::fmt::Result {
    write!(text, "[U+{:04X}]", u32::from(character))
}

fn replaced(
    text: &str,
    wanted: impl Fn(char) -> bool,
    write: impl Fn(&mut String, char) -> std::fmt::Result,
) -> Cow<'_, str> {
    if !text.chars().any(&wanted) {
        return Cow::Borrowed(text);
    }
    let mut result = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if wanted(character) {
            // Writing to a string cannot fail.
            write(&mut result, character).ok();
        } else {
            result.push(character);
        }
    }
    Cow::Owned(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_shown_and_letters_of_all_languages_stay() {
        assert_eq!(visible("Grüße, 日本, ±5 %\tand\nmore"), "Grüße, 日本, ±5 %\tand\nmore");
        assert_eq!(visible("\u{1b}[2J\r\u{7f}\u{9b}5A"), "[U+001B][2J[U+000D][U+007F][U+009B]5A");
        assert_eq!(visible("a\u{202e}b\u{2066}c\u{200f}"), "a[U+202E]b[U+2066]c[U+200F]");
        assert_eq!(visible_line("one\ntwo\tthree"), "one[U+000A]two[U+0009]three");
        assert!(matches!(visible("plain"), Cow::Borrowed(_)));
    }

    #[test]
    fn json_means_the_same() {
        let value = serde_json::json!({"a": "x\u{1b}\u{9b}\u{202e}\u{7f}\ny"});
        let text = serde_json::to_string_pretty(&value).expect("JSON");
        let safe = visible_json(&text);
        assert!(safe.chars().all(|character| character == '\n' || !acts(character)), "{safe}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).expect("JSON"), value);
    }
}
