// The Python module tha4_core.engines.native._native: the class Renderer and the function supported().
// It checks what a wrong call could turn into a crash; what a user can get wrong is checked, and worded, in engine.py.

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>

#include "dispatch.h"
#include "edges.h"
#include "renderer.h"
#include "speed.h"

#ifdef _WIN32
#include <process.h>
#define getpid _getpid
#else
#include <unistd.h>
#endif

namespace {

using tha4::Linear;
using tha4::Renderer;

// A Python exception is set.
struct PythonError {};

// Somebody's memory, held for as long as this object lives.
class Buffer {
  public:
    Buffer(PyObject* object, size_t bytes, bool writable, const char* what) {
        const int flags = PyBUF_C_CONTIGUOUS | (writable ? PyBUF_WRITABLE : 0);
        if (PyObject_GetBuffer(object, &view_, flags)) throw PythonError();
        if (static_cast<size_t>(view_.len) != bytes) {
            PyErr_Format(PyExc_ValueError, "%s must be %zu bytes, not %zd", what, bytes, view_.len);
            PyBuffer_Release(&view_);
            throw PythonError();
        }
    }
    ~Buffer() { PyBuffer_Release(&view_); }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;

    template <class T>
    T* as() const {
        return static_cast<T*>(view_.buf);
    }

  private:
    Py_buffer view_;
};

// The buffers of a network's weights and biases, in turn.
template <size_t kCount>
class NetworkBuffers {
  public:
    NetworkBuffers(PyObject* sequence, const std::array<std::array<int, 2>, kCount>& shapes) {
        PyObject* items = PySequence_Fast(sequence, "a network is a sequence of weights and biases in turn");
        if (!items) throw PythonError();
        try {
            if (PySequence_Fast_GET_SIZE(items) != static_cast<Py_ssize_t>(2 * kCount)) {
                PyErr_Format(PyExc_ValueError, "a network of %zu layers is %zu arrays", kCount, 2 * kCount);
                throw PythonError();
            }
            for (size_t i = 0; i < kCount; ++i) {
                const auto [inputs, outputs] = shapes[i];
                const size_t weight_size = sizeof(float) * inputs * outputs;
                weights_[i].emplace(PySequence_Fast_GET_ITEM(items, 2 * i), weight_size, false, "a weight");
                biases_[i].emplace(PySequence_Fast_GET_ITEM(items, 2 * i + 1), sizeof(float) * outputs, false,
                                   "a bias");
                linears[i] = {weights_[i]->template as<float>(), biases_[i]->template as<float>(), inputs, outputs};
            }
        } catch (...) {
            Py_DECREF(items);
            throw;
        }
        Py_DECREF(items);
    }

    std::array<Linear, kCount> linears;

  private:
    std::array<std::optional<Buffer>, kCount> weights_;
    std::array<std::optional<Buffer>, kCount> biases_;
};

struct RendererObject {
    PyObject_HEAD Renderer* renderer;
    // The process whose thread is rendering, or 0. A forked process may inherit one that will never be done.
    std::atomic<long> busy;
};

// Claims the renderer for one thread.
class Claim {
  public:
    explicit Claim(std::atomic<long>& busy) : busy_(busy) {
        const long process = getpid();
        long holder = 0;
        while (!busy_.compare_exchange_weak(holder, process)) {
            if (holder == process) {
                PyErr_SetString(PyExc_RuntimeError, "an engine serves one thread at a time, and another is using it");
                throw PythonError();
            }
        }
    }
    ~Claim() { busy_.store(0); }

