/* The dialect of the kernels in CUDA C++. A phase ends with a barrier of the block. */

#define uint unsigned int
#define ulong unsigned long long
#define ushort unsigned short

#define FUNCTION static __device__ __forceinline__
#define READ(type) const type *
#define LOCAL(type) const type *
#define PRIVATE(type) type *
#define WRITE(type) type *
/* The body of a kernel. A function that the device is asked to run stands behind the text; it waits for the kernel
   before it, and then calls the body. */
#define KERNEL(name, threads, ...) static __device__ __forceinline__ void body_##name(__VA_ARGS__)
#if __CUDA_ARCH__ >= 900
#define AFTER_THE_KERNEL_BEFORE()                           \
    asm volatile("griddepcontrol.launch_dependents;");      \
    asm volatile("griddepcontrol.wait;" ::: "memory")
#else
#define AFTER_THE_KERNEL_BEFORE()
#endif
/* What is read through a pointer is read after this. */
#define READ_FROM_HERE(pointer)                                 \
    do {                                                        \
        size_t place_ = __cvta_generic_to_global(pointer);      \
        asm volatile("" : "+l"(place_)::"memory");              \
        pointer = (decltype(pointer))__cvta_global_to_generic(place_); \
    } while (0)
#define OUT(type, name) type *__restrict__ name
#define CHANGED(type, name) type *__restrict__ name
#define CHANGED_TABLE(type, name) type *const *__restrict__ name
#define IN(type, name) const type *__restrict__ name
#define TABLE(type, name) const type *const *__restrict__ name
#define VALUE(type, name) const type name
#define BLOCK blockIdx.x
#define THREADS blockDim.x
#define SHARED(type, name, size) __shared__ __align__(16) type name[size]
#define PHASE(t) for (uint t = threadIdx.x, over_ = 0; over_ == 0; over_ = 1, __syncthreads())
#define PRAGMA_(words) _Pragma(#words)
#define UNROLL(count) PRAGMA_(unroll count)

/* Four numbers at an address that is a multiple of 16, and a line of memory that is asked for ahead of its use. */
#define FOUR(place) (*reinterpret_cast<const uint4 *>(place))
#define LINE 128u
#define BRING(place) asm volatile("prefetch.global.L2 [%0];" ::"l"(place))

#define AS_FLOAT(bits) __uint_as_float(bits)
#define AS_UINT(x) __float_as_uint(x)

#define ADD(a, b) __fadd_rn(a, b)
#define SUB(a, b) __fsub_rn(a, b)
#define MUL(a, b) __fmul_rn(a, b)
#define DIV(a, b) __fdiv_rn(a, b)
#define SQRT(a) __fsqrt_rn(a)
#ifdef FAULT_SPLIT_FMA
#define FMA(a, b, c) __fadd_rn(__fmul_rn(a, b), c)
#else
#define FMA(a, b, c) __fmaf_rn(a, b, c)
#endif
