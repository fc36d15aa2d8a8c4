/* Experts of a few rows, all at once. A pair is a row and one expert that it chose. */

/* The product of a pair's row with the matrix of its expert. `rows` has the row of each pair; with `own` each pair has
   a row of its own. */
KERNEL(experts_f32, 256, OUT(float, y), TABLE(uint4, weights), IN(float, x), IN(uint, rows), VALUE(uint, inputs),
       VALUE(uint, outputs), VALUE(uint, own)) {
    SHARED(float, xs, SLOTS * SEGMENT);
    SHARED(float, sums, SLOTS * LANES);
    SHARED(float, totals, LANES);
    const uint panels = (outputs + LANES - 1) / LANES;
    const uint panel = BLOCK % panels;
    const uint pair = BLOCK / panels;
    const ulong row = own ? pair : rows[pair];
    const uint segments = (inputs + SEGMENT - 1) / SEGMENT;
    const uint groups = (inputs + 3) / 4;
    for (uint first = 0; first < segments; first += SLOTS) {
        const uint start = first * SEGMENT;
        const uint length = fewer(inputs - start, SLOTS * SEGMENT);
        const uint slots = fewer(segments - first, SLOTS);
        PHASE(t) {
            for (uint k = t; k < length; k += THREADS) xs[k] = x[row * inputs + start + k];
        }
        PHASE(t) {
            const uint slot = t / LANES;
            if (slot < slots) {
                const ulong group = (ulong)panel * groups + (start + slot * SEGMENT) / 4;
                const uint count = fewer(length - slot * SEGMENT, SEGMENT);
                sums[t] = segment_f32(weights[pair] + group * LANES + t % LANES, xs + slot * SEGMENT, count);
            }
        }
        PHASE(t) {
            if (t < LANES) totals[t] = joined(totals[t], first == 0, sums + t, LANES, slots);
        }
    }
    PHASE(t) {
        const uint output = panel * LANES + t;
        if (t < LANES && output < outputs) y[(ulong)pair * outputs + output] = totals[t];
    }
}

KERNEL(experts_bf16, 256, OUT(float, y), TABLE(uint4, weights), IN(float, x), IN(uint, rows), VALUE(uint, inputs),
       VALUE(uint, outputs), VALUE(uint, own)) {
    SHARED(float, xs, SLOTS * SEGMENT);
    SHARED(float, sums, SLOTS * LANES);
    SHARED(float, totals, LANES);
    const uint panels = (outputs + LANES - 1) / LANES;
    const uint panel = BLOCK % panels;
    const uint pair = BLOCK / panels;
    const ulong row = own ? pair : rows[pair];
    const uint segments = (inputs + SEGMENT - 1) / SEGMENT;
    const uint groups = (inputs + 7) / 8;
    for (uint first = 0; first < segments; first += SLOTS) {
        const uint start = first * SEGMENT;
        const uint length = fewer(inputs - start, SLOTS * SEGMENT);
        const uint slots = fewer(segments - first, SLOTS);
        PHASE(t) {
            for (uint k = t; k < length; k += THREADS) xs[k] = x[row * inputs + start + k];
        }
        PHASE(t) {
            const uint slot = t / LANES;
            if (slot < slots) {
                const ulong group = (ulong)panel * groups + (start + slot * SEGMENT) / 8;
                const uint count = fewer(length - slot * SEGMENT, SEGMENT);
                sums[t] = segment_bf16(weights[pair] + group * LANES + t % LANES, xs + slot * SEGMENT, count);
            }
        }
        PHASE(t) {
            if (t < LANES) totals[t] = joined(totals[t], first == 0, sums + t, LANES, slots);
        }
    }
    PHASE(t) {
        const uint output = panel * LANES + t;
        if (t < LANES && output < outputs) y[(ulong)pair * outputs + output] = totals[t];
    }
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
