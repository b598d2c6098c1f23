#include "trainer/weights.h"

#include <exception>
#include <sstream>

#include "ATen/ATen.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace verso {
namespace {

std::string ShapeOf(const at::Tensor& tensor) {
  std::ostringstream out;
  out << tensor.sizes();
  return out.str();
}

absl::Status CheckFits(const TensorMap& ours, const TensorMap& state) {
  for (const auto& [name, tensor] : ours) {
    const auto given = state.find(name);
    if (given == state.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the weights lack ", name, ": are they of another model?"));
    }
    if (given->second.sizes() != tensor.sizes() ||
        given->second.is_floating_point() != tensor.is_floating_point()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the weights have ", name, " as ",
                       ShapeOf(given->second), ", the network needs ",
                       ShapeOf(tensor), ": are they of another model?"));
    }
  }
  for (const auto& [name, tensor] : state) {
    if (ours.count(name) == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("the weights have ", name,
                       ", which the network lacks: are they of another "
                       "model?"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

TensorMap StateOf(const Network& network) {
  TensorMap state;
  for (const auto& item : network.named_parameters()) {
    state.emplace(item.key(), item.value().detach());
  }
  for (const auto& item : network.named_buffers()) {
    state.emplace(item.key(), item.value().detach());
  }
  return state;
}

absl::Status LoadState(Network& network, const TensorMap& state) {
  TensorMap ours = StateOf(network);
  RETURN_IF_ERROR(CheckFits(ours, state));
  try {
    for (auto& [name, tensor] : ours) tensor.copy_(state.at(name));
  } catch (const std::exception& e) {
    return absl::InternalError(
        absl::StrCat("cannot load the weights: ", e.what()));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> LoadPretrained(
    Network& network, const std::filesystem::path& path) {
  ASSIGN_OR_RETURN(TensorMap state, ReadSafetensors(path));
  std::vector<std::string> left_out;
  for (const auto& [name, tensor] : StateOf(network)) {
    const auto given = state.find(name);
    if (absl::StartsWith(name, "classifier.") && given != state.end() &&
        given->second.sizes() != tensor.sizes()) {
      given->second = tensor;
      left_out.push_back(name);
    }
  }
  if (const absl::Status status = LoadState(network, state); !status.ok()) {
    return absl::Status(status.code(),
                        absl::StrCat(path.string(), ": ", status.message()));
  }
  return left_out;
}

}  // namespace verso
