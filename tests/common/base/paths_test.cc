#include "common/base/paths.h"

#include <cstdlib>

#include "gtest/gtest.h"

namespace verso {
namespace {

class PathsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name :
         {"VERSO_HOME", "XDG_DATA_HOME", "BUILD_WORKING_DIRECTORY"}) {
      unsetenv(name);
    }
    setenv("HOME", "/home/me", 1);
  }
};

TEST_F(PathsTest, ARelativePathMeansTheFolderThatTheUserIsIn) {
  EXPECT_EQ(ResolveUserPath("a/b"), std::filesystem::current_path() / "a/b");
  setenv("BUILD_WORKING_DIRECTORY", "/work/here", 1);
  EXPECT_EQ(ResolveUserPath("a/b"), "/work/here/a/b");
  EXPECT_EQ(ResolveUserPath("../b"), "/work/b");
}

TEST_F(PathsTest, AbsoluteAndHomePathsStandForThemselves) {
  setenv("BUILD_WORKING_DIRECTORY", "/work/here", 1);
  EXPECT_EQ(ResolveUserPath("/x/./y"), "/x/y");
  EXPECT_EQ(ResolveUserPath("~/art"), "/home/me/art");
  EXPECT_EQ(ResolveUserPath("~other"), "/work/here/~other");
}

TEST_F(PathsTest, TheHomeOfVersoComesFromTheFirstVariableThatIsSet) {
  EXPECT_EQ(VersoHome(), "/home/me/.local/share/verso");
  setenv("XDG_DATA_HOME", "/data", 1);
  EXPECT_EQ(VersoHome(), "/data/verso");
  setenv("VERSO_HOME", "/verso", 1);
  EXPECT_EQ(VersoHome(), "/verso");
  EXPECT_EQ(DefaultStoreDir(), "/verso/store");
  EXPECT_EQ(DefaultRunsDir(), "/verso/runs");
}

TEST_F(PathsTest, AnEmptyVariableIsNotSet) {
  setenv("VERSO_HOME", "", 1);
  setenv("XDG_DATA_HOME", "", 1);
  EXPECT_EQ(VersoHome(), "/home/me/.local/share/verso");
}

}  // namespace
}  // namespace verso
