//! Instants, datums, WGS84 shapes and 4D volumes, and the exact geometry between them.
