//! Code that a stager is made of, told from its bytes.
