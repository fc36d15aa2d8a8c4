/* Products of rows with a packed matrix, and rows of that matrix.

   Outputs lie in panels of sixteen. In a panel, each sixteen bytes hold consecutive inputs of one output: four in
   f32, or eight in bf16. The sixteen outputs of a panel lie side by side, so threads that share a panel read
   consecutive addresses, and each thread reads its own output's weights in ascending order. */

FUNCTION float low_half(uint word) { return AS_FLOAT(word << 16); }

FUNCTION float high_half(uint word) { return AS_FLOAT(word & 0xffff0000u); }

/* One weight of a group of sixteen bytes. */
FUNCTION float weight_f32(uint4 group, uint place) {
    const uint word = place == 0 ? group.x : (place == 1 ? group.y : (place == 2 ? group.z : group.w));
    return AS_FLOAT(word);
}

FUNCTION float weight_bf16(uint4 group, uint place) {
    const uint pair = place / 2;
    const uint word = pair == 0 ? group.x : (pair == 1 ? group.y : (pair == 2 ? group.z : group.w));
    return place % 2 == 0 ? low_half(word) : high_half(word);
}

/* The sum of one segment for one row: one chain of fused steps from +0, in ascending order of the inputs. */
FUNCTION float segment_f32(READ(uint4) w, LOCAL(float) x, uint count) {
    float s = 0.0f;
    const uint whole = count / 4;
    UNROLL(8)
    for (uint g = 0; g < whole; g++) {
        const uint4 v = w[g * LANES];
        s = FMA(AS_FLOAT(v.x), x[4 * g], s);
        s = FMA(AS_FLOAT(v.y), x[4 * g + 1], s);
        s = FMA(AS_FLOAT(v.z), x[4 * g + 2], s);
        s = FMA(AS_FLOAT(v.w), x[4 * g + 3], s);
    }
    for (uint k = 4 * whole; k < count; k++) s = FMA(weight_f32(w[whole * LANES], k % 4), x[k], s);
    return s;
}

FUNCTION float segment_bf16(READ(uint4) w, LOCAL(float) x, uint count) {
    float s = 0.0f;
    const uint whole = count / 8;
    UNROLL(8)
    for (uint g = 0; g < whole; g++) {
        const uint4 v = w[g * LANES];
        s = FMA(low_half(v.x), x[8 * g], s);
        s = FMA(high_half(v.x), x[8 * g + 1], s);
        s = FMA(low_half(v.y), x[8 * g + 2], s);
        s = FMA(high_half(v.y), x[8 * g + 3], s);
        s = FMA(low_half(v.z), x[8 * g + 4], s);
        s = FMA(high_half(v.z), x[8 * g + 5], s);
        s = FMA(low_half(v.w), x[8 * g + 6], s);
        s = FMA(high_half(v.w), x[8 * g + 7], s);
    }
    for (uint k = 8 * whole; k < count; k++) s = FMA(weight_bf16(w[whole * LANES], k % 8), x[k], s);
    return s;
}

/* The total of sixteen outputs, continued by `count` segments whose sums lie side by side. */
FUNCTION float joined(float total, uint begins, LOCAL(float) sums, uint stride, uint count) {
#ifdef FAULT_REORDERED_JOIN
    total = begins ? sums[stride * (count - 1)] : ADD(total, sums[stride * (count - 1)]);
    for (uint s = 1; s < count; s++) total = ADD(total, sums[stride * (count - 1 - s)]);
#else
    total = begins ? sums[0] : ADD(total, sums[0]);
    for (uint s = 1; s < count; s++) total = ADD(total, sums[stride * s]);
#endif
    return total;
}

/* Segments of one row that are computed side by side. */
#define SLOTS 16u

/* Sixteen outputs of one row: each segment of each output has its own thread. The block's number is that of a row of `y`
   times the panels of an output row, plus a panel. `row_of(to)` is the row of `x` for the row `to` of `y`,
   `matrix_of(to)` its matrix, and a group of the matrix has `size` inputs. The formats and the kernels for experts
   differ in these alone. */
