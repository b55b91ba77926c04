/* A program in C99 that draws a small character of no published shape, and
 * gives the engine what it must refuse. Prints the sentences of all refusals,
 * and exits 1 where a picture or a status is wrong. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tha4_engine.h"

#define EDGE 64
#define POSE 5
#define FACE_POSE 3
#define FACE_EDGE 16
#define PIXELS (EDGE * EDGE)

static int failures = 0;

static void expect(int good, const char *what) {
    if (good) return;
    fprintf(stderr, "wrong: %s (last error: %s)\n", what, tha4_last_error());
    ++failures;
}

/* Small numbers of either sign, always the same. */
static float number(void) {
    static unsigned state = 1;
    state = state * 1664525u + 1013904223u;
    return (float)(state >> 8) / 8388608.0f - 1.0f;
}

/* A layer that stays until the program ends. */
static tha4_layer layer(int inputs, int outputs, float size) {
    const size_t weights = (size_t)inputs * (size_t)outputs;
    float *values = malloc((weights + (size_t)outputs) * sizeof(float));
    tha4_layer made;
    size_t i;
    if (!values) exit(2);
    for (i = 0; i < weights + (size_t)outputs; ++i) values[i] = size * number();
    made.weight = values;
    made.bias = values + weights;
    made.weight_count = weights;
    made.bias_count = (size_t)outputs;
    made.inputs = inputs;
    made.outputs = outputs;
    return made;
}

static tha4_layer face_layers[2], coarse_layers[2], fine_layers[3];
static tha4_level levels[2];
static float picture[4 * PIXELS];

static tha4_character small_character(void) {
    static uint8_t drawing[4 * PIXELS];
    tha4_character character;
    int i;
    for (i = 0; i < 4 * PIXELS; ++i) drawing[i] = (uint8_t)(i % 4 == 3 ? 255 : i % 251);
    expect(tha4_network_picture(drawing, sizeof drawing, 4 * EDGE, EDGE, picture, 4 * PIXELS) == THA4_OK, "a picture");
    face_layers[0] = layer(2 + FACE_POSE, 20, 0.05f);
    face_layers[1] = layer(20, 10, 0.02f);
    coarse_layers[0] = layer(2 + POSE, 26, 0.05f);
    coarse_layers[1] = layer(26, 16, 0.02f);
    fine_layers[0] = layer(16 + 2 + POSE, 22, 0.03f);
    fine_layers[1] = layer(22, 8, 0.02f);
    fine_layers[2] = layer(8, 4, 0.02f);
    levels[0].layers = coarse_layers;
    levels[0].layer_count = 2;
    levels[0].edge = EDGE / 2;
    levels[1].layers = fine_layers;
    levels[1].layer_count = 3;
    levels[1].edge = EDGE;
    memset(&character, 0, sizeof character);
    character.picture = picture;
    character.picture_count = 4 * PIXELS;
    character.picture_edge = EDGE;
    character.pose_size = POSE;
    character.lean_parameters[0] = POSE - 1;
    character.lean_parameters[1] = -1;
    character.face_left = 20;
    character.face_top = 8;
    character.face_pose_size = FACE_POSE;
    character.level_count = 2;
    character.face.layers = face_layers;
    character.face.layer_count = 2;
    character.face.edge = FACE_EDGE;
    character.face_output = layer(10, THA4_FACE_CHANNELS, 0.3f);
    character.levels = levels;
    character.body_output = layer(4, THA4_BODY_CHANNELS, 0.3f);
    return character;
}

/* Twice the picture's size, opaque, of any colours. */
static tha4_character with_drawing(void) {
    tha4_character character = small_character();
    static uint8_t drawing[4 * 4 * PIXELS];
    int i;
    for (i = 0; i < 4 * 4 * PIXELS; ++i)
        drawing[i] = (uint8_t)(i % 4 == 3 ? 255 : i * 37 % 251);
    character.drawing = drawing;
    character.drawing_edge = 2 * EDGE;
    character.drawing_size = sizeof drawing;
    return character;
}

