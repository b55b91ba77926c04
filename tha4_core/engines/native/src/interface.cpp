// The C interface: checks what comes from outside, and turns what is thrown inside into a status and a sentence.

#include <atomic>
#include <cmath>
#include <cstdio>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <system_error>
#include <utility>

#include "character.h"
#include "cores.h"
#include "dispatch.h"
#include "edges.h"
#include "picture.h"
#include "pool.h"
#include "priority.h"
#include "process_id.h"
#include "published.h"
#include "refusal.h"
#include "renderer.h"
#include "speed.h"
#include "tha4_engine.h"
#include "trial.h"

struct tha4_pool {
    std::shared_ptr<tha4::Pool> pool;
};

struct tha4_renderer {
    std::unique_ptr<tha4::Renderer> renderer;
    // The process whose thread is rendering, or 0. A forked process may inherit one that will never be done.
    std::atomic<long> busy{0};
};

namespace {

using std::to_string;
using tha4::Refusal;
using tha4::Renderer;
using tha4::require;

constexpr int kLongest = 512;
thread_local char last_error[kLongest] = "";

tha4_status failed(tha4_status status, const char* sentence) {
    std::snprintf(last_error, sizeof last_error, "%s", sentence);
    return status;
}

// Calls `body`, and lets nothing out that it throws.
template <class Body>
tha4_status guarded(const Body& body) {
    try {
        body();
        return THA4_OK;
    } catch (const Refusal& refusal) {
        return failed(refusal.status(), refusal.what());
    } catch (const std::bad_alloc&) {
        return failed(THA4_MEMORY, "there is not enough memory; close other programs, or give fewer threads.");
    } catch (const std::system_error& error) {
        char sentence[kLongest];
        std::snprintf(sentence, sizeof sentence, "the system starts no more threads (%s); give fewer.", error.what());
        return failed(THA4_THREADS, sentence);
    } catch (const std::exception& error) {
        return failed(THA4_FAILED, error.what());
    } catch (...) {
        return failed(THA4_FAILED, "the engine failed, and does not know why.");
    }
}

// Claims a renderer for one thread.
class Claim {
  public:
    explicit Claim(std::atomic<long>& busy) : busy_(busy) {
        const long process = tha4::this_process();
        long holder = 0;
        while (!busy_.compare_exchange_weak(holder, process))
            if (holder == process)
                throw Refusal(THA4_BUSY, "an engine serves one thread at a time, and another is using it");
    }
    ~Claim() { busy_.store(0); }
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;