#define ROW_PRODUCT(row_of, matrix_of, segment, size)                                                        \
    SHARED(float, xs, SLOTS * SEGMENT);                                                                      \
    SHARED(float, sums, SLOTS * LANES);                                                                      \
    SHARED(float, totals, LANES);                                                                            \
    const uint panels = (outputs + LANES - 1) / LANES;                                                       \
    const uint panel = BLOCK % panels;                                                                       \
    const uint to = BLOCK / panels;                                                                          \
    const ulong row = row_of(to);                                                                            \
    const uint segments = (inputs + SEGMENT - 1) / SEGMENT;                                                  \
    const uint groups = (inputs + size - 1) / size;                                                          \
    for (uint first = 0; first < segments; first += SLOTS) {                                                 \
        const uint start = first * SEGMENT;                                                                  \
        const uint length = fewer(inputs - start, SLOTS * SEGMENT);                                          \
        const uint slots = fewer(segments - first, SLOTS);                                                   \
        PHASE(t) {                                                                                           \
            for (uint k = t; k < length; k += THREADS) xs[k] = x[row * inputs + start + k];                  \
        }                                                                                                    \
        PHASE(t) {                                                                                           \
            const uint slot = t / LANES;                                                                     \
            if (slot < slots) {                                                                              \
                const ulong group = (ulong)panel * groups + (start + slot * SEGMENT) / size;                 \
                const uint count = fewer(length - slot * SEGMENT, SEGMENT);                                  \
                sums[t] = segment(matrix_of(to) + group * LANES + t % LANES, xs + slot * SEGMENT, count);    \
            }                                                                                                \
        }                                                                                                    \
        PHASE(t) {                                                                                           \
            if (t < LANES) totals[t] = joined(totals[t], first == 0, sums + t, LANES, slots);                \
        }                                                                                                    \
    }                                                                                                        \
    PHASE(t) {                                                                                               \
        const uint output = panel * LANES + t;                                                               \
        if (t < LANES && output < outputs) y[(ulong)to * outputs + output] = totals[t];                      \
    }

/* Products of rows with one matrix. */
#define SAME_ROW(to) to
#define ONE_MATRIX(to) w

KERNEL(product_row_f32, 256, OUT(float, y), IN(uint4, w), IN(float, x), VALUE(uint, inputs), VALUE(uint, outputs)) {
    ROW_PRODUCT(SAME_ROW, ONE_MATRIX, segment_f32, 4)
}

KERNEL(product_row_bf16, 256, OUT(float, y), IN(uint4, w), IN(float, x), VALUE(uint, inputs), VALUE(uint, outputs)) {
    ROW_PRODUCT(SAME_ROW, ONE_MATRIX, segment_bf16, 8)
}

/* Rows that share one reading of the weights, and segments that are computed side by side for them. */
#define TILE 8u
#define TILE_SLOTS 8u

/* The sums of one segment for each row of a tile. The rows of `x` lie one tile of segments apart. */
FUNCTION void tile_f32(READ(uint4) w, LOCAL(float) x, uint count, PRIVATE(float) s) {
    for (uint r = 0; r < TILE; r++) s[r] = 0.0f;
    const uint whole = count / 4;
    for (uint g = 0; g < whole; g++) {
        const uint4 v = w[g * LANES];
        UNROLL(8)
        for (uint r = 0; r < TILE; r++) {
            LOCAL(float) xr = x + r * (TILE_SLOTS * SEGMENT) + 4 * g;
            s[r] = FMA(AS_FLOAT(v.x), xr[0], s[r]);
            s[r] = FMA(AS_FLOAT(v.y), xr[1], s[r]);
            s[r] = FMA(AS_FLOAT(v.z), xr[2], s[r]);
            s[r] = FMA(AS_FLOAT(v.w), xr[3], s[r]);
        }
    }
    for (uint k = 4 * whole; k < count; k++) {
        const float weight = weight_f32(w[whole * LANES], k % 4);
        UNROLL(8)
        for (uint r = 0; r < TILE; r++) s[r] = FMA(weight, x[r * (TILE_SLOTS * SEGMENT) + k], s[r]);
    }
}

