//! Text in a drawing: escaped, and measured without a font.

use crate::visible::visible_line;

/// Text as it may stand between tags and in an attribute; what acts on a terminal or is no character of XML is shown instead.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in visible_line(text).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // The two that are characters and no part of XML.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

/// How wide a text is at most, in pixels: by the widths of `DejaVu Sans`, which is wider than what systems come with.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    let em = |character: char| match character {
        'i' | 'j' | 'l' | '\'' | '|' => 0.28,
        ' ' | ',' | '.' | ':' | ';' => 0.32,
        'f' | 'r' | 't' | 'I' | '(' | ')' | '-' | '/' | '!' => 0.42,
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '±' | '≥' | '→' | '+' | '=' | '<' | '>' | '~' => 0.99,
        'A'..='Z' => 0.72,
        c if c.is_ascii() => 0.64,
        // As wide as it is high: what a font of another script needs.
        _ => 1.0,
    };
    text.chars().map(em).sum::<f64>() * size
}

/// The text, cut in its middle where it is wider: names differ at both ends.
pub(crate) fn fitted(text: &str, size: f64, most: f64) -> String {
    if width(text, size) <= most {
        return text.to_owned();
    }
    let letters: Vec<char> = text.chars().collect();
    for kept in (1..letters.len()).rev() {
        let (head, tail) = (kept.div_ceil(2), kept / 2);
        let cut: String =
            letters[..head].iter().chain(&['…']).chain(&letters[letters.len() - tail..]).collect();
        if width(&cut, size) <= most {
            return cut;
        }
    }
    "…".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_to_a_reader_of_xml_is_escaped() {
        assert_eq!(escaped("<b a=\"1\" c='2'>&"), "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;");
        assert_eq!(escaped("a\u{0}b\u{1b}[1m\nc\u{ffff}"), "a[U+0000]b[U+001B][1m[U+000A]c\u{fffd}");
    }

    #[test]
    fn a_long_name_is_cut_in_its_middle() {
        let name = format!("begin{}end", "x".repeat(60));
        let cut = fitted(&name, 13.0, 120.0);
        assert!(width(&cut, 13.0) <= 120.0 && cut.starts_with("begin") && cut.ends_with("end"), "{cut}");
        assert_eq!(fitted("short", 13.0, 120.0), "short");
        assert_eq!(fitted("wide", 13.0, 1.0), "…");
    }
}
