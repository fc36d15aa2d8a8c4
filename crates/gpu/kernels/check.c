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
