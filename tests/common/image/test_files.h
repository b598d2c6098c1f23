#ifndef VERSO_TESTS_COMMON_IMAGE_TEST_FILES_H_
#define VERSO_TESTS_COMMON_IMAGE_TEST_FILES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

// Image files made by hand, byte by byte, for what our encoders never write.
namespace verso::testing {

std::string BigEndian(uint32_t number, int bytes);
std::string LittleEndian(uint32_t number, int bytes);

// One PNG chunk with its length and CRC.
std::string PngChunk(absl::string_view type, absl::string_view data);

// A PNG of `color_type` (0 grey, 2 RGB, 4 grey + alpha, 6 RGBA) whose samples,
// big-endian and row by row without filter bytes, are `samples`. `chunks` go
// before the pixels.
std::string MakePng(int width, int height, int bits, int color_type,
                    absl::string_view samples, absl::string_view chunks = "");

// A black, interlaced PNG of 1 bit a pixel.
std::string MakeInterlacedPng(int width, int height);

// A black, grey, progressive JPEG that has `refinements` (1 to 14) scans for
// each of 63 frequencies: little to store, much to do.
std::string MakeJpegOfManyScans(int width, int height, int refinements);

// A GIF whose frames (each width x height) hold one colour of 0..127 each; the
// palette's colour n is the grey 2 * n.
std::string MakeGif(int width, int height, absl::string_view frame_colors);

// Puts a segment with this marker (0xe1 = APP1) behind the start of a JPEG; of
// none, it is the segment alone.
std::string WithJpegSegment(absl::string_view jpeg, uint8_t marker,
                            absl::string_view payload);

// A RIFF chunk, padded to an even length; a WebP file of such chunks.
std::string WebpChunk(absl::string_view type, absl::string_view data);
std::string MakeWebp(absl::string_view chunks);

// A TIFF block with an orientation, a software name and, in the EXIF folder,
// a user comment as given.
std::string MakeExif(int orientation, absl::string_view software = "",
                     absl::string_view user_comment = "",
                     bool big_endian = false);

// A TIFF block (little-endian) of a camera: Make, Model, DateTimeOriginal.
std::string MakeCameraExif(absl::string_view make, absl::string_view model,
                           absl::string_view date);

// A zlib stream.
std::string Deflate(absl::string_view bytes);

// "UNICODE\0" and the Latin letters of `text` as UTF-16.
std::string UnicodeComment(absl::string_view text, bool big_endian = true);

// An ICC profile of the sRGB primaries with red and green exchanged.
std::string SwappedProfile(absl::string_view description);

}  // namespace verso::testing

#endif  // VERSO_TESTS_COMMON_IMAGE_TEST_FILES_H_