static const float pose[POSE] = {0.1f, 0.9f, 0.5f, -0.5f, 0.3f};
static const tha4_region whole = {0, 0, EDGE, EDGE};

static void draw(const char *isa, int precision) {
    const tha4_character character = small_character();
    const tha4_region part = {11, 7, 30, 21};
    static uint8_t full[4 * PIXELS];
    static float body[THA4_BODY_CHANNELS * PIXELS], body_part[THA4_BODY_CHANNELS * 21 * 30];
    static float face[THA4_FACE_CHANNELS * FACE_EDGE * FACE_EDGE];
    uint8_t rows[21 * 200];
    uint8_t tiles[8 * 8];
    tha4_pool *pool = NULL;
    tha4_renderer *renderer = NULL;
    tha4_options options;
    int y, c, seen = 0;
    memset(&options, 0, sizeof options);
    options.isa = isa;
    options.precision = precision;
    expect(tha4_pool_create(2, 1, &pool) == THA4_OK, "a pool");
    options.pool = pool;
    expect(tha4_renderer_create(&character, &options, &renderer) == THA4_OK, "a renderer");
    tha4_pool_destroy(pool);
    if (!renderer) return;
    expect(strcmp(tha4_renderer_isa(renderer), isa) == 0, "its instruction set");
    expect(tha4_renderer_fixed16(renderer) == (precision == THA4_FIXED16), "its precision");
    expect(tha4_renderer_threads(renderer) == 2, "its threads");
    expect(tha4_render(renderer, pose, POSE, whole, full, sizeof full, 4 * EDGE) == THA4_OK, "the picture");
    for (y = 0; y < 4 * PIXELS; ++y) seen += full[y] > 0;
    expect(seen > PIXELS, "that something is seen");
    /* A row every 200 bytes, and what lies between is left alone. */
    memset(rows, 7, sizeof rows);
    expect(tha4_render(renderer, pose, POSE, part, rows, 20 * 200 + 4 * 30, 200) == THA4_OK, "a region");
    for (y = 0; y < 21; ++y) {
        expect(memcmp(rows + y * 200, full + 4 * ((7 + y) * EDGE + 11), 4 * 30) == 0, "a region's row");
        expect(rows[y * 200 + 4 * 30] == 7 && rows[y * 200 + 199] == 7, "what is between the rows");
    }
    expect(tha4_body_outputs(renderer, pose, POSE, whole, body, sizeof body / 4) == THA4_OK, "the body's outputs");
    expect(tha4_body_outputs(renderer, pose, POSE, part, body_part, sizeof body_part / 4) == THA4_OK, "a part of them");
    for (c = 0; c < THA4_BODY_CHANNELS; ++c)
        for (y = 0; y < 21; ++y)
            expect(memcmp(body_part + (c * 21 + y) * 30, body + (c * EDGE + 7 + y) * EDGE + 11, 4 * 30) == 0,
                   "a row of the body's outputs");
    expect(tha4_face_outputs(renderer, pose, POSE, face, sizeof face / 4) == THA4_OK, "the face's outputs");
    expect(face[0] != 0 && face[sizeof face / 4 - 1] != 0, "that the whole face is put out");
    memset(tiles, 0, sizeof tiles);
    tiles[8 * 3 + 2] = 2; /* in poses that lean */
    expect(tha4_set_visibility(renderer, tiles, 8, 8) == THA4_OK, "a mask");
    expect(tha4_render(renderer, pose, POSE, part, rows, sizeof rows, 200) == THA4_OK, "a masked region");
    expect(rows[0] == 0 && rows[3] == 0, "that what is hidden is transparent");
    expect(memcmp(rows + (24 - 7) * 200 + 4 * (16 - 11), full + 4 * (24 * EDGE + 16), 4 * 8) == 0, "the seen tile");
    expect(tha4_set_visibility(renderer, NULL, 0, 0) == THA4_OK, "no mask");
    expect(tha4_render(renderer, pose, POSE, part, rows, sizeof rows, 200) == THA4_OK, "all of the region");
    expect(memcmp(rows, full + 4 * (7 * EDGE + 11), 4 * 30) == 0, "that all is seen again");
    tha4_renderer_destroy(renderer);
}

