//! `orchestrator schema`: JSON Schemas of what the orchestrator reads and writes.

use schemars::{Schema, schema_for};

use super::output::{print_json, print_lines};
use crate::cli::SchemaArgs;
use crate::config::{BenchmarkFile, Manifest};
use crate::error::Error;
use crate::exit_code;
use crate::facts::nearest;
use crate::store::{Run, StoredTrial};

/// Name, what it describes, and the schema.
type Entry = (&'static str, &'static str, fn() -> Schema);

const SCHEMAS: [Entry; 4] = [
    ("config", "a configuration file: configs/*.yaml", || schema_for!(BenchmarkFile)),
    ("manifest", "an implementation: impls/*/impl.yaml", || schema_for!(Manifest)),
    ("run", "a result: results/*/run.json", || schema_for!(Run)),
    ("trial", "a finished trial with its raw facts: a line of results/*/events.jsonl", || {
        schema_for!(StoredTrial)
    }),
];

/// Prints one schema, or their names.
pub fn run(args: &SchemaArgs) -> Result<u8, Error> {
    let Some(name) = &args.name else {
        print_lines(SCHEMAS.iter().map(|(name, what, _)| format!("{name:<10} {what}")))?;
        return Ok(exit_code::SUCCESS);
    };
    let (_, _, schema) = SCHEMAS.iter().find(|(known, ..)| known == name).ok_or_else(|| unknown(name))?;
    print_json(&schema())?;
    Ok(exit_code::SUCCESS)
}

fn unknown(name: &str) -> Error {
    let names: Vec<_> = SCHEMAS.iter().map(|(name, ..)| *name).collect();
    let all = names.join(", ");
    Error::Usage {
        message: format!("unknown schema `{name}`"),
        hint: nearest(name, names).map_or_else(
            || format!("there are {all}"),
            |meant| format!("did you mean `{meant}`? there are {all}"),
        ),
    }
}
