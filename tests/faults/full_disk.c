/* A disk that is full, for programs that are started with this library in LD_PRELOAD.
 *
 * FULL_DISK_AREA names files and folders, with `:` between them. Calls that need space there (a file or folder that is
 * made, bytes that are written, a rename, a forced write) are counted over all processes that share the file of
 * FULL_DISK_STATE, and those with the numbers `first` to `last` end with ENOSPC; of a write that is the first to fail,
 * half is written where `how` is TORN_WRITE. Where it is LATE, only closing a file that was written counts, which then
 * loses half of what it has: so do file systems that send it away only then. FULL_DISK_TRACE names a file that gets a
 * line for each counted call.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum how { PLAIN, TORN_WRITE, LATE };

struct state {
  uint64_t first, last, how;
  _Atomic uint64_t calls, failed;
  char what[PATH_MAX]; /* The first call that failed: its name, a blank, its path. */
};

static struct state* state;
static const char *area, *trace;

__attribute__((constructor)) static void start(void) {
  const char* file = getenv("FULL_DISK_STATE");
  area = getenv("FULL_DISK_AREA");
  trace = getenv("FULL_DISK_TRACE");
  if (!file || !area) return;
  const int fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC, 0);
  if (fd < 0) return;
  void* shared = (void*)syscall(SYS_mmap, NULL, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (shared != MAP_FAILED) state = shared;
  syscall(SYS_close, fd);
}

/* --- which calls count --- */

/* Takes `.`, `..` and empty parts out of an absolute path. */
static void tidy(char* path) {
  char* out = path;
  for (const char* in = path; *in;) {
    while (*in == '/') ++in;
    const size_t size = strcspn(in, "/");
    if (size == 2 && in[0] == '.' && in[1] == '.') {
      while (out > path && *--out != '/') {
      }
    } else if (size > 0 && !(size == 1 && in[0] == '.')) {
      *out++ = '/';
      memmove(out, in, size);
      out += size;
    }
    in += size;
  }
  *out = '\0';
}

static int path_of_fd(int fd, char* path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const long size = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
  if (size <= 0) return 0;
  path[size] = '\0';
  return path[0] == '/';
}

static int full_path(int folder, const char* given, char* path) {
  if (!given || strlen(given) >= PATH_MAX / 2) return 0;
  if (given[0] == '/') {
    strcpy(path, given);
  } else {
    if (folder == AT_FDCWD ? syscall(SYS_getcwd, path, PATH_MAX) <= 0 : !path_of_fd(folder, path)) return 0;
    if (strlen(path) + strlen(given) + 2 > PATH_MAX) return 0;
    strcat(strcat(path, "/"), given);
  }
  tidy(path);
  return 1;
}

static int in_area(const char* path) {
  for (const char* at = area; *at;) {
    const size_t size = strcspn(at, ":");
    if (size > 0 && strncmp(path, at, size) == 0 && (path[size] == '\0' || path[size] == '/')) return 1;
    at += size + (at[size] == ':');
  }
  return 0;
}

