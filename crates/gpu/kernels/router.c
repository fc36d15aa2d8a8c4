/* The choice of experts; a block takes one row. The output has for each place of the choice the expert and its factor,
   in ascending order of the experts. There are at most MOST_EXPERTS experts, and as many allowed ones as places. */

#define MOST_EXPERTS 1024u

#define SCORES_SOFTMAX 0u
#define SCORES_SIGMOID 1u
#define SCORES_OF_CHOSEN 2u

KERNEL(route, 128, OUT(uint, routed), IN(float, outputs), IN(uint, allowed), VALUE(uint, experts), VALUE(uint, chosen),
       VALUE(uint, kind), VALUE(uint, renormalise), VALUE(uint, masked)) {
    SHARED(float, scores, MOST_EXPERTS);
    SHARED(uint, use, MOST_EXPERTS);
    SHARED(uint, picked, MOST_EXPERTS);
    SHARED(float, factors, MOST_EXPERTS);
    SHARED(float, lanes, LANES);
    SHARED(uint, wrong, LANES);
    SHARED(float, held, 1);
    const ulong row = (ulong)BLOCK * experts;
    const ulong to = (ulong)BLOCK * (2 * chosen);
    PHASE(t) {
        for (uint e = t; e < experts; e += THREADS) {
            scores[e] = outputs[row + e];
            use[e] = !masked || allowed[e];
        }
    }
    /* The largest output. Only the sign of a zero could depend on the order, and no result depends on that. */
    PHASE(t) {
        if (t < LANES) {
            float most = AS_FLOAT(0xff800000u);
            uint bad = 0;
            for (uint e = t; e < experts; e += LANES) {
                if (!use[e]) continue;
                most = larger(most, scores[e]);
                bad |= !is_finite(scores[e]);
            }
            lanes[t] = most;
            wrong[t] = bad;
        }
    }
    PHASE(t) {
        const float most = fold_larger(lanes);
        for (uint e = t; e < experts; e += THREADS) {
            const float output = scores[e];
            scores[e] = kind == SCORES_SOFTMAX ? exponential(SUB(output, most))
                : (kind == SCORES_SIGMOID ? sigmoid(output) : output);
        }
    }
    if (kind == SCORES_SOFTMAX) {
        PHASE(t) {
            if (t == 0) {
                float sum = 0.0f;
                UNROLL(8)
                for (uint e = 0; e < experts; e++) sum = use[e] ? ADD(sum, scores[e]) : sum;
                held[0] = sum;
            }
        }
        PHASE(t) {
            for (uint e = t; e < experts; e += THREADS) scores[e] = DIV(scores[e], held[0]);
        }
    }
    /* An expert is chosen if fewer than `chosen` others come before it. Of scores that are not finite the first come
       before the others. */
    PHASE(t) {
        uint bad = 0;
        for (uint l = 0; l < LANES; l++) bad |= wrong[l];
        for (uint e = t; e < experts; e += THREADS) {
            const float score = scores[e];
            uint before = 0;
            UNROLL(8)
            for (uint other = 0; other < experts; other++) {
                const float theirs = scores[other];
                const uint first = bad ? other < e : theirs > score || (theirs == score && other < e);
                before += use[other] && first;
            }
            picked[e] = use[e] && before < chosen;
        }
    }
    PHASE(t) {
        for (uint e = t; e < experts; e += THREADS) {
            if (!picked[e]) continue;
            uint place = 0;
            UNROLL(8)
            for (uint other = 0; other < e; other++) place += picked[other];
            routed[to + 2 * place] = e;
            factors[place] = scores[e];
        }
    }
    PHASE(t) {
        if (t == 0) {
            uint bad = 0;
            for (uint l = 0; l < LANES; l++) bad |= wrong[l];
            if (kind == SCORES_OF_CHOSEN) {
                float most = AS_FLOAT(0xff800000u);
                for (uint p = 0; p < chosen; p++) most = larger(most, factors[p]);
                float sum = 0.0f;
                for (uint p = 0; p < chosen; p++) {
                    factors[p] = exponential(SUB(factors[p], most));
                    sum = ADD(sum, factors[p]);
                }
                for (uint p = 0; p < chosen; p++) factors[p] = DIV(factors[p], sum);
            }
            if (renormalise) {
                float sum = 0.0f;
                for (uint p = 0; p < chosen; p++) sum = ADD(sum, factors[p]);
                sum = larger(1e-12f, sum);
                for (uint p = 0; p < chosen; p++) factors[p] = DIV(factors[p], sum);
            }
            if (bad)
                for (uint p = 0; p < chosen; p++) factors[p] = not_a_number();
        }
    }
    PHASE(t) {
        for (uint p = t; p < chosen; p += THREADS) routed[to + 2 * p + 1] = AS_UINT(factors[p]);
    }
}
