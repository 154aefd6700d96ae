#define _GNU_SOURCE
#include "CCurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// The numbers of libcurl's stable ABI (libcurl.so.4), so that neither its headers nor the library are needed to
// build: options are a number plus an offset for the kind of argument.
enum {
  kLong = 0,
  kPointer = 10000,
  kFunction = 20000,
  kOffset = 30000,

  optWriteData = kPointer + 1,
  optURL = kPointer + 2,
  optErrorBuffer = kPointer + 10,
  optWriteFunction = kFunction + 11,
  optPostFields = kPointer + 15,
  optLowSpeedLimit = kLong + 19,
  optLowSpeedTime = kLong + 20,
  optHTTPHeader = kPointer + 23,
  optHeaderData = kPointer + 29,
  optNoProgress = kLong + 43,
  optPost = kLong + 47,
  optProgressData = kPointer + 57,
  optCAInfo = kPointer + 65,
  optHeaderFunction = kFunction + 79,
  optHTTPVersion = kLong + 84,
  optNoSignal = kLong + 99,
  optForbidReuse = kLong + 75,
  optPostFieldSize = kOffset + 120,
  optConnectTimeout = kLong + 156,
  optNoProxy = kPointer + 177,
  optTCPKeepAlive = kLong + 213,
  optTCPKeepIdle = kLong + 214,
  optTCPKeepInterval = kLong + 215,
  optProgressFunction = kFunction + 219,

  infoResponseCode = 0x200000 + 2,
  http2OverTLS = 4,
  http2PriorKnowledge = 5,
  featureHTTP2 = 1 << 16,
  globalAll = 3,
};

// The first fields of curl_version_info_data, which have stood in this order from the beginning.
typedef struct {
  int age;
  const char *version;
  unsigned int number;
  const char *host;
  int features;
} version_info;

static struct {
  int (*global_init)(long);
  void *(*easy_init)(void);
  int (*easy_setopt)(void *, int, ...);
  int (*easy_perform)(void *);
  int (*easy_getinfo)(void *, int, ...);
  void (*easy_cleanup)(void *);
  void (*easy_reset)(void *);
  const char *(*easy_strerror)(int);
  void *(*slist_append)(void *, const char *);
  void (*slist_free_all)(void *);
  version_info *(*version_info)(int);
} curl;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int is_open = 0;

static int find(void *library, const char *name, void *place) {
  void *function = dlsym(library, name);
  memcpy(place, &function, sizeof function);
  return function != NULL;
}

static void open_library(void) {
  void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) library = dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return;
  int found = find(library, "curl_global_init", &curl.global_init) &&
              find(library, "curl_easy_init", &curl.easy_init) &&
              find(library, "curl_easy_setopt", &curl.easy_setopt) &&
              find(library, "curl_easy_perform", &curl.easy_perform) &&
              find(library, "curl_easy_getinfo", &curl.easy_getinfo) &&
              find(library, "curl_easy_cleanup", &curl.easy_cleanup) &&
              find(library, "curl_easy_reset", &curl.easy_reset) &&
              find(library, "curl_easy_strerror", &curl.easy_strerror) &&
              find(library, "curl_slist_append", &curl.slist_append) &&
              find(library, "curl_slist_free_all", &curl.slist_free_all) &&
              find(library, "curl_version_info", &curl.version_info);
  is_open = found && curl.global_init(globalAll) == 0;
}

int sibling_curl_open(void) {
  pthread_once(&once, open_library);
  return is_open;
}

const char *sibling_curl_version(void) {
  return sibling_curl_open() ? curl.version_info(0)->version : NULL;
}

int sibling_curl_has_http2(void) {
  return sibling_curl_open() && (curl.version_info(0)->features & featureHTTP2) != 0;
}

struct sibling_curl {
  void *handle;
  // CURL_ERROR_SIZE
  char message[256];
};

sibling_curl *sibling_curl_new(void) {
  if (!sibling_curl_open()) return NULL;
  sibling_curl *connection = calloc(1, sizeof *connection);
  if (connection == NULL) return NULL;
  connection->handle = curl.easy_init();
  if (connection->handle != NULL) return connection;
  free(connection);
  return NULL;
}

void sibling_curl_free(sibling_curl *connection) {
  if (connection == NULL) return;
  curl.easy_cleanup(connection->handle);
  free(connection);
}

const char *sibling_curl_message(const sibling_curl *connection) { return connection->message; }

static size_t on_bytes(char *bytes, size_t size, size_t count, void *data) {
  const sibling_curl_request *request = data;
  const size_t length = size * count;
  return request->on_bytes(request->context, (const uint8_t *)bytes, length) == 0 ? length : 0;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *data) {
  const sibling_curl_request *request = data;
  const size_t length = size * count;
  return request->on_header(request->context, (const uint8_t *)bytes, length) == 0 ? length : 0;
}

static int on_progress(void *data, int64_t a, int64_t b, int64_t c, int64_t d) {
  (void)a, (void)b, (void)c, (void)d;
  const sibling_curl_request *request = data;
  return request->should_stop(request->context);
}

