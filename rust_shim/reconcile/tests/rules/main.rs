//! The rules of `docs/reference/reconcile.md`, one by one, from outside.
//!
//! Each test names its rule. What is compared with is built here from the text anew: documents byte by
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
