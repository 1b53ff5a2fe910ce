/* The clock of one program, moved from the system's by the seconds that a file says. The steady clock is not. To be
   loaded before its libraries. Allocates nothing: the allocator asks it for the time while it begins. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static long offset(void) {
    char text[32] = {0};
    const char *path = getenv("WEIR_TEST_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return 0;
    long got = read(file, text, sizeof text - 1);
    close(file);
    return got > 0 ? strtol(text, 0, 10) : 0;
}
int clock_gettime(clockid_t clock, struct timespec *now) {
    int done = syscall(SYS_clock_gettime, clock, now);
    if (!done && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += offset();
    return done;
}
int gettimeofday(struct timeval *now, void *zone) {
    struct timespec ts;
    int done = clock_gettime(CLOCK_REALTIME, &ts);
    (void)zone;
    now->tv_sec = ts.tv_sec; now->tv_usec = ts.tv_nsec / 1000;
    return done;
}
time_t time(time_t *into) {
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    if (into) *into = ts.tv_sec;
    return ts.tv_sec;
}
