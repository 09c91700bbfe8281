//! What holds of every warning.
