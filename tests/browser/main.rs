//! The whole flow in a browser. (Being written.)
