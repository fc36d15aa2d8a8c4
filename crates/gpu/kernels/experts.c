/* Experts of all rows of a pass. A pair is a row and one expert that it chose: pair p is that of row p / chosen.
   `routed` has for each pair the expert and its factor, as the router's kernel writes them.

   One row takes one expert after the other. Several rows are grouped: pairs of one expert lie side by side, in tiles
   of up to eight, so that they share one reading of the expert's weights. A place is the index of a pair in this
   order. */

/* The words of a tile: its expert, its first place, and the number of its places. */
#define TILE_WORDS 3u

/* The pairs whose experts are read at once. */
#define PAIRS_READ 2048u

/* Reads the experts of some pairs, and then does something with each of them, as thread of each expert `e`. */
#define EACH_PAIR(work)                                                                                      \
    for (uint start = 0; start < pairs; start += PAIRS_READ) {                                               \
        const uint read = fewer(pairs - start, PAIRS_READ);                                                  \
        PHASE(t) {                                                                                           \
            UNROLL(8)                                                                                        \
            for (uint i = t; i < read; i += THREADS) used[i] = routed[2 * (start + i)];                      \
        }                                                                                                    \
        PHASE(t) {                                                                                           \
            for (uint e = t; e < experts; e += THREADS) {                                                    \
                work                                                                                         \
            }                                                                                                \
        }                                                                                                    \
    }

/* Groups the pairs by their experts: the number of tiles, the tiles of up to `size` pairs, and the pair at each place. One
   block does it, and a thread takes an expert. There are at most MOST_EXPERTS experts. */
KERNEL(group_pairs, 256, OUT(uint, groups), IN(uint, routed), VALUE(uint, experts), VALUE(uint, pairs),
       VALUE(uint, most_tiles), VALUE(uint, size)) {
    SHARED(uint, counts, MOST_EXPERTS);
    SHARED(uint, next, MOST_EXPERTS);
    SHARED(uint, used, PAIRS_READ);
    EACH_PAIR(
        uint count = start == 0 ? 0 : counts[e];
        UNROLL(8)
        for (uint i = 0; i < read; i++) count += used[i] == e;
        counts[e] = count;
    )
    PHASE(t) {
        for (uint e = t; e < experts; e += THREADS) {
            uint place = 0;
            uint tile = 0;
            UNROLL(8)
            for (uint other = 0; other < e; other++) {
                place += counts[other];
                tile += (counts[other] + size - 1) / size;
            }
            next[e] = place;
            for (uint begin = 0; begin < counts[e]; begin += size) {
                groups[1 + TILE_WORDS * tile] = e;
                groups[2 + TILE_WORDS * tile] = place + begin;
                groups[3 + TILE_WORDS * tile] = fewer(counts[e] - begin, size);
                tile++;
            }
            if (e == experts - 1) groups[0] = tile;
        }
    }
    EACH_PAIR(
        uint place = next[e];
        UNROLL(8)
        for (uint i = 0; i < read; i++)
            if (used[i] == e) groups[1 + TILE_WORDS * most_tiles + place++] = start + i;
        next[e] = place;
    )
}

FUNCTION float activated(uint kind, float gate, float up, float alpha, float limit) {
    if (kind == 0) return MUL(silu(gate), up);
    return clamped_product(gate, up, alpha, limit);
}

/* The weights of the chosen experts are more than the cache holds. */
#define NOTHING_BROUGHT (void)0

/* The activated gate of each pair by itself; a block computes a panel of its outputs. */
#define GATE_PAIRS(segment, size)                                                                            \
    SHARED(float, xs, SLOTS * APART);                                                                        \
    SHARED(float, sums, SLOTS * LANES);                                                                      \
    SHARED(float, more, SLOTS * LANES);                                                                      \
    SHARED(float, totals, LANES);                                                                            \
    SHARED(float, others, LANES);                                                                            \
    const uint panels = (outputs + LANES - 1) / LANES;                                                       \
    const uint panel = BLOCK % panels;                                                                       \
    const uint pair = BLOCK / panels;                                                                        \
    const uint expert = routed[2 * pair];                                                                    \
    const ulong row = (ulong)(pair / chosen) * inputs;                                                       \
    READ(uint4) gate = gates[expert];                                                                        \
    READ(uint4) up = ups[expert];                                                                            \
    ROW_PHASES(row, size, NOTHING_BROUGHT,                                                                   \
               sums[t] = segment(gate + own, xi, count); more[t] = segment(up + own, xi, count),             \
               JOIN_ROW(totals, sums); JOIN_ROW(others, more))                                               \
    PHASE(t) {                                                                                               \
        const uint output = panel * LANES + t;                                                               \
        if (t < LANES && output < outputs)                                                                   \
            y[(ulong)pair * outputs + output] = activated(kind, totals[t], others[t], alpha, limit);         \
    }

