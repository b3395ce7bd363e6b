//! The pure core of fromwhere.
//!
//! ```text
//!  text ──imports────────────────▶ Imports ─┐
//!                                           ├──check──▶ Diagnostics ──▶ editor │ terminal │ JSON
//!  disk ──discover──▶ Situation ──▶ Answers ┘
//!         (System, recording Reads) ──▶ the directories to watch
//! ```
//!
//! In: a [`system::System`] and texts. Out: values. The modules stand in reading order, which is the order of the data.
//!
//! **Invariant:** synchronous, no clock, no disk, no protocol; errors are values.

pub mod system;
pub mod text;

pub(crate) mod archive;
pub(crate) mod configparser;
pub mod diagnostic;
pub(crate) mod document;
mod documents;
pub mod operating_system;
pub mod origin;
pub mod rules;
pub mod settings;
pub(crate) mod yaml;

pub mod suppression;

pub mod imports;
pub mod notebook;
pub mod project;
pub mod recipe;

pub mod dependencies;
pub mod environment;
pub mod interpreter;
pub mod launch;
pub mod pip;
pub mod situation;

pub mod apt;
pub mod conda;
pub mod distributions;
pub mod dpkg;
pub mod resolve;

pub mod answer;

pub mod check;
pub mod explain;
