//! Files and databases behind the storage port.
