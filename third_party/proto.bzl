"""C++ from .proto files with the system's protoc and gRPC plugin."""

def verso_proto_library(name, src, deps = [], grpc = False, visibility = None):
    """One .proto file as a cc_library of the same base name.

    Args:
      name: the cc_library's name.
      src: the .proto file.
      deps: verso_proto_library targets that `src` imports.
      grpc: also generate the services.
      visibility: of the cc_library.
    """
    base = src[:-len(".proto")]
    outs = [base + ".pb.h", base + ".pb.cc"]
    plugin = ""
    if grpc:
        outs += [base + ".grpc.pb.h", base + ".grpc.pb.cc"]
        plugin = ("--plugin=protoc-gen-grpc=/usr/bin/grpc_cpp_plugin " +
                  "--grpc_out=$(GENDIR) ")
    native.genrule(
        name = name + "_gen",
        srcs = native.glob(["*.proto"]),
        outs = outs,
        cmd = "/usr/bin/protoc -I. --cpp_out=$(GENDIR) %s$(location %s)" %
              (plugin, src),
    )
    native.cc_library(
        name = name,
        srcs = [o for o in outs if o.endswith(".cc")],
        hdrs = [o for o in outs if o.endswith(".h")],
        copts = ["-w"],
        visibility = visibility,
        deps = deps + [
            "//third_party:grpc" if grpc else "//third_party:protobuf",
        ],
    )
