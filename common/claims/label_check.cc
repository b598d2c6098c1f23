#include "common/claims/label_check.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/claims/claim_values.h"
#include "common/claims/digital_source_type.h"
#include "common/claims/year.h"

namespace verso {
namespace {

constexpr size_t kMaxQuarantineBytes = 1024;

// What programs that generate pictures call themselves in EXIF or PNG Software.
constexpr absl::string_view kGenerators[] = {
    "novelai",     "invokeai", "comfyui",      "automatic1111",
    "midjourney",  "dall-e",   "fooocus",      "stable diffusion",
    "draw things", "firefly",  "diffusionbee", "leonardo.ai",
};

bool IsGenerator(absl::string_view software) {
  const std::string lower = absl::AsciiStrToLower(software);
  for (const absl::string_view name : kGenerators) {
    if (absl::StrContains(lower, name)) return true;
  }
  return false;
}

// "Steps: 20, Sampler: Euler a" or the start of what is there.
std::string Summary(const EmbeddedClaims& claims) {
  constexpr size_t kMaxSummaryBytes = 80;
  const Generator& generator = claims.generator();
  std::vector<std::string> parts;
  if (generator.steps() > 0) {
    parts.push_back(absl::StrCat("Steps: ", generator.steps()));
  }
  if (!generator.sampler().empty()) {
    parts.push_back(absl::StrCat("Sampler: ", generator.sampler()));
  }
  if (!generator.seed().empty()) {
    parts.push_back(absl::StrCat("Seed: ", generator.seed()));
  }
  if (parts.empty()) parts.push_back(claims.generation_parameters());
  return CutText(absl::StrJoin(parts, ", "), kMaxSummaryBytes);
}

void AddSourceType(absl::string_view who, const std::string& type,
                   LabelEvidence evidence, LabelVerdict& verdict) {
  const Label says = LabelOfDigitalSourceType(type);
  if (says == LABEL_UNKNOWN) return;
  verdict.claims.push_back(
      {absl::StrCat(who, " says ", CodeOfDigitalSourceType(type)), says,
       evidence});
}

void AddFileClaims(const EmbeddedClaims& claims, LabelVerdict& verdict) {
  if (!claims.generation_parameters().empty()) {
    verdict.claims.push_back(
        {absl::StrCat("the file holds generation parameters (", Summary(claims),
                      ")"),
         LABEL_GENERATED});
  }
  if (IsGenerator(claims.software())) {
    verdict.claims.push_back(
        {absl::StrCat("the file was written by ", claims.software()),
         LABEL_GENERATED});
  }
  AddSourceType("IPTC", claims.digital_source_type(), LABEL_EVIDENCE_IPTC,
                verdict);
  AddSourceType("C2PA", claims.c2pa_source_type(), LABEL_EVIDENCE_C2PA_PRESENT,
                verdict);
  if (!claims.camera().empty()) {
    verdict.claims.push_back(
        {absl::StrCat("a camera took it (", claims.camera(), ")"),
         LABEL_HUMAN});
  }
}

void AddHumanClaims(const Provenance& provenance, LabelVerdict& verdict) {
  const Generator& generator = provenance.generator();
  const std::string& name =
      generator.name().empty() ? generator.family() : generator.name();
  if (!name.empty()) {
    verdict.claims.push_back(
        {absl::StrCat("the source names a generator (", name, ")"),
         LABEL_GENERATED});
  }
  int year = YearOf(provenance.work().date());
  if (year == 0) year = YearOf(provenance.claims().original_date());
  if (year == 0) return;
  LabelClaim dated{absl::StrCat("dated ", year)};
  if (year < kGeneratedArtYear) {
    dated.says = LABEL_HUMAN;
    dated.evidence = LABEL_EVIDENCE_DATED_BEFORE_2022;
  }
  verdict.claims.push_back(std::move(dated));
}

// "human by archive".
std::string SourceSays(const Provenance& provenance) {
  const absl::string_view label =
      provenance.label() == LABEL_HUMAN ? "human" : "generated";
  switch (provenance.label_evidence()) {
    case LABEL_EVIDENCE_GENERATED_BY_US:
      return absl::StrCat(label, " by us");
    case LABEL_EVIDENCE_C2PA_PRESENT:
      return absl::StrCat(label, " by C2PA");
    case LABEL_EVIDENCE_IPTC:
      return absl::StrCat(label, " by IPTC");
    case LABEL_EVIDENCE_DATED_BEFORE_2022:
      return absl::StrCat(label, " by date");
    case LABEL_EVIDENCE_ARCHIVE_CLAIM:
      return absl::StrCat(label, " by archive");
    case LABEL_EVIDENCE_INFERRED:
      return absl::StrCat(label, " as inferred");
    default:
      return std::string(label);
  }
}

// The enum lists the strongest first, but for the unknown one.
bool IsStronger(LabelEvidence one, LabelEvidence other) {
  return one != LABEL_EVIDENCE_UNKNOWN &&
         (other == LABEL_EVIDENCE_UNKNOWN || one < other);
}

void WeighClaims(const Provenance& provenance, LabelVerdict& verdict) {
  std::vector<std::string> grave;
  for (const LabelClaim& claim : verdict.claims) {
    if (claim.says == verdict.label) continue;
    verdict.conflicts.push_back(
        absl::StrCat(SourceSays(provenance), ", but ", claim.text));
    if (verdict.label == LABEL_HUMAN && claim.says != LABEL_UNKNOWN) {
      grave.push_back(verdict.conflicts.back());
    }
  }
  verdict.quarantine = CutText(absl::StrJoin(grave, "; "), kMaxQuarantineBytes);
  if (!verdict.conflicts.empty()) return;
  for (const LabelClaim& claim : verdict.claims) {
    if (IsStronger(claim.evidence, verdict.evidence)) {
      verdict.evidence = claim.evidence;
    }
  }
}

void FillText(const std::string& claimed, std::string* field) {
  if (field->empty()) *field = claimed;
}

void FillGenerator(const Generator& claimed, Generator& generator) {
  FillText(claimed.name(), generator.mutable_name());
  FillText(claimed.version(), generator.mutable_version());
  FillText(claimed.sampler(), generator.mutable_sampler());
  FillText(claimed.seed(), generator.mutable_seed());
  FillText(claimed.prompt(), generator.mutable_prompt());
  FillText(claimed.negative_prompt(), generator.mutable_negative_prompt());
  if (generator.steps() == 0) generator.set_steps(claimed.steps());
  if (generator.guidance() == 0) generator.set_guidance(claimed.guidance());
}

}  // namespace

LabelVerdict JudgeLabel(const Provenance& provenance) {
  LabelVerdict verdict;
  verdict.label = provenance.label();
  verdict.evidence = provenance.label_evidence();
  AddFileClaims(provenance.claims(), verdict);
  if (verdict.label == LABEL_HUMAN) AddHumanClaims(provenance, verdict);
  for (LabelClaim& claim : verdict.claims) {
    claim.text = CutText(claim.text, kMaxClaimBytes);
  }
  if (verdict.label == LABEL_HUMAN || verdict.label == LABEL_GENERATED) {
    WeighClaims(provenance, verdict);
  }
  return verdict;
}

void CheckLabel(Provenance& provenance) {
  const LabelVerdict verdict = JudgeLabel(provenance);
  provenance.set_label_evidence(verdict.evidence);
  provenance.mutable_label_conflict()->Assign(verdict.conflicts.begin(),
                                              verdict.conflicts.end());
  if (!verdict.quarantine.empty()) {
    provenance.set_quarantine(verdict.quarantine);
  }
  if (provenance.label() != LABEL_HUMAN &&
      !provenance.claims().parameters_format().empty()) {
    FillGenerator(provenance.claims().generator(),
                  *provenance.mutable_generator());
  }
}

}  // namespace verso
