//! Columns of points: smoothing and decimation.
