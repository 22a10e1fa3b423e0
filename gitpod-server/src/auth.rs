//! Who is asking: bearer tokens, sessions, the first sign-in.
