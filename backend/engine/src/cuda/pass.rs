//! What a pass reads on a device: sizes, products, the last block's two parts.

use super::launch::{Runner, SparseApply};
use super::machine::{self, Address, Form, Product};
use super::members::Members;
use super::tables::{LevelHeads, LevelRows, Tables};
use crate::EngineError;
use crate::pass::Pass;
use crate::plan::batch::Space;
use crate::plan::level::Level;
use crate::plan::slots::Slot;
use std::ops::{Deref, Range};

/// A pass, and what of it is on a device.
#[derive(Clone, Copy)]
pub struct DevicePass<'a> {
    /// The device.
    pub runner: &'a Runner,
    /// Members, batch and layout.
    pub pass: &'a Pass<'a>,
    /// The members' scalars.
    pub members: &'a Members,
    /// The pass's tables.
    pub tables: &'a Tables,
}

/// A matrix, or rows of it: of the last block's query, key and value the queries are part 0, the rest part 1.
#[derive(Clone, Copy, Debug)]
pub struct Matrix {
    /// Which.
    pub slot: Slot,
    /// Its part.
    pub part: usize,
    /// First row.
    pub first: usize,
    /// Rows: what a product has columns of.
    pub outputs: usize,
    /// Columns: what a product reads.
    pub columns: usize,
}

impl<'a> Deref for DevicePass<'a> {
    type Target = Pass<'a>;

    fn deref(&self) -> &Pass<'a> {
        self.pass
    }
}

impl DevicePass<'_> {
    /// Bytes of so many activations.
    pub fn bytes(&self, scalars: usize) -> usize {
        scalars * machine::bytes(self.runner.precision)
    }

    /// The address of an activation.
    pub fn offset(&self, from: Address, scalars: usize) -> Address {
        from + self.bytes(scalars) as u64
    }

    /// Rows of all lanes at a level.
    pub fn rows(&self, level: Level, space: Space) -> usize {
        self.layout.total(level, space)
    }

    /// The rows of a level, on the device.
    pub fn level_rows(&self, level: Level, space: Space) -> LevelRows {
        self.tables.rows(self.pass, level, space)
    }

    /// A block's attention, on the device.
    pub fn level_heads(&self, layer: usize) -> LevelHeads {
        self.tables.heads(self.pass, layer)
    }

    /// Some rows of a matrix.
    pub fn matrix(&self, slot: Slot, part: usize, rows: Range<usize>) -> Matrix {
        let columns = slot.columns(&self.config.shape);
        Matrix { slot, part, first: rows.start, outputs: rows.len(), columns }
    }

    /// Where a matrix stands for products.
    fn values(&self, matrix: Matrix) -> Address {
        self.offset(self.members.matrix(matrix.slot), matrix.first * matrix.columns)
    }

    fn product(&self, product: Product) -> Result<(), EngineError> {
        let (m, n, k) = product.dims;
        if m == 0 || n == 0 || k == 0 {
            return Ok(());
        }
        // SAFETY: the buffers were given room for these rows, and results are other buffers than factors.
        unsafe { self.runner.machine.product(self.runner.precision, &product) }
    }

    /// What lists of differences, if there are any, make of the branched members' rows of `input`, added to `out`: each
    /// with its scalars from row to row.
    fn apply(
        &self,
        lists: Option<Address>,
        (input, input_stride): (Address, usize),
        (out, out_stride): (Address, usize),
        (level, space): (Level, Space),
    ) -> Result<(), EngineError> {
        let Some(sparse) = lists else { return Ok(()) };
        let rows = self.level_rows(level, space);
        let (input_stride, out_stride) = (input_stride as u32, out_stride as u32);
        let p = SparseApply { chunks: rows.chunks, sparse, input, out, input_stride, out_stride };
        self.runner.sparse_apply(rows.kept, &p)
    }

    /// `y = x Wᵀ` for all rows of a level; members with differences add what these make.
    ///
    /// # Errors
    /// The device fails.
    pub fn linear(
        &self,
        y: Address,
        x: Address,
        matrix: Matrix,
        (level, space): (Level, Space),
    ) -> Result<(), EngineError> {
        let Matrix { outputs, columns, .. } = matrix;
        self.product(Product {
            form: Form::Nt,
            dims: (self.rows(level, space), outputs, columns),
            a: (x, columns),
            b: (self.values(matrix), columns),
            out: (y, outputs),
            add: false,
            wide: false,
        })?;
        let lists = self.members.differences(matrix.slot, matrix.part).map(|d| d.forward);
        self.apply(lists, (x, columns), (y, outputs), (level, space))
    }

    /// `dx (+)= dy W` for the branched members' rows at the level of the matrix's input.
    ///
    /// # Errors
    /// The device fails.
    pub fn input_gradient(
        &self,
        (dx, add): (Address, bool),
        dy: Address,
        matrix: Matrix,
        (level, space): (Level, Space),
    ) -> Result<(), EngineError> {
        let Matrix { outputs, columns, .. } = matrix;
        self.product(Product {
            form: Form::Nn,
            dims: (self.layout.kept(level, space), columns, outputs),
            a: (dy, outputs),
            b: (self.values(matrix), columns),
            out: (dx, columns),
            add,
            wide: false,
        })?;
        let lists = self.members.differences(matrix.slot, matrix.part).map(|d| d.backward);
        self.apply(lists, (dy, outputs), (dx, columns), (level, space))
    }

    /// `dW = dyᵀ x` where the only member has the matrix of its own, or of the elements in which members differ.
    ///
    /// # Errors
    /// The device fails.
    pub fn weight_gradient(
        &self,
        dy: Address,
        x: Address,
        matrix: Matrix,
        (level, space): (Level, Space),
    ) -> Result<(), EngineError> {
        let Matrix { outputs, columns, .. } = matrix;
        if let Some(gradient) = self.members.matrix_gradient(matrix.slot) {
            return self.product(Product {
                form: Form::Tn,
                dims: (outputs, columns, self.layout.kept(level, space)),
                a: (dy, outputs),
                b: (x, columns),
                out: (gradient + 4 * (matrix.first * columns) as u64, columns),
                add: false,
                wide: true,
            });
        }
        let Some(differences) = self.members.differences(matrix.slot, matrix.part) else { return Ok(()) };
        let rows = self.level_rows(level, space);
        self.runner.sparse_gradient(
            differences.lists,
            rows.members,
            &super::launch::SparseGradient {
                spans: rows.spans,
                who: self.tables.who(),
                sparse: differences.forward,
                slope: dy,
                input: x,
                gradients: self.members.gradients,
                slope_stride: outputs as u32,
                input_stride: columns as u32,
            },
        )
    }
}
