//! What Lua does.
