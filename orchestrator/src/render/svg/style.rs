//! What the classes of a drawing look like.

/// The variables, each with its colour on light and on dark paper. Colours of series keep 3:1 against their paper at least.
const VARIABLES: [(&str, &str, &str); 16] = [
    ("paper", "#ffffff", "#14171c"),
    ("ink", "#1b1f24", "#e6e9ee"),
    ("muted", "#57606a", "#a3acb8"),
    ("grid", "#dfe3e8", "#2d333c"),
    ("band", "#e8edf3", "#242b36"),
    ("good", "#d7ebf8", "#12384f"),
    ("bad", "#fbe3d3", "#4f2d14"),
    ("even", "#ebebeb", "#2c3036"),
    ("c0", "#0063a6", "#6cb8ff"),
    ("c1", "#b84e00", "#ffa45c"),
    ("c2", "#007a5a", "#46cfa3"),
    ("c3", "#a8397f", "#f28fcb"),
    ("c4", "#6a5700", "#d9c14a"),
    ("c5", "#5b4bb5", "#b3a6ff"),
    ("c6", "#a11d33", "#ff8c94"),
    ("c7", "#3d5a66", "#9fc4d4"),
];

/// How many colours series have.
pub(crate) const COLOURS: usize = 8;

/// The style of all drawings, with variables.
pub(crate) const PAGE: &str = "\
.chart text{font-family:system-ui,'DejaVu Sans',sans-serif;font-size:13px;fill:var(--ink);font-variant-numeric:tabular-nums}
.chart .small{font-size:12px}
.chart .muted{fill:var(--muted)}
.chart .heading{font-size:15px;font-weight:bold}
.chart .panel{font-weight:bold}
.chart .paper{fill:var(--paper)}
.chart .grid{stroke:var(--grid);stroke-width:1;fill:none}
.chart .axis{stroke:var(--muted);stroke-width:1;fill:none}
.chart .lead{stroke:var(--muted);stroke-width:1;stroke-dasharray:2 2;fill:none}
.chart .one{stroke:var(--ink);stroke-width:1.5;fill:none}
.chart .band{fill:var(--band)}
.chart .good{fill:var(--good)}
.chart .bad{fill:var(--bad)}
.chart .even{fill:var(--even)}
.chart .cell{stroke:var(--paper);stroke-width:2}
.chart .line{fill:none;stroke-width:2;stroke-linejoin:round}
.chart .thin{fill:none;stroke-width:1.2;stroke-linejoin:round}
.chart .bar{fill:none;stroke-width:3}
.chart .fit{fill:none;stroke-width:1.5;stroke-dasharray:6 4}
.chart .odd{stroke-dasharray:3 3}
.chart .open{fill:var(--paper);stroke-width:2}
.chart .faint{fill-opacity:.55}
.chart .shade{fill-opacity:.16}
.chart .haze{fill-opacity:.07}
";

/// The style for a file: colours of light paper, which every program understands.
pub(super) fn in_file() -> String {
    let mut style = PAGE.to_owned() + &series();
    for (name, light, _) in VARIABLES {
        style = style.replace(&format!("var(--{name})"), light);
    }
    style.replace("system-ui,", "")
}

/// `s0` draws in the first colour, `f0` fills with it, and so on.
fn series() -> String {
    let of = |index| {
        format!(".chart .s{index}{{stroke:var(--c{index})}}\n.chart .f{index}{{fill:var(--c{index})}}\n")
    };
    (0..COLOURS).map(of).collect()
}

/// The variables for a page, light and dark, with the style that uses them.
pub(crate) fn variables() -> String {
    let light = VARIABLES.map(|(name, light, _)| format!("--{name}:{light};")).concat();
    let dark = VARIABLES.map(|(name, _, dark)| format!("--{name}:{dark};")).concat();
    format!(
        ":root{{color-scheme:light;{light}}}\n\
         @media(prefers-color-scheme:dark){{:root:not([data-theme=light]){{color-scheme:dark;{dark}}}}}\n\
         :root[data-theme=dark]{{color-scheme:dark;{dark}}}\n\
         @media print{{:root,:root[data-theme],:root:not([data-theme=light]){{color-scheme:light;{light}}}}}\n{}",
        series()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG's relative luminance.
    fn luminance(colour: &str) -> f64 {
        let part = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).expect("hexadecimal")) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_and_marks_can_be_seen_on_their_paper() {
        let colour = |name: &str| VARIABLES.iter().find(|row| row.0 == name).expect("a variable");
        let papers = ["paper", "band", "good", "bad", "even"].map(colour);
        for paper in papers {
            for (text, least) in [("ink", 7.0), ("muted", 4.5)] {
                let text = colour(text);
                assert!(contrast(text.1, paper.1) >= least, "{} on {} (light)", text.0, paper.0);
                assert!(contrast(text.2, paper.2) >= least, "{} on {} (dark)", text.0, paper.0);
            }
        }
        for index in 0..COLOURS {
            let series = colour(&format!("c{index}"));
            let paper = papers[0];
            // Text in a series' colour must be readable too.
            assert!(contrast(series.1, paper.1) >= 4.5, "{} (light)", series.0);
            assert!(contrast(series.2, paper.2) >= 4.5, "{} (dark)", series.0);
        }
    }

    #[test]
    fn a_file_has_no_variables() {
        assert!(!in_file().contains("var("), "{}", in_file());
    }
}
