//! The dev smoke test. (Being written.)
