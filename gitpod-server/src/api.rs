//! The public API: Connect, gRPC and gRPC-Web.
