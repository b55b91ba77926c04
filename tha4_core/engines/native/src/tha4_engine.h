/*
 * The engine's C interface: poses of one character to pictures, on the CPU. For C99, C++ and anything that can call C.
 *
 * A *character* is a picture and two networks of sine layers, sin(30 (W x + b)). The face morpher paints a square of
 * the picture from the first parameters of a pose. The body morpher works in levels, grids of which each has twice the
 * edge of the one before and the last is the picture's; it says for each pixel where to look in the picture, and what
 * to paint over it. Its answer is the finest level's, or the sum of what each level says. Sizes are what the character
 * says; the published networks are one instance (tha4_published()).
 *
 * Nothing is thrown across this interface. Every pointer, size and number is checked before memory is taken. What can
 * fail returns a status; tha4_last_error() then has a sentence that says what, where and what to do. Null is allowed
 * only where it is said.
 */
#ifndef THA4_ENGINE_H
#define THA4_ENGINE_H

#include <stddef.h>
#include <stdint.h>

/* Defined where the engine is built as a library of its own; elsewhere it is linked into what uses it. */
#if defined(THA4_EXPORTS) && defined(_WIN32)
#define THA4_API __declspec(dllexport)
#elif defined(THA4_EXPORTS)
#define THA4_API __attribute__((visibility("default")))
#else
#define THA4_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What this header describes. Raised when anything in it is new, or changes its meaning, size or order. */
#define THA4_ABI_VERSION 5

/* Limits of what a character may ask for. */
#define THA4_MOST_EDGE 2048                 /* of the picture, in pixels */
#define THA4_MOST_CHANNELS 512              /* of any layer's outputs */
#define THA4_MOST_LEVELS 6                  /* of the body morpher */
#define THA4_MOST_LAYERS 16                 /* sine layers of the face morpher or of one level */
#define THA4_MOST_PARAMETERS 256            /* of a pose */
#define THA4_MOST_THREADS 1024              /* of a pool */
#define THA4_MOST_BYTES (UINT64_C(1) << 31) /* of memory that one renderer takes */

/* The channels that the networks put out: R, G, B, A, linear and premultiplied, in [-1, 1]; and flow x, flow y (1 is
 * half the picture's edge), weight of what is painted, and the painted R, G, B, A. */
#define THA4_FACE_CHANNELS 4
#define THA4_BODY_CHANNELS 7

typedef enum tha4_status {
    THA4_OK = 0,
    THA4_INVALID = 1,     /* an argument, or something in a character, that cannot be used */
    THA4_UNSUPPORTED = 2, /* an instruction set or precision that is not to be had here */
    THA4_BUSY = 3,        /* another thread is using the renderer */
    THA4_MEMORY = 4,      /* the system gives no more memory */
    THA4_THREADS = 5,     /* the system starts no more threads */
    THA4_FAILED = 6       /* anything else */
} tha4_status;

typedef enum tha4_precision {
    THA4_AUTO = 0, /* fixed16 where the processor gains by it and a trial says that pictures stay alike */
    THA4_FLOAT32 = 1,
    THA4_FIXED16 = 2 /* 16-bit activations and weights, 32-bit sums; refused where it is not to be had */
} tha4_precision;

/* Whole pixels of the picture. */
typedef struct tha4_region {
    int32_t x, y, width, height;
} tha4_region;

/* A linear map of `inputs` channels to `outputs`. All numbers must be finite. */
typedef struct tha4_layer {
    const float* weight; /* [outputs][inputs] */
    const float* bias;   /* [outputs] */
    size_t weight_count; /* how many floats lie there: outputs * inputs */
    size_t bias_count;   /* outputs */
    int32_t inputs;
    int32_t outputs; /* 1 to THA4_MOST_CHANNELS */
} tha4_layer;

/* Sine layers that are evaluated at every pixel of a square grid. The first one's inputs are what comes from the level
 * before, if there is one (its last layer's outputs, interpolated to this grid), then x and y of the pixel's centre in
 * (-1, 1), y downwards, then the pose's parameters. The others' inputs are the outputs of the one before. */
typedef struct tha4_level {
    const tha4_layer* layers;
    int32_t layer_count; /* 1 to THA4_MOST_LAYERS */
    int32_t edge;        /* of the grid, a multiple of 8 */
} tha4_level;

