//! Means, deviations and the result table.
