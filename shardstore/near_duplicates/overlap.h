#ifndef VERSO_SHARDSTORE_NEAR_DUPLICATES_OVERLAP_H_
#define VERSO_SHARDSTORE_NEAR_DUPLICATES_OVERLAP_H_

#include <vector>

#include "shardstore/near_duplicates/luma_plane.h"

namespace verso {

// A picture and its part within its borders.
struct PictureView {
  LumaPlane luma;
  PlaneBox content;
};

// Claims that `first` of one picture and `second` of another show the same.
// Sides may be scaled apart; nothing is turned or mirrored.
struct Overlap {
  PlaneBox first;   // Pixels of the first picture.
  PlaneBox second;  // Pixels of the second one.
};

// The overlap of the whole contents of both, under the map that takes
// `claim.first` to `claim.second`. Empty boxes: there is none.
Overlap WidestOverlap(const PictureView& first, const PictureView& second,
                      const Overlap& claim);

// How well two pictures agree over an overlap.
struct Agreement {
  double correlation = 0;  // [-1, 1] over all of it.
  // The same for each of 4 x 4 parts, rows from the top; parts without texture
  // in either picture are left out.
  std::vector<double> of_parts;
};

// Both pictures at the pixel density of the coarser one, so that they can be
// compared pixel by pixel and an overlap be moved until it fits. Not
// thread-safe.
class OverlapFitter {
 public:
  enum class Detail {
    kCoarse,  // LocalContrast(), the overlap about 48 pixels long.
    kFull,    // SoftGradient(), all pixels that there are.
  };
  // REQUIRES: the boxes of `overlap` lie inside and are not empty; the
  // pictures outlive the fitter.
  OverlapFitter(const PictureView& first, const PictureView& second,
                const Overlap& overlap, Detail detail);

  // Moves the overlap's box in the second picture, its edges apart and all
  // together, by ever smaller steps from `step` down to a quarter pixel, as
  // long as the correlation grows; returns the correlation.
  double Fit(double step);

  // Where it lies now, in pixels of the pictures.
  Overlap overlap() const;

  Agreement Measure() const;

  // The shorter side in compared pixels.
  double short_side() const;

 private:
  struct Column;  // Where a column of the overlap lies in the second picture.

  double Correlation(const PlaneBox& at) const;
  std::vector<Column> ColumnsAt(const PlaneBox& at) const;
  void TakeSamples();

  // Pixels of the resampled pictures for one of the originals'.
  double first_across_, first_down_, second_across_, second_down_;
  std::vector<LumaPlane> first_;   // The compared features, one or two.
  std::vector<LumaPlane> second_;  // The same of the second picture.
  PlaneBox fixed_;                 // The overlap in first_.
  PlaneBox moving_;                // The overlap in second_.
  int columns_, rows_;             // Points that are compared; while fitting,
  int row_step_;                   // those of every row_step_-th row.
  std::vector<std::vector<float>> samples_;  // Of first_, at these points.
};

}  // namespace verso

#endif  // VERSO_SHARDSTORE_NEAR_DUPLICATES_OVERLAP_H_
