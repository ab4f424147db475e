//! The commands: each composes stages and prints what came out.

pub mod build;
mod build_time;
pub mod compare;
pub mod diff;
pub mod doctor;
mod ending;
pub mod export;
pub mod helper;
mod interrupt;
pub mod list;
pub mod load;
mod lock;
mod measuring;
mod output;
mod page;
pub mod planning;
mod preparing;
mod progress;
pub mod report;
pub mod resume;
pub mod run;
mod runs;
pub mod schema;
mod session;
mod stopping;
pub mod verify;
pub mod walk;

use std::path::Path;

use crate::cli::{Cli, Command};
use crate::config::{Catalogue, find_root};
use crate::error::Error;

/// Does what the command line asks for. The number is the exit status.
pub fn dispatch(cli: &Cli) -> Result<u8, Error> {
    let root = cli.root.as_deref();
    match &cli.command {
        Command::Compare(args) => compare::run(args, &catalogue(root)?),
        Command::Run(args) => run::run(args, &catalogue(root)?),
        Command::Build(args) => build::run(args, &catalogue(root)?),
        Command::Verify(args) => verify::run(args, &catalogue(root)?),
        Command::List(args) => list::run(args, &catalogue(root)?),
        Command::Doctor(args) => doctor::run(args, &catalogue(root)?),
        Command::Load(args) => load::run(args),
        Command::Report(args) => report::run(args, root),
        Command::Resume(args) => resume::run(args, &catalogue(root)?),
        Command::Diff(args) => diff::run(args, root),
        Command::Export(args) => export::run(args, root),
        Command::Schema(args) => schema::run(args),
        Command::Helper => helper::run(),
        Command::Walk(args) => walk::run(args),
    }
}

fn catalogue(root: Option<&Path>) -> Result<Catalogue, Error> {
    let root = find_root(root)?;
    if root.to_str().is_none() {
        return Err(Error::Requirement {
            message: format!("the path of the project folder, `{}`, is not valid UTF-8", root.display()),
            hint: "move or rename the folder: its path is part of commands and results, which are text"
                .into(),
        });
    }
    Ok(Catalogue::read(&root)?)
}
