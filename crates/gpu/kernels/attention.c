/* Pages of keys and values, and attention over them.

   A page holds 64 positions. Keys come first, in panels of sixteen positions, [kv_heads, 4, head_dim, 16]; values
   follow, [kv_heads, 64, head_dim]. Numbers are f32 or bf16. */

/* Where an element of a key lies in a page, and where one of a value. */
FUNCTION ulong key_place(uint head, uint slot, uint element, uint head_dim) {
    return ((ulong)(head * (PAGE_SLOTS / LANES) + slot / LANES) * head_dim + element) * LANES + slot % LANES;
}

FUNCTION ulong value_place(uint head, uint slot, uint element, uint head_dim, uint kv_heads) {
    return ((ulong)(kv_heads + head) * PAGE_SLOTS + slot) * head_dim + element;
}

/* A number of a page, which is read in words of 32 bits in both formats. */
FUNCTION float stored(READ(uint) page, ulong at, uint halves) {
    if (!halves) return AS_FLOAT(page[at]);
    const uint word = page[at / 2];
    return at % 2 == 0 ? low_half(word) : high_half(word);
}

/* Writes rows of keys and values into slots of several pages; a thread takes one element of one row. `places` has for each
   row that is written the page, the slot in it, and the row of keys and values. `stored_form` makes the page's number of
   a value. */
#define STORE(type, stored_form)                                                                             \
    PHASE(t) {                                                                                               \
        const uint width = kv_heads * head_dim;                                                              \
        const uint at = BLOCK * THREADS + t;                                                                 \
        if (at < count) {                                                                                    \
            const uint place = at / width;                                                                   \
            const uint head = at % width / head_dim;                                                         \
            const uint element = at % head_dim;                                                              \
            const uint slot = places[3 * place + 1];                                                         \
            const ulong from = (ulong)places[3 * place + 2] * width + at % width;                            \
            WRITE(type) page = pages[places[3 * place]];                                                     \
            page[key_place(head, slot, element, head_dim)] = stored_form(keys[from]);                        \
            page[value_place(head, slot, element, head_dim, kv_heads)] = stored_form(values[from]);          \
        }                                                                                                    \
    }

#define WHOLE(x) x
#define UPPER_HALF(x) (ushort)nearest_bf16(x)

KERNEL(store_f32, 256, CHANGED_TABLE(float, pages), IN(float, keys), IN(float, values), IN(uint, places),
       VALUE(uint, kv_heads), VALUE(uint, head_dim), VALUE(uint, count)) {
    STORE(float, WHOLE)
}

KERNEL(store_bf16, 256, CHANGED_TABLE(ushort, pages), IN(float, keys), IN(float, values), IN(uint, places),
       VALUE(uint, kv_heads), VALUE(uint, head_dim), VALUE(uint, count)) {
    STORE(ushort, UPPER_HALF)
}

/* The numbers that a thread reads before it computes with them, so that it waits for all of them together. */
#define AHEAD 16u

/* The score of one key: a product in segments, then the scale. `at` is the place of the key's first element. */
#define SCORE(name, halves)                                                                                  \
    FUNCTION float name(READ(uint) page, READ(float) query, ulong at, uint head_dim, float scale) {          \
        float total = 0.0f;                                                                                  \
        for (uint start = 0; start < head_dim; start += SEGMENT) {                                           \
            const uint end = fewer(start + SEGMENT, head_dim);                                               \
            float s = 0.0f;                                                                                  \
            for (uint d = start; d < end; d += AHEAD) {                                                      \
                float key[AHEAD];                                                                            \
                float value[AHEAD];                                                                          \
                UNROLL(16)                                                                                   \
                for (uint i = 0; i < AHEAD; i++) {                                                           \
                    const uint from = fewer(d + i, end - 1);                                                 \
                    key[i] = stored(page, at + from * LANES, halves);                                        \
                    value[i] = query[from];                                                                  \
                }                                                                                            \
                UNROLL(16)                                                                                   \
                for (uint i = 0; i < AHEAD; i++) s = d + i < end ? FMA(key[i], value[i], s) : s;             \
            }                                                                                                \
            total = start == 0 ? s : ADD(total, s);                                                          \
        }                                                                                                    \
        return MUL(scale, total);                                                                            \
    }

