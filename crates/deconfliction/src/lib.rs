//! The index of volumes and the conflicts between them.
