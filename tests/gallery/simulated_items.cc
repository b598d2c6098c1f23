#include "tests/gallery/simulated_items.h"

#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/gallery/drawing/art_style.h"
#include "tests/gallery/drawing/random.h"
#include "tests/gallery/uuid.h"

namespace verso {
namespace {

// No such painters; some names have letters that code pages disagree on.
constexpr std::array kSurnames = {
    "AVELLÁN",  "BRÜCKMOND", "CORVELLI", "DÖRRHOLT",  "ESTRÈVE",   "FALKENAU",
    "GARNOTTI", "HÅLSTRÖM",  "IVERNOIS", "KERVAL",    "LOMBRECHT", "MÁRISCA",
    "NORDVIK",  "OSTERMAN",  "PELLERON", "RÓSZAVÁRI", "SALVENTI",  "TORREGÓN",
};
constexpr std::array kGivenNames = {
    "Anselm", "Béla",  "Clara", "Domenico", "Élise", "Friedrich",
    "Giulia", "Hanne", "Íñigo", "Jürgen",   "Léa",   "Marten",
};
constexpr std::array kSubjects = {
    "Landscape with a Mill", "The Old Bridge", "Portrait of a Merchant",
    "Still-Life with Fruit", "The Café",       "Fête in the Garden",
    "Shepherds at Rest",     "The Blue Vase",  "Woman at a Window",
    "Ships in the Harbour",  "The Sower",      "Hills in the Evening",
};
constexpr std::array kPlaces = {
    "near Évreux",    "at Sankt Pölten", "in Winter",  "after the Rain",
    "in the Morning", "by the Sea",      "at Gråbäck", "under Trees",
};
constexpr std::array kSettings = {
    "at dusk, soft light", "highly detailed, warm colours",
    "dramatic sky",        "in the manner of an old master",
    "muted palette",       "trending, intricate brushwork",
};

template <size_t n>
const char* Pick(const std::array<const char*, n>& words, Random& random) {
  return words[static_cast<size_t>(random.Below(n))];
}

// Each ten items in a row have all ten styles, always in another order.
const ArtStyle& StyleInTurn(int i) {
  return ArtStyles()[static_cast<size_t>(i + i / 10) % ArtStyles().size()];
}

GalleryItem NewItem(uint64_t seed, absl::string_view site, int i) {
  GalleryItem item;
  item.id = UuidOf(absl::StrCat("simulated/", seed, "/", site, "/", i));
  item.work = item.id;
  item.style = StyleInTurn(i).name;
  return item;
}

// The number makes a title its work's own.
void NameWork(int number, Random& random, GalleryItem& item) {
  item.title =
      absl::StrCat(Pick(kSubjects, random), " ", Pick(kPlaces, random),
                   random.Chance(0.2f) ? "; No. " : ", No. ", number + 1);
  item.artist =
      absl::StrCat(Pick(kSurnames, random), ", ", Pick(kGivenNames, random));
  item.year = 1450 + random.Below(450);
}

void SetSize(int width, int height, GalleryItem& item) {
  item.width = width;
  item.height = height;
}

std::string PromptOf(const ArtStyle& style, Random& random) {
  return absl::StrCat(Pick(kSubjects, random), " ", Pick(kPlaces, random), ", ",
                      style.words, " painting, ", Pick(kSettings, random));
}

// Belongs to the prompt or entry of `before` as well.
void JoinWork(const GalleryItem& before, GalleryItem& item) {
  item.work = before.work;
  item.style = before.style;
  item.prompt = before.prompt;
  item.title = before.title;
  item.artist = before.artist;
  item.year = before.year;
}

}  // namespace

std::vector<GalleryItem> SimulatedWga(uint64_t seed, int count) {
  std::vector<GalleryItem> items;
  Random random(SeedFor(seed, "wga"));
  for (int i = 0; i < count; ++i) {
    GalleryItem item = NewItem(seed, "wga", i);
    NameWork(i, random, item);
    SetSize(random.Below(601) + 300, random.Below(601) + 300, item);
    if (i % 10 == 8) SetSize(kDetailedSide, kDetailedSide, item);
    if (i % 10 == 9) {
      JoinWork(items.back(), item);
      item.detail = true;
      SetSize(300 + random.Below(60), 300 + random.Below(60), item);
    }
    items.push_back(std::move(item));
  }
  for (int i = 0; i < count; i += 40) {
    GalleryItem item = NewItem(seed, "wga", count + i);
    NameWork(count + i, random, item);
    SetSize(400, 500, item);
    item.form = "sculpture";
    items.push_back(std::move(item));
  }
  return items;
}

std::vector<GalleryItem> SimulatedArtbench(uint64_t seed, int count) {
  std::vector<GalleryItem> items;
  Random random(SeedFor(seed, "artbench"));
  for (int i = 0; i < count; ++i) {
    GalleryItem item = NewItem(seed, "artbench", i);
    NameWork(i, random, item);
    SetSize(256, 256, item);
    items.push_back(std::move(item));
  }
  return items;
}

std::vector<GalleryItem> SimulatedLexica(uint64_t seed, int count) {
  std::vector<GalleryItem> items;
  Random random(SeedFor(seed, "lexica"));
  for (int i = 0; i < count + 2 * (count / 40); ++i) {
    GalleryItem item = NewItem(seed, "lexica", i);
    item.generator = "stable-diffusion";
    item.prompt = PromptOf(StyleInTurn(i), random);
    if (i > 0 && i % 8 == 7) JoinWork(items.back(), item);
    item.grid = i >= count && i % 2 == 0;
    item.nsfw = i >= count && i % 2 == 1;
    SetSize(512, 512, item);
    items.push_back(std::move(item));
  }
  return items;
}

std::vector<GalleryItem> SimulatedDalle(uint64_t seed, int count) {
  std::vector<GalleryItem> items;
  Random random(SeedFor(seed, "dalle"));
  for (int i = 0; i < count; ++i) {
    GalleryItem item = NewItem(seed, "dalle", i);
    item.generator = "dall-e-2";
    if (i % 5 != 4) item.prompt = PromptOf(StyleInTurn(i), random);
    if (i % 6 == 3) JoinWork(items.back(), item);
    item.format = "webp";
    SetSize(512, 512, item);
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace verso