KERNEL(gate_pairs_f32, 256, OUT(float, y), TABLE(uint4, gates), TABLE(uint4, ups), IN(float, x), IN(uint, routed),
       VALUE(uint, inputs), VALUE(uint, outputs), VALUE(uint, chosen), VALUE(uint, kind), VALUE(float, alpha),
       VALUE(float, limit)) {
    GATE_PAIRS(whole_or_last_f32, 4)
}

KERNEL(gate_pairs_bf16, 256, OUT(float, y), TABLE(uint4, gates), TABLE(uint4, ups), IN(float, x), IN(uint, routed),
       VALUE(uint, inputs), VALUE(uint, outputs), VALUE(uint, chosen), VALUE(uint, kind), VALUE(float, alpha),
       VALUE(float, limit)) {
    GATE_PAIRS(whole_or_last_bf16, 8)
}

/* The output of each pair by itself, whose rows of `x` are those of GATE_PAIRS. They are short, so a block has half as
   many threads. */
#define DOWN_PAIRS(segment, size)                                                                            \
    SHARED(float, xs, SLOTS * APART);                                                                        \
    SHARED(float, sums, SLOTS * LANES);                                                                      \
    SHARED(float, totals, LANES);                                                                            \
    const uint panels = (outputs + LANES - 1) / LANES;                                                       \
    const uint panel = BLOCK % panels;                                                                       \
    const uint pair = BLOCK / panels;                                                                        \
    READ(uint4) down = downs[routed[2 * pair]];                                                              \
    ROW_PHASES((ulong)pair * inputs, size, NOTHING_BROUGHT, sums[t] = segment(down + own, xi, count),        \
               JOIN_ROW(totals, sums))                                                                       \
    PHASE(t) {                                                                                               \
        const uint output = panel * LANES + t;                                                               \
        if (t < LANES && output < outputs) y[(ulong)pair * outputs + output] = totals[t];                    \
    }

KERNEL(down_pairs_f32, 128, OUT(float, y), TABLE(uint4, downs), IN(float, x), IN(uint, routed), VALUE(uint, inputs),
       VALUE(uint, outputs)) {
    DOWN_PAIRS(whole_or_last_f32, 4)
}

KERNEL(down_pairs_bf16, 128, OUT(float, y), TABLE(uint4, downs), IN(float, x), IN(uint, routed), VALUE(uint, inputs),
       VALUE(uint, outputs)) {
    DOWN_PAIRS(whole_or_last_bf16, 8)
}

/* The tile of a block, of which there is one for each part of the outputs, and the pair at one of its places. Blocks
   behind the last tile do nothing. */
#define TILE_OF_BLOCK(parts)                                                                                 \
    const uint panels = (outputs + LANES - 1) / LANES;                                                       \
    const uint part = BLOCK % (parts);                                                                       \
    const uint tile = BLOCK / (parts);                                                                       \
    const uint exists = tile < groups[0];                                                                    \
    const uint expert = exists ? groups[1 + TILE_WORDS * tile] : 0;                                          \
    const uint place = exists ? groups[2 + TILE_WORDS * tile] : 0;                                           \
    const uint here = exists ? groups[3 + TILE_WORDS * tile] : 0;

#define PAIR_AT(r) groups[1 + TILE_WORDS * most_tiles + place + (r)]
#define ROW_OF_GATE(r) (ulong)(PAIR_AT(r) / chosen) * inputs
#define ROW_OF_DOWN(r) (ulong)(place + (r)) * inputs

