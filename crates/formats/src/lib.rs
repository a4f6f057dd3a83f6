//! Foreign formats, read and written at the edge.