  private:
    std::atomic<long>& busy_;
};

const tha4::Kernels& kernels_named(const char* isa) {
    const std::string name = isa ? isa : "";
    if (const tha4::Kernels* kernels = tha4::choose_kernels(name)) return *kernels;
    std::string known;
    for (int i = 0; const tha4::Kernels* kernels = tha4::supported_kernels(i); ++i)
        known += (i ? ", " : "") + std::string(kernels->name);
    throw Refusal(THA4_UNSUPPORTED,
                  "this processor or build cannot run '" + name.substr(0, 40) + "'; choose one of " + known + ".");
}

void check_threads(int threads) {
    require(threads >= 1 && threads <= THA4_MOST_THREADS,
            "a pool has 1 to " + to_string(THA4_MOST_THREADS) + " threads, not " + to_string(threads) + ".");
}

// Rows of `width` pixels of four bytes.
void check_rows(const void* pixels, size_t size, size_t stride, int width, int height) {
    const size_t row = static_cast<size_t>(width) * 4;
    // Divided, so that no product can overflow.
    if (pixels && stride >= row && size >= row &&
        (height == 1 || stride <= (size - row) / (static_cast<size_t>(height) - 1)))
        return;
    tha4::refuse(to_string(width) + " x " + to_string(height) + " pixels do not fit into " +
                 to_string(pixels ? size : 0) + " bytes with a row every " + to_string(stride) + ".");
}

void check_region(const tha4_region& region, int edge) {
    // Each number on its own first, so that their sums cannot overflow.
    const auto inside = [edge](int start, int size) {
        return start >= 0 && start < edge && size >= 1 && size <= edge && start + size <= edge;
    };
    if (inside(region.x, region.width) && inside(region.y, region.height)) return;
    tha4::refuse("a region must lie inside the picture of " + to_string(edge) + " x " + to_string(edge) + ", not at " +
                 to_string(region.x) + ", " + to_string(region.y) + " with " + to_string(region.width) + " x " +
                 to_string(region.height) + ".");
}

void check_pose(const float* pose, size_t count, int size) {
    if (!pose || count != static_cast<size_t>(size))
        tha4::refuse("a pose of this character has " + to_string(size) + " numbers, not " +
                     to_string(pose ? count : 0) + ".");
    for (size_t i = 0; i < count; ++i)
        if (!std::isfinite(pose[i])) tha4::refuse("number " + to_string(i) + " of the pose is NaN or infinite.");
}

void check_numbers(const float* numbers, size_t count, int channels, int width, int height) {
    require(numbers && count == static_cast<size_t>(channels) * width * height,
            "what the networks put out here takes " + to_string(channels) + " x " + to_string(height) + " x " +
                to_string(width) + " numbers.");
}

std::unique_ptr<Renderer> make_renderer(const tha4_character& character, const tha4_options& options) {
    const tha4::Kernels& kernels = kernels_named(options.isa);
    require(options.precision >= THA4_AUTO && options.precision <= THA4_FIXED16,
            "there is no precision " + to_string(options.precision) + "; choose a tha4_precision.");
    std::shared_ptr<tha4::Pool> pool;
    if (options.pool) {
        pool = options.pool->pool;
    } else {
        const int threads = options.threads == 0 ? 1 : options.threads;
        check_threads(threads);
        pool = std::make_shared<tha4::Pool>(threads, false);
    }
    tha4::check_character(character, pool->threads());
    const tha4_trial* trial = options.precision == THA4_AUTO ? options.trial : nullptr;
    if (trial) {
        check_pose(trial->pose, trial->pose_count, character.pose_size);
        check_region(trial->region, character.picture_edge);
    }
    const bool fixed16 = options.precision == THA4_FIXED16 || trial;
    auto renderer = std::make_unique<Renderer>(character, kernels, fixed16, pool);
    if (options.precision == THA4_FIXED16 && !renderer->fixed16())
        throw Refusal(THA4_UNSUPPORTED, std::string("fixed16 is not to be had with ") + kernels.name +
                                            " and this character's weights; choose auto.");
    if (trial && renderer->fixed16()) {
        auto exact = std::make_unique<Renderer>(character, kernels, false, pool);
        if (!tha4::much_alike(*renderer, *exact, *trial)) return exact;
    }
    return renderer;
}

// tiles: [rows][columns] over a picture of `edge`.
tha4::Visibility segments_of(const uint8_t* tiles, int rows, int columns, int edge) {
    require(rows >= 1 && rows <= edge && columns >= 1 && columns <= edge && edge % rows == 0 &&
                edge % (columns * tha4::kSegmentPixels) == 0,
            "a mask of " + to_string(rows) + " rows and " + to_string(columns) +
                " columns does not divide a picture of " + to_string(edge) +
                " pixels a side into tiles that are a multiple of 8 wide.");
    const int row_segments = edge / tha4::kSegmentPixels;
    tha4::Visibility visibility(static_cast<size_t>(edge) * row_segments);
    for (int y = 0; y < edge; ++y)
        for (int i = 0; i < row_segments; ++i)
            visibility[static_cast<size_t>(y) * row_segments + i] =
                tiles[static_cast<size_t>(y / (edge / rows)) * columns + i / (row_segments / columns)];
    return visibility;
}

}  // namespace

