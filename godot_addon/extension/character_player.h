// One character that is being played: its networks, the picture that is wished for, and the one that is done.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "godot_values.h"
#include "render_thread.h"
#include "shrink.h"
#include "tha4_engine.h"

namespace tha4_godot {

// A linear map of `inputs` channels to `outputs`; the numbers are shared with Godot's arrays.
struct Layer {
    int64_t inputs;
    int64_t outputs;
    godot::Floats weight;
    godot::Floats bias;
};

// What a character is made of. levels: how many of the body's sine layers each has, coarse to fine; the last of each
// network's layers is its output. heads: of the body's coarser levels, or none. picture: straight-alpha RGBA8. drawing:
// the same at 2 or 4 times its edge, or empty. tiles: [height / 4][width / 8], or empty.
struct Networks {
    std::vector<Layer> face;
    std::vector<Layer> body;
    std::vector<Layer> heads;
    godot::Integers levels;
    godot::Bytes picture;
    godot::Bytes drawing;
    godot::Bytes tiles;
};

// region: inside the picture. width, height: of the picture that is made, at most the region's or `scale` times that.
// scale: 1, 2 or 4.
struct Wish {
    int64_t number = 0;
    godot::Floats pose;
    tha4_region region{};
    int width = 0;
    int height = 0;
    int scale = 1;
};

struct Picture {
    int64_t number = 0;
    godot::Bytes pixels;
    double milliseconds = 0.0;
};

// Everything may be called while run() is at work, and returns at once.
class CharacterPlayer : public Work {
  public:
    explicit CharacterPlayer(Networks networks) : networks_(std::move(networks)) {}
    ~CharacterPlayer() override;

    // First makes the renderer, then draws what is wished for.
    void run(tha4_pool* pool) override;
    // From now on run() does nothing; what it is at ends.
    void close();

    // Whether run() has to be called for it; not when a wish that it takes the place of waits already.
    bool wish(Wish wish);
    // Whether a wish is at work, and no other can take its place.
    bool is_drawing() const;
    // Whether the renderer is there.
    bool is_ready() const;
    // The last picture; of number 0 and empty when there is none since the last call.
    Picture take();
    // What went wrong, once and for all; empty when nothing did.
    std::string problem() const;
    // How it computes, as "avx2" and "float32"; empty before it is ready.
    std::string isa() const;
    std::string precision() const;

  private:
    void open(tha4_pool* pool);
    void draw(const Wish& wish);
    void fail(const std::string& problem);

    mutable std::mutex mutex_;  // held for moments only; of what follows
    std::optional<Wish> wish_;
    Picture picture_;
    std::string problem_, isa_, precision_;
    bool drawing_ = false;
    bool closed_ = false;
    // Of the render thread alone.
    Networks networks_;
    tha4_renderer* renderer_ = nullptr;
    std::vector<uint8_t> whole_;  // the region, when the picture is smaller
    Shrinking shrinking_;
};

}  // namespace tha4_godot
