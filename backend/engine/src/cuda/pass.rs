//! What a pass reads on a device, and its products. Matrices are in parts as on the processor: of the last block's query,
//! key and value the queries are part 0, the rest part 1.

use super::launch::{Runner, SparseApply, SparseGradient};
use super::machine::{self, Address, DeviceGemm, Strided};
use super::members::Members;
use super::tables::{LevelHeads, LevelRows, Tables};
use crate::EngineError;
use crate::cpu::kernels::matmul::{Accumulate, Form};
use crate::pass::{MatrixPart, Pass};
use crate::plan::level::Rows;
use std::ops::Deref;

/// A pass, and what of it is on a device.
#[derive(Clone, Copy)]
pub(super) struct DevicePass<'a> {
    /// Members, batch and layout.
    pub pass: &'a Pass<'a>,
    /// The device.
    pub runner: &'a Runner,
    /// The members' scalars.
    pub members: &'a Members,
    /// The pass's tables.
    pub tables: &'a Tables,
}

impl<'a> Deref for DevicePass<'a> {
    type Target = Pass<'a>;

    fn deref(&self) -> &Pass<'a> {
        self.pass
    }
}

impl DevicePass<'_> {
    /// Bytes of so many activations.
    pub(super) fn bytes(&self, scalars: usize) -> usize {
        scalars * machine::bytes(self.runner.precision)
    }

    /// The address of an activation.
    pub(super) fn offset(&self, from: Address, scalars: usize) -> Address {
        from + self.bytes(scalars) as u64
    }

    /// Rows of all lanes.
    pub(super) fn row_count(&self, rows: Rows) -> usize {
        self.layout.total(rows)
    }

    /// Bytes of activations of the rows of all lanes, of so many each.
    pub(super) fn size(&self, rows: Rows, width: usize) -> usize {
        self.bytes(self.row_count(rows) * width)
    }

    /// The rows of a level, on the device.
    pub(super) fn level_rows(&self, rows: Rows) -> LevelRows {
        self.tables.rows(self.pass, rows)
    }

    /// A block's attention, on the device.
    pub(super) fn level_heads(&self, layer: usize) -> LevelHeads {
        self.tables.heads(self.pass, layer)
    }

    /// Where the values `[outputs, columns]` of some rows of a matrix stand for products.
    fn values(&self, matrix: MatrixPart) -> Address {
        self.offset(self.members.matrix(matrix.slot), matrix.first * matrix.columns)
    }

    fn gemm(&self, product: DeviceGemm) -> Result<(), EngineError> {
        let DeviceGemm { m, n, k, .. } = product;
        if m == 0 || n == 0 || k == 0 {
            return Ok(());
        }
        // SAFETY: the buffers were given room for these rows, and results are other buffers than factors.
        unsafe { self.runner.machine.gemm(self.runner.precision, &product) }
    }

    /// What lists of differences, if there are any, make of the branched members' rows of `input`, added to `out`.
    fn apply(
        &self,
        lists: Option<Address>,
        input: Strided,
        out: Strided,
        rows: Rows,
    ) -> Result<(), EngineError> {
        let Some(sparse) = lists else { return Ok(()) };
        let rows = self.level_rows(rows);
        let p = SparseApply {
            chunks: rows.chunks,
            sparse,
            input: input.address,
            out: out.address,
            input_stride: input.stride as u32,
            out_stride: out.stride as u32,
        };
        self.runner.sparse_apply(rows.kept, &p)
    }

    /// `y = x Wᵀ` for all rows of a level, `x` `[rows, columns]` and `y` `[rows, outputs]`; members with differences add
    /// what these make.
    ///
    /// # Errors
    /// The device fails.
    pub(super) fn linear(
        &self,
        y: Address,
        x: Address,
        matrix: MatrixPart,
        rows: Rows,
    ) -> Result<(), EngineError> {
        let MatrixPart { outputs, columns, .. } = matrix;
        let (x, y) = (Strided { address: x, stride: columns }, Strided { address: y, stride: outputs });
        self.gemm(DeviceGemm {
            form: Form::Nt,
            m: self.row_count(rows),
            n: outputs,
            k: columns,
            a: x,
            b: Strided { address: self.values(matrix), stride: columns },
            out: y,
            accumulate: Accumulate::Overwrite,
            f32_out: false,
        })?;
        let lists = self.members.differences(matrix.slot, matrix.part).map(|d| d.forward);
        self.apply(lists, x, y, rows)
    }

    /// `dx (+)= dy W` for the branched members' rows at the level of the matrix's input, `dy` `[rows, outputs]` and `dx`
    /// `[rows, columns]`.
    ///
    /// # Errors
    /// The device fails.
    pub(super) fn input_gradient(
        &self,
        dx: Address,
        accumulate: Accumulate,
        dy: Address,
        matrix: MatrixPart,
        rows: Rows,
    ) -> Result<(), EngineError> {
        let MatrixPart { outputs, columns, .. } = matrix;
        let (dx, dy) = (Strided { address: dx, stride: columns }, Strided { address: dy, stride: outputs });
        self.gemm(DeviceGemm {
            form: Form::Nn,
            m: self.layout.kept(rows),
            n: columns,
            k: outputs,
            a: dy,
            b: Strided { address: self.values(matrix), stride: columns },
            out: dx,
            accumulate,
            f32_out: false,
        })?;
        let lists = self.members.differences(matrix.slot, matrix.part).map(|d| d.backward);
        self.apply(lists, dy, dx, rows)
    }

    /// `dW = dyᵀ x` where the only member has the matrix of its own, or of the elements in which members differ.
    ///
    /// # Errors
    /// The device fails.
    pub(super) fn weight_gradient(
        &self,
        matrix: MatrixPart,
        dy: Address,
        x: Address,
        rows: Rows,
    ) -> Result<(), EngineError> {
        let MatrixPart { outputs, columns, .. } = matrix;
        if let Some(gradient) = self.members.matrix_gradient(matrix.slot) {
            let address = gradient + 4 * (matrix.first * columns) as u64;
            return self.gemm(DeviceGemm {
                form: Form::Tn,
                m: outputs,
                n: columns,
                k: self.layout.kept(rows),
                a: Strided { address: dy, stride: outputs },
                b: Strided { address: x, stride: columns },
                out: Strided { address, stride: columns },
                accumulate: Accumulate::Overwrite,
                f32_out: true,
            });
        }
        let Some(differences) = self.members.differences(matrix.slot, matrix.part) else { return Ok(()) };
        let rows = self.level_rows(rows);
        let p = SparseGradient {
            spans: rows.spans,
            wave: self.tables.wave(),
            sparse: differences.forward,
            grad: dy,
            input: x,
            gradients: self.members.gradients,
            grad_stride: outputs as u32,
            input_stride: columns as u32,
        };
        self.runner.sparse_gradient(differences.lists, rows.members, &p)
    }
}
