/* Layer norm and root-mean-square norm of parts of rows; a block takes one part. */

/* Segments whose sixteen lanes are summed side by side. */
#define NORM_SLOTS 8u

KERNEL(norm_rows, 128, OUT(float, y), IN(float, x), IN(float, weight), VALUE(uint, width), VALUE(float, epsilon),
       VALUE(uint, centred)) {
    SHARED(float, lanes, NORM_SLOTS * LANES);
    SHARED(float, sums, NORM_SLOTS);
    /* The running sum, the mean, and the inverse of the deviation. */
    SHARED(float, held, 3);
    const ulong start = (ulong)BLOCK * width;
    const uint segments = (width + SEGMENT - 1) / SEGMENT;
    PHASE(t) {
        if (t == 0) held[1] = 0.0f;
    }
    /* The first pass sums the elements, and the second one the squares of their distances to the mean. */
    for (uint pass = centred ? 0 : 1; pass < 2; pass++) {
        for (uint first = 0; first < segments; first += NORM_SLOTS) {
            const uint slots = fewer(segments - first, NORM_SLOTS);
            PHASE(t) {
                const uint slot = t / LANES;
                if (slot < slots) {
                    const uint from = (first + slot) * SEGMENT;
                    const uint length = fewer(width - from, SEGMENT);
                    float s = 0.0f;
                    for (uint k = t % LANES; k < length; k += LANES) {
                        const float value = x[start + from + k];
                        const float distance = SUB(value, held[1]);
                        s = pass == 0 ? ADD(s, value) : FMA(distance, distance, s);
                    }
                    lanes[t] = s;
                }
            }
            PHASE(t) {
                if (t < slots) sums[t] = fold_sum(lanes + t * LANES);
            }
            PHASE(t) {
                if (t == 0) held[0] = joined(held[0], first == 0, sums, 1, slots);
            }
        }
        PHASE(t) {
            if (t == 0) {
                const float mean = DIV(held[0], (float)width);
                if (pass == 0) held[1] = mean;
                else held[2] = DIV(1.0f, SQRT(ADD(mean, epsilon)));
            }
        }
    }
    PHASE(t) {
        for (uint k = t; k < width; k += THREADS)
            y[start + k] = MUL(MUL(SUB(x[start + k], held[1]), held[2]), weight[k]);
    }
}