SCORE(score_f32, 0)
SCORE(score_bf16, 1)

/* The weighted sum of one element of the values of a page. `at` is the place of the element in the first value. */
#define WEIGHTED(name, halves)                                                                               \
    FUNCTION float name(READ(uint) page, LOCAL(float) scores, ulong at, uint head_dim, uint from, uint to) { \
        float sum = 0.0f;                                                                                    \
        for (uint j = from; j < to; j += AHEAD) {                                                            \
            float value[AHEAD];                                                                              \
            UNROLL(16)                                                                                       \
            for (uint i = 0; i < AHEAD; i++)                                                                 \
                value[i] = stored(page, at + (ulong)fewer(j + i, to - 1) * head_dim, halves);                \
            UNROLL(16)                                                                                       \
            for (uint i = 0; i < AHEAD; i++) sum = j + i < to ? FMA(scores[j + i], value[i], sum) : sum;     \
        }                                                                                                    \
        return sum;                                                                                          \
    }

WEIGHTED(weighted_f32, 0)
WEIGHTED(weighted_bf16, 1)

/* The place of a row's pages and the positions that it sees. `rows` has for each row its position, the number of the
   first page that its sequence holds, and the index of that page among all pages of the call. */
#define ROW_WORDS 3u

FUNCTION uint first_seen(uint position, uint window) {
    return window == 0 || position + 1 < window ? 0 : position + 1 - window;
}

/* Attention of one row and head over one page, which is one block of positions. The parts of a block are its
   largest score, its sum, a flag for scores that are not finite, and the weighted values. The parts of a block that
   the row does not see are not written, and nothing reads them. `run` is the most pages that a row sees. */
KERNEL(attend_blocks, 128, OUT(float, parts), IN(float, queries), TABLE(uint, pages), IN(uint, rows), VALUE(uint, heads),
       VALUE(uint, kv_heads), VALUE(uint, head_dim), VALUE(uint, halves), VALUE(uint, run), VALUE(uint, first_row),
       VALUE(uint, window), VALUE(float, scale)) {
    SHARED(float, scores, PAGE_SLOTS);
    SHARED(float, lanes, LANES);
    SHARED(uint, wrong, LANES);
    SHARED(float, most, 1);
    const uint head = BLOCK / run % heads;
    const uint row = first_row + BLOCK / run / heads;
    const uint position = rows[ROW_WORDS * row];
    const uint first = first_seen(position, window);
    const uint number = first / PAGE_SLOTS + BLOCK % run;
    const uint place = rows[ROW_WORDS * row + 2] + number - rows[ROW_WORDS * row + 1];
    const uint start = number * PAGE_SLOTS;
    const uint from = first > start ? first - start : 0;
    const uint to = position < start ? 0 : fewer(position + 1 - start, PAGE_SLOTS);
    const uint kv_head = head / (heads / kv_heads);
    const ulong part = (ulong)BLOCK * (head_dim + 3);
    if (from < to) {
        PHASE(t) {
            READ(float) query = queries + ((ulong)row * heads + head) * head_dim;
            READ(uint) page = pages[place];
            const ulong at = key_place(kv_head, t, 0, head_dim);
            if (t >= from && t < to)
                scores[t] = halves ? score_bf16(page, query, at, head_dim, scale)
                                   : score_f32(page, query, at, head_dim, scale);
            /* The other threads bring the values nearer. */
            if (t >= PAGE_SLOTS) {
                const ulong size = halves ? 2 : 4;
                const ulong begin = value_place(kv_head, from, 0, head_dim, kv_heads) * size;
                const ulong bytes = (ulong)(to - from) * head_dim * size;
                for (ulong line = (t - PAGE_SLOTS) * LINE; line < bytes; line += (THREADS - PAGE_SLOTS) * LINE)
                    BRING(page + (begin + line) / 4);
            }
        }
        PHASE(t) {
            if (t < LANES) {
                float lane = AS_FLOAT(0xff800000u);
                uint bad = 0;
                for (uint j = t; j < PAGE_SLOTS; j += LANES) {
                    if (j < from || j >= to) continue;
                    lane = larger(lane, scores[j]);
                    bad |= !is_finite(scores[j]);
                }
                lanes[t] = lane;
                wrong[t] = bad;
            }
        }
        PHASE(t) {
            if (t == 0) {
                uint bad = 0;
                for (uint l = 0; l < LANES; l++) bad |= wrong[l];
                most[0] = fold_larger(lanes);
                parts[part] = most[0];
                parts[part + 2] = bad ? 1.0f : 0.0f;
            }
        }
        PHASE(t) {
            if (t >= from && t < to) scores[t] = exponential(SUB(scores[t], most[0]));
        }
        PHASE(t) {
            if (t < LANES) {
                float lane = 0.0f;
                for (uint j = t; j < PAGE_SLOTS; j += LANES)
                    if (j >= from && j < to) lane = ADD(lane, scores[j]);
                lanes[t] = lane;
            }
            for (uint d = t; d < head_dim; d += THREADS) {
                const ulong at = value_place(kv_head, 0, d, head_dim, kv_heads);
                parts[part + 3 + d] = halves ? weighted_bf16(pages[place], scores, at, head_dim, from, to)
                                             : weighted_f32(pages[place], scores, at, head_dim, from, to);
            }
        }
        PHASE(t) {
            if (t == 0) parts[part + 1] = fold_sum(lanes);
        }
    }
}

