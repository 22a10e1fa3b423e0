//! The dashboard: server-rendered pages and small modules of our own.
