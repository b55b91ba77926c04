#include "character_player.h"

#include <chrono>
#include <cstdlib>
#include <exception>
#include <utility>

namespace tha4_godot {
namespace {

constexpr int kChannels = 4;
constexpr int kTileWidth = 8;
constexpr int kTileHeight = 4;

tha4_layer described(const Layer& layer) {
    tha4_layer described{};
    described.weight = layer.weight.data();
    described.weight_count = layer.weight.size();
    described.bias = layer.bias.data();
    described.bias_count = layer.bias.size();
    // What is out of range stays so.
    const auto narrow = [](int64_t n) { return n < 0 || n > INT32_MAX ? -1 : static_cast<int32_t>(n); };
    described.inputs = narrow(layer.inputs);
    described.outputs = narrow(layer.outputs);
    return described;
}

std::vector<tha4_layer> described(const std::vector<Layer>& layers) {
    std::vector<tha4_layer> all;
    for (const Layer& layer : layers) all.push_back(described(layer));
    return all;
}

// The edge of a square of RGBA8 of that many bytes; 0 when there is none.
int32_t edge_of(size_t bytes) {
    for (int32_t edge = 1; edge <= THA4_MOST_EDGE; ++edge)
        if (static_cast<size_t>(edge) * edge * kChannels == bytes) return edge;
    return 0;
}

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

}  // namespace

CharacterPlayer::~CharacterPlayer() {
    tha4_renderer_destroy(renderer_);
}

void CharacterPlayer::run(tha4_pool* pool) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (closed_ || !problem_.empty()) return;
    }
    try {
        if (!renderer_) return open(pool);
        Wish wish;
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            if (!wish_) return;
            wish = std::move(*wish_);
            wish_.reset();
            drawing_ = true;
        }
        draw(wish);
    } catch (const std::exception&) {  // std::bad_alloc
        fail("there is not enough memory left to draw the character; close other programs, or show fewer characters.");
    }
}

