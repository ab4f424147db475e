//! The supervisor of the reference benchmark for eBPF frameworks.
//!
//! Data flows one way, each stage one module with one output type and its own error:
//! `config → plan → prepare → load + sample + supervise → parse → stats → identity → store → runs → tables → render`; `command` composes them, and
//! `doctor` looks at what they need.
//! `plan`, `parse`, `stats`, `tables` and `render` do no I/O. A module imports only from modules before it (tests/tidy.rs).
//!
//! Nothing here knows a language or a framework: an implementation is a folder with a manifest.

pub mod arithmetic;
pub mod cli;
pub mod command;
pub mod config;
pub mod doctor;
pub mod error;
pub mod exit_code;
pub mod facts;
pub mod files;
pub mod identity;
pub mod load;
pub mod parse;
pub mod plan;
pub mod prepare;
pub mod render;
pub mod runs;
pub mod sample;
pub mod stats;
pub mod store;
pub mod supervise;
pub mod tables;
pub mod visible;