/* As `attend_blocks`, for up to eight rows that follow each other, so that they share one reading of the page. The rows of
   one sequence that begin to see in one page are computed together; a block goes through all such rows of its own. */
#define QUERIES 8u
#define MOST_HEAD_DIM 256u

/* What each row of a tile sees of a page. */
#define SEEN_FROM(r) (first_seen(position + (r), window) > start ? first_seen(position + (r), window) - start : 0)
#define SEEN_TO(r) (position + (r) < start ? 0 : fewer(position + (r) + 1 - start, PAGE_SLOTS))

/* The scores of one key for four rows whose queries lie in the shared memory. */
#define FOUR_SCORES(halves)                                                                                  \
    for (uint begin = 0; begin < head_dim; begin += SEGMENT) {                                               \
        const uint end = fewer(begin + SEGMENT, head_dim);                                                   \
        float s[4] = {0.0f, 0.0f, 0.0f, 0.0f};                                                               \
        for (uint d = begin; d < end; d += AHEAD) {                                                          \
            float key[AHEAD];                                                                                \
            UNROLL(16)                                                                                       \
            for (uint i = 0; i < AHEAD; i++)                                                                 \
                key[i] = stored(page, at + (ulong)fewer(d + i, end - 1) * LANES, halves);                    \
            UNROLL(16)                                                                                       \
            for (uint i = 0; i < AHEAD; i++) {                                                               \
                if (d + i >= end) continue;                                                                  \
                UNROLL(4)                                                                                    \
                for (uint r = 0; r < 4; r++) s[r] = FMA(key[i], near[(4 * half + r) * MOST_HEAD_DIM + d + i], s[r]); \
            }                                                                                                \
        }                                                                                                    \
        UNROLL(4)                                                                                            \
        for (uint r = 0; r < 4; r++) total[r] = begin == 0 ? s[r] : ADD(total[r], s[r]);                     \
    }

/* The weighted sums of one element of the values for eight rows. */
#define EIGHT_SUMS(halves)                                                                                   \
    for (uint j = least; j < most_to; j += AHEAD) {                                                          \
        float value[AHEAD];                                                                                  \
        UNROLL(16)                                                                                           \
        for (uint i = 0; i < AHEAD; i++)                                                                     \
            value[i] = stored(page, at + (ulong)fewer(j + i, most_to - 1) * head_dim, halves);               \
        UNROLL(16)                                                                                           \
        for (uint i = 0; i < AHEAD; i++) {                                                                   \
            UNROLL(8)                                                                                        \
            for (uint r = 0; r < QUERIES; r++)                                                               \
                if (j + i >= bounds[r] && j + i < bounds[QUERIES + r])                                       \
                    sum[r] = FMA(scores[(j + i) * QUERIES + r], value[i], sum[r]);                           \
        }                                                                                                    \
    }

