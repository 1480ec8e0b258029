//! What JavaScript does.