typedef struct tha4_character {
    const float* picture; /* [4][picture_edge][picture_edge], see tha4_network_picture() */
    size_t picture_count; /* how many floats lie there */
    int32_t picture_edge; /* in pixels, at most THA4_MOST_EDGE */
    int32_t pose_size;    /* parameters of a pose, 1 to THA4_MOST_PARAMETERS */
    /* The two parameters whose signs decide which of a visibility mask's bits counts, or -1: the first one above 0
     * adds 1 to the bit's number, the second one 2. */
    int32_t lean_parameters[2];
    /* Where the face's grid lies in the picture, a pixel for a pixel. */
    int32_t face_left, face_top;
    int32_t face_pose_size; /* how many of the pose's parameters the face morpher takes, from the first */
    int32_t level_count;    /* of the body morpher, 1 to THA4_MOST_LEVELS */
    tha4_level face;
    tha4_layer face_output;   /* to THA4_FACE_CHANNELS */
    const tha4_level* levels; /* coarse to fine */
    tha4_layer body_output;   /* of the finest level, to THA4_BODY_CHANNELS */
    /* The coarser levels' outputs, each interpolated to the next level's grid and added there; null: there are none. */
    const tha4_layer* heads;
    int32_t head_count; /* level_count - 1, or 0 */
    /* The picture drawn larger, for tha4_render_larger(): straight-alpha sRGB RGBA8 [drawing_edge][drawing_edge][4];
     * null and zeros: there is none. */
    int32_t drawing_edge; /* 2 or 4 times the picture's */
    const uint8_t* drawing;
    size_t drawing_size; /* how many bytes lie there */
} tha4_character;

/* A picture that decides what THA4_AUTO means: it is rendered in fixed16 and in float32. */
typedef struct tha4_trial {
    const float* pose;
    size_t pose_count; /* the character's pose_size */
    tha4_region region;
    double least_psnr; /* dB over all four channels, colours weighed by alpha; from it on fixed16 is taken */
} tha4_trial;

/* Threads that renderers may share. */
typedef struct tha4_pool tha4_pool;
/* Draws one character, and remembers what need not be computed again. Serves one thread at a time. */
typedef struct tha4_renderer tha4_renderer;

/* All zero means: the best instruction set, float32, one thread. */
typedef struct tha4_options {
    const char* isa;         /* "avx512", "avxvnni", "avx2", "neon" or "portable"; null, "": the best here */
    int32_t precision;       /* a tha4_precision */
    int32_t threads;         /* of a pool of its own; 0: 1. Not looked at with a `pool`. */
    tha4_pool* pool;         /* to share, or null. It may be destroyed before its renderers. */
    const tha4_trial* trial; /* for THA4_AUTO; null: THA4_AUTO is float32 */
} tha4_options;

/* THA4_ABI_VERSION of the library. */
THA4_API uint32_t tha4_abi_version(void);

/* What was wrong with the calling thread's last call that failed, one sentence, UTF-8; "" before any. Valid until the
 * thread's next call. */
THA4_API const char* tha4_last_error(void);

/* The index-th instruction set that this processor and build can run, best first; null past the last. */
THA4_API const char* tha4_supported(int32_t index);

/* Fills in the numbers of the published networks: sizes of picture and pose, the face's place and grid, and what leans.
 * Pointers and counts become zero, and are the caller's to set. Grids of the three levels: 128, 256, 512. */
THA4_API tha4_status tha4_published(tha4_character* character);

/* The trial picture of the published networks' poses. */
THA4_API const tha4_trial* tha4_published_trial(void);

/* Straight-alpha sRGB RGBA8 [edge][edge][4] to the picture that networks take: [4][edge][edge], linear, premultiplied,
 * in [-1, 1]. stride: bytes from one row of pixels to the next, at least 4 * edge. pixels_size: how many bytes lie
 * there. picture_count: how many floats `picture` holds, 4 * edge * edge. */
THA4_API tha4_status tha4_network_picture(const uint8_t* pixels, size_t pixels_size, size_t stride, int32_t edge,
                                          float* picture, size_t picture_count);

/* Gives faint pixels (of an alpha below 16) the mean colour of the 3 by 3 pixels around them, weighed by alpha, in
 * place, so that a linear filter shows no dark rim. pixels: straight-alpha RGBA8, width and height 1 to THA4_MOST_EDGE;
 * stride and size as of tha4_render(). */
THA4_API tha4_status tha4_fill_edges(uint8_t* pixels, size_t size, size_t stride, int32_t width, int32_t height);

/* A pool of which at most `threads` work at once, 1 to THA4_MOST_THREADS: the thread that calls tha4_render(), and
 * others, which start with the first picture. Renderers that share it take turns, first come, first served, in steps
 * much shorter than a picture. background: 1: its threads yield to the game's (the caller of tha4_render() may do the
 * same by tha4_yield_to_others()); else 0. */
