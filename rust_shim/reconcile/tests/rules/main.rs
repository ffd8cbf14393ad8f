//! The rules of `docs/reference/reconcile.md`, one by one, tested through the public interface.
//!
//! The name of a test begins with its rule. The expected values are built here from the text: documents byte by
//! byte, digests without a tree.

mod documents;
mod golden;
mod incoming;
mod keys;
mod kills;
mod layers;
mod local;
mod logs;
mod matrix;
mod merging;
mod parts;
mod random;
mod run;
mod stages;
mod support;
mod walks;