KERNEL(attend_tiles, 128, OUT(float, parts), IN(float, queries), TABLE(uint, pages), IN(uint, rows), VALUE(uint, heads),
       VALUE(uint, kv_heads), VALUE(uint, head_dim), VALUE(uint, halves), VALUE(uint, run), VALUE(uint, first_row),
       VALUE(uint, count), VALUE(uint, window), VALUE(float, scale)) {
    SHARED(float, near, QUERIES * MOST_HEAD_DIM);
    SHARED(float, scores, PAGE_SLOTS * QUERIES);
    SHARED(float, lanes, QUERIES * LANES);
    SHARED(uint, wrong, QUERIES * LANES);
    SHARED(float, most, QUERIES);
    SHARED(uint, bounds, 2 * QUERIES);
    const uint head = BLOCK / run % heads;
    const uint kv_head = head / (heads / kv_heads);
    const uint tile = BLOCK / run / heads * QUERIES;
    const uint last = first_row + fewer(tile + QUERIES, count);
    uint next = first_row + tile;
    while (next < last) {
        const uint row = next;
        const uint position = rows[ROW_WORDS * row];
        const uint first_page = first_seen(position, window) / PAGE_SLOTS;
        while (next < last && rows[ROW_WORDS * next] == position + (next - row) &&
               rows[ROW_WORDS * next + 2] == rows[ROW_WORDS * row + 2] &&
               first_seen(position + (next - row), window) / PAGE_SLOTS == first_page)
            next++;
        const uint here = next - row;
        const uint number = first_page + BLOCK % run;
        const uint start = number * PAGE_SLOTS;
        const uint place = rows[ROW_WORDS * row + 2] + number - rows[ROW_WORDS * row + 1];
        /* The first row sees the earliest positions, and the last one the latest. */
        const uint least = SEEN_FROM(0);
        const uint most_to = SEEN_TO(here - 1);
        if (least >= most_to) continue;
        PHASE(t) {
            for (uint r = 0; r < here; r++)
                for (uint d = t; d < head_dim; d += THREADS)
                    near[r * MOST_HEAD_DIM + d] = queries[((ulong)(row + r) * heads + head) * head_dim + d];
            if (t < QUERIES) {
                bounds[t] = t < here ? SEEN_FROM(t) : PAGE_SLOTS;
                bounds[QUERIES + t] = t < here ? SEEN_TO(t) : 0;
            }
        }
        PHASE(t) {
            READ(uint) page = pages[place];
            const uint slot = t % PAGE_SLOTS;
            const uint half = t / PAGE_SLOTS;
            const ulong at = key_place(kv_head, slot, 0, head_dim);
            float total[4] = {0.0f, 0.0f, 0.0f, 0.0f};
            if (slot >= least && slot < most_to) {
                if (halves) {
                    FOUR_SCORES(1)
                } else {
                    FOUR_SCORES(0)
                }
            }
            UNROLL(4)
            for (uint r = 0; r < 4; r++) scores[slot * QUERIES + 4 * half + r] = MUL(scale, total[r]);
        }
        PHASE(t) {
            const uint r = t / LANES;
            float lane = AS_FLOAT(0xff800000u);
            uint bad = 0;
            for (uint j = t % LANES; j < PAGE_SLOTS; j += LANES) {
                if (j < bounds[r] || j >= bounds[QUERIES + r]) continue;
                lane = larger(lane, scores[j * QUERIES + r]);
                bad |= !is_finite(scores[j * QUERIES + r]);
            }
            lanes[t] = lane;
            wrong[t] = bad;
        }
        PHASE(t) {
            if (t < here && bounds[t] < bounds[QUERIES + t]) {
                const ulong part = (((ulong)(row + t - first_row) * heads + head) * run + BLOCK % run) * (head_dim + 3);
                uint bad = 0;
                for (uint l = 0; l < LANES; l++) bad |= wrong[t * LANES + l];
                most[t] = fold_larger(lanes + t * LANES);
                parts[part] = most[t];
                parts[part + 2] = bad ? 1.0f : 0.0f;
            }
        }
        PHASE(t) {
            for (uint i = t; i < PAGE_SLOTS * QUERIES; i += THREADS) {
                const uint r = i % QUERIES;
                if (i / QUERIES >= bounds[r] && i / QUERIES < bounds[QUERIES + r])
                    scores[i] = exponential(SUB(scores[i], most[r]));
            }
        }
        PHASE(t) {
            const uint own = t / LANES;
            float lane = 0.0f;
            for (uint j = t % LANES; j < PAGE_SLOTS; j += LANES)
                if (j >= bounds[own] && j < bounds[QUERIES + own]) lane = ADD(lane, scores[j * QUERIES + own]);
            lanes[t] = lane;
            READ(uint) page = pages[place];
            for (uint d = t; d < head_dim; d += THREADS) {
                const ulong at = value_place(kv_head, 0, d, head_dim, kv_heads);
                float sum[QUERIES];
                UNROLL(8)
                for (uint r = 0; r < QUERIES; r++) sum[r] = 0.0f;
                if (halves) {
                    EIGHT_SUMS(1)
                } else {
                    EIGHT_SUMS(0)
                }
                UNROLL(8)
                for (uint r = 0; r < QUERIES; r++) {
                    if (r >= here || bounds[r] >= bounds[QUERIES + r]) continue;
                    const ulong part =
                        (((ulong)(row + r - first_row) * heads + head) * run + BLOCK % run) * (head_dim + 3);
                    parts[part + 3 + d] = sum[r];
                }
            }
        }
        PHASE(t) {
            if (t < here && bounds[t] < bounds[QUERIES + t]) {
                const ulong part = (((ulong)(row + t - first_row) * heads + head) * run + BLOCK % run) * (head_dim + 3);
                parts[part + 1] = fold_sum(lanes + t * LANES);
            }
        }
    }
}

