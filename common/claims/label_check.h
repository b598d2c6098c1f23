#ifndef VERSO_COMMON_CLAIMS_LABEL_CHECK_H_
#define VERSO_COMMON_CLAIMS_LABEL_CHECK_H_

#include <string>
#include <vector>

#include "proto/provenance.pb.h"

namespace verso {

// One thing that speaks for or against a label.
struct LabelClaim {
  std::string text;  // "IPTC says digitalCapture"; at most 256 bytes.
  Label says = LABEL_UNKNOWN;
  // What the claim is worth when it agrees; unknown: nothing, since a program
  // writes it into any file.
  LabelEvidence evidence = LABEL_EVIDENCE_UNKNOWN;
};

// What all claims together mean for the label that the source gives.
struct LabelVerdict {
  Label label = LABEL_UNKNOWN;  // The source's: claims never change it.
  // The source's, or the strongest of the claims that agree where none
  // contradicts.
  LabelEvidence evidence = LABEL_EVIDENCE_UNKNOWN;
  std::vector<LabelClaim> claims;
  // "human by archive, but the file holds generation parameters (Steps: 20)".
  std::vector<std::string> conflicts;
  // Not empty: a source of human works holds a file that claims to be generated
  // or partly so. The record must not be trained on before somebody looked.
  std::string quarantine;
};

// A pure function of the label, claims, work and generator of a record. Human
// and generated labels are judged; of a mixed or unknown one nothing follows.
//
//   claim                                  | says      | evidence
//   generation parameters in the file      | generated |
//   written by a generator (EXIF Software) | generated |
//   the source names a generator           | generated | (of human labels)
//   IPTC digital source type               | its label | IPTC
//   the same in a C2PA manifest            | its label | C2PA present
//   a camera's name                        | human     |
//   dated before 2022                      | human     | dated before 2022
//   dated 2022 or later                    | not before generators (human)
//
// The date is the work's, else EXIF's, and counts for human labels alone: of a
// generated picture it may be that of the work it imitates. Against a human
// label, "generated" and "mixed" quarantine; a late date, and what speaks
// against a generated label, is only listed.
LabelVerdict JudgeLabel(const Provenance& provenance);

// Writes the verdict into the record: label_evidence, label_conflict and
// quarantine. Where the label is not human, empty fields of `generator` are
// taken from the file's claims; what the source says is never overwritten.
void CheckLabel(Provenance& provenance);

}  // namespace verso

#endif  // VERSO_COMMON_CLAIMS_LABEL_CHECK_H_
