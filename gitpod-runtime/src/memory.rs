//! The reference runtime: plays instances in memory.