void CharacterPlayer::open(tha4_pool* pool) {
    const Networks networks = std::exchange(networks_, {});
    tha4_character character{};
    if (tha4_published(&character) != THA4_OK) return fail(tha4_last_error());
    const std::vector<tha4_layer> face = described(networks.face);
    const std::vector<tha4_layer> body = described(networks.body);
    const std::vector<tha4_layer> heads = described(networks.heads);
    const int32_t edge = edge_of(networks.picture.size());
    if (face.empty() || body.empty() || edge == 0)
        return fail("the character has no picture or no networks; take a whole character file.");
    std::vector<float> picture(static_cast<size_t>(edge) * edge * kChannels);
    if (tha4_network_picture(networks.picture.data(), networks.picture.size(), static_cast<size_t>(edge) * kChannels,
                             edge, picture.data(), picture.size()) != THA4_OK)
        return fail(tha4_last_error());
    character.picture = picture.data();
    character.picture_count = picture.size();
    character.picture_edge = edge;
    if (networks.drawing.size() > 0) {
        character.drawing = networks.drawing.data();
        character.drawing_size = networks.drawing.size();
        character.drawing_edge = edge_of(networks.drawing.size());
    }
    character.face.layers = face.data();
    character.face.layer_count = static_cast<int32_t>(face.size()) - 1;
    character.face_output = face.back();
    std::vector<tha4_level> levels;
    size_t taken = 0;
    const size_t level_count = networks.levels.size();
    for (size_t i = 0; i < level_count && level_count <= THA4_MOST_LEVELS; ++i) {
        const int32_t count = networks.levels.data()[i];
        if (count < 1 || static_cast<size_t>(count) > body.size() - 1 - taken) break;
        levels.push_back({body.data() + taken, count, edge >> (level_count - 1 - i)});
        taken += static_cast<size_t>(count);
    }
    if (levels.size() != level_count || taken != body.size() - 1)
        return fail("the layers of the character's body network do not fit its levels; take a whole character file.");
    character.levels = levels.data();
    character.level_count = static_cast<int32_t>(levels.size());
    character.body_output = body.back();
    character.heads = heads.data();
    character.head_count = static_cast<int32_t>(heads.size());

    const std::string isa = environment("THA4_NATIVE_ISA");
    const std::string precision = environment("THA4_NATIVE_PRECISION");
    tha4_options options{};
    options.isa = isa.c_str();
    options.precision = precision == "float32" ? THA4_FLOAT32 : precision == "fixed16" ? THA4_FIXED16 : THA4_AUTO;
    options.pool = pool;
    options.trial = tha4_published_trial();
    tha4_renderer* renderer = nullptr;
    if (tha4_renderer_create(&character, &options, &renderer) != THA4_OK) return fail(tha4_last_error());
    renderer_ = renderer;
    if (networks.tiles.size() > 0) {
        const int32_t columns = edge / kTileWidth;
        const int32_t rows = edge / kTileHeight;
        if (networks.tiles.size() != static_cast<size_t>(columns) * rows)
            return fail("what can be seen of the character is not told for its whole picture; take a whole file.");
        if (tha4_set_visibility(renderer_, networks.tiles.data(), rows, columns) != THA4_OK)
            return fail(tha4_last_error());
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    isa_ = tha4_renderer_isa(renderer_);
    precision_ = tha4_renderer_fixed16(renderer_) ? "fixed16" : "float32";
}

void CharacterPlayer::draw(const Wish& wish) {
    const auto started = std::chrono::steady_clock::now();
    const tha4_region& region = wish.region;
    const bool smaller = wish.scale == 1 && (wish.width != region.width || wish.height != region.height);
    const size_t size = static_cast<size_t>(wish.width) * wish.height * kChannels;
    Picture picture;
    picture.number = wish.number;
    picture.pixels.resize(size);
    uint8_t* pixels = picture.pixels.writable();
    if (picture.pixels.size() != size || !pixels) throw std::bad_alloc();
    if (smaller) whole_.resize(static_cast<size_t>(region.width) * region.height * kChannels);
    uint8_t* target = smaller ? whole_.data() : pixels;
    const size_t row = static_cast<size_t>(region.width) * wish.scale * kChannels;
    if (tha4_render_larger(renderer_, wish.pose.data(), wish.pose.size(), region, wish.scale, target,
                           row * region.height * wish.scale, row) != THA4_OK)
        return fail(tha4_last_error());
    if (smaller) shrinking_.shrink(target, region.width, region.height, pixels, wish.width, wish.height);
    if (tha4_fill_edges(pixels, size, static_cast<size_t>(wish.width) * kChannels, wish.width, wish.height) != THA4_OK)
        return fail(tha4_last_error());
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - started;
    picture.milliseconds = took.count();
    const std::lock_guard<std::mutex> lock(mutex_);
    drawing_ = false;
    std::swap(picture_, picture);
}

void CharacterPlayer::fail(const std::string& problem) {
    const std::lock_guard<std::mutex> lock(mutex_);
    drawing_ = false;
    problem_ = problem.empty() ? "the engine failed, and does not say why." : problem;
}

void CharacterPlayer::close() {
    const std::lock_guard<std::mutex> lock(mutex_);
    closed_ = true;
}

bool CharacterPlayer::wish(Wish wish) {
    std::optional<Wish> next(std::move(wish));
    const std::lock_guard<std::mutex> lock(mutex_);
    std::swap(wish_, next);
    return !next;
}

bool CharacterPlayer::is_drawing() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return drawing_;
}

bool CharacterPlayer::is_ready() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return !isa_.empty() && problem_.empty();
}

Picture CharacterPlayer::take() {
    Picture taken;
    const std::lock_guard<std::mutex> lock(mutex_);
    std::swap(taken, picture_);
    return taken;
}

std::string CharacterPlayer::problem() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return problem_;
}

std::string CharacterPlayer::isa() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return isa_;
}

std::string CharacterPlayer::precision() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return precision_;
}

}  // namespace tha4_godot
