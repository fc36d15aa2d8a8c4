/* Constants and functions of numbers, in the order of docs/numerics.md. */

#define LANES 16u
#define SEGMENT 128u
#define PAGE_SLOTS 64u

FUNCTION float larger(float a, float b) { return b > a ? b : a; }

FUNCTION uint fewer(uint a, uint b) { return b < a ? b : a; }

FUNCTION uint is_finite(float x) { return (AS_UINT(x) & 0x7f800000u) != 0x7f800000u; }

FUNCTION float not_a_number(void) { return AS_FLOAT(0x7fc00000u); }

FUNCTION float power_of_two(int exponent) { return AS_FLOAT((uint)(exponent + 127) << 23); }

FUNCTION float exponential(float x) {
    /* 1 / ln 2, 1.5 * 2^23, and the two parts of ln 2, both negated. */
    const float l = AS_FLOAT(0x3fb8aa3bu);
    const float r0 = AS_FLOAT(0x4b400000u);
    const float high = AS_FLOAT(0xbf318000u);
    const float low = AS_FLOAT(0x395e8083u);
    if (x != x) return x;
    x = x < -104.0f ? -104.0f : x;
    x = x > 89.0f ? 89.0f : x;
    const float n = SUB(FMA(x, l, r0), r0);
    const float r = FMA(n, low, FMA(n, high, x));
    float p = AS_FLOAT(0x39506967u);
    p = FMA(p, r, AS_FLOAT(0x3ab743ceu));
    p = FMA(p, r, AS_FLOAT(0x3c088908u));
    p = FMA(p, r, AS_FLOAT(0x3d2aa9c1u));
    p = FMA(p, r, AS_FLOAT(0x3e2aaaaau));
    p = FMA(p, r, AS_FLOAT(0x3f000000u));
    const float e = ADD(FMA(p, MUL(r, r), r), 1.0f);
    /* Two factors, because 2^n itself may be no normal number. The shift rounds towards minus infinity. */
    const int whole = (int)n;
    const int first = whole >> 1;
    const float y = MUL(MUL(e, power_of_two(first)), power_of_two(whole - first));
    return y < AS_FLOAT(0x00800000u) ? 0.0f : y;
}

FUNCTION float sigmoid(float x) { return DIV(1.0f, ADD(1.0f, exponential(-x))); }

FUNCTION float silu(float x) { return DIV(x, ADD(1.0f, exponential(-x))); }

FUNCTION float within(float limit, float x) { return x > limit ? limit : (x < -limit ? -limit : x); }

/* The upper half of a number, rounded to the nearest bf16, of two the even one. */
FUNCTION uint nearest_bf16(float x) {
    const uint bits = AS_UINT(x);
    if (x != x) return 0x7fc0u;
    return (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
}

/* Sixteen lanes joined by a tree: the upper half with the lower half, until one is left. */
#define FOLD(name, join)                                                                                     \
    FUNCTION float name(LOCAL(float) lanes) {                                                                \
        float v[LANES];                                                                                      \
        for (uint l = 0; l < LANES; l++) v[l] = lanes[l];                                                    \
        for (uint half = LANES / 2; half > 0; half /= 2)                                                     \
            for (uint l = 0; l < half; l++) v[l] = join(v[l], v[l + half]);                                  \
        return v[0];                                                                                         \
    }

FOLD(fold_sum, ADD)
FOLD(fold_larger, larger)
