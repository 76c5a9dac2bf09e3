/* Counts the changes that a process makes to files of one folder, and kills it or lets the system refuse at one of them.

   fault_arm(folder, nth, error): error 0 kills with SIGKILL before the nth change, else that errno is returned instead
   of it; nth 0 only counts. fault_count() says how many there were. Loaded with LD_PRELOAD by faults.py. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[4096];
static int count, target, refusal;
static pid_t owner;

void fault_arm(const char *path, int nth, int error) {
    snprintf(folder, sizeof folder, "%s", path);
    count = 0, target = nth, refusal = error, owner = getpid();
}

int fault_count(void) { return count; }

static int strikes(void) {
    if (getpid() != owner || ++count != target)
        return 0;
    if (!refusal)
        kill(getpid(), SIGKILL);
    errno = refusal;
    return 1;
}

static int inside(const char *path) {
    char absolute[8192], here[4096];
    if (!*folder || !path)
        return 0;
    if (*path == '/')
        return !strncmp(path, folder, strlen(folder));
    if (!getcwd(here, sizeof here))
        return 0;
    snprintf(absolute, sizeof absolute, "%s/%s", here, path);
    return !strncmp(absolute, folder, strlen(folder));
}

static int open_inside(int descriptor) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = *folder ? readlink(link, path, sizeof path - 1) : -1;
    if (length < 0)
        return 0;
    path[length] = 0;
    return inside(path);
}

#define REAL(name) static __typeof__(name) *real; if (!real) real = dlsym(RTLD_NEXT, #name)
#define GUARD(condition) if ((condition) && strikes()) return -1

#define OPEN(name)                                                      \
    int name(const char *path, int flags, ...) {                        \
        REAL(name);                                                     \
        va_list rest;                                                   \
        va_start(rest, flags);                                          \
        mode_t mode = va_arg(rest, mode_t);                             \
        va_end(rest);                                                   \
        GUARD((flags & (O_WRONLY | O_RDWR | O_CREAT)) && inside(path)); \
        return real(path, flags, mode);                                 \
    }
OPEN(open)
OPEN(open64)

ssize_t write(int file, const void *data, size_t size) { REAL(write); GUARD(open_inside(file)); return real(file, data, size); }
ssize_t pwrite64(int file, const void *data, size_t size, off64_t at) { REAL(pwrite64); GUARD(open_inside(file)); return real(file, data, size, at); }
int ftruncate64(int file, off64_t size) { REAL(ftruncate64); GUARD(open_inside(file)); return real(file, size); }
int fsync(int file) { REAL(fsync); GUARD(open_inside(file)); return real(file); }
int fdatasync(int file) { REAL(fdatasync); GUARD(open_inside(file)); return real(file); }
int rename(const char *from, const char *to) { REAL(rename); GUARD(inside(to)); return real(from, to); }
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) { REAL(renameat2); GUARD(inside(to)); return real(a, from, b, to, flags); }
int link(const char *from, const char *to) { REAL(link); GUARD(inside(to)); return real(from, to); }
int unlink(const char *path) { REAL(unlink); GUARD(inside(path)); return real(path); }
int mkdir(const char *path, mode_t mode) { REAL(mkdir); GUARD(inside(path)); return real(path, mode); }
int chmod(const char *path, mode_t mode) { REAL(chmod); GUARD(inside(path)); return real(path, mode); }