uint32_t tha4_abi_version() {
    return THA4_ABI_VERSION;
}

const char* tha4_last_error() {
    return last_error;
}

const char* tha4_supported(int32_t index) {
    const tha4::Kernels* kernels = tha4::supported_kernels(index);
    return kernels ? kernels->name : nullptr;
}

tha4_status tha4_published(tha4_character* character) {
    return guarded([&] {
        require(character, "there is no place for the numbers; give a pointer to a character.");
        *character = tha4::published_character();
    });
}

const tha4_trial* tha4_published_trial() {
    return &tha4::published_trial();
}

tha4_status tha4_network_picture(const uint8_t* pixels, size_t pixels_size, size_t stride, int32_t edge, float* picture,
                                 size_t picture_count) {
    return guarded([&] {
        require(edge >= 1 && edge <= THA4_MOST_EDGE,
                "a picture has 1 to " + to_string(THA4_MOST_EDGE) + " pixels a side, not " + to_string(edge) + ".");
        check_rows(pixels, pixels_size, stride, edge, edge);
        require(picture && picture_count == static_cast<size_t>(4) * edge * edge,
                "a picture for networks takes 4 x " + to_string(edge) + " x " + to_string(edge) + " numbers.");
        tha4::network_picture(pixels, stride, edge, picture);
    });
}

tha4_status tha4_fill_edges(uint8_t* pixels, size_t size, size_t stride, int32_t width, int32_t height) {
    return guarded([&] {
        require(width >= 1 && width <= THA4_MOST_EDGE && height >= 1 && height <= THA4_MOST_EDGE,
                "edges are filled in pictures of 1 to " + to_string(THA4_MOST_EDGE) + " pixels a side, not in " +
                    to_string(width) + " x " + to_string(height) + ".");
        check_rows(pixels, size, stride, width, height);
        tha4::fill_edges(pixels, stride, width, height);
    });
}

tha4_status tha4_pool_create(int32_t threads, int32_t background, tha4_pool** pool) {
    if (pool) *pool = nullptr;
    return guarded([&] {
        require(pool, "there is no place for the pool; give a pointer to one.");
        check_threads(threads);
        *pool = new tha4_pool{std::make_shared<tha4::Pool>(threads, background != 0)};
    });
}

void tha4_pool_destroy(tha4_pool* pool) {
    delete pool;
}

void tha4_yield_to_others() {
    tha4::lower_priority();
}

int32_t tha4_spare_cores() {
    try {
        return tha4::spare_cores();
    } catch (const std::exception&) {  // std::bad_alloc
        return 1;
    }
}

tha4_status tha4_renderer_create(const tha4_character* character, const tha4_options* options,
                                 tha4_renderer** renderer) {
    if (renderer) *renderer = nullptr;
    return guarded([&] {
        require(renderer, "there is no place for the renderer; give a pointer to one.");
        require(character, "there is no character; give one.");
        auto made = std::make_unique<tha4_renderer>();
        made->renderer = make_renderer(*character, options ? *options : tha4_options{});
        *renderer = made.release();
    });
}

void tha4_renderer_destroy(tha4_renderer* renderer) {
    delete renderer;
}

tha4_status tha4_set_visibility(tha4_renderer* renderer, const uint8_t* tiles, int32_t rows, int32_t columns) {
    return guarded([&] {
        require(renderer, "there is no renderer; give one.");
        const int edge = renderer->renderer->edge();
        const uint8_t everything = 0xff;
        tha4::Visibility visibility =
            tiles ? segments_of(tiles, rows, columns, edge) : segments_of(&everything, 1, 1, edge);
        const Claim claim(renderer->busy);
        renderer->renderer->set_visibility(std::move(visibility));
    });
}

