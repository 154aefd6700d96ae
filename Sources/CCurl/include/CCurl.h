#ifndef SIBLING_CCURL_H
#define SIBLING_CCURL_H

#include <stddef.h>
#include <stdint.h>

/// Opens libcurl when it is first asked for; 0 when it isn't there or lacks what we need.
int sibling_curl_open(void);

/// The version of the library that is open, or NULL.
const char *sibling_curl_version(void);

/// Whether that library speaks HTTP/2.
int sibling_curl_has_http2(void);

/// How a call ended.
typedef enum {
  SIBLING_CURL_DONE = 0,
  /// The server could not be reached: no such host, nobody listening.
  SIBLING_CURL_UNREACHABLE,
  /// The stream broke off.
  SIBLING_CURL_BROKEN,
  /// `should_stop` said so, or a callback returned something other than 0.
  SIBLING_CURL_STOPPED,
  /// The certificate or the handshake.
  SIBLING_CURL_TLS,
  /// Anything else; see the message.
  SIBLING_CURL_FAILED,
} sibling_curl_outcome;

/// One POST over HTTP/2: with TLS for https, else at once without asking first ("prior knowledge").
typedef struct {
  const char *url;
  /// `Name: value`, `header_count` of them.
  const char *const *headers;
  int header_count;
  const uint8_t *body;
  size_t body_length;
  long connect_timeout_ms;
  /// After so many seconds without a byte the stream counts as broken; 0 for never.
  long silence_seconds;
  /// A file of certificates to trust, or NULL for the system's.
  const char *certificates;

  void *context;
  /// Bytes of the answer as they come; 0 to go on.
  int (*on_bytes)(void *context, const uint8_t *bytes, size_t count);
  /// A line of the head or of the trailers; 0 to go on.
  int (*on_header)(void *context, const uint8_t *bytes, size_t count);
  /// Asked about once a second and whenever bytes come; 0 to go on.
  int (*should_stop)(void *context);
} sibling_curl_request;

/// A connection that is kept between calls; for one thread and one call at a time.
typedef struct sibling_curl sibling_curl;

/// A connection that is made by its first call; NULL without the library.
sibling_curl *sibling_curl_new(void);

/// Makes the call and waits for its end. `status` gets HTTP's status, 0 when there was no answer.
sibling_curl_outcome sibling_curl_post(sibling_curl *connection,
                                       const sibling_curl_request *request, long *status);

/// What the library said of the last call; empty when nothing.
const char *sibling_curl_message(const sibling_curl *connection);

/// Ends the connection.
void sibling_curl_free(sibling_curl *connection);

#endif
