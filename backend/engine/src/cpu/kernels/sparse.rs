//! Matrices that differ from the model's in a few elements: `y += x ΔWᵀ` and back.

use crate::differences::SparseDifference;

/// Adds a row of the difference of a table to a row that was read from the table.
pub fn add_row(difference: SparseDifference<'_>, row: usize, out: &mut [f32]) {
    let (own, _) = difference.rows(row..row + 1);
    for (e, value) in own.elements.iter().zip(own.values) {
        out[e.column as usize] += value;
    }
}

/// Scalars of the rows on both sides of a matrix `[outputs, columns]`, or of some of its rows.
#[derive(Clone, Copy)]
pub struct Widths {
    /// The width of a row of the product.
    pub outputs: usize,
    /// The width of a row that is multiplied.
    pub columns: usize,
}

/// Rows of `y` `[rows, outputs]` receive what the difference makes of rows of `x` `[rows, columns]`.
///
/// `first` is the row of the matrix that is `y`'s first column.
pub fn forward(
    difference: SparseDifference<'_>,
    first: u32,
    x: &[f32],
    y: &mut [f32],
    Widths { outputs, columns }: Widths,
) {
    for (x, y) in x.chunks_exact(columns).zip(y.chunks_exact_mut(outputs)) {
        for (e, value) in difference.elements.iter().zip(difference.values) {
            y[(e.row - first) as usize] += value * x[e.column as usize];
        }
    }
}

/// Rows of the gradient to `x` receive what the difference makes of rows of the gradient to `y`.
pub fn backward(
    difference: SparseDifference<'_>,
    first: u32,
    d_y: &[f32],
    d_x: &mut [f32],
    Widths { outputs, columns }: Widths,
) {
    for (d_y, d_x) in d_y.chunks_exact(outputs).zip(d_x.chunks_exact_mut(columns)) {
        for (e, value) in difference.elements.iter().zip(difference.values) {
            d_x[e.column as usize] += value * d_y[(e.row - first) as usize];
        }
    }
}

/// Adds the gradient to each element over some rows: Σ d_y x.
pub fn gradient(
    difference: SparseDifference<'_>,
    first: u32,
    d_y: &[f32],
    x: &[f32],
    Widths { outputs, columns }: Widths,
    sums: &mut [f32],
) {
    for (d_y, x) in d_y.chunks_exact(outputs).zip(x.chunks_exact(columns)) {
        for (e, sum) in difference.elements.iter().zip(&mut *sums) {
            *sum += d_y[(e.row - first) as usize] * x[e.column as usize];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::differences::Element;

    #[test]
    fn differences_act_like_the_matrices_that_they_stand_for() {
        let (rows, outputs, columns, first) = (3, 2, 4, 5u32);
        let element = |row, column| Element { row, column, place: 0 };
        let elements = [element(2, 0), element(5, 1), element(6, 0), element(6, 3)];
        let difference = SparseDifference { elements: &elements, values: &[9.0, 0.5, -2.0, 1.5] };
        let (part, start) = difference.rows(5..7);
        assert_eq!((part.elements.len(), start), (3, first));
        let matrix = [0.0, 0.5, 0.0, 0.0, -2.0, 0.0, 0.0, 1.5];
        let x: Vec<f32> = (0..rows * columns).map(|i| i as f32 - 4.0).collect();
        let d_y: Vec<f32> = (0..rows * outputs).map(|i| 1.0 + i as f32 * i as f32).collect();
        let (mut y, mut d_x, mut sums) = (vec![1.0; rows * outputs], vec![1.0; rows * columns], vec![1.0; 3]);
        let widths = Widths { outputs, columns };
        forward(part, first, &x, &mut y, widths);
        backward(part, first, &d_y, &mut d_x, widths);
        gradient(part, first, &d_y, &x, widths, &mut sums);
        for r in 0..rows {
            for o in 0..outputs {
                let want: f32 = (0..columns).map(|c| matrix[o * columns + c] * x[r * columns + c]).sum();
                assert_eq!(y[r * outputs + o], 1.0 + want);
            }
            for c in 0..columns {
                let want: f32 = (0..outputs).map(|o| matrix[o * columns + c] * d_y[r * outputs + o]).sum();
                assert_eq!(d_x[r * columns + c], 1.0 + want);
            }
        }
        for (e, sum) in part.elements.iter().zip(&sums) {
            let (o, c) = ((e.row - first) as usize, e.column as usize);
            let want: f32 = (0..rows).map(|r| d_y[r * outputs + o] * x[r * columns + c]).sum();
            assert_eq!(*sum, 1.0 + want);
        }
        let mut row = vec![0.0; columns];
        add_row(difference, 6, &mut row);
        assert_eq!(row, [-2.0, 0.0, 0.0, 1.5]);
    }
}
