//! Completing end to end on `MemoryStorage`. Nothing yet.
