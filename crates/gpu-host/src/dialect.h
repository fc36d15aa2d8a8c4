/* The dialect of the kernels in C11, for one thread of the host.

   A kernel is a function that is called for one block. A phase is a loop over the threads of the block, in the order
   that the launch names, so all threads end a phase before one begins the next. */

#include <math.h>
#include <stdint.h>
#include <string.h>

#define uint uint32_t
#define ulong uint64_t
#define ushort uint16_t

typedef struct { uint x, y, z, w; } uint4;

/* Orders are permutations, or null for the ascending order. */
struct launch {
    uint blocks;
    uint threads;
    const uint *block_order;
    const uint *thread_order;
};

/* All is inlined, as on a device. A compiler that keeps such functions may call them with a stack that is not aligned. */
#define FUNCTION static inline __attribute__((always_inline))
#define READ(type) const type *
#define LOCAL(type) const type *
#define PRIVATE(type) type *
#define WRITE(type) type *
#define KERNEL(name, threads, ...) static void body_##name(const struct launch *launch, const uint block, __VA_ARGS__)
#define OUT(type, name) type *name
#define CHANGED(type, name) type *name
#define CHANGED_TABLE(type, name) type *const *name
#define IN(type, name) const type *name
#define TABLE(type, name) const type *const *name
#define VALUE(type, name) const type name
#define BLOCK block
#define THREADS (launch->threads)
/* What a kernel reads before it writes it is no number, or a large one. */
#define SHARED(type, name, size) type name[size]; memset(name, 0xff, sizeof name)
#define PHASE(t) \
    for (uint number_ = 0, t = 0; \
         number_ < launch->threads && (t = launch->thread_order ? launch->thread_order[number_] : number_, 1); \
         number_++)
#define UNROLL(count)

static inline float AS_FLOAT(uint bits) { float x; memcpy(&x, &bits, sizeof x); return x; }
static inline uint AS_UINT(float x) { uint bits; memcpy(&bits, &x, sizeof bits); return bits; }

static inline uint4 FOUR(const float *place) { uint4 v; memcpy(&v, place, sizeof v); return v; }
#define LINE 128u
#define BRING(place) (void)(place)

#define ADD(a, b) ((a) + (b))
#define SUB(a, b) ((a) - (b))
#define MUL(a, b) ((a) * (b))
#define DIV(a, b) ((a) / (b))
#define SQRT(a) sqrtf(a)
#ifdef FAULT_SPLIT_FMA
#define FMA(a, b, c) ((a) * (b) + (c))
#else
#define FMA(a, b, c) fmaf(a, b, c)
#endif
