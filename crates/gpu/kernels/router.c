/* The choice of experts; a block takes one row.

   The output of a row has three parts, in words: a score for each expert, a flag for each expert that is chosen, and
   for each place of the choice the expert and its factor. A place that no expert takes has all bits set. */

#define SCORES_SOFTMAX 0u
#define SCORES_SIGMOID 1u
#define SCORES_OF_CHOSEN 2u

KERNEL(route, 128, OUT(uint, out), IN(float, outputs), IN(uint, allowed), VALUE(uint, experts), VALUE(uint, chosen),
       VALUE(uint, kind), VALUE(uint, renormalise), VALUE(uint, masked)) {
    /* The largest output, and the sum of the powers. */
    SHARED(float, held, 2);
    SHARED(uint, finite, 1);
    const ulong row = (ulong)BLOCK * experts;
    const ulong scores = (ulong)BLOCK * (2 * experts + 2 * chosen);
    const ulong flags = scores + experts;
    const ulong places = flags + experts;
    PHASE(t) {
        if (t == 0) {
            float most = AS_FLOAT(0xff800000u);
            uint all = 1;
            for (uint e = 0; e < experts; e++) {
                if (masked && !allowed[e]) continue;
                most = larger(most, outputs[row + e]);
                all &= is_finite(outputs[row + e]);
            }
            held[0] = most;
            finite[0] = all;
        }
    }
    PHASE(t) {
        for (uint e = t; e < experts; e += THREADS) {
            const float output = outputs[row + e];
            const float score = kind == SCORES_SOFTMAX ? exponential(SUB(output, held[0]))
                : (kind == SCORES_SIGMOID ? sigmoid(output) : output);
            out[scores + e] = AS_UINT(score);
        }
    }
    PHASE(t) {
        if (t == 0 && kind == SCORES_SOFTMAX) {
            float sum = 0.0f;
            for (uint e = 0; e < experts; e++)
                if (!masked || allowed[e]) sum = ADD(sum, AS_FLOAT(out[scores + e]));
            held[1] = sum;
        }
    }
    PHASE(t) {
        if (kind == SCORES_SOFTMAX)
            for (uint e = t; e < experts; e += THREADS)
                out[scores + e] = AS_UINT(DIV(AS_FLOAT(out[scores + e]), held[1]));
    }
    /* An expert is chosen if fewer than `chosen` others come before it. */
    PHASE(t) {
        for (uint e = t; e < experts; e += THREADS) {
            const float score = AS_FLOAT(out[scores + e]);
            uint before = 0;
            for (uint other = 0; other < experts; other++) {
                if (masked && !allowed[other]) continue;
                const float theirs = AS_FLOAT(out[scores + other]);
                if (finite[0]) before += theirs > score || (theirs == score && other < e);
                else before += other < e;
            }
            out[flags + e] = (!masked || allowed[e]) && before < chosen;
        }
    }
    PHASE(t) {
        if (t == 0) {
            uint place = 0;
            for (uint e = 0; e < experts; e++) {
                if (!out[flags + e]) continue;
                out[places + 2 * place] = e;
                out[places + 2 * place + 1] = out[scores + e];
                place++;
            }
            const uint count = place;
            for (; place < chosen; place++) {
                out[places + 2 * place] = 0xffffffffu;
                out[places + 2 * place + 1] = 0xffffffffu;
            }
            if (kind == SCORES_OF_CHOSEN) {
                float most = AS_FLOAT(0xff800000u);
                for (uint p = 0; p < count; p++) most = larger(most, AS_FLOAT(out[places + 2 * p + 1]));
                float sum = 0.0f;
                for (uint p = 0; p < count; p++) {
                    const float power = exponential(SUB(AS_FLOAT(out[places + 2 * p + 1]), most));
                    out[places + 2 * p + 1] = AS_UINT(power);
                    sum = ADD(sum, power);
                }
                for (uint p = 0; p < count; p++)
                    out[places + 2 * p + 1] = AS_UINT(DIV(AS_FLOAT(out[places + 2 * p + 1]), sum));
            }
            if (renormalise) {
                float sum = 0.0f;
                for (uint p = 0; p < count; p++) sum = ADD(sum, AS_FLOAT(out[places + 2 * p + 1]));
                sum = larger(1e-12f, sum);
                for (uint p = 0; p < count; p++)
                    out[places + 2 * p + 1] = AS_UINT(DIV(AS_FLOAT(out[places + 2 * p + 1]), sum));
            }
            if (!finite[0])
                for (uint p = 0; p < count; p++) out[places + 2 * p + 1] = AS_UINT(not_a_number());
        }
    }
}
