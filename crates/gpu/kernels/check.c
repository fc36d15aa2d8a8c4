/* Kernels that check a device, and compute nothing of a model. */

/* Six results of IEEE arithmetic for each three numbers. */
KERNEL(check_arithmetic, 256, OUT(float, y), IN(float, a), IN(float, b), IN(float, c), VALUE(uint, count)) {
    PHASE(t) {
        const uint at = BLOCK * THREADS + t;
        if (at < count) {
            y[6 * at] = FMA(a[at], b[at], c[at]);
            y[6 * at + 1] = DIV(a[at], b[at]);
            y[6 * at + 2] = SQRT(AS_FLOAT(AS_UINT(a[at]) & 0x7fffffffu));
            y[6 * at + 3] = MUL(a[at], b[at]);
            y[6 * at + 4] = ADD(MUL(a[at], b[at]), c[at]);
            y[6 * at + 5] = exponential(a[at]);
        }
    }
}

/* Each thread passes its number on to the next one. The two halves are two phases, so no order of the threads shows. */
KERNEL(check_phases, 256, OUT(uint, y), IN(uint, x)) {
    SHARED(uint, passed, 256);
    PHASE(t) { passed[(t + 1) % THREADS] = x[BLOCK * THREADS + t]; }
    PHASE(t) { y[BLOCK * THREADS + t] = passed[t]; }
}

/* The same in one phase, as if a barrier were missing: the order of the threads shows. */
KERNEL(check_race, 256, OUT(uint, y), IN(uint, x)) {
    SHARED(uint, passed, 256);
    PHASE(t) { passed[t] = 0; }
    PHASE(t) {
        passed[(t + 1) % THREADS] = x[BLOCK * THREADS + t];
        y[BLOCK * THREADS + t] = passed[t];
    }
}

/* The same product as `product_row_bf16`, for whole segments, with sums in an order that is only fast: each thread takes
   every sixteenth group of its output and keeps four sums. It shows what the fixed order costs. */
KERNEL(check_free_product, 256, OUT(float, y), IN(uint4, w), IN(float, x), VALUE(uint, inputs), VALUE(uint, outputs)) {
    SHARED(float, sums, 16 * LANES);
    const uint groups = inputs / 8;
    PHASE(t) {
        READ(uint4) own = w + (ulong)BLOCK * groups * LANES + t % LANES;
        float a = 0.0f, b = 0.0f, c = 0.0f, d = 0.0f;
        UNROLL(4)
        for (uint g = t / LANES; g < groups; g += 16) {
            const uint4 v = own[g * LANES];
            READ(float) xg = x + 8 * g;
            a = FMA(high_half(v.x), xg[1], FMA(low_half(v.x), xg[0], a));
            b = FMA(high_half(v.y), xg[3], FMA(low_half(v.y), xg[2], b));
            c = FMA(high_half(v.z), xg[5], FMA(low_half(v.z), xg[4], c));
            d = FMA(high_half(v.w), xg[7], FMA(low_half(v.w), xg[6], d));
        }
        sums[t] = ADD(ADD(a, b), ADD(c, d));
    }
    PHASE(t) {
        const uint output = BLOCK * LANES + t;
        if (t < LANES && output < outputs) {
            float total = 0.0f;
            for (uint slot = 0; slot < 16; slot++) total = ADD(total, sums[slot * LANES + t]);
            y[output] = total;
        }
    }
}

FUNCTION uint mixed(uint word) {
    word ^= word >> 16;
    word *= 0x7feb352du;
    word ^= word >> 15;
    word *= 0x846ca68bu;
    return word ^ (word >> 16);
}

/* Words that hold random weights up to `bound` in magnitude: one in f32, or two in bf16. */
KERNEL(fill_random, 256, OUT(uint, words), VALUE(uint, seed), VALUE(uint, halves), VALUE(float, bound),
       VALUE(uint, count)) {
    PHASE(t) {
        const uint at = BLOCK * THREADS + t;
        if (at < count) {
            const uint drawn = mixed(at + mixed(seed));
            const float low = MUL(bound, SUB(DIV((float)(drawn & 0xffffu), 32768.0f), 1.0f));
            const float high = MUL(bound, SUB(DIV((float)(drawn >> 16), 32768.0f), 1.0f));
            words[at] = halves ? nearest_bf16(low) | (nearest_bf16(high) << 16) : AS_UINT(low);
        }
    }
}
