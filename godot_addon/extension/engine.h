// AnimeCharacterEngine, the class that scripts see: draws one character on threads of its own, and never waits.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "character_player.h"
#include "godot_values.h"
#include "render_thread.h"

namespace tha4_godot {

// A RefCounted, used as: add_layer() for each layer, open(), then until close() or the end of its life:
//   problem() is empty; when is_ready() and not is_drawing(): ask(); every frame: take().
class AnimeCharacterEngine {
  public:
    static constexpr const char* kName = "AnimeCharacterEngine";
    // thread: of all engines.
    explicit AnimeCharacterEngine(RenderThread& thread) : thread_(thread) {}
    ~AnimeCharacterEngine() { close(); }
    static void register_methods(void* library);

    // The next layer of the face network (network 0) or of the body network (1), or the head of the next coarser level
    // (2), of which there are one for each level but the finest, or none: weight [outputs][inputs], bias [outputs]. A
    // network's last layer is its output, without a sine.
    void add_layer(int64_t network, int64_t inputs, int64_t outputs, const godot::Floats& weight,
                   const godot::Floats& bias);
    // The larger drawing, straight-alpha RGBA8, before open(); without it larger pictures are enlarged.
    void add_drawing(const godot::Bytes& drawing) { networks_.drawing = drawing; }
    // Begins to make a renderer of what was added. levels: how many of the body's sine layers each level has. picture:
    // straight-alpha RGBA8. tiles: what can be seen, a byte for each 8 by 4 pixels; empty: all. threads: how many work
    // on a picture; 0: one for each physical core but one. What is wrong, problem() will say.
    void open(const godot::Integers& levels, const godot::Bytes& picture, const godot::Bytes& tiles, int64_t threads);
    void close();

    // One sentence, after which it draws no more; or empty.
    godot::String problem() const;
    bool is_ready() const;
    bool is_drawing() const;
    // Wishes for a picture, in place of one that still waits: region in the picture, size of what is made of it, at
    // least 1 and at most the region's, or twice or four times it. Returns what is wrong with these, or an empty text.
    godot::String ask(int64_t number, const godot::Floats& pose, const godot::Rect2i& region,
                      const godot::Vector2i& size);
    // The newest picture, RGBA8 of the size that was asked for, ready to be drawn with a linear filter; empty when
    // there is none since the last call.
    godot::Bytes take();
    // Of the picture that was taken last: the number it was asked with, and the milliseconds that it took.
    int64_t taken_number() const { return taken_number_; }
    double taken_milliseconds() const { return taken_milliseconds_; }
    godot::String isa() const;
    godot::String precision() const;

  private:
    RenderThread& thread_;
    Networks networks_;
    std::shared_ptr<CharacterPlayer> player_;
    std::string problem_;
    int64_t taken_number_ = 0;
    double taken_milliseconds_ = 0.0;
};

}  // namespace tha4_godot
