/* Layer norm and root-mean-square norm of parts of rows; a block takes one part. */

/* Segments whose sixteen lanes are summed side by side. */
#define NORM_SLOTS 16u

/* Computes the mean and the inverse of the deviation of a part, which are then in `held`. `value_at(k)` is an element of
   the part. The first pass sums the elements, and the second one the squares of their distances to the mean. */
#define NORM_PHASES(value_at)                                                                                \
    SHARED(float, xs, NORM_SLOTS * SEGMENT);                                                                 \
    SHARED(float, weights, NORM_SLOTS * SEGMENT);                                                            \
    SHARED(float, lanes, NORM_SLOTS * LANES);                                                                \
    SHARED(float, sums, NORM_SLOTS);                                                                         \
    /* The running sum, the mean, and the inverse of the deviation. */                                       \
    SHARED(float, held, 3);                                                                                  \
    const ulong start = (ulong)BLOCK * width;                                                                \
    const uint segments = (width + SEGMENT - 1) / SEGMENT;                                                   \
    const uint begin = centred ? 0 : 1;                                                                      \
    for (uint pass = begin; pass < 2; pass++) {                                                              \
        for (uint first = 0; first < segments; first += NORM_SLOTS) {                                        \
            const uint slots = fewer(segments - first, NORM_SLOTS);                                          \
            const uint length = fewer(width - first * SEGMENT, NORM_SLOTS * SEGMENT);                        \
            PHASE(t) {                                                                                       \
                if (t == 0 && pass == begin && first == 0) held[1] = 0.0f;                                   \
                UNROLL(8)                                                                                    \
                for (uint k = t; k < length; k += THREADS) {                                                 \
                    xs[k] = value_at(first * SEGMENT + k);                                                   \
                    weights[k] = weight[first * SEGMENT + k];                                                \
                }                                                                                            \
            }                                                                                                \
            PHASE(t) {                                                                                       \
                const uint slot = t / LANES;                                                                 \
                if (slot < slots) {                                                                          \
                    const uint end = fewer(length - slot * SEGMENT, SEGMENT);                                \
                    const float mean = held[1];                                                              \
                    float s = 0.0f;                                                                          \
                    UNROLL(8)                                                                                \
                    for (uint k = t % LANES; k < end; k += LANES) {                                          \
                        const float value = xs[slot * SEGMENT + k];                                          \
                        const float distance = SUB(value, mean);                                             \
                        s = pass == 0 ? ADD(s, value) : FMA(distance, distance, s);                          \
                    }                                                                                        \
                    lanes[t] = s;                                                                            \
                }                                                                                            \
            }                                                                                                \
            PHASE(t) {                                                                                       \
                if (t < slots) sums[t] = fold_sum(lanes + t * LANES);                                        \
            }                                                                                                \
            PHASE(t) {                                                                                       \
                if (t == 0) {                                                                                \
                    held[0] = joined(held[0], first == 0, sums, 1, slots);                                   \
                    if (first + NORM_SLOTS >= segments) {                                                    \
                        const float mean = DIV(held[0], (float)width);                                       \
                        if (pass == 0) held[1] = mean;                                                       \
                        else held[2] = DIV(1.0f, SQRT(ADD(mean, epsilon)));                                  \
                    }                                                                                        \
                }                                                                                            \
            }                                                                                                \
        }                                                                                                    \
    }

/* A normalised element. Of a short part, all elements are still at hand. */
#define NORMED(value_at, k)                                                                                  \
    MUL(MUL(SUB(segments <= NORM_SLOTS ? xs[k] : value_at(k), held[1]), held[2]),                            \
        segments <= NORM_SLOTS ? weights[k] : weight[k])

#define ELEMENT(k) x[start + (k)]

KERNEL(norm_rows, 256, OUT(float, y), IN(float, x), IN(float, weight), VALUE(uint, width), VALUE(float, epsilon),
       VALUE(uint, centred)) {
    NORM_PHASES(ELEMENT)
    PHASE(t) {
        UNROLL(8)
        for (uint k = t; k < width; k += THREADS) y[start + k] = NORMED(ELEMENT, k);
    }
}

/* The sum of two rows, and behind all sums, from `after` on, its norm. */
#define SUM_OF_ELEMENTS(k) ADD(x[start + (k)], added[start + (k)])

KERNEL(add_norm, 256, OUT(float, y), IN(float, x), IN(float, added), IN(float, weight), VALUE(uint, width),
       VALUE(float, epsilon), VALUE(uint, centred), VALUE(uint, after)) {
    NORM_PHASES(SUM_OF_ELEMENTS)
    PHASE(t) {
        UNROLL(8)
        for (uint k = t; k < width; k += THREADS) {
            y[start + k] = segments <= NORM_SLOTS ? xs[k] : SUM_OF_ELEMENTS(k);
            y[after + start + k] = NORMED(SUM_OF_ELEMENTS, k);
        }
    }
}

/* The norm of each part, and then the rotation of each head in it. A row has `parts` parts. */
KERNEL(norm_rotate, 256, OUT(float, y), IN(float, x), IN(float, weight), IN(float, cosines), IN(float, sines),
       VALUE(uint, width), VALUE(float, epsilon), VALUE(uint, centred), VALUE(uint, pairs), VALUE(uint, halves),
       VALUE(uint, parts)) {
    NORM_PHASES(ELEMENT)
    PHASE(t) {
        const uint row = BLOCK / parts;
        UNROLL(4)
        for (uint i = t; i < width / 2; i += THREADS) {
            const uint pair = i % pairs;
            const uint first = i / pairs * (2 * pairs) + (halves ? pair : 2 * pair);
            const uint second = halves ? first + pairs : first + 1;
            const float c = cosines[row * pairs + pair];
            const float s = sines[row * pairs + pair];
            const float a = NORMED(ELEMENT, first);
            const float b = NORMED(ELEMENT, second);
            y[start + first] = SUB(MUL(a, c), MUL(b, s));
            y[start + second] = ADD(MUL(b, c), MUL(a, s));
        }
    }
}
