//! A config's fields, with the errors that name them.

use crate::model::ModelError;
use serde_json::{Map, Value};
use std::path::PathBuf;

/// A config's fields.
pub(super) struct Fields {
    pub path: PathBuf,
    pub map: Map<String, Value>,
}

impl Fields {
    /// What is wrong with a field.
    pub fn error(&self, field: &'static str, why: impl Into<String>) -> ModelError {
        ModelError::Field { path: self.path.clone(), field, why: why.into() }
    }

    /// The field, if it is written and not null.
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.map.get(field).filter(|v| !v.is_null())
    }

    /// A whole number that must be written.
    ///
    /// # Errors
    /// It is missing, or out of range.
    pub fn dimension(&self, field: &'static str, low: usize, high: usize) -> Result<usize, ModelError> {
        let Some(value) = self.get(field) else {
            return Err(self.error(field, format!("is missing; expected a number from {low} to {high}")));
        };
        match value.as_u64().and_then(|v| usize::try_from(v).ok()) {
            Some(n) if (low..=high).contains(&n) => Ok(n),
            _ => Err(self.error(field, format!("is {value}; expected a whole number from {low} to {high}"))),
        }
    }

    /// The same of one that may be absent.
    ///
    /// # Errors
    /// It is out of range.
    pub fn dimension_or(
        &self,
        field: &'static str,
        default: usize,
        low: usize,
        high: usize,
    ) -> Result<usize, ModelError> {
        if self.map.contains_key(field) { self.dimension(field, low, high) } else { Ok(default) }
    }

    /// A number that may be absent.
    ///
    /// # Errors
    /// It is not as `expected`.
    pub fn number(
        &self,
        field: &'static str,
        default: f64,
        allowed: impl Fn(f64) -> bool,
        expected: &str,
    ) -> Result<f64, ModelError> {
        let Some(value) = self.get(field) else { return Ok(default) };
        match value.as_f64() {
            Some(x) if allowed(x) => Ok(x),
            _ => Err(self.error(field, format!("is {value}; expected {expected}"))),
        }
    }

    /// A share from 0 to below 1.
    ///
    /// # Errors
    /// It is none.
    pub fn share(&self, field: &'static str, default: f64) -> Result<f64, ModelError> {
        self.number(field, default, |x| (0.0..1.0).contains(&x), "a share from 0 to below 1")
    }
}
