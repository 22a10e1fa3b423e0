//! Wire types, generated from `proto/` and checked in; the test `codegen` regenerates and compares them.
