// A member's differences from a matrix of the model, one list a row of it that has any.
#pragma once
#include "common.cuh"

struct Sparse {
    const u32 *rows;     // [count], ascending: rows of the matrix that have differences
    const u32 *starts;   // [count + 1]: where each row's differences start
    const u32 *columns;  // of each difference
    const u32 *places;   // of each: its scalar in the member's compact vector
    const float *bases;  // of each: the model's value, as the product reads it
    const float *values; // the member's compact vector
    u32 count, padding;

    DEVICE_METHOD float difference(u32 i) const { return values[places[i]] - bases[i]; }
    // The place of `row` in `rows`, or `count`.
    DEVICE_METHOD u32 find(u32 row) const {
        u32 low = 0, high = count;
        while (low < high) {
            const u32 middle = (low + high) / 2;
            if (rows[middle] < row)
                low = middle + 1;
            else
                high = middle;
        }
        return low < count && rows[low] == row ? low : count;
    }
};
