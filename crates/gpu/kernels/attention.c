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

/* The score of one key: a product in segments, then the scale. */
FUNCTION float score_of(READ(uint) page, READ(float) query, uint head, uint slot, uint head_dim, uint halves,
                        float scale) {
    float total = 0.0f;
    for (uint start = 0; start < head_dim; start += SEGMENT) {
        const uint end = fewer(start + SEGMENT, head_dim);
        float s = 0.0f;
        const ulong at = key_place(head, slot, 0, head_dim);
        if (halves) {
            UNROLL(16)
            for (uint d = start; d < end; d++) s = FMA(stored(page, at + d * LANES, 1), query[d], s);
        } else {
            UNROLL(16)
            for (uint d = start; d < end; d++) s = FMA(stored(page, at + d * LANES, 0), query[d], s);
        }
        total = start == 0 ? s : ADD(total, s);
    }
    return MUL(scale, total);
}

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
            if (t >= from && t < to)
                scores[t] = score_of(pages[place], queries + ((ulong)row * heads + head) * head_dim, kv_head, t,
                                     head_dim, halves, scale);
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
                float sum = 0.0f;
                if (halves) {
                    UNROLL(16)
                    for (uint j = from; j < to; j++)
                        sum = FMA(scores[j], stored(pages[place], at + j * head_dim, 1), sum);
                } else {
                    UNROLL(16)
                    for (uint j = from; j < to; j++)
                        sum = FMA(scores[j], stored(pages[place], at + j * head_dim, 0), sum);
                }
                parts[part + 3 + d] = sum;
            }
        }
        PHASE(t) {
            if (t == 0) parts[part + 1] = fold_sum(lanes);
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