static sibling_curl_outcome outcome(int code) {
  switch (code) {
    case 0: return SIBLING_CURL_DONE;
    case 5: case 6: case 7: return SIBLING_CURL_UNREACHABLE;
    // wrong frames, an answer cut short, silence, nothing at all, sending, receiving, the stream
    case 16: case 18: case 28: case 52: case 55: case 56: case 92: return SIBLING_CURL_BROKEN;
    case 23: case 42: return SIBLING_CURL_STOPPED;
    case 35: case 53: case 54: case 58: case 59: case 60: case 64: case 66: case 77: case 80: case 82:
    case 83: case 90: case 91: case 98:
      return SIBLING_CURL_TLS;
    default: return SIBLING_CURL_FAILED;
  }
}

// A write to a connection that the server has closed raises SIGPIPE in some TLS libraries. It is held back
// during the call, and taken away if it came; the process' own disposition is left alone.
static int perform(void *handle) {
  sigset_t pipe, before, pending;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  sigpending(&pending);
  const int was_pending = sigismember(&pending, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, &before);
  const int code = curl.easy_perform(handle);
  sigpending(&pending);
  if (!was_pending && sigismember(&pending, SIGPIPE)) {
    const struct timespec now = {0, 0};
    sigtimedwait(&pipe, NULL, &now);
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return code;
}

sibling_curl_outcome sibling_curl_post(sibling_curl *connection,
                                       const sibling_curl_request *request, long *status) {
  void *handle = connection->handle;
  *status = 0;
  connection->message[0] = 0;
  curl.easy_reset(handle);
  void *headers = NULL;
  for (int i = 0; i < request->header_count; i++) {
    void *longer = curl.slist_append(headers, request->headers[i]);
    if (longer == NULL) {
      curl.slist_free_all(headers);
      return SIBLING_CURL_FAILED;
    }
    headers = longer;
  }
  const int is_secure = strncmp(request->url, "https:", 6) == 0;
  int bad = 0;
  bad |= curl.easy_setopt(handle, optErrorBuffer, connection->message);
  bad |= curl.easy_setopt(handle, optURL, request->url);
  bad |= curl.easy_setopt(handle, optHTTPVersion, (long)(is_secure ? http2OverTLS : http2PriorKnowledge));
  bad |= curl.easy_setopt(handle, optPost, 1L);
  bad |= curl.easy_setopt(handle, optPostFieldSize, (int64_t)request->body_length);
  bad |= curl.easy_setopt(handle, optPostFields, (const char *)request->body);
  bad |= curl.easy_setopt(handle, optHTTPHeader, headers);
  bad |= curl.easy_setopt(handle, optWriteFunction, on_bytes);
  bad |= curl.easy_setopt(handle, optWriteData, request);
  bad |= curl.easy_setopt(handle, optHeaderFunction, on_header);
  bad |= curl.easy_setopt(handle, optHeaderData, request);
  bad |= curl.easy_setopt(handle, optProgressFunction, on_progress);
  bad |= curl.easy_setopt(handle, optProgressData, request);
  bad |= curl.easy_setopt(handle, optNoProgress, 0L);
  bad |= curl.easy_setopt(handle, optNoSignal, 1L);
  bad |= curl.easy_setopt(handle, optConnectTimeout, request->connect_timeout_ms);
  bad |= curl.easy_setopt(handle, optTCPKeepAlive, 1L);
  bad |= curl.easy_setopt(handle, optTCPKeepIdle, 30L);
  bad |= curl.easy_setopt(handle, optTCPKeepInterval, 15L);
  if (request->silence_seconds > 0) {
    bad |= curl.easy_setopt(handle, optLowSpeedLimit, 1L);
    bad |= curl.easy_setopt(handle, optLowSpeedTime, request->silence_seconds);
  }
  // libcurl 7.88 (Debian 12) fails with "Error in the HTTP2 framing layer" when it takes up a connection again
  // that began by prior knowledge.
  if (!is_secure) bad |= curl.easy_setopt(handle, optForbidReuse, 1L);
  // A proxy of the environment speaks HTTP/1, which prior knowledge does not.
  if (!is_secure) bad |= curl.easy_setopt(handle, optNoProxy, "*");
  if (request->certificates != NULL) bad |= curl.easy_setopt(handle, optCAInfo, request->certificates);
  sibling_curl_outcome result = SIBLING_CURL_FAILED;
  if (bad == 0) {
    const int code = perform(handle);
    curl.easy_getinfo(handle, infoResponseCode, status);
    if (code != 0 && connection->message[0] == 0) {
      strncpy(connection->message, curl.easy_strerror(code), sizeof connection->message - 1);
    }
    result = outcome(code);
  } else {
    strncpy(connection->message, "libcurl refuses an option", sizeof connection->message - 1);
  }
  curl.easy_reset(handle);
  curl.slist_free_all(headers);
  return result;
}
