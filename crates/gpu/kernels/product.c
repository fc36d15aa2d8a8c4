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
    UNROLL(16)
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
    UNROLL(16)
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
    UNROLL(8)
    for (uint s = 1; s < count; s++) total = ADD(total, sums[stride * s]);
#endif
    return total;
}

/* The sum of a segment. Almost all are whole, and their loops have a fixed number of steps. */
FUNCTION float whole_or_last_f32(READ(uint4) w, LOCAL(float) x, uint count) {
    return count == SEGMENT ? segment_f32(w, x, SEGMENT) : segment_f32(w, x, count);
}

FUNCTION float whole_or_last_bf16(READ(uint4) w, LOCAL(float) x, uint count) {
    return count == SEGMENT ? segment_bf16(w, x, SEGMENT) : segment_bf16(w, x, count);
}

/* Segments of one row that a block computes side by side: sixteen with 256 threads. */
#define SLOTS 16u
#define SLOTS_OF_BLOCK (THREADS / LANES)

/* The elements from one segment of a row to the next, which begin in other banks of the shared memory. */
#define APART (SEGMENT + 4u)

/* Where an element of a row lies in the shared memory, counted from the row's first segment that is there. */
#define SHARED_PLACE(k) ((k) / SEGMENT * APART + (k) % SEGMENT)

/* Copies elements of rows into the shared memory, four at a time where rows begin at multiples of four. `from(r)` is
   the first element of a row that is copied, `length` the number of them, and `apart` what lies between rows. */
#define COPY_ROWS(rows, from, apart)                                                                         \
    if (inputs % 4 == 0) {                                                                                   \
        const uint fours = length / 4;                                                                       \
        UNROLL(8)                                                                                            \
        for (uint i = t; i < (rows) * fours; i += THREADS) {                                                 \
            const uint r = i / fours;                                                                        \
            const uint k = 4 * (i % fours);                                                                  \
            const uint4 v = FOUR(x + from(r) + k);                                                           \
            const uint to = r * (apart) + SHARED_PLACE(k);                                                   \
            xs[to] = AS_FLOAT(v.x);                                                                          \
            xs[to + 1] = AS_FLOAT(v.y);                                                                      \
            xs[to + 2] = AS_FLOAT(v.z);                                                                      \
            xs[to + 3] = AS_FLOAT(v.w);                                                                      \
        }                                                                                                    \
    } else {                                                                                                 \
        for (uint r = 0; r < (rows); r++)                                                                    \
            for (uint k = t; k < length; k += THREADS) xs[r * (apart) + SHARED_PLACE(k)] = x[from(r) + k];   \
    }

/* Asks for the weights of a panel that the next phase reads. They come while the rows are copied. Many blocks need no
   help, and would push each other's weights out of the cache. */
#define MOST_BROUGHT 512u
#define BRING_PANEL(matrix, size)                                                                            \
    for (uint line = t; end_1 < MOST_BROUGHT && line < 2 * ((length + size - 1) / size); line += THREADS)    \
        BRING((matrix) + chunk + line * (LINE / 16))

/* Sixteen outputs of one row: each segment of each output has its own thread. `row` is the first element of the row and
   `panel` the panel of the outputs. `bring` asks for weights, `work` computes sums of a segment from the weights at `own`
   and `count` inputs at `xi`, and `join` adds `slots` segments to totals. The kernel declares `xs`. */
#define ROW_PHASES(row, size, bring, work, join)                                                             \
    for (uint first = 0; first < (inputs + SEGMENT - 1) / SEGMENT; first += SLOTS_OF_BLOCK) {                \
        const uint start = first * SEGMENT;                                                                  \
        const uint length = fewer(inputs - start, SLOTS_OF_BLOCK * SEGMENT);                                 \
        const uint slots = (length + SEGMENT - 1) / SEGMENT;                                                 \
        const ulong chunk = ((ulong)panel * ((inputs + size - 1) / size) + start / size) * LANES;            \
        const ulong begin = (row) + start;                                                                   \
        PHASE(t) {                                                                                           \
            bring;                                                                                           \
            COPY_ROWS(1, BEGIN_OF_ROW, 0)                                                                    \
        }                                                                                                    \
        PHASE(t) {                                                                                           \
            const uint slot = t / LANES;                                                                     \
            if (slot < slots) {                                                                              \
                const ulong own = chunk + (ulong)(slot * (SEGMENT / size)) * LANES + t % LANES;              \
                const uint count = fewer(length - slot * SEGMENT, SEGMENT);                                  \
                LOCAL(float) xi = xs + slot * APART;                                                         \
                work;                                                                                        \
            }                                                                                                \
        }                                                                                                    \
        PHASE(t) {                                                                                           \
            if (t < LANES) {                                                                                 \
                join;                                                                                        \
            }                                                                                                \
        }                                                                                                    \
    }