/* Rows that lie apart get the colours of those that do not. */
static void fill(void) {
    uint8_t close[4 * 5 * 3], apart[3 * 64];
    int y;
    for (y = 0; y < (int)sizeof close; ++y) close[y] = (uint8_t)(y * 37 % 50);
    memset(apart, 9, sizeof apart);
    for (y = 0; y < 3; ++y) memcpy(apart + 64 * y, close + 20 * y, 20);
    expect(tha4_fill_edges(close, sizeof close, 20, 5, 3) == THA4_OK, "edges");
    expect(tha4_fill_edges(apart, 2 * 64 + 20, 64, 5, 3) == THA4_OK, "edges of rows apart");
    for (y = 0; y < 3; ++y) {
        expect(memcmp(apart + 64 * y, close + 20 * y, 20) == 0, "a row's edges");
        expect(apart[64 * y + 20] == 9 && apart[64 * y + 63] == 9, "what is between the rows");
    }
}

static void refused(tha4_status status, tha4_status wanted, const char *what) {
    expect(status == wanted, what);
    printf("%s: %s\n", what, tha4_last_error());
}

static void refuse_character(const tha4_character *character, const char *what) {
    tha4_renderer *renderer = (tha4_renderer *)(void *)&failures;
    refused(tha4_renderer_create(character, NULL, &renderer), THA4_INVALID, what);
    expect(renderer == NULL, "that there is no renderer");
}

static void draw_larger(void) {
    const tha4_character character = with_drawing();
    const tha4_region part = {11, 7, 30, 21};
    static uint8_t full[4 * 16 * PIXELS], small[4 * PIXELS], again[4 * PIXELS];
    uint8_t rows[4 * 21 * 500];
    tha4_renderer *renderer = NULL;
    int scale, y;
    expect(tha4_renderer_create(&character, NULL, &renderer) == THA4_OK,
                  "a renderer with a larger drawing");
    if (!renderer)
        return;
    expect(tha4_render(renderer, pose, POSE, whole, small, sizeof small,
                                          4 * EDGE) == THA4_OK,
                  "a picture");
    for (scale = 2; scale <= 4; scale *= 2) {
        const size_t stride = (size_t)4 * EDGE * scale;
        expect(tha4_render_larger(renderer, pose, POSE, whole, scale, full,
                                                            stride * EDGE * scale, stride) == THA4_OK,
                      "a larger picture");
        memset(rows, 7, sizeof rows);
        expect(tha4_render_larger(renderer, pose, POSE, part, scale, rows,
                                                            sizeof rows, 500) == THA4_OK,
                      "a larger region");
        for (y = 0; y < 21 * scale; ++y) {
            const uint8_t *line =
                    full + (size_t)(7 * scale + y) * stride + 4 * 11 * scale;
            expect(memcmp(rows + y * 500, line, 4 * 30 * scale) == 0,
                          "a larger region's row");
            expect(rows[y * 500 + 4 * 30 * scale] == 7, "what is between the rows");
        }
    }
    expect(tha4_render_larger(renderer, pose, POSE, whole, 1, again, sizeof again,
                                                        4 * EDGE) == THA4_OK,
                  "scale 1");
    expect(memcmp(small, again, sizeof small) == 0, "the picture as it was");
    refused(tha4_render_larger(renderer, pose, POSE, whole, 3, full, sizeof full,
                                                          4 * 4 * EDGE),
                    THA4_INVALID, "a scale of 3");
    refused(tha4_render_larger(renderer, pose, POSE, whole, 2, full,
                                                          4 * 4 * PIXELS - 1, 2 * 4 * EDGE),
                    THA4_INVALID, "few pixels");
    refused(tha4_render_larger(NULL, pose, POSE, whole, 2, full, sizeof full,
                                                          2 * 4 * EDGE),
                    THA4_INVALID, "no renderer");
    tha4_renderer_destroy(renderer);
}

