#include "shardstore/near_duplicates/picture_match.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "shardstore/near_duplicates/overlap.h"
#include "shardstore/near_duplicates/overlap_search.h"

namespace verso {
namespace {

// Compared pixels. Patterns of 16 to 20 pixels correlate up to 0.8 by chance
// at the best of all places.
constexpr double kLeastSide = 24;
constexpr double kLeastCoarseSide = 12;
constexpr double kLeastFit = 0.5;  // Less is hopeless.
constexpr double kSureFit = 0.9;   // No other place can fit as well.
constexpr double kCoarseStep = 2;  // Compared pixels.
constexpr double kFineStep = 1;
constexpr size_t kFineFits = 2;
constexpr double kWholeShare = 0.8;  // Of the area of a content.
constexpr double kLeastShare = 0.5;

struct Fitted {
  double correlation = 0;
  Overlap overlap;
};

Fitted FitCoarsely(const PictureView& a, const PictureView& b,
                   const Overlap& claim) {
  const Overlap widest = WidestOverlap(a, b, claim);
  if (widest.first.area() <= 0) return {};
  OverlapFitter fitter(a, b, widest, OverlapFitter::Detail::kCoarse);
  if (fitter.short_side() < kLeastCoarseSide) return {};
  const double correlation = fitter.Fit(kCoarseStep);
  return {correlation, fitter.overlap()};
}

// The best fits by coarse correlation.
std::vector<Fitted> BestFits(const PictureView& a, const PictureView& b) {
  std::vector<Fitted> fits;
  // Whole to whole, also when the sides were scaled apart.
  fits.push_back(FitCoarsely(a, b, {a.content, b.content}));
  if (fits[0].correlation >= kSureFit) return fits;
  for (const Overlap& guess : GuessOverlaps(a, b)) {
    fits.push_back(FitCoarsely(a, b, guess));
  }
  const auto strength = [](const Fitted& fit) {
    return fit.correlation * std::sqrt(std::max(0.0, fit.overlap.first.area()));
  };
  std::stable_sort(fits.begin(), fits.end(),
                   [&](const Fitted& x, const Fitted& y) {
                     return strength(x) > strength(y);
                   });
  fits.resize(std::min(fits.size(), kFineFits));
  return fits;
}

PlaneBox SharesOf(const PlaneBox& box, const LumaPlane& plane) {
  return {box.left / plane.width, box.top / plane.height,
          box.right / plane.width, box.bottom / plane.height};
}

// How much of a picture's content is in the overlap.
double ShareOf(const PictureView& picture, const PlaneBox& overlap) {
  return overlap.area() / picture.content.area();
}

PictureRelation RelationOf(double of_first, double of_second) {
  if (std::max(of_first, of_second) < kLeastShare) {
    return PictureRelation::kDifferent;
  }
  if (std::min(of_first, of_second) >= kWholeShare) {
    return PictureRelation::kSamePicture;
  }
  return of_first > of_second ? PictureRelation::kFirstIsDetail
                              : PictureRelation::kSecondIsDetail;
}

PictureMatch Judge(const PictureView& a, const PictureView& b,
                   const Fitted& fit) {
  const Overlap widest = WidestOverlap(a, b, fit.overlap);
  if (fit.correlation < kLeastFit || widest.first.area() <= 0) return {};
  OverlapFitter fitter(a, b, widest, OverlapFitter::Detail::kFull);
  if (fitter.short_side() < kLeastSide) return {};
  fitter.Fit(kFineStep);
  Agreement agreement = fitter.Measure();
  if (agreement.of_parts.empty()) return {};
  std::sort(agreement.of_parts.begin(), agreement.of_parts.end());
  const Overlap found = fitter.overlap();
  PictureMatch match;
  match.correlation = agreement.correlation;
  match.weak_correlation = agreement.of_parts[agreement.of_parts.size() / 4];
  match.first = SharesOf(found.first, a.luma);
  match.second = SharesOf(found.second, b.luma);
  if (match.correlation >= kLeastCorrelation &&
      match.weak_correlation >= kLeastWeakCorrelation) {
    match.relation =
        RelationOf(ShareOf(a, found.first), ShareOf(b, found.second));
  }
  return match;
}

PictureView ViewOf(const PictureSketch& sketch) {
  PictureView view{PlaneOf(sketch), {}};
  view.content = ContentOf(view.luma);
  return view;
}

}  // namespace

PictureMatch ComparePictures(const PictureSketch& first,
                             const PictureSketch& second) {
  const PictureView a = ViewOf(first);
  const PictureView b = ViewOf(second);
  PictureMatch best;
  for (const Fitted& fit : BestFits(a, b)) {
    const PictureMatch match = Judge(a, b, fit);
    if (match.correlation > best.correlation) best = match;
  }
  return best;
}

}  // namespace verso