FUNCTION void tile_bf16(READ(uint4) w, LOCAL(float) x, uint count, PRIVATE(float) s) {
    for (uint r = 0; r < TILE; r++) s[r] = 0.0f;
    const uint whole = count / 8;
    for (uint g = 0; g < whole; g++) {
        const uint4 v = w[g * LANES];
        UNROLL(8)
        for (uint r = 0; r < TILE; r++) {
            LOCAL(float) xr = x + r * (TILE_SLOTS * SEGMENT) + 8 * g;
            s[r] = FMA(low_half(v.x), xr[0], s[r]);
            s[r] = FMA(high_half(v.x), xr[1], s[r]);
            s[r] = FMA(low_half(v.y), xr[2], s[r]);
            s[r] = FMA(high_half(v.y), xr[3], s[r]);
            s[r] = FMA(low_half(v.z), xr[4], s[r]);
            s[r] = FMA(high_half(v.z), xr[5], s[r]);
            s[r] = FMA(low_half(v.w), xr[6], s[r]);
            s[r] = FMA(high_half(v.w), xr[7], s[r]);
        }
    }
    for (uint k = 8 * whole; k < count; k++) {
        const float weight = weight_bf16(w[whole * LANES], k % 8);
        UNROLL(8)
        for (uint r = 0; r < TILE; r++) s[r] = FMA(weight, x[r * (TILE_SLOTS * SEGMENT) + k], s[r]);
    }
}

/* Several rows: a block computes sixteen outputs of a tile of rows. Rows that are not there count as zeros. */
KERNEL(product_tile, 128, OUT(float, y), IN(uint4, w), IN(float, x), VALUE(uint, inputs), VALUE(uint, outputs),
       VALUE(uint, rows), VALUE(uint, halves)) {
    SHARED(float, xs, TILE * TILE_SLOTS * SEGMENT);
    SHARED(float, sums, TILE * TILE_SLOTS * LANES);
    SHARED(float, totals, TILE * LANES);
    const uint panels = (outputs + LANES - 1) / LANES;
    const uint panel = BLOCK % panels;
    const uint above = BLOCK / panels * TILE;
    const uint here = fewer(rows - above, TILE);
    const uint segments = (inputs + SEGMENT - 1) / SEGMENT;
    const uint size = halves ? 8 : 4;
    const uint groups = (inputs + size - 1) / size;
    for (uint first = 0; first < segments; first += TILE_SLOTS) {
        const uint start = first * SEGMENT;
        const uint length = fewer(inputs - start, TILE_SLOTS * SEGMENT);
        const uint slots = fewer(segments - first, TILE_SLOTS);
        PHASE(t) {
            for (uint r = 0; r < TILE; r++)
                for (uint k = t; k < length; k += THREADS)
                    xs[r * (TILE_SLOTS * SEGMENT) + k] =
                        r < here ? x[(ulong)(above + r) * inputs + start + k] : 0.0f;
        }
        PHASE(t) {
            const uint slot = t / LANES;
            if (slot < slots) {
                const ulong group = (ulong)panel * groups + (start + slot * SEGMENT) / size;
                const uint count = fewer(length - slot * SEGMENT, SEGMENT);
                READ(uint4) own = w + group * LANES + t % LANES;
                float s[TILE];
                if (halves) tile_bf16(own, xs + slot * SEGMENT, count, s);
                else tile_f32(own, xs + slot * SEGMENT, count, s);
                for (uint r = 0; r < TILE; r++) sums[r * (TILE_SLOTS * LANES) + t] = s[r];
            }
        }
        PHASE(t) {
            const uint r = t / LANES;
            const uint lane = t % LANES;
            totals[t] = joined(totals[t], first == 0, sums + r * (TILE_SLOTS * LANES) + lane, LANES, slots);
        }
    }
    PHASE(t) {
        const uint r = t / LANES;
        const uint output = panel * LANES + t % LANES;
        if (r < here && output < outputs) y[(ulong)(above + r) * outputs + output] = totals[t];
    }
}

/* Rows of a matrix by number, widened exactly: the embedding of tokens. */
KERNEL(embed, 256, OUT(float, y), IN(uint4, w), IN(uint, tokens), VALUE(uint, inputs), VALUE(uint, count),
       VALUE(uint, halves)) {
    const uint size = halves ? 8 : 4;
    const uint groups = (inputs + size - 1) / size;
    PHASE(t) {
        const uint at = BLOCK * THREADS + t;
        if (at < count) {
            const uint token = tokens[at / inputs];
            const uint k = at % inputs;
            const ulong group = (ulong)(token / LANES) * groups + k / size;
            const uint4 v = w[group * LANES + token % LANES];
            y[at] = halves ? weight_bf16(v, k % size) : weight_f32(v, k % size);
        }
    }
}
