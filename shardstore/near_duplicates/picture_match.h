#ifndef VERSO_SHARDSTORE_NEAR_DUPLICATES_PICTURE_MATCH_H_
#define VERSO_SHARDSTORE_NEAR_DUPLICATES_PICTURE_MATCH_H_

#include "shardstore/near_duplicates/luma_plane.h"
#include "shardstore/near_duplicates/picture_sketch.h"

namespace verso {

// Raised whenever ComparePictures() may judge a pair otherwise.
inline constexpr int kMatchVersion = 1;

enum class PictureRelation {
  kDifferent,
  kSamePicture,     // All of both, but for borders and 20 % of the area.
  kFirstIsDetail,   // The first shows a part of the second.
  kSecondIsDetail,  // Likewise, and of two parts of one picture that overlap
                    // the one of which more is in the other.
};

struct PictureMatch {
  PictureRelation relation = PictureRelation::kDifferent;
  // Of the gradients where the pictures overlap, -1..1; 0: no place was worth
  // measuring.
  double correlation = 0;
  // The lower quartile of the same over 4 x 4 parts of the overlap.
  double weak_correlation = 0;
  // What both show, as shares of the sides of each, 0..1.
  PlaneBox first;
  PlaneBox second;
};

// At least so much correlates in one picture that was saved twice. Chosen on
// one half of labelled pairs, drawn ones and real paintings, and measured on
// the other half. Of 2,422 pairs of one real picture all but one had 0.76 or
// more; of 11,275 pairs of different ones 3 had more than 0.5, and the one
// above 0.6 turned out to be a drawing with and without colour.
inline constexpr double kLeastCorrelation = 0.65;
inline constexpr double kLeastWeakCorrelation = 0.5;

// Whether one picture is the other one saved anew: encoded, resized (sides
// apart by up to 1.3), in grey or in slightly other colours, with a border, mat
// or frame, or cropped to 50 % of its sides or more. Another version of a
// motif, however alike in composition and palette, is different: its edges run
// elsewhere. So is a mirrored or turned picture, which no perceptual hash
// would find either, and where less than 24 pixels or nothing can be seen.
//
// Guesses overlaps by template matching (overlap_search.h), moves each until
// it fits (overlap.h), and decides by the correlation of gradients over all of
// the best one and over its parts. Own code; a function of the sketches alone,
// the same on every machine with IEEE arithmetic. Takes 14 ms of one core on
// average, 4 ms for pictures that only differ in encoding. Thread-safe.
PictureMatch ComparePictures(const PictureSketch& first,
                             const PictureSketch& second);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_NEAR_DUPLICATES_PICTURE_MATCH_H_
