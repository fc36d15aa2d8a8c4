/* Experts of all rows of a pass. A pair is a row and one expert that it chose: pair p is that of row p / chosen.
   `routed` has for each pair the expert and its factor, as the router's kernel writes them.

   One row takes one expert after the other. Several rows are grouped: pairs of one expert lie side by side, in tiles
   of up to eight, so that they share one reading of the expert's weights. A place is the index of a pair in this
   order. */

/* The words of a tile: its expert, its first place, and the number of its places. */
#define TILE_WORDS 3u

/* Groups the pairs by their experts: the number of tiles, the tiles, and the pair at each place. One block does it, and
   a thread takes an expert. There are at most MOST_EXPERTS experts. */
KERNEL(group_pairs, 256, OUT(uint, groups), IN(uint, routed), VALUE(uint, experts), VALUE(uint, pairs),
       VALUE(uint, most_tiles)) {
    SHARED(uint, counts, MOST_EXPERTS);
    PHASE(t) {
        for (uint e = t; e < experts; e += THREADS) {
            uint count = 0;
            UNROLL(8)
            for (uint pair = 0; pair < pairs; pair++) count += routed[2 * pair] == e;
            counts[e] = count;
        }
    }
    PHASE(t) {
        for (uint e = t; e < experts; e += THREADS) {
            uint place = 0;
            uint tile = 0;
            for (uint other = 0; other < e; other++) {
                place += counts[other];
                tile += (counts[other] + TILE - 1) / TILE;
            }
            for (uint start = 0; start < counts[e]; start += TILE) {
                groups[1 + TILE_WORDS * tile] = e;
                groups[2 + TILE_WORDS * tile] = place + start;
                groups[3 + TILE_WORDS * tile] = fewer(counts[e] - start, TILE);
                tile++;
            }
            if (e == experts - 1) groups[0] = tile;
            for (uint pair = 0; counts[e] > 0 && pair < pairs; pair++)
                if (routed[2 * pair] == e) groups[1 + TILE_WORDS * most_tiles + place++] = pair;
        }
    }
}

FUNCTION float activated(uint kind, float gate, float up, float alpha, float limit) {
    if (kind == 0) return MUL(silu(gate), up);
    return clamped_product(gate, up, alpha, limit);
}

FUNCTION float segment_of(READ(uint4) w, LOCAL(float) x, uint count, uint halves) {
    return halves ? segment_bf16(w, x, count) : segment_f32(w, x, count);
}

/* The products of pairs by themselves. */
#define PAIR_SEGMENT(w, x, count) segment_of(w, x, count, halves)
#define PAIR_GROUP (halves ? 8 : 4)

/* The activated gate of each pair; a block computes a panel of its outputs. */
KERNEL(gate_pairs, 256, OUT(float, y), TABLE(uint4, gates), TABLE(uint4, ups), IN(float, x), IN(uint, routed),
       VALUE(uint, inputs), VALUE(uint, outputs), VALUE(uint, chosen), VALUE(uint, halves), VALUE(uint, kind),
       VALUE(float, alpha), VALUE(float, limit)) {
    SHARED(float, xs, SLOTS * SEGMENT);
    SHARED(float, sums, SLOTS * LANES);
    SHARED(float, totals, LANES);
    SHARED(float, others, LANES);
    const uint panels = (outputs + LANES - 1) / LANES;
    const uint panel = BLOCK % panels;
    const uint pair = BLOCK / panels;
    const uint expert = routed[2 * pair];
    const ulong row = (ulong)(pair / chosen) * inputs;
    ROW_TOTALS(totals, gates[expert], row, PAIR_SEGMENT, PAIR_GROUP)
    ROW_TOTALS(others, ups[expert], row, PAIR_SEGMENT, PAIR_GROUP)
    PHASE(t) {
        const uint output = panel * LANES + t;
        if (t < LANES && output < outputs)
            y[(ulong)pair * outputs + output] = activated(kind, totals[t], others[t], alpha, limit);
    }
}

