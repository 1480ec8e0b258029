//! Layers as they come: whole, damaged and hostile.
