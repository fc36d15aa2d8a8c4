/* Operations on single elements; a thread takes one element. */

KERNEL(gather, 256, OUT(float, y), IN(float, x), IN(uint, rows), VALUE(uint, width), VALUE(uint, count)) {
    PHASE(t) {
        const uint at = BLOCK * THREADS + t;
        if (at < count) y[at] = x[(ulong)rows[at / width] * width + at % width];
    }
}

KERNEL(activate_silu, 256, OUT(float, y), IN(float, gate), IN(float, up), VALUE(uint, count)) {
    PHASE(t) {
        const uint at = BLOCK * THREADS + t;
        if (at < count) y[at] = MUL(silu(gate[at]), up[at]);
    }
}

/* The gate is clamped on one side only. */
FUNCTION float clamped_product(float gate, float up, float alpha, float limit) {
    const float g = gate > limit ? limit : gate;
    return MUL(ADD(within(limit, up), 1.0f), MUL(g, sigmoid(MUL(alpha, g))));
}

KERNEL(activate_clamped, 256, OUT(float, y), IN(float, gate), IN(float, up), VALUE(uint, count),
       VALUE(float, alpha), VALUE(float, limit)) {
    PHASE(t) {
        const uint at = BLOCK * THREADS + t;
        if (at < count) y[at] = clamped_product(gate[at], up[at], alpha, limit);
    }
}

/* Adds weighted rows to a sum. `places` has for each row of the sum the row that is added, or all bits set. */
KERNEL(accumulate, 256, OUT(float, y), IN(float, sum), IN(uint, places), IN(float, weights), IN(float, added),
       VALUE(uint, width), VALUE(uint, count)) {
    PHASE(t) {
        const uint at = BLOCK * THREADS + t;
        if (at < count) {
            const uint place = places[at / width];
            y[at] = place == 0xffffffffu
                ? sum[at]
                : FMA(weights[place], added[(ulong)place * width + at % width], sum[at]);
        }
    }
}

KERNEL(add, 256, OUT(float, z), IN(float, x), IN(float, y), VALUE(uint, count)) {
    PHASE(t) {
        const uint at = BLOCK * THREADS + t;
        if (at < count) z[at] = ADD(x[at], y[at]);
    }
}

KERNEL(add_bias, 256, OUT(float, z), IN(float, x), IN(float, bias), VALUE(uint, width), VALUE(uint, count)) {
    PHASE(t) {
        const uint at = BLOCK * THREADS + t;
        if (at < count) z[at] = ADD(x[at], bias[at % width]);
    }
}

KERNEL(clamp_to, 256, OUT(float, y), IN(float, x), VALUE(float, limit), VALUE(uint, count)) {
    PHASE(t) {
        const uint at = BLOCK * THREADS + t;
        if (at < count) y[at] = within(limit, x[at]);
    }
}

KERNEL(gate_rows, 256, OUT(float, y), IN(float, x), IN(float, gate), VALUE(uint, width), VALUE(uint, count)) {
    PHASE(t) {
        const uint at = BLOCK * THREADS + t;
        if (at < count) y[at] = MUL(x[at], sigmoid(gate[at / width]));
    }
}

KERNEL(scale_by, 256, OUT(float, y), IN(float, x), VALUE(float, factor), VALUE(uint, count)) {
    PHASE(t) {
        const uint at = BLOCK * THREADS + t;
        if (at < count) y[at] = MUL(x[at], factor);
    }
}

KERNEL(round_bf16, 256, OUT(float, y), IN(float, x), VALUE(uint, count)) {
    PHASE(t) {
        const uint at = BLOCK * THREADS + t;
        if (at < count) y[at] = AS_FLOAT(nearest_bf16(x[at]) << 16);
    }
}

/* A thread turns one pair of one head. `paired` is the distance of the two elements of a pair: 1, or half a head. */
KERNEL(rotate, 256, OUT(float, y), IN(float, x), IN(float, cosines), IN(float, sines), VALUE(uint, width),
       VALUE(uint, pairs), VALUE(uint, halves), VALUE(uint, count)) {
    PHASE(t) {
        const uint at = BLOCK * THREADS + t;
        if (at < count) {
            const uint per_row = width / 2;
            const uint row = at / per_row;
            const uint head = at % per_row / pairs;
            const uint pair = at % pairs;
            const ulong from = (ulong)row * width + head * (2 * pairs);
            const ulong first = from + (halves ? pair : 2 * pair);
            const ulong second = halves ? first + pairs : first + 1;
            const float c = cosines[row * pairs + pair];
            const float s = sines[row * pairs + pair];
            const float a = x[first];
            const float b = x[second];
            y[first] = SUB(MUL(a, c), MUL(b, s));
            y[second] = ADD(MUL(b, c), MUL(a, s));
        }
    }
}

/* Records for one place of a pass if values are not finite: a word for each block, 1 if the block saw one. */
KERNEL(record_finite, 256, CHANGED(uint, found), IN(float, x), VALUE(uint, count), VALUE(uint, blocks),
       VALUE(uint, first)) {
    SHARED(uint, seen, 256);
    PHASE(t) {
        uint bad = 0;
        for (ulong at = BLOCK * THREADS + t; at < count; at += (ulong)blocks * THREADS)
            if (!is_finite(x[at])) bad = 1;
        seen[t] = bad;
    }
    PHASE(t) {
        if (t < LANES) {
            uint bad = 0;
            for (uint other = t; other < THREADS; other += LANES) bad |= seen[other];
            seen[t] = bad;
        }
    }
    PHASE(t) {
        if (t == 0) {
            uint bad = 0;
            for (uint l = 0; l < LANES; l++) bad |= seen[l];
            found[first + BLOCK] = bad;
        }
    }
}