/* The output of each pair, whose rows of `x` are those of `gate_pairs`. */
KERNEL(down_pairs, 256, OUT(float, y), TABLE(uint4, downs), IN(float, x), IN(uint, routed), VALUE(uint, inputs),
       VALUE(uint, outputs), VALUE(uint, halves)) {
    SHARED(float, xs, SLOTS * SEGMENT);
    SHARED(float, sums, SLOTS * LANES);
    SHARED(float, totals, LANES);
    const uint panels = (outputs + LANES - 1) / LANES;
    const uint panel = BLOCK % panels;
    const uint pair = BLOCK / panels;
    ROW_TOTALS(totals, downs[routed[2 * pair]], (ulong)pair * inputs, PAIR_SEGMENT, PAIR_GROUP)
    PHASE(t) {
        const uint output = panel * LANES + t;
        if (t < LANES && output < outputs) y[(ulong)pair * outputs + output] = totals[t];
    }
}

/* The tile of a block, and the pair at one of its places. Blocks behind the last tile do nothing. */
#define TILE_OF_BLOCK                                                                                        \
    const uint panels = (outputs + LANES - 1) / LANES;                                                       \
    const uint panel = BLOCK % panels;                                                                       \
    const uint tile = BLOCK / panels;                                                                        \
    const uint exists = tile < groups[0];                                                                    \
    const uint expert = exists ? groups[1 + TILE_WORDS * tile] : 0;                                          \
    const uint place = exists ? groups[2 + TILE_WORDS * tile] : 0;                                           \
    const uint here = exists ? groups[3 + TILE_WORDS * tile] : 0;

#define PAIR_AT(r) groups[1 + TILE_WORDS * most_tiles + place + r]

/* The activated gate of each pair, at the pair's place. */
KERNEL(gate_tiles, 128, OUT(float, y), TABLE(uint4, gates), TABLE(uint4, ups), IN(float, x), IN(uint, groups),
       VALUE(uint, inputs), VALUE(uint, outputs), VALUE(uint, chosen), VALUE(uint, most_tiles), VALUE(uint, halves),
       VALUE(uint, kind), VALUE(float, alpha), VALUE(float, limit)) {
    SHARED(float, xs, TILE * TILE_ROW);
    SHARED(float, sums, TILE * TILE_SLOTS * LANES);
    SHARED(float, totals, TILE * LANES);
    SHARED(float, others, TILE * LANES);
    TILE_OF_BLOCK
#define ROW_OF_GATE(r) (ulong)(PAIR_AT(r) / chosen) * inputs
    if (here > 0) {
        TILE_TOTALS(totals, gates[expert], ROW_OF_GATE)
        TILE_TOTALS(others, ups[expert], ROW_OF_GATE)
        PHASE(t) {
            const uint r = t / LANES;
            const uint output = panel * LANES + t % LANES;
            if (r < here && output < outputs)
                y[(ulong)(place + r) * outputs + output] = activated(kind, totals[t], others[t], alpha, limit);
        }
    }
}

/* The output of each pair, at the pair's number. The rows of `x` are at the pairs' places. */
KERNEL(down_tiles, 128, OUT(float, y), TABLE(uint4, downs), IN(float, x), IN(uint, groups), VALUE(uint, inputs),
       VALUE(uint, outputs), VALUE(uint, most_tiles), VALUE(uint, halves)) {
    SHARED(float, xs, TILE * TILE_ROW);
    SHARED(float, sums, TILE * TILE_SLOTS * LANES);
    SHARED(float, totals, TILE * LANES);
    TILE_OF_BLOCK
#define ROW_OF_DOWN(r) (ulong)(place + r) * inputs
    if (here > 0) {
        TILE_TOTALS(totals, downs[expert], ROW_OF_DOWN)
        PHASE(t) {
            const uint r = t / LANES;
            const uint output = panel * LANES + t % LANES;
            if (r < here && output < outputs) y[(ulong)PAIR_AT(r) * outputs + output] = totals[t];
        }
    }
}

/* The weighted sum of each row's pairs, in the order of their experts. A thread takes one element. */
KERNEL(combine_experts, 256, OUT(float, y), IN(float, outputs), IN(uint, routed), VALUE(uint, width),
       VALUE(uint, chosen), VALUE(uint, count)) {
    PHASE(t) {
        const uint at = BLOCK * THREADS + t;
        if (at < count) {
            const uint row = at / width;
            float sum = 0.0f;
            UNROLL(8)
            for (uint place = 0; place < chosen; place++) {
                const uint pair = row * chosen + place;
                sum = FMA(AS_FLOAT(routed[2 * pair + 1]), outputs[(ulong)pair * width + at % width], sum);
            }
            y[at] = sum;
        }
    }
}
