/* Counts what a process does with the files of one folder, and harms it at one of these operations.

   fault_arm(folder, nth, error, kinds, lasting): at the nth operation of these kinds (1 changes of files, 2 looks at
   files, 4 the network) the process gets a signal before it (error < 0: that signal; 0: SIGKILL), or the operation is
   refused with this errno; if lasting, all after it as well. nth 0 only counts; fault_count() says how many there were.
   FAULT_CLOCK in the environment sets the clock by so many seconds. Loaded with LD_PRELOAD by faults.py; glibc. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { CHANGE = 1, LOOK = 2, NETWORK = 4 };
static char folder[4096];
static int count, target, refusal, struck, lasts;
static pid_t owner;

void fault_arm(const char *path, int nth, int error, int kinds, int lasting) {
    snprintf(folder, sizeof folder, "%s", path);
    count = 0, target = nth, refusal = error, struck = kinds, lasts = lasting, owner = getpid();
}

int fault_count(void) { return count; }

static int strikes(int kind) {
    if (!(struck & kind) || getpid() != owner)
        return 0;
    int now = __sync_add_and_fetch(&count, 1);
    if (!target || now < target || (now > target && !lasts))
        return 0;
    if (refusal <= 0) {
        kill(owner, refusal ? -refusal : SIGKILL);
        return 0;
    }
    errno = refusal;
    return 1;
}

static int within(const char *path) {
    size_t length = strlen(folder);
    return !strncmp(path, folder, length) && (path[length] == '/' || !path[length]);
}

static int inside(const char *path) {
    char absolute[8192], here[4096];
    if (!*folder || !path)
        return 0;
    if (*path == '/')
        return within(path);
    if (!getcwd(here, sizeof here))
        return 0;
    snprintf(absolute, sizeof absolute, "%s/%s", here, path);
    return within(absolute);
}

static int open_inside(int descriptor) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = *folder ? readlink(link, path, sizeof path - 1) : -1;
    path[length < 0 ? 0 : length] = 0;
    return within(path) && *folder;
}

static int written(int descriptor) { return (fcntl(descriptor, F_GETFL) & O_ACCMODE) != O_RDONLY; }

#define REAL(name) static __typeof__(name) *real; if (!real) real = dlsym(RTLD_NEXT, #name)
#define REFUSE(kind, condition, answer) if (*folder && (condition) && strikes(kind)) return answer
#define AT(kind, condition) REFUSE(kind, condition, -1)

#define OPEN(name)                                                            \
    int name(const char *path, int flags, ...) {                              \
        REAL(name);                                                           \
        va_list rest;                                                         \
        va_start(rest, flags);                                                \
        mode_t mode = va_arg(rest, mode_t);                                   \
        va_end(rest);                                                         \
        int changes = flags & (O_WRONLY | O_RDWR | O_CREAT);                  \
        AT(changes ? CHANGE : LOOK, inside(path));                            \
        return real(path, flags, mode);                                       \
    }
OPEN(open)
OPEN(open64)

ssize_t write(int file, const void *data, size_t size) { REAL(write); AT(CHANGE, open_inside(file)); return real(file, data, size); }
ssize_t pwrite64(int file, const void *data, size_t size, off64_t at) { REAL(pwrite64); AT(CHANGE, open_inside(file)); return real(file, data, size, at); }
int ftruncate64(int file, off64_t size) { REAL(ftruncate64); AT(CHANGE, open_inside(file)); return real(file, size); }
int fsync(int file) { REAL(fsync); AT(CHANGE, open_inside(file)); return real(file); }
int fdatasync(int file) { REAL(fdatasync); AT(CHANGE, open_inside(file)); return real(file); }
int rename(const char *from, const char *to) { REAL(rename); AT(CHANGE, inside(to)); return real(from, to); }
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) { REAL(renameat2); AT(CHANGE, inside(to)); return real(a, from, b, to, flags); }
int link(const char *from, const char *to) { REAL(link); AT(CHANGE, inside(to)); return real(from, to); }
int unlink(const char *path) { REAL(unlink); AT(CHANGE, inside(path)); return real(path); }
int mkdir(const char *path, mode_t mode) { REAL(mkdir); AT(CHANGE, inside(path)); return real(path, mode); }
int chmod(const char *path, mode_t mode) { REAL(chmod); AT(CHANGE, inside(path)); return real(path, mode); }

/* What was written may be refused as late as here, by a network share; the descriptor is closed all the same. */
int close(int file) {
    REAL(close);
    int counts = *folder && open_inside(file) && written(file);
    int refused = counts && strikes(CHANGE), number = errno, answer = real(file);
    if (!refused)
        return answer;
    errno = number;
    return -1;
}

ssize_t read(int file, void *data, size_t size) { REAL(read); AT(LOOK, open_inside(file)); return real(file, data, size); }
ssize_t pread64(int file, void *data, size_t size, off64_t at) { REAL(pread64); AT(LOOK, open_inside(file)); return real(file, data, size, at); }
int stat64(const char *path, struct stat64 *found) { REAL(stat64); AT(LOOK, inside(path)); return real(path, found); }
int lstat64(const char *path, struct stat64 *found) { REAL(lstat64); AT(LOOK, inside(path)); return real(path, found); }
int fstatat64(int at, const char *path, struct stat64 *found, int flags) { REAL(fstatat64); AT(LOOK, at == AT_FDCWD && inside(path)); return real(at, path, found, flags); }
DIR *opendir(const char *path) { REAL(opendir); REFUSE(LOOK, inside(path), NULL); return real(path); }

int connect(int to, const struct sockaddr *address, socklen_t length) { REAL(connect); AT(NETWORK, 1); return real(to, address, length); }
ssize_t send(int to, const void *data, size_t size, int flags) { REAL(send); AT(NETWORK, 1); return real(to, data, size, flags); }
ssize_t recv(int from, void *data, size_t size, int flags) { REAL(recv); AT(NETWORK, 1); return real(from, data, size, flags); }

int clock_gettime(clockid_t clock, struct timespec *now) {
    REAL(clock_gettime);
    int answer = real(clock, now);
    const char *shift = clock == CLOCK_REALTIME ? getenv("FAULT_CLOCK") : NULL;
    if (shift)
        now->tv_sec += atol(shift);
    return answer;
}