static void refuse_drawings(void) {
    tha4_character character = with_drawing();
    tha4_renderer *renderer = NULL;
    character.drawing_edge = 3 * EDGE;
    refused(tha4_renderer_create(&character, NULL, &renderer), THA4_INVALID,
                    "a drawing of three times the edge");
    character = with_drawing();
    character.drawing_size -= 1;
    refused(tha4_renderer_create(&character, NULL, &renderer), THA4_INVALID,
                    "a drawing of too few bytes");
    character = with_drawing();
    character.drawing = NULL;
    refused(tha4_renderer_create(&character, NULL, &renderer), THA4_INVALID,
                    "a drawing that is not there");
}

/* `change` spoils a good character. */
#define REFUSE(what, change)                          \
    do {                                              \
        tha4_character character = small_character(); \
        change;                                       \
        refuse_character(&character, what);           \
    } while (0)

static void refuse_characters(void) {
    static float spoiled[4 * PIXELS];
    refuse_character(NULL, "no character");
    REFUSE("no picture", character.picture = NULL);
    REFUSE("a short picture", character.picture_count -= 1);
    REFUSE("a huge picture", character.picture_edge = INT32_MAX);
    REFUSE("a negative picture", character.picture_edge = -64);
    REFUSE("an odd picture", character.picture_edge = 60);
    REFUSE("a picture with NaN",
           (memcpy(spoiled, picture, sizeof picture), spoiled[9] = NAN, character.picture = spoiled));
    REFUSE("no pose", character.pose_size = 0);
    REFUSE("a huge pose", character.pose_size = INT32_MAX);
    REFUSE("a leaning parameter outside", character.lean_parameters[0] = POSE);
    REFUSE("a face outside", character.face_left = EDGE - FACE_EDGE + 1);
    REFUSE("a face far outside", character.face_top = INT32_MAX);
    REFUSE("an odd face", character.face.edge = 12);
    REFUSE("a face of a longer pose", character.face_pose_size = POSE + 1);
    REFUSE("no face layers", character.face.layers = NULL);
    REFUSE("too many face layers", character.face.layer_count = INT32_MAX);
    REFUSE("no weights", face_layers[1].weight = NULL);
    REFUSE("fewer weights", face_layers[1].weight_count -= 1);
    REFUSE("no biases", coarse_layers[0].bias = NULL);
    REFUSE("fewer biases", coarse_layers[0].bias_count -= 1);
    REFUSE("weights of other inputs", fine_layers[1].inputs = 23);
    REFUSE("too wide a layer", fine_layers[0].outputs = THA4_MOST_CHANNELS + 1);
    REFUSE("a layer of no outputs", fine_layers[0].outputs = 0);
    REFUSE("an infinite weight", ((float *)coarse_layers[1].weight)[3] = INFINITY);
    REFUSE("a bias that is NaN", ((float *)character.body_output.bias)[6] = NAN);
    REFUSE("an output of other channels", character.face_output = layer(10, 3, 0.1f));
    REFUSE("no levels", character.levels = NULL);
    REFUSE("no number of levels", character.level_count = 0);
    REFUSE("too many levels", character.level_count = THA4_MOST_LEVELS + 1);
    REFUSE("a grid that is not half", levels[0].edge = EDGE);
    /* Refused before anything is read or allocated: the picture is not there. */
    REFUSE("too much memory", (character.picture_edge = 2048, character.picture_count = 4 * 2048 * 2048,
                               levels[0].edge = 1024, levels[1].edge = 2048,
                               fine_layers[0] = layer(16 + 2 + POSE, 512, 0.1f), fine_layers[1] = layer(512, 8, 0.1f)));
}

