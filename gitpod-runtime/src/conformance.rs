//! The suite every runtime has to pass.