  private:
    std::atomic<long>& busy_;
};

// Calls `body`, turning what it throws into a Python exception and `failed`.
template <class Result, class Body>
Result guarded(Result failed, const Body& body) {
    try {
        return body();
    } catch (const PythonError&) {
    } catch (const std::bad_alloc&) {
        PyErr_NoMemory();
    } catch (const std::exception& error) {
        PyErr_SetString(PyExc_RuntimeError, error.what());
    }
    return failed;
}

PyObject* renderer_new(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
    static const char* names[] = {"face", "body", "picture", "isa", "fixed16", "threads", nullptr};
    PyObject *face, *body, *picture;
    const char* isa;
    int fixed16, threads;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "OOOspi", const_cast<char**>(names), &face, &body, &picture,
                                     &isa, &fixed16, &threads))
        return nullptr;
    return guarded<PyObject*>(nullptr, [&]() -> PyObject* {
        const tha4::Kernels* kernels = tha4::choose_kernels(isa);
        if (!kernels || threads < 1 || threads > 1024) {
            PyErr_SetString(PyExc_ValueError, "no such kernels here, or no such number of threads");
            return nullptr;
        }
        const NetworkBuffers<tha4::kFaceLayers> face_buffers(face, tha4::kFaceShapes);
        const NetworkBuffers<tha4::kBodyLayers> body_buffers(body, tha4::kBodyShapes);
        const size_t picture_size = sizeof(float) * 4 * tha4::kPictureEdge * tha4::kPictureEdge;
        const Buffer picture_buffer(picture, picture_size, false, "picture");
        auto* self = reinterpret_cast<RendererObject*>(type->tp_alloc(type, 0));
        if (!self) return nullptr;
        new (&self->busy) std::atomic<long>(0);
        try {
            self->renderer = new Renderer(face_buffers.linears, body_buffers.linears, picture_buffer.as<float>(),
                                          *kernels, fixed16 != 0, threads);
        } catch (...) {
            Py_DECREF(self);
            throw;
        }
        return reinterpret_cast<PyObject*>(self);
    });
}

void renderer_dealloc(PyObject* object) {
    auto* self = reinterpret_cast<RendererObject*>(object);
    PyTypeObject* type = Py_TYPE(object);
    delete self->renderer;  // its threads are asleep and end at once
    type->tp_free(object);
    Py_DECREF(type);
}

PyObject* renderer_render(PyObject* object, PyObject* arguments) {
    auto* self = reinterpret_cast<RendererObject*>(object);
    PyObject *pose, *out;
    tha4::Rectangle region;
    if (!PyArg_ParseTuple(arguments, "O(iiii)O", &pose, &region.x, &region.y, &region.width, &region.height, &out))
        return nullptr;
    return guarded<PyObject*>(nullptr, [&]() -> PyObject* {
        const tha4::Rectangle whole{0, 0, tha4::kPictureEdge, tha4::kPictureEdge};
        // Each number on its own first, so that their sums cannot overflow.
        const int limit = tha4::kPictureEdge;
        if (region.x > limit || region.y > limit || region.width < 1 || region.height < 1 || region.width > limit ||
            region.height > limit || !whole.contains(region)) {
            PyErr_SetString(PyExc_ValueError, "the region must lie inside the picture");
            return nullptr;
        }
        const Buffer pose_buffer(pose, sizeof(float) * tha4::kPoseSize, false, "a pose");
        const Buffer out_buffer(out, static_cast<size_t>(4) * region.width * region.height, true, "out");
        std::array<float, tha4::kPoseSize> values;
        std::copy_n(pose_buffer.as<float>(), values.size(), values.begin());
        const Claim claim(self->busy);
        Py_BEGIN_ALLOW_THREADS;
        self->renderer->render(values, region, out_buffer.as<uint8_t>());
        Py_END_ALLOW_THREADS;
        Py_RETURN_NONE;
    });
}

PyObject* renderer_set_visibility(PyObject* object, PyObject* mask) {
    auto* self = reinterpret_cast<RendererObject*>(object);
    return guarded<PyObject*>(nullptr, [&]() -> PyObject* {
        tha4::Visibility visibility;
        const Buffer buffer(mask, visibility.size(), false, "a visibility mask");
        std::copy_n(buffer.as<uint8_t>(), visibility.size(), visibility.begin());
        const Claim claim(self->busy);
        self->renderer->set_visibility(visibility);
        Py_RETURN_NONE;
    });
}

PyObject* renderer_isa(PyObject* object, void*) {
    return PyUnicode_FromString(reinterpret_cast<RendererObject*>(object)->renderer->isa());
}

PyObject* renderer_fixed16(PyObject* object, void*) {
    return PyBool_FromLong(reinterpret_cast<RendererObject*>(object)->renderer->fixed16());
}

PyObject* renderer_threads(PyObject* object, void*) {
    return PyLong_FromLong(reinterpret_cast<RendererObject*>(object)->renderer->threads());
}

PyObject* supported(PyObject*, PyObject*) {
    PyObject* names = PyList_New(0);
    for (const char* name : {"avx512", "avx2", "neon", "portable"}) {
        if (!names || !tha4::choose_kernels(name)) continue;
        PyObject* text = PyUnicode_FromString(name);
        if (!text || PyList_Append(names, text)) Py_CLEAR(names);
        Py_XDECREF(text);
    }
    return names;
}

PyObject* renderer_multiply_adds(PyObject* object, void*) {
    return PyFloat_FromDouble(reinterpret_cast<RendererObject*>(object)->renderer->multiply_adds());
}

