//! Reference stores: memory, SQLite.
