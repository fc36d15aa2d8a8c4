/* Experts of a few rows, all at once. A pair is a row and one expert that it chose. */

/* The product of a pair's row with the matrix of its expert. `rows` has the row of each pair; with `own` each pair has
   a row of its own. */
#define ROW_OF_PAIR(pair) (own ? pair : rows[pair])
#define MATRIX_OF_PAIR(pair) weights[pair]

KERNEL(experts_f32, 256, OUT(float, y), TABLE(uint4, weights), IN(float, x), IN(uint, rows), VALUE(uint, inputs),
       VALUE(uint, outputs), VALUE(uint, own)) {
    ROW_PRODUCT(ROW_OF_PAIR, MATRIX_OF_PAIR, segment_f32, 4)
}

KERNEL(experts_bf16, 256, OUT(float, y), TABLE(uint4, weights), IN(float, x), IN(uint, rows), VALUE(uint, inputs),
       VALUE(uint, outputs), VALUE(uint, own)) {
    ROW_PRODUCT(ROW_OF_PAIR, MATRIX_OF_PAIR, segment_bf16, 8)
}

/* The weighted sum of each row's pairs, in their order. The pairs of row r are those from `starts[r]` on, up to, and
   without, `starts[r + 1]`. A thread takes one element. */
KERNEL(combine_experts, 256, OUT(float, y), IN(float, outputs), IN(uint, starts), IN(float, factors), VALUE(uint, width),
       VALUE(uint, count)) {
    PHASE(t) {
        const uint at = BLOCK * THREADS + t;
        if (at < count) {
            const uint row = at / width;
            float sum = 0.0f;
            for (uint pair = starts[row]; pair < starts[row + 1]; pair++)
                sum = FMA(factors[pair], outputs[(ulong)pair * width + at % width], sum);
            y[at] = sum;
        }
    }
}
