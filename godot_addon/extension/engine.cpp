#include "engine.h"

#include <algorithm>
#include <utility>

#include "godot_method.h"

namespace tha4_godot {
namespace {

constexpr const char* kNoThreads = "the system starts no more threads; close other programs.";

// How many times a region's size a picture's is, 2 or 4; 1: less or no more.
int scale_of(const godot::Rect2i& region, const godot::Vector2i& size) {
    for (const int scale : {2, 4})
        if (size.x == region.width * scale && size.y == region.height * scale) return scale;
    return 1;
}

}  // namespace

void AnimeCharacterEngine::register_methods(void* library) {
    using Self = AnimeCharacterEngine;
    const auto add = [&](auto bound, const char* name, const auto&... names) {
        decltype(bound)::register_as(library, kName, name, {names...});
    };
    add(godot::Bound<&Self::add_layer>(), "add_layer", "network", "inputs", "outputs", "weight", "bias");
    add(godot::Bound<&Self::add_drawing>(), "add_drawing", "drawing");
    add(godot::Bound<&Self::open>(), "open", "levels", "picture", "tiles", "threads");
    add(godot::Bound<&Self::close>(), "close");
    add(godot::Bound<&Self::problem>(), "problem");
    add(godot::Bound<&Self::is_ready>(), "is_ready");
    add(godot::Bound<&Self::is_drawing>(), "is_drawing");
    add(godot::Bound<&Self::ask>(), "ask", "number", "pose", "region", "size");
    add(godot::Bound<&Self::take>(), "take");
    add(godot::Bound<&Self::taken_number>(), "taken_number");
    add(godot::Bound<&Self::taken_milliseconds>(), "taken_milliseconds");
    add(godot::Bound<&Self::isa>(), "isa");
    add(godot::Bound<&Self::precision>(), "precision");
}

void AnimeCharacterEngine::add_layer(int64_t network, int64_t inputs, int64_t outputs, const godot::Floats& weight,
                                     const godot::Floats& bias) {
    std::vector<Layer>& layers = network == 0 ? networks_.face : network == 1 ? networks_.body : networks_.heads;
    // One more than any network may have is enough to be refused.
    if (layers.size() <= THA4_MOST_LEVELS * THA4_MOST_LAYERS) layers.push_back({inputs, outputs, weight, bias});
}

void AnimeCharacterEngine::open(const godot::Integers& levels, const godot::Bytes& picture, const godot::Bytes& tiles,
                                int64_t threads) {
    close();
    networks_.levels = levels;
    networks_.picture = picture;
    networks_.tiles = tiles;
    player_ = std::make_shared<CharacterPlayer>(std::exchange(networks_, {}));
    thread_.enter();
    thread_.set_threads(static_cast<int>(std::clamp<int64_t>(threads, 0, THA4_MOST_THREADS)));
    if (!thread_.add(player_)) problem_ = kNoThreads;
}

void AnimeCharacterEngine::close() {
    if (!player_) return;
    player_->close();
    thread_.leave(std::exchange(player_, nullptr));
    problem_.clear();
}

godot::String AnimeCharacterEngine::problem() const {
    if (!problem_.empty() || !player_) return godot::String(problem_.c_str());
    return godot::String(player_->problem().c_str());
}

bool AnimeCharacterEngine::is_ready() const {
    return player_ && player_->is_ready();
}

bool AnimeCharacterEngine::is_drawing() const {
    return player_ && player_->is_drawing();
}

godot::String AnimeCharacterEngine::ask(int64_t number, const godot::Floats& pose, const godot::Rect2i& region,
                                        const godot::Vector2i& size) {
    if (!is_ready()) return godot::String("no picture can be asked for before the character is ready.");
    const int64_t right = static_cast<int64_t>(region.x) + region.width;
    const int64_t bottom = static_cast<int64_t>(region.y) + region.height;
    if (region.x < 0 || region.y < 0 || region.width < 1 || region.height < 1 || right > THA4_MOST_EDGE ||
        bottom > THA4_MOST_EDGE)
        return godot::String("the region that was asked for is empty, or is not in the picture.");
    const int scale = scale_of(region, size);
    if (scale == 1 && (size.x < 1 || size.y < 1 || size.x > region.width || size.y > region.height))
        return godot::String("the size that was asked for is not between 1 and the region's, nor 2 or 4 times that.");
    Wish wish{number, pose, {region.x, region.y, region.width, region.height}, size.x, size.y, scale};
    if (player_->wish(std::move(wish)) && !thread_.add(player_)) problem_ = kNoThreads;
    return godot::String("");
}

godot::Bytes AnimeCharacterEngine::take() {
    if (!player_) return {};
    Picture picture = player_->take();
    if (picture.pixels.size() > 0) {
        taken_number_ = picture.number;
        taken_milliseconds_ = picture.milliseconds;
    }
    return std::move(picture.pixels);
}

godot::String AnimeCharacterEngine::isa() const {
    return godot::String(player_ ? player_->isa().c_str() : "");
}

godot::String AnimeCharacterEngine::precision() const {
    return godot::String(player_ ? player_->precision().c_str() : "");
}

}  // namespace tha4_godot