THA4_API tha4_status tha4_pool_create(int32_t threads, int32_t background, tha4_pool** pool);

/* Ends its threads once its last renderer is gone, too. Null is allowed. */
THA4_API void tha4_pool_destroy(tha4_pool* pool);

/* Lowers the calling thread's priority, for good. Where the system has no such thing, or forbids it, nothing changes.
 */
THA4_API void tha4_yield_to_others(void);

/* How many threads leave a game its share: the physical cores that this process may use, the fast ones where there are
 * two kinds, less one; at least 1. */
THA4_API int32_t tha4_spare_cores(void);

/* A renderer of `character`, of which everything is copied. options: null for all zero. With a trial it takes some
 * hundredths of a second more. On failure *renderer is null. */
THA4_API tha4_status tha4_renderer_create(const tha4_character* character, const tha4_options* options,
                                          tha4_renderer** renderer);

/* Null is allowed. No thread may be using the renderer. */
THA4_API void tha4_renderer_destroy(tha4_renderer* renderer);

/* Leaves transparent, and does not compute, what cannot be seen. tiles: [rows][columns] bytes over the picture, row by
 * row; bit i of a tile is whether any of its pixels can be seen in poses that lean in way i (lean_parameters). columns
 * and rows divide the picture's edge, and a tile is a multiple of 8 pixels wide. Null: all can be seen (rows and
 * columns are not looked at). */
THA4_API tha4_status tha4_set_visibility(tha4_renderer* renderer, const uint8_t* tiles, int32_t rows, int32_t columns);

/* Renders a region of the picture of a pose: straight-alpha sRGB RGBA8, row by row, equal to that rectangle of the full
 * picture byte by byte. pose: pose_count finite numbers (the character's pose_size); what is out of the networks' range
 * is the caller's to clamp. region: inside the picture, not empty. stride: bytes from one row of `out` to the next, at
 * least 4 * region.width. size: how many bytes `out` has, at least stride * (region.height - 1) + 4 * region.width.
 * Bytes between the rows are left alone. */
THA4_API tha4_status tha4_render(tha4_renderer* renderer, const float* pose, size_t pose_count, tha4_region region,
                                 uint8_t* out, size_t size, size_t stride);

/* The same at `scale` (1, 2 or 4) times the size: region.height * scale rows of region.width * scale pixels, from the
 * same networks' answers. The larger drawing is warped by the flow enlarged, or where there is none the picture, of
 * which the result then is an enlargement. A region equals that rectangle of the full picture byte by byte here, too.
 * The first picture of a scale takes some hundredths of a second more. stride and size: as of tha4_render(), of these
 * pixels. */
THA4_API tha4_status tha4_render_larger(tha4_renderer* renderer, const float* pose, size_t pose_count,
                                        tha4_region region, int32_t scale, uint8_t* out, size_t size, size_t stride);

/* What the body morpher puts out for a pose, before a picture is made of it: [THA4_BODY_CHANNELS][region.height]
 * [region.width], in the renderer's precision; 0 where a visibility mask says that nothing can be seen. pose, region:
 * as of tha4_render(). count: how many floats `out` holds, exactly those. */
THA4_API tha4_status tha4_body_outputs(tha4_renderer* renderer, const float* pose, size_t pose_count,
                                       tha4_region region, float* out, size_t count);

/* What the face morpher puts out for a pose: [THA4_FACE_CHANNELS][edge][edge] of the face's grid, whole. */
THA4_API tha4_status tha4_face_outputs(tha4_renderer* renderer, const float* pose, size_t pose_count, float* out,
                                       size_t count);

/* What a renderer works with; null, 0 and 0 for a null renderer. */
THA4_API const char* tha4_renderer_isa(const tha4_renderer* renderer);
THA4_API int32_t tha4_renderer_fixed16(const tha4_renderer* renderer); /* 1: fixed16, 0: float32 */
THA4_API int32_t tha4_renderer_threads(const tha4_renderer* renderer);
/* How many the networks' layers took in the last picture or outputs; 0 where all of it was known. */
THA4_API double tha4_renderer_multiply_adds(const tha4_renderer* renderer);

/* Multiply-adds a second of one thread: `peak` in registers and nothing else, `layer` in a sine layer of `channels`
 * inputs and outputs (2 to THA4_MOST_CHANNELS, even), its sines included in the time. Takes some hundredths of a
 * second. fixed16: 1 or 0. */
THA4_API tha4_status tha4_speed(const char* isa, int32_t fixed16, int32_t channels, double* peak, double* layer);

#ifdef __cplusplus
}
#endif

#endif