static void note(const char* call, const char* path, uint64_t number, int fails) {
  char line[PATH_MAX + 64];
  const int size =
      snprintf(line, sizeof line, "%llu %s %s%s\n", (unsigned long long)number, call, path, fails ? " FULL" : "");
  const int fd = (int)syscall(SYS_openat, AT_FDCWD, trace, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return;
  syscall(SYS_write, fd, line, (size_t)size);
  syscall(SYS_close, fd);
}

enum answer { FITS, FULL, TORN };

static enum answer ask(const char* call, const char* path) {
  const uint64_t number = atomic_fetch_add(&state->calls, 1) + 1;
  const int fails = number >= state->first && number <= state->last;
  if (trace) note(call, path, number, fails);
  if (!fails) return FITS;
  if (atomic_fetch_add(&state->failed, 1) > 0) return FULL;
  snprintf(state->what, sizeof state->what, "%s %s", call, path);
  return state->how == TORN_WRITE ? TORN : FULL;
}

static enum answer ask_path(const char* call, int folder, const char* given) {
  char path[PATH_MAX];
  if (!state || state->how == LATE || !full_path(folder, given, path) || !in_area(path)) return FITS;
  return ask(call, path);
}

static enum answer ask_fd(const char* call, int fd) {
  char path[PATH_MAX];
  if (!state || state->how == LATE || !path_of_fd(fd, path) || !in_area(path)) return FITS;
  return ask(call, path);
}

static int makes_file(int folder, const char* given, int flags) {
  struct stat there;
  if ((flags & O_TMPFILE) == O_TMPFILE) return 1;
  if (!(flags & O_CREAT) || !given) return 0;
  return syscall(SYS_newfstatat, folder, given, &there, 0) != 0;
}

static long full(void) {
  errno = ENOSPC;
  return -1;
}

/* --- the calls --- */

#define NEXT(name, ...)                                        \
  static __typeof__(&name) next;                               \
  if (!next) next = (__typeof__(next))dlsym(RTLD_NEXT, #name); \
  return next(__VA_ARGS__)

#define MODE_OF(flags)                                         \
  mode_t mode = 0;                                             \
  if (((flags)&O_CREAT) || ((flags)&O_TMPFILE) == O_TMPFILE) { \
    va_list rest;                                              \
    va_start(rest, flags);                                     \
    mode = va_arg(rest, mode_t);                               \
    va_end(rest);                                              \
  }

int open(const char* path, int flags, ...) {
  MODE_OF(flags)
  if (makes_file(AT_FDCWD, path, flags) && ask_path("make", AT_FDCWD, path)) return (int)full();
  NEXT(open, path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  MODE_OF(flags)
  if (makes_file(AT_FDCWD, path, flags) && ask_path("make", AT_FDCWD, path)) return (int)full();
  NEXT(open64, path, flags, mode);
}
int openat(int folder, const char* path, int flags, ...) {
  MODE_OF(flags)
  if (makes_file(folder, path, flags) && ask_path("make", folder, path)) return (int)full();
  NEXT(openat, folder, path, flags, mode);
}
int openat64(int folder, const char* path, int flags, ...) {
  MODE_OF(flags)
  if (makes_file(folder, path, flags) && ask_path("make", folder, path)) return (int)full();
  NEXT(openat64, folder, path, flags, mode);
}
int creat(const char* path, mode_t mode) { return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char* path, mode_t mode) { return open64(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
FILE* fopen(const char* path, const char* mode) {
  if (makes_file(AT_FDCWD, path, strpbrk(mode, "wa") ? O_CREAT : 0) && ask_path("make", AT_FDCWD, path)) {
    errno = ENOSPC;
    return NULL;
  }
  NEXT(fopen, path, mode);
}
FILE* fopen64(const char* path, const char* mode) {
  if (makes_file(AT_FDCWD, path, strpbrk(mode, "wa") ? O_CREAT : 0) && ask_path("make", AT_FDCWD, path)) {
    errno = ENOSPC;
    return NULL;
  }
  NEXT(fopen64, path, mode);
}
int mkostemp(char* name, int flags) {
  if (ask_path("make", AT_FDCWD, name)) return (int)full();
  NEXT(mkostemp, name, flags);
}
int mkostemp64(char* name, int flags) {
  if (ask_path("make", AT_FDCWD, name)) return (int)full();
  NEXT(mkostemp64, name, flags);
}
int mkstemp(char* name) {
  if (ask_path("make", AT_FDCWD, name)) return (int)full();
  NEXT(mkstemp, name);
}
int mkstemp64(char* name) {
  if (ask_path("make", AT_FDCWD, name)) return (int)full();
  NEXT(mkstemp64, name);
}

/* How many of the bytes are written, or -1. */
static ssize_t share(int fd, size_t size) {
  const enum answer answer = size > 0 ? ask_fd("write", fd) : FITS;
  if (answer == FITS) return (ssize_t)size;
  return answer == TORN && size > 1 ? (ssize_t)(size / 2) : full();
}

ssize_t write(int fd, const void* bytes, size_t size) {
  const ssize_t some = share(fd, size);
  if (some < 0) return some;
  NEXT(write, fd, bytes, (size_t)some);
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  const ssize_t some = share(fd, size);
  if (some < 0) return some;
  NEXT(pwrite, fd, bytes, (size_t)some, at);
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  const ssize_t some = share(fd, size);
  if (some < 0) return some;
  NEXT(pwrite64, fd, bytes, (size_t)some, at);
}
ssize_t writev(int fd, const struct iovec* parts, int count) {
  if (ask_fd("write", fd)) return full();
  NEXT(writev, fd, parts, count);
}
ssize_t copy_file_range(int from, off64_t* from_at, int to, off64_t* to_at, size_t size, unsigned flags) {
  const ssize_t some = share(to, size);
  if (some < 0) return some;
  NEXT(copy_file_range, from, from_at, to, to_at, (size_t)some, flags);
}
ssize_t sendfile(int to, int from, off_t* at, size_t size) {
  const ssize_t some = share(to, size);
  if (some < 0) return some;
  NEXT(sendfile, to, from, at, (size_t)some);
}
ssize_t sendfile64(int to, int from, off64_t* at, size_t size) {
  const ssize_t some = share(to, size);
  if (some < 0) return some;
  NEXT(sendfile64, to, from, at, (size_t)some);
}

static int grows(int fd, off64_t size) {
  struct stat now;
  return syscall(SYS_fstat, fd, &now) == 0 && size > now.st_size;
}

int ftruncate(int fd, off_t size) {
  if (grows(fd, size) && ask_fd("grow", fd)) return (int)full();
  NEXT(ftruncate, fd, size);
}
int ftruncate64(int fd, off64_t size) {
  if (grows(fd, size) && ask_fd("grow", fd)) return (int)full();
  NEXT(ftruncate64, fd, size);
}
int posix_fallocate(int fd, off_t at, off_t size) {
  if (ask_fd("grow", fd)) return ENOSPC;
  NEXT(posix_fallocate, fd, at, size);
}
int posix_fallocate64(int fd, off64_t at, off64_t size) {
  if (ask_fd("grow", fd)) return ENOSPC;
  NEXT(posix_fallocate64, fd, at, size);
}
int fallocate(int fd, int mode, off_t at, off_t size) {
  if (ask_fd("grow", fd)) return (int)full();
  NEXT(fallocate, fd, mode, at, size);
}
int fallocate64(int fd, int mode, off64_t at, off64_t size) {
  if (ask_fd("grow", fd)) return (int)full();
  NEXT(fallocate64, fd, mode, at, size);
}
int fsync(int fd) {
  if (ask_fd("sync", fd)) return (int)full();
  NEXT(fsync, fd);
}
int fdatasync(int fd) {
  if (ask_fd("sync", fd)) return (int)full();
  NEXT(fdatasync, fd);
}

int close(int fd) {
  char path[PATH_MAX];
  struct stat now;
  static __typeof__(&close) next;
  if (!next) next = (__typeof__(next))dlsym(RTLD_NEXT, "close");
  if (!state || state->how != LATE || (syscall(SYS_fcntl, fd, F_GETFL) & O_ACCMODE) == O_RDONLY ||
      syscall(SYS_fstat, fd, &now) != 0 || !S_ISREG(now.st_mode) || !path_of_fd(fd, path) || !in_area(path) ||
      ask("close", path) == FITS) {
    return next(fd);
  }
  syscall(SYS_ftruncate, fd, now.st_size / 2);
  next(fd);
  return (int)full();
}

/* Copies by reference are refused there, so that every copy is one of bytes. */
int ioctl(int fd, unsigned long request, ...) {
  va_list rest;
  va_start(rest, request);
  void* argument = va_arg(rest, void*);
  va_end(rest);
  char path[PATH_MAX];
  if (request == FICLONE && state && path_of_fd(fd, path) && in_area(path)) {
    errno = EOPNOTSUPP;
    return -1;
  }
  NEXT(ioctl, fd, request, argument);
}

static int is_there(int folder, const char* given) {
  struct stat there;
  return given && syscall(SYS_newfstatat, folder, given, &there, AT_SYMLINK_NOFOLLOW) == 0;
}

int mkdir(const char* path, mode_t mode) {
  if (!is_there(AT_FDCWD, path) && ask_path("mkdir", AT_FDCWD, path)) return (int)full();
  NEXT(mkdir, path, mode);
}
int mkdirat(int folder, const char* path, mode_t mode) {
  if (!is_there(folder, path) && ask_path("mkdir", folder, path)) return (int)full();
  NEXT(mkdirat, folder, path, mode);
}
int rename(const char* from, const char* to) {
  if (ask_path("rename", AT_FDCWD, to)) return (int)full();
  NEXT(rename, from, to);
}
int renameat(int from_folder, const char* from, int to_folder, const char* to) {
  if (ask_path("rename", to_folder, to)) return (int)full();
  NEXT(renameat, from_folder, from, to_folder, to);
}
int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  if (ask_path("rename", to_folder, to)) return (int)full();
  NEXT(renameat2, from_folder, from, to_folder, to, flags);
}
int link(const char* from, const char* to) {
  if (ask_path("link", AT_FDCWD, to)) return (int)full();
  NEXT(link, from, to);
}
int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) {
  if (ask_path("link", to_folder, to)) return (int)full();
  NEXT(linkat, from_folder, from, to_folder, to, flags);
}
int symlink(const char* target, const char* path) {
  if (ask_path("link", AT_FDCWD, path)) return (int)full();
  NEXT(symlink, target, path);
}
