"""Finds LibTorch and describes it to Bazel.

Looked for in this order:
  1. $LIBTORCH: an unpacked LibTorch (with include/ and lib/), or a wheel's
     torch folder, or the folder that holds a wheel's torch folder;
  2. <cache>/verso/libtorch-2.11.0-cuda, then ...-cpu, as deploy/setup
     installs them (<cache> is $XDG_CACHE_HOME or ~/.cache).

Makes @libtorch//:torch, @libtorch//:torch_cuda and @libtorch//:defs.bzl with
  LIBTORCH_CUDA: LibTorch can run on CUDA here (the full set of wheels), so
                 plain builds use it;
  CUDA_TOOLKIT:  the CUDA flavour can be compiled and linked here.
"""

# The wheel also carries protobuf 3.13, fmt and pybind11 headers, which would
# shadow ours; only these four are linked.
_HEADER_FOLDERS = ["ATen", "c10", "caffe2", "torch"]

_BUILD = """\
package(default_visibility = ["//visibility:public"])

_DEFINES = [
    "USE_C10D",
    "USE_C10D_GLOO",
    "USE_DISTRIBUTED",
]

cc_library(
    name = "torch",
    hdrs = glob(["include/**/*.h", "include/**/*.hpp", "include/**/*.cuh"]),
    defines = _DEFINES,
    includes = ["include", "include/torch/csrc/api/include"],
    # Bazel would load the library through _solib, where its $ORIGIN finds no
    # nvidia folder; the old kind of rpath also serves what it loads itself.
    linkopts = [
        "-L{lib}",
        "-ltorch_cpu",
        "-lc10",
        "-Wl,--disable-new-dtags",
{rpaths}
    ],
)

cc_library(
    name = "torch_cuda",
    hdrs = glob(["cuda/**/*"], allow_empty = True),
    defines = ["USE_C10D_NCCL", "VERSO_WITH_CUDA"],
    includes = {cuda_includes},
    # libcufile, cuSPARSELt and NVSHMEM come with the full set of wheels only.
    linkopts = [
        "-Wl,--no-as-needed",
        "-ltorch_cuda",
        "-lc10_cuda",
        "-Wl,--as-needed",
        "-Wl,--allow-shlib-undefined",
    ],
    deps = [":torch"],
)
"""

def _cache_dir(ctx):
    env = ctx.os.environ
    return env.get("XDG_CACHE_HOME") or env.get("HOME", "/root") + "/.cache"

def _candidates(ctx):
    given = ctx.os.environ.get("LIBTORCH")
    if given:
        return [given, given + "/torch"]
    base = _cache_dir(ctx) + "/verso/libtorch-2.11.0-"
    return [base + "cuda/torch", base + "cpu/torch"]

def _find_torch(ctx):
    for folder in _candidates(ctx):
        path = ctx.path(folder)
        if path.get_child("lib").get_child("libtorch_cpu.so").exists:
            return path
    fail("LibTorch was not found in %s: run deploy/setup, or set LIBTORCH " %
         " or ".join(_candidates(ctx)) + "to the folder of an unpacked one")

def _nvidia_lib_dirs(ctx, torch):
    nvidia = torch.dirname.get_child("nvidia")
    if not nvidia.exists:
        return []
    return [
        part.get_child("lib")
        for part in nvidia.readdir()
        if part.get_child("lib").exists
    ]

def _find_header_dir(ctx, header, folders):
    for folder in folders:
        if ctx.path(folder + "/" + header).exists:
            return folder
    return None

def _libtorch_impl(ctx):
    torch = _find_torch(ctx)
    lib = torch.get_child("lib")
    for name in _HEADER_FOLDERS:
        ctx.symlink(torch.get_child("include").get_child(name), "include/" + name)

    lib_dirs = [lib] + _nvidia_lib_dirs(ctx, torch)
    has_nccl = len([d for d in lib_dirs if "/nccl/" in str(d)]) > 0
    has_cuda_lib = lib.get_child("libtorch_cuda.so").exists

    # The CPU install ships nvidia/cu13/include/cuda_runtime.h too: that is no
    # toolkit, so cuBLAS's header is asked for.
    cuda = _find_header_dir(ctx, "cublas_v2.h", [
        "/usr/local/cuda/include",
        str(torch.dirname) + "/nvidia/cu13/include",
    ])
    nccl = _find_header_dir(ctx, "nccl.h", [
        str(torch.dirname) + "/nvidia/nccl/include",
        "/usr/local/cuda/include",
        "/usr/local/include",
        "/usr/include",
    ])
    toolkit = bool(has_cuda_lib and cuda and nccl)
    cuda_includes = []
    if toolkit:
        ctx.symlink(cuda, "cuda/toolkit")
        cuda_includes.append("cuda/toolkit")
        if nccl != cuda:
            ctx.symlink(nccl + "/nccl.h", "cuda/nccl/nccl.h")
            cuda_includes.append("cuda/nccl")

    ctx.file("BUILD.bazel", _BUILD.format(
        lib = lib,
        rpaths = "\n".join(
            ['        "-Wl,-rpath,%s",' % d for d in lib_dirs],
        ),
        cuda_includes = repr(cuda_includes),
    ))
    ctx.file("defs.bzl", "LIBTORCH_CUDA = %s\nCUDA_TOOLKIT = %s\n" %
                         (toolkit and has_nccl, toolkit))

libtorch_repository = repository_rule(
    implementation = _libtorch_impl,
    environ = ["HOME", "LIBTORCH", "XDG_CACHE_HOME"],
    local = True,
)
