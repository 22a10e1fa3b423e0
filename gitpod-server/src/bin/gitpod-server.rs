//! The reference server; its parts are landing.

fn main() {}
