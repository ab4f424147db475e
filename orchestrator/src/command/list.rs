//! `orchestrator list`: which implementations there are.

use comfy_table::Table;
use comfy_table::presets::NOTHING;
use serde::Serialize;

use super::output::{print_json, print_lines};
use crate::cli::ListArgs;
use crate::config::{Catalogue, Implementation, Manifest};
use crate::error::Error;
use crate::exit_code;
use crate::prepare::{Receipt, read_receipt};

#[derive(Debug, Serialize)]
struct Listed<'a> {
    #[serde(flatten)]
    manifest: &'a Manifest,
    /// What the last build made; null when it is not built.
    receipt: Option<Receipt>,
}

/// Prints the list.
pub fn run(args: &ListArgs, catalogue: &Catalogue) -> Result<u8, Error> {
    let listed: Vec<_> = catalogue
        .implementations
        .iter()
        .map(|implementation| Listed {
            manifest: &implementation.manifest,
            receipt: read_receipt(implementation, &catalogue.root).ok(),
        })
        .collect();
    if args.json {
        print_json(&listed)?;
        return Ok(exit_code::SUCCESS);
    }
    let mut table = Table::new();
    table.load_preset(NOTHING).set_header(["name", "title", "also called", "program types", "built"]);
    for (listed, implementation) in listed.iter().zip(&catalogue.implementations) {
        table.add_row(row(listed, implementation));
    }
    let lines = table.to_string();
    print_lines(lines.lines().map(|line| line.trim().to_owned()))?;
    Ok(exit_code::SUCCESS)
}

fn row(listed: &Listed<'_>, implementation: &Implementation) -> [String; 5] {
    let manifest = listed.manifest;
    let mut types: Vec<_> = manifest.programs.values().flat_map(|program| &program.program_types).collect();
    types.sort_unstable();
    types.dedup();
    [
        implementation.name().to_owned(),
        format!("{}{}", manifest.title, if manifest.baseline { " (baseline)" } else { "" }),
        manifest.aliases.join(", "),
        types.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        if listed.receipt.is_some() { "yes" } else { "no" }.to_owned(),
    ]
}
