#include "godot_values.h"

#include <type_traits>

namespace godot {

Functions functions{};

namespace {

// Hashes by which Godot knows the signatures of size() and resize().
constexpr int64_t kSizeHash = 3173160232;
constexpr int64_t kResizeHash = 848867239;
constexpr int32_t kDefaultConstructor = 0;
constexpr int32_t kCopyConstructor = 1;

// What an array's type needs.
struct ArrayFunctions {
    Constructor create = nullptr;
    Constructor copy = nullptr;
    Destructor destroy = nullptr;
    BuiltinMethod size = nullptr;
};

ArrayFunctions byte_functions, integer_functions, float_functions;
BuiltinMethod resize_bytes = nullptr;
Destructor destroy_string_name = nullptr, destroy_string = nullptr;

template <Type type>
const ArrayFunctions& of() {
    switch (type) {
        case Type::kPackedByteArray:
            return byte_functions;
        case Type::kPackedInt32Array:
            return integer_functions;
        default:
            return float_functions;
    }
}

bool load(ArrayFunctions& array, Type type) {
    StringName size("size");
    array.create = functions.variant_get_ptr_constructor(type, kDefaultConstructor);
    array.copy = functions.variant_get_ptr_constructor(type, kCopyConstructor);
    array.destroy = functions.variant_get_ptr_destructor(type);
    array.size = functions.variant_get_ptr_builtin_method(type, size.get(), kSizeHash);
    return array.create && array.copy && array.destroy && array.size;
}

}  // namespace

bool load_functions(GetFunction get) {
    bool all = true;
    const auto ask = [&](auto& function, const char* name) {
        function = reinterpret_cast<std::decay_t<decltype(function)>>(get(name));
        all = all && function;
    };
#define ASK(name) ask(functions.name, #name)
    ASK(string_name_new_with_latin1_chars);
    ASK(string_new_with_utf8_chars);
    ASK(variant_get_type);
    ASK(variant_get_ptr_constructor);
    ASK(variant_get_ptr_destructor);
    ASK(variant_get_ptr_builtin_method);
    ASK(get_variant_from_type_constructor);
    ASK(get_variant_to_type_constructor);
    ASK(packed_byte_array_operator_index);
    ASK(packed_byte_array_operator_index_const);
    ASK(packed_int32_array_operator_index_const);
    ASK(packed_float32_array_operator_index_const);
    ASK(classdb_construct_object2);
    ASK(object_set_instance);
    ASK(classdb_register_extension_class4);
    ASK(classdb_register_extension_class_method);
    ASK(classdb_unregister_extension_class);
#undef ASK
    if (!all) return false;
    destroy_string_name = functions.variant_get_ptr_destructor(Type::kStringName);
    destroy_string = functions.variant_get_ptr_destructor(Type::kString);
    if (!destroy_string_name || !destroy_string) return false;
    StringName resize("resize");
    resize_bytes = functions.variant_get_ptr_builtin_method(Type::kPackedByteArray, resize.get(), kResizeHash);
    return resize_bytes && load(byte_functions, Type::kPackedByteArray) &&
           load(integer_functions, Type::kPackedInt32Array) && load(float_functions, Type::kPackedFloat32Array);
}

StringName::StringName(const char* latin1) {
    functions.string_name_new_with_latin1_chars(&memory_, latin1, 0);
}

StringName::~StringName() {
    destroy_string_name(&memory_);
}

String::String(const char* utf8) {
    functions.string_new_with_utf8_chars(&memory_, utf8);
}

String::~String() {
    destroy_string(&memory_);
}

template <Type type, class Element>
PackedArray<type, Element>::PackedArray() {
    of<type>().create(&memory_, nullptr);
}

template <Type type, class Element>
PackedArray<type, Element>::PackedArray(const PackedArray& other) {
    const void* arguments[] = {&other.memory_};
    of<type>().copy(&memory_, arguments);
}

template <Type type, class Element>
PackedArray<type, Element>::~PackedArray() {
    of<type>().destroy(&memory_);
}

template <Type type, class Element>
size_t PackedArray<type, Element>::size() const {
    int64_t size = 0;
    of<type>().size(const_cast<Memory*>(&memory_), nullptr, &size, 0);
    return static_cast<size_t>(size);
}

template <Type type, class Element>
const Element* PackedArray<type, Element>::data() const {
    if (size() == 0) return nullptr;
    if constexpr (type == Type::kPackedByteArray)
        return functions.packed_byte_array_operator_index_const(&memory_, 0);
    else if constexpr (type == Type::kPackedInt32Array)
        return functions.packed_int32_array_operator_index_const(&memory_, 0);
    else
        return functions.packed_float32_array_operator_index_const(&memory_, 0);
}

template class PackedArray<Type::kPackedByteArray, uint8_t>;
template class PackedArray<Type::kPackedInt32Array, int32_t>;
template class PackedArray<Type::kPackedFloat32Array, float>;

void Bytes::resize(size_t size) {
    const int64_t wanted = static_cast<int64_t>(size);
    const void* arguments[] = {&wanted};
    int64_t fault = 0;
    resize_bytes(&memory_, arguments, &fault, 1);
}

uint8_t* Bytes::writable() {
    return size() == 0 ? nullptr : functions.packed_byte_array_operator_index(&memory_, 0);
}

}  // namespace godot
