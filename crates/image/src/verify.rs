//! (helper: local)