/* Joins the blocks of one row and head in ascending order; a thread takes elements of the head. */
KERNEL(join_blocks, 128, CHANGED(float, y), IN(float, parts), IN(float, sinks), IN(uint, rows), VALUE(uint, heads),
       VALUE(uint, head_dim), VALUE(uint, run), VALUE(uint, first_row), VALUE(uint, window), VALUE(uint, sunk)) {
    const uint head = BLOCK % heads;
    const uint row = first_row + BLOCK / heads;
    const uint position = rows[ROW_WORDS * row];
    const uint blocks = position / PAGE_SLOTS - first_seen(position, window) / PAGE_SLOTS + 1;
    const uint stride = head_dim + 3;
    PHASE(t) {
        for (uint d = t; d < head_dim; d += THREADS) {
            ulong part = (ulong)BLOCK * run * stride;
            float m = parts[part];
            float s = parts[part + 1];
            float bad = parts[part + 2];
            float o = parts[part + 3 + d];
            for (uint block = 1; block < blocks; block++) {
                part += stride;
                const float most = larger(m, parts[part]);
                const float a = exponential(SUB(m, most));
                const float b = exponential(SUB(parts[part], most));
                s = FMA(parts[part + 1], b, MUL(s, a));
                o = FMA(parts[part + 3 + d], b, MUL(o, a));
                m = most;
                bad = larger(bad, parts[part + 2]);
            }
            if (sunk) {
                const float most = larger(m, sinks[head]);
                const float a = exponential(SUB(m, most));
                s = ADD(MUL(s, a), exponential(SUB(sinks[head], most)));
                o = MUL(o, a);
            }
            y[((ulong)row * heads + head) * head_dim + d] = bad > 0.0f ? not_a_number() : DIV(o, s);
        }
    }
}