static void refuse_calls(void) {
    const tha4_character character = small_character();
    const float bad_pose[POSE] = {0, 0, NAN, 0, 0};
    const tha4_region outside = {EDGE - 4, 0, 5, 5}, wrapping = {INT32_MAX, 0, INT32_MAX, 1}, empty = {0, 0, 0, 1};
    uint8_t pixels[4 * PIXELS], tiles[64] = {0};
    static float numbers[THA4_BODY_CHANNELS * PIXELS];
    tha4_renderer *renderer = NULL;
    tha4_pool *pool = NULL;
    tha4_options options;
    tha4_trial trial;
    double peak, speed;
    memset(&options, 0, sizeof options);
    memset(&trial, 0, sizeof trial);
    refused(tha4_renderer_create(&character, NULL, NULL), THA4_INVALID, "no place for a renderer");
    options.isa = "mmx";
    refused(tha4_renderer_create(&character, &options, &renderer), THA4_UNSUPPORTED, "an unknown instruction set");
    options.isa = "portable";
    options.precision = THA4_FIXED16;
    refused(tha4_renderer_create(&character, &options, &renderer), THA4_UNSUPPORTED, "fixed16 where there is none");
    options.precision = 9;
    refused(tha4_renderer_create(&character, &options, &renderer), THA4_INVALID, "an unknown precision");
    options.precision = THA4_AUTO;
    options.threads = -1;
    refused(tha4_renderer_create(&character, &options, &renderer), THA4_INVALID, "a negative number of threads");
    options.threads = 1;
    options.trial = &trial;
    refused(tha4_renderer_create(&character, &options, &renderer), THA4_INVALID, "a trial without a pose");
    trial.pose = pose;
    trial.pose_count = POSE;
    trial.region = outside;
    refused(tha4_renderer_create(&character, &options, &renderer), THA4_INVALID, "a trial outside");
    refused(tha4_pool_create(0, 0, &pool), THA4_INVALID, "a pool of no threads");
    refused(tha4_pool_create(INT32_MAX, 0, &pool), THA4_INVALID, "a pool of too many threads");
    refused(tha4_pool_create(1, 0, NULL), THA4_INVALID, "no place for a pool");
    refused(tha4_published(NULL), THA4_INVALID, "no place for the published numbers");
    expect(tha4_renderer_create(&character, NULL, &renderer) == THA4_OK, "a renderer by default");
    refused(tha4_render(NULL, pose, POSE, whole, pixels, sizeof pixels, 4 * EDGE), THA4_INVALID, "no renderer");
    refused(tha4_render(renderer, NULL, POSE, whole, pixels, sizeof pixels, 4 * EDGE), THA4_INVALID, "no numbers");
    refused(tha4_render(renderer, pose, 45, whole, pixels, sizeof pixels, 4 * EDGE), THA4_INVALID, "a longer pose");
    refused(tha4_render(renderer, bad_pose, POSE, whole, pixels, sizeof pixels, 4 * EDGE), THA4_INVALID, "a NaN pose");
    refused(tha4_render(renderer, pose, POSE, outside, pixels, sizeof pixels, 4 * EDGE), THA4_INVALID,
            "a region outside");
    refused(tha4_render(renderer, pose, POSE, wrapping, pixels, sizeof pixels, 4 * EDGE), THA4_INVALID,
            "a wrapping region");
    refused(tha4_render(renderer, pose, POSE, empty, pixels, sizeof pixels, 4 * EDGE), THA4_INVALID, "an empty region");
    refused(tha4_render(renderer, pose, POSE, whole, NULL, sizeof pixels, 4 * EDGE), THA4_INVALID, "no pixels");
    refused(tha4_render(renderer, pose, POSE, whole, pixels, sizeof pixels - 1, 4 * EDGE), THA4_INVALID, "few pixels");
    refused(tha4_render(renderer, pose, POSE, whole, pixels, sizeof pixels, 4 * EDGE - 1), THA4_INVALID, "narrow rows");
    refused(tha4_render(renderer, pose, POSE, whole, pixels, sizeof pixels, SIZE_MAX), THA4_INVALID, "endless rows");
    refused(tha4_body_outputs(NULL, pose, POSE, whole, numbers, 7 * PIXELS), THA4_INVALID, "outputs of no renderer");
    refused(tha4_body_outputs(renderer, bad_pose, POSE, whole, numbers, 7 * PIXELS), THA4_INVALID, "a NaN's outputs");
    refused(tha4_body_outputs(renderer, pose, POSE, outside, numbers, 7 * PIXELS), THA4_INVALID, "outputs outside");
    refused(tha4_body_outputs(renderer, pose, POSE, whole, NULL, 7 * PIXELS), THA4_INVALID, "no room for outputs");
    refused(tha4_body_outputs(renderer, pose, POSE, whole, numbers, 7 * PIXELS - 1), THA4_INVALID, "little room");
    refused(tha4_face_outputs(NULL, pose, POSE, numbers, 4 * 256), THA4_INVALID, "the face of no renderer");
    refused(tha4_face_outputs(renderer, pose, POSE + 1, numbers, 4 * 256), THA4_INVALID, "the face of a longer pose");
    refused(tha4_face_outputs(renderer, pose, POSE, NULL, 4 * 256), THA4_INVALID, "no room for the face");
    refused(tha4_face_outputs(renderer, pose, POSE, numbers, SIZE_MAX), THA4_INVALID, "endless room for the face");
    refused(tha4_set_visibility(NULL, tiles, 8, 8), THA4_INVALID, "a mask for no renderer");
    refused(tha4_set_visibility(renderer, tiles, 7, 8), THA4_INVALID, "a mask that does not divide the picture");
    refused(tha4_set_visibility(renderer, tiles, 1, 64), THA4_INVALID, "a mask of narrow tiles");
    refused(tha4_set_visibility(renderer, tiles, 0, -8), THA4_INVALID, "a mask of nothing");
    tha4_renderer_destroy(renderer);
    refused(tha4_network_picture(NULL, 0, 4, 1, picture, 4), THA4_INVALID, "a drawing that is not there");
    refused(tha4_network_picture(pixels, 3, 4, 1, picture, 4), THA4_INVALID, "a drawing of three bytes");
    refused(tha4_network_picture(pixels, 4, 4, 1, picture, 3), THA4_INVALID, "a picture of three numbers");
    refused(tha4_network_picture(pixels, 4, 4, INT32_MAX, picture, 4), THA4_INVALID, "a huge drawing");
    refused(tha4_fill_edges(pixels, 3, 4, 1, 1), THA4_INVALID, "edges of three bytes");
    refused(tha4_fill_edges(pixels, sizeof pixels, 4, INT32_MAX, 1), THA4_INVALID, "huge edges");
    refused(tha4_fill_edges(pixels, sizeof pixels, 4, 1, 0), THA4_INVALID, "edges of nothing");
    refused(tha4_speed("portable", 0, 7, &peak, &speed), THA4_INVALID, "the speed of an odd layer");
    refused(tha4_speed("portable", 1, 8, &peak, &speed), THA4_INVALID, "the speed of what is not there");
    refused(tha4_speed("portable", 0, 8, NULL, &speed), THA4_INVALID, "no place for a speed");
    expect(tha4_supported(-1) == NULL && tha4_supported(99) == NULL, "that there are no more instruction sets");
    expect(tha4_renderer_isa(NULL) == NULL && tha4_renderer_threads(NULL) == 0, "nothing of no renderer");
    tha4_renderer_destroy(NULL);
    tha4_pool_destroy(NULL);
}

int main(void) {
    const char *isa;
    int i;
    expect(tha4_abi_version() == THA4_ABI_VERSION, "the version");
    expect(tha4_spare_cores() >= 1, "a core to draw on");
    expect(strcmp(tha4_last_error(), "") == 0, "that there was no error");
    for (i = 0; (isa = tha4_supported(i)) != NULL; ++i) {
        draw(isa, THA4_FLOAT32);
        if (strncmp(isa, "avx", 3) == 0) draw(isa, THA4_FIXED16);
    }
    draw_larger();
    fill();
    refuse_characters();
    refuse_drawings();
    refuse_calls();
    return failures ? 1 : 0;
}