/* The activated gate of each pair, at the pair's place. */
KERNEL(gate_tiles, 128, OUT(float, y), TABLE(uint4, gates), TABLE(uint4, ups), IN(float, x), IN(uint, groups),
       VALUE(uint, inputs), VALUE(uint, outputs), VALUE(uint, chosen), VALUE(uint, most_tiles), VALUE(uint, halves),
       VALUE(uint, kind), VALUE(float, alpha), VALUE(float, limit)) {
    SHARED(float, xs, TILE * TILE_ROW);
    SHARED(float, sums, TILE * TILE_SLOTS * LANES);
    SHARED(float, more, TILE * TILE_SLOTS * LANES);
    SHARED(float, totals, TILE * LANES);
    SHARED(float, others, TILE * LANES);
    TILE_OF_BLOCK(panels)
    const uint panel = part;
    READ(uint4) gate = gates[expert];
    READ(uint4) up = ups[expert];
    if (here > 0) {
        TILE_PHASES(ROW_OF_GATE, NOTHING_BROUGHT,
                    TILE_SUMS(sums, gate); TILE_SUMS(more, up), JOIN_TILE(totals, sums); JOIN_TILE(others, more))
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
    TILE_OF_BLOCK(panels)
    const uint panel = part;
    READ(uint4) down = downs[expert];
    if (here > 0) {
        TILE_PHASES(ROW_OF_DOWN, NOTHING_BROUGHT, TILE_SUMS(sums, down), JOIN_TILE(totals, sums))
        PHASE(t) {
            const uint r = t / LANES;
            const uint output = panel * LANES + t % LANES;
            if (r < here && output < outputs) y[(ulong)PAIR_AT(r) * outputs + output] = totals[t];
        }
    }
}

/* As `gate_tiles`, for tiles of many pairs. The gates wait in `y` until the block has the other products. */
KERNEL(gate_wide, 128, OUT(float, y), TABLE(uint4, gates), TABLE(uint4, ups), IN(float, x), IN(uint, groups),
       VALUE(uint, inputs), VALUE(uint, outputs), VALUE(uint, chosen), VALUE(uint, most_tiles), VALUE(uint, halves),
       VALUE(uint, kind), VALUE(float, alpha), VALUE(float, limit)) {
    SHARED(float, xs, WIDE_ROWS * APART);
    SHARED(float, totals, WIDE_ROWS * WIDE_OUTPUTS);
    TILE_OF_BLOCK((outputs + WIDE_OUTPUTS - 1) / WIDE_OUTPUTS)
    const uint column = part * WIDE_OUTPUTS;
    if (here > 0) {
        WIDE_TOTALS(gates[expert], ROW_OF_GATE)
        PHASE(t) {
            if (column + t < outputs)
                for (uint r = 0; r < here; r++)
                    y[(ulong)(place + r) * outputs + column + t] = totals[r * WIDE_OUTPUTS + t];
        }
        WIDE_TOTALS(ups[expert], ROW_OF_GATE)
        PHASE(t) {
            if (column + t < outputs)
                for (uint r = 0; r < here; r++) {
                    const ulong at = (ulong)(place + r) * outputs + column + t;
                    y[at] = activated(kind, y[at], totals[r * WIDE_OUTPUTS + t], alpha, limit);
                }
        }
    }
}

/* As `down_tiles`, for tiles of many pairs. */
KERNEL(down_wide, 128, OUT(float, y), TABLE(uint4, downs), IN(float, x), IN(uint, groups), VALUE(uint, inputs),
       VALUE(uint, outputs), VALUE(uint, most_tiles), VALUE(uint, halves)) {
    SHARED(float, xs, WIDE_ROWS * APART);
    SHARED(float, totals, WIDE_ROWS * WIDE_OUTPUTS);
    TILE_OF_BLOCK((outputs + WIDE_OUTPUTS - 1) / WIDE_OUTPUTS)
    const uint column = part * WIDE_OUTPUTS;
    if (here > 0) {
        WIDE_TOTALS(downs[expert], ROW_OF_DOWN)
        PHASE(t) {
            if (column + t < outputs)
                for (uint r = 0; r < here; r++)
                    y[(ulong)PAIR_AT(r) * outputs + column + t] = totals[r * WIDE_OUTPUTS + t];
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
