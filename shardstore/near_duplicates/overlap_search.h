#ifndef VERSO_SHARDSTORE_NEAR_DUPLICATES_OVERLAP_SEARCH_H_
#define VERSO_SHARDSTORE_NEAR_DUPLICATES_OVERLAP_SEARCH_H_

#include <vector>

#include "shardstore/near_duplicates/overlap.h"

namespace verso {

// Places where the one picture may show the other, best guesses first, at most
// a dozen: template matching by normalised cross-correlation (Lewis, Fast
// Template Matching, 1995) of LocalContrast() at 40 pixels, over all offsets
// and over scales 4 % apart. The content of each picture is looked for in the
// other one at 0.45 to 1 times its longer side, and the middle (60 % of the
// sides) of the first in the second, which finds two details that overlap.
// Thread-safe. REQUIRES: no content is empty.
std::vector<Overlap> GuessOverlaps(const PictureView& first,
                                   const PictureView& second);

}  // namespace verso

#endif  // VERSO_SHARDSTORE_NEAR_DUPLICATES_OVERLAP_SEARCH_H_
