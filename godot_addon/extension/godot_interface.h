// What the extension uses of Godot's C interface for extensions, as of Godot 4.4: types with the layout, and functions
// with the names and signatures, that `godot --dump-gdextension-interface` tells. So it builds where no Godot is;
// tests/godot/test_extension_interface.py compares it with what an engine dumps.
#pragma once

#include <cstdint>

namespace godot {

using Bool = uint8_t;
using Function = void (*)();
using GetFunction = Function (*)(const char* name);

enum class Type : int {
    kNil = 0,
    kBool = 1,
    kInt = 2,
    kFloat = 3,
    kString = 4,
    kVector2i = 6,
    kRect2i = 8,
    kStringName = 21,
    kPackedByteArray = 29,
    kPackedInt32Array = 30,
    kPackedFloat32Array = 32,
};

enum class CallFault : int { kNone = 0, kInvalidArgument = 2, kTooManyArguments = 3, kTooFewArguments = 4 };

struct CallError {
    CallFault error;
    int32_t argument;
    int32_t expected;
};

struct PropertyInfo {
    Type type;
    void* name;
    void* class_name;
    uint32_t hint;
    void* hint_string;
    uint32_t usage;
};

// PROPERTY_USAGE_DEFAULT: what arguments and results are declared with.
constexpr uint32_t kUsageDefault = 6;
constexpr uint32_t kMethodDefault = 1;

using MethodCall = void (*)(void* data, void* instance, const void* const* arguments, int64_t count, void* result,
                            CallError* error);
using MethodPointerCall = void (*)(void* data, void* instance, const void* const* arguments, void* result);

struct MethodInfo {
    void* name;
    void* data;
    MethodCall call;
    MethodPointerCall pointer_call;
    uint32_t flags;
    Bool has_result;
    PropertyInfo* result;
    int result_metadata;
    uint32_t argument_count;
    PropertyInfo* arguments;
    int* argument_metadata;
    uint32_t default_count;
    void** defaults;
};

// GDExtensionClassCreationInfo4.
struct ClassInfo {
    Bool is_virtual;
    Bool is_abstract;
    Bool is_exposed;
    Bool is_runtime;
    const void* icon_path;
    Function unused_property_functions[7];
    Function unused_notification;
    Function unused_to_string;
    Function unused_reference_functions[2];
    void* (*create)(void* data, Bool notify);
    void (*destroy)(void* data, void* instance);
    Function unused_recreate;
    Function unused_virtual_functions[3];
    void* data;
};

enum class Level : int { kCore = 0, kServers = 1, kScene = 2, kEditor = 3 };

struct Initialization {
    Level minimum_level;
    void* data;
    void (*initialize)(void* data, Level level);
    void (*deinitialize)(void* data, Level level);
};

using Constructor = void (*)(void* base, const void* const* arguments);
using Destructor = void (*)(void* base);
using BuiltinMethod = void (*)(void* base, const void* const* arguments, void* result, int32_t count);
using ToVariant = void (*)(void* variant, void* value);
using FromVariant = void (*)(void* value, void* variant);

// The functions, by the names that they are asked for with.
struct Functions {
    void (*string_name_new_with_latin1_chars)(void* name, const char* text, Bool is_static);
    void (*string_new_with_utf8_chars)(void* string, const char* text);
    Type (*variant_get_type)(const void* variant);
    Constructor (*variant_get_ptr_constructor)(Type type, int32_t constructor);
    Destructor (*variant_get_ptr_destructor)(Type type);
    BuiltinMethod (*variant_get_ptr_builtin_method)(Type type, const void* name, int64_t hash);
    ToVariant (*get_variant_from_type_constructor)(Type type);
    FromVariant (*get_variant_to_type_constructor)(Type type);
    uint8_t* (*packed_byte_array_operator_index)(void* array, int64_t index);
    const uint8_t* (*packed_byte_array_operator_index_const)(const void* array, int64_t index);
    const int32_t* (*packed_int32_array_operator_index_const)(const void* array, int64_t index);
    const float* (*packed_float32_array_operator_index_const)(const void* array, int64_t index);
    void* (*classdb_construct_object2)(const void* class_name);
    void (*object_set_instance)(void* object, const void* class_name, void* instance);
    void (*classdb_register_extension_class4)(void* library, const void* name, const void* base, const ClassInfo* info);
    void (*classdb_register_extension_class_method)(void* library, const void* class_name, const MethodInfo* info);
    void (*classdb_unregister_extension_class)(void* library, const void* name);
};

}  // namespace godot
