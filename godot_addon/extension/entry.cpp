// Where Godot enters.
#include <memory>

#include "engine.h"
#include "godot_values.h"

#if defined(_WIN32)
#define ENTRY extern "C" __declspec(dllexport)
#else
#define ENTRY extern "C" __attribute__((visibility("default")))
#endif

namespace tha4_godot {
namespace {

void* library = nullptr;
std::unique_ptr<RenderThread> render_thread;

void* create(void*, godot::Bool) {
    godot::StringName base("RefCounted"), name(AnimeCharacterEngine::kName);
    void* object = godot::functions.classdb_construct_object2(base.get());
    godot::functions.object_set_instance(object, name.get(), new AnimeCharacterEngine(*render_thread));
    return object;
}

void destroy(void*, void* instance) {
    delete static_cast<AnimeCharacterEngine*>(instance);
}

void initialize(void*, godot::Level level) {
    if (level != godot::Level::kScene) return;
    render_thread = std::make_unique<RenderThread>();
    godot::StringName name(AnimeCharacterEngine::kName), base("RefCounted");
    godot::ClassInfo info{};
    // The addon asks ClassDB for it, which knows it all the same. Godot documents classes that are exposed, and a
    // headless editor that meets one for the first time crashes over that when it ends (godotengine/godot#111048).
    info.is_exposed = 0;
    info.create = create;
    info.destroy = destroy;
    godot::functions.classdb_register_extension_class4(library, name.get(), base.get(), &info);
    AnimeCharacterEngine::register_methods(library);
}

void deinitialize(void*, godot::Level level) {
    if (level != godot::Level::kScene) return;
    godot::StringName name(AnimeCharacterEngine::kName);
    godot::functions.classdb_unregister_extension_class(library, name.get());
    render_thread.reset();
}

}  // namespace
}  // namespace tha4_godot

// False, and Godot goes on without the class, when it lacks something that is needed.
ENTRY godot::Bool anime_character_init(godot::GetFunction get, void* given_library, godot::Initialization* out) {
    if (!godot::load_functions(get)) return 0;
    tha4_godot::library = given_library;
    out->minimum_level = godot::Level::kScene;
    out->data = nullptr;
    out->initialize = tha4_godot::initialize;
    out->deinitialize = tha4_godot::deinitialize;
    return 1;
}
