#include "tests/ingest/hostile_answers.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace verso {
namespace {

using ::verso::testing::Answer;
using ::verso::testing::AnswerAndWait;
using ::verso::testing::Connection;
using ::verso::testing::Endless;
using ::verso::testing::Ok;
using ::verso::testing::RedirectTo;
using Script = ::verso::testing::ScriptedServer::Script;

constexpr size_t kMaxPage = 8 << 20;  // Of FetchClass::kPage.

constexpr auto kOk = absl::StatusCode::kOk;
constexpr auto kDataLoss = absl::StatusCode::kDataLoss;
constexpr auto kDeadline = absl::StatusCode::kDeadlineExceeded;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;
constexpr auto kTooMuch = absl::StatusCode::kResourceExhausted;
constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

const char kHead[] = "HTTP/1.1 200 OK\r\n";
const char kChunked[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

// A 200 with this header line and the body "hello", whatever the line says.
Script With(const std::string& header) {
  return Answer(absl::StrCat(kHead, header, "\r\n\r\nhello"));
}

std::string Repeat(absl::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) absl::StrAppend(&all, text);
  return all;
}

std::string Chunk(absl::string_view bytes) {
  return absl::StrCat(absl::Hex(bytes.size()), "\r\n", bytes, "\r\n");
}

std::vector<HostileAnswer> Bodies() {
  const std::string block(1 << 16, 'x');
  const std::string half = absl::StrCat(kHead, "Content-Length: 1000\r\n\r\n",
                                        std::string(500, 'x'));
  return {
      {"AnEndlessChunkedPageStopsAtItsLimit", Endless(kChunked, Chunk(block)),
       kTooMuch},
      {"AnEndlessImageWithoutALengthStopsAtItsLimit",
       Endless(absl::StrCat(kHead, "\r\n"), block), kTooMuch,
       FetchClass::kImage},
      {"AnEndlessHttp10BodyStopsAtItsLimit",
       Endless("HTTP/1.0 200 OK\r\n\r\n", block), kTooMuch},
      {"AnEndlessArchiveStopsAtItsLimit", Endless(kChunked, Chunk(block)),
       kTooMuch, FetchClass::kArchive},
      {"AnEndlessAnswerOfAGeneratorStopsAtItsLimit",
       Endless(kChunked, Chunk(block)), kTooMuch, FetchClass::kGenerator},
      {"ABodyOfOneByteChunksStopsAtItsLimit",
       Endless(kChunked, Repeat("1\r\nx\r\n", 10'000)), kTooMuch},
      {"OneByteAboveTheLimitIsTooMuch",
       Answer(absl::StrCat(kChunked, Chunk(std::string(kMaxPage + 1, 'x')),
                           "0\r\n\r\n")),
       kTooMuch},
      {"AsManyBytesAsTheLimitAreRead",
       Answer(absl::StrCat(kChunked, Chunk(std::string(kMaxPage, 'x')),
                           "0\r\n\r\n")),
       kOk, FetchClass::kPage, 200, std::string(kMaxPage, 'x')},
      {"AnEndlessErrorPageStopsAtItsLimit",
       Endless("HTTP/1.1 500 No\r\n\r\n", block), kTooMuch},
      {"ABodyShorterThanItsLengthIsADataLoss", Answer(half), kDataLoss},
      {"AnImageShorterThanItsLengthIsADataLoss", Answer(half), kDataLoss,
       FetchClass::kImage},
      {"AnArchiveShorterThanItsLengthIsADataLoss", Answer(half), kDataLoss,
       FetchClass::kArchive},
      {"ABodyLongerThanItsLengthEndsThere",
       Answer(absl::StrCat(Ok("hello"), "HTTP/1.1 200 OK\r\n\r\nsmuggled")),
       kOk, FetchClass::kPage, 200, "hello"},
      {"AResetInTheMiddleOfABodyIsUnavailable",
       [half](Connection& peer) {
         peer.ReadRequest();
         peer.Send(half);
         peer.Reset();
       },
       kUnavailable},
      {"A204WithABodyHasNone",
       Answer("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello"), kOk,
       FetchClass::kPage, 204},
      {"A304ThatNobodyAskedForIsOneWithoutABody",
       Answer("HTTP/1.1 304 Not Modified\r\n\r\nhello"), kOk, FetchClass::kPage,
       304},
      {"APartThatNobodyAskedForIsADataLoss",
       Answer("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-4/9\r\n"
              "Content-Length: 5\r\n\r\nhello"),
       kDataLoss},
  };
}

std::vector<HostileAnswer> Lengths() {
  return {
      {"AStatedLengthAboveTheLimitIsRefusedBeforeItsBody",
       AnswerAndWait(absl::StrCat(kHead, "Content-Length: 99999999\r\n\r\n")),
       kTooMuch},
      {"TheLargestLengthThereIsIsTooMuch",
       With("Content-Length: 9223372036854775807"), kTooMuch,
       FetchClass::kArchive},
      {"ALengthBeyondAllNumbersIsADataLoss",
       With("Content-Length: 99999999999999999999999999"), kDataLoss},
      {"ANegativeLengthIsADataLoss", With("Content-Length: -5"), kDataLoss},
      {"ALengthWithASignIsADataLoss", With("Content-Length: +5"), kDataLoss},
      {"AHexadecimalLengthIsADataLoss", With("Content-Length: 0x5"), kDataLoss},
      {"AnEmptyLengthIsADataLoss", With("Content-Length: "), kDataLoss},
      {"ALengthWithWordsIsADataLoss", With("Content-Length: 5 bytes"),
       kDataLoss},
      {"TwoDifferentLengthsAreADataLoss",
       With("Content-Length: 5\r\nContent-Length: 3"), kDataLoss},
      {"TwoDifferentLengthsInOneLineAreADataLoss", With("Content-Length: 5, 3"),
       kDataLoss},
      {"TheSameLengthTwiceIsOne",
       With("Content-Length: 5\r\nContent-Length: 5"), kOk, FetchClass::kPage,
       200, "hello"},
      {"ALengthAndChunksAreADataLoss",
       Answer("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n"
              "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
       kDataLoss},
  };
}

std::vector<HostileAnswer> Chunks() {
  const auto chunked = [](absl::string_view body) {
    return Answer(absl::StrCat(kChunked, body));
  };
  return {
      {"AChunkWithoutASizeIsUnavailable", chunked("hello\r\n0\r\n\r\n"),
       kUnavailable},
      {"AChunkOfANegativeSizeIsUnavailable", chunked("-5\r\nhello\r\n"),
       kUnavailable},
      {"AChunkOfASizeBeyondAllNumbersIsUnavailable",
       chunked("FFFFFFFFFFFFFFFFFF\r\nhello\r\n"), kUnavailable},
      {"AChunkThatEndsInOtherBytesIsUnavailable",
       chunked("5\r\nhelloXX0\r\n\r\n"), kUnavailable},
      {"AChunkLongerThanWhatComesIsADataLoss", chunked("FFFF\r\nhello"),
       kDataLoss},
      {"ChunksWithoutALastOneAreADataLoss", chunked("5\r\nhello\r\n"),
       kDataLoss},
      {"AnEndlessChunkExtensionStopsAtTheLimitOnTheWire",
       Endless(absl::StrCat(kChunked, "5;x="), std::string(1 << 16, 'e')),
       kTooMuch},
      {"EndlessChunkExtensionsOfAnArchiveStopAtTheLimitOnTheWire",
       Endless(kChunked,
               absl::StrCat("1;x=", std::string(1 << 16, 'e'), "\r\nx\r\n")),
       kTooMuch, FetchClass::kArchive},
      {"AFloodOfTrailersIsTooMuch",
       Endless(absl::StrCat(kChunked, "5\r\nhello\r\n0\r\n"),
               Repeat("x-trailer: 0123456789\r\n", 1000)),
       kTooMuch},
      {"ATrailerChangesNothing",
       chunked("5\r\nhello\r\n0\r\nLocation: http://10.0.0.7/\r\n\r\n"), kOk,
       FetchClass::kPage, 200, "hello"},
  };
}

std::vector<HostileAnswer> StatusLines() {
  return {
      {"AnAnswerWithoutAHeadIsADataLoss", Answer("hello, this is HTTP/0.9\n"),
       kDataLoss},
      {"BinaryJunkIsADataLoss",
       Answer(std::string("\x16\x03\x01\x00\xff\xfe\x00junk\r\n\r\n", 15)),
       kDataLoss},
      {"AStatusThatIsNoNumberIsADataLoss",
       Answer("HTTP/1.1 abc OK\r\n\r\nhello"), kDataLoss},
      {"AStatusOfFourDigitsIsADataLoss",
       Answer("HTTP/1.1 2000 OK\r\n\r\nhello"), kDataLoss},
      {"AStatusBelow100IsADataLoss", Answer("HTTP/1.1 099 Low\r\n\r\nhello"),
       kDataLoss},
      {"AnUnknownVersionIsADataLoss", Answer("HTTP/9.9 200 OK\r\n\r\nhello"),
       kDataLoss},
      {"ALongStatusTextIsPassedOver",
       Answer(absl::StrCat("HTTP/1.1 200 ", std::string(50'000, 'k'),
                           "\r\nContent-Length: 5\r\n\r\nhello")),
       kOk, FetchClass::kPage, 200, "hello"},
      {"AnEndlessStatusTextIsTooMuch",
       Endless("HTTP/1.1 200 ", std::string(1 << 16, 'k')), kTooMuch},
      {"ASecondStatusLineInAHeadIsADataLoss",
       With("HTTP/1.1 302 Found\r\nLocation: http://10.0.0.7/"), kDataLoss},
      {"A100BeforeTheAnswerIsPassedOver",
       Answer(absl::StrCat("HTTP/1.1 100 Continue\r\nLocation: /x\r\n\r\n",
                           Ok("hello"))),
       kOk, FetchClass::kPage, 200, "hello"},
      {"AFloodOf1xxHeadsIsTooMuch",
       Endless("", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"), kTooMuch},
      {"ASwitchToAnotherProtocolIsADataLoss",
       AnswerAndWait("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n"
                     "Connection: upgrade\r\n\r\n"),
       kDataLoss},
  };
}

std::vector<HostileAnswer> Headers() {
  return {
      {"HeadersOfTooManyBytesAreTooMuch",
       With(Repeat(absl::StrCat("x: ", std::string(1000, 'h'), "\r\n"), 300)),
       kTooMuch},
      {"TooManyHeadersAreTooMuch", With(Repeat("a: b\r\n", 2000)), kTooMuch},
      {"EndlessHeadersAreTooMuch", Endless(kHead, Repeat("a: b\r\n", 1000)),
       kTooMuch},
      {"AnEndlessHeaderIsTooMuch",
       Endless(absl::StrCat(kHead, "x: "), std::string(1 << 16, 'h')),
       kTooMuch},
      {"ANulInAHeaderIsADataLoss",
       With(std::string("x: a\0b\r\nContent-Length: 5", 27)), kDataLoss},
      {"ACrInAHeaderIsADataLoss",
       With("x: a\rLocation: http://10.0.0.7/\r\nContent-Length: 5"),
       kDataLoss},
      {"AHeaderWithoutAColonIsADataLoss", With("junk\r\nContent-Length: 5"),
       kDataLoss},
      {"AFoldedLineIsPartOfItsHeader",
       Answer("HTTP/1.1 302 Found\r\nx: a\r\n Location: http://10.0.0.7/\r\n"
              "Content-Length: 5\r\n\r\nhello"),
       kOk, FetchClass::kPage, 302, "hello"},
      {"LinesThatEndInLfAloneAreRead",
       Answer("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello"), kOk,
       FetchClass::kPage, 200, "hello"},
      {"AHeadThatBreaksOffIsNoAnswer",
       Answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"), kDataLoss},
      {"AConnectionThatClosesAtOnceIsUnavailable", Answer(""), kUnavailable},
      {"AResetInsteadOfAnAnswerIsUnavailable",
       [](Connection& peer) {
         peer.ReadRequest();
         peer.Reset();
       },
       kUnavailable},
  };
}

std::vector<HostileAnswer> Codings() {
  return {
      {"AContentCodingThatNobodyAskedForIsRefused",
       With("Content-Encoding: gzip"), kPrecondition},
      {"StackedContentCodingsAreRefused",
       With("Content-Encoding: gzip, gzip, gzip, gzip, gzip, gzip, gzip"),
       kPrecondition},
      {"ContentCodingsOfSeveralLinesAreRefused",
       With("Content-Encoding: identity\r\nContent-Encoding: br"),
       kPrecondition},
      {"AnUnknownContentCodingIsRefused", With("Content-Encoding: evil"),
       kPrecondition, FetchClass::kImage},
      {"TheIdentityCodingIsNone",
       With("Content-Encoding: Identity\r\nContent-Length: 5"), kOk,
       FetchClass::kPage, 200, "hello"},
      {"AnErrorPageMayBeCodedAndStaysAsItIs",
       Answer("HTTP/1.1 404 No\r\nContent-Encoding: gzip\r\n"
              "Content-Length: 5\r\n\r\nhello"),
       kOk, FetchClass::kPage, 404, "hello"},
      {"ATransferCodingThatPacksIsADataLoss",
       Answer(absl::StrCat(kHead, "Transfer-Encoding: gzip, chunked\r\n\r\n",
                           Chunk("packed"))),
       kDataLoss},
      {"TransferCodingsOfSeveralLinesAreADataLoss",
       With("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked"),
       kDataLoss},
      {"AnUnknownTransferCodingIsADataLoss", With("Transfer-Encoding: evil"),
       kDataLoss},
  };
}

std::vector<HostileAnswer> Times() {
  const absl::Duration gap = absl::Milliseconds(20);
  const auto silent = AnswerAndWait("");
  const auto drip = [gap](std::string head) {
    return [gap, head](Connection& peer) {
      peer.ReadRequest();
      peer.Send(head);
      while (peer.Drip("a: bbbbbbbbbbb\r\n", gap)) {
      }
    };
  };
  return {
      {"ASilentServerIsTooSlow", silent, kDeadline},
      {"ASilentServerOfAnArchiveIsTooSlow", silent, kDeadline,
       FetchClass::kArchive},
      {"SilenceBehindTheHeadIsTooSlow",
       AnswerAndWait(absl::StrCat(kHead, "Content-Length: 5\r\n\r\n")),
       kDeadline},
      {"AHeadThatDripsIsTooSlow", drip(kHead), kDeadline},
      {"AHeadOfAnArchiveThatDripsIsTooSlow", drip(kHead), kDeadline,
       FetchClass::kArchive},
      {"ABodyThatDripsIsTooSlow", drip(absl::StrCat(kHead, "\r\n")), kDeadline},
      {"AnArchiveThatDripsIsTooSlow", drip(absl::StrCat(kHead, "\r\n")),
       kDeadline, FetchClass::kArchive},
      {"ABodyThatNeverEndsIsTooSlowEvenWhenItIsNotSlow",
       [](Connection& peer) {
         peer.ReadRequest();
         peer.Send(absl::StrCat(kHead, "\r\n"));
         while (peer.Send(std::string(4000, 'x')) &&
                peer.Drip("x", absl::Milliseconds(50))) {
         }
       },
       kDeadline, FetchClass::kPage, 200, "", /*hurried=*/true},
  };
}

std::vector<HostileAnswer> Redirects() {
  const auto to = [](absl::string_view location) {
    return Answer(RedirectTo(location));
  };
  return {
      {"ARedirectToAFileIsInvalid", to("file:///etc/passwd"), kInvalid},
      {"ARedirectToGopherIsInvalid", to("gopher://127.0.0.1:6379/_x"),
       kInvalid},
      {"ARedirectToFtpIsInvalid", to("ftp://example.org/"), kInvalid},
      {"ARedirectToADataUrlIsInvalid", to("data:text/html,x"), kInvalid},
      {"ARedirectToDictIsInvalid", to("dict://127.0.0.1:11211/stat"), kInvalid},
      {"ARedirectWithAPasswordIsInvalid", to("http://user:secret@127.0.0.1/"),
       kInvalid},
      {"ARedirectWithAnEmptyUserIsInvalid", to("//@127.0.0.1/"), kInvalid},
      {"ARedirectLongerThanAUrlMayBeIsInvalid",
       to("/" + std::string(10'000, 'x')), kInvalid},
      {"TwoLocationsAreInvalid",
       Answer("HTTP/1.1 302 Found\r\nLocation: /a\r\nLocation: /b\r\n"
              "Content-Length: 0\r\n\r\n"),
       kInvalid},
      {"AnEmptyLocationIsNoRedirect", to(""), kOk, FetchClass::kPage, 302},
      {"ARedirectOfAnEndlessBodyIsLeftAtItsHead",
       Endless("HTTP/1.1 302 Found\r\nLocation: file:///x\r\n\r\n",
               std::string(1 << 16, 'x')),
       kInvalid},
  };
}

}  // namespace

std::vector<HostileAnswer> HostileAnswers() {
  std::vector<HostileAnswer> all;
  for (const auto& some : {Bodies(), Lengths(), Chunks(), StatusLines(),
                           Headers(), Codings(), Times(), Redirects()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

}  // namespace verso
