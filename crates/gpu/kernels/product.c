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

/* The totals of sixteen outputs of one row, `totals`: each segment of each output has its own thread. `matrix` is the
   matrix, `panel` the panel of its outputs, and `row` the first element of the row. `segment` sums a segment whose
   groups have `size` inputs. The kernel declares `xs` and `sums`, and all its threads take part. */
#define ROW_TOTALS(totals, matrix, row, segment, size)                                                       \
    for (uint first = 0; first < (inputs + SEGMENT - 1) / SEGMENT; first += SLOTS) {                         \
        const uint start = first * SEGMENT;                                                                  \
        const uint length = fewer(inputs - start, SLOTS * SEGMENT);                                          \
        const uint slots = (length + SEGMENT - 1) / SEGMENT;                                                 \
        PHASE(t) {                                                                                           \
            for (uint k = t; k < length; k += THREADS) xs[k] = x[(row) + start + k];                         \
        }                                                                                                    \
        PHASE(t) {                                                                                           \
            const uint slot = t / LANES;                                                                     \
            if (slot < slots) {                                                                              \
                const uint groups = (inputs + size - 1) / size;                                              \
                const ulong group = (ulong)panel * groups + (start + slot * SEGMENT) / size;                 \
                const uint count = fewer(length - slot * SEGMENT, SEGMENT);                                  \
                sums[t] = segment((matrix) + group * LANES + t % LANES, xs + slot * SEGMENT, count);         \
            }                                                                                                \
        }                                                                                                    \
        PHASE(t) {                                                                                           \
            if (t < LANES) totals[t] = joined(totals[t], first == 0, sums + t, LANES, slots);                \
        }                                                                                                    \
    }

/* The product of each row with one matrix. A block computes a panel of outputs of one row. */
#define ROW_PRODUCT(segment, size)                                                                           \
    SHARED(float, xs, SLOTS * SEGMENT);                                                                      \
    SHARED(float, sums, SLOTS * LANES);                                                                      \
    SHARED(float, totals, LANES);                                                                            \
    const uint panels = (outputs + LANES - 1) / LANES;                                                       \
    const uint panel = BLOCK % panels;                                                                       \
    const uint to = BLOCK / panels;                                                                          \
    ROW_TOTALS(totals, w, (ulong)to * inputs, segment, size)                                                 \
    PHASE(t) {                                                                                               \
        const uint output = panel * LANES + t;                                                               \
        if (t < LANES && output < outputs) y[(ulong)to * outputs + output] = totals[t];                      \
    }

KERNEL(product_row_f32, 256, OUT(float, y), IN(uint4, w), IN(float, x), VALUE(uint, inputs), VALUE(uint, outputs)) {
    ROW_PRODUCT(segment_f32, 4)
}

KERNEL(product_row_bf16, 256, OUT(float, y), IN(uint4, w), IN(float, x), VALUE(uint, inputs), VALUE(uint, outputs)) {
    ROW_PRODUCT(segment_bf16, 8)
}

/* Rows that share one reading of the weights, and segments that are computed side by side for them. */
#define TILE 8u
#define TILE_SLOTS 8u

/* The elements from one segment of a tile to the next, which end in other banks of the memory, and from one row to the
   next. */
#define TILE_SEGMENT (SEGMENT + 4u)
#define TILE_ROW (TILE_SLOTS * TILE_SEGMENT)

/* The sums of one segment for each of `ROWS` rows. A step multiplies a weight with the input of each row. */
#define TILE_STEP(ROWS, weight, at)                                                                          \
    UNROLL(8)                                                                                                \
    for (uint r = 0; r < ROWS; r++) s[r] = FMA(weight, x[r * TILE_ROW + (at)], s[r]);

#define TILE_F32(name, ROWS, depth)                                                                          \
    FUNCTION void name(READ(uint4) w, LOCAL(float) x, uint count, PRIVATE(float) s) {                        \
        UNROLL(8)                                                                                            \
        for (uint r = 0; r < ROWS; r++) s[r] = 0.0f;                                                         \
        const uint whole = count / 4;                                                                        \
        UNROLL(depth)                                                                                        \
        for (uint g = 0; g < whole; g++) {                                                                   \
            const uint4 v = w[g * LANES];                                                                    \
            TILE_STEP(ROWS, AS_FLOAT(v.x), 4 * g)                                                            \
            TILE_STEP(ROWS, AS_FLOAT(v.y), 4 * g + 1)                                                        \
            TILE_STEP(ROWS, AS_FLOAT(v.z), 4 * g + 2)                                                        \
            TILE_STEP(ROWS, AS_FLOAT(v.w), 4 * g + 3)                                                        \
        }                                                                                                    \
        for (uint k = 4 * whole; k < count; k++) {                                                           \
            const float weight = weight_f32(w[whole * LANES], k % 4);                                        \
            TILE_STEP(ROWS, weight, k)                                                                       \
        }                                                                                                    \
    }