#define BEGIN_OF_ROW(r) begin
#define JOIN_ROW(totals, sums) totals[t] = joined(totals[t], first == 0, sums + t, LANES, slots)

/* Up to three matrices of one format and one number of inputs, whose products lie in `y` one after the other, each from a
   multiple of four elements on. A matrix that is not there has no outputs. `width` is the number of outputs of one part. */
#define PARTS(outputs, width) (((outputs) + (width) - 1) / (width))
#define AFTER(outputs) (((ulong)rows * (outputs) + 3) / 4 * 4)

/* The part of the outputs that a block computes, its matrix, and where its product begins. */
#define MATRIX_OF_BLOCK(width)                                                                               \
    const uint end_0 = PARTS(outputs_0, width);                                                              \
    const uint end_1 = end_0 + PARTS(outputs_1, width);                                                      \
    const uint among = BLOCK % (end_1 + PARTS(outputs_2, width));                                            \
    const uint above = BLOCK / (end_1 + PARTS(outputs_2, width));                                            \
    const uint part = among - (among < end_0 ? 0 : (among < end_1 ? end_0 : end_1));                         \
    const uint outputs = among < end_0 ? outputs_0 : (among < end_1 ? outputs_1 : outputs_2);                \
    READ(uint4) w = among < end_0 ? w_0 : (among < end_1 ? w_1 : w_2);                                       \
    const ulong to = among < end_0 ? 0 : AFTER(outputs_0) + (among < end_1 ? 0 : AFTER(outputs_1));

/* The product of each row. A block computes a panel of outputs of one row. */
#define ROW_PRODUCT(segment, size)                                                                           \
    SHARED(float, xs, SLOTS * APART);                                                                        \
    SHARED(float, sums, SLOTS * LANES);                                                                      \
    SHARED(float, totals, LANES);                                                                            \
    MATRIX_OF_BLOCK(LANES)                                                                                   \
    const uint panel = part;                                                                                 \
    ROW_PHASES((ulong)above * inputs, size, BRING_PANEL(w, size), sums[t] = segment(w + own, xi, count),     \
               JOIN_ROW(totals, sums))                                                                       \
    PHASE(t) {                                                                                               \
        const uint output = panel * LANES + t;                                                               \
        if (t < LANES && output < outputs) y[to + (ulong)above * outputs + output] = totals[t];              \
    }

KERNEL(product_row_f32, 256, OUT(float, y), IN(uint4, w_0), IN(uint4, w_1), IN(uint4, w_2), IN(float, x),
       VALUE(uint, inputs), VALUE(uint, outputs_0), VALUE(uint, outputs_1), VALUE(uint, outputs_2), VALUE(uint, rows)) {
    ROW_PRODUCT(whole_or_last_f32, 4)
}

KERNEL(product_row_bf16, 256, OUT(float, y), IN(uint4, w_0), IN(uint4, w_1), IN(uint4, w_2), IN(float, x),
       VALUE(uint, inputs), VALUE(uint, outputs_0), VALUE(uint, outputs_1), VALUE(uint, outputs_2), VALUE(uint, rows)) {
    ROW_PRODUCT(whole_or_last_bf16, 8)
}

/* Rows that share one reading of the weights, and segments that are computed side by side for them. */
#define TILE 8u
#define TILE_SLOTS 8u

/* The elements from one row of a tile to the next. */
#define TILE_ROW (TILE_SLOTS * APART)

/* The sums of one segment for each of `ROWS` rows. A step multiplies a weight with the input of each row. */
#define TILE_STEP(ROWS, weight, at)                                                                          \
    UNROLL(8)                                                                                                \
    for (uint r = 0; r < ROWS; r++) s[r] = FMA(weight, x[r * TILE_ROW + (at)], s[r]);

