//! The driver: observe, project, plan, execute, one workspace at a time.
