//! Articles as Cedar policies, facts, and decisions with reasons.
