//! Context URLs: what a person pastes.
