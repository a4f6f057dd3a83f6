//! The kinds of record an agreement needs, their validation and their wire form.
