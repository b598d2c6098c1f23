#ifndef VERSO_TESTS_SHARDSTORE_NEAR_DUPLICATES_ALTERATIONS_H_
#define VERSO_TESTS_SHARDSTORE_NEAR_DUPLICATES_ALTERATIONS_H_

#include <string>
#include <vector>

#include "common/image/image.h"
#include "tests/gallery/drawing/random.h"

namespace verso::testing {

// One way in which a picture comes again: how archives, sites and people save
// it anew.
struct Alteration {
  std::string name;
  Image (*apply)(const Image& picture, Random& random);
  bool is_detail;  // Otherwise all of the picture is still there.
};

// All of them, each drawing its strength from `random`:
//   jpeg          quality 30..95
//   webp          quality 30..95
//   png
//   resized       0.3 to 1.5 times the sides, then JPEG
//   squashed      the sides scaled apart by up to 1.3
//   colour        brightness, contrast and each channel shifted a little
//   grey
//   border        2..20 % of the longer side, one colour
//   frame         4..12 % of the longer side, striped and noisy, with a mat
//   crop_80_95    that share of the sides, anywhere
//   crop_65_80
//   crop_50_65
//   crop_saved    crop of 60..95 %, resized, colours shifted, JPEG 40..90
//   border_saved  border, resized, colours shifted, JPEG 40..90
const std::vector<Alteration>& Alterations();

// `picture` as a JPEG of `quality` shows it.
Image SavedAsJpeg(const Image& picture, int quality);

// A crop of `share` of both sides, anywhere.
Image CroppedTo(const Image& picture, double share, Random& random);

Image Mirrored(const Image& picture);

}  // namespace verso::testing

#endif  // VERSO_TESTS_SHARDSTORE_NEAR_DUPLICATES_ALTERATIONS_H_
