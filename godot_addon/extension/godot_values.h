// Godot's values as C++ objects, and the functions of Godot that they call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "godot_interface.h"

namespace godot {

// Set by load_functions(); everything else here may be used afterwards.
extern Functions functions;

// Asks Godot for every function; false when this Godot lacks one.
bool load_functions(GetFunction get);

class StringName {
  public:
    explicit StringName(const char* latin1);
    ~StringName();
    StringName(const StringName&) = delete;
    StringName& operator=(const StringName&) = delete;
    void* get() { return &memory_; }

  private:
    void* memory_ = nullptr;
};

class String {
  public:
    static constexpr Type kType = Type::kString;
    explicit String(const char* utf8);
    ~String();
    String(const String&) = delete;
    String(String&& other) noexcept : memory_(other.memory_) { other.memory_ = nullptr; }
    String& operator=(const String&) = delete;
    void* get() { return &memory_; }

  private:
    void* memory_ = nullptr;  // null is the empty string
};

// A PackedByteArray, PackedInt32Array or PackedFloat32Array: shared until it is written to, as Godot's are. Its count
// of users is atomic, so that each thread may have an object of its own of the same array.
template <Type kArrayType, class Element>
class PackedArray {
  public:
    static constexpr Type kType = kArrayType;
    PackedArray();
    PackedArray(const PackedArray& other);
    PackedArray(PackedArray&& other) noexcept : PackedArray() { swap(other); }
    PackedArray& operator=(PackedArray other) noexcept {
        swap(other);
        return *this;
    }
    ~PackedArray();
    void swap(PackedArray& other) noexcept { std::swap(memory_, other.memory_); }

    size_t size() const;
    // Null when it is empty.
    const Element* data() const;
    void* get() { return &memory_; }

  protected:
    struct Memory {
        void* words[2];
    };
    Memory memory_{};
};

using Integers = PackedArray<Type::kPackedInt32Array, int32_t>;
using Floats = PackedArray<Type::kPackedFloat32Array, float>;

class Bytes : public PackedArray<Type::kPackedByteArray, uint8_t> {
  public:
    Bytes() = default;
    // Of arbitrary content; stays as it was when there is no memory.
    void resize(size_t size);
    // For writing: it is nobody else's from then on. Null when it is empty.
    uint8_t* writable();
};

struct Vector2i {
    static constexpr Type kType = Type::kVector2i;
    int32_t x, y;
};

struct Rect2i {
    static constexpr Type kType = Type::kRect2i;
    int32_t x, y, width, height;
};

}  // namespace godot