#define TILE_BF16(name, ROWS, depth)                                                                         \
    FUNCTION void name(READ(uint4) w, LOCAL(float) x, uint count, PRIVATE(float) s) {                        \
        UNROLL(8)                                                                                            \
        for (uint r = 0; r < ROWS; r++) s[r] = 0.0f;                                                         \
        const uint whole = count / 8;                                                                        \
        UNROLL(depth)                                                                                        \
        for (uint g = 0; g < whole; g++) {                                                                   \
            const uint4 v = w[g * LANES];                                                                    \
            TILE_STEP(ROWS, low_half(v.x), 8 * g)                                                            \
            TILE_STEP(ROWS, high_half(v.x), 8 * g + 1)                                                       \
            TILE_STEP(ROWS, low_half(v.y), 8 * g + 2)                                                        \
            TILE_STEP(ROWS, high_half(v.y), 8 * g + 3)                                                       \
            TILE_STEP(ROWS, low_half(v.z), 8 * g + 4)                                                        \
            TILE_STEP(ROWS, high_half(v.z), 8 * g + 5)                                                       \
            TILE_STEP(ROWS, low_half(v.w), 8 * g + 6)                                                        \
            TILE_STEP(ROWS, high_half(v.w), 8 * g + 7)                                                       \
        }                                                                                                    \
        for (uint k = 8 * whole; k < count; k++) {                                                           \
            const float weight = weight_bf16(w[whole * LANES], k % 8);                                       \
            TILE_STEP(ROWS, weight, k)                                                                       \
        }                                                                                                    \
    }

TILE_F32(two_rows_f32, 2, 8)
TILE_F32(four_rows_f32, 4, 4)
TILE_F32(eight_rows_f32, 8, 2)
TILE_BF16(two_rows_bf16, 2, 8)
TILE_BF16(four_rows_bf16, 4, 4)
TILE_BF16(eight_rows_bf16, 8, 2)

/* The totals of sixteen outputs of up to eight rows, `totals`. `here` is the number of rows, and `row_of(r)` the first
   element of a row. Rows that are not there count as zeros. All else is as in ROW_TOTALS. */
#define TILE_TOTALS(totals, matrix, row_of)                                                                  \
    for (uint first = 0; first < (inputs + SEGMENT - 1) / SEGMENT; first += TILE_SLOTS) {                    \
        const uint start = first * SEGMENT;                                                                  \
        const uint length = fewer(inputs - start, TILE_SLOTS * SEGMENT);                                     \
        const uint slots = (length + SEGMENT - 1) / SEGMENT;                                                 \
        PHASE(t) {                                                                                           \
            for (uint r = 0; r < TILE; r++) {                                                                \
                const ulong from = r < here ? row_of(r) + start : 0;                                         \
                for (uint k = t; k < length; k += THREADS)                                                   \
                    xs[r * TILE_ROW + k / SEGMENT * TILE_SEGMENT + k % SEGMENT] = r < here ? x[from + k] : 0.0f; \
            }                                                                                                \
        }                                                                                                    \
        PHASE(t) {                                                                                           \
            const uint slot = t / LANES;                                                                     \
            if (slot < slots) {                                                                              \
                const uint size = halves ? 8 : 4;                                                            \
                const ulong group = (ulong)panel * ((inputs + size - 1) / size) + (start + slot * SEGMENT) / size; \
                const uint count = fewer(length - slot * SEGMENT, SEGMENT);                                  \
                READ(uint4) own = (matrix) + group * LANES + t % LANES;                                      \
                LOCAL(float) of_slot = xs + slot * TILE_SEGMENT;                                             \
                float s[TILE];                                                                               \
                if (here > 4) {                                                                              \
                    if (halves) eight_rows_bf16(own, of_slot, count, s);                                     \
                    else eight_rows_f32(own, of_slot, count, s);                                             \
                    for (uint r = 0; r < TILE; r++) sums[r * (TILE_SLOTS * LANES) + t] = s[r];               \
                } else if (here > 2) {                                                                       \
                    if (halves) four_rows_bf16(own, of_slot, count, s);                                      \
                    else four_rows_f32(own, of_slot, count, s);                                              \
                    for (uint r = 0; r < 4; r++) sums[r * (TILE_SLOTS * LANES) + t] = s[r];                  \
                } else {                                                                                     \
                    if (halves) two_rows_bf16(own, of_slot, count, s);                                       \
                    else two_rows_f32(own, of_slot, count, s);                                               \
                    for (uint r = 0; r < 2; r++) sums[r * (TILE_SLOTS * LANES) + t] = s[r];                  \
                }                                                                                            \
            }                                                                                                \
        }                                                                                                    \
        PHASE(t) {                                                                                           \
            const uint r = t / LANES;                                                                        \
            LOCAL(float) own = sums + r * (TILE_SLOTS * LANES) + t % LANES;                                  \
            if (r < here) totals[t] = joined(totals[t], first == 0, own, LANES, slots);                      \
        }                                                                                                    \
    }

/* Products of several rows with one matrix: a block computes sixteen outputs of a tile of rows. */
KERNEL(product_tile, 128, OUT(float, y), IN(uint4, w), IN(float, x), VALUE(uint, inputs), VALUE(uint, outputs),
       VALUE(uint, rows), VALUE(uint, halves)) {
    SHARED(float, xs, TILE * TILE_ROW);
    SHARED(float, sums, TILE * TILE_SLOTS * LANES);
    SHARED(float, totals, TILE * LANES);
    const uint panels = (outputs + LANES - 1) / LANES;
    const uint panel = BLOCK % panels;
    const uint above = BLOCK / panels * TILE;
    const uint here = fewer(rows - above, TILE);
#define ROW_OF_TILE(r) (ulong)(above + r) * inputs
    TILE_TOTALS(totals, w, ROW_OF_TILE)
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