tha4_status tha4_render(tha4_renderer* renderer, const float* pose, size_t pose_count, tha4_region region, uint8_t* out,
                        size_t size, size_t stride) {
    return guarded([&] {
        require(renderer, "there is no renderer; give one.");
        check_region(region, renderer->renderer->edge());
        check_pose(pose, pose_count, renderer->renderer->pose_size());
        check_rows(out, size, stride, region.width, region.height);
        const Claim claim(renderer->busy);
        renderer->renderer->render(pose, {region.x, region.y, region.width, region.height}, out, stride);
    });
}

tha4_status tha4_render_larger(tha4_renderer* renderer, const float* pose, size_t pose_count, tha4_region region,
                               int32_t scale, uint8_t* out, size_t size, size_t stride) {
    return guarded([&] {
        require(renderer, "there is no renderer; give one.");
        require(scale == 1 || scale == 2 || scale == 4,
                "pictures are drawn at 1, 2 or 4 times their size, not at " + to_string(scale) + ".");
        check_region(region, renderer->renderer->edge());
        check_pose(pose, pose_count, renderer->renderer->pose_size());
        check_rows(out, size, stride, region.width * scale, region.height * scale);
        const Claim claim(renderer->busy);
        const tha4::Rectangle rectangle{region.x, region.y, region.width, region.height};
        if (scale == 1)
            renderer->renderer->render(pose, rectangle, out, stride);
        else
            renderer->renderer->render_larger(pose, rectangle, scale, out, stride);
    });
}

tha4_status tha4_body_outputs(tha4_renderer* renderer, const float* pose, size_t pose_count, tha4_region region,
                              float* out, size_t count) {
    return guarded([&] {
        require(renderer, "there is no renderer; give one.");
        check_region(region, renderer->renderer->edge());
        check_pose(pose, pose_count, renderer->renderer->pose_size());
        check_numbers(out, count, THA4_BODY_CHANNELS, region.width, region.height);
        const Claim claim(renderer->busy);
        renderer->renderer->body_outputs(pose, {region.x, region.y, region.width, region.height}, out);
    });
}

tha4_status tha4_face_outputs(tha4_renderer* renderer, const float* pose, size_t pose_count, float* out, size_t count) {
    return guarded([&] {
        require(renderer, "there is no renderer; give one.");
        check_pose(pose, pose_count, renderer->renderer->pose_size());
        const int edge = renderer->renderer->face_edge();
        check_numbers(out, count, THA4_FACE_CHANNELS, edge, edge);
        const Claim claim(renderer->busy);
        renderer->renderer->face_outputs(pose, out);
    });
}

const char* tha4_renderer_isa(const tha4_renderer* renderer) {
    return renderer ? renderer->renderer->isa() : nullptr;
}

int32_t tha4_renderer_fixed16(const tha4_renderer* renderer) {
    return renderer && renderer->renderer->fixed16();
}

int32_t tha4_renderer_threads(const tha4_renderer* renderer) {
    return renderer ? renderer->renderer->threads() : 0;
}

double tha4_renderer_multiply_adds(const tha4_renderer* renderer) {
    return renderer ? renderer->renderer->multiply_adds() : 0.0;
}

tha4_status tha4_speed(const char* isa, int32_t fixed16, int32_t channels, double* peak, double* layer) {
    return guarded([&] {
        const tha4::Kernels& kernels = kernels_named(isa);
        require(peak && layer, "there is no place for the speeds; give pointers to two numbers.");
        require(channels >= 2 && channels <= THA4_MOST_CHANNELS && channels % 2 == 0,
                "there is no such layer: its channels must be even and 2 to " + to_string(THA4_MOST_CHANNELS) +
                    ", not " + to_string(channels) + ".");
        require(!fixed16 || kernels.fixed16, std::string("there is no fixed16 with ") + kernels.name + ".");
        const tha4::Speed speed = tha4::measure_speed(kernels, fixed16 != 0, channels);
        *peak = speed.peak;
        *layer = speed.layer;
    });
}
