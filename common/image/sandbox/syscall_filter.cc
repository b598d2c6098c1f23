#include "common/image/sandbox/syscall_filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"

namespace verso {
namespace {

#if defined(__x86_64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "The sandbox knows the system calls of x86-64 and arm64 only."
#endif

// What decoding, the allocator and the loop around them need.
constexpr int kAllowed[] = {
    __NR_read,         __NR_write,           __NR_futex,
    __NR_munmap,       __NR_mremap,          __NR_madvise,
    __NR_brk,          __NR_clock_gettime,   __NR_gettimeofday,
    __NR_getrandom,    __NR_sched_yield,     __NR_getpid,
    __NR_gettid,       __NR_sigaltstack,     __NR_rt_sigprocmask,
    __NR_rt_sigreturn, __NR_restart_syscall, __NR_exit,
    __NR_exit_group,
};

// What libraries ask for now and then (a configuration, a character table, the
// number of processors) and do without.
constexpr int kRefused[] = {
#if defined(__x86_64__)
    __NR_open,       __NR_stat,       __NR_lstat,
    __NR_access,     __NR_readlink,
#endif
    __NR_openat,     __NR_newfstatat, __NR_fstat,
    __NR_statx,      __NR_faccessat,  __NR_faccessat2,
    __NR_readlinkat, __NR_getcwd,     __NR_lseek,
    __NR_close,      __NR_fcntl,      __NR_ioctl,
    __NR_uname,      __NR_sysinfo,    __NR_sched_getaffinity,
    __NR_getrusage,
};

constexpr uint32_t kAllow = SECCOMP_RET_ALLOW;
constexpr uint32_t kRefuse = SECCOMP_RET_ERRNO | EACCES;
constexpr uint32_t kKill = SECCOMP_RET_KILL_PROCESS;

// A BPF program that looks at one system call after another.
class Program {
 public:
  Program() {
    Load(offsetof(seccomp_data, arch));
    // Another architecture has other numbers: 32-bit calls of a 64-bit process.
    SkipIf(BPF_JEQ, kArchitecture, 1);
    Return(kKill);
    Load(offsetof(seccomp_data, nr));
  }

  void Add(int number, uint32_t action) {
    SkipUnless(BPF_JEQ, static_cast<uint32_t>(number), 1);
    Return(action);
  }

  // Only without PROT_EXEC in its argument number 2.
  void AddWithoutExec(int number) {
    SkipUnless(BPF_JEQ, static_cast<uint32_t>(number), 4);
    LoadArgument(2);
    SkipUnless(BPF_JSET, PROT_EXEC, 1);
    Return(kRefuse);
    Return(kAllow);
  }

  // mmap() of fresh memory, not of a descriptor, and without PROT_EXEC.
  void AddMmap() {
    SkipUnless(BPF_JEQ, __NR_mmap, 7);
    LoadArgument(2);
    SkipUnless(BPF_JSET, PROT_EXEC, 1);
    Return(kRefuse);
    LoadArgument(3);
    SkipUnless(BPF_JSET, MAP_ANONYMOUS, 1);
    Return(kAllow);
    Return(kRefuse);
  }

  // abort() sends a signal to its own process; its name is worth having.
  void AddOwnSignals() {
    SkipUnless(BPF_JEQ, __NR_tgkill, 4);
    LoadArgument(0);
    SkipUnless(BPF_JEQ, static_cast<uint32_t>(getpid()), 1);
    Return(kAllow);
    Return(kKill);
  }

  void Return(uint32_t action) {
    code_.push_back(BPF_STMT(BPF_RET | BPF_K, action));
  }

  sock_fprog Finish() {
    return {static_cast<unsigned short>(code_.size()),  // NOLINT: the kernel's.
            code_.data()};
  }

 private:
  void Load(uint32_t offset) {
    code_.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
  }
  // The low half: all arguments looked at are ints.
  void LoadArgument(int index) {
    Load(offsetof(seccomp_data, args) + sizeof(uint64_t) * index);
  }
  void SkipIf(uint16_t test, uint32_t value, uint8_t steps) {
    code_.push_back(
        {static_cast<uint16_t>(BPF_JMP | BPF_K | test), steps, 0, value});
  }
  void SkipUnless(uint16_t test, uint32_t value, uint8_t steps) {
    code_.push_back(
        {static_cast<uint16_t>(BPF_JMP | BPF_K | test), 0, steps, value});
  }

  std::vector<sock_filter> code_;
};

}  // namespace

absl::Status InstallSyscallFilter() {
  Program program;
  for (const int number : kAllowed) program.Add(number, kAllow);
  program.AddMmap();
  program.AddWithoutExec(__NR_mprotect);
  program.AddOwnSignals();
  for (const int number : kRefused) program.Add(number, kRefuse);
  program.Return(kKill);
  sock_fprog filter = program.Finish();
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC,
              &filter) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "this system does not let a process give up system calls (seccomp: ",
        std::strerror(errno),
        "); it takes Linux 4.14 with CONFIG_SECCOMP_FILTER and, in a "
        "container, a profile that allows seccomp and prctl, as Docker's "
        "default one does"));
  }
  return absl::OkStatus();
}

}  // namespace verso
