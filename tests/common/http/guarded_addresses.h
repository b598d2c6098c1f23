#ifndef VERSO_TESTS_COMMON_HTTP_GUARDED_ADDRESSES_H_
#define VERSO_TESTS_COMMON_HTTP_GUARDED_ADDRESSES_H_

namespace verso {

// Hosts of URLs that lead to addresses which are not public, spelled in all
// ways that somebody may hope are overlooked.
inline constexpr const char* kGuardedHosts[] = {
    // 127.0.0.0/8 and its parts in other numbers.
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7F.1",
    "0x7f.0.0.1",
    "0x7f.0x0.0x0.0x1",
    "0177.0.0.1",
    "0177.1",
    "017700000001",
    "127.0.0.01",
    "127.000.000.001",
    "127.0.0.1.",
    "127.0.0.2",
    "127.255.255.254",
    // The same in escapes and in other scripts.
    "%31%32%37.0.0.1",
    "127%2e0%2e0%2e1",
    "127.0.0%2E1",
    "\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1",
    "127\xe3\x80\x82"
    "0\xe3\x80\x82"
    "0\xe3\x80\x82"
    "1",
    "\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.\xe2\x93\xaa.\xe2\x93\xaa."
    "\xe2\x91\xa0",
    // Names of it.
    "localhost",
    "LOCALHOST",
    "LocalHost",
    "localhost.",
    "%6cocalhost",
    "loc%61lhost",
    // This network, which Linux takes for this machine.
    "0",
    "0.0.0.0",
    "0x0",
    "00",
    "0.0",
    "0.1.2.3",
    // Link-local, with the metadata of clouds.
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "169.254.43518",
    "169.16689662",
    "169.254.0.1",
    // Private, shared, protocol assignments, benchmarks.
    "10.0.0.7",
    "10.7",
    "167772167",
    "0xa000007",
    "012.0.0.7",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.168.1",
    "3232235521",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.0.192",
    "198.18.0.1",
    "198.19.255.255",
    // Documentation, multicast, reserved, broadcast.
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "4294967295",
    // IPv6.
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000::0001]",
    "[::]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fec0::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[100::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[5f00::1]",
    // IPv6 that wraps IPv4.
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::FFFF:A9FE:A9FE]",
    "[::ffff:10.0.0.7]",
    "[::127.0.0.1]",
    "[::10.0.0.7]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::a00:7]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2002:a00:7::1]",
    "[2002:a9fe:a9fe::]",
    "[2001:0:7f00:1::]",
    "[2001:0:808:808:0:0:f5ff:fff8]",
};

}  // namespace verso

#endif  // VERSO_TESTS_COMMON_HTTP_GUARDED_ADDRESSES_H_
