#ifndef VERSO_COMMON_IMAGE_SANDBOX_ONE_PIXEL_PICTURES_H_
#define VERSO_COMMON_IMAGE_SANDBOX_ONE_PIXEL_PICTURES_H_

#include <string>
#include <vector>

namespace verso {

// One pixel, as a JPEG, PNG, WebP and GIF file.
std::vector<std::string> OnePixelPictures();

}  // namespace verso

#endif  // VERSO_COMMON_IMAGE_SANDBOX_ONE_PIXEL_PICTURES_H_