PyObject* speed(PyObject*, PyObject* arguments) {
    const char* isa;
    int fixed16, channels;
    if (!PyArg_ParseTuple(arguments, "spi", &isa, &fixed16, &channels)) return nullptr;
    return guarded<PyObject*>(nullptr, [&]() -> PyObject* {
        const tha4::Kernels* kernels = tha4::choose_kernels(isa);
        const bool sizes = channels >= 2 && channels <= tha4::kMaxChannels && channels % tha4::kGroup % 2 == 0;
        if (!kernels || (fixed16 && !kernels->fixed16) || !sizes || channels % tha4::kGroup == 4) {
            PyErr_SetString(PyExc_ValueError, "no such kernels here, or no such layer");
            return nullptr;
        }
        tha4::Speed measured;
        Py_BEGIN_ALLOW_THREADS;
        measured = tha4::measure_speed(*kernels, fixed16 != 0, channels);
        Py_END_ALLOW_THREADS;
        return Py_BuildValue("dd", measured.peak, measured.layer);
    });
}

PyObject* fill_edges(PyObject*, PyObject* arguments) {
    PyObject* pixels;
    int width, height;
    if (!PyArg_ParseTuple(arguments, "Oii", &pixels, &width, &height)) return nullptr;
    return guarded<PyObject*>(nullptr, [&]() -> PyObject* {
        const int limit = tha4::kPictureEdge;
        if (width < 1 || height < 1 || width > limit || height > limit) {
            PyErr_SetString(PyExc_ValueError, "the pixels must be of a part of the picture");
            return nullptr;
        }
        const Buffer buffer(pixels, static_cast<size_t>(4) * width * height, true, "pixels");
        Py_BEGIN_ALLOW_THREADS;
        tha4::fill_edges(buffer.as<uint8_t>(), width, height);
        Py_END_ALLOW_THREADS;
        Py_RETURN_NONE;
    });
}

PyMethodDef renderer_methods[] = {
    {"render", renderer_render, METH_VARARGS,
     "render(pose, (x, y, width, height), out): float32[45] to straight-alpha sRGB RGBA8; releases the GIL."},
    {"set_visibility", renderer_set_visibility, METH_O,
     "set_visibility(mask): bytes [512][64], of each eight pixels of a row; bit i: seen in poses that lean in way i."},
    {nullptr, nullptr, 0, nullptr}};

PyGetSetDef renderer_properties[] = {
    {"isa", renderer_isa, nullptr, "The instruction set of its kernels.", nullptr},
    {"fixed16", renderer_fixed16, nullptr, "Whether it computes in fixed point.", nullptr},
    {"threads", renderer_threads, nullptr, "How many threads work on a frame.", nullptr},
    {"multiply_adds", renderer_multiply_adds, nullptr, "Of the networks' layers, in the last frame.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyType_Slot renderer_slots[] = {{Py_tp_new, reinterpret_cast<void*>(renderer_new)},
                                {Py_tp_dealloc, reinterpret_cast<void*>(renderer_dealloc)},
                                {Py_tp_methods, renderer_methods},
                                {Py_tp_getset, renderer_properties},
                                {0, nullptr}};

PyType_Spec renderer_spec = {"tha4_core.engines.native._native.Renderer", sizeof(RendererObject), 0, Py_TPFLAGS_DEFAULT,
                             renderer_slots};

PyMethodDef module_methods[] = {
    {"supported", supported, METH_NOARGS, "The instruction sets that this processor can run, best first."},
    {"speed", speed, METH_VARARGS,
     "speed(isa, fixed16, channels): multiply-adds a second of one thread, at most and in a sine layer."},
    {"fill_edges", fill_edges, METH_VARARGS,
     "fill_edges(pixels, width, height): colours of faint RGBA8 pixels from those around them; releases the GIL."},
    {nullptr, nullptr, 0, nullptr}};

PyModuleDef module_definition = {
    PyModuleDef_HEAD_INIT, "_native", nullptr, -1, module_methods, nullptr, nullptr, nullptr, nullptr};

}  // namespace

PyMODINIT_FUNC PyInit__native() {
    PyObject* module = PyModule_Create(&module_definition);
    if (!module) return nullptr;
    PyObject* type = PyType_FromSpec(&renderer_spec);
    if (!type || PyModule_AddObject(module, "Renderer", type)) {
        Py_XDECREF(type);
        Py_DECREF(module);
        return nullptr;
    }
    return module;
}
