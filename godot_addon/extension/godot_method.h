// Makes a C++ method one of a Godot class: reads its arguments out of Godot's memory, and puts its result there.
#pragma once

#include <array>
#include <tuple>
#include <type_traits>
#include <utility>

#include "godot_values.h"

namespace godot {

template <class Value>
constexpr Type type_of() {
    if constexpr (std::is_same_v<Value, bool>)
        return Type::kBool;
    else if constexpr (std::is_same_v<Value, int64_t>)
        return Type::kInt;
    else if constexpr (std::is_same_v<Value, double>)
        return Type::kFloat;
    else
        return Value::kType;
}

// What a Variant holds, which is of the right type; an array is shared with it.
template <class Value>
Value from_variant(const void* variant) {
    static const FromVariant convert = functions.get_variant_to_type_constructor(type_of<Value>());
    if constexpr (std::is_class_v<Value> && !std::is_trivially_copyable_v<Value>) {
        // Godot makes a whole array in this memory: the empty one that was there is given back with the copy.
        alignas(Value) unsigned char memory[sizeof(Value)];
        convert(memory, const_cast<void*>(variant));
        auto* made = reinterpret_cast<Value*>(memory);
        Value value(std::move(*made));
        made->~Value();
        return value;
    } else if constexpr (std::is_same_v<Value, bool>) {
        Bool value = 0;
        convert(&value, const_cast<void*>(variant));
        return value != 0;
    } else {
        Value value{};
        convert(&value, const_cast<void*>(variant));
        return value;
    }
}

template <class Value>
void to_variant(void* variant, Value& value) {
    static const ToVariant convert = functions.get_variant_from_type_constructor(type_of<Value>());
    if constexpr (std::is_same_v<Value, bool>) {
        Bool byte = value;
        convert(variant, &byte);
    } else if constexpr (std::is_class_v<Value> && !std::is_trivially_copyable_v<Value>) {
        convert(variant, value.get());
    } else {
        convert(variant, &value);
    }
}

// Into a value of Godot's, which is whole: what it was goes with `value`.
template <class Value>
void assign(void* target, Value& value) {
    if constexpr (std::is_same_v<Value, bool>)
        *static_cast<Bool*>(target) = value;
    else if constexpr (std::is_same_v<Value, String>)
        std::swap(*static_cast<void**>(target), *static_cast<void**>(value.get()));
    else if constexpr (std::is_class_v<Value> && !std::is_trivially_copyable_v<Value>)
        reinterpret_cast<Value*>(target)->swap(value);
    else
        *static_cast<Value*>(target) = value;
}

template <auto kMethod, class Class, class Result, class... Arguments>
struct Binding {
    static constexpr size_t kCount = sizeof...(Arguments);
    using Values = std::tuple<std::decay_t<Arguments>...>;

    static void call(void*, void* instance, const void* const* arguments, int64_t count, void* result,
                     CallError* error) {
        if (count != static_cast<int64_t>(kCount)) {
            const bool few = count < static_cast<int64_t>(kCount);
            *error = {few ? CallFault::kTooFewArguments : CallFault::kTooManyArguments, 0, kCount};
            return;
        }
        call(instance, arguments, result, error, std::make_index_sequence<kCount>());
    }

    static void pointer_call(void*, void* instance, const void* const* arguments, void* result) {
        pointer_call(instance, arguments, result, std::make_index_sequence<kCount>());
    }

    // Tells Godot of the method. names: of the arguments.
    static void register_as(void* library, const char* class_name, const char* method_name,
                            const std::array<const char*, kCount>& names) {
        register_as(library, class_name, method_name, names, std::make_index_sequence<kCount>());
    }

  private:
    template <size_t... kIndex>
    static void call(void* instance, const void* const* arguments, void* result, CallError* error,
                     std::index_sequence<kIndex...>) {
        constexpr std::array<Type, kCount> kTypes{type_of<std::tuple_element_t<kIndex, Values>>()...};
        for (size_t i = 0; i < kCount; ++i)
            if (functions.variant_get_type(arguments[i]) != kTypes[i]) {
                *error = {CallFault::kInvalidArgument, static_cast<int32_t>(i), static_cast<int32_t>(kTypes[i])};
                return;
            }
        auto* self = static_cast<Class*>(instance);
        if constexpr (std::is_void_v<Result>) {
            (self->*kMethod)(from_variant<std::tuple_element_t<kIndex, Values>>(arguments[kIndex])...);
        } else {
            Result value = (self->*kMethod)(from_variant<std::tuple_element_t<kIndex, Values>>(arguments[kIndex])...);
            to_variant(result, value);
        }
    }

    template <class Value>
    static const Value& at(const void* argument) {
        return *static_cast<const Value*>(argument);
    }

    template <size_t... kIndex>
    static void pointer_call(void* instance, const void* const* arguments, void* result,
                             std::index_sequence<kIndex...>) {
        auto* self = static_cast<Class*>(instance);
        if constexpr (std::is_void_v<Result>) {
            (self->*kMethod)(at<std::tuple_element_t<kIndex, Values>>(arguments[kIndex])...);
        } else {
            Result value = (self->*kMethod)(at<std::tuple_element_t<kIndex, Values>>(arguments[kIndex])...);
            assign(result, value);
        }
    }

    template <size_t... kIndex>
    static void register_as(void* library, const char* class_name, const char* method_name,
                            const std::array<const char*, kCount>& names, std::index_sequence<kIndex...>) {
        StringName of(class_name), called(method_name), none("");
        String no_hint("");
        // One more than there may be, for methods without arguments.
        std::array<StringName, kCount + 1> argument_names{StringName(names[kIndex])..., StringName("")};
        std::array<PropertyInfo, kCount + 1> properties{PropertyInfo{type_of<std::tuple_element_t<kIndex, Values>>(),
                                                                     argument_names[kIndex].get(), none.get(), 0,
                                                                     no_hint.get(), kUsageDefault}...};
        std::array<int, kCount + 1> metadata{};
        PropertyInfo outcome{Type::kNil, none.get(), none.get(), 0, no_hint.get(), kUsageDefault};
        if constexpr (!std::is_void_v<Result>) outcome.type = type_of<Result>();
        MethodInfo info{};
        info.name = called.get();
        info.call = call;
        info.pointer_call = pointer_call;
        info.flags = kMethodDefault;
        info.has_result = !std::is_void_v<Result>;
        info.result = &outcome;
        info.argument_count = kCount;
        info.arguments = properties.data();
        info.argument_metadata = metadata.data();
        functions.classdb_register_extension_class_method(library, of.get(), &info);
    }
};

template <auto kMethod>
struct Bound;

template <class Class, class Result, class... Arguments, Result (Class::*kMethod)(Arguments...)>
struct Bound<kMethod> : Binding<kMethod, Class, Result, Arguments...> {};

template <class Class, class Result, class... Arguments, Result (Class::*kMethod)(Arguments...) const>
struct Bound<kMethod> : Binding<kMethod, Class, Result, Arguments...> {};

}  // namespace godot