#define TILE_F32(name, ROWS, depth)                                                                          \
    FUNCTION void name(READ(uint4) w, LOCAL(float) x, uint count, PRIVATE(float) s) {                        \
        UNROLL(8)                                                                                            \
        for (uint r = 0; r < ROWS; r++) s[r] = 0.0f;                                                         \
        const uint whole = count / 4;                                                                        \
        for (uint g = 0; g < whole; g += depth) {                                                            \
            uint4 v[depth];                                                                                  \
            UNROLL(8)                                                                                        \
            for (uint i = 0; i < depth; i++) v[i] = w[fewer(g + i, whole - 1) * LANES];                      \
            UNROLL(8)                                                                                        \
            for (uint i = 0; i < depth; i++) {                                                               \
                if (g + i >= whole) continue;                                                                \
                TILE_STEP(ROWS, AS_FLOAT(v[i].x), 4 * (g + i))                                               \
                TILE_STEP(ROWS, AS_FLOAT(v[i].y), 4 * (g + i) + 1)                                           \
                TILE_STEP(ROWS, AS_FLOAT(v[i].z), 4 * (g + i) + 2)                                           \
                TILE_STEP(ROWS, AS_FLOAT(v[i].w), 4 * (g + i) + 3)                                           \
            }                                                                                                \
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
        for (uint g = 0; g < whole; g += depth) {                                                            \
            uint4 v[depth];                                                                                  \
            UNROLL(8)                                                                                        \
            for (uint i = 0; i < depth; i++) v[i] = w[fewer(g + i, whole - 1) * LANES];                      \
            UNROLL(8)                                                                                        \
            for (uint i = 0; i < depth; i++) {                                                               \
                if (g + i >= whole) continue;                                                                \
                TILE_STEP(ROWS, low_half(v[i].x), 8 * (g + i))                                               \
                TILE_STEP(ROWS, high_half(v[i].x), 8 * (g + i) + 1)                                          \
                TILE_STEP(ROWS, low_half(v[i].y), 8 * (g + i) + 2)                                           \
                TILE_STEP(ROWS, high_half(v[i].y), 8 * (g + i) + 3)                                          \
                TILE_STEP(ROWS, low_half(v[i].z), 8 * (g + i) + 4)                                           \
                TILE_STEP(ROWS, high_half(v[i].z), 8 * (g + i) + 5)                                          \
                TILE_STEP(ROWS, low_half(v[i].w), 8 * (g + i) + 6)                                           \
                TILE_STEP(ROWS, high_half(v[i].w), 8 * (g + i) + 7)                                          \
            }                                                                                                \
        }                                                                                                    \
        for (uint k = 8 * whole; k < count; k++) {                                                           \
            const float weight = weight_bf16(w[whole * LANES], k % 8);                                       \
            TILE_STEP(ROWS, weight, k)                                                                       \
        }                                                                                                    \
    }

TILE_F32(two_rows_f32, 2, 8)
TILE_F32(four_rows_f32, 4, 8)
TILE_F32(eight_rows_f32, 8, 4)
TILE_BF16(two_rows_bf16, 2, 8)
TILE_BF16(four_rows_bf16, 4, 8)
TILE_BF16(eight_rows_bf16, 8, 4)

/* Sixteen outputs of up to eight rows. `here` is the number of rows, and `from(r)` the first element of a row. All else is
   as in ROW_PHASES; `join` is called for each row and output. */
#define TILE_PHASES(from, bring, work, join)                                                                 \
    for (uint first = 0; first < (inputs + SEGMENT - 1) / SEGMENT; first += TILE_SLOTS) {                    \
        const uint size = halves ? 8 : 4;                                                                    \
        const uint start = first * SEGMENT;                                                                  \
        const uint length = fewer(inputs - start, TILE_SLOTS * SEGMENT);                                     \
        const uint slots = (length + SEGMENT - 1) / SEGMENT;                                                 \
        const ulong chunk = ((ulong)panel * ((inputs + size - 1) / size) + start / size) * LANES;            \
        PHASE(t) {                                                                                           \
            bring;                                                                                           \
            COPY_ROWS(here, start + from, TILE_ROW)                                                          \
        }                                                                                                    \
        PHASE(t) {                                                                                           \
            const uint slot = t / LANES;                                                                     \
            if (slot < slots) {                                                                              \
                const ulong own = chunk + (ulong)(slot * (SEGMENT / size)) * LANES + t % LANES;              \
                const uint count = fewer(length - slot * SEGMENT, SEGMENT);                                  \
                LOCAL(float) xi = xs + slot * APART;                                                         \
                work;                                                                                        \
            }                                                                                                \
        }                                                                                                    \
        PHASE(t) {                                                                                           \
            const uint r = t / LANES;                                                                        \
            if (r < here) {                                                                                  \
                join;                                                                                        \
            }                                                                                                \
        }                                                                                                    \
    }

/* The sums of one segment, for as many rows as there are. Sums of rows that are not there are not read. */
#define TILE_SUMS(sums, matrix)                                                                              \
    do {                                                                                                     \
        float s[TILE];                                                                                       \
        if (here > 4) {                                                                                      \
            if (halves) eight_rows_bf16((matrix) + own, xi, count, s);                                       \
            else eight_rows_f32((matrix) + own, xi, count, s);                                               \
            UNROLL(8)                                                                                        \
            for (uint r = 0; r < 8; r++) sums[r * (TILE_SLOTS * LANES) + t] = s[r];                          \
        } else if (here > 2) {                                                                               \
            if (halves) four_rows_bf16((matrix) + own, xi, count, s);                                        \
            else four_rows_f32((matrix) + own, xi, count, s);                                                \
            UNROLL(4)                                                                                        \
            for (uint r = 0; r < 4; r++) sums[r * (TILE_SLOTS * LANES) + t] = s[r];                          \
        } else {                                                                                             \
            if (halves) two_rows_bf16((matrix) + own, xi, count, s);                                         \
            else two_rows_f32((matrix) + own, xi, count, s);                                                 \
            UNROLL(2)                                                                                        \
            for (uint r = 0; r < 2; r++) sums[r * (TILE_SLOTS * LANES) + t] = s[r];                          \
        }                                                                                                    \
    } while (0)

#define JOIN_TILE(totals, sums)                                                                              \
    totals[t] = joined(totals[t], first == 0, sums + r * (TILE_SLOTS * LANES) + t % LANES, LANES, slots)

/* Products of several rows: a block computes sixteen outputs of a tile of rows. */
KERNEL(product_tile, 128, OUT(float, y), IN(uint4, w_0), IN(uint4, w_1), IN(uint4, w_2), IN(float, x),
       VALUE(uint, inputs), VALUE(uint, outputs_0), VALUE(uint, outputs_1), VALUE(uint, outputs_2), VALUE(uint, rows),
       VALUE(uint, halves)) {
    SHARED(float, xs, TILE * TILE_ROW);
    SHARED(float, sums, TILE * TILE_SLOTS * LANES);
    SHARED(float, totals, TILE * LANES);
    MATRIX_OF_BLOCK(LANES)
    const uint panel = part;
    const uint begin = above * TILE;
    const uint here = fewer(rows - begin, TILE);
#define ROW_OF_TILE(r) (ulong)(begin + (r)) * inputs
    TILE_PHASES(ROW_OF_TILE, BRING_PANEL(w, size), TILE_SUMS(sums, w), JOIN_TILE(totals, sums))
    PHASE(t) {
        const uint r = t / LANES;
        const uint output = panel * LANES + t % LANES;
        if (r < here && output < outputs) y[to + (ulong)(begin + r) * outputs + output] = totals[t];
    }
}

/* Many rows: a block computes 128 outputs of up to 32 rows, one segment after the other, and a thread four outputs of
   eight rows. The inputs are whole groups of weights. */
#define WIDE_ROWS 32u
#define WIDE_OUTPUTS 128u
#define OWN_ROWS 8u
#define OWN_OUTPUTS 4u

/* The output with the number `j` of a thread, in its block. Neighbouring threads have neighbouring outputs. */
#define OWN_OUTPUT(j) (t % 32 + 32 * (j))

/* The sums of one segment, which begins at the group `begin` of each panel. */
#define WIDE_SUMS(matrix, weight_of, size)                                                                   \
    for (uint g = 0; g < count / size; g++) {                                                                \
        uint4 v[OWN_OUTPUTS];                                                                                \
        UNROLL(4)                                                                                            \
        for (uint j = 0; j < OWN_OUTPUTS; j++) {                                                             \
            const ulong own = (ulong)fewer((column + OWN_OUTPUT(j)) / LANES, panels - 1) * (inputs / size);  \
            v[j] = (matrix)[(own + start / size + g) * LANES + OWN_OUTPUT(j) % LANES];                       \
        }                                                                                                    \
        UNROLL(2)                                                                                            \
        for (uint q = 0; q < size; q += 4) {                                                                 \
            float near[4 * OWN_ROWS];                                                                        \
            UNROLL(8)                                                                                        \
            for (uint r = 0; r < OWN_ROWS; r++) {                                                            \
                UNROLL(4)                                                                                    \
                for (uint i = 0; i < 4; i++) near[4 * r + i] = xs[(t / 32 * OWN_ROWS + r) * APART + size * g + q + i]; \
            }                                                                                                \
            UNROLL(4)                                                                                        \
            for (uint i = 0; i < 4; i++) {                                                                   \
                UNROLL(4)                                                                                    \
                for (uint j = 0; j < OWN_OUTPUTS; j++) {                                                     \
                    const float weight = weight_of(v[j], q + i);                                             \
                    UNROLL(8)                                                                                \
                    for (uint r = 0; r < OWN_ROWS; r++)                                                      \
                        s[OWN_OUTPUTS * r + j] = FMA(weight, near[4 * r + i], s[OWN_OUTPUTS * r + j]);       \
                }                                                                                            \
            }                                                                                                \
        }                                                                                                    \
    }

/* The totals of a block, `totals`. `from(r)` is the first element of a row, and `here` the number of rows. */
#define WIDE_TOTALS(matrix, from)                                                                            \
    for (uint start = 0; start < inputs; start += SEGMENT) {                                                 \
        const uint length = fewer(inputs - start, SEGMENT);                                                  \
        const uint count = length;                                                                           \
        PHASE(t) {                                                                                           \
            COPY_ROWS(here, start + from, APART)                                                             \
        }                                                                                                    \
        PHASE(t) {                                                                                           \
            float s[OWN_ROWS * OWN_OUTPUTS];                                                                 \
            UNROLL(32)                                                                                       \
            for (uint i = 0; i < OWN_ROWS * OWN_OUTPUTS; i++) s[i] = 0.0f;                                   \
            if (halves) {                                                                                    \
                WIDE_SUMS(matrix, weight_bf16, 8)                                                            \
            } else {                                                                                         \
                WIDE_SUMS(matrix, weight_f32, 4)                                                             \
            }                                                                                                \
            UNROLL(8)                                                                                        \
            for (uint r = 0; r < OWN_ROWS; r++) {                                                            \
                UNROLL(4)                                                                                    \
                for (uint j = 0; j < OWN_OUTPUTS; j++) {                                                     \
                    const uint at = (t / 32 * OWN_ROWS + r) * WIDE_OUTPUTS + OWN_OUTPUT(j);                  \
                    totals[at] = start == 0 ? s[OWN_OUTPUTS * r + j] : ADD(totals[at], s[OWN_OUTPUTS * r + j]); \
                }                                                                                            \
            }                                                                                                \
        }                                                                                                    \
    }

KERNEL(product_wide, 128, OUT(float, y), IN(uint4, w_0), IN(uint4, w_1), IN(uint4, w_2), IN(float, x),
       VALUE(uint, inputs), VALUE(uint, outputs_0), VALUE(uint, outputs_1), VALUE(uint, outputs_2), VALUE(uint, rows),
       VALUE(uint, halves)) {
    SHARED(float, xs, WIDE_ROWS * APART);
    SHARED(float, totals, WIDE_ROWS * WIDE_OUTPUTS);
    MATRIX_OF_BLOCK(WIDE_OUTPUTS)
    const uint panels = (outputs + LANES - 1) / LANES;
    const uint column = part * WIDE_OUTPUTS;
    const uint begin = above * WIDE_ROWS;
    const uint here = fewer(rows - begin, WIDE_ROWS);
    WIDE_TOTALS(w, ROW_OF_TILE)
    PHASE(t) {
        if (column + t < outputs)
            for (uint r = 0; r < here; r++)
                y[to + (ulong)(begin + r) * outputs + column + t] = totals[r * WIDE_OUTPUTS + t];
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
